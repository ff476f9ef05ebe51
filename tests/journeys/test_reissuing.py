"""A refund takes some of a household off its receipt: the old form is looked at, who stays gets a new one."""

from __future__ import annotations

from datetime import date

import pytest

from tests.journeys.cast import TIER_1, TOWN, Cast, at, family, people_the_town
from tests.journeys.refunds import NEXT_DAY, approve, ask, lines_of
from tests.journeys.test_at_once import at_once
from tests.journeys.test_receipt_life import void
from tests.journeys.test_receiving import enrol, holds, pay
from tests.journeys.test_refunds_at_once import everything, half_way
from yingbao.accounts.actors import Actor
from yingbao.collection.models import OfficeSeal, Payment, Receipt, ReceiptBook
from yingbao.collection.queries import find_payment
from yingbao.kernel.errors import Forbidden, NotFound, Refused
from yingbao.registry.models import Household, Resident
from yingbao.storage.fields import Json
from yingbao.usecases.print_receipts import print_receipt
from yingbao.usecases.receipt_forms import find_receipt, report_missing_receipt
from yingbao.usecases.receipting import form_of, stated_lines
from yingbao.usecases.reissue_receipt import reissue_receipt
from yingbao.usecases.review_receipts import refuse_receipt, review_receipts
from yingbao.worklist.models import WorkItem

WHEN: Json = {"on": NEXT_DAY, "at": at(NEXT_DAY, 15)}


def paid(cast: Cast, channel: str = "cash") -> list[Resident]:
    members = family()
    pay(cast.village_agent, members, enrol(cast, members), channel=channel)
    return members


def refund(cast: Cast, person: Resident, key: str = "one") -> None:
    approve(cast.town_clerk, ask(cast.village_agent, lines_of(person), key=f"ask-{key}"), key=f"approve-{key}")


def reissue(actor: Actor, *, key: str = "reissue", on: date = NEXT_DAY) -> Json:
    return reissue_receipt(actor, payment_id=Payment.objects.get().pk, on=on, key=key, at=at(on, 15))


def states() -> list[tuple[int, str]]:
    return list(Receipt.objects.order_by("pk").values_list("number", "state"))


def open_kinds() -> list[str]:
    return sorted(WorkItem.objects.filter(closed_at=None).values_list("kind", flat=True))


@pytest.mark.clause("BN-4.3.3b")
def test_who_stays_gets_the_next_form_which_states_them_alone(cast: Cast) -> None:
    members = paid(cast)
    refund(cast, members[0])
    assert states() == [(101, "taken-back")]
    assert open_kinds() == ["receipt-to-reissue", "receipt-to-review", "refund-to-pay"]
    reissue(cast.village_agent)
    assert states() == [(101, "taken-back"), (102, "issued")]
    assert open_kinds() == ["receipt-to-review", "refund-to-pay"]
    payment = find_payment(Payment.objects.get().pk)
    assert payment is not None and not payment.owes_receipt
    old, new = sorted(payment.receipts.all(), key=lambda one: one.pk)
    assert [len(stated_lines(payment, one)) for one in (old, new)] == [4, 3]
    stated = form_of(payment, seal="章", issued_on=NEXT_DAY, form=new)
    assert (stated.amount_fen, len(stated.lines)) == (3 * TIER_1, 3)
    assert print_receipt(cast.village_agent, payment_id=payment.pk).startswith(b"%PDF")
    assert holds(cast)


@pytest.mark.clause("BN-4.3.3b")
def test_the_form_taken_back_is_looked_at_by_another_than_who_took_it_from_the_payer(cast: Cast) -> None:
    members = paid(cast)
    refund(cast, members[0])
    (form,) = Receipt.objects.all()
    assert form.ended_by_id == cast.village_agent.user_id  # who asked had the payer's paper in hand
    item = WorkItem.objects.get(kind="receipt-to-review")
    assert (item.subject_id, item.owner_id) == (form.pk, cast.town_clerk.user_id)
    refuse_receipt(cast.town_clerk, receipt_id=form.pk, reason="没有见到收回的原件", key="refuse", **WHEN)
    item.refresh_from_db()
    assert (item.owner_id, item.detail["why"]) == (cast.village_agent.user_id, "没有见到收回的原件")
    assert review_receipts(cast.second_clerk, receipt_ids=[form.pk], key="review", **WHEN) == {"reviewed": 1}
    assert "receipt-to-review" not in open_kinds()


@pytest.mark.clause("BN-4.3.3c")
@pytest.mark.parametrize("fault", ["seal", "household", "forms"])
def test_a_form_that_would_be_void_is_not_issued(cast: Cast, fault: str) -> None:
    members = paid(cast)
    refund(cast, members[0])
    if fault == "seal":
        OfficeSeal.objects.filter(division=TOWN).update(ended_on=NEXT_DAY)
    elif fault == "household":
        Household.objects.filter(pk=members[0].household_id).update(number="")
    else:
        ReceiptBook.objects.update(last=101)
    with pytest.raises(Refused, match={"seal": "公章", "household": "户号", "forms": "没有可用的"}[fault]):
        reissue(cast.village_agent)
    assert states() == [(101, "taken-back")]
    assert "receipt-to-reissue" in open_kinds()


def test_one_refunded_after_another_leaves_the_last_forms_as_they_were(cast: Cast) -> None:
    members = paid(cast)
    refund(cast, members[0])
    reissue(cast.village_agent)
    refund(cast, members[1], key="two")
    assert states() == [(101, "taken-back"), (102, "taken-back")]
    reissue(cast.village_agent, key="again")
    payment = find_payment(Payment.objects.get().pk)
    assert payment is not None
    forms = sorted(payment.receipts.all(), key=lambda one: one.pk)
    assert [len(stated_lines(payment, one)) for one in forms] == [4, 3, 2]
    assert holds(cast)


def test_a_spoiled_form_of_who_stayed_is_replaced_by_one_that_states_the_same(cast: Cast) -> None:
    members = paid(cast)
    refund(cast, members[0])
    void(cast.village_agent, reissue(cast.village_agent)["receipt"])
    payment = find_payment(Payment.objects.get().pk)
    assert payment is not None and payment.receipt is not None
    assert (payment.receipt.number, len(stated_lines(payment, payment.receipt))) == (103, 3)


def test_where_nobody_stays_no_form_is_owed(cast: Cast) -> None:
    members = paid(cast)
    for order, person in enumerate(members):
        refund(cast, person, key=str(order))
    assert "receipt-to-reissue" not in open_kinds()
    with pytest.raises(Refused, match="不用补开"):
        reissue(cast.village_agent)


def test_only_what_a_refund_took_back_is_issued_anew_and_once(cast: Cast) -> None:
    members = paid(cast)
    with pytest.raises(Refused, match="不用补开"):
        reissue(cast.village_agent)
    refund(cast, members[0])
    assert reissue(cast.village_agent, key="one") == reissue(cast.village_agent, key="one")
    with pytest.raises(Refused, match="不用补开"):
        reissue(cast.village_agent, key="two")


def test_who_may_not_or_does_not_see_it(cast: Cast) -> None:
    refund(cast, paid(cast)[0])
    for actor, refusal in ((cast.outsider, NotFound), (cast.next_agent, NotFound), (cast.auditor, Forbidden)):
        with pytest.raises(refusal):
            reissue(actor, key=f"x{actor.user_id}")


def test_a_lost_form_of_people_who_ended_is_not_issued_again_when_it_is_found(cast: Cast) -> None:
    members = paid(cast)
    form = Receipt.objects.get().pk
    report_missing_receipt(cast.village_agent, receipt_id=form, key="miss", **WHEN)
    refund(cast, members[0])
    assert "receipt-to-reissue" in open_kinds()
    assert find_receipt(cast.village_agent, receipt_id=form, key="found", **WHEN)["state"] == "taken-back"
    assert "receipt-to-review" in open_kinds()
    reissue(cast.village_agent)
    assert states() == [(101, "taken-back"), (102, "issued")]
    assert holds(cast)


def test_a_lost_form_that_says_who_stays_is_theirs_still(cast: Cast) -> None:
    refund(cast, paid(cast)[0])
    fresh = reissue(cast.village_agent)["receipt"]
    report_missing_receipt(
        cast.village_agent, receipt_id=fresh, key="miss", **WHEN
    )  # its stub: the payer has the paper
    with pytest.raises(Refused, match="不用补开收据"):
        reissue(cast.village_agent, key="again")
    assert find_receipt(cast.village_agent, receipt_id=fresh, key="found", **WHEN)["state"] == "issued"
    assert states() == [(101, "taken-back"), (102, "issued")]
    assert holds(cast)


@pytest.mark.django_db(transaction=True)
def test_two_who_issue_it_at_once_use_one_form() -> None:
    cast = people_the_town()
    refund(cast, paid(cast)[0])
    outcomes = at_once(*(lambda key=key: reissue(cast.village_agent, key=key) for key in ("one", "two")))
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert states() == [(101, "taken-back"), (102, "issued")]
    assert holds(cast)


@pytest.mark.django_db(transaction=True)
def test_broken_half_way_nothing_is_issued() -> None:
    cast = people_the_town()
    refund(cast, paid(cast)[0])
    assert half_way(lambda: reissue(cast.village_agent), everything) > 8
    assert holds(cast)
