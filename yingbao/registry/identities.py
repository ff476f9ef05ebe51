"""Opening and closing identities as accepted rosters say (BN-4.2.1, PJ-5.2.1). Nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Iterable

from yingbao.registry.models import Identity, ImportedFile
from yingbao.registry.roster_rows import Mark
from yingbao.storage.bulk import insert_rows
from yingbao.storage.transactions import operation

UPDATE_BATCH = 300


@operation
def open_identities(marks: Iterable[Mark], *, file: ImportedFile) -> int:
    """Open an identity for every mark, confirmed by the file's department; return how many."""
    rows = ((mark.resident_id, mark.code, file.department, mark.on, file.pk) for mark in marks)
    return insert_rows(Identity, ("resident", "code", "department", "begin_on", "file"), rows)


@operation
def close_identities(marks: Iterable[Mark]) -> int:
    """End the identity of every mark before the mark's day; return how many."""
    closed = []
    for mark in marks:
        if mark.identity is not None:
            mark.identity.end_on = mark.on
            closed.append(mark.identity)
    Identity.objects.bulk_update(closed, ["end_on"], batch_size=UPDATE_BATCH)
    return len(closed)
