"""Who of the town has which identity: quotas of a plausible size, and conditions that the people really meet.

Codes are those of the policy vocabulary that liangping-2023 subsidises. Civil affairs gives one of its identities
to a person, rural revitalisation one of its own, as those departments would; across departments they overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from yingbao.demo.people import SEASON_BEGIN, Household, Mark, Resident
from yingbao.kernel.certificates import Form
from yingbao.kernel.periods import full_years

# Persons by identity. Together some 8,000 marks on about one resident in eight.
QUOTAS = {
    "extreme_poverty": 470,
    "orphan": 24,
    "dibao": 1850,
    "dibao_marginal": 450,
    "entitled_group": 260,
    "old_demobilised_veteran": 16,
    "disabled_1_2": 860,
    "family_planning_reward": 1150,
    "family_planning_special": 150,
    "only_child_disability": 45,
    "family_planning_complication": 18,
    "returned_to_poverty": 28,
    "unstable_lifted": 230,
    "marginal_prone": 240,
    "sudden_hardship": 90,
    "stable_lifted": 2450,
}
CIVIL_AFFAIRS = ("extreme_poverty", "orphan", "dibao", "dibao_marginal")
REVITALISATION = ("returned_to_poverty", "unstable_lifted", "marginal_prone", "sudden_hardship", "stable_lifted")
_DIBAO_MEMBER_ALONE = 0.18  # 单人保: one member of a household drawn without the others
_POOR_WEIGHT = 6.0  # how much likelier a dibao household is also on the lists of rural revitalisation


def assign(
    households: Sequence[Household], residents: Sequence[Resident], rng: np.random.Generator
) -> tuple[Mark, ...]:
    """Return the marks of the town, ordered by person."""
    chosen = _Choice(households, residents, rng)
    _choose_poor(chosen)
    _choose_disabled(chosen)
    _choose_veterans(chosen)
    _choose_lifted(chosen)
    _choose_families(chosen)
    return tuple(sorted(chosen.marks))


class _Choice:
    """The marks so far, and the two ways of choosing: people and whole households."""

    def __init__(
        self, households: Sequence[Household], residents: Sequence[Resident], rng: np.random.Generator
    ) -> None:
        self.households, self.residents, self.rng = households, residents, rng
        self.ages = [full_years(r.born_on, SEASON_BEGIN) for r in residents]
        self.marks: list[Mark] = []
        self.holders: dict[str, set[int]] = {code: set() for code in QUOTAS}

    def members(self, home: Household) -> range:
        return range(home.first, home.first + home.size)

    def holds(self, person: int, codes: Iterable[str]) -> bool:
        return any(person in self.holders[code] for code in codes)

    def mark(self, code: str, person: int, *, disability: str = "", focus: str = "") -> None:
        if person not in self.holders[code] and self.residents[person].form is Form.ID_CARD:
            self.holders[code].add(person)
            self.marks.append(Mark(person, code, disability, focus))

    def open(self, code: str) -> bool:
        return len(self.holders[code]) < QUOTAS[code]

    def people(self, fits: Callable[[int], bool], weigh: Callable[[int], float] = lambda _: 1.0) -> list[int]:
        """Return the people who fit, shuffled, the weightier earlier as a rule."""
        return self._shuffled([i for i in range(len(self.residents)) if fits(i)], weigh)

    def homes(self, fits: Callable[[Household], bool], weigh: Callable[[int], float]) -> list[Household]:
        """Return the households that fit, shuffled; ``weigh`` takes the number of the head."""
        firsts = {home.first: home for home in self.households if fits(home)}
        return [firsts[first] for first in self._shuffled(list(firsts), weigh)]

    def _shuffled(self, candidates: list[int], weigh: Callable[[int], float]) -> list[int]:
        weights = np.array([weigh(i) for i in candidates])
        keys = self.rng.random(len(candidates)) ** (1 / weights)
        return [candidates[k] for k in np.argsort(-keys, kind="stable").tolist()]


# --- civil affairs --------------------------------------------------------------------------------------------------


def _choose_poor(chosen: _Choice) -> None:
    ages, residents = chosen.ages, chosen.residents
    alone = {home.first for home in chosen.households if home.size == 1}
    for person in chosen.people(
        lambda i: i in alone and ages[i] >= 60 and residents[i].is_eligible,
        lambda i: 6.0 if residents[i].is_male else 1.0,
    ):
        if chosen.open("extreme_poverty"):
            chosen.mark("extreme_poverty", person, focus="分散供养" if person % 4 else "集中供养")
    _choose_orphans(chosen)
    for code in ("dibao", "dibao_marginal"):
        _choose_poor_households(chosen, code)


def _choose_orphans(chosen: _Choice) -> None:
    """Children under 18 whom only their grandparents' household holds."""

    def has_lost_both(home: Household) -> bool:
        relations = {chosen.residents[i].relation for i in chosen.members(home)}
        return "grandchild" in relations and relations <= {"head", "spouse", "grandchild"}

    for home in chosen.homes(has_lost_both, lambda _: 1.0):
        for person in chosen.members(home):
            young = chosen.residents[person].relation == "grandchild" and chosen.ages[person] < 18
            if young and chosen.open("orphan"):
                chosen.mark("orphan", person)


def _choose_poor_households(chosen: _Choice, code: str) -> None:
    def fits(home: Household) -> bool:
        members = chosen.members(home)
        free = not any(chosen.holds(i, CIVIL_AFFAIRS) for i in members)
        return free and all(chosen.residents[i].is_eligible for i in members)

    for home in chosen.homes(fits, lambda head: 2.5 if chosen.ages[head] >= 60 else 1.0):
        if not chosen.open(code):
            return
        is_alone = home.size > 1 and chosen.rng.random() < _DIBAO_MEMBER_ALONE
        people = chosen.members(home)
        for person in [people[int(chosen.rng.random() * home.size)]] if is_alone else people:
            chosen.mark(code, person, focus=_focus(chosen.ages[person]) if code == "dibao" else "")


def _focus(age: int) -> str:
    return "70岁以上老年人" if age >= 70 else "未成年人" if age < 18 else ""


# --- disabled persons' federation, veterans -------------------------------------------------------------------------


def _choose_disabled(chosen: _Choice) -> None:
    poor = chosen.holders["dibao"] | chosen.holders["extreme_poverty"]
    candidates = chosen.people(
        lambda i: chosen.residents[i].is_eligible,
        lambda i: (4.0 if i in poor else 1.0) * (1 + chosen.ages[i] / 40),
    )
    for person in candidates[: QUOTAS["disabled_1_2"]]:
        kind, grade = 1 + int(chosen.rng.random() * 7), 1 if chosen.rng.random() < 0.35 else 2
        chosen.mark("disabled_1_2", person, disability=f"{kind}{grade}")


def _choose_veterans(chosen: _Choice) -> None:
    def is_man_of(low: int, high: int) -> Callable[[int], bool]:
        return lambda i: (
            chosen.residents[i].is_male and low <= chosen.ages[i] < high and chosen.residents[i].is_eligible
        )

    # Demobilised by 1954, so nobody under 85 can be one.
    for person in chosen.people(is_man_of(86, 100))[: QUOTAS["old_demobilised_veteran"]]:
        chosen.mark("old_demobilised_veteran", person)
    for person in chosen.people(is_man_of(45, 86), lambda i: 3.0 if chosen.ages[i] >= 60 else 1.0):
        if chosen.open("entitled_group"):
            chosen.mark("entitled_group", person)


# --- rural revitalisation -------------------------------------------------------------------------------------------


def _choose_lifted(chosen: _Choice) -> None:
    def fits(home: Household) -> bool:
        return not any(chosen.holds(i, REVITALISATION) for i in chosen.members(home))

    def weigh(head: int) -> float:
        return _POOR_WEIGHT if chosen.holds(head, ("dibao",)) else 1.0

    for code in REVITALISATION:
        for home in chosen.homes(fits, weigh):
            if not chosen.open(code):
                break
            for person in chosen.members(home):
                chosen.mark(code, person)


# --- health: families under the family-planning rules ---------------------------------------------------------------


def _choose_families(chosen: _Choice) -> None:
    _choose_couples(chosen, "family_planning_reward", 60, 95, with_children=False)
    _choose_couples(chosen, "family_planning_special", 49, 90, with_children=True)
    _choose_couples(chosen, "only_child_disability", 42, 62, with_children=True)
    women = chosen.people(
        lambda i: (
            not chosen.residents[i].is_male
            and 45 <= chosen.ages[i] < 75
            and chosen.residents[i].relation in ("head", "spouse")
        )
    )
    for person in women[: QUOTAS["family_planning_complication"]]:
        chosen.mark("family_planning_complication", person)


def _choose_couples(chosen: _Choice, code: str, low: int, high: int, *, with_children: bool) -> None:
    families = ("family_planning_reward", "family_planning_special", "only_child_disability")
    for home in chosen.homes(lambda home: low <= chosen.ages[home.first] < high, lambda _: 1.0):
        if not chosen.open(code):
            return
        if any(chosen.holds(i, families) for i in chosen.members(home)):
            continue
        for person in chosen.members(home):
            relation = chosen.residents[person].relation
            is_parent = relation in ("head", "spouse") and chosen.ages[person] >= low
            if is_parent or (with_children and relation == "child"):
                chosen.mark(code, person)
