"""What must hold in the ledger; each function returns the ids of what breaks it."""

from __future__ import annotations

from collections import Counter

from django.db.models import F, Q, QuerySet, Sum

from yingbao.divisions.codes import Scope
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.models import Account, Transfer
from yingbao.ledger.queries import HELD

OF_AN_AGENT = (AccountKind.AGENT_CASH, AccountKind.AGREEMENT, AccountKind.DECLARED)


def crossing_transfers(scope: Scope, *, year: int) -> list[int]:
    """Return transfers between accounts of two years or two villages: money never leaks from one into another."""
    crossing = ~Q(debit__year=F("credit__year")) | ~Q(debit__division_id=F("credit__division_id"))
    return list(_touching(scope, year).filter(crossing).values_list("pk", flat=True))


def unbalanced_villages(scope: Scope, *, year: int) -> list[int]:
    """Return villages whose balances do not add up to nothing in a year: one side of a transfer is somebody else's."""
    totals: Counter[int] = Counter()
    for side, sign in (("debits", 1), ("credits", -1)):
        rows = _accounts(scope, year).values_list("division_id").annotate(fen=Sum(f"{side}__amount_fen", default=0))
        for code, fen in rows:
            totals[code] += sign * fen
    return sorted(code for code, fen in totals.items() if fen)


def negative_places(scope: Scope, *, year: int) -> list[int]:
    """Return the accounts that hold money and have less than nothing."""
    accounts = _accounts(scope, year).filter(kind__in=HELD)
    came = dict(accounts.values_list("pk").annotate(fen=Sum("debits__amount_fen", default=0)))
    went = dict(accounts.values_list("pk").annotate(fen=Sum("credits__amount_fen", default=0)))
    return [pk for pk, fen in came.items() if fen < went[pk]]


def nobodys_money(scope: Scope, *, year: int) -> list[int]:
    """Return accounts of agents' money that name no agent: every fen in hand has somebody answerable."""
    return list(_accounts(scope, year).filter(kind__in=OF_AN_AGENT, holder="").values_list("pk", flat=True))


def _accounts(scope: Scope, year: int) -> QuerySet[Account]:
    return Account.objects.filter(year=year, division_id__gte=scope.low, division_id__lt=scope.high)


def _touching(scope: Scope, year: int) -> QuerySet[Transfer]:
    return Transfer.objects.filter(debit__in=_accounts(scope, year)) | Transfer.objects.filter(
        credit__in=_accounts(scope, year)
    )
