"""What is wrong in a file, as the database keeps it: row, column and reason, and never a cell's value."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, Message, say
from yingbao.storage.fields import Json

KEPT = 2000  # a file with more is wrong as a whole; the rejects file on disk holds them all
FILE_ROW = 0  # the row number of what concerns the file and none of its rows
MOST = 100_000  # told one by one, even in a sealed file: a million reasons would take a gigabyte


class Problems:
    """What is wrong in a file, as it is found: all of it counted, the first ``most`` told."""

    def __init__(self, most: int = MOST) -> None:
        self._told: list[RowProblem] = []
        self._counts, self._most = Counter[bool](), most

    def add(self, found: RowProblem) -> None:
        """Take one more."""
        self._counts[found.fatal] += 1
        if len(self._told) < self._most:
            self._told.append(found)

    @property
    def counts(self) -> tuple[int, int]:
        """How many keep a row out, and how many only warn."""
        return self._counts[True], self._counts[False]

    def told(self) -> list[RowProblem]:
        """Return what is told, and a word of the rest."""
        rest = self._counts.total() - len(self._told)
        more = say(N_("问题太多，另有 {count} 处没有逐条列出：请更正后重新上传"), count=rest)
        return [*self._told, RowProblem(FILE_ROW, "", "", more, False)] if rest else self._told


def to_json(problems: Iterable[RowProblem]) -> list[Json]:
    """Return problems as ``ImportedFile.problems`` keeps them, in row order, the first ``KEPT`` and a word of the rest.

    Each is {row, column, reason, params, fatal}; a parameter that is a message is {reason, params} again.
    """
    ordered = sorted(problems, key=lambda problem: problem.row)
    kept = [_to_json(problem) for problem in ordered[:KEPT]]
    if len(ordered) > KEPT:
        more = say(N_("另有 {count} 处问题没有列在这里，请下载问题清单"), count=len(ordered) - KEPT)
        kept.append({"row": FILE_ROW, "column": "", "fatal": False, **reason_to_json(more)})
    return kept


def from_json(problems: Iterable[Json]) -> list[RowProblem]:
    """Return stored problems as they were found, without the cells' values."""
    return [RowProblem(p["row"], p["column"], "", reason_from_json(p), p["fatal"]) for p in problems]


def dump(problems: Iterable[RowProblem]) -> bytes:
    """Return all problems with the cells' values, for a sealed file and no other place."""
    ordered = sorted(problems, key=lambda problem: problem.row)
    return json.dumps([{**_to_json(problem), "value": problem.value} for problem in ordered]).encode()


def load(dumped: bytes) -> list[RowProblem]:
    """Return what ``dump`` took."""
    held = json.loads(dumped)
    return [RowProblem(p["row"], p["column"], p["value"], reason_from_json(p), p["fatal"]) for p in held]


def count_by_fatality(problems: Iterable[RowProblem]) -> tuple[int, int]:
    """Return how many problems keep a row out, and how many only warn."""
    counts = Counter(problem.fatal for problem in problems)
    return counts[True], counts[False]


def _to_json(problem: RowProblem) -> Json:
    place = {"row": problem.row, "column": problem.column, "fatal": problem.fatal}
    return {**place, **reason_to_json(problem.reason)}


def reason_to_json(reason: Message) -> Json:
    """Return a message as JSON holds it: {reason, params}; a parameter that is a message is so too."""
    return {"reason": reason.template, "params": {k: _param_to_json(v) for k, v in reason.params.items()}}


def _param_to_json(value: object) -> object:
    if isinstance(value, Message):
        return reason_to_json(value)
    return value.isoformat() if isinstance(value, date) else value


def reason_from_json(held: Mapping[str, object]) -> Message:
    """Return a message as it was kept."""
    params = held["params"]
    assert isinstance(params, dict)
    return Message(str(held["reason"]), {k: _param_from_json(v) for k, v in params.items()})


def _param_from_json(value: object) -> object:
    return reason_from_json(value) if isinstance(value, dict) else value
