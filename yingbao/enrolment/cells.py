"""People counted by what decides their amounts, in the database: no person's row leaves it.

Identities are those in force on the day of clearing, for who has not paid on the day of the question. Births are
coarsened in SQL: exact within zones, elsewhere one day for all between two of them.

On SQLite a ``+`` before a column tells it not to go by that index, and means nothing else: here nearly every row is
asked for, and in the order of an index that took ten times as long. PostgreSQL weighs that by itself, and would lose
its statistics by it. CROSS JOIN tells SQLite to begin with the few identities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from yingbao.divisions.codes import Scope
from yingbao.enrolment.kinds import EnrolmentState
from yingbao.enrolment.models import Enrolment
from yingbao.registry.kinds import ResidentState

Zones = Sequence[tuple[date, date]]  # half-open, in order
# division, population, tier (None: not enrolled), graduating, birth, cleared on (None: not paid), identity mask, people
Row = tuple[int, str, int | None, bool, Any, Any, int, int]
Params = list[Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted: ``year``'s enrolments, on a day, with identities as ``bits`` and births exact in ``zones``.

    ``gaps``: the day that stands for all births before the first zone, after it, and so on; one more than zones.
    """

    year: int
    on: date
    bits: Mapping[str, int]
    zones: Zones
    gaps: Sequence[date]


def count_enrolled(scope: Scope, question: Question) -> list[Row]:
    """Count the standing enrolments of a scope's divisions; days come as the database gives them."""
    names, day = _names(), _day(question.on)
    plus = _ignoring_index()
    standing = f"{plus}e.year = %s AND e.state = %s AND {plus}e.division_id >= %s AND {plus}e.division_id < %s"
    chosen: Params = [question.year, EnrolmentState.STANDING.value, scope.low, scope.high]
    cleared = "COALESCE(e.locked_on, %s)"
    held, held_params = _held(
        f"CROSS JOIN {names['enrolment']} e",
        f"e.resident_id = i.resident_id AND {standing} AND i.begin_on <= {cleared}"
        f" AND (i.end_on IS NULL OR i.end_on > {cleared})",
        [*chosen, day, day],
        question.bits,
    )
    birth, birth_params = _birth(question)
    sql = f"""{held}
        SELECT {plus}e.division_id, r.population, e.tier, r.graduating, {birth}, e.locked_on,
            COALESCE(held.mask, 0), COUNT(*)
        FROM {names["enrolment"]} e JOIN {names["resident"]} r ON r.id = e.resident_id
        LEFT JOIN held ON held.resident_id = r.id
        WHERE {standing} GROUP BY 1, 2, 3, 4, 5, 6, 7"""
    return _fetch(sql, [*held_params, *birth_params, *chosen])


def count_unenrolled(scope: Scope, question: Question) -> list[Row]:
    """Count who is present in a scope's divisions, may enrol (not covered elsewhere) and has not; tier is None."""
    names, day = _names(), _day(question.on)
    plus = _ignoring_index()
    present = f"{plus}r.division_id >= %s AND {plus}r.division_id < %s AND r.state = %s AND r.birth_on <= %s"
    chosen: Params = [scope.low, scope.high, ResidentState.PRESENT.value, day]
    held, held_params = _held(
        f"CROSS JOIN {names['resident']} r",
        f"r.id = i.resident_id AND {present} AND i.begin_on <= %s AND (i.end_on IS NULL OR i.end_on > %s)",
        [*chosen, day, day],
        question.bits,
    )
    birth, birth_params = _birth(question)
    sql = f"""{held}
        SELECT {plus}r.division_id, r.population, NULL, r.graduating, {birth}, NULL, COALESCE(held.mask, 0), COUNT(*)
        FROM {names["resident"]} r LEFT JOIN held ON held.resident_id = r.id
        WHERE {present}
        AND NOT EXISTS (SELECT 1 FROM {names["enrolment"]} e
            WHERE e.resident_id = r.id AND e.year = %s AND e.state = %s)
        AND NOT EXISTS (SELECT 1 FROM {names["elsewhere"]} w
            WHERE w.resident_id = r.id AND w.begin_on <= %s AND (w.end_on IS NULL OR w.end_on > %s))
        GROUP BY 1, 2, 4, 5, 7"""
    others: Params = [question.year, EnrolmentState.STANDING.value, day, day]
    return _fetch(sql, [*held_params, *birth_params, *chosen, *others])


def latest_change() -> str:
    """Return a text that changes whenever somebody is registered, marked with an identity, or enrolled."""
    names = _names()
    tables = ("resident", "identity", "elsewhere", "enrolment")
    columns = ", ".join(f"(SELECT COALESCE(MAX(id), 0) FROM {names[table]})" for table in tables)
    return "-".join(str(number) for number in _fetch(f"SELECT {columns}", [])[0])


def _held(join: str, where: str, params: Params, bits: Mapping[str, int]) -> tuple[str, Params]:
    """Return a CTE ``held``: resident → mask. An identity two departments confirmed still is one bit."""
    names = _names()
    cases = " ".join("WHEN %s THEN %s" for _ in bits)
    coded: Params = [value for code, bit in bits.items() for value in (code, bit)]
    sql = f"""WITH held AS (
        SELECT resident_id, CAST(SUM(bit) AS bigint) AS mask FROM (
            SELECT DISTINCT i.resident_id, CASE i.code {cases} ELSE 0 END AS bit
            FROM {names["identity"]} i {join} WHERE {where}
        ) AS marks GROUP BY resident_id)"""
    return sql, [*coded, *params]


def _birth(question: Question) -> tuple[str, Params]:
    """Return the birth as the zones keep it: the day of the gap before, the birth itself, the day of the next gap …"""
    parts: list[str] = []
    params: Params = []
    for (begin, end), gap in zip(question.zones, question.gaps, strict=False):
        parts.append("WHEN r.birth_on < %s THEN %s WHEN r.birth_on < %s THEN r.birth_on")
        params += [_day(begin), _day(gap), _day(end)]
    return f"CASE {' '.join(parts)} ELSE %s END", [*params, _day(question.gaps[-1])]


def _ignoring_index() -> str:
    return "+" if connection.vendor == "sqlite" else ""


def _names() -> dict[str, str]:
    """Return the quoted tables; other rooms' are found by way of our own references to them."""
    resident: Any = Enrolment._meta.get_field("resident").related_model
    tables = {
        "enrolment": Enrolment._meta.db_table,
        "resident": resident._meta.db_table,
        "identity": resident._meta.get_field("identities").related_model._meta.db_table,
        "elsewhere": resident._meta.get_field("elsewhere").related_model._meta.db_table,
    }
    return {name: connection.ops.quote_name(table) for name, table in tables.items()}


def _day(day: date) -> Any:
    return connection.ops.adapt_datefield_value(day)


def _fetch(sql: str, params: Params) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
