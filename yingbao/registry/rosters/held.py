"""Who holds identities now by a department's word: what a new roster is compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.db.models import Count, QuerySet

from yingbao.divisions.codes import Scope
from yingbao.registry.kinds import FileKind, FileState, ResidentState
from yingbao.registry.models import Identity, ImportedFile


def count_held(department: str, scope: Scope) -> Counter[tuple[str, int]]:
    """Return (identity code, village code) → people who hold it without an end."""
    rows = _held(department, scope).values_list("code", "resident__division_id").annotate(n=Count("id"))
    return Counter({(code, village): n for code, village, n in rows})


def find_held(department: str, scope: Scope, codes: Collection[str]) -> list[Identity]:
    """Return the identities of some codes without an end, their people's names and villages at hand."""
    found = _held(department, scope).filter(code__in=sorted(codes)).select_related("resident").order_by("pk")
    # Sealed columns stay closed: opening a district's numbers would take longer than all the rest.
    return list(found.only("code", "begin_on", "end_on", "resident__name", "resident__division_id"))


def newest_month(department: str, division_code: int) -> date | None:
    """Return the latest month an accepted roster of a department speaks for; None before the first."""
    accepted = ImportedFile.objects.filter(kind=FileKind.ROSTER, state=FileState.ACCEPTED, department=department)
    months = accepted.filter(division_id=division_code, month__isnull=False).order_by("-month")
    return months.values_list("month", flat=True).first()


def _held(department: str, scope: Scope) -> QuerySet[Identity]:
    return _in(scope).filter(department=department, end_on__isnull=True)


def _in(scope: Scope) -> QuerySet[Identity]:
    return Identity.objects.filter(resident__division_id__gte=scope.low, resident__division_id__lt=scope.high)


class Holder(NamedTuple):
    """Somebody who holds an identity, as a department's form names them."""

    name: str
    number: str
    village: int
    code: str
    begin_on: date


def holders_of(department: str, scope: Scope, *, on: date) -> list[Holder]:
    """Return who holds a department's identities on a day and without an end, village by village.

    Whom a roster ends with the month is left out: on the form sent back, they would begin again. Whole numbers: for the
    department's own form only.
    """
    found = _held(department, scope).filter(begin_on__lte=on)
    present = found.filter(resident__state=ResidentState.PRESENT)
    rows = present.order_by("resident__division_id", "resident__household_id", "resident_id", "pk").values_list(
        *("resident__name", "resident__certificate_number", "resident__division_id", "code", "begin_on")
    )
    return [Holder(*row) for row in rows]
