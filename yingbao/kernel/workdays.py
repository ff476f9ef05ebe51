"""Chinese working days: weekends moved by the State Council's yearly notice, and what an officer adds to it.

A naive Monday-to-Friday rule errs on five to eight days a year, enough to call a punctual agent late.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import chinese_calendar

from yingbao.kernel.errors import YingbaoError
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY

NOTHING_EXTRA: Mapping[date, bool] = MappingProxyType({})
SATURDAY = 5


class UnknownWorkdays(YingbaoError):
    """Nobody has said yet which days of that year are worked."""

    code = "unknown-workdays"


def is_working_day(day: date, *, extra: Mapping[date, bool] = NOTHING_EXTRA) -> bool:
    """Return whether ``day`` is worked.

    ``extra`` maps days to worked (True) or not (False) and wins over the built-in calendar. A year the calendar
    does not reach counts as known once ``extra`` holds any day of it: its other days follow the week. Raises
    UnknownWorkdays for a year neither knows.
    """
    if day in extra:
        return extra[day]
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        if any(known.year == day.year for known in extra):
            return day.weekday() < SATURDAY
        raise _unknown(day.year) from None


def add_working_days(day: date, count: int, *, extra: Mapping[date, bool] = NOTHING_EXTRA) -> date:
    """Return the ``count``-th working day after ``day`` (not counted itself; BN-4.3.3d: within 2 working days).

    ``count`` 0 gives ``day`` or, when it is not worked, the next worked day. Raises ValueError for a negative
    count, UnknownWorkdays as ``is_working_day`` does.
    """
    if count < 0:
        raise ValueError("working days are counted forward")
    if count == 0:
        return day if is_working_day(day, extra=extra) else add_working_days(day, 1, extra=extra)
    while count:
        day += DAY
        count -= is_working_day(day, extra=extra)
    return day


def working_days_between(begin: date, end: date, *, extra: Mapping[date, bool] = NOTHING_EXTRA) -> int:
    """Return how many working days lie after ``begin`` up to and including ``end``; 0 when ``end`` is not later."""
    days = (begin + DAY * step for step in range(1, (end - begin).days + 1))
    return sum(is_working_day(day, extra=extra) for day in days)


def _unknown(year: int) -> UnknownWorkdays:
    return UnknownWorkdays(
        say(N_("不知道 {year} 年的工作日安排"), year=year),
        fact=say(N_("内置日历没有该年国务院放假调休通知")),
        todo=say(N_("请更新系统：新版本的日历含有该年的放假和调休日期")),
    )
