"""Writing benefit periods."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from yingbao.coverage.models import CoveragePeriod
from yingbao.kernel.periods import DAY
from yingbao.policy import Decision
from yingbao.storage.bulk import insert_rows
from yingbao.storage.transactions import operation


@operation
def grant(decided: Iterable[tuple[int, int, Decision]], *, year: int) -> None:
    """Keep the benefit period each (enrolment id, division code, decision) gives; without dates where silent."""
    insert_rows(
        CoveragePeriod,
        ("enrolment", "division", "year", "begin_on", "end_on", "reasons"),
        (
            (enrolment_id, code, year, one.covered_from, _end(one.covered_to), list(one.reasons))
            for enrolment_id, code, one in decided
        ),
    )


def _end(last_day: date | None) -> date | None:
    return None if last_day is None else last_day + DAY
