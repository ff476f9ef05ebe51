"""Whom rates and subsidies tell apart: profiles of people, and cells that fix a rate and the order of subsidies."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import product
from math import prod

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.policy.amounts import amount_of
from yingbao.policy.conditions import Traits, list_conditions, met
from yingbao.policy.entries import When
from yingbao.policy.format import PackFile, PackIdentity, Rate, Subsidy
from yingbao.policy.sets import Sets
from yingbao.policy.vocabulary import Vocabulary

OLDEST = 128
MOST_CELLS = 1 << 15
# Population, first age of the class, disability kind and grade, enrolled last year.
Profile = tuple[str, int, tuple[int, int], bool | None]
_DISABILITIES = [(kind, grade) for kind in range(8) for grade in range(5)]


@dataclass(frozen=True)
class Profiles:
    """The kinds of people a pack tells apart: population × age class × disability class × enrolled last year."""

    file: PackFile
    vocabulary: Vocabulary

    @cached_property
    def conditions(self) -> tuple[When, ...]:
        """Every condition of the pack, each once."""
        return tuple(dict.fromkeys(list_conditions(self.file)))

    @cached_property
    def ages(self) -> tuple[int, ...]:
        """The first age of each class."""
        starts = {when.age_from for when in self.conditions if when.age_from is not None}
        ends = {when.age_to + 1 for when in self.conditions if when.age_to is not None}
        return tuple(sorted({0, *starts, *ends}))

    @cached_property
    def disabilities(self) -> tuple[tuple[int, int], ...]:
        """A kind and grade of each class, as many as the conditions tell apart."""
        return tuple({self._who_asks(*pair): pair for pair in reversed(_DISABILITIES)}.values())

    @cached_property
    def last_years(self) -> tuple[bool | None, ...]:
        """What last year's enrolment may be, as far as it matters; None: not known."""
        asked = any(when.enrolled_last_year is not None for when in self.conditions)
        return (None, False, True) if asked else (None,)

    def list(self) -> Iterator[Profile]:
        """Yield each profile in the order of their numbers."""
        yield from product(self.vocabulary.populations, self.ages, self.disabilities, self.last_years)

    def age_class(self, age: int) -> int:
        """Return the class an age is in."""
        return bisect_right(self.ages, age) - 1

    def disability_class(self, kind: int, grade: int) -> int:
        """Return the class a kind and grade are in."""
        asked = self._who_asks(kind, grade)
        return next(place for place, pair in enumerate(self.disabilities) if self._who_asks(*pair) == asked)

    def _who_asks(self, kind: int, grade: int) -> tuple[bool, ...]:
        asked = [when for when in self.conditions if when.disability_kinds or when.disability_grades]
        return tuple(
            (not w.disability_kinds or kind in w.disability_kinds)
            and (not w.disability_grades or grade in w.disability_grades)
            for w in asked
        )


def make_traits(profile: Profile, holds: Callable[[tuple[str, ...]], bool]) -> Traits:
    """Return what conditions see of a profile."""
    population, age, (kind, grade), enrolled = profile
    return Traits(population, age, kind, grade, enrolled, holds)


@dataclass(frozen=True, slots=True)
class Award:
    """What an identity brings in a cell, in fen; ``stated_fen`` before the cut at the rate."""

    identity: PackIdentity
    subsidy: Subsidy
    stated_fen: int
    fen: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What fixes rate and amounts. ``begins``: first day of the period of the year, None the first period.

    ``ranking``: the award that counts first; ``highest``: the same by amount (another order in ranked packs only).
    """

    traits: Traits
    tier: int
    begins: date | None
    rate: Rate | None
    rate_fen: int
    ranking: tuple[Award, ...]
    highest: tuple[Award, ...]

    @property
    def population(self) -> str:
        """The population."""
        return self.traits.population

    @property
    def rate_rule(self) -> str | None:
        """The rule the rate rests on."""
        return self.rate.rule if self.rate else None


def list_tiers(file: PackFile) -> tuple[int, ...]:
    """Return the tiers on offer."""
    return tuple(sorted({rate.tier for rate in file.rates}))


def list_periods(file: PackFile) -> tuple[date | None, ...]:
    """Return the days on which amounts change: deadlines of subsidies and the full-cost days; None: from the start."""
    cuts = {identity.until.before for identity in file.identities if identity.until}
    if file.full_cost:
        cuts.add(file.full_cost.first_day)
        cuts |= {file.full_cost.last_day + DAY} if file.full_cost.last_day else set()
    return (None, *sorted(cuts))


def list_variants(file: PackFile) -> tuple[int | None, ...]:
    """Return the amounts that stand for the rate: None the rate itself, then those of newborn bands."""
    bands = file.newborn.bands if file.newborn else ()
    return (None, *dict.fromkeys(band.amount for band in bands if band.amount is not None))


def make_cells(file: PackFile, profiles: Profiles, sets: Sets) -> tuple[Cell, ...]:
    """Return every cell: profile × money sets × tier × period × variant. Raises BadInput where there are too many."""
    moneys = range(1 << len(sets.money))
    people = list(profiles.list())
    where = list(product(list_tiers(file), list_periods(file), list_variants(file)))
    if prod((len(people), len(moneys), len(where))) > MOST_CELLS:
        raise BadInput(say(N_("政策包“{name}”的规则组合过多，无法编译"), name=file.pack))
    found = []
    for profile, packed in product(people, moneys):
        traits = make_traits(profile, _counted(sets, sets.unpack(sets.money, packed)))
        found += [_make_cell(file, traits, *one) for one in where]
    return tuple(found)


def _counted(sets: Sets, notes: int) -> Callable[[tuple[str, ...]], bool]:
    return lambda codes: sets.counts(notes, sets.vocabulary.family(codes))


def _make_cell(file: PackFile, traits: Traits, tier: int, begins: date | None, amount: int | None) -> Cell:
    rate = find_rate(file, traits, tier)
    rate_fen = 0 if rate is None else rate.amount if amount is None else amount
    awards = tuple(_list_awards(file, traits, tier, begins, rate_fen)) if rate else ()
    highest = tuple(sorted(awards, key=lambda award: -award.fen))  # stable: the pack's order among equals
    ranked = file.several is not None and file.several.choose == "ranked"
    return Cell(traits, tier, begins, rate, rate_fen, awards if ranked else highest, highest)


def find_rate(file: PackFile, traits: Traits, tier: int) -> Rate | None:
    """Return the first rate of the person's population and tier whose condition holds."""
    own = (rate for rate in file.rates if rate.population == traits.population and rate.tier == tier)
    return next((rate for rate in own if met(rate.when, traits)), None)


def find_subsidy(identity: PackIdentity, traits: Traits, tier: int) -> Subsidy | None:
    """Return the first subsidy of an identity in a tier whose condition holds; None where there is none."""
    if not met(identity.when, traits):
        return None
    return next((s for s in identity.subsidies if s.tier == tier and met(s.when, traits)), None)


def _list_awards(file: PackFile, traits: Traits, tier: int, begins: date | None, rate_fen: int) -> Iterator[Award]:
    for identity in file.identities:
        over = identity.until is not None and begins is not None and begins >= identity.until.before
        subsidy = None if over else find_subsidy(identity, traits, tier)
        if subsidy is not None:
            stated = amount_of(file, subsidy, rate_fen)
            if min(stated, rate_fen) > 0:
                yield Award(identity, subsidy, stated, min(stated, rate_fen))
