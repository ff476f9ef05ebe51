from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingbao.kernel.periods import Period, calendar_year, first_of_next_month, full_years

DATES = st.dates(date(1900, 1, 1), date(2100, 12, 31))
PERIODS = st.builds(
    lambda begin, days: Period(begin, None if days is None else begin + timedelta(days=days)),
    DATES,
    st.none() | st.integers(1, 4000),
)


def test_a_year_holds_its_first_and_last_day_and_no_more() -> None:
    year = calendar_year(2023)
    assert date(2023, 1, 1) in year
    assert date(2023, 12, 31) in year
    assert date(2024, 1, 1) not in year
    assert year.last_day == date(2023, 12, 31)


def test_an_open_period_has_no_last_day() -> None:
    assert Period(date(2023, 1, 1)).last_day is None
    assert date(9999, 12, 31) in Period(date(2023, 1, 1))


@pytest.mark.parametrize("end", [date(2023, 1, 1), date(2022, 12, 31)])
def test_a_period_holds_at_least_a_day(end: date) -> None:
    with pytest.raises(ValueError, match="at least one day"):
        Period(date(2023, 1, 1), end)


@given(PERIODS, PERIODS)
def test_two_periods_overlap_when_the_later_beginning_is_in_both(one: Period, other: Period) -> None:
    later = max(one.begin, other.begin)
    assert one.overlaps(other) == other.overlaps(one) == (later in one and later in other)


def test_the_first_of_the_next_month_crosses_the_year() -> None:
    assert first_of_next_month(date(2023, 1, 31)) == date(2023, 2, 1)
    assert first_of_next_month(date(2022, 12, 1)) == date(2023, 1, 1)


@given(DATES)
def test_the_next_month_begins_within_31_days(day: date) -> None:
    following = first_of_next_month(day)
    assert following.day == 1
    assert 1 <= (following - day).days <= 31


def test_ages_in_full_years() -> None:
    assert full_years(date(2000, 2, 29), date(2001, 2, 28)) == 0
    assert full_years(date(2000, 2, 29), date(2001, 3, 1)) == 1
    assert full_years(date(1963, 7, 1), date(2023, 6, 30)) == 59
    assert full_years(date(1963, 7, 1), date(2023, 7, 1)) == 60
