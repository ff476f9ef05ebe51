"""Writing benefit periods."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from yingbao.coverage.models import CoveragePeriod
from yingbao.kernel.periods import DAY
from yingbao.policy import Decision
from yingbao.storage.transactions import operation


@operation
def grant(decided: Iterable[tuple[int, int, Decision]], *, year: int) -> None:
    """Keep the benefit period each (enrolment id, division code, decision) gives; without dates where silent."""
    CoveragePeriod.objects.bulk_create(
        CoveragePeriod(
            enrolment_id=enrolment_id,
            division_id=division_code,
            year=year,
            begin_on=decision.covered_from,
            end_on=_end(decision.covered_to),
            reasons=list(decision.reasons),
        )
        for enrolment_id, division_code, decision in decided
    )


def _end(last_day: date | None) -> date | None:
    return None if last_day is None else last_day + DAY
