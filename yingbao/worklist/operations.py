"""Opening and closing work items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import BadInput, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.storage.fields import Json
from yingbao.storage.transactions import operation
from yingbao.worklist.models import WorkItem


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to be seen to; ``detail`` holds ids, dates and fen, never names or numbers."""

    kind: str
    division_code: int
    owner_id: int
    subject: tuple[str, int]
    due_on: date
    detail: Json = field(default_factory=dict)


class Opened(NamedTuple):
    """An item that is open already."""

    item_id: int
    detail: Json


@operation
def open_items(findings: Sequence[Finding], *, on: date) -> None:
    """Open a work item per finding; one that is open already for the same subject stays as it is."""
    if not findings:
        return
    WorkItem.objects.bulk_create(
        (
            WorkItem(
                kind=finding.kind,
                division_id=finding.division_code,
                owner_id=finding.owner_id,
                subject_kind=finding.subject[0],
                subject_id=finding.subject[1],
                due_on=finding.due_on,
                opened_on=on,
                detail=finding.detail,
            )
            for finding in findings
        ),
        ignore_conflicts=True,
    )


@operation
def close(item_id: int, *, by_id: int, reason: str, at: datetime) -> WorkItem:
    """Close an open item with a reason. Raises BadInput without one, NotFound where it is not open."""
    if not reason.strip():
        raise BadInput(say(N_("关闭事项必须写明处理结果。")), todo=say(N_("请填写处理结果后再提交。")))
    item = WorkItem.objects.select_for_update().filter(pk=item_id, closed_at__isnull=True).first()
    if item is None:
        raise NotFound(say(N_("这件事项不存在或已经关闭。")))
    item.closed_at, item.closed_by_id, item.closed_reason = at, by_id, reason.strip()
    item.save(update_fields=["closed_at", "closed_by", "closed_reason"])
    return item


@operation
def open_subjects(scope: Scope, kind: str) -> dict[int, int]:
    """Return subject id → item id of a scope's open items of one kind, held until commit."""
    found = WorkItem.objects.select_for_update().filter(
        kind=kind, closed_at__isnull=True, division_id__gte=scope.low, division_id__lt=scope.high
    )
    return dict(found.order_by("pk").values_list("subject_id", "pk"))  # in one order: no deadlock


@operation
def open_of(scope: Scope, kinds: Iterable[str]) -> dict[tuple[str, str, int], Opened]:
    """Return (kind, subject kind, subject id) → a scope's open items of some kinds, held until commit."""
    found = WorkItem.objects.select_for_update().filter(
        kind__in=list(kinds), closed_at__isnull=True, division_id__gte=scope.low, division_id__lt=scope.high
    )
    rows = found.order_by("pk").values_list("kind", "subject_kind", "subject_id", "pk", "detail")
    return {(kind, subject, subject_id): Opened(pk, detail) for kind, subject, subject_id, pk, detail in rows}


@operation
def reassign(item_id: int, *, owner_id: int, due_on: date, detail: Json) -> None:
    """Give an open item another owner, day and figures."""
    WorkItem.objects.filter(pk=item_id, closed_at__isnull=True).update(owner_id=owner_id, due_on=due_on, detail=detail)


@operation
def close_all(item_ids: Sequence[int], *, by_id: int, reason: str, at: datetime) -> None:
    """Close many items for one reason."""
    if not item_ids:
        return
    WorkItem.objects.filter(pk__in=item_ids).update(closed_at=at, closed_by=by_id, closed_reason=reason)


@operation
def close_about(kind: str, subject_kind: str, ids: Iterable[int], *, by_id: int, reason: str, at: datetime) -> int:
    """Close the open items of a kind about some records, for one reason; return how many."""
    about = WorkItem.objects.filter(kind=kind, subject_kind=subject_kind, subject_id__in=sorted(ids))
    return about.filter(closed_at__isnull=True).update(closed_at=at, closed_by=by_id, closed_reason=reason)


@operation
def close_pair(kind: str, ids: Sequence[int], *, by_id: int, reason: str, at: datetime) -> int:
    """Close the open items about one of two residents whose ``detail.other`` is the other; return how many."""
    about = WorkItem.objects.filter(kind=kind, subject_kind="resident", subject_id__in=ids, detail__other__in=ids)
    return about.filter(closed_at__isnull=True).update(closed_at=at, closed_by=by_id, closed_reason=reason)
