"""Drawing up settlement lists (PJ-5.2.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.settlement.models import SettlementLine, SettlementList
from yingbao.storage.transactions import operation

if TYPE_CHECKING:
    from yingbao.enrolment.models import Enrolment


@dataclass(frozen=True, slots=True)
class Span:
    """Which payer's list: division, year and the half-open span of clearing days."""

    division_code: int
    year: int
    begin_on: date
    end_on: date


@operation
def draw_up(payer: str, enrolments: Sequence[Enrolment], *, span: Span, user_id: int, at: datetime) -> SettlementList:
    """Write one payer's list. Raises IntegrityError where an enrolment stands in another list already."""
    drawn = SettlementList.objects.create(
        payer=payer,
        division_id=span.division_code,
        year=span.year,
        begin_on=span.begin_on,
        end_on=span.end_on,
        persons=len(enrolments),
        amount_fen=sum(enrolment.subsidy_fen for enrolment in enrolments),
        extracted_by_id=user_id,
        extracted_at=at,
    )
    SettlementLine.objects.bulk_create(_lines(drawn, enrolments), batch_size=2000)
    return drawn


def _lines(drawn: SettlementList, enrolments: Iterable[Enrolment]) -> Iterable[SettlementLine]:
    for enrolment in enrolments:
        yield SettlementLine(
            list=drawn,
            enrolment=enrolment,
            identity=enrolment.subsidy_identity,
            amount_fen=enrolment.subsidy_fen,
        )
