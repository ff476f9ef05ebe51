"""Refunds when two act at once, and when the power goes out half-way. Both databases."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.db import connection

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, YEAR, Cast, at, household, mark, people_the_town
from tests.journeys.refunds import (
    BORN,
    CLEARED_ON,
    NEXT_DAY,
    approve,
    ask,
    clear,
    declare,
    deposit,
    due_of,
    lines_of,
    one_paid,
    pay_out,
)
from tests.journeys.test_at_once import _breaking_after, _Broken, at_once, whole
from tests.journeys.test_receiving import enrol, pay
from tests.journeys.test_settling import extract
from yingbao.accounts.models import AuditEntry
from yingbao.collection.declaring import queries as waiting
from yingbao.collection.models import Payment, Receipt, Refund
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import Refused
from yingbao.ledger.models import Transfer
from yingbao.ledger.queries import money_check
from yingbao.settlement.models import SettlementLine
from yingbao.storage.fields import Json
from yingbao.usecases.change_tier import change_tier
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.worklist.models import WorkItem

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return people_the_town()


def test_two_who_ask_for_the_same_line_ask_once(cast: Cast) -> None:
    person = one_paid(cast)
    one, two = at_once(
        lambda: ask(cast.village_agent, lines_of(person), key="one"),
        lambda: ask(cast.town_clerk, lines_of(person), key="two"),
    )
    assert sorted([isinstance(one, Refused), isinstance(two, Refused)]) == [False, True]
    assert Refund.objects.count() == 1
    whole(cast)


def test_two_who_ask_for_the_same_surplus_ask_once(cast: Cast) -> None:
    (person,) = household(BORN)
    dues = enrol(cast, [person])
    for key in ("one", "two"):
        pay(cast.wechat, [person], dues, channel="wechat", fen=TIER_1, key=key)
    lines = lines_of(person, "surplus")
    outcomes = at_once(
        lambda: ask(cast.village_agent, lines, "paid-twice", key="a"),
        lambda: ask(cast.town_clerk, lines, "paid-twice", key="b"),
    )
    assert sorted(isinstance(one, Refused) for one in outcomes) == [False, True]
    assert Refund.objects.count() == 1
    whole(cast)


def test_two_who_decide_at_once_decide_once(cast: Cast) -> None:
    person = one_paid(cast)
    asked = ask(cast.village_agent, lines_of(person))
    outcomes = at_once(
        lambda: approve(cast.town_clerk, asked, key="one"), lambda: approve(cast.second_clerk, asked, key="two")
    )
    assert sorted(isinstance(one, Refused) for one in outcomes) == [False, True]
    assert money_check(cast.auditor, year=YEAR).refund_payable == TIER_1
    whole(cast)


def test_paying_out_twice_at_once_pays_once(cast: Cast) -> None:
    person = one_paid(cast)
    asked = ask(cast.village_agent, lines_of(person))
    approve(cast.town_clerk, asked)
    outcomes = at_once(
        lambda: pay_out(cast.tax, [asked["refund"]], "channel", "WX-1", key="one"),
        lambda: pay_out(cast.tax, [asked["refund"]], "channel", "WX-1", key="two"),
    )
    assert sorted(isinstance(one, Refused) for one in outcomes) == [False, True]
    assert money_check(cast.auditor, year=YEAR).refunded == TIER_1
    whole(cast)


def test_a_deposit_and_a_refund_of_the_same_cash_do_not_both_take_it(cast: Cast) -> None:
    person = one_paid(cast, "cash")
    asked = ask(cast.village_agent, lines_of(person))
    approve(cast.town_clerk, asked)
    outcomes = at_once(
        lambda: pay_out(cast.village_agent, [asked["refund"]], "cash"),
        lambda: deposit_cash(
            cast.village_agent,
            amount_fen=TIER_1,
            slip_number="S1",
            year=YEAR,
            on=NEXT_DAY,
            key="deposit",
            at=at(NEXT_DAY),
        ),
    )
    assert sorted(isinstance(one, Refused) for one in outcomes) == [False, True]
    check = money_check(cast.auditor, year=YEAR)
    assert (check.in_hand, check.refunded + check.in_agreement) == (0, TIER_1)
    whole(cast)


def test_approving_while_the_answer_comes_in_does_one_after_the_other(cast: Cast) -> None:
    """Either the answer was first, then cleared money goes back; or the approval waits for it."""
    person = one_paid(cast, "cash")
    asked = ask(cast.village_agent, lines_of(person))
    deposit(cast, TIER_1)
    declaration = declare(cast)
    answered, approved = at_once(
        lambda: clear(cast, declaration), lambda: approve(cast.town_clerk, asked, on=CLEARED_ON)
    )
    assert answered == {"cleared": 1, "short": 0}
    assert isinstance(approved, Refused) == (due_of(person).state == "cleared")
    whole(cast)


class _Read(list[Any]):
    """What a query gave when it was read, asked again as the query would be."""

    def values_list(self, name: str, *, flat: bool) -> list[Any]:
        assert flat
        return [getattr(one, name) for one in self]

    def only(self, *_names: str) -> _Read:
        return self


def test_what_ends_while_it_is_picked_for_declaring_is_left_out_and_the_rest_is_declared(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clerk's list is read, the refund is approved, and only then the batch is written."""
    person, other = one_paid(cast, "cash"), one_paid(cast, "cash")
    deposit(cast, 2 * TIER_1)
    asked = ask(cast.village_agent, lines_of(person))
    picked, ended = Event(), Event()
    read = waiting.undeclared_cash

    def read_and_be_slow(*args: Any, **terms: Any) -> Any:
        found = _Read(read(*args, **terms))
        if not picked.is_set():
            picked.set()
            ended.wait(10 if connection.vendor == "postgresql" else 1)  # SQLite has one writer: there the other waits
        return found

    def approving() -> Json:
        picked.wait(10)
        try:
            return approve(cast.town_clerk, asked)
        finally:
            ended.set()

    monkeypatch.setattr(waiting, "undeclared_cash", read_and_be_slow)
    declared, approved = at_once(lambda: {"declaration": declare(cast)}, approving)
    monkeypatch.undo()
    assert isinstance(declared, dict)
    assert due_of(person).state == ("declared" if isinstance(approved, Refused) else "cancelled")
    assert due_of(other).state == "declared"
    whole(cast)


def test_approving_while_it_is_declared_does_one_of_both(cast: Cast) -> None:
    person = one_paid(cast, "cash")
    asked = ask(cast.village_agent, lines_of(person))
    deposit(cast, TIER_1)

    def declaring() -> dict[str, int]:
        return {"declaration": declare(cast)}

    declared, approved = at_once(declaring, lambda: approve(cast.town_clerk, asked))
    assert isinstance(declared, Refused) != isinstance(approved, Refused)
    assert due_of(person).state == ("declared" if isinstance(approved, Refused) else "cancelled")
    whole(cast)


def test_who_is_billed_while_the_refund_is_approved_is_billed_and_told_or_not_billed(cast: Cast) -> None:
    (person,) = household(BORN)
    mark(person, "dibao", cast)
    one_paid(cast, fen=3_500, person=person)
    asked = ask(cast.village_agent, lines_of(person))
    at_once(lambda: extract(cast.tax, key="extract"), lambda: approve(cast.town_clerk, asked))
    assert Enrolment.objects.get().state == "cancelled"
    told = WorkItem.objects.filter(kind="billed-and-refunded").count()
    assert told == SettlementLine.objects.count()
    whole(cast)


def test_a_change_of_tier_and_a_payment_at_once_leave_the_books_whole(cast: Cast) -> None:
    (person,) = household(BORN)
    due = enrol(cast, [person])[0]

    def change() -> dict[str, int]:
        told: dict[str, int] = change_tier(
            cast.town_clerk, due_id=due, tier=2, policy_name=POLICY, on=IN_TIME, key="tier", at=at(IN_TIME)
        )
        return told

    changed, paid = at_once(change, lambda: pay(cast.village_agent, [person], [due], fen=TIER_1))
    assert isinstance(changed, dict) != isinstance(paid, dict)
    assert Payment.objects.count() == isinstance(paid, dict)
    whole(cast)


def half_way(work: Callable[[], object], untouched: Callable[[], object]) -> int:
    """Break the work after the 1st, 2nd, … statement until it gets through; return how often it broke."""
    before = untouched()
    for allowed in range(200):
        try:
            with connection.execute_wrapper(_breaking_after(allowed)):
                work()
        except _Broken:
            assert untouched() == before
            continue
        return allowed
    raise AssertionError("it never got through")


def everything() -> tuple[object, ...]:
    return (
        Transfer.objects.count(),
        AuditEntry.objects.count(),
        WorkItem.objects.filter(closed_at=None).count(),
        sorted(Enrolment.objects.values_list("state", flat=True)),
        sorted(Refund.objects.values_list("state", flat=True)),
        sorted(Receipt.objects.values_list("state", flat=True)),
    )


def test_a_refund_that_breaks_half_way_anywhere_leaves_nothing_behind(cast: Cast) -> None:
    person = one_paid(cast, "cash")
    assert half_way(lambda: ask(cast.village_agent, lines_of(person)), everything) > 8
    asked = {"refund": Refund.objects.get().pk}
    assert half_way(lambda: approve(cast.town_clerk, asked), everything) > 15
    assert half_way(lambda: pay_out(cast.village_agent, [asked["refund"]], "cash"), everything) > 8
    assert money_check(cast.auditor, year=YEAR).refunded == TIER_1
    whole(cast)
