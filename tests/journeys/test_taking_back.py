"""A receipt comes back with the money (BN-4.3.3b), and stays what it was for the book."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, YEAR, Cast, family
from tests.journeys.test_receiving import enrol, holds, pay
from yingbao.collection.models import Payment, PaymentLine, Receipt
from yingbao.collection.receipts.operations import take_back
from yingbao.kernel.errors import BadInput

DAY_AFTER = IN_TIME + timedelta(days=1)


def take(cast: Cast, payment: int, reason: str = "重复缴费退费") -> Receipt | None:
    with transaction.atomic():
        return take_back(payment, by_id=cast.town_clerk.user_id, on=DAY_AFTER, reason=reason)


@pytest.mark.clause("BN-4.3.3b")
def test_a_receipt_taken_back_keeps_its_number_and_says_by_whom_when_and_why(cast: Cast) -> None:
    members = family()
    answer = pay(cast.village_agent, members, enrol(cast, members))
    taken = take(cast, answer["payment"])
    assert taken is not None and taken.pk == answer["receipt"]
    kept = Receipt.objects.get()
    assert (kept.state, kept.number, kept.reason) == ("taken-back", 101, "重复缴费退费")
    assert (kept.ended_on, kept.ended_by_id) == (DAY_AFTER, cast.town_clerk.user_id)
    assert Payment.objects.get().receipt == kept  # the payment was receipted all the same
    assert holds(cast)


def test_what_is_not_out_cannot_be_taken_back(cast: Cast) -> None:
    members = family()
    online = pay(cast.wechat, members, enrol(cast, members), channel="wechat")
    assert take(cast, online["payment"]) is None
    others = family()
    payment = pay(cast.village_agent, others, enrol(cast, others, key="two"), key="pay-two")["payment"]
    assert take(cast, payment) is not None
    assert take(cast, payment) is None  # once


def test_taking_back_says_why(cast: Cast) -> None:
    members = family()
    payment = pay(cast.village_agent, members, enrol(cast, members))["payment"]
    with pytest.raises(BadInput, match="原因"):
        take(cast, payment, reason="  ")
    assert Receipt.objects.get().state == "issued"


def test_a_form_that_had_been_seen_is_to_be_seen_again(cast: Cast) -> None:
    members = family()
    payment = pay(cast.village_agent, members, enrol(cast, members))["payment"]
    Receipt.objects.update(reviewed_by=cast.town_clerk.user_id, reviewed_on=IN_TIME)
    take(cast, payment)
    assert Receipt.objects.get().reviewed_by is None


def test_a_payment_keeps_what_each_person_was_told_they_owe(cast: Cast) -> None:
    members = family()
    pay(cast.village_agent, members, enrol(cast, members))
    told = {"tier": 1, "rate_fen": TIER_1, "subsidy_fen": 0, "payable_fen": TIER_1, "identity": "", "policy": POLICY}
    assert [line.decided for line in PaymentLine.objects.filter(payment__year=YEAR)] == [told] * 4
