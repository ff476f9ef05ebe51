"""The counter's one POST: how many statements a household of four costs, whatever the size of the register."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.journeys.cast import IN_TIME, TIER_1, VILLAGE, Cast, family, people_the_town
from tests.web.conftest import Login
from yingbao.collection.models import Payment
from yingbao.registry.models import Household, Resident

STATEMENTS = 18  # session, user with division; key and its lock; people; enrolments, dues; payment, lines, receipt …


@pytest.fixture
def cast(db: None) -> Cast:
    return people_the_town()


def serve(client: Client, members: list[Resident], key: str) -> list[str]:
    """Enrol a family and take its money through the page; return the statements it took."""
    form: dict[str, Any] = {"key": f"web-{key}", "act": "pay", "channel": "cash", "amount_fen": 4 * TIER_1}
    form |= {f"tier_{one.pk}": "1" for one in members}
    with CaptureQueriesContext(connection) as captured:
        response = client.post(reverse("enrol", args=[members[0].household_id]), form)
    assert response.status_code == 302 and "/payments/" in response["Location"]
    return [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]


def fill(people: int) -> None:
    """Add so many people in households of four, as a register brings them."""
    homes = Household.objects.bulk_create(Household(division_id=VILLAGE, number=f"F{n}") for n in range(people // 4))
    Resident.objects.bulk_create(
        Resident(
            household=home,
            division_id=VILLAGE,
            relation="head" if place == 0 else "other",
            name="居民",
            certificate_kind="99",
            certificate_number="x",
            certificate_index=f"{home.pk}-{place}".encode(),
            birth_on=date(1980, 1, 1),
            sex="1",
            basis="PJ-2",
        )
        for home in homes
        for place in range(4)
    )


def test_a_household_costs_the_same_statements_among_ten_people_and_among_two_thousand(
    cast: Cast, login: Login, settings: Any
) -> None:
    settings.YINGBAO_TODAY = IN_TIME.isoformat()
    client = login("village-agent")
    serve(client, family(), "warm")  # accounts opened, plans made
    few = serve(client, family(), "few")
    fill(2_000)
    many = serve(client, family(), "many")
    assert len(many) == len(few) <= STATEMENTS
    assert [statement[:40] for statement in many] == [statement[:40] for statement in few]
    assert Payment.objects.count() == 3


@pytest.mark.postgres
def test_every_statement_of_it_finds_its_rows_by_an_index(cast: Cast, login: Login, settings: Any) -> None:
    settings.YINGBAO_TODAY = IN_TIME.isoformat()
    client = login("village-agent")
    serve(client, family(), "warm")
    statements = serve(client, family(), "asked")
    read = [one for one in statements if one.startswith(("SELECT", "UPDATE")) and "pg_advisory" not in one]
    with connection.cursor() as cursor:
        # In a table of a few rows the planner reads them all; told not to, it does so only where no index helps.
        cursor.execute("SET LOCAL enable_seqscan = off")
        scanned = [(one[:120], table) for one in read for table in whole_scans(cursor, one)]
    assert len(read) >= 6
    assert scanned == []


def whole_scans(cursor: Any, statement: str) -> list[str]:
    """Return the tables that a statement's plan reads from end to end."""
    cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}".replace("%", "%%"))
    plans, found = [cursor.fetchone()[0][0]["Plan"]], []
    while plans:
        plan = plans.pop()
        plans += plan.get("Plans", [])
        if plan["Node Type"] == "Seq Scan":
            found.append(plan["Relation Name"])
    return found
