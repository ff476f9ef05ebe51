"""An institution's bill on paper (缴费通知单): what it comes to by tier and rate, for whom, and what to write on it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.institutional import queries as institutional
from yingbao.documents.bills import Bill, BillLine, BillTier, bill_pdf
from yingbao.registry.institutions import queries
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases import files_in
from yingbao.usecases.bill_institution import find_bill
from yingbao.usecases.bill_parts import BillPart, parts_of

if TYPE_CHECKING:
    from yingbao.collection.models import OrderLine
    from yingbao.registry.models import InstitutionMember


def print_bill(actor: Actor, *, order_id: int, at: datetime) -> bytes:
    """Return a bill as PDF; the audit trail says who took it. Raises Forbidden, NotFound."""
    actor.must(Right.ENROL_INSTITUTION)
    order, institution = find_bill(actor, order_id)
    lines = list(institutional.lines_of_bill(order_id))
    members = {one.resident_id: one for one in queries.members(institution, year=order.year)}
    content = bill_pdf(
        Bill(
            number=order.number,
            insurance_year=order.year,
            institution=institution.name,
            division=institution.division.name,
            tiers=[_tier(part) for part in parts_of(order_id)],
            lines=[_line(line, members.get(line.due.enrolment.resident_id)) for line in lines],
            total_fen=order.amount_fen,
            drawn_up_on=files_in.today(order.opened_at),
            good_until=files_in.today(order.expires_at),
            handler=order.opened_by.display_name,
        )
    )
    with unit_of_work():
        subject, code = ("order", order.pk), order.division_id
        audit.record(actor, "take-bill", subject=subject, division_code=code, at=at, detail={"persons": len(lines)})
    return content


def _tier(part: BillPart) -> BillTier:
    return BillTier(
        part.tier, part.each_fen, part.persons, part.fen, part.rate_fen, part.fiscal_fen, part.fiscal_clause
    )


def _line(line: OrderLine, member: InstitutionMember | None) -> BillLine:
    person = line.due.enrolment.resident
    number, unit = (member.number, member.unit) if member else ("", "")
    return BillLine(person.name, person.certificate_number, number, unit, line.due.enrolment.tier, line.amount_fen)
