"""Reading receipts: who holds which numbers, what became of each."""

from __future__ import annotations

from django.db.models import QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.models import Receipt, ReceiptBook
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say


def overlapping_books(series: str, *, first: int, last: int) -> QuerySet[ReceiptBook]:
    """Return the books of a series that share a number with the run ``first`` … ``last``."""
    return ReceiptBook.objects.filter(series=series, first__lte=last, last__gte=first, agent__isnull=False)


def receipt(actor: Actor, receipt_id: int) -> Receipt:
    """Return a receipt of the actor's divisions with its payment and book; raises NotFound."""
    actor.must(Right.SEE_MONEY)
    found = (
        Receipt.objects.select_related("book__agent", "payment__household__division", "payment__collected_by")
        .filter(pk=receipt_id, book__division_id__gte=actor.scope.low, book__division_id__lt=actor.scope.high)
        .first()
    )
    if found is None:
        raise NotFound(say(N_("没有找到这张收据，或不在您的管理范围内。")))
    return found


def books_of(agent_id: int) -> list[ReceiptBook]:
    """Return an agent's receipt books, the one in use first."""
    return list(ReceiptBook.objects.filter(agent_id=agent_id).order_by("-next_number", "id"))


def books(actor: Actor) -> QuerySet[ReceiptBook]:
    """Return the receipt books of the actor's divisions with their agents. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = ReceiptBook.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("agent", "division").order_by("division_id", "id")
