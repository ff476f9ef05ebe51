"""Money goes back by the way it came, from where it is, by whoever has it; never twice, never more than is there."""

from __future__ import annotations

import pytest

from tests.journeys.cast import IN_TIME, TIER_1, VILLAGE, YEAR, Cast, at, family
from tests.journeys.refunds import (
    CLEARED_ON,
    NEXT_DAY,
    approve,
    ask,
    clear,
    clear_cash,
    declare,
    deposit,
    lines_of,
    one_paid,
    pay_out,
)
from tests.journeys.test_receiving import enrol, holds, pay
from yingbao.accounts.models import AuditEntry
from yingbao.collection.models import HandOver, Refund
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.ledger.queries import money_check, trial_balance
from yingbao.usecases.watch_custody import watch_custody
from yingbao.worklist.models import WorkItem


def approved(cast: Cast, channel: str) -> int:
    """Let somebody pay and have all of it approved to go back."""
    person = one_paid(cast, channel)
    asked = ask(cast.village_agent, lines_of(person), key=f"a{person.pk}")
    approve(cast.town_clerk, asked, key=f"b{person.pk}")
    return int(asked["refund"])


def test_what_came_online_goes_back_through_the_channel_by_the_tax_officer(cast: Cast) -> None:
    refund = approved(cast, "wechat")
    assert pay_out(cast.tax, [refund], "channel", "WX-1")["amount_fen"] == TIER_1
    one = Refund.objects.get()
    assert (one.state, one.way, one.reference, one.paid_by_id) == ("paid", "channel", "WX-1", cast.tax.user_id)
    check = money_check(cast.auditor, year=YEAR)
    assert (check.collected, check.refunded, check.treasury, check.refund_payable) == (TIER_1, TIER_1, 0, 0)
    assert trial_balance(cast.auditor, year=YEAR)["treasury"] == 0
    assert holds(cast)


def test_cash_in_hand_goes_back_in_cash_by_its_agent(cast: Cast) -> None:
    refund = approved(cast, "cash")
    pay_out(cast.village_agent, [refund], "cash")
    check = money_check(cast.auditor, year=YEAR)
    assert (check.in_hand, check.refunded) == (0, TIER_1)
    assert watch_custody(cast.town_clerk, year=YEAR, on=NEXT_DAY, at=at(NEXT_DAY)) == 0
    assert holds(cast)


def test_nobody_else_pays_it_from_their_own_hand(cast: Cast) -> None:
    refund = approved(cast, "cash")
    with pytest.raises(Forbidden, match="收款的经办员"):
        pay_out(cast.town_clerk, [refund], "cash")
    with pytest.raises(Forbidden, match="不由您支付"):
        pay_out(cast.tax, [refund], "cash", key="tax")


def test_who_took_the_cash_over_pays_it(cast: Cast) -> None:
    refund = approved(cast, "cash")
    HandOver.objects.create(
        agent_id=cast.village_agent.user_id,
        division_id=VILLAGE,
        year=YEAR,
        at=at(IN_TIME),
        expected_fen=TIER_1,
        counted_fen=TIER_1,
        taken_by_id=cast.town_clerk.user_id,
        accepted_at=at(IN_TIME),
        moved_fen=TIER_1,
    )
    with pytest.raises(Refused, match="手中现金不够"):  # of the town clerk's own: nothing was moved here
        pay_out(cast.town_clerk, [refund], "cash")


def test_what_was_deposited_goes_back_from_the_agreement_account(cast: Cast) -> None:
    refund = approved(cast, "cash")
    deposit(cast, TIER_1)
    with pytest.raises(Refused, match=r"手中现金不够.*0\.00.*350\.00"):
        pay_out(cast.village_agent, [refund], "cash")
    with pytest.raises(BadInput, match="流水号"):
        pay_out(cast.village_agent, [refund], "transfer", key="no number")
    pay_out(cast.village_agent, [refund], "transfer", "BANK-7", key="bank")
    check = money_check(cast.auditor, year=YEAR)
    assert (check.in_agreement, check.deposited, check.refunded) == (0, TIER_1, TIER_1)
    assert holds(cast)


def test_what_is_still_in_hand_does_not_leave_the_agreement_account(cast: Cast) -> None:
    refund = approved(cast, "cash")
    with pytest.raises(Refused, match="三方协议账户"):
        pay_out(cast.village_agent, [refund], "transfer", "BANK-7")
    assert Refund.objects.get().state == "approved"


def test_cash_is_cash_an_older_deposit_serves_the_next_declaration(cast: Cast) -> None:
    """Refunded out of today's cash, yesterday's deposit of the same money declares today's collection."""
    refund = approved(cast, "cash")
    deposit(cast, TIER_1)
    one_paid(cast, "cash")
    pay_out(cast.village_agent, [refund], "cash")
    clear(cast, declare(cast))
    check = money_check(cast.auditor, year=YEAR)
    assert (check.in_hand, check.in_agreement, check.treasury, check.refunded) == (0, 0, TIER_1, TIER_1)
    assert holds(cast)


def test_what_is_in_the_treasury_goes_back_by_the_tax_officer_to_the_payers_account(cast: Cast) -> None:
    person = one_paid(cast, "cash")
    clear_cash(cast, TIER_1)
    asked = ask(cast.village_agent, lines_of(person), on=CLEARED_ON)
    approve(cast.town_clerk, asked, on=CLEARED_ON)
    with pytest.raises(BadInput, match="银行转账"):
        pay_out(cast.village_agent, [asked["refund"]], "cash", on=CLEARED_ON)
    with pytest.raises(Forbidden, match="区税务局"):
        pay_out(cast.village_agent, [asked["refund"]], "transfer", "T-1", on=CLEARED_ON, key="village")
    pay_out(cast.tax, [asked["refund"]], "transfer", "T-1", on=CLEARED_ON, key="tax")
    assert money_check(cast.auditor, year=YEAR).treasury == 0
    assert holds(cast)


def test_only_what_was_approved_is_paid_and_only_once(cast: Cast) -> None:
    person = one_paid(cast)
    asked = ask(cast.village_agent, lines_of(person))
    with pytest.raises(Refused, match="待审批"):
        pay_out(cast.tax, [asked["refund"]], "channel", "WX-1")
    approve(cast.town_clerk, asked)
    first = pay_out(cast.tax, [asked["refund"]], "channel", "WX-1", key="one")
    assert pay_out(cast.tax, [asked["refund"]], "channel", "WX-1", key="one") == first
    with pytest.raises(Refused, match=r"已退款.*不会再退"):
        pay_out(cast.tax, [asked["refund"]], "channel", "WX-1", key="two")
    assert AuditEntry.objects.filter(action="pay-refund").count() == 1
    assert holds(cast)


def test_people_of_one_payment_go_back_together_and_the_item_closes(cast: Cast) -> None:
    members = family()
    pay(cast.wechat, members, enrol(cast, members), channel="wechat")
    asked = ask(cast.village_agent, [lines_of(one)[0] for one in members])
    approve(cast.town_clerk, asked)
    ids = list(Refund.objects.values_list("pk", flat=True))
    assert pay_out(cast.tax, ids, "channel", "WX-2")["amount_fen"] == 4 * TIER_1
    assert not WorkItem.objects.filter(closed_at=None).exists()
    assert holds(cast)


def test_refunds_of_two_payments_are_not_paid_as_one(cast: Cast) -> None:
    with pytest.raises(BadInput, match="不在一处"):
        pay_out(cast.tax, [approved(cast, "wechat"), approved(cast, "wechat")], "channel", "WX-1")


def test_elsewhere_and_without_the_right_it_is_not_there(cast: Cast) -> None:
    refund = approved(cast, "cash")
    with pytest.raises(NotFound):
        pay_out(cast.next_agent, [refund], "cash")
    with pytest.raises(NotFound):
        pay_out(cast.village_agent, [refund, refund + 1000], "cash", key="odd")
    for actor in (cast.bureau, cast.auditor):
        with pytest.raises(Forbidden):
            pay_out(actor, [refund], "cash", key="no right")
