"""Rows of a register file between the two words: poured into a table, and from there into the books by statements.

No row of a file passes through Python twice, and none is held in memory: a million fit.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from typing import IO, Any, TypeVar

from django.db import connection

from yingbao.registry.kinds import ElsewhereKind, ResidentState
from yingbao.registry.models import CoveredElsewhere, FormerCertificate, Household, ImportedFile, Resident, StagedPerson
from yingbao.registry.register.rows import Person
from yingbao.storage.bulk import pour_rows
from yingbao.storage.transactions import operation

ROWS_PER_FILE = 1 << 21  # twice what a sheet can hold
WORTH_ANALYZING = 20_000
ANALYZED = "id, is_sound, is_held, resident_id, division_code, household_no, certificate_index"  # all that joins
MANY = 900
SPOOLED_AT_ONCE = 1000
COLUMNS = (
    *("id", "is_held", "row", "is_sound", "unsaid", "division_code", "household_no", "address", "relation", "name"),
    *("certificate_kind", "certificate_number", "certificate_index", "birth_on", "sex", "phone", "hukou", "basis"),
    *("population", "graduating", "on_platform", "elsewhere"),
)
TABLES: Mapping[str, str] = {
    "staged": StagedPerson._meta.db_table,
    "resident": Resident._meta.db_table,
    "household": Household._meta.db_table,
    "former": FormerCertificate._meta.db_table,
    "elsewhere": CoveredElsewhere._meta.db_table,
}


def first_id(file_id: int) -> int:
    """Return the id a file's row 0 would have."""
    return file_id * ROWS_PER_FILE


P = TypeVar("P")
Param = str | int | date | bool | None


class Staged:
    """The staged rows of one file: SQL over them, with ``{of}`` for "of this file" in a statement's WHERE."""

    def __init__(self, file_id: int) -> None:
        self.low, self.high = first_id(file_id), first_id(file_id + 1)
        self._of = f"s.id >= {self.low} AND s.id < {self.high}"

    def rows(self, sql: str, *params: Param) -> list[tuple[Any, ...]]:
        """Return the rows of a query: of what is wrong or few, never of everybody."""
        with connection.cursor() as cursor:
            cursor.execute(self._filled(sql), params)
            return list(cursor.fetchall())

    def run(self, sql: str, *params: Param) -> int:
        """Run a statement and return how many rows it touched."""
        with connection.cursor() as cursor:
            cursor.execute(self._filled(sql), params)
            return int(cursor.rowcount)

    def count(self, sql: str, *params: Param) -> int:
        """Return the one number of a query."""
        ((number,),) = self.rows(sql, *params)
        return int(number or 0)

    def slices(self, rows: int = 2000) -> Iterator[tuple[int, int]]:
        """Give (first id, id behind the last) of stretches of at most so many rows."""
        last = self.count("SELECT max(s.id) FROM {staged} s WHERE {of}")
        for low in range(self.low, last + 1, rows):
            yield low, low + rows

    def _filled(self, sql: str) -> str:
        for name, table in (*TABLES.items(), ("of", self._of)):
            sql = sql.replace("{" + name + "}", table)
        return sql


@operation
def stage(file: ImportedFile, people: Iterable[Person]) -> int:
    """Pour a file's rows into the staging table; return how many. ``people`` must ask the database nothing."""
    base = first_id(file.pk)
    count = pour_rows(StagedPerson, COLUMNS, ((base + person.row, False, *person) for person in people))
    if connection.vendor == "postgresql" and count >= WORTH_ANALYZING:
        Staged(file.pk).run(f"ANALYZE {{staged}} ({ANALYZED})")  # in the same transaction nobody else would
    return count


def before_writing(people: Iterator[P]) -> Iterator[P]:
    """Give the same people; where writing holds everybody else off (SQLite), read them all first, onto disk.

    Only PostgreSQL lets others work while a file is read into an open transaction.
    """
    if connection.vendor == "postgresql":
        return people
    spool = tempfile.TemporaryFile()  # noqa: SIM115 has no name on disk and goes with whoever reads it
    while batch := list(islice(people, SPOOLED_AT_ONCE)):
        pickle.dump(batch, spool)
    spool.seek(0)
    return _spooled(spool)


def _spooled(spool: IO[bytes]) -> Iterator[Any]:
    while True:
        try:
            yield from pickle.load(spool)
        except EOFError:
            return


def count_staged(file_id: int) -> int:
    """Return how many of a file's rows are staged: fewer than it has where the server has lost them in a crash."""
    return Staged(file_id).count("SELECT count(*) FROM {staged} s WHERE {of}")


def count_good(file_id: int) -> int:
    """Return how many of a matched file's rows nothing keeps out."""
    return Staged(file_id).count(f"SELECT count(*) FROM {{staged}} s WHERE {GOOD}")


def rejected_rows(file_id: int) -> frozenset[int]:
    """Return the numbers of a matched file's rows that stay out."""
    rows = Staged(file_id).rows("SELECT s.row FROM {staged} s WHERE {of} AND (NOT s.is_sound OR s.is_held)")
    return frozenset(number for (number,) in rows)


@operation
def clear(file_id: int) -> int:
    """Delete a file's staged rows; return how many."""
    return Staged(file_id).run("DELETE FROM {staged} AS s WHERE {of}")


@operation
def hold(ids: Sequence[int]) -> None:
    """Mark staged rows as kept out."""
    for begin in range(0, len(ids), MANY):
        StagedPerson.objects.filter(pk__in=ids[begin : begin + MANY]).update(is_held=True)


@contextmanager
def roomy_sorts() -> Iterator[None]:
    """Let PostgreSQL sort and join a whole file in memory, until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '64MB'")
            cursor.execute("SET LOCAL jit = off")
    yield


# --- into the books -------------------------------------------------------------------------------------------------

GOOD = "{of} AND s.is_sound AND NOT s.is_held"


@operation
def add_households(file_id: int) -> int:
    """Add the households that good rows name and the register lacks; the address is that of the head's row.

    In the order of the file, so that its people then fall side by side in the indexes by household.
    """
    return Staged(file_id).run(
        f"""
        INSERT INTO {{household}} (division_id, number, address, state)
        SELECT s.division_code, s.household_no,
            coalesce(max(CASE WHEN s.relation = 'head' AND s.address <> '' THEN s.address END), max(s.address)),
            'present'
        FROM {{staged}} s
        WHERE {GOOD} AND NOT EXISTS (
            SELECT 1 FROM {{household}} h WHERE h.division_id = s.division_code AND h.number = s.household_no)
        GROUP BY s.division_code, s.household_no
        ORDER BY min(s.id)
        """
    )


@operation
def add_residents(file_id: int) -> int:
    """Add the people of good rows whom the register does not know; ``Resident.file`` tells where they come from."""
    return Staged(file_id).run(
        f"""
        INSERT INTO {{resident}} (household_id, division_id, relation, name, certificate_kind, certificate_number,
            certificate_index, birth_on, sex, phone, hukou, basis, population, graduating, on_platform, state, file_id,
            bank_name, residence, eligibility, version)
        SELECT h.id, s.division_code, s.relation, s.name, s.certificate_kind, s.certificate_number,
            s.certificate_index, s.birth_on, s.sex, s.phone, s.hukou, s.basis, s.population, s.graduating,
            s.on_platform, '{ResidentState.PRESENT.value}', %s, '', '', 'accepted', 1
        FROM {{staged}} s JOIN {{household}} h ON h.division_id = s.division_code AND h.number = s.household_no
        WHERE {GOOD} AND s.resident_id IS NULL
        ORDER BY s.id
        """,
        file_id,
    )


@operation
def add_elsewhere(file_id: int, begin_on: date) -> int:
    """Add the cover elsewhere that good rows tell of and the register has not, of newcomers and of known people.

    It begins on a day, or where a span of the same kind ends that a list has given a later end.
    """
    return sum(_add_elsewhere_of_kind(file_id, kind.value, begin_on) for kind in ElsewhereKind)


def _add_elsewhere_of_kind(file_id: int, kind: str, begin_on: date) -> int:
    return Staged(file_id).run(
        f"""
        INSERT INTO {{elsewhere}} (resident_id, kind, begin_on, file_id)
        SELECT r.id, '{kind}', coalesce((
            SELECT max(e.end_on) FROM {{elsewhere}} e
            WHERE e.resident_id = r.id AND e.kind = '{kind}' AND e.end_on > e.begin_on AND e.end_on > %s), %s), %s
        FROM {{staged}} s JOIN {{resident}} r ON r.id = coalesce(
            s.resident_id, (SELECT n.id FROM {{resident}} n WHERE n.certificate_index = s.certificate_index))
        WHERE {GOOD} AND s.elsewhere <> '' AND ';' || s.elsewhere || ';' LIKE '%%;{kind};%%' AND NOT EXISTS (
            SELECT 1 FROM {{elsewhere}} e WHERE e.resident_id = r.id AND e.kind = '{kind}' AND e.end_on IS NULL)
        """,
        begin_on,
        begin_on,
        file_id,
    )
