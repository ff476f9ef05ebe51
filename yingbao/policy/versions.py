"""A pack and what it amends, answering together: each version for what was cleared in its days.

All versions share the words of the newest: who holds an identity that came in with an amendment is no stranger to the
version before it, that version just gives nothing for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from yingbao.policy.book import NOTHING, Ints
from yingbao.policy.engine import Assessment, Engine
from yingbao.policy.facts import MOST_ADDONS, Problem
from yingbao.policy.load import Pack
from yingbao.policy.outcomes import Outcome
from yingbao.policy.people import NO_DAY, People, to_day
from yingbao.policy.tables import Tables, compile_tables

NEVER = int(np.iinfo(np.int32).max)


class Version(NamedTuple):
    """A pack by itself, and from which day of clearing on it answers (None: from the beginning)."""

    first_day: date | None
    pack: Pack


def list_versions(pack: Pack) -> tuple[Version, ...]:
    """Return the packs that answer for ``pack``, each by itself and with the newest one's words, the oldest first."""
    words = pack.file.words
    return tuple(
        Version(day, replace(one, file=one.file.model_copy(update={"words": words, "amends": None}), amended=None))
        for day, one in pack.versions
    )


def list_addons(versions: Sequence[Version]) -> tuple[str, ...]:
    """Return the codes of the add-ons any version knows, the newest's first: the bits of the input's ``addons``."""
    return tuple(dict.fromkeys(addon.code for version in reversed(versions) for addon in version.pack.file.addons))


class JoinedBook:
    """The outcomes of several versions, numbered as they are met; ``versions`` tells which version each is of."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = engines
        self._numbers: list[dict[int, int]] = [{} for _ in engines]
        self._lock = Lock()
        self.extra_names = tuple(dict.fromkeys(name for engine in engines for name in engine.extra_names))
        self.outcomes: list[Outcome] = []
        self.versions: list[int] = []

    def find(self, version: int, numbers: Ints) -> Ints:
        """Return the numbers in this book of outcomes of one version's book."""
        distinct, places = np.unique(numbers, return_inverse=True)
        with self._lock:
            joined = [self._enter(version, number) for number in distinct.tolist()]
        return np.array(joined, np.int32).take(places)

    def _enter(self, version: int, number: int) -> int:
        known = self._numbers[version]
        if number not in known:
            known[number] = len(self.outcomes)
            engine = self._engines[version]
            outcome = engine.book.outcomes[number]
            extras = dict(zip(engine.extra_names, outcome.extras, strict=False))
            self.versions.append(version)
            self.outcomes.append(replace(outcome, extras=tuple(extras.get(name) for name in self.extra_names)))
        return known[number]

    def amounts(self, field: str) -> Ints:
        """Return an amount column of all outcomes, -1 where not known."""
        values = [getattr(outcome, field) for outcome in self.outcomes]
        return np.array([NOTHING if value is None else value for value in values], np.int32)

    def ends(self) -> Ints:
        """Return the last days of all outcomes."""
        return np.array([outcome.ends for outcome in self.outcomes], np.int32)


class VersionedEngine:
    """Assesses columns of people, each by the version of the day it was cleared on, or is asked for."""

    def __init__(self, versions: Sequence[Version]) -> None:
        codes = list_addons(versions)
        self._firsts = [to_day(version.first_day) for version in versions]
        self._engines = [Engine(compile_tables(version.pack)) for version in versions]
        self._addons = [_AddonTable(codes, version.pack) for version in versions]
        self.book = JoinedBook(self._engines)
        self.extra_names = self.book.extra_names
        self.tables = _join_tables([engine.tables for engine in self._engines])

    def assess(self, people: People, *, as_of: date, threads: int | None = None) -> Assessment:
        """Assess ``people``; who has not paid gets the amounts of ``as_of`` and no cover."""
        day = np.where(people.paid == NO_DAY, np.int32(to_day(as_of)), people.paid)
        numbers, begins = np.zeros(len(people), np.int32), np.full(len(people), NO_DAY, np.int32)
        balances: npt.NDArray[np.int64] | None = None
        for version, engine in enumerate(self._engines):
            past = self._firsts[version + 1] if version + 1 < len(self._firsts) else NEVER
            rows = np.flatnonzero((day >= self._firsts[version]) & (day < past))
            if not len(rows):
                continue
            found = engine.assess(self._addons[version].translate(people.take(rows)), as_of=as_of, threads=threads)
            numbers[rows], begins[rows] = self.book.find(version, found.numbers), found.begins
            if found.balances is not None:
                balances = np.zeros(len(people), np.int64) if balances is None else balances
                balances[rows] = found.balances
        return Assessment(numbers, begins, self.book, self.extra_names, balances)


@dataclass(frozen=True)
class _JoinedTables(Tables):
    """The newest version's tables, and from and to which day any version's cover can last."""

    earliest: int
    latest: int

    @property
    def first_day(self) -> int:
        return self.earliest

    @property
    def last_day(self) -> int:
        return self.latest


def _join_tables(tables: Sequence[Tables]) -> Tables:
    newest = {field.name: getattr(tables[-1], field.name) for field in fields(Tables)}
    first, last = min(one.first_day for one in tables), max(one.last_day for one in tables)
    return _JoinedTables(**newest, earliest=first, latest=last)


class _AddonTable:
    """Puts the set of add-ons somebody chose into the order of one version; what it does not offer is a problem."""

    def __init__(self, codes: Sequence[str], pack: Pack) -> None:
        own = {addon.code: 1 << place for place, addon in enumerate(pack.file.addons)}
        sets: Any = range(1 << min(len(codes), MOST_ADDONS))
        named = [[code for place, code in enumerate(codes) if chosen >> place & 1] for chosen in sets]
        self._bits = np.array([sum(own.get(code, 0) for code in one) for one in named], np.uint8)
        self._unknown = np.array([any(code not in own for code in one) for one in named])
        self._same = bool((self._bits == np.arange(len(named))).all())

    def translate(self, people: People) -> People:
        """Return ``people`` as the version sees them."""
        if self._same or "addons" not in people.facts:
            return people
        chosen = people.facts["addons"]
        problems = people.problems.astype(np.uint32) if len(people.problems) else np.zeros(len(people), np.uint32)
        problems = problems | np.where(self._unknown.take(chosen), np.uint32(Problem.ADDONS), np.uint32(0))
        return replace(people, problems=problems, facts={**people.facts, "addons": self._bits.take(chosen)})
