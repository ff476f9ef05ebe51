"""What stands for named people in a year: their enrolment, what is paid of it, and from when it covers."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet

from yingbao.collection.kinds import DueState
from yingbao.collection.queries import dues
from yingbao.divisions.codes import Scope


class Standing(NamedTuple):
    """One standing enrolment and its due. ``covered_from`` is None where nothing is cleared or the notice is silent."""

    resident_id: int
    household_id: int
    division_code: int
    state: str
    amount_fen: int
    collected_on: date | None
    covered_from: date | None

    @property
    def is_paid(self) -> bool:
        """Return whether money was taken, or the enrolment declared where it owes nothing."""
        return self.state != DueState.OPEN

    def has_begun(self, on: date) -> bool:
        """Return whether benefits have begun on a day."""
        return self.covered_from is not None and self.covered_from <= on


def standing_of(residents: QuerySet[Any, int], scope: Scope, *, year: int) -> list[Standing]:
    """Return what stands for those of the residents (a subquery of ids) who are enrolled in a scope, in id order."""
    found = dues(scope, year=year).filter(enrolment__resident_id__in=residents)
    rows = found.order_by("enrolment__resident_id").values_list(
        *("enrolment__resident_id", "enrolment__resident__household_id", "division_id", "state", "amount_fen"),
        *("collected_on", "enrolment__coverage__begin_on"),
    )
    return [Standing(*row) for row in rows]
