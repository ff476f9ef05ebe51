"""What a person is and holds, as a pack asks for it: conditions, and what makes a row no input at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from yingbao.policy.entries import Entry, ForYears, When
from yingbao.policy.format import (
    Addon,
    FamilyAccount,
    Incentive,
    NoWaiting,
    PackFile,
    PackIdentity,
    Rate,
    Waiting,
    Window,
)
from yingbao.policy.people import Person
from yingbao.policy.vocabulary import get_vocabulary

_Item = TypeVar("_Item", bound=ForYears)
LARGEST = {"disability_kind": 7, "disability_grade": 4}
NUMBERS = (
    *("disability_kind", "disability_grade", "missed_years", "repaired_years"),
    *("continuous_years", "years_without_claims", "payer_account_fen"),
)


@dataclass
class Entries:
    """What of a pack holds in its insurance year."""

    rates: Sequence[Rate]
    windows: Sequence[Window]
    no_waiting: Sequence[NoWaiting]
    identities: Sequence[PackIdentity]
    waiting: Waiting | None
    incentive: Incentive | None
    addons: Sequence[Addon]
    family_account: FamilyAccount | None

    @staticmethod
    def of_year(items: Iterable[_Item], year: int) -> list[_Item]:
        """Leave out what a notice says of other years only."""
        return [item for item in items if item.years is None or year in item.years]


def this_year(file: PackFile) -> Entries:
    """Return the entries of a pack that hold in its year."""
    return Entries(
        rates=Entries.of_year(file.rates, file.year),
        windows=Entries.of_year(file.windows, file.year),
        no_waiting=Entries.of_year(file.no_waiting, file.year),
        identities=Entries.of_year(file.identities, file.year),
        waiting=next(iter(Entries.of_year([file.waiting] if file.waiting else [], file.year)), None),
        incentive=next(iter(Entries.of_year([file.incentive] if file.incentive else [], file.year)), None),
        addons=file.addons,
        family_account=file.family_account,
    )


def holds_any(file: PackFile, held: frozenset[str], named: Iterable[str]) -> bool:
    """Whether one of ``held`` is named, or is a class of one that is named."""
    names = set(named)
    return any(code in names or code.split(".")[0] in names for code in held)


def counted_identities(file: PackFile, person: Person) -> frozenset[str]:
    """The identities that count for subsidies."""
    if file.snapshot is None:
        return frozenset(person.identities)
    then = person.snapshot_identities or frozenset()
    return then if file.snapshot.later == "nothing" else then | person.identities


def is_held(file: PackFile, counted: frozenset[str], code: str) -> bool:
    """Whether an entry of the pack is about somebody: who holds ``code``, or a class of it without its own entry."""
    return any(held == code or entry_for(file, held) == code for held in counted)


def entry_for(file: PackFile, code: str) -> str | None:
    """The identity whose entry a code takes: its own, else that of what it is a class of."""
    codes = _codes_of_entries(file)
    return next((known for known in (code, code.split(".")[0]) if known in codes), None)


def is_unsubsidised(file: PackFile, counted: frozenset[str], code: str) -> bool:
    """Whether the pack has nothing for an identity; one held beside its class is no identity more."""
    classes = {held for held in counted if held.startswith(f"{code}.")}
    return all(entry_for(file, known) is None for known in (code, *classes))


def age_on(born: date, day: date) -> int:
    """Full years of life on ``day``; 0 for who is not yet born."""
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return max(0, day.year - born.year - (0 if had_birthday else 1))


def age_of(file: PackFile, person: Person, day: date) -> int:
    """The age that counts for this pack."""
    if file.ages is not None and file.ages.counted_on == "clearing":
        return age_on(person.birth_on, day)
    if file.ages is not None and isinstance(file.ages.counted_on, date):
        return age_on(person.birth_on, file.ages.counted_on)
    assert file.coverage_year is not None
    return age_on(person.birth_on, file.coverage_year.first_day)


def holds(file: PackFile, person: Person, held: frozenset[str], when: object, day: date) -> bool:
    """Whether all that a condition says is true of this person."""
    assert isinstance(when, When)
    age = age_of(file, person, day)
    said = [
        not when.populations or person.population in when.populations,
        not when.identities or holds_any(file, held, when.identities),
        not holds_any(file, held, when.without),
        when.age_from is None or age >= when.age_from,
        when.age_to is None or age <= when.age_to,
        not when.disability_kinds or (person.disability_kind or 0) in when.disability_kinds,
        not when.disability_grades or (person.disability_grade or 0) in when.disability_grades,
        when.enrolled_last_year is None or person.enrolled_last_year is when.enrolled_last_year,
    ]
    return all(said)


def list_conditions(entry: object) -> Iterator[When]:
    """Every condition anywhere in a pack."""
    if isinstance(entry, When):
        yield entry
    elif isinstance(entry, Entry):
        for name in type(entry).model_fields:
            yield from list_conditions(getattr(entry, name))
    elif isinstance(entry, tuple):
        for item in entry:
            yield from list_conditions(item)


def list_needs(file: PackFile) -> dict[str, tuple[str, ...]]:
    """The facts this pack cannot do without, each with the identities it is needed of (none: of everybody)."""
    here, conditions = this_year(file), list(list_conditions(file))
    cannot_do_without = {
        "missed_years": here.waiting is not None,
        "continuous_years": here.incentive is not None,
        "snapshot_identities": file.snapshot is not None,
        "disability_kind": any(when.disability_kinds for when in conditions),
        "disability_grade": any(when.disability_grades for when in conditions),
        "enrolled_last_year": any(when.enrolled_last_year is not None for when in conditions),
    }
    needs: dict[str, tuple[str, ...]] = {fact: () for fact, needed in cannot_do_without.items() if needed}
    needs.update((fact.fact, fact.identities) for fact in file.facts)
    return needs


def list_problems(file: PackFile, person: Person, day: date) -> set[str]:
    """Everything that makes this row no input; empty for a good one."""
    return {
        *_basic_problems(file, person),
        *_fact_problems(file, person),
        *_number_problems(file, person),
        *_addon_problems(file, person, day),
        *_tier_problems(file, person, day),
    }


def _basic_problems(file: PackFile, person: Person) -> Iterator[str]:
    populations = {*get_vocabulary().populations, *(word.code for word in file.words.populations)}
    if person.population not in populations:
        yield "input.population"
    if not person.identities <= _codes(file):
        yield "input.identities"
    if person.paid_on is not None and person.birth_on > person.paid_on:
        yield "input.birth_after_payment"
    students = file.students
    if students is not None and person.population == students.population:
        years = {students.first_day.year, (person.term_start_on or students.first_day).year}
        if len(years) > 1:
            yield "input.term_start"
    for family in {code.split(".")[0] for code in _codes_of_entries(file) if "." in code}:
        if family not in _codes_of_entries(file):
            mine = counted_identities(file, person)
            if family in mine and not any(code.startswith(f"{family}.") for code in mine):
                yield "input.identity_class"


def _codes(file: PackFile) -> set[str]:
    return {*get_vocabulary().identities, *(word.code for word in file.words.identities)}


def _codes_of_entries(file: PackFile) -> set[str]:
    return {identity.code for identity in this_year(file).identities}


def _fact_problems(file: PackFile, person: Person) -> Iterator[str]:
    for fact, identities in list_needs(file).items():
        wanted = not identities or holds_any(file, person.identities | counted_identities(file, person), identities)
        if wanted and getattr(person, fact) is None:
            yield f"input.{fact}"


def _number_problems(file: PackFile, person: Person) -> Iterator[str]:
    for fact in NUMBERS:
        value = getattr(person, fact)
        if value is not None and not 0 <= value <= LARGEST.get(fact, value):
            yield f"input.{fact}"
    if person.snapshot_identities is not None and not person.snapshot_identities <= _codes(file):
        yield "input.snapshot_identities"
    waiting = this_year(file).waiting
    repaired = person.repaired_years or 0
    # A pack without a waiting period knows nothing of missed years; one without repair takes no money for them.
    if waiting is not None and repaired > (0 if waiting.repair is None else person.missed_years or 0):
        yield "input.repaired_years"


def _addon_problems(file: PackFile, person: Person, day: date) -> Iterator[str]:
    known = {addon.code: addon for addon in file.addons}
    for code in person.addons or frozenset():
        addon = known.get(code)
        if addon is None or (addon.who is not None and not holds(file, person, person.identities, addon.who, day)):
            yield "input.addons"


def _tier_problems(file: PackFile, person: Person, day: date) -> Iterator[str]:
    """No rate for this person in this tier, or an identity that may not choose it."""
    counted = counted_identities(file, person)
    for identity in this_year(file).identities:
        only = identity.only_tier
        refused = only is not None and only.otherwise == "refuse" and only.tier != person.tier
        if only is not None and refused and is_held(file, counted, identity.code):
            yield only.rule or "input.tier"
    for rate in this_year(file).rates:
        meant = rate.when is None or holds(file, person, counted, rate.when, day)
        if meant and (rate.population, rate.tier) == (person.population, person.tier):
            return
    yield "input.tier"
