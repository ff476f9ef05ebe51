"""What must hold of cash in agents' hands and on its way; each function returns the ids of what breaks it."""

from __future__ import annotations

from collections import Counter

from yingbao.collection.declaring.queries import undeclared_since
from yingbao.collection.models import Deposit, HandOver
from yingbao.divisions.codes import Scope
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind


def deposits_off_the_books(scope: Scope, *, year: int) -> list[int]:
    """Return deposits whose amount is not what came into the agreement account by them."""
    within = Deposit.objects.filter(year=year, division_id__gte=scope.low, division_id__lt=scope.high)
    noted = dict(within.values_list("pk", "amount_fen"))
    posted = ledger.taken_by_source(scope, year=year, source_kind="deposit", into=(AccountKind.AGREEMENT,))
    return sorted(pk for pk in noted.keys() | posted.keys() if noted.get(pk) != posted.get(pk))


def hand_overs_off_the_books(scope: Scope, *, year: int) -> list[int]:
    """Return counts of which another amount changed hands in the ledger than is noted."""
    within = HandOver.objects.filter(year=year, division_id__gte=scope.low, division_id__lt=scope.high, moved_fen__gt=0)
    noted = dict(within.values_list("pk", "moved_fen"))
    posted = ledger.taken_by_source(scope, year=year, source_kind="hand-over", into=(AccountKind.AGENT_CASH,))
    return sorted(pk for pk in noted.keys() | posted.keys() if noted.get(pk) != posted.get(pk))


def collected_without_cash(scope: Scope, *, year: int) -> list[int]:
    """Return villages where less is in hand and in agreement accounts than was collected and not declared.

    More may be there: what is to go back to payers. Whose hands it is in says each account; cash changes hands.
    """
    waiting: Counter[int] = Counter()
    for (_agent, village), (_oldest, fen) in undeclared_since(scope, year=year).items():
        waiting[village] += fen
    there: Counter[int] = Counter()
    for kind in (AccountKind.AGENT_CASH, AccountKind.AGREEMENT):
        there.update(ledger.by_division(scope, year=year, kind=kind))
    return sorted(village for village, fen in waiting.items() if there[village] < fen)
