"""Two at once: the same request twice, two clerks on one household, two channels on one due. Both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection, connections

from tests.journeys.cast import (
    IN_TIME,
    POLICY,
    TIER_1,
    YEAR,
    Cast,
    at,
    family,
    household,
    mark,
    people_the_town,
    tiers,
)
from tests.journeys.test_settling import extract, subsidise
from yingbao.collection.models import DeclarationLine, Payment, Receipt
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import Refused, YingbaoError
from yingbao.ledger.models import Transfer
from yingbao.registry.models import Resident
from yingbao.settlement.models import SettlementLine
from yingbao.storage.fields import Json
from yingbao.usecases.declare import declare_zero
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.receive_payment import receive_payment
from yingbao.usecases.verify import verify

pytestmark = pytest.mark.django_db(transaction=True)
Outcome = Json | YingbaoError


@pytest.fixture
def cast() -> Cast:
    return people_the_town()


def at_once(*works: Callable[[], Json]) -> list[Outcome]:
    """Run the works in threads that start together; return each one's answer or refusal."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Json]) -> Outcome:
        barrier.wait()
        try:
            return work()
        except YingbaoError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def enrol_and_take(cast: Cast, members: list[Resident], key: str) -> Callable[[], Json]:
    return lambda: enrol_and_pay(
        cast.village_agent,
        household_id=members[0].household_id,
        tiers=tiers(members),
        channel="cash",
        amount_fen=4 * TIER_1,
        policy_name=POLICY,
        on=IN_TIME,
        key=key,
        at=at(IN_TIME),
    )


def whole(cast: Cast) -> None:
    assert [check.name for check in verify(cast.auditor, year=YEAR) if not check.holds] == []


def test_the_same_request_from_two_windows_happens_once_and_both_get_its_answer(cast: Cast) -> None:
    members = family()
    first, second = at_once(*[enrol_and_take(cast, members, "same")] * 2)
    assert isinstance(first, dict) and first == second
    assert (Payment.objects.count(), Enrolment.objects.count(), Receipt.objects.count()) == (1, 4, 1)
    whole(cast)


def test_two_requests_on_one_household_enrol_it_once_and_the_other_is_told(cast: Cast) -> None:
    members = family()
    outcomes = at_once(enrol_and_take(cast, members, "one"), enrol_and_take(cast, members, "two"))
    assert sorted(isinstance(outcome, dict) for outcome in outcomes) == [False, True]
    assert (Payment.objects.count(), Enrolment.objects.count()) == (1, 4)
    whole(cast)


def test_a_counter_and_a_channel_on_the_same_dues_keep_every_fen(cast: Cast) -> None:
    members = family()
    enrolled = enrol_household(
        cast.town_clerk,
        household_id=members[0].household_id,
        tiers=tiers(members),
        policy_name=POLICY,
        on=IN_TIME,
        key="enrol",
        at=at(IN_TIME),
    )
    dues = [row["due"] for row in enrolled["dues"].values()]

    def pay(who: str, channel: str) -> Callable[[], Json]:
        return lambda: receive_payment(
            getattr(cast, who),
            household_id=members[0].household_id,
            due_ids=dues,
            channel=channel,
            amount_fen=4 * TIER_1,
            policy_name=POLICY,
            collected_on=IN_TIME,
            key=who,
            at=at(IN_TIME),
        )

    counter, channel = at_once(pay("village_agent", "cash"), pay("wechat", "wechat"))
    assert isinstance(channel, dict)  # what a channel brings is never lost
    if isinstance(counter, dict):
        assert channel["surplus_fen"] == 4 * TIER_1
    else:
        assert channel["surplus_fen"] == 0
    whole(cast)


def test_many_households_at_once_get_consecutive_receipts(cast: Cast) -> None:
    households = [family() for _ in range(6)]
    outcomes = at_once(*[enrol_and_take(cast, members, f"key-{n}") for n, members in enumerate(households)])
    assert all(isinstance(outcome, dict) for outcome in outcomes)
    assert sorted(Receipt.objects.values_list("number", flat=True)) == list(range(101, 107))
    whole(cast)


def test_a_failure_between_any_two_statements_leaves_nothing_behind(cast: Cast) -> None:
    """Break the connection's work after the 1st, 2nd, … statement until the journey gets through."""
    members = family()
    for allowed in range(100):
        try:
            with connection.execute_wrapper(_breaking_after(allowed)):
                enrol_and_take(cast, members, "half-way")()
        except _Broken:
            assert (Enrolment.objects.count(), Payment.objects.count(), Transfer.objects.count()) == (0, 0, 0)
            continue
        break
    assert allowed > 12
    assert (Enrolment.objects.count(), Payment.objects.count()) == (4, 1)
    whole(cast)


class _Broken(Exception):
    """The power went out."""


def _breaking_after(allowed: int) -> Callable[..., object]:
    count = 0

    def wrapper(execute: Callable[..., object], sql: str, params: object, many: bool, context: Json) -> object:
        nonlocal count
        if sql.startswith(("INSERT", "UPDATE", "SELECT")):
            count += 1
            if count > allowed:
                raise _Broken
        return execute(sql, params, many, context)

    return wrapper


def test_two_offices_that_extract_at_once_bill_everybody_once(cast: Cast) -> None:
    for _ in range(20):
        subsidise(cast, "dibao", 3_500)
    first, second = at_once(lambda: extract(cast.tax, key="tax"), lambda: extract(cast.bureau, key="bureau"))
    assert isinstance(first, dict) and isinstance(second, dict)
    assert sorted([*first, *second]) == ["medical_assistance"]
    assert SettlementLine.objects.count() == 20
    whole(cast)


def test_two_offices_that_declare_the_same_zero_dues_at_once_declare_them_once(cast: Cast) -> None:
    (person,) = household(date(1950, 1, 1))
    mark(person, "extreme_poverty", cast)
    enrol_household(
        cast.town_clerk,
        household_id=person.household_id,
        tiers=tiers([person]),
        policy_name=POLICY,
        on=IN_TIME,
        key="enrol",
        at=at(IN_TIME),
    )

    def declare(who: str) -> Callable[[], Json]:
        return lambda: declare_zero(getattr(cast, who), year=YEAR, on=IN_TIME, key=who, at=at(IN_TIME))

    outcomes = at_once(declare("town_clerk"), declare("village_agent"))
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert DeclarationLine.objects.count() == 1
