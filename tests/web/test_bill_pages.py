"""The page of an institution's bill: who drew it up reads who may note its transfer, the others find the form."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from tests.journeys.cast import POLICY, at
from tests.journeys.institutions import STUDENT_1, bill, bring_in, campus, student, students
from tests.web.conftest import TODAY, Login, Story
from yingbao.collection.models import KeptMoney, Payment
from yingbao.kernel.money import format_yuan
from yingbao.usecases.bill_institution import open_bill

JULY = date(2023, 7, 3)


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


def test_another_sum_is_asked_about_kept_and_withdrawn(story: Story, login: Login) -> None:
    """Two figures changed places: the page asks, and what was said too quickly can be taken back."""
    school = campus()
    bring_in(school, students(2), on=TODAY)
    drawn = bill(school, on=TODAY)["order"]
    page, note = (reverse(name, args=[drawn]) for name in ("bill", "note-transfer"))
    clerk = login("town-clerk")
    typed = {"key": "web-t", "amount": "604", "on": TODAY.isoformat(), "reference": "B1"}
    asked = clerk.post(note, typed).content.decode()
    assert "通知单 640.00 元，填写的到账金额 604.00 元" in asked
    assert 'name="looked_again" value="604.00"' in asked and 'value="B1"' in asked  # nothing to type again
    assert not KeptMoney.objects.exists()
    # who answered for one sum has not answered for another
    assert "还没有登记" in clerk.post(note, typed | {"looked_again": "640.00"}).content.decode()
    said = typed | {"key": "web-a", "amount": "604.00", "looked_again": "604.00"}
    assert clerk.post(note, said).status_code == 302
    kept = KeptMoney.objects.get()
    withdraw = reverse("withdraw-transfer", args=[kept.pk])
    shown = clerk.get(page).content.decode()
    assert "这些钱是单位的，不是单上某个人的" in shown and "待退回单位" in shown and withdraw in shown
    assert withdraw not in login("tax").get(page).content.decode()
    for address in (reverse("institution", args=[school.id]), reverse("kept-money", args=[kept.pk])):
        assert "到账金额与通知单不符" in login("bureau").get(address).content.decode()
    assert "登记有误的由登记人撤销" in clerk.get(reverse("work")).content.decode()
    assert clerk.post(withdraw, {"key": "web-w"}).status_code == 302
    assert "误登已撤销" in clerk.get(page).content.decode()
    assert clerk.post(note, typed | {"key": "web-b", "amount": "640"}).status_code == 302
    assert Payment.objects.get(channel="transfer").amount_fen == 2 * STUDENT_1


@pytest.mark.clause("PJ-7.2e")
def test_the_page_shows_the_fiscal_part_with_its_clause(story: Story, login: Login, settings: Settings) -> None:
    settings.YINGBAO_TODAY = JULY.isoformat()
    school = campus()
    bring_in(school, [student(1, graduating="是")], on=JULY)
    page = login("town-clerk").get(reverse("bill", args=[bill(school, on=JULY)["order"]])).content.decode()
    assert "另加财政部分 610.00" in page and "PJ-7.2e" in page


def test_the_institutions_page_says_who_makes_its_logins(story: Story, login: Login) -> None:
    page = login("town-clerk").get(reverse("institution", args=[campus().id])).content.decode()
    assert "先请系统管理员开好" in page
