"""Simulation over a district of a million: how long a slider takes to answer, beside 1 s and beside assessing everyone.

Run with ``python -m benchmarks.simulate [--rows N]``; YINGBAO_DATABASE_URL names PostgreSQL, else SQLite. Measured:
gathering the people of a Parquet file into cells; the same aggregated by the database; one answer of a slider in the
use case (change, check, compile, assess the cells, add up); the same through the web page, rendered. Sums over the
cells are checked against assessing every single person before any clock is looked at.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

HOME = Path(os.environ.setdefault("YINGBAO_HOME", tempfile.mkdtemp(prefix="yingbao-bench-")))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ.setdefault("YINGBAO_DATABASE_URL", f"sqlite:///{HOME}/bench.sqlite3?synchronous=OFF")
os.environ["YINGBAO_TODAY"] = "2023-09-28"

import django  # noqa: E402

django.setup()

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
import typer  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from benchmarks.assess import make_people  # noqa: E402
from yingbao.accounts import operations as accounts  # noqa: E402
from yingbao.accounts.models import User  # noqa: E402
from yingbao.accounts.queries import actor_named  # noqa: E402
from yingbao.divisions import operations as divisions  # noqa: E402
from yingbao.enrolment.models import Enrolment  # noqa: E402
from yingbao.policy import People, Policy, get_policy, get_vocabulary  # noqa: E402
from yingbao.policy.people import NO_DAY, to_date  # noqa: E402
from yingbao.policy.people_files import read_population  # noqa: E402
from yingbao.policy.population import births_that_matter  # noqa: E402
from yingbao.policy.simulate import simulate  # noqa: E402
from yingbao.policy.whatif import what_if  # noqa: E402
from yingbao.registry.models import Household, Identity, ImportedFile, Resident  # noqa: E402
from yingbao.storage.bulk import insert_rows  # noqa: E402
from yingbao.usecases.simulate_policy import forget_snapshots, simulate_policy  # noqa: E402

DISTRICT, TOWNS, VILLAGES = 500155000000, 30, 14
NOW = datetime(2023, 9, 28, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY, LIMIT, ANSWERS = date(2023, 9, 28), 1.0, 5
T = TypeVar("T")


def main(rows: Annotated[int, typer.Option(help="people of the district")] = 1_000_000) -> None:
    """Measure and print."""
    policy = get_policy("liangping-2023")
    people = make_people(rows, policy)
    villages = np.random.default_rng(2).integers(0, TOWNS * VILLAGES, rows)
    print(f"{policy.name}, a district of {rows:,} people, {TOWNS * VILLAGES} villages, {connection.vendor}")
    check_equal(policy, people, villages)
    file = HOME / "people.parquet"
    pq.write_table(make_table(people, villages), file)
    births = births_that_matter(policy)
    population, gathering = timed(lambda: read_population(file, policy, births))
    report(f"Parquet into {len(population.cells):,} cells", gathering, rows)
    call_command("migrate", verbosity=0)
    _, building = timed(lambda: build_site(people, villages))
    print(f"(the site itself took {building:.0f} s to build)")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a site's database does so by itself in the days after an import
    actor = actor_named("bureau")

    def ask(after: Policy) -> Any:
        return simulate_policy(actor, before=policy, after=after, whom="enrolled", on=TODAY, stamp=None)

    done, aggregating = timed(lambda: ask(policy))
    report(f"database into {len(done.snapshot.population.cells):,} cells", aggregating, rows)
    _, everyone = timed(lambda: assess_everyone(policy, people))
    answer = best(lambda rate: ask(what_if(policy, {"rates.resident.1": rate})))
    limit(f"a slider's answer ({answer / everyone:.1f} x assessing everyone, columns in memory)", answer)
    limit("a slider's answer as the page gives it, rendered", best(slide))
    forget_snapshots()


def check_equal(policy: Policy, people: People, villages: Any) -> None:
    """Stop unless the sums over the cells are those over everybody."""
    after = what_if(policy, {"rates.resident.1": 400})
    part = people.rows(0, 50_000)
    file = HOME / "check.parquet"
    pq.write_table(make_table(part, villages[:50_000]), file)
    total = simulate(policy, after, read_population(file, policy, births_that_matter(policy))).total
    for side, one in ((total.before, policy), (total.after, after)):
        payable = one.assess_people(part).amounts("payable_fen").astype(np.int64)
        if side.personal_fen != int(payable[payable >= 0].sum()):
            raise SystemExit(f"not equal: {side}")


def assess_everyone(policy: Policy, people: People) -> None:
    """What a slider would have to do without cells, its columns already in memory: compile and assess each person."""
    what_if(policy, {"rates.resident.1": 410}).assess_people(people)


def slide(rate: int) -> None:
    """Ask the page as a moving slider does, as the bureau."""
    client = CLIENTS.setdefault("bureau", Client(headers={"Host": "127.0.0.1"}))
    if "sessionid" not in client.cookies:
        client.force_login(User.objects.get(username="bureau"), backend="yingbao.accounts.backends.OfficeBackend")
        client.get(reverse("simulate"), {"whom": "enrolled"})
    given = {"whom": "enrolled", "rates.resident.1.amount": str(rate)}
    response = client.get(reverse("simulate"), given, headers={"HX-Request": "true"})
    if response.status_code != 200:
        raise SystemExit(f"the page answers {response.status_code}")


CLIENTS: dict[str, Client] = {}


def best(work: Callable[[int], object]) -> float:
    """Return the middle of some answers in seconds, each to another rate: nothing can be remembered."""
    times = []
    for place in range(ANSWERS):
        _, seconds = timed(lambda rate=360 + 10 * place: work(rate))  # type: ignore[misc]
        times.append(seconds)
    return sorted(times)[ANSWERS // 2]


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Run ``work``; return its answer and the seconds it took."""
    begin = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - begin


def report(what: str, seconds: float, rows: int) -> None:
    """Print one figure."""
    print(f"{what:<84} {seconds:7.3f} s   {rows / seconds / 1e6:6.2f} million people/s")


def limit(what: str, seconds: float) -> None:
    """Print one figure against the limit of 1 s."""
    print(f"{what:<84} {seconds:7.3f} s   {seconds / LIMIT:.0%} of the {LIMIT:.0f} s wanted")


# ---------------------------------------------------------------- the district


def make_table(people: People, villages: Any) -> Any:
    """Return people as columns of a file."""
    codes, populations = list(get_vocabulary().identities), list(get_vocabulary().populations)
    masks, place = np.unique(people.mask, return_inverse=True)
    texts = pa.array([";".join(c for bit, c in enumerate(codes) if int(mask) >> bit & 1) for mask in masks])
    return pa.table(
        {
            "birth_date": pa.array(people.birth).cast(pa.date32()),
            "population": pa.array(populations).take(pa.array(people.population)),
            "tier": pa.array(people.tier),
            "identities": texts.take(pa.array(place)),
            "paid_on": pa.array(people.paid, mask=people.paid == NO_DAY).cast(pa.date32()),
            "graduating": pa.array(people.graduating),
            "division": pa.array([str(village_code(n)) for n in range(TOWNS * VILLAGES)]).take(pa.array(villages)),
        }
    )


def village_code(number: int) -> int:
    """Return the code of a village by its number."""
    town, village = divmod(number, VILLAGES)
    return DISTRICT + (101 + town) * 1000 + village + 1


@transaction.atomic
def build_site(people: People, villages: Any) -> None:
    """Fill a database with the district: a household per village, everybody enrolled and cleared."""
    divisions.add(code=500000000000, name="某市", level="city")
    divisions.add(code=DISTRICT, name="某区", level="district", parent_code=500000000000)
    for town in range(TOWNS):
        divisions.add(code=DISTRICT + (101 + town) * 1000, name=f"{town + 1}镇", level="town", parent_code=DISTRICT)
    for number in range(TOWNS * VILLAGES):
        code = village_code(number)
        divisions.add(code=code, name=f"{number + 1}村", level="village", parent_code=code - code % 1000)
    accounts.add_user(username="bureau", display_name="bureau", role="bureau", division_code=DISTRICT)
    user = User.objects.get()
    file = ImportedFile.objects.create(
        kind="roster",
        name="x",
        sha256="0",
        division_id=DISTRICT,
        rows=0,
        good_rows=0,
        uploaded_by=user,
        uploaded_at=NOW,
    )
    for number in range(TOWNS * VILLAGES):
        Household.objects.create(id=number + 1, division_id=village_code(number), number=str(number))
    insert_rows(Resident, RESIDENT, residents(people, villages))
    insert_rows(Identity, ("resident", "code", "department", "begin_on", "file"), identities(people, file.pk))
    insert_rows(Enrolment, ENROLMENT, enrolments(people, villages, user.pk))


RESIDENT = (
    *("id", "household", "division", "relation", "name", "certificate_kind", "certificate_number", "certificate_index"),
    *("birth_on", "sex", "hukou", "basis", "population", "graduating", "on_platform", "state"),
)
ENROLMENT = (
    *("resident", "division", "year", "tier", "state", "status", "rate_fen", "subsidy_fen", "subsidy_identity"),
    *("payable_fen", "fiscal_fen", "reasons", "policy", "policy_hash", "decided_on", "locked_on", "enrolled_by"),
    "enrolled_at",
)


def residents(people: People, villages: Any) -> Iterator[list[Any]]:
    """Yield a row per person, all alike but for the facts."""
    populations = list(get_vocabulary().populations)
    columns = zip(
        people.birth.tolist(), people.population.tolist(), people.graduating.tolist(), villages.tolist(), strict=True
    )
    for number, (birth, population, graduating, village) in enumerate(columns, 1):
        index = number.to_bytes(16, "big")
        home = [number, village + 1, village_code(village), "other", "某", "99", "x", index]
        yield [*home, to_date(birth), "1", "", "PJ-2", populations[population], graduating, True, "present"]


def identities(people: People, file: int) -> Iterator[list[Any]]:
    """Yield a row per identity held."""
    codes = list(get_vocabulary().identities)
    for number, mask in enumerate(people.mask.tolist(), 1):
        for bit, code in enumerate(codes):
            if mask >> bit & 1:
                yield [number, code, "civil_affairs", date(2020, 1, 1), file]


def enrolments(people: People, villages: Any, user: int) -> Iterator[list[Any]]:
    """Yield everybody's enrolment, cleared on the day of the facts."""
    columns = zip(people.tier.tolist(), people.paid.tolist(), villages.tolist(), strict=True)
    for number, (tier, paid, village) in enumerate(columns, 1):
        whom = [number, village_code(village), 2023, tier, "standing", "assessed", 0, 0, "", 0, None]
        yield [*whom, [], "liangping-2023", "0", to_date(paid), to_date(paid), user, NOW]


if __name__ == "__main__":
    typer.run(main)
