"""Entering deaths from a list, many at a time, and bringing people back when the list is withdrawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import DateField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Greatest

from yingbao.kernel.periods import DAY
from yingbao.registry.editing.history import Change, Why, opened, plain, record
from yingbao.registry.elsewhere.death_rows import Death
from yingbao.registry.kinds import Action, ResidentState
from yingbao.registry.models import Identity, ImportedFile, RecordChange, Resident
from yingbao.registry.recognising.matching import batches
from yingbao.storage.transactions import operation

CHANGED = ("state", "gone_on")


@operation
def enter_deaths(deaths: Sequence[Death], *, file: ImportedFile, why: Why) -> int:
    """Mark people as dead, with their history; their identities that have no end, end the day after. Return how many.

    People are locked in id order. Whoever has died since the list was read stays as they are.
    """
    died = {death.resident_id: death.died_on for death in deaths}
    people = [one for one in _locked(died) if one.state not in (ResidentState.DEAD, ResidentState.MERGED)]
    changes = [_change(one, ResidentState.DEAD, died[one.pk]) for one in people]
    _write([(one.pk, ResidentState.DEAD, died[one.pk]) for one in people])
    for died_on, ids in _by_day((one.pk, died[one.pk]) for one in people).items():
        last = Greatest(F("begin_on"), Value(died_on + DAY, output_field=DateField()))
        for batch in batches(ids):
            held = Identity.objects.filter(resident_id__in=batch, end_on__isnull=True)
            held.update(end_on=last, closed_by=file)
    return record(changes, why=why)


@operation
def undo_deaths(file: ImportedFile, *, why: Why) -> dict[str, int]:
    """Bring back whom a list made dead, to the state they had, and their identities with them.

    Whoever's state somebody has changed since stays as they are. Returns ``{"restored", "kept"}``.
    """
    entered = {
        change.resident_id: opened(change.before)
        for change in RecordChange.objects.filter(file=file, action=Action.DEATH, resident__isnull=False)
        if change.resident_id is not None
    }
    later = _changed_since(entered, file)
    people = [one for one in _locked(entered) if one.pk not in later and one.state == ResidentState.DEAD]
    before = {one.pk: (entered[one.pk]["state"], _day(entered[one.pk].get("gone_on"))) for one in people}
    changes = [_change(one, *before[one.pk]) for one in people]
    _write([(pk, state, gone_on) for pk, (state, gone_on) in before.items()])
    _reopen_identities(sorted(before), file)
    record(changes, why=why)
    return {"restored": len(people), "kept": len(entered) - len(people)}


def _locked(resident_ids: Iterable[int]) -> list[Resident]:
    found: list[Resident] = []
    for batch in batches(sorted(resident_ids)):
        found += Resident.objects.select_for_update().filter(pk__in=batch).order_by("pk").only("pk", *CHANGED)
    return found


def _change(one: Resident, state: str, gone_on: date | None) -> Change:
    before = {"state": one.state, "gone_on": plain(one.gone_on)}
    after = {"state": str(state), "gone_on": plain(gone_on)}
    fields = [name for name in CHANGED if before[name] != after[name]]
    return Change(one, {name: before[name] for name in fields}, {name: after[name] for name in fields})


def _write(rows: Iterable[tuple[int, str, date | None]]) -> None:
    """Give people a state and day, a statement for those who share both."""
    together: defaultdict[tuple[str, date | None], list[int]] = defaultdict(list)
    for pk, state, gone_on in rows:
        together[str(state), gone_on].append(pk)
    for (state, gone_on), ids in together.items():
        for batch in batches(ids):
            Resident.objects.filter(pk__in=batch).update(state=state, gone_on=gone_on, version=F("version") + 1)


def _by_day(pairs: Iterable[tuple[int, date]]) -> dict[date, list[int]]:
    found: defaultdict[date, list[int]] = defaultdict(list)
    for pk, day in pairs:
        found[day].append(pk)
    return found


def _changed_since(resident_ids: Iterable[int], file: ImportedFile) -> set[int]:
    """Return those whose state or day has changed after this file changed it."""
    last: dict[int, Any] = {}
    for batch in batches(sorted(resident_ids)):
        changes = RecordChange.objects.filter(resident_id__in=batch).order_by("pk")
        for resident_id, fields, file_id in changes.values_list("resident_id", "fields", "file_id"):
            if resident_id is not None and not set(CHANGED).isdisjoint(fields):
                last[resident_id] = file_id
    return {resident_id for resident_id, file_id in last.items() if file_id != file.pk}


def _reopen_identities(resident_ids: Sequence[int], file: ImportedFile) -> None:
    """Reopen what the file ended, save where the same identity has begun anew since."""
    others = Identity.objects.filter(
        resident=OuterRef("resident"), code=OuterRef("code"), begin_on__gte=OuterRef("end_on")
    )
    lasting = Q(end_on__isnull=True) | Q(end_on__gt=F("begin_on"))
    for batch in batches(resident_ids):
        ended = Identity.objects.filter(closed_by=file, resident_id__in=batch)
        free = ended.exclude(Exists(others.filter(lasting).exclude(pk=OuterRef("pk"))))
        ids = list(free.values_list("pk", flat=True))
        Identity.objects.filter(pk__in=ids).update(end_on=None, closed_by=None)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
