"""The refund slip as PDF: what the payer and the office sign when money goes back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.accounts.actors import Actor
from yingbao.collection import queries as collection
from yingbao.collection.kinds import RefundReason, RefundState, RefundWay
from yingbao.collection.refunding import queries
from yingbao.documents import RefundLine, RefundSlip, refund_slip_pdf
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, say
from yingbao.registry import queries as registry
from yingbao.registry import shown
from yingbao.storage.fields import Json
from yingbao.usecases.papers import issuer_of
from yingbao.usecases.refund_rules import readings

if TYPE_CHECKING:
    from yingbao.collection.models import PaymentLine, Refund

DECIDED = (RefundState.APPROVED, RefundState.PAID)


def print_refund(actor: Actor, *, refund_id: int) -> bytes:
    """Return the slip of what was asked for together with a refund, of the same payment, as PDF.

    Raises NotFound outside the actor's divisions, Refused before it is approved.
    """
    case = queries.case_of(actor, refund_id)
    lines = {one.pk: one.line for one in case if one.line is not None}
    if refund_id not in lines:
        raise Refused(say(N_("取消参保没有退款，没有退费单。")))
    payment = lines[refund_id].payment
    household = registry.household(actor, payment.household_id)
    of_it = [one for one in case if lines[one.pk].payment_id == payment.pk]
    first = of_it[0]
    if first.state not in DECIDED or first.decided_by is None or first.decided_at is None:
        raise Refused(say(N_("这笔退费还没有批准，没有退费单。")), todo=say(N_("请先由审批人批准。")))
    found = collection.find_payment(payment.pk)
    receipt = found.receipt if found else None
    number = f"{receipt.book.series}-{receipt.number:08d}" if receipt else ""
    return refund_slip_pdf(
        RefundSlip(
            number=f"{first.year}-{first.pk:08d}",
            insurance_year=first.year,
            issuer=issuer_of(household.division),
            division=household.division.name,
            household_no=household.number,
            payer=shown.heads_of([household.pk]).get(household.pk, ""),
            reason=str(RefundReason(first.reason).label),
            note=first.note,
            basis=[str(said) if said else rule for rule, said in readings(first.rules)],
            lines=[_line(one, lines[one.pk], number) for one in of_it],
            asked_by=first.asked_by.display_name,
            asked_on=timezone.localdate(first.asked_at),
            decided_by=first.decided_by.display_name,
            decided_on=timezone.localdate(first.decided_at),
            **_paid(of_it),
        )
    )


def _line(one: Refund, line: PaymentLine, receipt: str) -> RefundLine:
    return RefundLine(
        name=line.resident.name,
        cert_number=line.resident.certificate_number,
        kind=str(line.get_kind_display()),
        paid_on=line.payment.collected_on,
        channel=str(line.payment.get_channel_display()),
        receipt=receipt,
        paid_fen=line.amount_fen,
        amount_fen=one.amount_fen,
    )


def _paid(refunds: Iterable[Refund]) -> Json:
    """Return how it was paid out, once all of it was."""
    refunds = list(refunds)
    if any(one.state != RefundState.PAID for one in refunds):
        return {}
    last = refunds[-1]
    return {
        "way": str(RefundWay(last.way).label),
        "reference": "、".join(dict.fromkeys(one.reference for one in refunds if one.reference)),
        "paid_by": last.paid_by.display_name if last.paid_by else "",
        "paid_on": last.paid_on,
    }
