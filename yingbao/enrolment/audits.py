"""What must hold between enrolments and the ledger; each function returns the ids of what breaks it."""

from __future__ import annotations

from django.db.models import Sum

from yingbao.divisions.codes import Scope
from yingbao.enrolment import queries
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind


def department_dues_off(scope: Scope, *, year: int) -> list[int]:
    """Return villages where what departments owe in the ledger is not the sum of the locked subsidies."""
    return _differing(scope, year, "subsidy_fen", AccountKind.DEPARTMENT_DUE)


def fiscal_dues_off(scope: Scope, *, year: int) -> list[int]:
    """Return villages where the fiscal subsidy owed in the ledger is not the sum of the locked decisions'."""
    return _differing(scope, year, "fiscal_fen", AccountKind.FISCAL_DUE)


def _differing(scope: Scope, year: int, column: str, kind: str) -> list[int]:
    locked = queries.standing(scope, year=year).filter(locked_on__isnull=False, **{f"{column}__gt": 0})
    decided = dict(locked.values_list("division_id").annotate(fen=Sum(column)))
    posted = ledger.by_division(scope, year=year, kind=kind)
    return sorted(code for code in decided.keys() | posted.keys() if decided.get(code, 0) != posted.get(code, 0))
