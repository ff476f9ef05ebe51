"""A pack compiled to small lookup tables, so that a person is a handful of lookups (``decide``).

Money depends on the *cell*: what conditions tell apart of a person, tier, period of the year (deadlines cut it) and
the sets of identities rates ask for. Per cell, each byte of the identity mask has a table of the best rank held.
Cover depends on the *group*, people with the same windows and waiting, and the day of clearing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy.cells import OLDEST, Award, Cell, Profiles, list_periods, list_tiers, list_variants, make_cells
from yingbao.policy.days import DayTables
from yingbao.policy.decide import NO_DAY, NO_TIER, NUMBERS, TABLES, Plan
from yingbao.policy.facts import MOST_ADDONS, Problem
from yingbao.policy.format import PackFile
from yingbao.policy.incentives import Incentives
from yingbao.policy.load import Pack
from yingbao.policy.needs import find_needs
from yingbao.policy.people import to_day
from yingbao.policy.season import MOST_YEARS, Answer
from yingbao.policy.sets import Sets, collect_sets, find_entries

BYTE = 256
MOST_KEYS = 1 << 62
_SPECIAL = ("snapshot", "by_age", "by_disability", "by_enrolled", "waiting", "asks", "extras")
Table = npt.NDArray[Any]


@dataclass(frozen=True)
class Tables:
    """The ``plan`` the rows are decided by, its ``parts`` by name, and what the numbers in it mean."""

    pack: Pack
    plan: Plan
    parts: Mapping[str, Any]
    cells: tuple[Cell, ...]
    answers: tuple[Answer, ...]
    sets: Sets
    incentives: Incentives

    @property
    def first_day(self) -> int:
        """The earliest day any cover can begin."""
        days = [*self.parts["begins"].tolist(), *self.parts["band_begins"].tolist(), self.parts["term_begins"]]
        days += [self.parts["born_first"]] if self.parts["bands"] else []
        return int(min((day for day in days if day != NO_DAY), default=0))

    @property
    def last_day(self) -> int:
        """The last day any cover can end."""
        return int(max(self.parts["ends"]))


def compile_tables(pack: Pack) -> Tables:
    """Compile ``pack``. Raises BadInput where it lacks what no assessment can do without, or combines too much."""
    file = pack.file
    if not file.rates or not file.windows or file.coverage_year is None:
        raise BadInput(say(N_("政策包“{name}”缺少缴费标准、参保时段或保险年度，不能测算"), name=pack.name))
    if len(file.addons) > MOST_ADDONS:
        raise BadInput(say(N_("政策包“{name}”的附加保险最多 {most} 种"), name=pack.name, most=MOST_ADDONS))
    sets = collect_sets(file, pack.vocabulary)
    profiles = Profiles(file, pack.vocabulary)
    incentives = Incentives(file)
    cells = make_cells(file, profiles, sets)
    days = DayTables(file, profiles, sets)
    parts: dict[str, Any] = {
        **_compile_money(pack, cells),
        **_compile_profiles(profiles),
        **days.columns(),
        **_compile_needs(pack),
        **_compile_extras(file, incentives),
    }
    parts |= _compile_cells(file, parts)
    parts |= _compile_sets(pack, sets, parts)
    parts |= _compile_keys(pack, parts, len(cells))
    return Tables(pack, _make_plan(parts), parts, cells, days.answers, sets, incentives)


def _compile_cells(file: PackFile, parts: Mapping[str, Any]) -> dict[str, Any]:
    """Where the cells of a tier, a period and a profile begin, in the order ``make_cells`` makes them."""
    tiers, periods, variants = list_tiers(file), len(list_periods(file)), len(list_variants(file))
    table = np.full(BYTE, NO_TIER, np.int32)
    table[list(tiers)] = np.arange(len(tiers)) * periods * variants
    of_sets = len(tiers) * periods * variants
    return {
        "tier": table,
        "period": parts["period_of"] * variants,
        "money_cells": of_sets,
        "special": any(parts[name] for name in _SPECIAL),
    }


def _compile_keys(pack: Pack, parts: Mapping[str, Any], cells: int) -> dict[str, Any]:
    """How many keys each part of the key stands for. Raises BadInput where there are more than numbers."""
    ranks = parts["rank_count"] ** (2 if parts["ranked"] else 1)
    more = parts["answers"] * 4
    note = more * parts["repaired_sizes"] * parts["addon_sizes"] * parts["incentives"]
    rank = note * parts["note_sets"]
    cell = rank * ranks
    if cell * cells >= MOST_KEYS or parts["rank_count"] > BYTE:
        raise BadInput(say(N_("政策包“{name}”的规则组合过多，无法编译"), name=pack.name))
    return {"more_keys": more, "note_keys": note, "rank_keys": rank, "cell_keys": cell}


def _make_plan(parts: Mapping[str, Any]) -> Plan:
    """Lay the parts out flat, as ``decide`` reads them."""
    tables = [np.asarray(parts[name], np.int32) for name in TABLES]
    starts = np.cumsum([0, *(len(table) for table in tables[:-1])])
    numbers = [int(parts[name]) for name in NUMBERS]
    return Plan(np.array([*numbers, *starts.tolist()], np.int64), np.concatenate(tables), parts["ranks"])


def _compile_money(pack: Pack, cells: tuple[Cell, ...]) -> dict[str, Any]:
    file = pack.file
    codes = list(pack.vocabulary.identities)
    found = find_entries(file, pack.vocabulary)
    entries = [found[code].code if code in found else "" for code in codes]
    ranks = max(len(cell.ranking) for cell in cells) + 1
    ranked = file.several is not None and file.several.choose == "ranked"
    rankings = [cell.ranking for cell in cells] + ([cell.highest for cell in cells] if ranked else [])
    return {
        "cell_ranks": _count_parts(codes) * BYTE,
        "rank_count": ranks,
        "ranked": ranked,
        "best": len(cells) * _count_parts(codes) * BYTE,
        "ranks": _rank_tables(rankings, entries, ranks - 1),
        "subsidised": pack.vocabulary.mask(found),
        "snapshot": 0 if file.snapshot is None else 1 if file.snapshot.later == "nothing" else 2,
    }


def _rank_tables(rankings: Iterable[tuple[Award, ...]], entries: list[str], nothing: int) -> Table:
    """Return cell × part × byte: the best rank among the identities of the byte; ``entries``: what each goes by."""
    tables = []
    for ranking in rankings:
        rank = {award.identity.code: place for place, award in reversed(list(enumerate(ranking)))}
        tables.append(_over_bytes([rank.get(entry, nothing) for entry in entries], nothing, np.minimum))
    return np.concatenate(tables).astype(np.uint8)


def _over_bytes(values: list[int], empty: int, join: np.ufunc) -> Table:
    """Return part × byte: the ``values`` of the identities whose bits are set, joined."""
    parts = _count_parts(values)
    table = np.full((parts, BYTE), empty, np.int64)
    held = _bits_held()
    for place, value in enumerate(values):
        part, bit = divmod(place, 8)
        if value != empty:
            table[part][held[bit]] = join(table[part][held[bit]], value)
    return table.reshape(-1)


def _count_parts(codes: list[Any]) -> int:
    return (len(codes) + 7) // 8


@cache
def _bits_held() -> list[npt.NDArray[np.bool_]]:
    return [(np.arange(BYTE) >> bit & 1).astype(np.bool_) for bit in range(8)]


def _compile_sets(pack: Pack, sets: Sets, parts: Mapping[str, Any]) -> dict[str, Any]:
    codes = list(pack.vocabulary.identities)
    counted = [sets.notes_of(code, counted=True) for code in codes]
    held = [sets.notes_of(code, counted=False) for code in codes]
    if pack.file.snapshot is None:  # one look at the mask tells both
        counted = [one | other for one, other in zip(counted, held, strict=True)]
    return {
        "notes": _over_bytes(counted, 0, np.bitwise_or).astype(np.int32),
        "notes_held": _over_bytes(held, 0, np.bitwise_or).astype(np.int32),
        "money_of": sets.pack(sets.money) * parts["money_cells"],
        "profile_cells": parts["money_cells"] << len(sets.money),
        "cover_of": sets.pack(sets.cover),
        "covers": 1 << len(sets.cover),
        "note_sets": sets.size,
    }


def _compile_profiles(profiles: Profiles) -> dict[str, Any]:
    ages = profiles.file.ages
    year = profiles.file.coverage_year
    fixed = ages.counted_on if ages and isinstance(ages.counted_on, date) else year.first_day if year else None
    on_clearing = ages is not None and ages.counted_on == "clearing"
    pairs = [(kind, grade) for kind in range(8) for grade in range(5)]
    return {
        "by_age": len(profiles.ages) > 1,
        "age_day": NO_DAY if on_clearing else to_day(fixed),
        "age_classes": len(profiles.ages),
        "age_class": np.array([profiles.age_class(age) for age in range(OLDEST)], np.int32),
        "by_disability": len(profiles.disabilities) > 1,
        "disability_classes": len(profiles.disabilities),
        "disability_class": np.array([profiles.disability_class(*pair) for pair in pairs], np.int32),
        "by_enrolled": len(profiles.last_years) > 1,
    }


def _compile_needs(pack: Pack) -> dict[str, Any]:
    always, of_holders = find_needs(pack.file)
    codes = list(pack.vocabulary.identities)
    needs = [0] * len(codes)
    for fact, asked in of_holders.items():
        for place, code in enumerate(codes):
            if code in pack.vocabulary.family(asked):
                needs[place] |= int(Problem[fact.upper()])
    needed = sum(int(Problem[fact.upper()]) for fact in always)
    return {
        "asks": bool(needed or any(needs)),
        "needed": needed,
        "needs": _over_bytes(needs, 0, np.bitwise_or).astype(np.int32),
    }


def _compile_extras(file: PackFile, incentives: Incentives) -> dict[str, Any]:
    repairs = file.waiting is not None and file.waiting.repair is not None
    return {
        "repairs": repairs,
        "extras": repairs or bool(file.addons) or file.incentive is not None,
        "repaired_sizes": MOST_YEARS if repairs else 1,
        "addon_sizes": 1 << len(file.addons),
        "incentives": len(incentives.amounts),
        "incentive": np.array(incentives.classes, np.int32),
    }
