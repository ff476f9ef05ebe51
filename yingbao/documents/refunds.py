"""The slip that goes with money paid back: to whom, for which receipt, why, by which rules; two people sign it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yingbao.documents.capitals import in_capitals
from yingbao.documents.typesetting import chinese_date, typeset
from yingbao.kernel.certificates import mask
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan


@dataclass(frozen=True, slots=True)
class RefundLine:
    """One person's part: what was paid, of that what goes back."""

    name: str
    cert_number: str  # in full: only its mask is printed
    kind: str
    paid_on: date
    channel: str
    receipt: str
    paid_fen: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class RefundSlip:
    """What a slip states; ``paid_on`` None: approved, and waiting to be paid out."""

    number: str
    insurance_year: int
    issuer: str
    division: str
    household_no: str
    payer: str
    reason: str
    note: str
    basis: Sequence[str]
    lines: Sequence[RefundLine]
    asked_by: str
    asked_on: date
    decided_by: str
    decided_on: date
    way: str = ""
    reference: str = ""
    paid_by: str = ""
    paid_on: date | None = None

    @property
    def total_fen(self) -> int:
        """What goes back in all."""
        return sum(line.amount_fen for line in self.lines)


def refund_slip_pdf(slip: RefundSlip) -> bytes:
    """Return the slip as an A5 landscape PDF. Raises Refused where nothing goes back, or more than was paid."""
    if not slip.lines or any(not 0 < line.amount_fen <= line.paid_fen for line in slip.lines):
        raise Refused(
            say(N_("退费单不能开具")),
            fact=say(N_("退费金额应大于零，且不超过缴费金额")),
            todo=say(N_("请核对这笔退费")),
        )
    data = {
        "number": slip.number,
        "year": str(slip.insurance_year),
        "issuer": slip.issuer,
        "division": slip.division,
        "household_no": slip.household_no,
        "payer": slip.payer,
        "reason": slip.reason,
        "note": slip.note,
        "basis": list(slip.basis),
        "lines": [_line(line) for line in slip.lines],
        "total": format_yuan(slip.total_fen),
        "capitals": in_capitals(slip.total_fen),
        "asked": f"{slip.asked_by}　{chinese_date(slip.asked_on)}",
        "decided": f"{slip.decided_by}　{chinese_date(slip.decided_on)}",
        "way": slip.way,
        "reference": slip.reference,
        "paid": f"{slip.paid_by}　{chinese_date(slip.paid_on)}" if slip.paid_on else "",
    }
    return typeset("refund_slip", data, dated=slip.paid_on or slip.decided_on)


def _line(line: RefundLine) -> dict[str, str]:
    return {
        "name": line.name,
        "cert": mask(line.cert_number),
        "kind": line.kind,
        "paid": f"{line.paid_on.isoformat()}　{line.channel}",
        "receipt": line.receipt or "—",
        "paid_fen": format_yuan(line.paid_fen),
        "amount": format_yuan(line.amount_fen),
    }
