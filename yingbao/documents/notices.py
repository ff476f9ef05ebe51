"""The public notice of a payment point (BN-4.2.2c): who paid in cash, how much, and how to object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yingbao.documents.capitals import in_capitals
from yingbao.documents.typesetting import chinese_date, typeset
from yingbao.kernel.errors import Refused
from yingbao.kernel.masking import mask_name
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One household's cash payment. ``payer`` is the name in full: only its mask is printed."""

    payer: str
    group: str  # where in the village, e.g. 3组; may be empty
    persons: int
    amount_fen: int
    paid_on: date
    receipt_number: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice states. The period's last day and the objection's are included."""

    payment_point: str
    issuer: str
    insurance_year: int
    first_day: date
    last_day: date
    rows: Sequence[NoticeRow]
    total_fen: int
    handler: str
    leader: str
    published_on: date
    objections_until: date
    objections_to: str  # office and address
    objections_phone: str


def public_notice_pdf(notice: Notice) -> bytes:
    """Return the notice as an A4 PDF of as many pages as it takes, to be signed and sealed on paper.

    Raises Refused when the total is not the sum of the rows, or a row was not paid in the period.
    """
    _check(notice)
    data = {
        "point": notice.payment_point,
        "issuer": notice.issuer,
        "year": str(notice.insurance_year),
        "first_day": chinese_date(notice.first_day),
        "last_day": chinese_date(notice.last_day),
        "rows": [_row(place, row) for place, row in enumerate(notice.rows, 1)],
        "households": str(len(notice.rows)),
        "persons": str(sum(row.persons for row in notice.rows)),
        "total": format_yuan(notice.total_fen),
        "capitals": in_capitals(notice.total_fen),
        "handler": notice.handler,
        "leader": notice.leader,
        "published_on": chinese_date(notice.published_on),
        "until": chinese_date(notice.objections_until),
        "objections_to": notice.objections_to,
        "phone": notice.objections_phone,
    }
    return typeset("public_notice", data, dated=notice.published_on)


def _row(place: int, row: NoticeRow) -> list[str]:
    return [
        str(place), row.group, mask_name(row.payer), str(row.persons),
        format_yuan(row.amount_fen), row.paid_on.isoformat(), row.receipt_number,
    ]  # fmt: skip


def _check(notice: Notice) -> None:
    if sum(row.amount_fen for row in notice.rows) != notice.total_fen:
        raise _refused(N_("合计与明细之和不符"))
    if any(not notice.first_day <= row.paid_on <= notice.last_day for row in notice.rows):
        raise _refused(N_("有的缴费不在公示期间内"))


def _refused(fact: str) -> Refused:
    return Refused(say(N_("公示不能生成")), fact=say(fact), todo=say(N_("请核对该缴费点的现金收款记录")))
