"""The form of a pack: what an officer may write in YAML, and nothing else.

Every value names the ``rule`` it rests on; the rule names the document and the clause, quotes the sentence and
holds the ``interpretation`` where the sentence leaves room. Days are written as the notices write them, with
the last day included (``first_day`` … ``last_day``); a deadline is written ``before`` a day.

A rule left out is not an error of form: ``lint`` finds it, so that a half-written pack can already be read.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from yingbao.policy.coverages import Coverage, NewbornCoverage
from yingbao.policy.entries import (
    Bilingual,
    Days,
    Document,
    Entry,
    ForYears,
    Named,
    Percent,
    PerYear,
    RuleEntry,
    RuleId,
    Tier,
    When,
    Yuan,
)
from yingbao.policy.listings import Benefit, Channel, Deadline, EnrolAt, Group, Marked, Signatory
from yingbao.policy.words import Words

FactName = Literal[
    "disability_kind",
    "disability_grade",
    "missed_years",
    "repaired_years",
    "continuous_years",
    "years_without_claims",
    "enrolled_last_year",
    "addons",
    "payer_account_fen",
    "snapshot_identities",
]


class Fact(Entry):
    """A fact this pack cannot do without; ``identities``: needed of their holders only. A row without it is invalid."""

    fact: FactName
    identities: tuple[str, ...] = ()
    rule: RuleId | None = None


class Ages(Entry):
    """The day on which ages are counted: a date, or each person's day of clearing."""

    counted_on: Literal["clearing"] | date
    rule: RuleId | None = None


class Rounding(Entry):
    """How a percentage of a rate becomes money. Without it: whole fen, half a fen up."""

    to: Literal["fen", "jiao", "yuan"]
    mode: Literal["half_up", "up", "down"]
    rule: RuleId | None = None


class Rate(Days, ForYears):
    """The personal contribution of a population in a tier; the first whose ``when`` holds counts."""

    population: str
    tier: Tier
    amount: Yuan
    unit: PerYear
    when: When | None = None
    rule: RuleId | None = None


class Share(Named):
    """The part of the fiscal subsidy one level of government bears: an amount or a percentage of the whole."""

    amount: Yuan | None = None
    percent: Percent | None = None
    rule: RuleId | None = None

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if (self.amount is None) == (self.percent is None):
            raise ValueError("a share is either an amount or a percentage")
        return self


class Fiscal(Days):
    """What the treasury adds per person, and which level of government bears how much of it."""

    amount: Yuan
    unit: PerYear
    shares: tuple[Share, ...] = ()
    rule: RuleId | None = None


class FullCost(Entry):
    """The days on which the person pays the fiscal part too, and who does not."""

    first_day: date
    last_day: date | None = None
    newborns: Literal["included", "exempt"]
    exempt: When | None = None
    rule: RuleId | None = None


class NewbornBand(Entry):
    """Enrolled ``within`` days or months of birth, that day not counted. ``amount``: what is paid, not the rate."""

    within: Annotated[int, Field(ge=0)]
    unit: Literal["days", "months"]
    coverage: NewbornCoverage
    amount: Yuan | None = None
    rule: RuleId | None = None


class Newborn(Entry):
    """Who counts as newborn (``born``; default: born in the insurance year) and the bands, the nearest first."""

    populations: tuple[str, ...]
    born: Days | None = None
    bands: Annotated[tuple[NewbornBand, ...], Field(min_length=1)]
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


class Window(Days, ForYears):
    """Days on which a contribution may be cleared, and when cover begins; one with ``who`` goes before one without."""

    id: str
    centralised: bool = False
    who: When | None = None
    coverage: Coverage
    rule: RuleId | None = None
    coverage_rule: RuleId | None = None


class Silence(Days):
    """Days between windows of which the notice says nothing."""

    rule: RuleId | None = None


class NoWaiting(ForYears):
    """Who is covered from the day of clearing when late."""

    identities: tuple[str, ...] = ()
    who: When | None = None
    rule: RuleId | None = None

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        if not self.identities and self.who is None:
            raise ValueError("identities or who is needed")
        return self


class Repair(Entry):
    """Missed years may be bought back at this year's own rate; each takes ``months`` off the growing part."""

    months: Annotated[int, Field(ge=1)]
    rule: RuleId | None = None


class Floor(Entry):
    """Whoever missed ``missed_years`` or more waits at least ``months``, repaired or not."""

    missed_years: Annotated[int, Field(ge=1)]
    months: Annotated[int, Field(ge=0)]
    rule: RuleId | None = None


class Waiting(ForYears):
    """A waiting period for who enrols late or was not insured without a break; it grows with the missed years.

    ``counted_from``: the day of clearing, the first of the next month, or the day cover would begin without waiting.
    """

    months: Annotated[int, Field(ge=0)]
    per_missed_year: Annotated[int, Field(ge=0)]
    unit: Literal["months"]
    counted_from: Literal["clearing", "next_month", "cover"]
    repair: Repair | None = None
    floor: Floor | None = None
    exempt: When | None = None
    rule: RuleId | None = None


class Incentive(ForYears):
    """What unbroken enrolment adds to a benefit's ceiling: from the year after ``after_years``, and per claimless year.

    Never more than ``most_percent`` of the benefit named (one of ``benefits``).
    """

    benefit: str
    after_years: Annotated[int, Field(ge=0)]
    per_year: Yuan
    per_year_without_claims: Yuan = 0
    unit: PerYear
    most_percent: Percent | None = None
    rule: RuleId | None = None


class FamilyAccount(Entry):
    """Which parts a relative's personal account may pay."""

    pays: Annotated[tuple[Literal["personal", "repair", "addons"], ...], Field(min_length=1)]
    rule: RuleId | None = None


class Addon(Named):
    """A local insurance beside the basic one: for everybody (of ``who``), or for whoever chooses it."""

    amount: Yuan
    unit: PerYear
    compulsory: bool
    who: When | None = None
    rule: RuleId | None = None


class Snapshot(Entry):
    """Subsidies go by the identities held at 24:00 on ``day``; ``later`` ones count for nothing, or are added."""

    day: date
    later: Literal["nothing", "added"]
    rule: RuleId | None = None


class CoverageYear(Days):
    """The insurance year."""

    rule: RuleId | None = None


class Subsidy(ForYears):
    """What an identity brings in a tier: a stated amount, a percentage of a tier's rate, or both (checked by lint).

    ``of_tier``: a tier, at the resident's unconditional rate, or ``own``, the person's own rate.
    """

    tier: Tier
    amount: Yuan | None = None
    percent: Percent | None = None
    of_tier: Tier | Literal["own"] | None = None
    unit: PerYear
    when: When | None = None
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
    """The tier all people of an identity enrol in; another choice is a warning, or refused."""

    tier: Tier
    otherwise: Literal["warn", "refuse"] = "warn"
    rule: RuleId | None = None


class PackIdentity(ForYears):
    """An identity the pack subsidises; the first subsidy of the tier whose ``when`` holds counts."""

    code: str
    confirmed_by: str | None = None
    paid_by: str | None = None
    when: When | None = None
    subsidies: tuple[Subsidy, ...]
    until: Until | None = None
    only_tier: OnlyTier | None = None


class Several(Entry):
    """What counts when somebody has several identities, and what one gained or lost after clearing changes.

    ``ranked``: the first in the pack's order, whatever the amount.
    """

    choose: Literal["highest", "ranked"]
    later_identity: Literal["nothing", "refund_difference", "pay_afterwards"]
    rule: RuleId | None = None


class Cap(Entry):
    """What a subsidy never exceeds."""

    at: Literal["rate"]
    rule: RuleId | None = None


class Payers(Entry):
    """On what the choice of paying departments rests."""

    rule: RuleId | None = None


class Amends(Entry):
    """This pack is ``pack`` as amended: for what is cleared from ``first_day`` on, or (``retroactive``) for all."""

    pack: str
    first_day: date
    retroactive: bool = False
    rule: RuleId | None = None


class PackFile(Entry):
    """One file of a pack. What it extends or amends is merged under it by ``load``; ``drop`` takes entries out.

    ``drop`` names entries as lint does: ``windows.march-september``, ``identities.dibao``, ``full_cost``.
    """

    format: Literal[1]
    pack: str
    extends: str | None = None
    amends: Amends | None = None
    drop: tuple[str, ...] = ()
    assessable: bool
    year: int
    division: str
    title: Bilingual
    words: Words = Words()
    documents: tuple[Document, ...]
    rules: tuple[RuleEntry, ...]
    facts: tuple[Fact, ...] = ()
    ages: Ages | None = None
    rounding: Rounding | None = None
    coverage_year: CoverageYear | None = None
    rates: tuple[Rate, ...] = ()
    fiscal: Fiscal | None = None
    full_cost: FullCost | None = None
    newborn: Newborn | None = None
    students: Students | None = None
    windows: tuple[Window, ...] = ()
    silences: tuple[Silence, ...] = ()
    no_waiting: tuple[NoWaiting, ...] = ()
    waiting: Waiting | None = None
    incentive: Incentive | None = None
    family_account: FamilyAccount | None = None
    addons: tuple[Addon, ...] = ()
    snapshot: Snapshot | None = None
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

    @model_validator(mode="after")
    def _has_one_base(self) -> Self:
        if self.amends is not None and self.extends is not None:
            raise ValueError("a pack either extends or amends another, not both")
        return self
