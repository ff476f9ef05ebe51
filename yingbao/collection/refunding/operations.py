"""Writing refunds: asked for, decided, paid out. Nobody decides what they asked for; the database sees to that too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from yingbao.collection.kinds import RefundState
from yingbao.collection.models import Payment, Refund
from yingbao.storage.transactions import operation


@dataclass(frozen=True, slots=True)
class Part:
    """How much of one part of a payment goes back."""

    line_id: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Case:
    """What was asked for together: why, by which rules, and whether the people are then enrolled no more."""

    id: UUID
    division_code: int
    year: int
    reason: str
    note: str
    rules: tuple[str, ...]
    ends_enrolment: bool


@operation
def lock_payments(payment_ids: Iterable[int]) -> None:
    """Hold payments until commit, in id order: who asks for their money back asks alone. Dues are locked before."""
    ids = sorted(set(payment_ids))
    list(Payment.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))


@operation
def ask(parts: Sequence[Part], *, case: Case, by_id: int, at: datetime) -> list[Refund]:
    """Write what was asked for. Raises IntegrityError where a line waits to be decided already."""
    return Refund.objects.bulk_create(
        _asked(case, by_id, at, line_id=part.line_id, amount_fen=part.amount_fen) for part in parts
    )


@operation
def ask_ending(due_id: int, *, case: Case, by_id: int, at: datetime) -> Refund:
    """Write that an enrolment nobody paid for is to end. Raises IntegrityError where that waits to be decided."""
    refund = _asked(case, by_id, at, due_id=due_id, amount_fen=0)
    refund.save(force_insert=True)
    return refund


def _asked(case: Case, by_id: int, at: datetime, **what: int) -> Refund:
    return Refund(
        case=case.id,
        division_id=case.division_code,
        year=case.year,
        reason=case.reason,
        note=case.note,
        rules=list(case.rules),
        ends_enrolment=case.ends_enrolment,
        asked_by_id=by_id,
        asked_at=at,
        **what,
    )


@operation
def lock_refunds(refund_ids: Iterable[int]) -> list[Refund]:
    """Return refunds with lines and payments, held until commit, in id order. Who locks dues too locks those first."""
    found = Refund.objects.select_for_update(of=("self",)).filter(pk__in=sorted(set(refund_ids))).order_by("pk")
    related = ("line__payment", "line__due__enrolment", "due__enrolment", "decided_by", "asked_by")
    return list(found.select_related(*related))


@operation
def decide(refunds: Sequence[Refund], *, state: RefundState, by_id: int, why: str, at: datetime) -> None:
    """Keep who decided on refunds and how. Raises IntegrityError where it is who asked (maker ≠ checker)."""
    waiting = Refund.objects.filter(pk__in=[one.pk for one in refunds], state=RefundState.ASKED)
    waiting.update(state=state, decided_by=by_id, decided_at=at, decided_why=why)


@operation
def pay(refunds: Sequence[Refund], *, way: str, reference: str, by_id: int, on: date) -> None:
    """Keep that approved refunds were paid out: how, by whom, with which reference."""
    approved = Refund.objects.filter(pk__in=[one.pk for one in refunds], state=RefundState.APPROVED)
    approved.update(state=RefundState.PAID, way=way, reference=reference, paid_by=by_id, paid_on=on)
