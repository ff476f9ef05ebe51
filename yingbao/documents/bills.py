"""The bill an institution pays for its people in one sum (缴费通知单, BN-3.2.2)."""

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
class BillTier:
    """People who pay the same: tier, what each pays, how many, and together.

    ``fiscal_fen`` is what each pays beyond the rate (the fiscal part after 30 June), by a clause.
    """

    tier: int
    each_fen: int
    persons: int
    fen: int
    rate_fen: int = 0
    fiscal_fen: int = 0
    fiscal_clause: str = ""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One person; ``cert_number`` in full: only its mask is printed."""

    name: str
    cert_number: str
    member_no: str
    unit: str
    tier: int
    fen: int


@dataclass(frozen=True, slots=True)
class Bill:
    """What a bill states. ``number`` is to be written as the transfer's purpose."""

    number: str
    insurance_year: int
    institution: str
    division: str
    tiers: Sequence[BillTier]
    lines: Sequence[BillLine]
    total_fen: int
    drawn_up_on: date
    good_until: date
    handler: str


def bill_pdf(bill: Bill) -> bytes:
    """Return the bill as an A4 PDF. Raises Refused where its figures do not agree."""
    sums = (sum(one.fen for one in bill.tiers), sum(one.fen for one in bill.lines))
    if sums != (bill.total_fen, bill.total_fen):
        raise Refused(say(N_("缴费通知单不能打印")), fact=say(N_("合计与明细之和不符")))
    data = {
        "number": bill.number,
        "year": str(bill.insurance_year),
        "institution": bill.institution,
        "division": bill.division,
        "tiers": [_tier(one) for one in bill.tiers],
        "rows": [
            [str(place), one.name, mask(one.cert_number), one.member_no, one.unit, str(one.tier), format_yuan(one.fen)]
            for place, one in enumerate(bill.lines, 1)
        ],
        "persons": str(len(bill.lines)),
        "total": format_yuan(bill.total_fen),
        "capitals": in_capitals(bill.total_fen),
        "drawn_up_on": chinese_date(bill.drawn_up_on),
        "good_until": chinese_date(bill.good_until),
        "handler": bill.handler,
    }
    return typeset("bill", data, dated=bill.drawn_up_on)


def _tier(one: BillTier) -> list[str]:
    """Return a row of the table, with what the receipt will say of the fiscal part."""
    fiscal = f"含财政部分 {format_yuan(one.fiscal_fen)} {one.fiscal_clause}".strip() if one.fiscal_fen else ""
    rate = format_yuan(one.rate_fen) if one.rate_fen else ""
    return [f"{one.tier} 档", rate, format_yuan(one.each_fen), fiscal, str(one.persons), format_yuan(one.fen)]
