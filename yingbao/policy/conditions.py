"""Whether a condition of a pack (``When``) holds: for a concrete person, or for a whole class of people at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from yingbao.kernel.periods import full_years
from yingbao.policy.entries import Entry, When
from yingbao.policy.format import PackFile
from yingbao.policy.people import Person
from yingbao.policy.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Traits:
    """What conditions look at. ``holds`` tells whether one of some identities (as a condition names them) is held."""

    population: str
    age: int
    disability_kind: int
    disability_grade: int
    enrolled_last_year: bool | None  # None: not known, which no condition takes for either
    holds: Callable[[tuple[str, ...]], bool]


def met(when: When | None, traits: Traits) -> bool:
    """Return whether all that ``when`` names holds; no condition holds for everybody."""
    if when is None:
        return True
    return (
        (not when.populations or traits.population in when.populations)
        and (when.age_from is None or traits.age >= when.age_from)
        and (when.age_to is None or traits.age <= when.age_to)
        and (not when.disability_kinds or traits.disability_kind in when.disability_kinds)
        and (not when.disability_grades or traits.disability_grade in when.disability_grades)
        and (when.enrolled_last_year is None or traits.enrolled_last_year == when.enrolled_last_year)
        and (not when.identities or traits.holds(when.identities))
        and not (when.without and traits.holds(when.without))
    )


def traits_of(person: Person, file: PackFile, vocabulary: Vocabulary, on: date, *, for_money: bool) -> Traits:
    """Return what conditions see of ``person`` on the day of clearing (or of the question) ``on``.

    ``for_money``: as rates and subsidies see it, by the snapshot where the pack takes one; else as windows do.
    """
    counted_on = age_day(file, on)
    held = counted_identities(person, file) if for_money else person.identities
    return Traits(
        population=person.population,
        age=max(0, full_years(person.birth_on, counted_on)),
        disability_kind=person.disability_kind or 0,
        disability_grade=person.disability_grade or 0,
        enrolled_last_year=person.enrolled_last_year,
        holds=lambda codes: bool(vocabulary.family(codes) & held),
    )


def counted_identities(person: Person, file: PackFile) -> frozenset[str]:
    """Return the identities subsidies go by: those held now, or on the pack's snapshot day."""
    if file.snapshot is None:
        return person.identities
    then = person.snapshot_identities or frozenset()
    return then | person.identities if file.snapshot.later == "added" else then


def age_day(file: PackFile, on: date) -> date:
    """Return the day ages are counted on for somebody cleared ``on``: without ``ages`` the year's first day."""
    if file.ages is None:
        return file.coverage_year.first_day if file.coverage_year else on
    return on if file.ages.counted_on == "clearing" else file.ages.counted_on


def list_conditions(entry: Entry) -> Iterator[When]:
    """Yield every condition in ``entry`` and all it holds."""
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, When):
                yield item
            elif isinstance(item, Entry):
                yield from list_conditions(item)
