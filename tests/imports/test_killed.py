"""kill -9 at any moment of a register import: the books are unchanged or whole, and the next attempt goes through."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from django.db import connection

from tests.imports.cast import number, people_the_district
from tests.imports.killed import say
from yingbao.accounts.models import AuditEntry
from yingbao.registry.models import CoveredElsewhere, Household, ImportedFile, Resident, StagedPerson
from yingbao.sheets import write_csv
from yingbao.sheets.layouts import REGISTER
from yingbao.sheets.writer import sheet_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PEOPLE, KILLS = 1500, 3
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["pytest", "tests.imports.killed"])  # so that a process begins at once


@pytest.fixture
def register(transactional_db: None, tmp_path: Path) -> Path:
    """A district, and a register of a thousand households; every tenth person is in employee insurance."""
    people_the_district()
    relations = ("户主", "配偶", "子女")
    rows = [
        {
            **{"household_no": f"H{n // 3}", "relation": relations[n % 3], "name": f"柏{'甲乙丙丁'[n % 4]}"},
            **{"cert_number": number(f"{1940 + n % 60}0{1 + n % 9}11", n // 60 + 1), "village": "东村"},
            "employee_insured": "是" if n % 10 == 0 else "",
        }
        for n in range(PEOPLE)
    ]
    path = tmp_path / "register.csv"
    write_csv(path, sheet=sheet_of(REGISTER, rows))
    return path


def start(*words: str) -> tuple[ForkServerProcess, Connection]:
    """Begin one word in a process of its own, on the tests' database, and return once it is at work."""
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=say, args=(theirs, str(connection.settings_dict["NAME"]), *words))
    process.start()
    theirs.close()
    assert ours.recv() == "ready"
    return process, ours


def finish(*words: str) -> tuple[int, float]:
    """Let one word end; return the file's id and the seconds it took."""
    process, told = start(*words)
    begin = time.monotonic()
    file_id = int(told.recv())
    process.join(120)
    return file_id, time.monotonic() - begin


def kill_after(seconds: float, words: Sequence[str]) -> None:
    """Kill one word so many seconds after it has begun its work."""
    process, _ = start(*words)
    time.sleep(seconds)
    process.kill()  # SIGKILL
    process.join(60)


def moments(seconds: float) -> Iterator[float]:
    """Give moments spread over the work, a little random."""
    draw = random.Random(4)
    return (seconds * (place + draw.random()) / KILLS for place in range(KILLS))


def books() -> tuple[int, int, int]:
    """Count households, residents and covers."""
    return Household.objects.count(), Resident.objects.count(), CoveredElsewhere.objects.count()


def wait_for_rollback() -> None:
    """Wait until the server has noticed that a client is gone."""
    if connection.vendor == "postgresql":
        for _ in range(200):
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()")
                ((others,),) = cursor.fetchall()
            if not others:
                return
            time.sleep(0.05)


def test_a_check_killed_at_any_moment_leaves_nothing_or_a_whole_file(register: Path) -> None:
    _, seconds = finish("check", str(register), "first")
    files = ImportedFile.objects.count()
    for place, moment in enumerate(moments(seconds)):
        kill_after(moment, ("check", str(register), f"killed-{place}"))
        wait_for_rollback()
        whole = ImportedFile.objects.count()
        assert StagedPerson.objects.count() == whole * PEOPLE
        assert whole - files in (0, 1)
        assert set(ImportedFile.objects.values_list("rows", "good_rows")) == {(PEOPLE, PEOPLE)}
        assert AuditEntry.objects.filter(action="check-file").count() == whole
        files = whole
    again, _ = finish("check", str(register), "killed-0")
    assert books() == (0, 0, 0)
    finish("accept", str(again), "accept")
    assert books()[1] == PEOPLE


def test_an_acceptance_killed_at_any_moment_leaves_the_books_unchanged_or_whole(register: Path) -> None:
    whole = (PEOPLE // 3, PEOPLE, PEOPLE // 10)
    file_id, seconds = finish("check", str(register), "check")
    for moment in moments(seconds):
        kill_after(moment, ("accept", str(file_id), "accept"))
        wait_for_rollback()
        staged = StagedPerson.objects.count()
        assert (books(), staged) in [((0, 0, 0), PEOPLE), (whole, 0)]
    assert finish("accept", str(file_id), "accept")[0] == file_id
    assert (books(), StagedPerson.objects.count()) == (whole, 0)
    assert ImportedFile.objects.get(pk=file_id).state == "accepted"
    assert AuditEntry.objects.filter(action="accept-file").count() == 1
