"""The page of an institution's bill: who drew it up reads who may note its transfer, the others find the form."""

from __future__ import annotations

from django.urls import reverse

from tests.journeys.cast import POLICY, at
from tests.journeys.institutions import bring_in, campus, students
from tests.web.conftest import TODAY, Login, Story
from yingbao.collection.models import Payment
from yingbao.kernel.money import format_yuan
from yingbao.usecases.bill_institution import open_bill


def test_who_drew_a_bill_up_finds_no_form_for_its_transfer_and_reads_who_does(story: Story, login: Login) -> None:
    school = campus()
    bring_in(school, students(2), on=TODAY)
    clerk = story.cast.town_clerk
    drawn = open_bill(clerk, institution_id=school.id, policy_name=POLICY, key="bill", at=at(TODAY))
    page, note = (reverse(name, args=[drawn["order"]]) for name in ("bill", "note-transfer"))
    own = login("town-clerk").get(page).content.decode()
    assert note not in own and "镇街社保所的另一位人员" in own
    arrived = {"key": "web-t", "amount": format_yuan(drawn["amount_fen"]), "on": TODAY.isoformat(), "reference": "B1"}
    refused = login("town-clerk").post(note, arrived)
    assert refused.status_code == 403 and "不能是同一人" in refused.content.decode()
    assert not Payment.objects.filter(channel="transfer").exists()
    for part in ("second-clerk", "bureau", "tax"):
        assert note in login(part).get(page).content.decode()
    assert login("bureau").post(note, arrived).status_code == 302
    shown = login("town-clerk").get(page).content.decode()
    assert "bureau" in shown and Payment.objects.get(channel="transfer").amount_fen == drawn["amount_fen"]
