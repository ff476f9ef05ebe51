"""The same change for many residents at once: as many statements for five thousand as for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import F

from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.registry.editing.history import Change, Value, Why, record, wait_for_files
from yingbao.registry.models import Resident
from yingbao.storage.transactions import operation

BATCH = 10_000  # ids in a statement: below what either database takes


@operation
def change_many(resident_ids: Sequence[int], values: Mapping[str, Value], *, why: Why) -> list[int]:
    """Give residents the same values, each change kept in the history; return the ids of whom it changed.

    Records are locked in the order of ids. Raises NotFound where one of them is not of the actor's divisions.
    """
    wait_for_files()
    people: list[Resident] = []
    ids = sorted(set(resident_ids))
    for batch in (ids[begin : begin + BATCH] for begin in range(0, len(ids), BATCH)):
        # Numbers and phones stay sealed: nothing here looks at them.
        known = Resident.objects.only("pk", "division_id", *values).filter(pk__in=batch)
        people += known.select_for_update().order_by("pk")
    if len(people) != len(ids) or any(one.division_id not in why.actor.scope for one in people):
        raise NotFound(say(N_("没有找到，或不在您的管理范围内。")))
    changes = [change for one in people if (change := _difference(one, values)).after]
    changed = [change.subject.pk for change in changes]
    for batch in (changed[begin : begin + BATCH] for begin in range(0, len(changed), BATCH)):
        Resident.objects.filter(pk__in=batch).update(**values, version=F("version") + 1)
    record(changes, why=why)
    return changed


def _difference(one: Resident, values: Mapping[str, Value]) -> Change:
    before = {name: getattr(one, name) for name, value in values.items() if getattr(one, name) != value}
    return Change(one, before, {name: values[name] for name in before})
