"""The pages of refunds beyond who may open them: what can be asked, what a resident sees, acts on the household."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.web.conftest import Login, Story
from tests.web.refunding import approved
from yingbao.collection.models import Due
from yingbao.collection.refunding.queries import of_payments
from yingbao.enrolment.models import Enrolment


def test_only_who_asks_for_refunds_sees_what_can_be_asked(story: Story, login: Login) -> None:
    address = f"{reverse('ask-refund')}?payment={story.payment}"
    parts = ["town-clerk", "village-agent", "next-agent", "outsider", "tax", "bureau", "auditor", "resident"]
    got = {part: login(part).get(address).status_code for part in parts}
    assert {part for part, status in got.items() if status == 200} == {"town-clerk", "village-agent"}
    assert {part for part, status in got.items() if status == 404} == {"next-agent", "outsider"}
    assert login("town-clerk").get(reverse("ask-refund")).status_code == 404


def test_a_resident_sees_what_became_of_their_refund(story: Story, login: Login) -> None:
    approved(story)
    page = login("resident").get(reverse("household", args=[story.paid[0].household_id])).content.decode()
    assert "350.00 已批准待退款" in page and "申请退费" not in page


def test_the_slip_is_a_pdf(story: Story, login: Login) -> None:
    response = login("town-clerk").get(reverse("refund-slip", args=[approved(story)]))
    assert response["Content-Type"] == "application/pdf" and response.content.startswith(b"%PDF")


@pytest.mark.parametrize("act", ["change-tier", "cancel-enrolment"])
def test_an_open_due_is_changed_or_cancelled_from_the_households_page(story: Story, login: Login, act: str) -> None:
    person = story.owing[0]
    due = Due.objects.get(enrolment__resident=person)
    form = {"key": "web-1", "household": person.household_id, "tier": 2, "reason": "本人要求"}
    client = login("village-agent")
    assert reverse(act, args=[due.pk]) in client.get(reverse("household", args=[person.household_id])).content.decode()
    assert client.post(reverse(act, args=[due.pk]), form).status_code == 302
    kept = Enrolment.objects.get(resident=person)
    assert (kept.tier, kept.state) == ((2, "standing") if act == "change-tier" else (1, "cancelled"))


def test_who_sees_a_payment_by_one_person_sees_no_refund_of_others(story: Story, login: Login) -> None:
    """An institution pays for many at once."""
    approved(story)
    payment, others = story.payment, [story.paid[0].pk]
    assert list(of_payments([payment])) == [payment]
    assert of_payments([payment], residents=others) == {}
    page = login("resident").get(reverse("payment", args=[payment])).content.decode()
    assert "已批准待退款" in page  # of the own household
