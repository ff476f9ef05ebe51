"""Writing what agents do with cash."""

from __future__ import annotations

from datetime import date

from yingbao.collection.models import Deposit
from yingbao.storage.transactions import operation


@operation
def record_deposit(
    *, agent_id: int, division_code: int, year: int, on: date, amount_fen: int, slip_number: str
) -> Deposit:
    """Write a deposit slip; raises IntegrityError where the agent has used the slip number before."""
    return Deposit.objects.create(
        agent_id=agent_id,
        division_id=division_code,
        year=year,
        deposited_on=on,
        amount_fen=amount_fen,
        slip_number=slip_number,
    )
