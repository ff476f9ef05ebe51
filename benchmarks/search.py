"""Finding people in a district of a million on PostgreSQL, beside the 200 ms that a page may take.

Run with ``python -m benchmarks.search [--people N] [--times N]``: it makes a throw-away cluster, in a database whose
language is not C, fills it by SQL, and prints for each search the middle and the 99th of many answers, of the query
alone and of the whole page through Django's client. YINGBAO_DATABASE_URL names a cluster of one's own instead.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from tests.support.postgres import OPTIONS, find_binaries, run_cluster

SERVER = {"shared_buffers": "2GB", "max_wal_size": "8GB"}  # as a county's server has; the tests' is set for a few rows

if "YINGBAO_DATABASE_URL" not in os.environ:
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    OPTIONS.update(SERVER)
    with run_cluster(binaries) as url:
        environment = os.environ | {"YINGBAO_DATABASE_URL": url.removesuffix("/yingbao") + "/chinese"}
        language = "CREATE DATABASE chinese TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'zh' LOCALE 'C.UTF-8'"
        subprocess.run([binaries / "psql", "--quiet", url, "-c", language], check=True)
        sys.exit(subprocess.run([sys.executable, "-m", "benchmarks.search", *sys.argv[1:]], env=environment).returncode)

os.environ.setdefault("YINGBAO_HOME", tempfile.mkdtemp(prefix="yingbao-bench-"))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ["YINGBAO_TODAY"] = "2022-12-15"

import django  # noqa: E402

django.setup()

import typer  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from yingbao.accounts import operations as accounts  # noqa: E402
from yingbao.accounts.models import User  # noqa: E402
from yingbao.accounts.queries import actor_named  # noqa: E402
from yingbao.divisions import operations as divisions  # noqa: E402
from yingbao.enrolment.models import Enrolment  # noqa: E402
from yingbao.registry.finding import listing, quality  # noqa: E402
from yingbao.registry.finding.bytewise import Bytewise  # noqa: E402
from yingbao.registry.finding.listing import Filter, Search  # noqa: E402
from yingbao.registry.models import ImportedFile, Resident  # noqa: E402
from yingbao.storage.encrypted import blind_index, seal  # noqa: E402

DISTRICT, TOWNS, VILLAGES, MEMBERS, YEAR = 500155000000, 30, 14, 3, 2023
TODAY, LIMIT = date(2022, 12, 15), 0.2
NOW = datetime(2022, 12, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
VILLAGE = DISTRICT + 115 * 1000 + 7
KNOWN = 200  # the last residents have numbers that can be asked for
BACKEND = "yingbao.accounts.backends.OfficeBackend"
Edge = dict[str, int]


@dataclass(frozen=True)
class Case:
    """One kind of search: its texts (one is taken at random), its filter, where its page begins."""

    what: str
    texts: list[str] = field(default_factory=lambda: [""])
    filter: Filter = Filter()  # noqa: RUF009 - frozen
    edge: Edge = field(default_factory=dict)


def main(
    people: Annotated[int, typer.Option(help="people of the district")] = 1_000_000,
    times: Annotated[int, typer.Option(help="how often each search is asked")] = 40,
    seed: Annotated[int, typer.Option(help="for the order of texts")] = 1,
) -> None:
    """Fill the district, measure and print."""
    call_command("migrate", verbosity=0)
    if not Resident.objects.exists():  # else a cluster of one's own, measured again
        with clocked("the district built"):
            build(people)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    chance = random.Random(seed)
    print(f"{people:,} people, {TOWNS * VILLAGES} villages, PostgreSQL; share of {LIMIT * 1000:.0f} ms; {times} times")
    print(f"load of {os.cpu_count()} cores before: {os.getloadavg()[0]:.1f}")
    worst = max(measure(case, times, chance) for case in cases(people))
    print(f"slowest p99 of a whole page: {worst / LIMIT:.0%} of the limit")
    actor = actor_named("bureau")
    with clocked("quality board, whole district, all checks"):
        quality.board(actor, on=TODAY)
    if worst > LIMIT:
        raise SystemExit("slower than the limit")


def cases(people: int) -> Iterator[Case]:
    """Yield what clerks look for."""
    last = range(people - KNOWN + 1, people + 1)
    yield Case("one character, 8% of everybody", ["王"])
    yield Case("one character, 8%, page 1,200", ["王"], edge={"after": nth("王", 60_000 * people // 1_000_000)})
    yield Case("one character, the page before", ["王"], edge={"before": nth("王", 70_000 * people // 1_000_000)})
    yield Case("two characters", ["王一", "李丁", "张丙", "陈乙"])
    yield Case("nobody's name", ["欧阳无", "司徒缺"])
    yield Case("whole certificate number", [f"TEST{number}" for number in last])
    yield Case("former certificate number", [f"FORMER{number}" for number in last])
    yield Case("household number", [f"H{number // MEMBERS}" for number in last])
    yield Case("everybody")
    yield Case("everybody, page 10,000", edge={"after": people // 2})
    yield Case("a village", filter=Filter(division=VILLAGE))
    yield Case("a village and a surname", ["王", "李"], Filter(division=VILLAGE))
    yield Case("a town and a surname", ["王", "李"], Filter(division=VILLAGE // 1000 * 1000))
    yield Case("an identity (3%)", filter=Filter(identity="dibao"))
    yield Case("an identity (0.02%)", filter=Filter(identity="orphan"))
    yield Case("an identity and a surname", ["王"], Filter(identity="dibao"))
    yield Case("a rare identity and a surname", ["王"], Filter(identity="orphan"))
    yield Case("an identity in a village", filter=Filter(division=VILLAGE, identity="dibao"))
    yield Case("insured elsewhere", filter=Filter(elsewhere="employee"))
    yield Case("not enrolled", filter=Filter(enrolled="no"))
    yield Case("not enrolled, with an identity", filter=Filter(enrolled="no", identity="dibao"))
    yield Case("not enrolled, a surname", ["王"], Filter(enrolled="no"))
    yield Case("dead (1%)", filter=Filter(state="dead"))
    yield Case("moved out (0.01%)", filter=Filter(state="moved_out"))
    yield Case("not on the platform (2%)", filter=Filter(platform="no"))
    yield Case("students (4%)", filter=Filter(population="university_student"))
    yield Case("eligibility pending (0.05%)", filter=Filter(eligibility="pending"))
    for check in quality.CHECKS:
        yield Case(f"check {check}, a village", filter=Filter(division=VILLAGE, check=check))


def nth(name: str, place: int) -> int:
    """Return the id of the n-th of a name in the order that pages have."""
    found = listing.find(actor_named("bureau"), search_for(name, Filter()))
    return found.order_by(Bytewise("name"), "id").values_list("pk", flat=True)[place]


def search_for(text: str, wanted: Filter) -> Search:
    """Return a search on the day of the benchmark."""
    return Search(text, wanted, TODAY, Enrolment.objects.filter(year=YEAR, state="standing"))


def measure(case: Case, times: int, chance: random.Random) -> float:
    """Ask one search many times, as a query and as a page; print both and return the page's p99 in seconds."""
    actor, client = actor_named("bureau"), logged_in()

    def ask(text: str) -> None:
        listing.search(
            actor, search_for(text, case.filter), after=case.edge.get("after"), before=case.edge.get("before")
        )

    def open_page(text: str) -> None:
        query = case.filter.codes() | {name: str(value) for name, value in case.edge.items()}
        if text:
            client.post(reverse("search-residents"), {"q": text}, headers={"HX-Request": "true"}) if case.edge else None
            if not case.edge:
                answer = client.post(reverse("search-residents"), {"q": text} | query, headers={"HX-Request": "true"})
                check(answer.status_code)
                return
            query["found"] = "1"
        check(client.get(reverse("residents"), query).status_code)

    query_times = clock(ask, case, times, chance)
    page_times = clock(open_page, case, times, chance)
    figures = [*spread(query_times), *spread(page_times)]
    shares = "  ".join(f"{seconds * 1000:7.1f} ms {seconds / LIMIT:5.0%}" for seconds in figures)
    print(f"{case.what:<36} query p50, p99; page p50, p99: {shares}", flush=True)
    return figures[-1]


def check(status: int) -> None:
    """Stop where a page is not shown."""
    if status != 200:
        raise SystemExit(f"the page answers {status}")


def clock(work: Callable[[str], None], case: Case, times: int, chance: random.Random) -> list[float]:
    """Return the seconds of each answer, shortest first; the first is for warming up."""
    seconds = []
    for _ in range(times + 1):
        text = chance.choice(case.texts)
        begin = time.perf_counter()
        work(text)
        seconds.append(time.perf_counter() - begin)
    return sorted(seconds[1:])


def spread(seconds: list[float]) -> tuple[float, float]:
    """Return the middle and the 99th of a hundred."""
    return seconds[len(seconds) // 2], seconds[-1 - len(seconds) // 100]


def logged_in() -> Client:
    """Return a browser of the bureau."""
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(User.objects.get(username="bureau"), backend=BACKEND)
    return client


@contextmanager
def clocked(what: str) -> Iterator[None]:
    """Print how long something took."""
    begin = time.perf_counter()
    yield
    print(f"({what}: {time.perf_counter() - begin:.1f} s)", flush=True)


# ---------------------------------------------------------------- the district


@transaction.atomic
def build(people: int) -> None:
    """Fill the database: three to a household, all numbers alike under seal, facts spread by the id."""
    divisions.add(code=500000000000, name="某市", level="city")
    divisions.add(code=DISTRICT, name="某区", level="district", parent_code=500000000000)
    for town in range(TOWNS):
        code = DISTRICT + (101 + town) * 1000
        divisions.add(code=code, name=f"{town + 1}镇", level="town", parent_code=DISTRICT)
        for village in range(VILLAGES):
            divisions.add(
                code=code + village + 1, name=f"{town + 1}-{village + 1}村", level="village", parent_code=code
            )
    accounts.add_user(username="bureau", display_name="bureau", role="bureau", division_code=DISTRICT)
    user = User.objects.get(username="bureau")
    file = ImportedFile.objects.create(
        **{"kind": "roster", "name": "x", "sha256": "0", "division_id": DISTRICT, "rows": 0, "good_rows": 0},
        **{"uploaded_by": user, "uploaded_at": NOW},
    )
    facts: dict[str, Any] = {
        "people": people,
        "homes": people // MEMBERS + 1,
        "members": MEMBERS,
        "villages": TOWNS * VILLAGES,
    }
    facts |= {"each": VILLAGES, "district": DISTRICT, "user": user.pk, "file": file.pk, "now": NOW, "year": YEAR}
    facts["surnames"] = "".join(name * share for name, share in SURNAMES.items())
    facts |= {"number": seal("0" * 18), "phone": seal("10000000000"), "known": people - KNOWN}
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, facts)
        for number in range(people - KNOWN + 1, people + 1):
            index = blind_index(f"TEST{number}")
            cursor.execute("UPDATE registry_resident SET certificate_index = %s WHERE id = %s", [index, number])
            row: list[Any] = [number, "99", seal("x"), blind_index(f"FORMER{number}"), TODAY]
            cursor.execute(FORMER, row)
    if Resident.objects.count() != people:
        raise SystemExit("not everybody is there")


# Per cent of everybody; the rest are of some of the other surnames.
SURNAMES = {"王": 8, "李": 7, "张": 7, "刘": 5, "陈": 5, "杨": 3, "黄": 3, "赵": 2, "周": 2, "吴": 2}
SURNAMES |= dict.fromkeys("徐孙马胡朱郭何罗高林郑梁谢唐许冯宋韩邓彭曹曾田萧潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚钟姜崔谭", 1)
HOMES = """
INSERT INTO registry_household (id, division_id, number, address, state)
SELECT n, %(district)s + (101 + v / %(each)s) * 1000 + v %% %(each)s + 1, 'H' || n,
       CASE WHEN n %% 97 = 0 THEN '' ELSE '某路1号' END, 'present'
FROM (SELECT n, (n::bigint * %(villages)s / (%(homes)s + 1))::int AS v FROM generate_series(0, %(homes)s) n) homes
"""
# A surname by how frequent it is, two characters of three hundred. One in a hundred has been brought in twice.
PEOPLE = """
INSERT INTO registry_resident (id, household_id, division_id, relation, name, certificate_kind, certificate_number,
    certificate_index, birth_on, sex, phone, hukou, basis, eligibility, population, graduating, on_platform, state)
SELECT n, h.id, h.division_id, CASE n %% %(members)s WHEN 0 THEN 'head' WHEN 1 THEN 'spouse' ELSE 'child' END,
    substr(%(surnames)s, 1 + who %% length(%(surnames)s), 1)
    || chr(19968 + who / 100 %% 300) || chr(19968 + who / 30000 %% 300),
    '01', %(number)s, decode(md5(n::text), 'hex'),
    CASE n %% %(members)s WHEN 2 THEN date '2005-01-01' ELSE date '1940-01-01' END + who / 7 %% 6000,
    (1 + who / 50 %% 2)::text,
    CASE WHEN hash %% 50 = 0 THEN NULL ELSE %(phone)s END, '', 'PJ-2',
    CASE WHEN hash %% 2000 = 0 THEN 'pending' ELSE 'accepted' END,
    CASE WHEN hash %% 25 = 1 THEN 'university_student' ELSE 'resident' END, false, hash %% 50 <> 2,
    CASE WHEN hash %% 100 = 3 THEN 'dead' WHEN hash %% 10000 = 4 THEN 'moved_out' ELSE 'present' END
FROM (
    SELECT n, hashint4(n) & 2147483647 AS hash,
        hashint4(CASE WHEN n %% 100 = 0 AND n > 3000 THEN n - 2703 ELSE n END + 5) & 2147483647 AS who
    FROM generate_series(1, %(people)s) n
) people
JOIN registry_household h ON h.id = n / %(members)s
"""
IDENTITIES = """
INSERT INTO registry_identity (resident_id, code, department, begin_on, file_id)
SELECT id, code, 'civil_affairs', date '2020-01-01', %(file)s FROM registry_resident,
    (VALUES ('dibao', 33), ('disabled_1_2', 60), ('stable_lifted', 25), ('orphan', 5000)) codes (code, one_in)
WHERE (hashint4(id::int + 7) & 2147483647) %% one_in = 0
"""
ELSEWHERE = """
INSERT INTO registry_coveredelsewhere (resident_id, kind, begin_on, place)
SELECT id, 'employee', date '2022-01-01', '' FROM registry_resident
WHERE (hashint4(id::int + 9) & 2147483647) %% 10 = 0
"""
ENROLMENTS = """
INSERT INTO enrolment_enrolment (resident_id, division_id, year, tier, state, status, rate_fen, subsidy_fen,
    subsidy_identity, payable_fen, reasons, policy, policy_hash, decided_on, enrolled_by_id, enrolled_at)
SELECT id, division_id, %(year)s, 1, 'standing', 'assessed', 35000, 0, '', 35000, '[]', 'liangping-2023', '0',
    date '2022-11-20', %(user)s, %(now)s FROM registry_resident WHERE (hashint4(id::int + 11) & 2147483647) %% 5 > 0
"""
STATEMENTS = (HOMES, PEOPLE, IDENTITIES, ELSEWHERE, ENROLMENTS)
FORMER = """
INSERT INTO registry_formercertificate (resident_id, kind, number, index, replaced_on) VALUES (%s, %s, %s, %s, %s)
"""


if __name__ == "__main__":
    typer.run(main)
