"""Done against target, Thursday by Thursday (PJ-1, PJ-8.4, BN-1)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.cast import (
    IN_TIME,
    NEXT_VILLAGE,
    POLICY,
    TIER_1,
    VILLAGE,
    YEAR,
    Cast,
    at,
    family,
    household,
    insure_elsewhere,
    mark,
    tiers,
)
from yingbao.kernel.errors import Forbidden
from yingbao.policy import get_vocabulary
from yingbao.progress.models import Target, WeeklyLine
from yingbao.progress.weekly import Standing, standings, weeks
from yingbao.registry.models import Resident
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.report_week import report_week

THURSDAY = IN_TIME
LOW_INCOME = get_vocabulary().low_income


def pay(cast: Cast, members: list[Resident], fen: int, *, on: date = IN_TIME) -> None:
    enrol_and_pay(
        cast.wechat,
        household_id=members[0].household_id,
        tiers=tiers(members),
        channel="wechat",
        amount_fen=fen,
        policy_name=POLICY,
        on=on,
        key=f"pay-{members[0].pk}",
        at=at(on),
    )


def line(cast: Cast, village: int = VILLAGE, *, on: date = THURSDAY) -> Standing:
    found = standings(cast.town_clerk, year=YEAR, on=on, low_income=LOW_INCOME)
    return next(one for one in found if one.division_code == village)


@pytest.fixture
def target(cast: Cast) -> Target:
    return Target.objects.create(
        division_id=VILLAGE, year=YEAR, households=3, population=12, persons=8, amount_fen=8 * TIER_1, due_on=IN_TIME
    )


@pytest.mark.clause("PJ-1")
@pytest.mark.clause("BN-1")
@pytest.mark.usefixtures("target")
def test_completion_is_people_and_money_against_the_target(cast: Cast) -> None:
    pay(cast, family(), 4 * TIER_1)
    reached = line(cast)
    assert (reached.done.persons, reached.persons_percent) == (4, Decimal("50.0"))
    assert (reached.done.amount_fen, reached.amount_percent) == (4 * TIER_1, Decimal("50.0"))
    assert line(cast, NEXT_VILLAGE).persons_percent is None


@pytest.mark.usefixtures("target")
def test_what_a_department_pays_counts_towards_the_money(cast: Cast) -> None:
    (person,) = household(date(1950, 1, 1))
    mark(person, "dibao", cast)
    pay(cast, [person], 3_500)
    reached = line(cast).done
    assert (reached.amount_fen, reached.paid_fen) == (TIER_1, 3_500)


def test_low_income_people_are_counted_apart(cast: Cast) -> None:
    enrolled, missed = household(date(1950, 1, 1)), household(date(1951, 1, 1))
    for person in (*enrolled, *missed):
        mark(person, "dibao", cast)
    mark(household(date(1952, 1, 1))[0], "disabled_1_2", cast)
    (employed,) = household(date(1980, 1, 1))
    mark(employed, "dibao", cast)
    insure_elsewhere(employed)
    pay(cast, enrolled, 3_500)
    reached = line(cast)
    assert (reached.done.low_income_enrolled, reached.low_income_persons) == (1, 2)


@pytest.mark.clause("PJ-8.4")
def test_a_thursdays_figures_are_cumulative_and_stay_as_reported(cast: Cast) -> None:
    pay(cast, family(), 4 * TIER_1)
    report_week(cast.town_clerk, policy_name=POLICY, cut_off_on=THURSDAY, at=at(THURSDAY, 17))
    pay(cast, family(), 4 * TIER_1, on=THURSDAY + timedelta(days=1))
    report_week(cast.town_clerk, policy_name=POLICY, cut_off_on=THURSDAY, at=at(THURSDAY, 18))
    next_week = THURSDAY + timedelta(days=7)
    report_week(cast.town_clerk, policy_name=POLICY, cut_off_on=next_week, at=at(next_week, 17))
    assert weeks(cast.town_clerk, year=YEAR) == [(THURSDAY, 4, 4 * TIER_1), (next_week, 8, 8 * TIER_1)]
    assert WeeklyLine.objects.count() == 4  # two villages, two weeks


def test_who_reports_and_sees(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        report_week(cast.village_agent, policy_name=POLICY, cut_off_on=THURSDAY, at=at(THURSDAY))
    seen = standings(cast.village_agent, year=YEAR, on=THURSDAY, low_income=LOW_INCOME)
    assert [one.division_code for one in seen] == [VILLAGE]


def test_the_number_of_statements_does_not_grow_with_the_villages(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(5):
        standings(cast.auditor, year=YEAR, on=THURSDAY, low_income=LOW_INCOME)
