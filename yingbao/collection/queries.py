"""Reading dues and payments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import Channel, DueState
from yingbao.collection.models import Due, Payment, PaymentLine, PaymentOrder, Receipt, Refund
from yingbao.divisions.codes import Scope
from yingbao.registry.recognising.matching import batches


def dues(scope: Scope, *, year: int) -> QuerySet[Due]:
    """Return the dues of standing enrolments of a scope and year."""
    return Due.objects.filter(
        division_id__gte=scope.low,
        division_id__lt=scope.high,
        enrolment__year=year,
        enrolment__state="standing",
    )


def payments(actor: Actor, *, year: int) -> QuerySet[Payment]:
    """Return the payments of the actor's divisions, newest first. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Payment.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("household", "division", "collected_by").order_by("-id")


def cash_payments(scope: Scope, *, year: int, begin_on: date, end_on: date, known_at: datetime) -> QuerySet[Payment]:
    """Return the cash payments of a scope collected in [begin_on, end_on) and noted by ``known_at``, in order."""
    return (
        Payment.objects.filter(
            year=year,
            channel=Channel.CASH,
            division_id__gte=scope.low,
            division_id__lt=scope.high,
            collected_on__gte=begin_on,
            collected_on__lt=end_on,
            received_at__lte=known_at,
        )
        .select_related("household")
        .order_by("collected_on", "pk")
    )


def by_channel(actor: Actor, *, year: int) -> list[tuple[str, int, int]]:
    """Return (channel, payments, fen) of the actor's divisions, most money first. Needs SEE_PROGRESS."""
    actor.must(Right.SEE_PROGRESS)
    within = Payment.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    rows = within.values_list("channel").annotate(n=Count("id"), fen=Sum("amount_fen"))
    return sorted(rows, key=lambda row: -row[2])


def dues_of(resident_ids: Iterable[int], *, year: int) -> dict[int, Due]:
    """Return resident id → due of the year, enrolment and declaration at hand. For residents already found."""
    found = Due.objects.filter(
        enrolment__resident_id__in=list(resident_ids), enrolment__year=year, enrolment__state="standing"
    )
    return {due.enrolment.resident_id: due for due in found.select_related("enrolment__coverage")}


def paid_among(resident_ids: Iterable[int], *, year: int) -> set[int]:
    """Return who of some residents has paid for a year, or owes nothing and has been declared. For use cases only."""
    paid: set[int] = set()
    for batch in batches(sorted(resident_ids)):
        dues = Due.objects.filter(enrolment__resident_id__in=batch, enrolment__year=year, enrolment__state="standing")
        paid.update(dues.exclude(state=DueState.OPEN).values_list("enrolment__resident_id", flat=True))
    return paid


def has_reference(channel: str, reference: str) -> bool:
    """Return whether a channel has brought a payment by its own number before. For use cases only."""
    return Payment.objects.filter(channel=channel, reference=reference, terminal="").exists()


def payments_of_household(household_id: int, *, year: int) -> list[Payment]:
    """Return a family's payments with receipts and lines, oldest first. For a household already found.

    Those too by which an institution paid for one of it, with their lines alone: it pays for thousands at once.
    """
    home = Q(resident__household_id=household_id) | Q(payment__household_id=household_id)
    lines = PaymentLine.objects.filter(home)
    ids = Payment.objects.filter(household_id=household_id).values("pk")
    others = PaymentLine.objects.filter(resident__household_id=household_id).values("payment_id")
    return _with_lines(Payment.objects.filter(pk__in=ids.union(others), year=year), lines)


def payments_for(resident_ids: Iterable[int], *, year: int) -> list[Payment]:
    """Return the payments that paid for some people, whoever's they are, with their lines alone, oldest first."""
    lines = PaymentLine.objects.filter(resident_id__in=list(resident_ids))
    return _with_lines(Payment.objects.filter(pk__in=lines.values("payment_id"), year=year), lines)


def _with_lines(found: QuerySet[Payment], lines: QuerySet[PaymentLine]) -> list[Payment]:
    own = Prefetch("lines", lines.select_related("resident", "due"))
    return list(found.select_related("collected_by").prefetch_related(own, "receipts__book").order_by("id"))


def parts_of(payments: Iterable[Payment]) -> list[tuple[Payment, int]]:
    """Return each payment with the fen of those of its lines that were read."""
    return [(payment, sum(line.amount_fen for line in payment.lines.all())) for payment in payments]


def payment_alone(payment_id: int) -> Payment | None:
    """Return a payment as ``find_payment`` does, without its lines, which may be thousands."""
    found = Payment.objects.select_related("collected_by", "household__division").prefetch_related("receipts__book")
    return found.filter(pk=payment_id).first()


def find_payment(payment_id: int) -> Payment | None:
    """Return a payment with receipt, household and lines; the caller asks whether its household may be seen."""
    found = Payment.objects.select_related("collected_by", "household__division")
    return (
        found.prefetch_related("lines__resident", "lines__due__enrolment", "receipts__book")
        .filter(pk=payment_id)
        .first()
    )


def tally_of_agent(agent_id: int, *, on: date) -> list[tuple[str, int, int]]:
    """Return (channel, payments, fen) of what an agent collected on a day."""
    found = Payment.objects.filter(collected_by_id=agent_id, collected_on=on)
    return list(found.order_by("channel").values_list("channel").annotate(n=Count("id"), fen=Sum("amount_fen")))


def payments_of_agent(agent_id: int, *, on: date) -> list[Payment]:
    """Return what an agent collected on a day, with receipts and what they state, newest first."""
    found = Payment.objects.filter(collected_by_id=agent_id, collected_on=on)
    papers = found.select_related("household__division").prefetch_related("receipts__book", "lines__due")
    return list(papers.order_by("-id"))


def payments_concerning(*, household_ids: Iterable[int], resident_ids: Iterable[int]) -> set[int]:
    """Return the ids of the payments a household made or that paid something for a resident. For use cases only."""
    made = Payment.objects.filter(household_id__in=set(household_ids)).values_list("id", flat=True)
    lines = PaymentLine.objects.filter(resident_id__in=set(resident_ids)).values_list("payment_id", flat=True)
    return {*made, *lines}


def orders_of_households(household_ids: Iterable[int]) -> set[int]:
    """Return the ids of the orders opened for some households. For use cases only."""
    return set(PaymentOrder.objects.filter(household_id__in=set(household_ids)).values_list("id", flat=True))


def payments_on_forms(receipt_ids: Iterable[int]) -> set[int]:
    """Return the ids of the payments that some receipts are for. For use cases only."""
    found = Receipt.objects.filter(pk__in=set(receipt_ids), payment__isnull=False)
    return set(found.values_list("payment_id", flat=True))


def endings_of(resident_ids: Iterable[int]) -> set[int]:
    """Return the ids of the endings without money of some residents. For use cases only."""
    return set(Refund.objects.filter(due__enrolment__resident_id__in=set(resident_ids)).values_list("id", flat=True))


def records_of_payments(payment_ids: Iterable[int]) -> dict[str, set[int]]:
    """Return the payments' orders, receipts and refunds: kind → ids. For use cases only."""
    ids = set(payment_ids)
    return {
        "order": set(PaymentOrder.objects.filter(payment_id__in=ids).values_list("id", flat=True)),
        "receipt": set(Receipt.objects.filter(payment_id__in=ids).values_list("id", flat=True)),
        "refund": set(Refund.objects.filter(line__payment_id__in=ids).values_list("id", flat=True)),
    }
