"""Writing money kept for nobody yet: kept, taken for somebody, asked to go back, returned by another."""

from __future__ import annotations

from datetime import date, datetime

from yingbao.collection.kinds import Channel, KeptState
from yingbao.collection.models import KeptMoney, PaymentOrder
from yingbao.storage.transactions import operation


@operation
def keep(
    *, channel: str, reference: str, amount_fen: int, paid_at: datetime, at: datetime, division_code: int, year: int
) -> KeptMoney:
    """Keep what a channel reports. Raises IntegrityError where its number is kept already."""
    return KeptMoney.objects.create(
        channel=channel,
        reference=reference,
        amount_fen=amount_fen,
        paid_at=paid_at,
        kept_at=at,
        division_id=division_code,
        year=year,
    )


@operation
def keep_transfer(
    order: PaymentOrder, *, reference: str, amount_fen: int, paid_at: datetime, at: datetime, noted_by_id: int
) -> KeptMoney:
    """Keep a transfer of another sum than its bill asks. Raises IntegrityError where its number is kept already."""
    return KeptMoney.objects.create(
        channel=Channel.TRANSFER.value,
        reference=reference,
        amount_fen=amount_fen,
        paid_at=paid_at,
        kept_at=at,
        division_id=order.division_id,
        year=order.year,
        order=order,
        noted_by_id=noted_by_id,
    )


@operation
def withdraw(kept: KeptMoney, *, by_id: int, at: datetime) -> None:
    """Mark a transfer as never come so; its number is free again."""
    kept.state, kept.settled_by_id, kept.settled_at = KeptState.WITHDRAWN.value, by_id, at
    kept.save(update_fields=["state", "settled_by", "settled_at"])


@operation
def lock(kept_id: int) -> KeptMoney | None:
    """Return kept money, held until commit; whoever locks dues too locks this first. None where there is none."""
    held = KeptMoney.objects.select_for_update(of=("self",)).filter(pk=kept_id)
    return held.select_related("asked_by", "settled_by", "order").first()


@operation
def take(kept: KeptMoney, *, payment_id: int, by_id: int, at: datetime) -> None:
    """Mark it as the payment it became."""
    kept.state, kept.payment_id = KeptState.TAKEN.value, payment_id
    kept.settled_by_id, kept.settled_at = by_id, at
    kept.save(update_fields=["state", "payment", "settled_by", "settled_at"])


@operation
def ask_return(kept: KeptMoney, *, reason: str, by_id: int, at: datetime) -> None:
    """Mark it as to go back, for a reason."""
    kept.state, kept.reason, kept.asked_by_id, kept.asked_at = KeptState.RETURNING.value, reason, by_id, at
    kept.save(update_fields=["state", "reason", "asked_by", "asked_at"])


@operation
def keep_on(kept: KeptMoney) -> None:
    """Mark it as waiting for its payer's name again: it is not to go back after all."""
    kept.state, kept.reason, kept.asked_by_id, kept.asked_at = KeptState.KEPT.value, "", None, None
    kept.save(update_fields=["state", "reason", "asked_by", "asked_at"])


@operation
def give_back(kept: KeptMoney, *, reference: str, on: date, by_id: int, at: datetime) -> None:
    """Mark it as gone back. Raises IntegrityError where it is who asked (maker ≠ checker)."""
    kept.state, kept.return_reference, kept.returned_on = KeptState.RETURNED.value, reference, on
    kept.settled_by_id, kept.settled_at = by_id, at
    kept.save(update_fields=["state", "return_reference", "returned_on", "settled_by", "settled_at"])
