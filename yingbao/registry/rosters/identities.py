"""Opening and closing identities as accepted rosters say, and taking that back (BN-4.2.1, PJ-5.2.1).

Nothing is ever deleted: an identity that was opened by mistake ends on the day it began, and has lasted no day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Exists, F, OuterRef

from yingbao.kernel.periods import DAY
from yingbao.registry.editing import history
from yingbao.registry.editing.history import Change, Why
from yingbao.registry.kinds import Action, ResidentState
from yingbao.registry.models import Identity, ImportedFile, RecordChange, Resident
from yingbao.registry.recognising.matching import batches
from yingbao.registry.rosters.reading import Disabled, Mark
from yingbao.storage.bulk import insert_rows
from yingbao.storage.fields import Json
from yingbao.storage.transactions import operation

UPDATE_BATCH = 300
REOPENED = ("begin_on", "end_on", "closed_by", "resident__gone_on")  # sealed columns stay closed
DISABILITY = ("disability_kind", "disability_grade")


@operation
def open_identities(marks: Iterable[Mark], *, file: ImportedFile) -> int:
    """Open an identity for every mark, confirmed by the file's department; return how many."""
    rows = ((mark.resident_id, mark.code, file.department, mark.on, file.pk) for mark in marks)
    return insert_rows(Identity, ("resident", "code", "department", "begin_on", "file"), rows)


@operation
def close_identities(marks: Iterable[Mark], *, file: ImportedFile) -> int:
    """End the identity of every mark before the mark's day, by the file's word; return how many."""
    closed = []
    for mark in marks:
        if mark.identity is not None:
            mark.identity.end_on, mark.identity.closed_by_id = mark.on, file.pk
            closed.append(mark.identity)
    Identity.objects.bulk_update(closed, ["end_on", "closed_by"], batch_size=UPDATE_BATCH)
    return len(closed)


@operation
def keep_differences(file: ImportedFile, differences: Json) -> None:
    """Keep what accepting a file has changed, which may be otherwise than what its check found."""
    file.differences = differences
    file.save(update_fields=["differences"])


@operation
def keep_disabilities(disabled: Mapping[int, Disabled], *, why: Why) -> int:
    """Keep on the residents what a roster tells of their disability; return how many differ. Locks in order of id."""
    changes, changed = [], []
    for batch in batches(sorted(disabled)):
        for resident in Resident.objects.select_for_update().filter(pk__in=batch).order_by("pk"):
            told = disabled[resident.pk]
            new = (told.kind if told.kind is not None else resident.disability_kind, told.grade)
            if change := _set_disability(resident, new):
                changes.append(change)
                changed.append(resident)
    return _save_disabilities(changed, changes, why)


def _set_disability(resident: Resident, new: tuple[int | None, int | None]) -> Change | None:
    old = (resident.disability_kind, resident.disability_grade)
    if new == old:
        return None
    resident.disability_kind, resident.disability_grade = new
    resident.version += 1
    names = [name for name, before, after in zip(DISABILITY, old, new, strict=True) if before != after]
    before, after = dict(zip(DISABILITY, old, strict=True)), dict(zip(DISABILITY, new, strict=True))
    return Change(resident, {name: before[name] for name in names}, {name: after[name] for name in names})


def _save_disabilities(changed: list[Resident], changes: list[Change], why: Why) -> int:
    Resident.objects.bulk_update(changed, [*DISABILITY, "version"], batch_size=UPDATE_BATCH)
    return history.record(changes, why=why)


# --- taking back ----------------------------------------------------------------------------------------------------


def opened_by(file: ImportedFile) -> list[Identity]:
    """Return the identities a file opened."""
    return list(Identity.objects.filter(file=file).order_by("pk"))


def built_upon(file: ImportedFile) -> tuple[int, int]:
    """Return how many identities of a file others have closed, and how many it closed that others opened again."""
    closed_since = Identity.objects.filter(file=file, closed_by__isnull=False).exclude(closed_by=file)
    later = Identity.objects.filter(
        resident=OuterRef("resident"), code=OuterRef("code"), begin_on__gte=OuterRef("end_on")
    )
    lasting = later.exclude(pk=OuterRef("pk")).exclude(file=file).exclude(end_on=F("begin_on"))
    opened_since = Identity.objects.filter(Exists(lasting), closed_by=file).exclude(file=file)
    return closed_since.count(), opened_since.count()


@operation
def take_back(file: ImportedFile, *, why: Why) -> tuple[int, int]:
    """Undo what a file opened and closed, and the disabilities it told; return (opened, closed) taken back.

    The caller has seen to it that nothing was built upon it.
    """
    ended = Identity.objects.filter(file=file).update(end_on=F("begin_on"), closed_by=file)
    closed = Identity.objects.filter(closed_by=file).exclude(file=file)
    again = [
        _reopened(one)
        for one in closed.exclude(resident__state=ResidentState.MERGED).select_related("resident").only(*REOPENED)
    ]
    Identity.objects.bulk_update(again, ["end_on", "closed_by"], batch_size=UPDATE_BATCH)
    _restore_disabilities(file, why)
    return ended, len(again)


def _reopened(one: Identity) -> Identity:
    """Let an identity go on as if nobody had closed it: of who has died or left since, until the day after that."""
    gone_on = one.resident.gone_on
    one.end_on, one.closed_by_id = None if gone_on is None else max(one.begin_on, gone_on + DAY), None
    return one


def _restore_disabilities(file: ImportedFile, why: Why) -> None:
    """Give back what residents had before the file, where it is still as the file left it."""
    told = RecordChange.objects.filter(file=file, action=Action.IMPORTED, resident__isnull=False).order_by("pk")
    before = {change.resident_id: change for change in told}
    changes, changed = [], []
    for batch in batches(sorted(pk for pk in before if pk is not None)):
        for resident in Resident.objects.select_for_update().filter(pk__in=batch).order_by("pk"):
            change = _put_back(resident, before[resident.pk])
            if change:
                changes.append(change)
                changed.append(resident)
    _save_disabilities(changed, changes, why)


def _put_back(resident: Resident, told: RecordChange) -> Change | None:
    before, after = history.opened(told.before), history.opened(told.after)
    if any(getattr(resident, name) != value for name, value in after.items() if name in DISABILITY):
        return None
    old = (before.get(name, getattr(resident, name)) for name in DISABILITY)
    return _set_disability(resident, (next(old), next(old)))
