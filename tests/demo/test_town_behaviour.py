"""The season as planned: near its target, village by village, with a crest, a tail and people who pay twice."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from yingbao.demo.agents import NOT_DEPOSITED
from yingbao.demo.behaviour import CHANNELS, NEVER, Behaviour, plan
from yingbao.demo.people import SEASON_BEGIN, Town
from yingbao.demo.season_curve import DAYS, SPRING_FESTIVAL, curve, day_number
from yingbao.demo.targets import PRINTED_PERSONS, VILLAGES


@pytest.fixture(scope="module")
def season(pingjin: Town) -> Behaviour:
    """Return the season of the demo's town."""
    return plan(pingjin, seed=pingjin.seed)


def test_the_same_seed_gives_the_same_season(pingjin: Town, season: Behaviour) -> None:
    again, other = plan(pingjin, seed=pingjin.seed), plan(pingjin, seed=7)
    assert np.array_equal(again.day, season.day) and np.array_equal(again.twice_person, season.twice_person)
    assert again.visits(pingjin) == season.visits(pingjin)
    assert again.habits.agents == season.habits.agents
    assert not np.array_equal(other.day, season.day)


def test_villages_end_between_86_and_104_per_cent_and_the_town_near_97(pingjin: Town, season: Behaviour) -> None:
    done = Counter(p.village for p, day in zip(pingjin.people, season.day, strict=True) if day != NEVER)
    shares = [done[i] / village.persons for i, village in enumerate(VILLAGES)]
    assert 0.845 < min(shares) < 0.90
    assert 1.02 < max(shares) < 1.055
    assert 0.96 < done.total() / PRINTED_PERSONS < 0.985


def test_who_is_insured_elsewhere_never_comes_and_few_of_the_others_stay_away(pingjin: Town, season: Behaviour) -> None:
    eligible = np.array([p.is_eligible for p in pingjin.people])
    assert (season.day[~eligible] == NEVER).all()
    assert 0.03 < (season.day[eligible] == NEVER).mean() < 0.06


def test_people_come_on_weekdays_before_20_december_and_few_after(pingjin: Town, season: Behaviour) -> None:
    days = season.day[: len(pingjin.residents)]
    days = days[days != NEVER]
    weekend = np.array([(SEASON_BEGIN + timedelta(days=int(day))).weekday() >= 5 for day in days])
    assert weekend.mean() < 0.15
    assert 0.88 < (days <= day_number(date(2022, 12, 20))).mean() < 0.95
    assert 0.4 < ((days > day_number(date(2022, 12, 5))) & (days <= day_number(date(2022, 12, 20)))).mean() < 0.65
    late = Counter(int(day) // 31 for day in days if day > day_number(date(2023, 3, 1)))
    assert late and (SEASON_BEGIN + timedelta(days=int(days.max()))) <= date(2023, 9, 30)


def test_nobody_comes_at_spring_festival() -> None:
    shares = curve(0.3)
    assert len(shares) == DAYS and abs(shares.sum() - 1) < 1e-9 and (shares >= 0).all()
    assert shares[day_number(SPRING_FESTIVAL[0]) : day_number(SPRING_FESTIVAL[1])].sum() == 0


def test_every_channel_is_used_and_tier_two_by_about_six_per_cent(season: Behaviour) -> None:
    used = Counter(season.channel[season.day != NEVER].tolist())
    assert used.keys() == set(range(len(CHANNELS)))
    assert 0.04 < (season.tier == 2).mean() < 0.075


def test_visits_hold_everyone_who_comes_once_and_are_in_order_of_time(pingjin: Town, season: Behaviour) -> None:
    visits = season.visits(pingjin)
    people = Counter(person for visit in visits for person in visit.people)
    twice = set(season.twice_person.tolist())
    assert people.keys() == set(np.flatnonzero(season.day != NEVER).tolist()) | twice
    assert {person for person, count in people.items() if count > 1} == twice
    assert [(v.on, v.second) for v in visits] == sorted((v.on, v.second) for v in visits)
    for visit in visits:
        assert {pingjin.people[p].household for p in visit.people} == {visit.household}


def test_forty_people_pay_in_cash_and_online(pingjin: Town, season: Behaviour) -> None:
    assert len(set(season.twice_person.tolist())) == 40
    assert {CHANNELS[c] for c in season.channel[season.twice_person]} == {"cash"}
    assert "cash" not in {CHANNELS[c] for c in season.twice_channel}
    assert (season.twice_day >= season.day[season.twice_person]).all()


def test_newborns_come_after_their_birth(pingjin: Town, season: Behaviour) -> None:
    days = season.day[len(pingjin.residents) :]
    assert (days != NEVER).mean() > 0.75
    for child, day in zip(pingjin.newborns, days.tolist(), strict=True):
        assert day == NEVER or SEASON_BEGIN + timedelta(days=day) >= child.born_on


def test_some_agents_are_late_and_the_others_keep_the_rules(season: Behaviour) -> None:
    habits = season.habits
    late_depositors = {i for i in range(21) if (habits.deposit_lag[i] != 0).any()}
    late_declarers = {i for i in range(21) if (habits.declare_lag[i] > 2).any()}
    assert late_depositors == {9, 13, 14}
    assert late_declarers == {2, 14, 19}
    assert {i for i in range(21) if (habits.deposit_lag[i] == NOT_DEPOSITED).any()} == {14}
    assert len(habits.lost_receipts) == 3
    assert [agent.village for agent in habits.agents] == list(range(21))
