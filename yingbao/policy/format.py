"""The form of a pack: what an officer may write in YAML, and nothing else.

Every value names the ``rule`` it rests on; the rule names the document and the clause, quotes the sentence and
holds the ``interpretation`` where the sentence leaves room. Days are written as the notices write them, with
the last day included (``first_day`` … ``last_day``); a deadline is written ``before`` a day.

A rule left out is not an error of form: ``lint`` finds it, so that a half-written pack can already be read.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from yingbao.kernel.money import parse_yuan
from yingbao.kernel.periods import DAY, Period
from yingbao.policy.texts import Text, text


def _read_yuan(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("an amount in yuan is written as a whole number, or in quotes with decimals: '157.50'")
    return parse_yuan(value)


def _read_percent(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("a percentage is written as a whole number, or in quotes with decimals: '12.5'")
    return Decimal(value)


Yuan = Annotated[int, BeforeValidator(_read_yuan), Field(ge=0)]  # written in yuan, held in fen
Percent = Annotated[Decimal, BeforeValidator(_read_percent), Field(ge=0)]
Tier = Annotated[int, Field(ge=1, le=9)]
PerYear = Literal["yuan/person/year"]
RuleId = str


class Entry(BaseModel):
    """Base of everything in a pack: no unknown key, no silent conversion, no change after reading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class Bilingual(Entry):
    """A sentence in both languages."""

    zh: str
    en: str

    @property
    def text(self) -> Text:
        """The sentence as a Message."""
        return text(self.zh, self.en)


class Named(Entry):
    """A code with its names."""

    code: str
    zh: str
    en: str

    @property
    def name(self) -> Text:
        """The name as a Message."""
        return text(self.zh, self.en)


class Days(Entry):
    """Days as a notice writes them, the last one included."""

    first_day: date
    last_day: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError("last_day lies before first_day")
        return self

    @property
    def period(self) -> Period:
        """The same days, half-open."""
        return Period(self.first_day, self.last_day + DAY)


class Document(Entry):
    """The paper the values come from."""

    id: str
    title: Bilingual
    number: str | None
    issuer: Bilingual
    issued_on: date
    file: str


class Source(Entry):
    """Where in which document."""

    document: str
    clause: str


class RuleEntry(Entry):
    """One sentence of a document; ``interpretation`` why it is read as it is; ``ask`` the question to put."""

    id: RuleId
    title: Bilingual
    text: Bilingual
    source: Source | None = None
    interpretation: Bilingual | None = None
    ask: Bilingual | None = None


class Rate(Days):
    """The personal contribution of a population in a tier."""

    population: str
    tier: Tier
    amount: Yuan
    unit: PerYear
    rule: RuleId | None = None


class Fiscal(Days):
    """What the treasury adds per person."""

    amount: Yuan
    unit: PerYear
    rule: RuleId | None = None


class FullCost(Entry):
    """From when the person pays the fiscal part too."""

    first_day: date
    newborns: Literal["included", "exempt"]
    rule: RuleId | None = None


class Newborn(Entry):
    """Born in the insurance year and enrolled within ``days`` of birth: covered from birth."""

    days: Annotated[int, Field(ge=0)]
    unit: Literal["days"]
    populations: tuple[str, ...]
    rule: RuleId | None = None


class Graduates(Entry):
    """To which day students graduating in the year are covered."""

    last_day: date
    rule: RuleId | None = None


class Students(Days):
    """A population with an academic year of its own, to be paid within ``days`` of the first day of term."""

    population: str
    term_start: date
    days: Annotated[int, Field(ge=0)]
    unit: Literal["days"]
    graduates: Graduates | None = None
    rule: RuleId | None = None


class FixedDay(Entry):
    """Cover begins on ``day`` for all of the window."""

    starts: Literal["fixed_day"]
    day: date


class NextMonth(Entry):
    """Cover begins on the first of the month after clearing."""

    starts: Literal["next_month"]


class AfterFullDays(Entry):
    """Cover begins when ``days`` full days have passed after the day of clearing."""

    starts: Literal["after_full_days"]
    days: Annotated[int, Field(ge=0)]


class Unsaid(Entry):
    """The notice lets people pay and does not say from when they are covered."""

    starts: Literal["silent"]


class Window(Days):
    """Days on which a contribution may be cleared, and when cover begins for it."""

    id: str
    centralised: bool = False
    coverage: Annotated[FixedDay | NextMonth | AfterFullDays | Unsaid, Field(discriminator="starts")]
    rule: RuleId | None = None
    coverage_rule: RuleId | None = None


class Silence(Days):
    """Days between windows of which the notice says nothing."""

    rule: RuleId | None = None


class NoWaiting(Entry):
    """Who is covered from the day of clearing when late; ``years`` limits the rule to insurance years."""

    identities: tuple[str, ...]
    years: tuple[int, ...] | None = None
    rule: RuleId | None = None


class CoverageYear(Days):
    """The insurance year."""

    rule: RuleId | None = None


class Subsidy(Entry):
    """What an identity brings in a tier: a stated amount, a percentage of a tier's rate, or both (checked by lint)."""

    tier: Tier
    amount: Yuan | None = None
    percent: Percent | None = None
    of_tier: Tier | None = None
    unit: PerYear
    rule: RuleId | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (self.percent is None) != (self.of_tier is None):
            raise ValueError("percent and of_tier go together")
        if self.amount is None and self.percent is None:
            raise ValueError("an amount or a percentage is needed")
        return self


class Until(Entry):
    """The subsidy is given to whoever is cleared before this day."""

    before: date
    rule: RuleId | None = None


class OnlyTier(Entry):
    """The tier all people of an identity enrol in; another choice is a warning."""

    tier: Tier
    rule: RuleId | None = None


class PackIdentity(Entry):
    """An identity the pack subsidises."""

    code: str
    confirmed_by: str | None = None
    paid_by: str | None = None
    subsidies: tuple[Subsidy, ...]
    until: Until | None = None
    only_tier: OnlyTier | None = None


class Several(Entry):
    """What counts when somebody has several identities, and what one gained or lost after clearing changes."""

    choose: Literal["highest"]
    later_identity: Literal["nothing"]
    rule: RuleId | None = None


class Cap(Entry):
    """What a subsidy never exceeds."""

    at: Literal["rate"]
    rule: RuleId | None = None


class Payers(Entry):
    """On what the choice of paying departments rests."""

    rule: RuleId | None = None


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
    """Where a population enrols and pays."""

    population: str
    place: str
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


class PackFile(Entry):
    """One file of a pack. What it extends is merged under it by ``load``."""

    format: Literal[1]
    pack: str
    extends: str | None = None
    assessable: bool
    year: int
    division: str
    title: Bilingual
    documents: tuple[Document, ...]
    rules: tuple[RuleEntry, ...]
    coverage_year: CoverageYear | None = None
    rates: tuple[Rate, ...] = ()
    fiscal: Fiscal | None = None
    full_cost: FullCost | None = None
    newborn: Newborn | None = None
    students: Students | None = None
    windows: tuple[Window, ...] = ()
    silences: tuple[Silence, ...] = ()
    no_waiting: tuple[NoWaiting, ...] = ()
    several: Several | None = None
    cap: Cap | None = None
    payers: Payers | None = None
    identities: tuple[PackIdentity, ...] = ()
    groups: tuple[Group, ...] = ()
    excluded: tuple[Marked, ...] = ()
    outreach: tuple[Marked, ...] = ()
    enrol_at: tuple[EnrolAt, ...] = ()
    channels: tuple[Channel, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    signatories: tuple[Signatory, ...] = ()
    benefits: tuple[Benefit, ...] = ()
