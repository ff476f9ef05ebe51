"""Reading work items."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q, QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions.codes import Scope
from yingbao.storage.fields import Json
from yingbao.worklist.models import WorkItem


def open_items(actor: Actor) -> QuerySet[WorkItem]:
    """Return the open items of the actor's divisions, the most urgent first. Needs SEE_WORK_ITEMS."""
    return items(actor).filter(closed_at__isnull=True).order_by("due_on", "id")


def items(actor: Actor) -> QuerySet[WorkItem]:
    """Return all items of the actor's divisions, closed ones too. Needs SEE_WORK_ITEMS."""
    actor.must(Right.SEE_WORK_ITEMS)
    within = WorkItem.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("division", "owner")


def open_by_kind(actor: Actor) -> dict[str, int]:
    """Return kind → number of open items, most first. Needs SEE_WORK_ITEMS."""
    counted = open_items(actor).order_by().values_list("kind").annotate(n=Count("id"))
    return dict(sorted(counted, key=lambda row: -row[1]))


def count_open(actor: Actor, *, today: date) -> list[tuple[str, int, int]]:
    """Return (kind, open items, of those overdue), most overdue first. Needs SEE_WORK_ITEMS."""
    counted = open_items(actor).order_by().values_list("kind")
    rows = counted.annotate(n=Count("id"), late=Count("id", filter=Q(due_on__lt=today)))
    return sorted(rows, key=lambda row: (-row[2], -row[1]))


def open_by_subject(actor: Actor, kind: str) -> dict[int, WorkItem]:
    """Return subject id → the actor's divisions' open item of a kind, owner at hand. Needs SEE_WORK_ITEMS."""
    return {item.subject_id: item for item in open_items(actor).filter(kind=kind)}


def details_of(kind: str, scope: Scope) -> list[Json]:
    """Return what the items of a kind of a scope say, closed ones too. For the audits of rooms above."""
    within = WorkItem.objects.filter(kind=kind, division_id__gte=scope.low, division_id__lt=scope.high)
    return list(within.values_list("detail", flat=True))
