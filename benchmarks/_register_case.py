"""One import of one register, timed: what ``benchmarks.import_register`` starts. Prints a line of JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
Path(os.environ["YINGBAO_HOME"]).mkdir(parents=True, exist_ok=True)

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from yingbao.accounts import operations as accounts  # noqa: E402
from yingbao.accounts.actors import Actor  # noqa: E402
from yingbao.accounts.queries import actor_named  # noqa: E402
from yingbao.demo import targets  # noqa: E402
from yingbao.divisions import operations as divisions  # noqa: E402
from yingbao.policy import get_policy  # noqa: E402
from yingbao.storage.fields import Json  # noqa: E402
from yingbao.storage.transactions import unit_of_work  # noqa: E402
from yingbao.usecases.files_found import Upload  # noqa: E402
from yingbao.usecases.import_register import accept_register, check_register  # noqa: E402

POLICY = "liangping-2023"
NOW = datetime(2022, 11, 3, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


def main(file: Path) -> None:
    """Check and accept the file on a new site."""
    call_command("migrate", verbosity=0)
    get_policy(POLICY)  # as a server has that is running
    clerk, before = people_the_town(), cpu_seconds()
    upload = Upload(name=file.name, path=file)
    checked, checking = timed(lambda: check_register(clerk, upload=upload, policy_name=POLICY, key="check", at=NOW))
    accepted, accepting = timed(lambda: accept_register(clerk, file_id=checked["file_id"], key="accept", at=NOW))
    assert accepted["residents"] == checked["good_rows"]
    print(json.dumps({"check": checking, "accept": accepting, "cpu": cpu_seconds() - before}))


def people_the_town() -> Actor:
    """Make the divisions of the register and a clerk of the town; return the clerk."""
    with unit_of_work():
        divisions.add(code=500000000000, name="重庆市", level="city")
        divisions.add(code=500155000000, name=targets.DISTRICT_NAME, level="district", parent_code=500000000000)
        divisions.add(code=targets.TOWN_CODE, name=targets.TOWN_NAME, level="town", parent_code=500155000000)
        for place in range(len(targets.VILLAGES)):
            divisions.add(
                code=targets.village_code(place),
                name=targets.village_name(place),
                level="village",
                parent_code=targets.TOWN_CODE,
            )
        accounts.add_user(username="clerk", display_name="clerk", role="town", division_code=targets.TOWN_CODE)
    return actor_named("clerk")


def timed(work: Callable[[], Json]) -> tuple[Json, float]:
    """Run ``work``; return its answer and the seconds it took."""
    begin = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - begin


def cpu_seconds() -> float:
    """Return what this process and its ended children have computed so far, the database server's work not counted."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
