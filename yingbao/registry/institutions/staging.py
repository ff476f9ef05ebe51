"""Rows of an institution's list between the two words, and from there into the register by statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from yingbao.registry.institutions.rows import Member
from yingbao.registry.kinds import Relation, ResidentState
from yingbao.registry.models import FormerCertificate, ImportedFile, Institution, Resident, StagedMember
from yingbao.registry.register.staging import first_id
from yingbao.storage.bulk import pour_rows
from yingbao.storage.transactions import operation

COLUMNS = (
    *("id", "row", "is_sound", "name", "certificate_kind", "certificate_number", "certificate_index", "birth_on"),
    *("sex", "phone", "tier", "graduating", "term_start_on", "identity", "on_platform", "number", "unit"),
)
LOOKED_AT = (
    *("id", "row", "name", "certificate_index", "birth_on", "tier", "graduating", "term_start_on", "identity"),
    *("on_platform", "number", "unit"),
)
STAGED, RESIDENT, FORMER = (model._meta.db_table for model in (StagedMember, Resident, FormerCertificate))
WORTH_ANALYZING = 5000
MANY = 900


class Row(NamedTuple):
    """A sound staged row, as far as it is looked at: number and phone stay sealed."""

    id: int
    row: int
    name: str
    blind: bytes
    birth_on: date
    tier: int
    graduating: bool
    term_start_on: date | None
    identity: str
    on_platform: bool
    number: str
    unit: str


class Known(NamedTuple):
    """Whom the register has under a row's number, now or before."""

    resident_id: int
    name: str
    relation: str


@operation
def stage(file: ImportedFile, members: Iterable[Member]) -> int:
    """Pour a file's rows into the staging table; return how many. ``members`` must ask the database nothing."""
    base = first_id(file.pk)
    count = pour_rows(StagedMember, COLUMNS, ((base + member.row, *member) for member in members))
    if connection.vendor == "postgresql" and count >= WORTH_ANALYZING:
        _run(f"ANALYZE {STAGED} (id, certificate_index)", [])  # in the same transaction nobody else would
    return count


def sound_rows(file_id: int) -> list[Row]:
    """Return the sound rows of a file, in its order."""
    found = StagedMember.objects.filter(**_of(file_id), is_sound=True).order_by("id")
    rows: Iterable[tuple[Any, ...]] = found.values_list(*LOOKED_AT)
    return [Row(*row)._replace(blind=bytes(row[3])) for row in rows]


def count_staged(file_id: int) -> int:
    """Return how many of a file's rows are staged: fewer than it has where the server has lost them in a crash."""
    return StagedMember.objects.filter(**_of(file_id)).count()


def unsound_rows(file_id: int) -> set[int]:
    """Return the numbers of the rows whose own cells keep them out."""
    return set(StagedMember.objects.filter(**_of(file_id), is_sound=False).values_list("row", flat=True))


def recognise(file_id: int) -> dict[int, Known]:
    """Return staged id → whom the register has under that number, now or before; two statements for any file."""
    low, high = first_id(file_id), first_id(file_id + 1)
    former = f"""
        SELECT s.id, r.id, r.name, r.relation FROM {STAGED} s JOIN {FORMER} f ON f.index = s.certificate_index
        JOIN {RESIDENT} r ON r.id = f.resident_id WHERE s.id >= %s AND s.id < %s AND s.is_sound"""
    now = f"""
        SELECT s.id, r.id, r.name, r.relation FROM {STAGED} s
        JOIN {RESIDENT} r ON r.certificate_index = s.certificate_index
        WHERE s.id >= %s AND s.id < %s AND s.is_sound AND r.state <> %s"""
    known: dict[int, Known] = {}
    with connection.cursor() as cursor:
        cursor.execute(former.replace("f.index", f"f.{connection.ops.quote_name('index')}"), [low, high])
        known.update((row, Known(*person)) for row, *person in cursor.fetchall())
        cursor.execute(now, [low, high, ResidentState.MERGED.value])
        known.update((row, Known(*person)) for row, *person in cursor.fetchall())
    return known


@operation
def drop(ids: Sequence[int]) -> None:
    """Delete staged rows that do not come in."""
    for begin in range(0, len(ids), MANY):
        StagedMember.objects.filter(pk__in=ids[begin : begin + MANY]).delete()


@operation
def clear(file_id: int) -> None:
    """Delete a file's staged rows."""
    StagedMember.objects.filter(**_of(file_id)).delete()


@operation
def add_residents(institution: Institution, file: ImportedFile, *, basis: str, population: str) -> int:
    """Register those of the staged rows whom the register does not know, into the collective household.

    Raises IntegrityError where somebody registers one of them at this moment.
    """
    return _run(
        f"""
        INSERT INTO {RESIDENT} (household_id, division_id, relation, name, certificate_kind, certificate_number,
            certificate_index, birth_on, sex, phone, hukou, basis, population, graduating, term_start_on, on_platform,
            state, file_id, bank_name, residence, eligibility, version)
        SELECT %s, %s, '{Relation.OTHER.value}', s.name, s.certificate_kind, s.certificate_number, s.certificate_index,
            s.birth_on, s.sex, s.phone, '', %s, %s, s.graduating, s.term_start_on, s.on_platform,
            '{ResidentState.PRESENT.value}', %s, '', '', 'accepted', 1
        FROM {STAGED} s
        WHERE s.id >= %s AND s.id < %s AND s.is_sound
            AND NOT EXISTS (SELECT 1 FROM {RESIDENT} r WHERE r.certificate_index = s.certificate_index)
            AND NOT EXISTS (SELECT 1 FROM {FORMER} f WHERE f.{connection.ops.quote_name("index")} = s.certificate_index)
        ORDER BY s.id
        """,
        [
            *(institution.household_id, institution.division_id, basis, population, file.pk),
            *(first_id(file.pk), first_id(file.pk + 1)),
        ],
    )


def _of(file_id: int) -> dict[str, int]:
    return {"id__gte": first_id(file_id), "id__lt": first_id(file_id + 1)}


def _run(sql: str, params: Sequence[str | int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)
