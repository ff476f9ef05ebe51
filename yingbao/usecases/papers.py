"""What the office takes out on paper or as a workbook: public notice, weekly table, settlement list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.collection import queries as collection
from yingbao.divisions.codes import Scope
from yingbao.documents import Notice, NoticeRow, public_notice_pdf
from yingbao.kernel.certificates import mask
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.policy import Policy, get_policy
from yingbao.progress import queries as progress
from yingbao.progress.weekly import line_name
from yingbao.publicity import queries as publicity
from yingbao.registry import shown
from yingbao.settlement import queries as settlement
from yingbao.sheets import sheet_of, xlsx_bytes
from yingbao.sheets.layouts import TAX_REQUEST, WEEKLY
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work

if TYPE_CHECKING:
    from yingbao.collection.models import Payment
    from yingbao.divisions.models import Division
    from yingbao.progress.models import Target, WeeklyLine
    from yingbao.settlement.models import SettlementLine

OBJECTIONS_FOR = timedelta(days=7)  # the notices name no span; a week is what offices usually give
GROUP = re.compile(r"\d+组")
# Who works with whole certificate numbers in a settlement list; everybody else's copy is masked.
NEEDS_NUMBERS = frozenset({Role.BUREAU, Role.TAX, Role.DEPARTMENT})


def issuer_of(place: Division) -> str:
    """Return the office whose seal a village's papers bear: its town's social-insurance office."""
    return f"{place.parent.name if place.parent else place.name}社保所"


def print_notice(actor: Actor, *, notice_id: int) -> bytes:
    """Return a public notice as PDF (BN-4.2.2c). Raises NotFound outside the actor's scope."""
    notice = publicity.notices(actor).select_related("division__parent").filter(pk=notice_id).first()
    if notice is None:
        raise NotFound(say(N_("没有找到这份公示，或不在您的管理范围内。")))
    village = Scope(notice.division_id, notice.division_id + 1)
    paid = collection.cash_payments(
        # What came in after it was drawn up is not in the sum that two people signed.
        village,
        year=notice.year,
        begin_on=notice.begin_on,
        end_on=notice.end_on,
        known_at=notice.drawn_up_at,
    )
    published_on = timezone.localdate(notice.approved_at or notice.drawn_up_at)
    return public_notice_pdf(
        Notice(
            payment_point=notice.division.name,
            issuer=issuer_of(notice.division),
            insurance_year=notice.year,
            first_day=notice.begin_on,
            last_day=notice.end_on - DAY,
            rows=_notice_rows(list(paid.select_related("household").prefetch_related("lines", "receipts"))),
            total_fen=notice.amount_fen,
            handler=notice.handler.display_name,
            leader=notice.leader.display_name if notice.leader else "",
            published_on=published_on,
            objections_until=published_on + OBJECTIONS_FOR,
            objections_to=issuer_of(notice.division),
            objections_phone="",
        )
    )


def _notice_rows(paid: list[Payment]) -> list[NoticeRow]:
    heads = shown.heads_of(payment.household_id for payment in paid)
    return [
        NoticeRow(
            payer=heads.get(payment.household_id, ""),
            group=_group(payment.household.address),
            persons=len(payment.lines.all()),
            amount_fen=payment.amount_fen,
            paid_on=payment.collected_on,
            receipt_number=f"{payment.receipt.number:08d}" if payment.receipt else "",
        )
        for payment in paid
    ]


def _group(address: str) -> str:
    """Return the villagers' group of an address, e.g. 3组: enough for neighbours, too little to find a door."""
    found = GROUP.search(address)
    return found.group() if found else ""


def write_weekly_table(actor: Actor, *, year: int, cut_off_on: date) -> bytes:
    """Return the Thursday table of the actor's divisions as .xlsx (PJ-8.4), the best completion first.

    Raises NotFound where none was reported that day.
    """
    targets = progress.targets(actor, year=year)
    lines = list(progress.week_lines(actor, year=year, cut_off_on=cut_off_on))
    if not lines:
        raise NotFound(say(N_("这一天没有报送进度表。")))
    rows = sorted((_weekly_row(line, targets.get(line.division_id)) for line in lines), key=_by_completion)
    rows = [{**row, "number": place, "rank": place} for place, row in enumerate(rows, 1)]
    above = (f"{year}年度　截至 {cut_off_on.isoformat()} 24:00",)
    return xlsx_bytes(sheets=[sheet_of(WEEKLY, [*rows, _weekly_total(rows)], above=above)])


def _weekly_row(line: WeeklyLine, target: Target | None) -> Json:
    persons, fen = (target.persons, target.amount_fen) if target else (0, 0)
    return _with_percents(
        {
            "division": line_name(line.division),
            "target": persons,
            "done": line.persons,
            "target_fen": fen,
            "done_fen": line.amount_fen,
            "low_target": line.low_income_persons,
            "low_done": line.low_income_enrolled,
        }
    )


def _weekly_total(rows: list[Json]) -> Json:
    names = ("target", "done", "target_fen", "done_fen", "low_target", "low_done")
    return _with_percents({"division": "合计", **{name: sum(row[name] for row in rows) for name in names}})


def _with_percents(row: Json) -> Json:
    return {
        **row,
        "percent": _hundredths(row["done"], row["target"]),
        "percent_fen": _hundredths(row["done_fen"], row["target_fen"]),
        "low_percent": _hundredths(row["low_done"], row["low_target"]),
    }


def _hundredths(part: int, whole: int) -> int | None:
    return part * 10000 // whole if whole else None


def _by_completion(row: Json) -> int:
    return -(row["percent"] or 0)


def write_settlement_list(actor: Actor, *, list_id: int, policy_name: str, at: datetime) -> bytes:
    """Return a settlement list as .xlsx, person by person, and note in the audit trail who took it.

    Certificate numbers are whole for who settles and who pays, masked for others. Raises NotFound.
    """
    actor.must(Right.SEE_SETTLEMENT)
    drawn = settlement.lists(actor).filter(pk=list_id).first()
    if drawn is None:
        raise NotFound(say(N_("没有找到这份清册，或不在您的管理范围内。")))
    lines = settlement.lines(drawn).select_related("enrolment__division__parent")
    rows = _settlement_rows(lines, get_policy(policy_name), whole=actor.role in NEEDS_NUMBERS)
    content = xlsx_bytes(sheets=[sheet_of(TAX_REQUEST, rows)])
    with unit_of_work():
        audit.record(
            actor,
            "take-settlement-list",
            subject=("settlement", drawn.pk),
            division_code=drawn.division_id,
            at=at,
            detail={"persons": drawn.persons, "whole_numbers": actor.role in NEEDS_NUMBERS},
        )
    return content


def _settlement_rows(lines: Iterable[SettlementLine], policy: Policy, *, whole: bool) -> list[Json]:
    return [_settlement_row(place, line, policy, whole=whole) for place, line in enumerate(lines, 1)]


def _settlement_row(place: int, line: SettlementLine, policy: Policy, *, whole: bool) -> Json:
    resident, division, due = line.enrolment.resident, line.enrolment.division, line.enrolment.due
    number = resident.certificate_number
    return {
        "number": place,
        "town": division.town_name,
        "name": resident.name,
        "cert_number": number if whole else mask(number),
        "paid_for_as": policy.identity(line.identity).zh,
        "insurance_kind": f"城乡居民医保{line.enrolment.tier}档",
        "subsidy_fen": line.amount_fen,
        "personal_fen": due.amount_fen,
        "total_fen": line.amount_fen + due.amount_fen,
        "batch": str(line.list_id),
    }
