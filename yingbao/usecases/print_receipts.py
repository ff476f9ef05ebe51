"""A household's receipt on paper: A5, or 80 mm for a thermal printer, and the voucher of a payment by POS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Role
from yingbao.collection import queries as collection
from yingbao.collection.kinds import PAYING_LINES, Channel, ReceiptState
from yingbao.collection.receipts import queries as receipts
from yingbao.documents import Receipt, ReceiptLine, Voucher, receipt_pdf, receipt_slip_pdf, voucher_pdf
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.policy import Policy, get_policy
from yingbao.registry import queries as registry
from yingbao.registry import shown
from yingbao.registry.institutions import queries as institutions
from yingbao.storage.encrypted import blind_index
from yingbao.usecases import receipting
from yingbao.usecases.bill_parts import fiscal_clause
from yingbao.usecases.papers import issuer_of

if TYPE_CHECKING:
    from yingbao.collection import models
    from yingbao.collection.models import Payment, PaymentLine
    from yingbao.registry.models import Household

# On paper everything is Chinese: the mark is too.
MARKS = {ReceiptState.VOID: "作废", ReceiptState.TAKEN_BACK: "已收回", ReceiptState.LOST: "存根遗失"}


def print_receipt(actor: Actor, *, payment_id: int, receipt_id: int | None = None) -> bytes:
    """Return the household's receipt for a payment as PDF, A5; ``receipt_id`` names another form than the standing one.

    It says what was taken and decided then, and bears a mark where it counts no more. Raises NotFound for a payment
    that the actor does not see or that has no such receipt, Refused for a receipt that would be void (BN-4.3.3c).
    """
    return receipt_pdf(_receipt(actor, payment_id, receipt_id))


def print_receipt_slip(actor: Actor, *, payment_id: int, receipt_id: int | None = None) -> bytes:
    """Return the same receipt for a thermal printer, 80 mm wide. Raises what ``print_receipt`` does."""
    return receipt_slip_pdf(_receipt(actor, payment_id, receipt_id))


def print_voucher(actor: Actor, *, payment_id: int) -> bytes:
    """Return the voucher of a payment by POS and its stub, 80 mm wide (BN-4.3.2).

    Raises NotFound for a payment that the actor does not see or that was no POS payment.
    """
    payment = _payment(payment_id)
    household = _seen(actor, payment)
    if payment.channel != Channel.POS:
        raise NotFound(say(N_("这笔缴费不是POS缴费，没有POS凭证。")))
    lines = list(payment.lines.all())
    named = shown.named(payment.household_id, [line.resident_id for line in lines])
    form = payment.receipt
    return voucher_pdf(
        Voucher(
            issuer=_seal_of(payment, form) or issuer_of(household.division),
            division=household.division.name,
            household_no=named.household_no,
            payer=named.payer,
            persons=len({line.resident_id for line in lines}),
            insurance_year=payment.year,
            terminal=payment.terminal,
            reference=payment.reference,
            amount_fen=payment.amount_fen,
            paid_on=payment.collected_on,
            handler=payment.collected_by.display_name,
            receipt_number=f"{form.number:08d}" if form else "—",
        )
    )


def _receipt(actor: Actor, payment_id: int, receipt_id: int | None) -> Receipt:
    payment = _payment(payment_id)
    form = _form_named(payment, receipt_id)
    household = _seen(actor, payment)
    seal = _seal_of(payment, form)
    stated = receipting.form_of(payment, seal=seal, issued_on=form.issued_on, form=form)
    receipting.check_printed(stated)
    number = f"{form.number:08d}"
    mark = MARKS.get(ReceiptState(form.state), "")
    return Receipt(
        number=number,
        book=form.book.series,
        insurance_year=payment.year,
        issuer=seal,
        division=household.division.name,
        household_no=stated.household_no,
        payer=stated.payer,
        lines=_lines(payment, form),
        total_fen=stated.amount_fen,
        channel=str(Channel(payment.channel).label),
        collected_on=payment.collected_on,
        handler=stated.handler,
        check=blind_index(f"{form.book.series}|{number}|{stated.amount_fen}").hex()[:12].upper(),
        mark=mark,
        mark_reason=f"{form.ended_on.isoformat()}　{form.reason}" if mark and form.ended_on else "",
        voucher=f"终端 {payment.terminal}　凭证 {payment.reference}" if payment.reference else "",
    )


def _payment(payment_id: int) -> Payment:
    payment = collection.find_payment(payment_id)
    if payment is None:
        raise _no_receipt()
    return payment


def _seen(actor: Actor, payment: Payment) -> Household:
    """Return the household of a payment the actor may see on paper; of a collective one a resident sees their own."""
    household = registry.household(actor, payment.household_id)
    if actor.role == Role.RESIDENT and institutions.of_household(household.pk) is not None:
        own = {one.pk for one in household.members.all()}
        if not all(line.resident_id in own for line in payment.lines.all()):
            raise institutions.not_found()
    return household


def _form_named(payment: Payment, receipt_id: int | None) -> models.Receipt:
    """Return the form that stands for a payment, or the one asked for."""
    forms = {one.pk: one for one in payment.receipts.all()}
    form = payment.receipt if receipt_id is None else forms.get(receipt_id)
    if form is None:
        raise _no_receipt()
    return form


def _no_receipt() -> NotFound:
    return NotFound(say(N_("这笔缴费没有纸质收据。")), todo=say(N_("线上缴费的凭证由缴费渠道提供。")))


def _seal_of(payment: Payment, form: models.Receipt | None) -> str:
    """Return the seal that was in use when the form was issued: one set up later does not change old paper.

    What was issued before seals were noted at all bears the first.
    """
    on = form.issued_on if form else payment.collected_on
    return receipts.seal_on(payment.division_id, on) or receipts.first_seal(payment.division_id)


def _lines(payment: Payment, form: models.Receipt) -> list[ReceiptLine]:
    return [_line(line) for line in receipting.stated_lines(payment, form) if line.kind in PAYING_LINES]


def _line(line: PaymentLine) -> ReceiptLine:
    decided = line.decided or _decided_since(line)
    if decided is None:
        return _unknown(line)
    identity, policy = decided["identity"], get_policy(decided["policy"])
    added_fen = max(line.amount_fen - decided["rate_fen"] + decided["subsidy_fen"], 0)
    return ReceiptLine(
        name=line.resident.name,
        cert_number=line.resident.certificate_number,
        tier=f"{decided['tier']}档",
        rate_fen=decided["rate_fen"],
        subsidy_fen=decided["subsidy_fen"],
        payable_fen=line.amount_fen,
        added_fen=added_fen,
        added_clause=fiscal_clause(policy) if added_fen else "",
        subsidy_identity=policy.identity(identity).zh if identity else "",
        subsidy_clause=_subsidy_clause(policy, identity, decided["tier"]),
    )


def _decided_since(line: PaymentLine) -> Mapping[str, Any] | None:
    """Return the enrolment's decision where it is still the one that was paid by; lines of before kept none."""
    enrolment = line.due.enrolment if line.due else None
    if enrolment is None or enrolment.payable_fen != line.amount_fen:
        return None
    return {
        "tier": enrolment.tier,
        "rate_fen": enrolment.rate_fen,
        "subsidy_fen": enrolment.subsidy_fen,
        "identity": enrolment.subsidy_identity,
        "policy": enrolment.policy,
    }


def _unknown(line: PaymentLine) -> ReceiptLine:
    """Return what is known of a line whose decision was not kept and has changed since: only what was taken."""
    tier = f"{line.due.enrolment.tier}档" if line.due else ""
    if line.kind == "top-up":
        tier = f"{tier}补缴"
    return ReceiptLine(
        name=line.resident.name,
        cert_number=line.resident.certificate_number,
        tier=tier,
        rate_fen=line.amount_fen,
        subsidy_fen=0,
        payable_fen=line.amount_fen,
        is_known=False,
    )


def _subsidy_clause(policy: Policy, identity: str, tier: int) -> str:
    if not identity:
        return ""
    return next((one.rule or "" for one in policy.identity(identity).subsidies if one.tier == tier), "")
