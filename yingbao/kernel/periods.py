"""Dates and half-open periods: a period holds ``begin`` and does not hold ``end``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from ``begin`` up to but not including ``end`` (None: open). Raises ValueError when empty."""

    begin: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.begin:
            raise ValueError(f"a period must hold at least one day: {self.begin} … {self.end}")

    def __contains__(self, day: date) -> bool:
        return self.begin <= day and (self.end is None or day < self.end)

    @property
    def last_day(self) -> date | None:
        """The last day held, as people write it; None when open."""
        return None if self.end is None else self.end - DAY

    def overlaps(self, other: Period) -> bool:
        """Return whether the two periods share a day."""
        return (other.end is None or self.begin < other.end) and (self.end is None or other.begin < self.end)


def calendar_year(year: int) -> Period:
    """Return 1 January to 31 December of ``year``."""
    return Period(date(year, 1, 1), date(year + 1, 1, 1))


def first_of_next_month(day: date) -> date:
    """Return the first day of the month after ``day``'s."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def full_years(birth_on: date, on: date) -> int:
    """Return the age in completed years (周岁) on ``on``; someone born on 29 February has a birthday on 1 March."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))
