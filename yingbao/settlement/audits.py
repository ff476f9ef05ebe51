"""What must hold of settlement lists; the function returns the ids of what breaks it."""

from __future__ import annotations

from django.db.models import Count, F, Q, Sum

from yingbao.divisions.codes import Scope
from yingbao.settlement.models import SettlementLine, SettlementList


def lists_off(scope: Scope, *, year: int) -> list[int]:
    """Return lists that are not the sum of their lines, or hold a line that is not the locked subsidy."""
    lists = SettlementList.objects.filter(year=year, division_id__gte=scope.low, division_id__lt=scope.high)
    summed = lists.annotate(fen=Sum("lines__amount_fen", default=0), n=Count("lines"))
    off = summed.filter(~Q(amount_fen=F("fen")) | ~Q(persons=F("n"))).values_list("pk", flat=True)
    lines = SettlementLine.objects.filter(list__in=lists).exclude(amount_fen=F("enrolment__subsidy_fen"))
    return sorted({*off, *lines.values_list("list_id", flat=True)})
