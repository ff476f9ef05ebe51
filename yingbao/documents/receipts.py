"""The receipt of a household (BN-4.3.3b): who paid, for whom, at which rate, less which subsidy by which clause."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import segno

from yingbao.documents.capitals import in_capitals
from yingbao.documents.typesetting import chinese_date, typeset
from yingbao.kernel.certificates import mask
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan

# Printed where the decision of the day of payment was not kept: better than one of another day.
UNKNOWN = "收款时的身份及依据未留存"


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One member. ``added_fen`` is what the person pays beyond the rate (the fiscal part after 30 June), by a clause.

    ``is_known`` false: how the amount came about was not kept, and the paper says so.
    """

    name: str
    cert_number: str  # in full: only its mask is printed
    tier: str
    rate_fen: int
    subsidy_fen: int
    payable_fen: int
    added_fen: int = 0
    subsidy_identity: str = ""
    subsidy_clause: str = ""
    is_known: bool = True
    added_clause: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt states. ``check`` is the string by which the office recognises its own number.

    ``mark`` is printed across a form that counts no more, with ``mark_reason``; ``voucher`` is the POS terminal and
    voucher number.
    """

    number: str
    book: str
    insurance_year: int
    issuer: str
    division: str
    household_no: str
    payer: str
    lines: Sequence[ReceiptLine]
    total_fen: int
    channel: str
    collected_on: date
    handler: str
    check: str
    mark: str = ""
    mark_reason: str = ""
    voucher: str = ""


@dataclass(frozen=True, slots=True)
class Voucher:
    """What the payer keeps of a payment by POS (BN-4.3.2), and what its stub says."""

    issuer: str
    division: str
    household_no: str
    payer: str
    persons: int
    insurance_year: int
    terminal: str
    reference: str
    amount_fen: int
    paid_on: date
    handler: str
    receipt_number: str


def receipt_pdf(receipt: Receipt) -> bytes:
    """Return the receipt as an A5 landscape PDF, without the seal, which is put on paper.

    Raises Refused when it is incomplete or its figures do not agree: such a receipt is void (BN-4.3.3c).
    """
    return typeset("receipt", _data(receipt), dated=receipt.collected_on)


def receipt_slip_pdf(receipt: Receipt) -> bytes:
    """Return the receipt for a thermal printer: 80 mm wide, as long as it needs. Raises as ``receipt_pdf`` does."""
    return typeset("receipt_slip", _data(receipt), dated=receipt.collected_on)


def voucher_pdf(voucher: Voucher) -> bytes:
    """Return the payer's voucher of a POS payment and the stub below it, 80 mm wide (BN-4.3.2)."""
    data = {
        **{name: getattr(voucher, name) for name in ("issuer", "division", "household_no", "payer", "handler")},
        "persons": str(voucher.persons),
        "year": str(voucher.insurance_year),
        "terminal": voucher.terminal or "—",
        "reference": voucher.reference or "—",
        "amount": format_yuan(voucher.amount_fen),
        "capitals": in_capitals(voucher.amount_fen),
        "paid_on": chinese_date(voucher.paid_on),
        "receipt": voucher.receipt_number,
    }
    return typeset("pos_voucher", data, dated=voucher.paid_on)


def _data(receipt: Receipt) -> dict[str, object]:
    _check_complete(receipt)
    _check_money(receipt)
    return {
        "number": receipt.number,
        "book": receipt.book,
        "year": str(receipt.insurance_year),
        "issuer": receipt.issuer,
        "division": receipt.division,
        "household_no": receipt.household_no,
        "payer": receipt.payer,
        "lines": [_line(line) for line in receipt.lines],
        "total": format_yuan(receipt.total_fen),
        "capitals": in_capitals(receipt.total_fen),
        "channel": receipt.channel,
        "collected_on": chinese_date(receipt.collected_on),
        "handler": receipt.handler,
        "check": receipt.check,
        "qr": _qr(f"{receipt.number}|{receipt.check}"),
        "mark": receipt.mark,
        "mark_reason": receipt.mark_reason,
        "voucher": receipt.voucher,
    }


def _line(line: ReceiptLine) -> dict[str, str]:
    return {
        "name": line.name,
        "cert": mask(line.cert_number),
        "tier": line.tier,
        "rate": format_yuan(line.rate_fen + line.added_fen) if line.is_known else "—",
        "added": f"{format_yuan(line.added_fen)} {line.added_clause}".strip() if line.added_fen else "",
        "subsidy": format_yuan(line.subsidy_fen) if line.subsidy_fen else "—",
        "identity": line.subsidy_identity if line.is_known else UNKNOWN,
        "clause": line.subsidy_clause,
        "payable": format_yuan(line.payable_fen),
    }


def _check_complete(receipt: Receipt) -> None:
    facts = {
        N_("收据号"): receipt.number,
        N_("票据册号"): receipt.book,
        N_("开具单位"): receipt.issuer,
        N_("户号"): receipt.household_no,
        N_("缴费人"): receipt.payer,
        N_("缴费方式"): receipt.channel,
        N_("经办人"): receipt.handler,
        N_("校验串"): receipt.check,
        N_("参保人"): receipt.lines,
    }
    for name, value in facts.items():
        if not value:
            raise _refused(say(N_("缺少{name}"), name=say(name)), say(N_("请补全后再开具")))


def _check_money(receipt: Receipt) -> None:
    for place, line in enumerate(receipt.lines, 1):
        if not line.is_known:
            continue
        if line.rate_fen + line.added_fen - line.subsidy_fen != line.payable_fen or line.payable_fen < 0:
            raise _disagrees(say(N_("第 {place} 行：应缴不等于标准减资助"), place=place))
    if sum(line.payable_fen for line in receipt.lines) != receipt.total_fen:
        raise _disagrees(say(N_("合计与明细之和不符")))


def _disagrees(fact: Message) -> Refused:
    return _refused(fact, say(N_("请核对参保登记与缴费记录；内容不符的收据无效")))


def _refused(fact: Message, todo: Message) -> Refused:
    return Refused(say(N_("收据不能开具")), fact=fact, todo=todo)


def _qr(content: str) -> str:
    drawn = io.BytesIO()
    segno.make(content, error="m", micro=False).save(drawn, kind="svg", xmldecl=False, border=0)
    return drawn.getvalue().decode()
