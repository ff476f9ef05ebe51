"""People drawn at random for a pack: days near its edges, and now and then a fact missing or making no sense."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from tests.policy.reader_facts import list_conditions
from yingbao.policy import Person
from yingbao.policy.format import PackFile

T = TypeVar("T")


def list_codes(file: PackFile) -> list[str]:
    """Return the identities people may hold: what the pack names, its own words, and some it gives nothing."""
    named = {code for when in list_conditions(file) for code in (*when.identities, *when.without)}
    named |= {code for group in file.no_waiting for code in group.identities}
    own = {entry.code for entry in file.identities} | {word.code for word in file.words.identities}
    return sorted(named | own | {"poor_student", "dibao"})


def list_edges(entry: object) -> Iterator[date]:
    """Yield every day written in a pack."""
    if isinstance(entry, date):
        yield entry
    elif isinstance(entry, dict):
        for value in entry.values():
            yield from list_edges(value)
    elif isinstance(entry, list | tuple):
        for value in entry:
            yield from list_edges(value)


def draw_people(file: PackFile, seed: int, count: int) -> list[Person]:
    """Return ``count`` people whom the pack's edges concern, the same for the same seed."""
    chance = random.Random(seed)
    edges = _edges_near(file)
    return [_person(file, chance, edges) for _ in range(count)]


def draw_day(file: PackFile, seed: int) -> date:
    """Return a day on which amounts may be asked for."""
    chance = random.Random(seed)
    return _near(chance, _edges_near(file))


def _edges_near(file: PackFile) -> list[date]:
    return sorted({day for day in list_edges(file.model_dump()) if abs(day.year - file.year) <= 1})


def _near(chance: random.Random, edges: list[date]) -> date:
    if chance.random() < 0.6:
        return chance.choice(edges) + timedelta(days=chance.choice((-1, 0, 0, 1)))
    return edges[0] + timedelta(days=chance.randrange((edges[-1] - edges[0]).days + 60))


def _birth(chance: random.Random, paid: date, year: int) -> date:
    draw = chance.random()
    if draw < 0.25:
        return paid - timedelta(days=chance.choice((0, 1, 28, 29, 59, 90, 91, 92, 150, 180, 181, 184, 365, -1, 30)))
    if draw < 0.35:
        return date(year - 1, 9, 20) + timedelta(days=chance.randrange(450))
    if draw < 0.6:
        years = chance.choice((6, 17, 18, 59, 60, 61))
        return date(year - years, chance.choice((1, 1, 9, 12)), 1) + timedelta(days=chance.choice((-1, 0, 30)))
    return date(year - 90, 1, 1) + timedelta(days=chance.randrange(32000))


def _person(file: PackFile, chance: random.Random, edges: list[date]) -> Person:
    day = _near(chance, edges)
    missed, codes = chance.choice((0, 0, 0, 1, 2, 4, 6)), list_codes(file)
    facts: dict[str, Any] = {
        "disability_kind": chance.choice((0, 0, 1, 4, 5, 6)),
        "disability_grade": chance.choice((0, 0, 1, 2, 3, 4)),
        "missed_years": missed,
        "repaired_years": _repaired(file, chance, missed),
        "continuous_years": chance.choice((0, 1, 4, 5, 20)),
        "years_without_claims": chance.choice((None, 0, 1, 10)),
        "enrolled_last_year": chance.random() < 0.5,
        "addons": frozenset(_some(chance, [addon.code for addon in file.addons], (0, 0, 0, 1))) or None,
        "payer_account_fen": chance.choice((None, 0, 5000, 1_000_000)),
        "snapshot_identities": frozenset(_some(chance, codes, (0, 1, 2))),
    }
    if chance.random() < 0.1:
        facts[chance.choice(list(facts))] = None
    if chance.random() < 0.03:
        facts |= _nonsense(chance)
    return Person(
        birth_on=_birth(chance, day, file.year),
        population=chance.choice([*sorted({rate.population for rate in file.rates}), "resident", "resident"]),
        tier=chance.choice([rate.tier for rate in file.rates]) if chance.random() < 0.97 else 3,
        identities=frozenset(_some(chance, codes, (0, 0, 1, 1, 2, 3))),
        paid_on=day if chance.random() < 0.9 else None,
        graduating=chance.random() < 0.3,
        term_start_on=None
        if chance.random() < 0.7
        else date(file.year - 1, 8, 20) + timedelta(days=chance.randrange(40)),
        **facts,
    )


def _repaired(file: PackFile, chance: random.Random, missed: int) -> int | None:
    if file.waiting is None or file.waiting.repair is None:
        return 1 if missed and chance.random() < 0.02 else chance.choice((None, 0))
    return chance.choice((None, 0, 0, 0, missed, chance.randrange(missed + 1)))


def _nonsense(chance: random.Random) -> dict[str, Any]:
    return chance.choice(
        (
            {"missed_years": 1, "repaired_years": 2},
            {"snapshot_identities": frozenset({"knight"})},
            {"addons": frozenset({"dental"})},
            {"disability_kind": 8},
            {"disability_grade": 5},
        )
    )


def _some(chance: random.Random, choices: Sequence[T], counts: tuple[int, ...]) -> list[T]:
    return chance.sample(list(choices), min(len(choices), chance.choice(counts)))
