from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingbao.kernel.workdays import (
    UnknownWorkdays,
    add_working_days,
    is_working_day,
    working_days_between,
)

DAYS = st.dates(date(2021, 1, 1), date(2023, 12, 1))


def test_weekends_move_by_the_yearly_notice() -> None:
    assert not is_working_day(date(2023, 1, 2))  # Monday, New Year made up
    assert is_working_day(date(2023, 1, 28))  # Saturday, worked for the Spring Festival
    assert is_working_day(date(2022, 12, 20))


def test_cash_of_the_day_before_the_festival_is_due_two_worked_days_later() -> None:
    assert add_working_days(date(2023, 1, 20), 2) == date(2023, 1, 29)  # 28 and 29 January 2023 are worked
    assert add_working_days(date(2022, 12, 19), 2) == date(2022, 12, 21)
    assert add_working_days(date(2022, 12, 16), 2) == date(2022, 12, 20)


def test_zero_days_is_the_day_itself_or_the_next_worked_one() -> None:
    assert add_working_days(date(2022, 12, 20), 0) == date(2022, 12, 20)
    assert add_working_days(date(2022, 12, 17), 0) == date(2022, 12, 19)
    with pytest.raises(ValueError, match="forward"):
        add_working_days(date(2022, 12, 20), -1)


def test_an_officers_table_wins_over_the_calendar() -> None:
    snow = {date(2022, 12, 21): False, date(2022, 12, 24): True}
    assert add_working_days(date(2022, 12, 20), 1, extra=snow) == date(2022, 12, 22)
    assert is_working_day(date(2022, 12, 24), extra=snow)


def test_a_year_nobody_knows_is_an_error_with_what_to_do() -> None:
    with pytest.raises(UnknownWorkdays) as caught:
        add_working_days(date(2080, 3, 1), 2)
    assert "2080" in str(caught.value)
    assert caught.value.todo is not None


def test_an_extension_makes_a_far_year_known() -> None:
    extra = {date(2080, 3, 5): False}
    assert add_working_days(date(2080, 3, 4), 1, extra=extra) == date(2080, 3, 6)
    with pytest.raises(UnknownWorkdays):
        is_working_day(date(2081, 3, 4), extra=extra)


@given(DAYS, st.integers(1, 15))
def test_adding_and_counting_agree(day: date, count: int) -> None:
    later = add_working_days(day, count)
    assert is_working_day(later)
    assert working_days_between(day, later) == count
    assert working_days_between(day, later - timedelta(days=1)) == count - 1
    assert working_days_between(later, day) == 0
