"""The demo's day of refunds, on a town of a few households."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.journeys.cast import TIER_1, YEAR, at, household, people_the_town
from tests.journeys.refunds import BORN, clear, declare, deposit, due_of
from tests.journeys.test_receiving import enrol, holds, pay
from yingbao.collection.models import Refund
from yingbao.demo.refunds import play
from yingbao.demo.season import Season
from yingbao.enrolment.models import Enrolment
from yingbao.ledger.queries import money_check

JUNE, JULY = date(2023, 6, 30), date(2023, 7, 3)


@pytest.mark.django_db
def test_three_get_their_money_back_and_one_pays_the_rest() -> None:
    town = people_the_town()
    (short,), (twice,) = household(BORN), household(BORN)
    pay(town.village_agent, [short], enrol(town, [short], on=JUNE), fen=TIER_1, on=JUNE)
    deposit(town, TIER_1, on=JUNE)
    clear(town, declare(town, on=JUNE), on=JULY)
    dues = enrol(town, [twice], on=JUNE, key="twice")
    for key in ("one", "two"):
        pay(town.wechat, [twice], dues, channel="wechat", fen=TIER_1, on=JUNE, key=key)
    free = [household(BORN)[0] for _ in range(2)]
    desk = SimpleNamespace(
        clerk=town.town_clerk, second_clerk=town.second_clerk, tax=town.tax, channels={"wechat": town.wechat}
    )
    season: Any = SimpleNamespace(desk=desk, ids={n: one.pk for n, one in enumerate(free)})
    told = play(cast(Season, season), at=at(JULY))
    assert len(told) == 4
    assert sorted(Refund.objects.values_list("reason", "amount_fen", "state")) == [
        ("employee", 96_000, "paid"),
        ("paid-twice", TIER_1, "paid"),
        ("wrong-tier", 96_000, "paid"),
    ]
    assert due_of(short).state == "cleared"
    assert Enrolment.objects.get(resident=free[1], state="standing").tier == 2
    assert not Enrolment.objects.filter(resident=free[0], state="standing").exists()
    assert money_check(town.auditor, year=YEAR).refunded == TIER_1 + 2 * 96_000
    assert holds(town)
