"""Changing records of the register: every change keeps who, when, why, from which file, before and after (BN-4.4c)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yingbao.accounts.actors import Actor
from yingbao.kernel.errors import Conflict
from yingbao.kernel.messages import N_, say
from yingbao.registry.kinds import Action
from yingbao.registry.models import Household, ImportedFile, RecordChange, Resident
from yingbao.storage import transactions
from yingbao.storage.bulk import insert_rows
from yingbao.storage.transactions import operation

Value = str | int | bool | None
CHANGE = ("at", "user", "action", "reason", "file", "household", "resident", "fields", "before", "after", "request_key")


@dataclass(frozen=True, slots=True)
class Why:
    """What every change of one use case shares: who does it, what it is, for which reason, from which file."""

    actor: Actor
    action: Action
    at: datetime
    reason: str = ""
    file: ImportedFile | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one record as it is written and shown: field → value before and after, as JSON holds them."""

    subject: Resident | Household
    before: Mapping[str, Value | list[int]] = field(default_factory=dict)
    after: Mapping[str, Value | list[int]] = field(default_factory=dict)


@operation
def change(subject: Resident | Household, values: Mapping[str, object], *, why: Why) -> bool:
    """Give a record new values and keep the old ones in its history; False where nothing differs.

    ``values`` are model attributes (``household_id``, not ``household``). A resident's ``version`` grows; lock the
    record first where two may change it (``lock_resident``).
    """
    old = {name: getattr(subject, name) for name in values}
    changed = [name for name, value in values.items() if old[name] != value]
    if not changed:
        return False
    for name in changed:
        setattr(subject, name, values[name])
    also = []
    if isinstance(subject, Resident):
        subject.version += 1
        also = ["version"]
    subject.save(update_fields=[*changed, *also])
    before = {name: plain(old[name]) for name in changed}
    after = {name: plain(values[name]) for name in changed}
    record([Change(subject, before, after)], why=why)
    return True


@operation
def record(changes: Iterable[Change], *, why: Why) -> int:
    """Write changes that have been made into the history; return how many."""
    return insert_rows(RecordChange, CHANGE, (_row(one, why) for one in changes))


@operation
def record_moves(moves: Mapping[tuple[int, int], Iterable[int]], *, why: Why) -> int:
    """Write on two households who went from one to the other: (from, to) → resident ids; return how many lines.

    A person's own line tells it too, but follows the person: the household left would know nothing of them.
    """
    lines = []
    for (left, joined), people in sorted(moves.items()):
        lines.append(Change(Household(pk=left), {}, {"went": sorted(people), "to_id": joined}))
        lines.append(Change(Household(pk=joined), {}, {"came": sorted(people), "from_id": left}))
    return record(lines, why=why)


@operation
def wait_for_files() -> None:
    """Wait until no file is being brought in: it has looked at people and homes and writes by what it saw.

    Whoever changes people or homes calls this before locking any; clerks do not wait for each other here.
    """
    transactions.take_turns("yingbao-imports", shared=True)


@operation
def lock_resident(resident_id: int, *, version: int | None = None) -> Resident:
    """Return a resident, locked until the transaction ends. The caller has judged the scope.

    Raises Conflict where ``version`` is given and somebody has changed the record since it was shown.
    """
    wait_for_files()
    found = Resident.objects.select_for_update().get(pk=resident_id)
    if version is not None and found.version != version:
        raise Conflict(
            say(N_("这条记录刚刚被别人修改过，您的修改没有保存。")),
            todo=say(N_("请刷新页面，核对现在的内容后再改。")),
        )
    return found


def plain(value: object) -> Value:
    """Return a value as JSON holds it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value if isinstance(value, str | int | bool | None) else str(value)


def opened(text: str | None) -> dict[str, Any]:
    """Return the values a history row holds under seal."""
    return dict(json.loads(text)) if text else {}


def _row(one: Change, why: Why) -> Sequence[object]:
    household = one.subject.pk if isinstance(one.subject, Household) else None
    resident = one.subject.pk if isinstance(one.subject, Resident) else None
    file = why.file.pk if why.file else None
    fields = sorted({*one.before, *one.after})
    return (
        *(why.at, why.actor.user_id, why.action.value, why.reason, file, household, resident, fields),
        *(_sealed(one.before), _sealed(one.after), why.key),
    )


def _sealed(values: Mapping[str, Value | list[int]]) -> str | None:
    return json.dumps(dict(values), ensure_ascii=False) if values else None
