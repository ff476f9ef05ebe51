"""receive_payment for a household of four (payment, receipt, ledger, coverage, audit) on SQLite, one process.

The peer is the bare minimum any system must do: as many durable transactions that insert one row each, in the same
database file. Prints households/s and how many of the peer's transactions one household costs.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

HOME = Path(tempfile.mkdtemp(prefix="yingbao-bench-"))
SYNCHRONOUS = os.environ.get("YINGBAO_BENCH_SYNCHRONOUS", "FULL")
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "tests.settings",
    "YINGBAO_HOME": str(HOME),
    "YINGBAO_DATABASE_URL": f"sqlite:///{HOME}/bench.sqlite3?synchronous={SYNCHRONOUS}",
}

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, Cast, at, family, give_book, people_the_town, tiers  # noqa: E402
from yingbao.storage.transactions import unit_of_work  # noqa: E402
from yingbao.usecases.enrol_household import enrol_household  # noqa: E402
from yingbao.usecases.receive_payment import receive_payment  # noqa: E402

HOUSEHOLDS = 1000
T = TypeVar("T")
Work = tuple[int, list[int]]


def main() -> None:
    """Measure cash and WeChat in turn, and the peer in the same file."""
    call_command("migrate", verbosity=0)
    cast = people_the_town()
    with unit_of_work():
        give_book(cast.village_agent, series="BENCH", first=1, last=HOUSEHOLDS)
    enrolled, seconds = timed(lambda: [enrol(cast, number) for number in range(2 * HOUSEHOLDS)])
    report("enrol_household", 2 * HOUSEHOLDS, seconds)
    cash, online = enrolled[:HOUSEHOLDS], enrolled[HOUSEHOLDS:]
    _, cash_seconds = timed(lambda: pay_all(cast, cash, "cash"))
    report("receive_payment, cash with receipt", HOUSEHOLDS, cash_seconds)
    _, online_seconds = timed(lambda: pay_all(cast, online, "wechat"))
    report("receive_payment, WeChat with clearing and coverage", HOUSEHOLDS, online_seconds)
    peer = peer_seconds()
    report("peer: one row in a durable transaction", HOUSEHOLDS, peer)
    print(f"ratio: cash {cash_seconds / peer:.1f}, WeChat {online_seconds / peer:.1f} × the peer's transaction")
    print(
        f"limit: 200 households/s; cash reaches {HOUSEHOLDS / cash_seconds / 200:.2f} ×, "
        f"WeChat {HOUSEHOLDS / online_seconds / 200:.2f} × (synchronous={SYNCHRONOUS})"
    )


def enrol(cast: Cast, number: int) -> Work:
    """Make and enrol a household of four; return its id and its dues."""
    members = family()
    answer = enrol_household(
        cast.town_clerk,
        household_id=members[0].household_id,
        tiers=tiers(members),
        policy_name=POLICY,
        on=IN_TIME,
        key=f"enrol-{number}",
        at=at(IN_TIME),
    )
    return members[0].household_id, [row["due"] for row in answer["dues"].values()]


def pay_all(cast: Cast, works: list[Work], channel: str) -> None:
    """Take the money of many households, one transaction each."""
    for work in works:
        pay(cast, work, channel)


def pay(cast: Cast, work: Work, channel: str) -> None:
    """Take the household's money."""
    household_id, dues = work
    receive_payment(
        cast.village_agent if channel == "cash" else cast.wechat,
        household_id=household_id,
        due_ids=dues,
        channel=channel,
        amount_fen=4 * TIER_1,
        policy_name=POLICY,
        collected_on=IN_TIME,
        key=f"pay-{household_id}",
        at=at(IN_TIME),
    )


def peer_seconds() -> float:
    """Return how long the peer takes for as many transactions."""
    connection = sqlite3.connect(HOME / "bench.sqlite3", isolation_level=None)
    connection.execute(f"PRAGMA synchronous={SYNCHRONOUS}")
    connection.execute("CREATE TABLE peer (id INTEGER PRIMARY KEY, fen INTEGER)")

    def work() -> None:
        for fen in range(HOUSEHOLDS):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO peer (fen) VALUES (?)", (fen,))
            connection.execute("COMMIT")

    return timed(work)[1]


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what ``work`` gives and the seconds it took."""
    begin = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begin


def report(what: str, count: int, seconds: float) -> None:
    """Print a rate."""
    print(f"{what:<55} {count / seconds:>9,.0f} /s")


main()
