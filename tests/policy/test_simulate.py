"""Simulation is assessment added up: over cells it says what going through everybody one by one says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.small import PER_YEAR, small_pack, write_pack
from yingbao.kernel.errors import BadInput
from yingbao.policy import Person, Policy, get_policy, get_vocabulary
from yingbao.policy.people_files import read_population
from yingbao.policy.population import Births, Counted, Population, births_that_matter, gather_population
from yingbao.policy.simulate import Line, Money, Simulation, Swing, add_lines, simulate
from yingbao.policy.whatif import what_if

PACK = "liangping-2023"
CODES = sorted(get_vocabulary().identities)
PLACES = ("东村", "西村", "远村")

persons = st.builds(
    Person,
    birth_on=st.dates(date(1930, 1, 1), date(2023, 12, 31)),
    population=st.sampled_from(["resident", "resident", "university_student"]),
    tier=st.sampled_from([1, 1, 2]),
    identities=st.frozensets(st.sampled_from(CODES), max_size=3),
    paid_on=st.none() | st.dates(date(2022, 10, 1), date(2023, 10, 31)),
    graduating=st.booleans(),
)
rates, percents = st.integers(0, 900), st.integers(0, 100)


def gather(people: Sequence[Person], *policies: Policy, divisions: Sequence[int] | None = None) -> Population:
    """Return people as a population, each in the division of its number."""
    columns = policies[0].gather(people)
    where = np.array(divisions or [n % len(PLACES) for n in range(len(people))], np.int32)
    counted = Counted(columns, where, np.ones(len(people), np.int64))
    return gather_population([counted], PLACES, births_that_matter(*policies))


def one_by_one(before: Policy, after: Policy, people: Sequence[Person]) -> Line:
    """Add everybody up, person by person."""
    old, new, swing = Money(), Money(), Swing()
    for person in people:
        was, becomes = before.assess(person), after.assess(person, as_of=before.default_as_of)
        for decision, is_new in ((was, False), (becomes, True)):
            if decision.payable_fen is None:
                continue
            fiscal = decision.fiscal_subsidy_fen
            one = Money(1, decision.payable_fen, decision.subsidy_fen or 0, fiscal or 0, int(fiscal is None))
            old, new = (old, new + one) if is_new else (old + one, new)
        if was.payable_fen is None or becomes.payable_fen is None:
            swing += Swing(uncompared=int(was.payable_fen != becomes.payable_fen))
            continue
        more = becomes.payable_fen - was.payable_fen
        swing += Swing(more < 0, -min(more, 0), more > 0, max(more, 0), more == 0)
    return Line("", old, new, swing)


@given(st.lists(persons, min_size=1, max_size=30), rates, percents)
@settings(max_examples=25, deadline=None)
def test_cells_say_what_everybody_one_by_one_says(people: list[Person], rate: int, percent: int) -> None:
    before = get_policy(PACK)
    after = what_if(before, {"rates.resident.1": rate, "identities.dibao.subsidies.1.percent": percent})
    found = simulate(before, after, gather(people, before, after))
    assert found.total == one_by_one(before, after, people)
    assert found.persons == len(people)


@given(st.lists(persons, min_size=1, max_size=30), rates)
@settings(max_examples=15, deadline=None)
def test_every_way_of_looking_adds_up_to_the_same(people: list[Person], rate: int) -> None:
    before = get_policy(PACK)
    found = simulate(before, what_if(before, {"rates.resident.1": rate}), gather(people, before))
    for lines in (found.by_identity, found.by_tier, found.by_department, found.by_division):
        assert add_lines("", lines) == found.total
    assert sum(found.steps.values()) == found.total.swing.winners + found.total.swing.losers
    assert sum(fen * n for fen, n in found.steps.items()) == found.total.swing.lost_fen - found.total.swing.won_fen
    unknown = sum(found.unassessed_before.values())
    assert found.total.before.persons + unknown == len(people)


@given(st.lists(persons, max_size=20))
@settings(max_examples=10, deadline=None)
def test_the_same_policy_changes_nothing(people: list[Person]) -> None:
    policy = get_policy(PACK)
    found = simulate(policy, policy, gather(people, policy))
    assert found.total.before == found.total.after and found.steps == {}
    assert not any(line.changed for line in (*found.by_identity, *found.by_division))


def test_money_goes_to_who_pays_it_before_and_after() -> None:
    """350 in tier 1; dibao 315 by medical assistance, family planning 350 by health."""
    before = get_policy(PACK)
    after = what_if(before, {"identities.family_planning_reward.subsidies.1.amount": 300})
    both = Person(date(1960, 1, 1), identities=frozenset({"dibao", "family_planning_reward"}))
    found = simulate(before, after, gather([both, both, Person(date(1980, 1, 1))], before))
    departments = {line.key: line for line in found.by_department}
    assert departments["health"].before.department_fen == 70_000
    assert departments["health"].after.department_fen == 0
    assert departments["medical_assistance"].after.department_fen == 63_000
    assert departments[""].before.persons == departments[""].after.persons == 1
    assert [line.key for line in found.by_identity] == ["family_planning_reward", "dibao", ""]  # the pack's order
    identities = {line.key: line for line in found.by_identity}
    assert identities["family_planning_reward"].swing == Swing(losers=2, lost_fen=7_000)
    assert identities["dibao"].swing == Swing()
    assert found.steps == {3_500: 2}


def test_divisions_keep_their_own_money() -> None:
    before = get_policy(PACK)
    people = [Person(date(1980, 1, 1), tier=tier) for tier in (1, 1, 2)]
    found = simulate(before, what_if(before, {"rates.resident.1": 360}), gather(people, before, divisions=[0, 0, 1]))
    by_place = {line.key: line for line in found.by_division}
    assert by_place["东村"].before.personal_fen == 70_000 and by_place["东村"].swing.losers == 2
    assert by_place["西村"].after.personal_fen == 72_500 and by_place["西村"].swing.losers == 0
    assert by_place["远村"].before.persons == 0


def test_who_can_pay_under_one_policy_only_is_not_compared() -> None:
    before = get_policy(PACK)
    after = what_if(before, {"windows.march-september.last_day": "2023-08-31"})
    late = Person(date(1980, 1, 1), paid_on=date(2023, 9, 15))
    found = simulate(before, after, gather([late], before, after))
    assert found.total.swing == Swing(uncompared=1)
    assert found.unassessed_before == {} and list(found.unassessed_after.values()) == [1]
    assert "window.closed" in next(iter(found.unassessed_after))


def test_nobody_at_all_is_a_population_too() -> None:
    policy = get_policy(PACK)
    found = simulate(policy, policy, gather([], policy))
    assert found.total == Line("") and found.persons == 0


# ---------------------------------------------------------------- cells


def test_a_district_is_few_cells() -> None:
    policy = get_policy(PACK)
    births = [date(1950, 1, 1) + timedelta(days=n) for n in range(1000)]
    population = gather([Person(day) for day in births], policy, divisions=[0] * 1000)
    assert len(population.cells) == 1 and population.count.tolist() == [1000]
    assert population.persons == 1000


def by_age(tmp_path: Path, counted_on: str | date) -> Policy:
    """A pack whose rate is 400, and 100 from 60 on; ages counted on a day or on the day of clearing."""
    rate = {"population": "resident", "tier": 1, "unit": PER_YEAR, "rule": "X-1"}
    year = {"first_day": date(2030, 1, 1), "last_day": date(2030, 12, 31)}
    rates = ({**rate, **year, "amount": 100, "when": {"age_from": 60}}, {**rate, **year, "amount": 400})
    ages = {"counted_on": counted_on, "rule": "X-1"}
    return write_pack(tmp_path, {**small_pack(), "rates": list(rates), "ages": ages})


@pytest.mark.parametrize("counted_on", ["clearing", date(2030, 1, 1), date(2028, 2, 29)])
def test_ages_that_decide_are_kept_apart(tmp_path: Path, counted_on: str | date) -> None:
    before = by_age(tmp_path, counted_on)
    after = what_if(before, {"rates.resident.1": 50})
    births = [date(year, 1, 1) + timedelta(days=n) for year in (1955, 1968, 1969, 1970, 1971) for n in range(0, 365, 3)]
    births += [date(1968, 2, 28), date(1968, 2, 29), date(1968, 3, 1), date(1970, 1, 1), date(1970, 1, 2)]
    cleared = [None, date(2029, 10, 1), date(2029, 12, 31), date(2030, 3, 1)]
    people = [Person(birth, paid_on=day) for birth, day in product(births, cleared)]
    population = gather(people, before)
    assert simulate(before, after, population).total == one_by_one(before, after, people)
    assert len(population.cells) < len(people)


def test_a_population_made_for_other_ages_is_refused(tmp_path: Path) -> None:
    plain, aged = write_pack(tmp_path, small_pack()), by_age(tmp_path, date(2030, 1, 1))
    population = gather([Person(date(1970, 1, 1))], plain)
    with pytest.raises(BadInput):
        simulate(plain, aged, population)
    older = what_if(aged, {"rates.resident.1.when.age_from": 65})
    with pytest.raises(BadInput):
        simulate(aged, older, gather([Person(date(1970, 1, 1))], aged))
    assert simulate(aged, older, gather([Person(date(1967, 1, 1))], aged, older)).total.swing.losers == 1


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 50)), min_size=1, max_size=5),
    st.lists(st.integers(-100, 600), min_size=2, max_size=20),
)
def test_births_are_moved_within_their_gap_only(spans: list[tuple[int, int]], days: list[int]) -> None:
    zones: list[tuple[int, int]] = []
    for begin, length in sorted(spans):
        if not zones or begin > zones[-1][1]:
            zones.append((begin, begin + length))
    births = Births(tuple(zones))
    simple = births.simplify(np.array(days, np.int32)).tolist()
    for day, moved in zip(days, simple, strict=True):
        assert [day < begin for begin, _ in zones] == [moved < begin for begin, _ in zones]
        assert [day < end for _, end in zones] == [moved < end for _, end in zones]
        if any(begin <= day < end for begin, end in zones):
            assert day == moved
    assert births.serves(births) and births.serves(Births(tuple(zones[:1])))


def test_groups_come_together_whatever_their_order() -> None:
    policy = get_policy(PACK)
    people = [Person(date(1980, 1, 1), tier=1 + n % 2) for n in range(10)]
    births = births_that_matter(policy)
    parts = [
        Counted(policy.gather(part), np.zeros(len(part), np.int32), np.full(len(part), 3, np.int64))
        for part in (people[:4], people[4:7], people[7:])
    ]
    one, other = (gather_population(order, ["x"], births) for order in (parts, parts[::-1]))
    assert sorted(one.count.tolist()) == sorted(other.count.tolist()) == [15, 15]


# ---------------------------------------------------------------- files

HEAD = "person_id,birth_date,population,tier,identities,paid_on,division"


def write(path: Path, *rows: str, head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def of_file(path: Path) -> Simulation:
    before = get_policy(PACK)
    after = what_if(before, {"rates.resident.1": 400})
    return simulate(before, after, read_population(path, before, births_that_matter(before, after)))


def test_a_file_is_counted_by_its_divisions(tmp_path: Path) -> None:
    rows = [f"{n},1980-01-0{1 + n % 9},resident,1,{'dibao' if n % 3 else ''},2022-12-01,{n % 2}" for n in range(90)]
    found = of_file(write(tmp_path / "people.csv", *rows))
    assert {line.key: line.before.persons for line in found.by_division} == {"0": 45, "1": 45}
    assert found.total.before.department_fen == 60 * 31_500
    assert found.total.swing.losers == 90  # dibao: 90% of 50 more is not all of it


def test_a_file_needs_no_divisions_and_its_bad_rows_are_counted_apart(tmp_path: Path) -> None:
    rows = ["1,1980-01-01,resident,1,,", "2,1980-01-01,martian,1,,", "3,,resident,1,,", "4,1980-01-01,resident,7,,"]
    found = of_file(write(tmp_path / "people.csv", *rows, head=HEAD.removesuffix(",division")))
    assert found.persons == 4 and found.total.before.persons == 1
    assert sum(found.unassessed_after.values()) == 3
    assert [line.key for line in found.by_division] == [""]
    reasons = Counter(found.unassessed_before)
    assert reasons["input.birth_date"] == reasons["input.tier"] == reasons["input.population"] == 1


def test_ragged_rows_are_counted_as_unreadable(tmp_path: Path) -> None:
    found = of_file(write(tmp_path / "people.csv", "1,1980-01-01,resident,1,,,x", "2,1980-01-01", head=HEAD))
    assert found.total.before.persons == 1
    assert found.unassessed_after == {"input.columns": 1}


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", write(tmp_path / "people.csv", "1", head="person_id")):
        with pytest.raises(BadInput):
            of_file(path)
