"""What must hold in the ledger; each function returns the ids that break it."""

from __future__ import annotations

from django.db.models import Q, Sum

from yingbao.divisions.codes import Scope
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.models import Account, Transfer

# Places where money is: none can hold less than nothing.
HELD = (
    AccountKind.AGENT_CASH,
    AccountKind.AGREEMENT,
    AccountKind.CHANNEL,
    AccountKind.DECLARED,
    AccountKind.TREASURY,
)


def cross_border(scope: Scope, *, year: int) -> list[int]:
    """Return transfers between accounts of two years or villages: money of one place never leaks into another's."""
    from_here = Transfer.objects.filter(
        debit__year=year, debit__division_id__gte=scope.low, debit__division_id__lt=scope.high
    )
    from django.db.models import F

    crossing = ~Q(debit__year=F("credit__year")) | ~Q(debit__division_id=F("credit__division_id"))
    return list(from_here.filter(crossing).values_list("pk", flat=True))


def negative_places(scope: Scope, *, year: int) -> list[int]:
    """Return accounts that hold money and have less than nothing."""
    accounts = Account.objects.filter(
        kind__in=HELD, year=year, division_id__gte=scope.low, division_id__lt=scope.high
    )
    came = dict(accounts.values_list("pk").annotate(fen=Sum("debits__amount_fen", default=0)))
    went = dict(accounts.values_list("pk").annotate(fen=Sum("credits__amount_fen", default=0)))
    return [pk for pk, fen in came.items() if fen < went[pk]]
