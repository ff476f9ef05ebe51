"""Plain Python: the tests' independent reading of the notice (tests/policy/oracle.py), person by person over text."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from benchmarks.policy.notice import EPOCH, NO_DAY, STATUSES
from benchmarks.policy.peers.harness import ANSWERS, Array, Columns, serve
from tests.policy.oracle import Answer, Row, pingjin_2023

POPULATIONS = ("resident", "university_student")


class PlainRows:
    """The loop."""

    own_threads = False

    def prepare(self, columns: Columns, cores: int) -> Any:
        """Return text rows."""
        return list_rows(columns), date.fromordinal(columns.as_of + EPOCH), columns.codes

    def run(self, data: Any) -> list[Answer]:
        """Read the notice for each."""
        rows, as_of, _ = data
        return [pingjin_2023(row, as_of) for row in rows]

    def collect(self, data: Any, result: list[Answer]) -> dict[str, Array]:
        """Return the answers as arrays."""
        places: dict[str | None, int] = {None: -1, **{code: place for place, code in enumerate(data[2])}}
        found = [
            (
                STATUSES.index(answer.status),
                _amount(answer.rate_fen),
                _amount(answer.subsidy_fen),
                places[answer.subsidy_identity],
                _amount(answer.payable_fen),
                _amount(answer.fiscal_subsidy_fen),
                _day(answer.covered_from),
                _day(answer.covered_to),
            )
            for answer in result
        ]
        return dict(zip(ANSWERS, np.array(found, np.int32).T, strict=True))


def list_rows(columns: Columns) -> list[Row]:
    """Return people as text rows; one with problems gets a birth date no one can read."""
    names: dict[int, str] = {}
    bits = list(enumerate(columns.codes))
    return [
        Row(
            birth_date="" if problems else _text(birth),
            population=POPULATIONS[population],
            tier=str(tier),
            identities=names.get(mask) or names.setdefault(mask, ";".join(c for bit, c in bits if mask >> bit & 1)),
            paid_on=_text(paid),
            graduating="true" if graduating else "",
            term_start=_text(term),
        )
        for birth, population, tier, mask, paid, graduating, term, problems in zip(
            columns.birth.tolist(),
            columns.population.tolist(),
            columns.tier.tolist(),
            columns.mask.tolist(),
            columns.paid.tolist(),
            columns.graduating.tolist(),
            columns.term_start.tolist(),
            columns.problems.tolist(),
            strict=True,
        )
    ]


def _text(day: int) -> str:
    return "" if day == NO_DAY else str(date.fromordinal(day + EPOCH))


def _amount(fen: int | None) -> int:
    return -1 if fen is None else fen


def _day(on: date | None) -> int:
    return NO_DAY if on is None else on.toordinal() - EPOCH


if __name__ == "__main__":
    serve(PlainRows())
