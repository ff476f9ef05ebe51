"""Import of a town's register (about 59,700 rows, .xlsx) into SQLite: both words, every check, sealed numbers.

The limit is reading the sheet alone, behind the same guards, with nothing done to its rows: no import can be faster
than that. Prints rows/s of each word and of both, and how many times the limit's time they take.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

HOME = Path(tempfile.mkdtemp(prefix="yingbao-bench-"))
SYNCHRONOUS = os.environ.get("YINGBAO_BENCH_SYNCHRONOUS", "FULL")
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ["YINGBAO_HOME"] = str(HOME)
os.environ.setdefault("YINGBAO_DATABASE_URL", f"sqlite:///{HOME}/bench.sqlite3?synchronous={SYNCHRONOUS}")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from yingbao.accounts import operations as accounts  # noqa: E402
from yingbao.accounts.actors import Actor  # noqa: E402
from yingbao.accounts.queries import actor_named  # noqa: E402
from yingbao.demo import registers, targets, town  # noqa: E402
from yingbao.divisions import operations as divisions  # noqa: E402
from yingbao.sheets import read_table  # noqa: E402
from yingbao.sheets.layouts import REGISTER  # noqa: E402
from yingbao.storage.transactions import unit_of_work  # noqa: E402
from yingbao.usecases.files_in import Upload  # noqa: E402
from yingbao.usecases.import_register import accept_register, check_register  # noqa: E402

NOW = datetime(2022, 11, 3, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
WANTED = 5_000  # rows/s, both words together
T = TypeVar("T")


def main() -> None:
    """Measure the limit, then check and accept."""
    call_command("migrate", verbosity=0)
    clerk, path = people_the_town(), HOME / registers.REGISTER_FILE
    registers.write_register(town.build(2023), path)
    rows, limit = timed(lambda: sum(1 for _ in read_table(path, name=path.name, layout=REGISTER)))
    report("limit: reading the sheet alone", rows, limit)
    upload = Upload(name=path.name, content=path.read_bytes())
    checked, checking = timed(
        lambda: check_register(clerk, upload=upload, policy_name="liangping-2023", key="check", at=NOW)
    )
    report(f"check, {checked['bad_rows']} rows kept out", rows, checking)
    accepted, accepting = timed(lambda: accept_register(clerk, file_id=checked["file_id"], key="accept", at=NOW))
    report(f"accept, {accepted['residents']:,} residents in {accepted['households']:,} households", rows, accepting)
    both = checking + accepting
    report("both words", rows, both)
    print(f"ratio: {both / limit:.1f} × the time of reading the sheet alone (which both words do once each)")
    where = connection.vendor if connection.vendor != "sqlite" else f"sqlite, synchronous={SYNCHRONOUS}"
    print(f"wanted: {WANTED:,} residents/s; reaches {accepted['residents'] / both / WANTED:.2f} × ({where})")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB, making the file included")


def people_the_town() -> Actor:
    """Make the divisions of the register and a clerk of the town; return the clerk."""
    with unit_of_work():
        divisions.add(code=500000000000, name="重庆市", level="city")
        divisions.add(code=500155000000, name=targets.DISTRICT_NAME, level="district", parent_code=500000000000)
        divisions.add(code=targets.TOWN_CODE, name=targets.TOWN_NAME, level="town", parent_code=500155000000)
        for index in range(len(targets.VILLAGES)):
            divisions.add(
                code=targets.village_code(index),
                name=targets.village_name(index),
                level="village",
                parent_code=targets.TOWN_CODE,
            )
        accounts.add_user(username="clerk", display_name="clerk", role="town", division_code=targets.TOWN_CODE)
    return actor_named("clerk")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Run ``work``; return its answer and the seconds it took."""
    begin = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - begin


def report(what: str, rows: int, seconds: float) -> None:
    """Print one figure."""
    print(f"{what:<60} {rows / seconds:>10,.0f} rows/s  {seconds:6.2f} s")


if __name__ == "__main__":
    main()
