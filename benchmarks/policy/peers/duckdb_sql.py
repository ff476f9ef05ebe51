"""DuckDB: one SQL statement over a table in memory, its answer an Arrow table (quicker than a table of its own)."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.policy import notice as n
from benchmarks.policy.peers.harness import ANSWERS, Array, Columns, serve, winner_places

NO_DAY = f"({n.NO_DAY})::INTEGER"


class DuckdbSql:
    """CASE looks at a branch for those rows only that reach it, which spares people without identities."""

    own_threads = True

    def prepare(self, columns: Columns, cores: int) -> Any:
        """Fill the table ``people``."""
        connection = duckdb.connect(":memory:")
        connection.execute(f"SET threads = {cores}")
        arrays = {name: pa.array(value) for name, value in vars(columns).items() if isinstance(value, np.ndarray)}
        given = pa.table(arrays)
        connection.register("given", given)
        connection.execute("CREATE TABLE people AS SELECT * FROM given")
        connection.unregister("given")
        return connection, write_query(columns), columns

    def run(self, data: Any) -> Any:
        """Assess."""
        connection, query, _ = data
        return connection.sql(query).to_arrow_table()

    def collect(self, data: Any, result: Any) -> dict[str, Array]:
        """Return the answers as arrays."""
        answers = {name: result[name].to_numpy() for name in ANSWERS}
        listed = winner_places(data[2].codes, tuple(identity.code for identity in n.IDENTITIES))
        answers["winner"] = listed.take(answers["winner"])
        return answers


def write_query(people: Columns) -> str:
    """Return the whole notice as one statement, each common table using what the one before found."""
    return f"""
WITH days AS (
  SELECT *, paid = {NO_DAY} AS unpaid, population = 1 AS student, tier = 2 AS second,
    CASE WHEN paid = {NO_DAY} THEN {people.as_of}::INTEGER ELSE paid END AS day,
    CASE WHEN term_start = {NO_DAY} THEN {n.TERM_BEGINS}::INTEGER ELSE term_start END AS term,
    CASE WHEN population = 1 AND NOT graduating THEN {n.TERM_ENDS}::INTEGER ELSE {n.YEAR_ENDS}::INTEGER END AS until
  FROM people
), facts AS (
  SELECT *, day < {n.FULL_COST} AS before_july,
    problems <> 0 OR tier NOT IN (1, 2) OR birth = {NO_DAY} OR (NOT unpaid AND birth > paid)
      OR (student AND term NOT BETWEEN {n.TERM_FIRST} AND {n.TERM_LAST}) AS invalid,
    student AND day BETWEEN term AND term + {n.TERM_DAYS} AS in_term,
    NOT student AND birth BETWEEN {n.YEAR_BEGINS} AND {n.YEAR_ENDS}
      AND day BETWEEN birth AND birth + {n.NEWBORN_DAYS} AS newborn,
    {_pick_rate()} AS yuan,
    CASE WHEN mask & {people.bits(tuple(i.code for i in n.IDENTITIES))} = 0 THEN 0::SMALLINT
      ELSE {_pick_best(people)} END AS best
  FROM days
), starts AS (
  SELECT *, least(best >> 5, yuan) AS given,
    NOT (unpaid OR in_term OR newborn OR day BETWEEN {n.OPENS} AND {n.LAST_DAY}) AS closed,
    CASE WHEN in_term THEN {n.TERM_BEGINS}::INTEGER
      WHEN newborn THEN birth
      WHEN day <= {n.CENTRALISED_END} THEN greatest({n.YEAR_BEGINS}::INTEGER, birth)
      WHEN mask & {people.bits(n.NO_WAITING)} <> 0 THEN greatest({n.YEAR_BEGINS}::INTEGER, day)
      WHEN day < {n.YEAR_BEGINS} THEN NULL
      WHEN day < {n.FEBRUARY} THEN greatest({n.FEBRUARY}::INTEGER, birth)
      WHEN day < {n.MARCH} THEN greatest({n.MARCH}::INTEGER, birth)
      ELSE day + {n.WAITING} END AS first
  FROM facts
), kinds AS (
  SELECT *, invalid OR closed AS nothing,
    CASE WHEN invalid THEN {n.INVALID} WHEN closed THEN {n.CLOSED} WHEN unpaid OR first <= until THEN {n.ASSESSED}
      ELSE {n.SILENT} END::UTINYINT AS status
  FROM starts
)
SELECT status,
  CASE WHEN nothing THEN -1 ELSE yuan::INTEGER * {n.FEN} END AS rate,
  CASE WHEN nothing THEN -1 ELSE given::INTEGER * {n.FEN} END AS subsidy,
  CASE WHEN nothing OR best = 0 THEN {len(n.IDENTITIES)} ELSE 31 - (best & 31) END::UTINYINT AS winner,
  CASE WHEN nothing THEN -1 WHEN before_july THEN (yuan - given)::INTEGER * {n.FEN}
    ELSE (yuan - given + {n.FISCAL})::INTEGER * {n.FEN} END AS payable,
  CASE WHEN nothing THEN -1 WHEN before_july THEN {n.FISCAL * n.FEN} ELSE 0 END::INTEGER AS fiscal,
  CASE WHEN status <> {n.ASSESSED} OR unpaid THEN {NO_DAY} ELSE first END AS begins,
  CASE WHEN status <> {n.ASSESSED} OR unpaid THEN {NO_DAY} ELSE until END AS ends
FROM kinds
"""


def _pick_rate() -> str:
    return f"""CASE WHEN student THEN CASE WHEN second THEN {n.RATE["student", 2]} ELSE {n.RATE["student", 1]} END
      ELSE CASE WHEN second THEN {n.RATE["resident", 2]} ELSE {n.RATE["resident", 1]} END END::SMALLINT"""


def _pick_best(people: Columns) -> str:
    """Return the greatest key, by tier and before or from July: four lists of those identities that bring anything."""
    lists = {
        (tier, july): f"greatest(0::SMALLINT, {', '.join(_list_keys(people, tier, july))})"
        for tier in (1, 2)
        for july in (True, False)
    }
    return f"""CASE WHEN second
        THEN CASE WHEN before_july THEN {lists[2, True]} ELSE {lists[2, False]} END
        ELSE CASE WHEN before_july THEN {lists[1, True]} ELSE {lists[1, False]} END END"""


def _list_keys(people: Columns, tier: int, before_july: bool) -> Iterator[str]:
    for identity in n.IDENTITIES:
        if key := n.best_key(identity, tier, before_july):
            yield f"CASE WHEN mask & {people.bit(identity.code)} <> 0 THEN {key}::SMALLINT ELSE 0::SMALLINT END"


if __name__ == "__main__":
    serve(DuckdbSql())
