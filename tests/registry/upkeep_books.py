"""What random upkeep looks at in the database after every step: all tables, history, audit trail, what leaks."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection

from yingbao.accounts.models import AnsweredRequest, AuditEntry
from yingbao.registry.editing.history import opened, plain
from yingbao.registry.models import Household, ImportedFile, MatchQuestion, RecordChange, Resident
from yingbao.worklist.models import WorkItem

Rows = dict[int, dict[str, Any]]
UNTOLD = {"id", "version", "file_id"}  # ``file`` tells where somebody came from, and never changes
OPEN_COLUMNS = (
    (AuditEntry, "detail"),
    (AnsweredRequest, "answer"),
    (ImportedFile, "problems"),
    (ImportedFile, "differences"),
    (MatchQuestion, "candidates"),
    (WorkItem, "detail"),
)


def digest() -> str:
    """Return a hash of every row of every table as it lies on disk."""
    found = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names()):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in sorted(repr([_bytes(value) for value in row]) for row in cursor.fetchall()):
                found.update(row.encode())
    return found.hexdigest()


def _bytes(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def residents() -> Rows:
    """Return id → every column of every resident, unsealed."""
    return {row["id"]: dict(row) for row in Resident.objects.values()}


def households() -> Rows:
    """Return id → every column of every household."""
    return {row["id"]: dict(row) for row in Household.objects.values()}


def last_change() -> int:
    """Return the id of the newest line of history."""
    return RecordChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def history_gaps(before: tuple[Rows, Rows], since: int, *, user_id: int, file_id: int | None) -> list[str]:
    """Return what changed between two steps without a line of history that says from what, to what and by whom."""
    lines = list(RecordChange.objects.filter(pk__gt=since).order_by("pk"))
    gaps = [f"line {one.pk} names another" for one in lines if (one.user_id, one.file_id) != (user_id, file_id)]
    for word, was, now in (("resident", before[0], residents()), ("household", before[1], households())):
        told = _told(lines, word)
        for pk, row in now.items():
            gaps += _gaps_of(word, pk, was.get(pk), row, told[pk])
    return gaps


def _told(lines: Iterable[RecordChange], word: str) -> defaultdict[int, dict[str, list[tuple[Any, Any]]]]:
    """Return record id → field → its values (before, after), oldest first."""
    told: defaultdict[int, dict[str, list[tuple[Any, Any]]]] = defaultdict(dict)
    for one in lines:
        pk = getattr(one, f"{word}_id")
        if pk is not None:
            before, after = opened(one.before), opened(one.after)
            for field in one.fields:
                told[pk].setdefault(field, []).append((before.get(field), after.get(field)))
    return told


def _gaps_of(
    word: str, pk: int, was: dict[str, Any] | None, now: dict[str, Any], told: dict[str, list[tuple[Any, Any]]]
) -> list[str]:
    if was is None:
        is_told = bool(told) or word == "household" or now["file_id"] is not None
        return [] if is_told else [f"nothing tells how {word} {pk} began"]
    changed = {name for name in now if name not in UNTOLD and _value(now[name]) != _value(was[name])}
    gaps = [f"{word} {pk}: {name} changed silently" for name in sorted(changed - told.keys())]
    for name, steps in told.items():
        if name in now and (_bare(steps[0][0]), _bare(steps[-1][1])) != (_value(was[name]), _value(now[name])):
            gaps.append(f"{word} {pk}: the history of {name} is another")
    if word == "resident" and changed and now["version"] <= was["version"]:
        gaps.append(f"resident {pk}: changed without a new version")
    return gaps


def _value(value: object) -> object:
    return _bare(plain(value))


def _bare(value: object) -> object:
    """A file does not tell an empty text from none."""
    return "" if value is None else value


def leaks(secrets: Iterable[str]) -> list[str]:
    """Return the open columns in which a name, number or phone stands."""
    found = []
    for model, name in OPEN_COLUMNS:
        text = json.dumps(list(model.objects.values_list(name, flat=True)), ensure_ascii=False)
        found += [f"{model.__name__}.{name}" for secret in secrets if secret in text]
    return found
