"""What pages and workbooks show of a roster's differences: people for the ids the file keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from yingbao.registry.models import Identity, ImportedFile, Resident
from yingbao.registry.recognising.matching import batches
from yingbao.registry.rosters.differences import PAIRS, PEOPLE

KINDS = (*PAIRS, *PEOPLE)


class Difference(NamedTuple):
    """One line of what a roster changes: whom, and which identity where the line is about one."""

    resident_id: int
    code: str


def list_differences(file: ImportedFile, kind: str) -> list[Difference]:
    """Return a file's differences of one of ``KINDS``, in its order. For a file the actor was allowed to see."""
    kept = file.differences.get(kind, [])
    if kind in PAIRS:
        return [Difference(resident_id, code) for resident_id, code in kept]
    return [Difference(resident_id, "") for resident_id in kept]


def people_of(differences: Iterable[Difference]) -> dict[int, Resident]:
    """Return resident id → resident with village and town, of differences already found."""
    found: dict[int, Resident] = {}
    for batch in batches(sorted({one.resident_id for one in differences})):
        for resident in Resident.objects.filter(pk__in=batch).select_related("division__parent"):
            found[resident.pk] = resident
    return found


def codes_of(resident_ids: Sequence[int], department: str) -> dict[int, list[str]]:
    """Return resident id → the identities a department has them hold without an end."""
    held: dict[int, list[str]] = {}
    rows = Identity.objects.filter(resident_id__in=resident_ids, department=department, end_on__isnull=True)
    for resident_id, code in rows.order_by("pk").values_list("resident_id", "code"):
        held.setdefault(resident_id, []).append(code)
    return held
