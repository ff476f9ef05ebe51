"""kill -9 two hundred times in one run of a counter's work: every household is there once, no fen, no number lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, connections

from tests.journeys.cast import IN_TIME, YEAR, Cast, people_the_town
from tests.journeys.killed_work import ROUNDS, WAYS, people_the_village, plan
from yingbao.collection.models import Declaration, Deposit, Due, Payment, Receipt, ReceiptBook
from yingbao.enrolment.models import Enrolment
from yingbao.ledger.queries import money_check
from yingbao.usecases.verify import verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
KILLS, SEED = 200, 5


@pytest.fixture
def cast() -> Cast:
    cast = people_the_town()
    people_the_village(cast)
    # the cast's agent holds a hundred receipts, and so do those they came from
    ReceiptBook.objects.filter(series="PJ0").update(last=9_999)
    return cast


def run(kills: int) -> Any:
    """Let workers of another process do the work on the tests' database; return what it tells of the kills."""
    name = str(connection.settings_dict["NAME"])
    url = f"sqlite:///{name}?synchronous=OFF"
    if connection.vendor == "postgresql":
        url = f"{os.environ['YINGBAO_DATABASE_URL'].rsplit('/', 1)[0]}/{name}"
    connections.close_all()
    environment = {**os.environ, "YINGBAO_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "tests.journeys.killed", str(kills), str(SEED)]
    told = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(told.stdout)


def rows() -> dict[str, int]:
    """Count the rows of every table of ours."""
    models = [model for model in apps.get_models() if model.__module__.startswith("yingbao.")]
    return {model._meta.label: model._default_manager.count() for model in models}


def counted(how: Callable[[str], bool]) -> int:
    """Return how many households of the plan pay in a way."""
    return ROUNDS * sum(map(how, WAYS))


def test_two_hundred_kills_lose_nothing_and_double_nothing(cast: Cast) -> None:
    told, wanted = run(KILLS), plan()
    assert told["kills"] == KILLS
    assert len(told["inside"]) > KILLS // 4, "the kills must hit work, not pauses"
    assert len(set(told["inside"])) > 8, "at many different statements"
    assert told["done"] < len(wanted.steps)

    people = 4 * counted(lambda way: way != "zero") + counted(lambda way: way == "zero")
    assert Enrolment.objects.count() == people == Enrolment.objects.values("resident").distinct().count()
    assert set(Due.objects.values_list("state", flat=True)) == {"cleared"}
    payers = counted(lambda way: way != "zero")
    assert Payment.objects.count() == payers == Payment.objects.values("household").distinct().count()
    assert (Deposit.objects.count(), Declaration.objects.count()) == (ROUNDS, 2 * ROUNDS)
    assert sorted(Receipt.objects.values_list("number", flat=True)) == list(range(101, 101 + wanted.receipts))

    money = money_check(cast.auditor, year=YEAR, on=IN_TIME)
    assert (money.cash, money.channels) == (wanted.cash_fen, wanted.online_fen)
    assert money_check(cast.auditor, year=YEAR).treasury == wanted.cash_fen + wanted.online_fen
    assert [check.name for check in verify(cast.auditor, year=YEAR) if not check.holds] == []

    before = rows()
    first = [step() for step in wanted.steps]
    assert [step() for step in plan().steps] == first
    assert rows() == before
