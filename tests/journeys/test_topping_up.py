"""A deadline passed between collection and clearing: the rest is paid, or all of it goes back."""

from __future__ import annotations

from datetime import date

import pytest

from tests.journeys.cast import POLICY, TIER_1, YEAR, Cast, at, household, mark
from tests.journeys.refunds import BORN, approve, ask, clear, declare, deposit, due_of, lines_of, pay_out
from tests.journeys.test_receiving import enrol, holds, pay, voucher
from yingbao.accounts.actors import Actor
from yingbao.collection.declaring.queries import undeclared_cash
from yingbao.collection.models import Due, PaymentLine, Receipt
from yingbao.coverage.models import CoveragePeriod
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.ledger.queries import money_check
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.declare import declare_zero
from yingbao.usecases.top_up import top_up
from yingbao.worklist.kinds import Kind
from yingbao.worklist.models import WorkItem

JUNE, JULY = date(2023, 6, 30), date(2023, 7, 3)
FISCAL = 61_000


@pytest.fixture
def short(cast: Cast) -> Resident:
    """Somebody who paid cash on the last day of June; it cleared in July, and 610 more were due."""
    (person,) = household(BORN)
    pay(cast.village_agent, [person], enrol(cast, [person], on=JUNE), fen=TIER_1, on=JUNE)
    deposit(cast, TIER_1, on=JUNE)
    assert clear(cast, declare(cast, on=JUNE), on=JULY)["short"] == 1
    return person


def top(
    actor: Actor, person: Resident, channel: str = "pos", fen: int = FISCAL, *, on: date = JULY, key: str = "top"
) -> Json:
    return top_up(
        actor,
        due_id=due_of(person).pk,
        channel=channel,
        amount_fen=fen,
        policy_name=POLICY,
        on=on,
        key=key,
        at=at(on),
        **voucher(channel, key),
    )


@pytest.mark.django_db
class TestToppingUp:
    @pytest.mark.clause("PJ-7.2e")
    def test_by_pos_it_clears_at_once_and_benefits_follow_that_day(self, cast: Cast, short: Resident) -> None:
        answer = top(cast.village_agent, short)
        due = due_of(short)
        assert (due.state, due.amount_fen, due.cleared_on, due.collected_on) == ("cleared", 96_000, JULY, JUNE)
        assert [line.kind for line in due.lines.order_by("pk")] == ["due", "top-up"]
        assert Receipt.objects.get(pk=answer["receipt"]).payment_id == answer["payment"]
        assert Enrolment.objects.get().locked_on == JULY
        assert CoveragePeriod.objects.count() == 1
        assert holds(cast)

    def test_online_it_clears_at_once_without_a_receipt(self, cast: Cast, short: Resident) -> None:
        answer = top(cast.wechat, short, "wechat")
        assert (answer["receipt"], due_of(short).state) == (None, "cleared")
        assert holds(cast)

    def test_cash_waits_for_its_own_declaration_and_then_all_clears(self, cast: Cast, short: Resident) -> None:
        top(cast.village_agent, short, "cash")
        waiting = undeclared_cash([cast.village_agent.user_id], cast.village_agent.scope, year=YEAR)
        assert [(line.kind, line.amount_fen) for line in waiting] == [("top-up", FISCAL)]
        assert (due_of(short).state, due_of(short).collected_on) == ("collected", JUNE)
        assert holds(cast)
        deposit(cast, FISCAL, on=JULY, slip="S2")
        told = clear(cast, declare(cast, on=JULY, key="second"), on=date(2023, 7, 5), key="clear second")
        assert told == {"cleared": 1, "short": 0}
        assert money_check(cast.auditor, year=YEAR).treasury == 96_000
        assert holds(cast)

    def test_the_item_closes_by_itself(self, cast: Cast, short: Resident) -> None:
        assert WorkItem.objects.get(closed_at=None).kind == "paid-too-little"
        top(cast.village_agent, short)
        assert WorkItem.objects.get(kind="paid-too-little").closed_reason == "已补缴"

    def test_another_amount_is_refused_with_both_figures(self, cast: Cast, short: Resident) -> None:
        with pytest.raises(BadInput, match=r"610\.00.*350\.00"):
            top(cast.village_agent, short, fen=TIER_1)
        assert (due_of(short).state, due_of(short).amount_fen) == ("short", TIER_1)
        assert holds(cast)

    def test_an_identity_that_came_in_since_makes_it_less(self, cast: Cast, short: Resident) -> None:
        mark(short, "extreme_poverty", cast)
        top(cast.village_agent, short, fen=FISCAL - TIER_1)
        assert due_of(short).amount_fen == FISCAL
        assert holds(cast)

    def test_where_nothing_lacks_any_more_it_clears_without_money(self, cast: Cast, short: Resident) -> None:
        answer = top(cast.village_agent, short, fen=0, on=JUNE)  # as if the notice had been amended
        assert answer["payment"] is None
        assert due_of(short).state == "cleared"
        assert holds(cast)

    def test_who_is_not_short_pays_nothing_more(self, cast: Cast, short: Resident) -> None:
        top(cast.village_agent, short)
        with pytest.raises(Refused, match="已到账"):
            top(cast.village_agent, short, key="again")
        assert PaymentLine.objects.count() == 2

    def test_the_same_request_twice_takes_it_once(self, cast: Cast, short: Resident) -> None:
        assert top(cast.village_agent, short) == top(cast.village_agent, short)

    def test_who_asked_for_it_back_does_not_pay_more_first(self, cast: Cast, short: Resident) -> None:
        ask(cast.village_agent, lines_of(short), "moved", on=JULY)
        with pytest.raises(Refused, match="已申请退费"):
            top(cast.village_agent, short)

    def test_who_paid_nothing_at_first_pays_the_rest_and_the_books_agree(self, cast: Cast) -> None:
        (person,) = household(BORN)
        mark(person, "extreme_poverty", cast)
        enrol(cast, [person], on=JUNE)
        zero = declare_zero(cast.town_clerk, year=YEAR, on=JUNE, key="zero", at=at(JUNE))["declaration"]
        assert clear(cast, zero, on=JULY)["short"] == 1  # cleared after June it costs the fiscal part
        assert due_of(person).state == "short"
        assert holds(cast)
        top(cast.village_agent, person)
        assert [line.kind for line in due_of(person).lines.all()] == ["top-up"]
        assert (due_of(person).state, due_of(person).amount_fen) == ("cleared", FISCAL)
        assert holds(cast)

    def test_instead_all_of_it_may_go_back(self, cast: Cast, short: Resident) -> None:
        asked = ask(cast.village_agent, lines_of(short), "moved", on=JULY)
        approve(cast.town_clerk, asked, on=JULY)
        pay_out(cast.tax, [asked["refund"]], "transfer", "T-1", on=JULY)
        assert due_of(short).state == "cancelled"
        waiting = WorkItem.objects.filter(closed_at=None).values_list("kind", flat=True)
        assert list(waiting) == [Kind.RECEIPT_TO_REVIEW]  # the paper that came back; of the money nothing is open
        assert money_check(cast.auditor, year=YEAR).refunded == TIER_1
        assert holds(cast)

    def test_a_topped_up_due_goes_back_whole_from_both_payments(self, cast: Cast, short: Resident) -> None:
        top(cast.village_agent, short)
        asked = ask(cast.village_agent, lines_of(short), "employee", on=JULY)
        assert asked["amount_fen"] == 96_000
        approve(cast.town_clerk, asked, on=JULY)
        assert Due.objects.get().state == "cancelled"
        assert holds(cast)
        cash, pos = sorted(due_of(short).lines.values_list("refunds__pk", "payment__channel"), key=lambda row: row[1])
        pay_out(cast.tax, [cash[0]], "transfer", "T-1", on=JULY)
        pay_out(cast.tax, [pos[0]], "channel", "POS-9", on=JULY, key="pos")
        assert money_check(cast.auditor, year=YEAR).refunded == 96_000
        assert holds(cast)

    def test_elsewhere_it_is_not_there_and_nobody_says_money_came_online(self, cast: Cast, short: Resident) -> None:
        with pytest.raises(NotFound):
            top(cast.next_agent, short)
        with pytest.raises(Forbidden):
            top(cast.village_agent, short, "wechat")
