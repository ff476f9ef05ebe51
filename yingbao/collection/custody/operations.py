"""Writing what agents do with cash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from yingbao.collection.models import Deposit, HandOver, ReceiptBook
from yingbao.ledger.queries import Flows
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


@operation
def record_count(
    *,
    agent_id: int,
    division_code: int,
    year: int,
    at: datetime,
    pieces: Mapping[int, int],
    flows: Flows,
    books: Iterable[ReceiptBook],
    counted_fen: int,
    note: str,
    taken_by_id: int | None,
) -> HandOver:
    """Write a count: ``pieces`` by denomination in fen, ``flows`` of the cash and ``books`` as they are now."""
    expected = flows.held()
    counts = {
        "pieces": {str(fen): n for fen, n in pieces.items() if n},
        "villages": {str(code): fen for code, fen in expected.items() if fen},
        "came": _by_kind(flows.came),
        "went": _by_kind(flows.went),
        "books": {str(one.pk): [one.series, one.first, one.next_number, one.last] for one in books},
    }
    return HandOver.objects.create(
        agent_id=agent_id,
        division_id=division_code,
        year=year,
        at=at,
        expected_fen=sum(expected.values()),
        counted_fen=counted_fen,
        counts=counts,
        note=note,
        taken_by_id=taken_by_id,
    )


def _by_kind(flows: Mapping[tuple[int, str], int]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for (_village, kind), fen in flows.items():
        sums[kind] += fen
    return dict(sums)


@operation
def lock_count(count_id: int, *, taken_by_id: int) -> HandOver | None:
    """Return a count that somebody is to take over, held until commit; None where it is not theirs."""
    found = HandOver.objects.select_for_update(of=("self",)).select_related("agent")
    return found.filter(pk=count_id, taken_by_id=taken_by_id).first()


@operation
def mark_taken(count: HandOver, *, moved_fen: int, at: datetime) -> None:
    """Note that the other has accepted, and how much changed hands."""
    count.accepted_at, count.moved_fen = at, moved_fen
    count.save(update_fields=["accepted_at", "moved_fen"])
