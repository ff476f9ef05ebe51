"""One university's season, timed: what ``benchmarks.enrol_institution`` starts. Prints a line of JSON."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
Path(os.environ["YINGBAO_HOME"]).mkdir(parents=True, exist_ok=True)

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from tests.imports.cast import number  # noqa: E402
from tests.journeys.cast import NEXT_VILLAGE, POLICY, at, people_the_town  # noqa: E402
from tests.journeys.institutions import IN_TERM, Campus, accept, bill, campus, transfer  # noqa: E402
from yingbao.policy import get_policy  # noqa: E402
from yingbao.registry.models import Household, Resident  # noqa: E402
from yingbao.storage.bulk import insert_rows  # noqa: E402
from yingbao.storage.encrypted import blind_index  # noqa: E402
from yingbao.storage.transactions import unit_of_work  # noqa: E402
from yingbao.usecases.enrol_institution import check_members  # noqa: E402
from yingbao.usecases.files_found import Upload  # noqa: E402

T = TypeVar("T")
HEADINGS = ("姓名", "身份证号码", "学号", "院系", "档次", "国家平台已登记")
# What each step writes: the peer writes the same rows into tables like these.
WRITTEN = {
    "accept": ("registry_resident", "registry_institutionmember", "enrolment_enrolment", "collection_due"),
    "bill": ("collection_orderline",),
    "transfer": ("collection_paymentline", "coverage_coverageperiod", "enrolment_enrolment", "collection_due"),
}


def main(persons: int, *, known: bool) -> None:
    """Play one university from its list to the cleared transfer, and the peer."""
    call_command("migrate", verbosity=0)
    get_policy(POLICY)  # as a server has that is running
    cast, school = people_the_town(), campus()
    people = [(f"学{chr(0x4E00 + n % 20_000)}{chr(0x4E00 + n // 20_000)}", _number(n)) for n in range(persons)]
    if known:
        register(people[::2])
    content = write(people)
    checked, checking = timed(lambda: check(school, content))
    assert checked["good_rows"] == persons
    _, accepting = timed(lambda: accept(school, checked["file_id"]))
    seconds = {"check": checking, "accept": accepting}
    seconds["peer_accept"] = peer("accept")
    drawn, seconds["bill"] = timed(lambda: bill(school))
    seconds["peer_bill"] = peer("bill")
    answer, seconds["transfer"] = timed(lambda: transfer(cast.tax, drawn["order"], drawn["amount_fen"]))
    assert answer["cleared"] == persons
    seconds["peer_transfer"] = peer("transfer")
    print(json.dumps(seconds))


def check(school: Campus, content: bytes) -> dict[str, int]:
    """Check the list."""
    upload = Upload(name="list.csv", content=content)
    return check_members(
        school.agent, institution_id=school.id, upload=upload, policy_name=POLICY, key="check", at=at(IN_TERM)
    )


def _number(n: int) -> str:
    born = date(2001, 1, 1) + timedelta(days=n % 1500)
    return number(born.strftime("%Y%m%d"), n // 1500 % 999 + 1)


def write(people: Sequence[tuple[str, str]]) -> bytes:
    """Return the university's list."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(
        (name, cert, f"{n:08d}", "数学系", "一档" if n % 4 else "二档", "是") for n, (name, cert) in enumerate(people)
    )
    return text.getvalue().encode("gb18030")


def register(people: Sequence[tuple[str, str]]) -> None:
    """Let the register know people as villagers, in households of their own."""
    homes = Household.objects.bulk_create(
        Household(division_id=NEXT_VILLAGE, number=f"V{n:06d}") for n in range(len(people))
    )
    names = (
        *("household", "division", "relation", "name", "certificate_kind", "certificate_number", "certificate_index"),
        *("birth_on", "sex", "hukou", "basis", "population", "graduating", "on_platform", "state"),
    )
    born = [date(int(cert[6:10]), int(cert[10:12]), int(cert[12:14])) for _name, cert in people]
    with unit_of_work():
        insert_rows(
            Resident,
            names,
            (
                (
                    *(home.pk, NEXT_VILLAGE, "head", name, "01", cert, blind_index(cert), birth, "1", "", "PJ-2.1"),
                    *("resident", False, True, "present"),
                )
                for home, (name, cert), birth in zip(homes, people, born, strict=True)
            ),
        )


def peer(step: str) -> float:
    """Return how long it takes to write the rows of a step, and nothing else, into tables like theirs."""
    return sum(_copy(table) if connection.vendor == "postgresql" else _insert(table) for table in WRITTEN[step])


def _copy(table: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE peer (LIKE {table} INCLUDING ALL)")
        with cursor.copy(f"COPY {table} TO STDOUT") as copy:
            held = b"".join(copy)
        begin = time.perf_counter()
        with transaction.atomic(), cursor.copy("COPY peer FROM STDIN") as copy:
            copy.write(held)
        seconds = time.perf_counter() - begin
        cursor.execute("DROP TABLE peer")
    return seconds


def _insert(table: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE peer AS SELECT * FROM {table} WHERE 0")
        cursor.execute("CREATE UNIQUE INDEX peer_id ON peer (id)")
        rows = cursor.execute(f"SELECT * FROM {table}").fetchall()
        marks = ", ".join(["%s"] * len(rows[0]))
        begin = time.perf_counter()
        with transaction.atomic():
            cursor.executemany(f"INSERT INTO peer VALUES ({marks})", rows)
        seconds = time.perf_counter() - begin
        cursor.execute("DROP TABLE peer")
    return seconds


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what ``work`` gives and the seconds it took."""
    begin = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begin


if __name__ == "__main__":
    main(int(sys.argv[1]), known=sys.argv[2] == "1")
