"""The step several journeys share: fill the next form for a payment, unless it would be void (BN-4.3.3c)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from yingbao.accounts.actors import Actor
from yingbao.collection.kinds import DueState, LineKind
from yingbao.collection.operations import Line
from yingbao.collection.receipts import operations as receipts
from yingbao.collection.receipts.faults import Form, FormLine, faults
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry import shown
from yingbao.registry.shown import Named
from yingbao.usecases import deciding

if TYPE_CHECKING:
    from yingbao.collection.models import Due, Payment, PaymentLine, Receipt, ReceiptBook


def issue(actor: Actor, payment: Payment, lines: Sequence[Line], dues: Sequence[Due]) -> Receipt:
    """Issue the next receipt of the actor's book for a payment just taken.

    Raises Refused where the actor has none left, or where it would be void: then no money is taken either.
    """
    book, seal = receipts.next_book(actor.user_id, division_code=payment.division_id, on=payment.collected_on)
    named = shown.named(payment.household_id, [line.resident_id for line in lines])
    by_id = {due.pk: due for due in dues}
    filled = [_line(line, by_id[line.due_id], named) for line in lines if line.due_id is not None]
    check(_form(payment, seal, named, actor.name, payment.collected_on, filled))
    return receipts.use_next(book, payment, on=payment.collected_on)


def next_form(actor: Actor, payment: Payment, *, on: date) -> ReceiptBook:
    """Return the actor's book, held until commit, whose next form can take the place of a payment's spoiled one.

    It will say what the first one said: what was taken and decided then. Raises Refused as ``issue`` does.
    """
    book, seal = receipts.next_book(actor.user_id, division_code=payment.division_id, on=on)
    check(form_of(payment, seal=seal, issued_on=on))
    return book


def staying_form(actor: Actor, payment: Payment, *, on: date) -> tuple[ReceiptBook, list[int]]:
    """Return the actor's book, held until commit, and the parts its next form states: of who stays after a refund.

    Wants lines with dues, held by the caller. Raises Refused as ``issue`` does.
    """
    staying = standing_lines(payment)
    book, seal = receipts.next_book(actor.user_id, division_code=payment.division_id, on=on)
    _refuse(_form_of(payment, staying, seal=seal, issued_on=on), say(N_("这张收据会是无效票据，没有开具。")))
    return book, [line.pk for line in staying]


def form_of(payment: Payment, *, seal: str, issued_on: date, form: Receipt | None = None) -> Form:
    """Return what the receipt of a payment states: what was taken and decided then, whatever was decided since."""
    return _form_of(payment, stated_lines(payment, form or payment.receipt), seal=seal, issued_on=issued_on)


def _form_of(payment: Payment, taken: Sequence[PaymentLine], *, seal: str, issued_on: date) -> Form:
    named = shown.named(payment.household_id, [line.resident_id for line in taken])
    filled = []
    for line in taken:
        decided: Mapping[str, Any] = line.decided or {}
        tier = decided.get("tier") or (line.due.enrolment.tier if line.due else 0)
        owed = decided.get("payable_fen", line.amount_fen)
        filled.append(FormLine(named.people.get(line.resident_id, ""), tier, line.amount_fen, owed, owed))
    handler, total = payment.collected_by.display_name, sum(line.amount_fen for line in taken)
    return Form(seal, named.household_no, _payer(payment, taken, named), handler, issued_on, total, filled)


def _payer(payment: Payment, taken: Sequence[PaymentLine], named: Named) -> str:
    """Return who a form names as payer: the head; where a refund took the head off it, the eldest of who stays.

    A head who was never on the paper paid for the others and stays.
    """
    on_it = {line.resident_id for line in taken}
    gone = (line.resident for line in payment.lines.all() if line.resident_id not in on_it and line.due_id is not None)
    if not any(one.relation == "head" and one.household_id == payment.household_id for one in gone):
        return named.payer
    eldest = min((line.resident for line in taken), key=lambda one: (one.birth_on, one.pk), default=None)
    return named.people.get(eldest.pk, "") if eldest else named.payer


def stated_lines(payment: Payment, form: Receipt | None) -> list[PaymentLine]:
    """Return the parts of a payment its receipt states: on the form of who stayed after a refund, theirs alone.

    A form that came back says what it said. Wants lines prefetched.
    """
    lines = [line for line in payment.lines.all() if line.due_id is not None]
    named = form.stated if form is not None else None
    return lines if named is None else [line for line in lines if line.pk in named]


def standing_lines(payment: Payment) -> list[PaymentLine]:
    """Return the parts of a payment whose people are still enrolled by it. Wants lines with dues."""
    return [line for line in payment.lines.all() if line.due and line.due.state != DueState.CANCELLED]


def _form(payment: Payment, seal: str, named: Named, handler: str, issued_on: date, lines: Sequence[FormLine]) -> Form:
    return Form(seal, named.household_no, named.payer, handler, issued_on, payment.amount_fen, lines)


def _line(line: Line, due: Due, named: Named) -> FormLine:
    name, tier = named.people.get(line.resident_id, ""), due.enrolment.tier
    if line.kind == LineKind.TOP_UP:  # what the first payment lacked: its own amount is what is owed now
        return FormLine(name, tier, line.amount_fen, line.amount_fen, line.amount_fen)
    return FormLine(name, tier, line.amount_fen, due.amount_fen, due.enrolment.payable_fen)


def check(form: Form) -> None:
    """Raise Refused with every fault where a receipt would be void: it is not issued."""
    _refuse(form, say(N_("这张收据会是无效票据，没有开具，也没有收款。")))


def check_printed(form: Form) -> None:
    """Raise Refused with every fault where a receipt issued before would be void as printed."""
    _refuse(form, say(N_("这张收据会是无效票据，没有打印。")))


def _refuse(form: Form, sentence: Message) -> None:
    found = faults(form)
    if found:
        raise Refused(sentence, fact=deciding.join(found), todo=_todo(form))


def _todo(form: Form) -> Message:
    if not form.seal:
        return say(N_("请镇街社保所先在“收据本”页面登记在用的公章，再收款。"))
    return say(N_("请刷新本户页面，核对参保登记、应缴金额和户的资料后再收款。"))
