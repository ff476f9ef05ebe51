"""The ways a notice says from when somebody is covered. Every relative day counts from the day of clearing."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from yingbao.policy.entries import Entry


class FixedDay(Entry):
    """Cover begins on ``day`` for all of the window."""

    starts: Literal["fixed_day"]
    day: date


class SameDay(Entry):
    """Cover begins on the day of clearing."""

    starts: Literal["same_day"]


class NextDay(Entry):
    """Cover begins on the day after clearing."""

    starts: Literal["next_day"]


class NextMonth(Entry):
    """Cover begins on the first of the month after clearing."""

    starts: Literal["next_month"]


class AfterDays(Entry):
    """Cover begins on clearing plus ``days``."""

    starts: Literal["after_days"]
    days: Annotated[int, Field(ge=0)]


class AfterFullDays(Entry):
    """Cover begins when ``days`` full days have passed after the day of clearing."""

    starts: Literal["after_full_days"]
    days: Annotated[int, Field(ge=0)]


class AfterMonths(Entry):
    """Cover begins on the same day of the month ``months`` later, the month's last day where there is none."""

    starts: Literal["after_months"]
    months: Annotated[int, Field(ge=0)]


class AfterWaiting(Entry):
    """Cover begins when the pack's ``waiting`` period is over, the fixed part included."""

    starts: Literal["waiting"]


class FromBirth(Entry):
    """A newborn is covered from birth."""

    starts: Literal["birth"]


class Unsaid(Entry):
    """The notice lets people pay and does not say from when they are covered."""

    starts: Literal["silent"]


Coverage = Annotated[
    FixedDay | SameDay | NextDay | NextMonth | AfterDays | AfterFullDays | AfterMonths | AfterWaiting | Unsaid,
    Field(discriminator="starts"),
]
NewbornCoverage = Annotated[
    FromBirth | FixedDay | SameDay | NextDay | NextMonth | AfterDays | AfterFullDays | AfterMonths | Unsaid,
    Field(discriminator="starts"),
]
