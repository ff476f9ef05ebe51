"""The pages of refunds beyond who may open them: what can be asked, what a resident sees, acts on the household."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from tests.journeys.cast import POLICY, YEAR, at, household, mark
from tests.web.conftest import TODAY, Login, Story
from tests.web.refunding import approved
from tests.web.test_english import chinese_left, in_english
from yingbao.collection.models import Due, Refund
from yingbao.collection.refunding.queries import of_payments
from yingbao.enrolment.models import Enrolment
from yingbao.storage.fields import Json
from yingbao.usecases.declare import clear_declaration, declare_zero
from yingbao.usecases.enrol_household import enrol_household


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


def test_who_stays_gets_a_receipt_from_the_refunds_page_or_the_payments(story: Story, login: Login) -> None:
    refund = approved(story)
    address = reverse("reissue-receipt", args=[story.payment])
    home = reverse("household", args=[story.paid[0].household_id])
    for part in ("village-agent", "town-clerk"):
        for page in (reverse("refund", args=[refund]), reverse("payment", args=[story.payment])):
            assert address in login(part).get(page).content.decode()
        assert "已收回，待补开" in login(part).get(home).content.decode()
    assert address not in login("bureau").get(reverse("refund", args=[refund])).content.decode()
    agent = login("village-agent")
    assert "旧收据已收回" in agent.get(reverse("work")).content.decode()
    assert agent.post(address, {"key": "web-form"}).status_code == 302
    shown = agent.get(reverse("payment", args=[story.payment])).content.decode()
    assert "已给留下的人补开收据" in shown and address not in shown
    assert "待补开" not in agent.get(home).content.decode()


def zero(story: Story) -> Due:
    """Let somebody who owes nothing be declared and cleared."""
    cast, (person,) = story.cast, household(date(1950, 1, 1))
    mark(person, "extreme_poverty", cast)
    terms: Json = {"policy_name": POLICY, "on": TODAY, "at": at(TODAY)}
    enrol_household(
        cast.village_agent, household_id=person.household_id, tiers={person.pk: 1}, key="enrol-zero", **terms
    )
    batch = declare_zero(cast.town_clerk, year=YEAR, on=TODAY, key="zero", at=at(TODAY))["declaration"]
    clear_declaration(cast.tax, declaration_id=batch, key="clear-zero", **terms)
    return Due.objects.get(enrolment__resident=person)


def test_who_owed_nothing_ends_from_the_households_page_and_another_decides(story: Story, login: Login) -> None:
    due = zero(story)
    person = due.enrolment.resident
    home, ask = reverse("household", args=[person.household_id]), reverse("ask-ending", args=[due.pk])
    agent, clerk = login("village-agent"), login("town-clerk")
    assert ask in agent.get(home).content.decode()
    by_resident = agent.get(f"{reverse('ask-refund')}?resident={person.pk}&kind=paid-but-dead")
    assert by_resident["Location"] == f"{ask}?reason=death"
    form = agent.get(by_resident["Location"]).content.decode()
    assert 'value="death" selected' in form and "too-much" not in form
    sent = agent.post(reverse("save-ending", args=[due.pk]), {"key": "web-end", "reason": "death", "note": ""})
    refund = sent["Location"]
    assert "已申请取消参保，待审批" in agent.get(home).content.decode()
    asked = clerk.get(refund).content.decode()
    assert "批准取消参保" in asked and "没有缴费" in asked and "台账上此人没有死亡登记" in asked
    assert clerk.post(f"{refund}approve/", {"key": "web-yes", "why": "已核实"}).status_code == 302
    done = clerk.get(refund).content.decode()
    assert "已取消参保" in done and "refund-slip" not in done and "退费单" not in done
    assert "请在税务客户端更正" in clerk.get(reverse("work")).content.decode()
    assert "已取消参保" in clerk.get(reverse("refunds")).content.decode()
    assert agent.get(ask).status_code == 404


def test_the_new_pages_speak_english(story: Story, login: Login) -> None:
    due, refund = zero(story), approved(story)
    client = in_english(login("village-agent"))
    client.post(reverse("save-ending", args=[due.pk]), {"key": "web-end", "reason": "death", "note": ""})
    ending = Refund.objects.get(due=due).pk
    pages = [reverse("ask-ending", args=[due.pk]), reverse("refund", args=[refund]), reverse("refund", args=[ending])]
    pages += [
        reverse("payment", args=[story.payment]),
        reverse("household", args=[due.enrolment.resident.household_id]),
    ]
    pages += [reverse("work"), reverse("refunds"), reverse("household", args=[story.paid[0].household_id])]
    left = {page: found for page in pages if (found := chinese_left(client.get(page).content.decode()))}
    assert left == {}
