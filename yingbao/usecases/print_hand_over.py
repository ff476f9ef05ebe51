"""The count of an agent's cash on paper, from the last one to this: for whoever gives, takes or looks on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.collection.custody import queries as custody
from yingbao.documents import CashReport, Run, hand_over_pdf
from yingbao.ledger.kinds import AccountKind
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.count_cash import DENOMINATIONS
from yingbao.usecases.papers import issuer_of

if TYPE_CHECKING:
    from yingbao.collection.models import HandOver


@dataclass(frozen=True, slots=True)
class Printed:
    """The paper, and the figures on it."""

    report: CashReport
    pdf: bytes


def print_hand_over(actor: Actor, *, count_id: int, at: datetime) -> Printed:
    """Return the report of one count as PDF and note who took it. Raises NotFound for one the actor does not see."""
    count = custody.count_of(actor, count_id)
    report = report_of(count)
    printed = Printed(report, hand_over_pdf(report))
    with unit_of_work():
        audit.record(
            actor,
            "print-hand-over",
            subject=("hand-over", count.pk),
            division_code=count.division_id,
            at=at,
            detail={"counted_fen": count.counted_fen, "expected_fen": count.expected_fen},
        )
    return printed


def report_of(count: HandOver) -> CashReport:
    """Return what a count says: what came and went since the one before, and what must then be there."""
    earlier = custody.count_before(count)
    came = _since(count, earlier, "came")
    went = _since(count, earlier, "went")
    opening = _total(earlier, "came") - _total(earlier, "went") if earlier else 0
    received, handed = (flows.pop(AccountKind.AGENT_CASH, 0) for flows in (came, went))
    return CashReport(
        number=f"{count.pk:06d}",
        insurance_year=count.year,
        office=issuer_of(count.division) if count.division.level == "village" else f"{count.division.name}社保所",
        division=count.division.name,
        agent=count.agent.display_name,
        at=timezone.localtime(count.at),
        since=timezone.localtime(earlier.at) if earlier else None,
        opening_fen=opening,
        collected_fen=sum(came.values()),
        received_fen=received,
        deposited_fen=went.pop(AccountKind.AGREEMENT, 0),
        refunded_fen=sum(went.values()),
        handed_fen=handed,
        expected_fen=count.expected_fen,
        counted_fen=count.counted_fen,
        pieces=[(fen, int(count.counts["pieces"].get(str(fen), 0))) for fen in DENOMINATIONS],
        receipts=_runs(count, earlier),
        note=count.note,
        taker=count.taken_by.display_name if count.taken_by else "",
        accepted_at=timezone.localtime(count.accepted_at) if count.accepted_at else None,
        moved_fen=count.moved_fen,
    )


def _since(count: HandOver, earlier: HandOver | None, side: str) -> dict[str, int]:
    before: Mapping[str, int] = earlier.counts[side] if earlier else {}
    now: Mapping[str, int] = count.counts[side]
    return {kind: fen - before.get(kind, 0) for kind, fen in now.items()}


def _total(count: HandOver, side: str) -> int:
    return sum(count.counts[side].values())


def _runs(count: HandOver, earlier: HandOver | None) -> list[Run]:
    """Return a line per book: what was used between the two counts, what comes next."""
    before = earlier.counts["books"] if earlier else {}
    runs = []
    for book, (series, first, following, last) in count.counts["books"].items():
        begin = before[book][2] if book in before else first
        if begin == following > last:
            continue  # a book that was full already
        void = custody.void_among(int(book), first=begin, end=following)
        runs.append(Run(series, begin, following - 1, following - begin, void, following, last))
    return runs
