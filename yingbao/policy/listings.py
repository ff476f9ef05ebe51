"""What a pack lists and no amount rests on: who may enrol, where, by what channel, until when, at what benefit."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from yingbao.policy.entries import Entry, Named, RuleId, Tier


class Benefit(Entry):
    """A benefit level shown on a resident's page."""

    name: str
    tier: Tier | None = None
    value: Annotated[int, Field(ge=0)]
    unit: Literal["percent", "yuan/person/year"]
    zh: str
    en: str
    rule: RuleId | None = None


class Group(Entry):
    """People who may enrol, and the kinds of evidence they bring."""

    id: RuleId
    zh: str
    en: str
    evidence: tuple[str, ...]
    rule: RuleId | None = None


class Marked(Named):
    """A named thing with its rule (exclusions, groups to reach)."""

    rule: RuleId | None = None


class EnrolAt(Entry):
    """Where a population enrols and pays; with ``window``, where whoever pays in that window does and nowhere else."""

    population: str
    place: str
    window: str | None = None
    zh: str
    en: str
    rule: RuleId | None = None


class Channel(Marked):
    """A way to pay."""

    online: bool


class Signatory(Entry):
    """Who signs, by office and never by name."""

    role: str
    zh: str
    en: str
    rule: RuleId | None = None


class Deadline(Entry):
    """A day, a weekday (Monday is 1) or a number of working days by which something is done."""

    id: str
    day: date | None = None
    weekday: Annotated[int, Field(ge=1, le=7)] | None = None
    working_days: Annotated[int, Field(ge=0)] | None = None
    zh: str
    en: str
    rule: RuleId | None = None
