"""What an institution's people owe and what it has paid; the caller has found the institution for an actor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, QuerySet, Sum

from yingbao.accounts.roles import Role
from yingbao.collection.kinds import Channel, DueState, KeptState, OrderState
from yingbao.collection.models import Due, KeptMoney, OrderLine, Payment, PaymentLine, PaymentOrder

if TYPE_CHECKING:
    from yingbao.registry.models import Institution

# The states of a person on an institution's page, in their order there.
WAITING, BILLED, OWED, ZERO, ON_THE_WAY, CLEARED = "waiting", "billed", "owed", "zero", "on-the-way", "cleared"
STATES = (OWED, BILLED, WAITING, ZERO, ON_THE_WAY, CLEARED)


@dataclass(frozen=True, slots=True)
class Part:
    """How many people, and how much they owe or have paid."""

    persons: int = 0
    fen: int = 0


def dues(institution: Institution, *, year: int) -> QuerySet[Due]:
    """Return the dues of the people an institution has enrolled for a year.

    Whoever is on its list and is enrolled somewhere else by now is not among them.
    """
    return Due.objects.filter(
        division_id=institution.division_id,
        enrolment__year=year,
        enrolment__state="standing",
        enrolment__resident__memberships__year=year,
        enrolment__resident__memberships__institution_id=institution.pk,
    )


def in_state(found: QuerySet[Due], state: str, institution: Institution, *, at: datetime) -> QuerySet[Due]:
    """Return those of an institution's dues that are in one of ``STATES``; all of them for any other word."""
    billed = Q(pk__in=billed_dues(institution, at=at))
    open_ = Q(state=DueState.OPEN, amount_fen__gt=0)
    on_platform = Q(enrolment__resident__on_platform=True)
    conditions = {
        OWED: open_ & on_platform & ~billed,
        BILLED: open_ & on_platform & billed,
        WAITING: open_ & ~on_platform,
        ZERO: Q(state=DueState.OPEN, amount_fen=0),
        ON_THE_WAY: Q(state__in=(DueState.COLLECTED, DueState.DECLARED, DueState.SHORT)),
        CLEARED: Q(state=DueState.CLEARED),
    }
    return found.filter(conditions[state]) if state in conditions else found


def totals(institution: Institution, *, year: int, at: datetime) -> dict[str, Part]:
    """Return state → people and fen of an institution's year, all ``STATES``, in one statement a state."""
    found = dues(institution, year=year)
    sums = {}
    for state in STATES:
        one = in_state(found, state, institution, at=at)
        counted = one.aggregate(persons=Count("id"), fen=Sum("amount_fen", default=0))
        sums[state] = Part(counted["persons"], counted["fen"])
    return sums


def progress(household_ids: Iterable[int], *, year: int) -> dict[int, tuple[int, int, int, int]]:
    """Return collective household → (enrolled, owed fen, cleared, cleared fen) of many institutions, one statement."""
    home = "enrolment__resident__memberships__institution__household_id"
    found = Due.objects.filter(
        enrolment__year=year,
        enrolment__state="standing",
        enrolment__resident__memberships__year=year,
        division_id=F("enrolment__resident__memberships__institution__division_id"),
        **{f"{home}__in": list(household_ids)},
    )
    is_open, is_cleared = Q(state=DueState.OPEN), Q(state=DueState.CLEARED)
    rows: Iterable[Any] = found.values_list(home).annotate(
        n=Count("id"),
        owed=Sum("amount_fen", filter=is_open, default=0),
        cleared=Count("id", filter=is_cleared),
        fen=Sum("amount_fen", filter=is_cleared, default=0),
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


def billed_dues(institution: Institution, *, at: datetime) -> QuerySet[Any]:
    """Return the ids of the dues that are on a bill which waits to be paid."""
    waiting = OrderLine.objects.filter(order__household_id=institution.household_id, order__state=OrderState.OPEN)
    return waiting.filter(order__expires_at__gt=at).values("due_id")


def bills(institution: Institution, *, year: int) -> QuerySet[PaymentOrder]:
    """Return an institution's bills of a year, newest first, each with how many people are on it (``persons``)."""
    found = _bills().filter(household_id=institution.household_id, year=year).select_related("payment", "opened_by")
    return found.annotate(persons=Count("lines")).order_by("-id")


def find_bill(order_id: int) -> PaymentOrder | None:
    """Return a bill with payment and who drew it up; the caller asks whether its institution may be seen."""
    return _bills().filter(pk=order_id).select_related("payment", "opened_by", "noted_by", "division").first()


def _bills() -> QuerySet[PaymentOrder]:
    """Return orders but for those that people of a collective household opened for themselves: no bills, those."""
    return PaymentOrder.objects.exclude(opened_by__role=Role.RESIDENT)


def by_tier(order_id: int) -> list[Any]:
    """Return a bill by what its people pay and why: the decision they have now, with people and fen."""
    lines = OrderLine.objects.filter(order_id=order_id).values(
        tier=F("due__enrolment__tier"),
        rate_fen=F("due__enrolment__rate_fen"),
        subsidy_fen=F("due__enrolment__subsidy_fen"),
        payable_fen=F("due__enrolment__payable_fen"),
        policy=F("due__enrolment__policy"),
        population=F("due__enrolment__resident__population"),
        each_fen=F("amount_fen"),
    )
    return list(lines.annotate(persons=Count("id"), fen=Sum("amount_fen")).order_by("tier", "-rate_fen", "-each_fen"))


def lines_of_bill(order_id: int) -> QuerySet[OrderLine]:
    """Return a bill's lines with people and what has become of their dues, in order."""
    return OrderLine.objects.filter(order_id=order_id).select_related("due__enrolment__resident").order_by("id")


def payments(institution: Institution, *, year: int) -> QuerySet[Payment]:
    """Return what an institution has paid in one sum, newest first, with people and surplus."""
    found = Payment.objects.filter(household_id=institution.household_id, year=year, channel=Channel.TRANSFER)
    surplus = Sum("lines__amount_fen", filter=Q(lines__kind="surplus"), default=0)
    return found.select_related("collected_by").annotate(persons=Count("lines"), surplus_fen=surplus).order_by("-id")


def paid_lines(payment_id: int) -> QuerySet[PaymentLine]:
    """Return a payment's lines with people and tiers, in order: a page of them at a time."""
    lines = PaymentLine.objects.filter(payment_id=payment_id)
    return lines.select_related("resident", "due__enrolment").order_by("id")


def total_of(lines: QuerySet[PaymentLine]) -> int:
    """Return what some lines of a payment come to, in fen."""
    found: int = lines.aggregate(fen=Sum("amount_fen", default=0))["fen"]
    return found


def count_short(payment_id: int) -> int:
    """Return for how many people a payment was not enough on the day it came."""
    return Due.objects.filter(lines__payment_id=payment_id, state=DueState.SHORT).count()


def is_noted(reference: str) -> bool:
    """Return whether a bank's transfer of this reference has been noted before, and not withdrawn."""
    kept = KeptMoney.objects.filter(channel=Channel.TRANSFER, reference=reference)
    if kept.exclude(state=KeptState.WITHDRAWN).exists():
        return True
    return Payment.objects.filter(channel=Channel.TRANSFER, terminal="", reference=reference).exists()
