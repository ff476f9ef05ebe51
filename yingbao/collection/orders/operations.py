"""Writing orders to pay: opened for dues, paid by a payment, or over."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.utils import timezone

from yingbao.collection.kinds import OrderState
from yingbao.collection.models import Due, OrderLine, PaymentOrder
from yingbao.storage.bulk import insert_rows
from yingbao.storage.transactions import operation

# Read aloud and typed again from paper: nothing that looks like something else.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 12


@operation
def open_order(
    asked: Sequence[tuple[Due, int]],
    *,
    household_id: int,
    year: int,
    opened_by_id: int,
    at: datetime,
    expires_at: datetime,
) -> PaymentOrder:
    """Open an order for dues (locked by the caller, of one village), each with the fen it asks; nothing leaves it out.

    Its number cannot be guessed: whoever knows it may pay. Raises IntegrityError where there is nothing to pay.
    """
    lines = [(due, fen) for due, fen in asked if fen]
    order = PaymentOrder.objects.create(
        number=new_number(timezone.localdate(at)),
        household_id=household_id,
        division_id=asked[0][0].division_id,
        year=year,
        amount_fen=sum(fen for _due, fen in lines),
        opened_by_id=opened_by_id,
        opened_at=at,
        expires_at=expires_at,
    )
    insert_rows(OrderLine, ("order", "due", "amount_fen"), ((order.pk, due.pk, fen) for due, fen in lines))
    return order


@operation
def lock_order(order_id: int) -> PaymentOrder:
    """Return an order, held until commit. Whoever locks its dues too locks them first."""
    return PaymentOrder.objects.select_for_update().get(pk=order_id)


@operation
def pay_order(order: PaymentOrder, *, payment_id: int, noted_by_id: int) -> None:
    """Mark an order as paid by a payment, were it closed before or not: the money has come, somebody else says so.

    Raises IntegrityError where that is who opened the order (maker ≠ checker).
    """
    order.state, order.payment_id, order.noted_by_id = OrderState.PAID.value, payment_id, noted_by_id
    order.save(update_fields=["state", "payment", "noted_by"])


@operation
def close_order(order: PaymentOrder) -> None:
    """Mark an open order as closed: whoever pays it now all the same pays money that is found and given back."""
    order.state = OrderState.CLOSED.value
    order.save(update_fields=["state"])


@operation
def close_asking(due_ids: Collection[int], *, but: int | None = None) -> None:
    """Close the open orders that ask for one of the dues (locked by the caller), ``but`` one: it is paid already.

    Held in id order before they are closed, so that two who close some of the same cannot deadlock.
    """
    if not due_ids:
        return
    asking = OrderLine.objects.filter(due__in=due_ids).values("order")
    waiting = PaymentOrder.objects.filter(pk__in=asking, state=OrderState.OPEN).exclude(pk=but or 0)
    ids = list(waiting.select_for_update().order_by("pk").values_list("pk", flat=True))
    if ids:
        PaymentOrder.objects.filter(pk__in=ids).update(state=OrderState.CLOSED)


def new_number(on: date) -> str:
    """Return a number for an order: the day and twelve signs nobody guesses (60 bits)."""
    return f"YB{on:%Y%m%d}" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
