"""The policy benchmark's people and figures, and those of its peers that need nothing installed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.policy import notice
from benchmarks.policy.__main__ import answer
from benchmarks.policy.alone import list_persons, make_columns
from benchmarks.policy.peers.harness import ANSWERS, Peer
from benchmarks.policy.peers.numpy_arrays import NumpyArrays
from benchmarks.policy.peers.plain_numbers import PlainNumbers
from benchmarks.policy.peers.plain_rows import PlainRows
from benchmarks.policy.population import COLUMNS, POPULATIONS
from yingbao.policy import get_policy
from yingbao.policy.people import to_day

COUNT = 4_000
PACK = "liangping-2023"


@pytest.mark.parametrize("kind", POPULATIONS)
@pytest.mark.parametrize("peer", [PlainRows(), PlainNumbers(), NumpyArrays()], ids=lambda peer: type(peer).__name__)
def test_peers_answer_as_the_engine(kind: str, peer: Peer) -> None:
    columns = make_columns(POPULATIONS[kind](COUNT, 3))
    expected = answer(columns)
    data = peer.prepare(columns, 1)
    found = peer.collect(data, peer.run(data))
    assert {name: int(np.sum(found[name] != expected[name])) for name in ANSWERS} == dict.fromkeys(ANSWERS, 0)


@pytest.mark.parametrize("kind", POPULATIONS)
def test_population_shows_every_side_of_the_notice(kind: str) -> None:
    people = POPULATIONS[kind](COUNT, 3)
    statuses = set(answer(make_columns(people))["status"].tolist())
    assert statuses == {notice.ASSESSED, notice.SILENT, notice.CLOSED, notice.INVALID}
    students, unpaid = people.population == 1, people.paid == notice.NO_DAY
    newborn = (people.birth >= notice.YEAR_BEGINS) & (people.birth <= people.paid)
    several = (people.mask & (people.mask - (people.mask != 0))) != 0
    for group in (students, unpaid, newborn, students & people.graduating):
        assert 0 < group.sum() < COUNT
    assert several.any()
    assert kind == "uniform" or 0.1 < (people.mask != 0).mean() < 0.15
    assert (people.paid[~unpaid] >= notice.FULL_COST).any()


def test_same_seed_makes_the_same_people_and_another_seed_others() -> None:
    for make in POPULATIONS.values():
        one, same, other = make(500, 1), make(500, 1), make(500, 2)
        assert all(np.array_equal(getattr(one, name), getattr(same, name)) for name in COLUMNS)
        assert not np.array_equal(one.paid, other.paid)


def test_figures_given_to_peers_are_the_packs() -> None:
    file = get_policy(PACK).file
    names = {"resident": "resident", "university_student": "student"}
    assert {(names[rate.population], rate.tier): rate.amount // notice.FEN for rate in file.rates} == notice.RATE
    assert file.fiscal is not None
    assert file.fiscal.amount == notice.FISCAL * notice.FEN
    policy = get_policy(PACK)
    assert tuple(identity.code for identity in file.identities) == tuple(i.code for i in notice.IDENTITIES)
    for given in notice.IDENTITIES:
        ours = policy.identity(given.code)
        yuan = [None if fen is None else fen // notice.FEN for fen in (ours.amount_fen(1), ours.amount_fen(2))]
        assert yuan == [given.tier_1, given.tier_2]
        assert (ours.before is None) == given.all_year
        assert ours.before is None or to_day(ours.before) == notice.FULL_COST


def test_persons_are_the_rows_that_make_sense() -> None:
    people = POPULATIONS["uniform"](COUNT, 3)
    persons = list(list_persons(people))
    sensible = (people.problems == 0) & (people.tier != 0) & (people.birth != notice.NO_DAY)
    assert len(persons) == sensible.sum()
    assert {len(person.identities) for person in persons} > {8, 9, 10, 11, 12}


def test_a_wrong_figure_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = tuple(replace(i, tier_1=316) if i.code == "dibao" else i for i in notice.IDENTITIES)
    columns = make_columns(POPULATIONS["uniform"](COUNT, 3))
    expected = answer(columns)
    monkeypatch.setattr(notice, "IDENTITIES", wrong)
    found = NumpyArrays().run(columns)
    assert (found["subsidy"] != expected["subsidy"]).any()
