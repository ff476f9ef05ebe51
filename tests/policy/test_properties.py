"""What must hold for anybody, whatever the notice says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.checks import check_everything
from tests.policy.oracle import CODES
from tests.policy.test_constructs import FOLDER
from yingbao.policy import Decision, Person, gather_people, get_policy, list_packs, read_policy
from yingbao.policy.engine import CHUNK

PACKS = {name: get_policy(name) for name in ("banan-2022", "liangping-2023")}
persons = st.builds(
    Person,
    birth_on=st.dates(date(1920, 1, 1), date(2024, 1, 31)),
    population=st.sampled_from(["resident", "resident", "resident", "university_student"]),
    tier=st.integers(1, 2),
    identities=st.frozensets(st.sampled_from(CODES), max_size=5),
    paid_on=st.none() | st.dates(date(2021, 8, 1), date(2024, 1, 31)),
    graduating=st.booleans(),
    term_start_on=st.none(),
)
packs = st.sampled_from(sorted(PACKS))


def known(decision: Decision) -> bool:
    return decision.payable_fen is not None


@given(person=persons, pack=packs)
@settings(max_examples=300, deadline=None)
def test_the_parts_add_up(person: Person, pack: str) -> None:
    decision = PACKS[pack].assess(person)
    assert known(decision) == (decision.status in ("assessed", "silent"))
    if decision.payable_fen is None or decision.rate_fen is None or decision.subsidy_fen is None:
        return
    assert 0 <= decision.subsidy_fen <= decision.rate_fen
    assert (decision.subsidy_fen > 0) == (decision.subsidy_identity is not None)
    fiscal = PACKS[pack].file.fiscal
    extra = fiscal.amount if fiscal and decision.fiscal_subsidy_fen == 0 else 0
    assert decision.payable_fen + decision.subsidy_fen == decision.rate_fen + extra


@given(person=persons, pack=packs, more=st.sampled_from(CODES))
@settings(max_examples=300, deadline=None)
def test_one_more_identity_never_costs_more(person: Person, pack: str, more: str) -> None:
    before = PACKS[pack].assess(person)
    after = PACKS[pack].assess(replace(person, identities=person.identities | {more}))
    if before.payable_fen is not None and after.payable_fen is not None:
        assert after.payable_fen <= before.payable_fen
    if before.covered_from is not None:
        assert after.covered_from is not None
        assert after.covered_from <= before.covered_from


@given(person=persons, pack=packs)
@settings(max_examples=300, deadline=None)
def test_cover_is_whole_or_not_there(person: Person, pack: str) -> None:
    decision = PACKS[pack].assess(person)
    assert (decision.covered_from is None) == (decision.covered_to is None)
    if decision.covered_from is not None and decision.covered_to is not None:
        assert person.paid_on is not None
        assert decision.status == "assessed"
        assert decision.covered_from <= decision.covered_to
    elif person.paid_on is not None:
        assert decision.status != "assessed"


@given(people=st.lists(persons, min_size=1, max_size=40), pack=packs, chance=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_together_in_any_order_or_one_by_one(people: list[Person], pack: str, chance: object) -> None:
    policy = PACKS[pack]
    together = policy.assess_all(people)
    assert together == [policy.assess(person) for person in people]
    order = list(range(len(people)))
    getattr(chance, "shuffle")(order)  # noqa: B009
    shuffled = policy.assess_all([people[i] for i in order])
    assert [shuffled[order.index(i)] for i in range(len(people))] == together


def test_chunks_join_without_a_seam() -> None:
    policy = PACKS["liangping-2023"]
    few = [
        Person(date(1980, 1, 1), identities=frozenset({code}), paid_on=date(2023, 1, 1 + i))
        for i, code in enumerate(CODES)
    ]
    many = (few * (CHUNK // len(few) + 2))[: CHUNK + 5]
    assessment = policy.assess_people(gather_people(many))
    expected = policy.assess_all(few)
    payable = [decision.payable_fen for decision in expected]
    assert assessment.amounts("payable_fen").tolist() == [payable[i % len(few)] for i in range(len(many))]
    assert len(np.unique(assessment.begins)) == len({decision.covered_from for decision in expected})


SHIPPED = [name for name in list_packs() if get_policy(name).file.assessable]


@pytest.mark.parametrize("pack", SHIPPED)
def test_people_with_every_fact_before_the_packs_that_ship(pack: str) -> None:
    for seed in (1, 2):
        check_everything(get_policy(pack), seed, 400)


@pytest.mark.parametrize("pack", list_packs(FOLDER))
def test_people_with_every_fact_before_a_pack_of_each_construct(pack: str) -> None:
    policy = read_policy(pack, FOLDER)
    if policy.file.assessable:
        check_everything(policy, 1, 200)


def test_nobody_is_nobody() -> None:
    assert PACKS["banan-2022"].assess_all([]) == []
