"""Take a batch out as a file for the tax client, in the district's own columns (PJ-5.2.2, BN-4.3.3a)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.declaring import layouts
from yingbao.collection.declaring import queries as declaring
from yingbao.collection.kinds import DeclarationKind, LayoutKind, LineKind
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.sheets import Sheet, csv_bytes, sheet_of, xlsx_bytes
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work

if TYPE_CHECKING:
    from yingbao.collection.models import Declaration, DeclarationLine

RESIDENT_INSURANCE = "390"  # insutype of the national dictionary
# The file is Chinese, whatever language the page is in.
KINDS: Mapping[str, str] = {DeclarationKind.CASH: "现金申报", DeclarationKind.ZERO: "零申报"}


class Format(StrEnum):
    """What the client can read."""

    XLSX = "xlsx"
    CSV = "csv"
    CSV_GB18030 = "csv-gb18030"


def export_declaration(actor: Actor, *, declaration_id: int, file_format: str, at: datetime) -> bytes:
    """Return a declaration line by line, certificate numbers whole, and note in the audit trail who took it.

    Needs DECLARE or CLEAR: who declares and who answers work with whole numbers. Raises NotFound for a declaration
    the actor does not see, BadInput for an unknown format.
    """
    if not actor.may(Right.CLEAR):
        actor.must(Right.DECLARE)
    if file_format not in set(Format):
        raise BadInput(say(N_("没有这种文件格式。")))
    found = declaring.declaration(actor, declaration_id)
    layout = layouts.current(LayoutKind.DECLARATION, division_code=found.division_id)
    sheet = sheet_of(layout, _rows(found, declaring.with_receipts(declaring.lines_of(found))))
    with unit_of_work():
        content = _write(sheet, Format(file_format))
        audit.record(
            actor,
            "take-declaration",
            subject=("declaration", found.pk),
            division_code=found.division_id,
            at=at,
            detail={"persons": found.persons, "format": file_format, "whole_numbers": True},
        )
    return content


def _write(sheet: Sheet, file_format: Format) -> bytes:
    if file_format is Format.XLSX:
        # No title above the header: a machine reads it.
        return xlsx_bytes(sheets=[Sheet(sheet.title, sheet.columns, sheet.rows)])
    return csv_bytes(sheet=sheet, encoding="gb18030" if file_format is Format.CSV_GB18030 else "utf-8-sig")


def _rows(declaration: Declaration, lines: Iterable[DeclarationLine]) -> Iterator[Json]:
    for place, line in enumerate(lines, 1):
        yield _row(place, declaration, line)


def _row(place: int, declaration: Declaration, line: DeclarationLine) -> Json:
    enrolment = line.due.enrolment
    division = enrolment.division
    resident, money = enrolment.resident, line.payment_line
    # What is paid afterwards comes alone: subsidy and treasury were declared with the first part.
    is_first = money is None or money.kind == LineKind.DUE
    subsidy_fen = enrolment.subsidy_fen if is_first else 0
    identity = enrolment.subsidy_identity if is_first else ""
    return {
        "number": place,
        "batch": str(declaration.pk),
        "line": str(line.pk),
        "kind": KINDS[declaration.kind],
        "name": resident.name,
        "cert_kind": resident.certificate_kind,
        "cert_number": resident.certificate_number,
        "insutype": RESIDENT_INSURANCE,
        "year": str(enrolment.year),
        "tier": str(enrolment.tier),
        "personal_fen": line.amount_fen,
        "subsidy_fen": subsidy_fen,
        "fiscal_fen": enrolment.fiscal_fen if is_first else 0,
        "total_fen": line.amount_fen + subsidy_fen,
        "identity": get_policy(enrolment.policy).identity(identity).zh if identity else "",
        "household": resident.household.number,
        "town": division.town_name,
        "village": division.name,
        "collected_on": money.payment.collected_on if money else line.due.collected_on,
        "declared_on": declaration.declared_on,
        "agent": money.payment.collected_by.display_name if money else declaration.agent.display_name,
        "receipt": _receipt(line),
    }


def _receipt(line: DeclarationLine) -> str:
    receipt = line.payment_line.payment.receipt if line.payment_line else None
    return f"{receipt.book.series}-{receipt.number}" if receipt else ""
