"""Writing targets. Weekly figures have their own file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from yingbao.divisions.codes import Scope
from yingbao.progress.models import Target
from yingbao.storage.transactions import operation


class Aim(NamedTuple):
    """What one division is to reach: counts, and money in fen."""

    division_code: int
    households: int
    population: int
    persons: int
    amount_fen: int


@operation
def set_targets(aims: Iterable[Aim], *, year: int, due_on: date) -> int:
    """Set divisions' targets of a year, replacing what was set before; return how many."""
    targets = [Target(year=year, due_on=due_on, **_columns(aim)) for aim in aims]
    Target.objects.bulk_create(
        targets,
        update_conflicts=True,
        unique_fields=["division", "year"],
        update_fields=["households", "population", "persons", "amount_fen", "due_on"],
    )
    return len(targets)


def find_aims(scope: Scope, *, year: int) -> dict[int, Aim]:
    """Return division code → the target set before, of the divisions of a scope."""
    targets = Target.objects.filter(division_id__gte=scope.low, division_id__lt=scope.high, year=year)
    columns = ("division_id", "households", "population", "persons", "amount_fen")
    return {row[0]: Aim(*row) for row in targets.values_list(*columns)}


def _columns(aim: Aim) -> dict[str, int]:
    return {("division_id" if name == "division_code" else name): n for name, n in aim._asdict().items()}
