"""What must hold of settlement lists; the function returns the ids of what breaks it."""

from __future__ import annotations

from django.db.models import Count, F, Q, Sum

from yingbao.divisions.codes import Scope
from yingbao.settlement.models import SettlementLine, SettlementList
from yingbao.worklist import queries as worklist
from yingbao.worklist.kinds import Kind


def lists_off(scope: Scope, *, year: int) -> list[int]:
    """Return lists that are not the sum of their lines, or hold a line that is not the locked subsidy.

    A decision mended after it was billed differs from the list that went out; somebody is told of it.
    """
    lists = SettlementList.objects.filter(year=year, division_id__gte=scope.low, division_id__lt=scope.high)
    summed = lists.annotate(fen=Sum("lines__amount_fen", default=0), n=Count("lines"))
    off = summed.filter(~Q(amount_fen=F("fen")) | ~Q(persons=F("n"))).values_list("pk", flat=True)
    lines = SettlementLine.objects.filter(list__in=lists).exclude(amount_fen=F("enrolment__subsidy_fen"))
    told = worklist.details_of(Kind.BILLED_AND_REFUNDED, scope)
    known = {detail.get("enrolment") for detail in told}
    rows = lines.values_list("list_id", "enrolment_id")
    differing = {list_id for list_id, enrolment_id in rows if enrolment_id not in known}
    return sorted({*off, *differing})
