"""Fill a district for ``benchmarks.counter_http``: households of four, a village agent per client, a book each.

Run as ``python -m benchmarks._counter_town PEOPLE AGENTS``; prints nothing. Every name and number is invented.
"""

from __future__ import annotations

import os
import sys
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

os.environ["DJANGO_SETTINGS_MODULE"] = "yingbao.config.settings"

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks._counter_case import MEMBERS, PASSWORD, SUBSIDISED_EVERY, TODAY, count_villages  # noqa: E402
from yingbao.accounts import operations as accounts  # noqa: E402
from yingbao.accounts.models import User  # noqa: E402
from yingbao.collection.receipts import stock  # noqa: E402
from yingbao.divisions import operations as divisions  # noqa: E402
from yingbao.divisions.codes import town_of  # noqa: E402
from yingbao.registry.models import ImportedFile  # noqa: E402
from yingbao.storage.encrypted import seal  # noqa: E402
from yingbao.storage.transactions import unit_of_work  # noqa: E402

DISTRICT, PER_TOWN = 500155000000, 20
ON, NOW = date.fromisoformat(TODAY), datetime(2022, 12, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


def main(people: int, agents: int) -> None:
    """Make the tables and fill them."""
    call_command("migrate", verbosity=0)
    villages = count_villages(people, agents)
    with unit_of_work():
        make_divisions(villages)
        make_register(people, villages)
        make_seals(villages)
        for place in range(agents):
            make_agent(place)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def village_code(place: int) -> int:
    """Return the code of the n-th village."""
    return DISTRICT + (101 + place // PER_TOWN) * 1000 + place % PER_TOWN + 1


def make_divisions(villages: int) -> None:
    """Make the district, its towns and their villages."""
    divisions.add(code=500000000000, name="某市", level="city")
    divisions.add(code=DISTRICT, name="某区", level="district", parent_code=500000000000)
    for place in range(villages):
        code, town = village_code(place), place // PER_TOWN + 1
        if place % PER_TOWN == 0:
            divisions.add(code=code - 1, name=f"{town}镇", level="town", parent_code=DISTRICT)
        divisions.add(
            code=code, name=f"{town}-{place % PER_TOWN + 1}村", level="village", parent_code=code // 1000 * 1000
        )


def make_seals(villages: int) -> None:
    """Give each town the seal without which nobody issues a receipt."""
    by_id = User.objects.get(username="bureau").pk
    for code in sorted({town_of(village_code(place)) for place in range(villages)}):
        stock.set_seal(division_code=code, text=f"{code}社保所", on=ON, by_id=by_id)


def make_agent(place: int) -> None:
    """Make the agent of the n-th village, with a book of receipts that lasts."""
    code, series = village_code(place), f"B{place}"
    user = accounts.add_user(
        username=f"agent{place}",
        display_name=f"agent{place}",
        role="village",
        division_code=code,
        hashed_password=hashed(),
    )
    run: dict[str, Any] = {"series": series, "first": 1, "last": 99_999, "on": ON}
    stock.register_run(division_code=DISTRICT, **run)
    stock.hand_run(office=DISTRICT, division_code=town_of(code), **run)
    stock.hand_book(agent_id=user.pk, division_code=code, **run)


def hashed() -> str:
    """Return the hash of the agents' password, worked out once."""
    if not HASH:
        HASH.append(make_password(PASSWORD))
    return HASH[0]


HASH: list[str] = []


def make_register(people: int, villages: int) -> None:
    """Add households of four one after the other, village by village in turn, and the identities."""
    accounts.add_user(username="bureau", display_name="bureau", role="bureau", division_code=DISTRICT)
    file = ImportedFile.objects.create(
        **{"kind": "roster", "name": "x", "sha256": "0", "division_id": DISTRICT, "rows": 0, "good_rows": 0},
        uploaded_by=User.objects.get(username="bureau"),
        uploaded_at=NOW,
    )
    facts: dict[str, Any] = {"homes": people // MEMBERS, "villages": villages, "each": PER_TOWN, "district": DISTRICT}
    facts |= {"members": MEMBERS, "every": SUBSIDISED_EVERY, "file": file.pk, "number": seal("0" * 18)}
    with connection.cursor() as cursor:
        for statement in (HOMES, PEOPLE, IDENTITIES):
            cursor.execute(statement, facts)


HOMES = """
INSERT INTO registry_household (id, division_id, number, address, state)
SELECT n, %(district)s + (101 + n %% %(villages)s / %(each)s) * 1000 + n %% %(villages)s %% %(each)s + 1,
    'H' || n, '某路1号', 'present' FROM generate_series(1, %(homes)s) n
"""
PEOPLE = """
INSERT INTO registry_resident (id, household_id, division_id, relation, name, certificate_kind, certificate_number,
    certificate_index, birth_on, sex, hukou, basis, population, graduating, on_platform, state)
SELECT (h.id - 1) * %(members)s + place + 1, h.id, h.division_id,
    (ARRAY['head', 'spouse', 'child', 'parent'])[place + 1], '居民' || h.id || '-' || place,
    '01', %(number)s, decode(md5(h.id || '-' || place), 'hex'),
    (ARRAY[date '1980-05-01', date '1982-06-02', date '2012-07-03', date '1950-08-04'])[place + 1],
    '1', '', 'PJ-2', 'resident', false, true, 'present'
FROM registry_household h, generate_series(0, %(members)s - 1) place
"""
IDENTITIES = """
INSERT INTO registry_identity (resident_id, code, department, begin_on, file_id)
SELECT id * %(members)s, 'dibao', 'civil_affairs', date '2020-01-01', %(file)s
FROM registry_household WHERE id %% %(every)s = 0
"""


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
