"""The file of rejects: the rows that did not come in, as they were, with what is wrong; mended, it comes back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from pathlib import Path

from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, say
from yingbao.sheets.layout import Column
from yingbao.sheets.reader import Table
from yingbao.sheets.writer import Sheet, write_xlsx

# The reader passes over columns it does not know, so these need not be deleted before re-import.
EXTRA_COLUMNS = (N_("原行号"), N_("问题列"), N_("原因"))


def write_rejects(
    path: str | Path,
    *,
    table: Table,
    problems: Iterable[RowProblem],
    also: Set[int] = frozenset(),
    language: str = "zh",
    password: str | None = None,
) -> int:
    """Write the rows of ``table`` that have a fatal problem, every original column included; return how many.

    ``also`` are the numbers of rows to write where there were too many problems to tell them all.
    Warnings of such a row are told too. Give the ``password`` of the original where it had one: the rejects
    hold the same people.
    """
    by_row: dict[int, list[RowProblem]] = {}
    for problem in problems:
        by_row.setdefault(problem.row, []).append(problem)
    fatal = also | {row for row, found in by_row.items() if any(problem.fatal for problem in found)}
    extra = [say(name).render(language) for name in EXTRA_COLUMNS]
    # A file of rejects that is rejected again does not collect these columns twice.
    kept = [place for place, label in enumerate(table.labels) if label not in {*extra, *EXTRA_COLUMNS}]
    rows = (  # written as they are read
        [*(cells[place] for place in kept), str(number), *_explain(by_row.get(number, ()), language)]
        for number, cells in table.raw_rows(fatal)
    )
    columns = _columns([table.labels[place] for place in kept], extra, table)
    write_xlsx(path, sheets=[Sheet(table.sheet, columns, rows)], password=password)
    return len(fatal)


def _columns(originals: Sequence[str], extra: Sequence[str], table: Table) -> list[Column]:
    widths = {column.name: column.width for column in table.layout.columns}
    return [Column(label, label, width=widths.get(label, 12)) for label in originals] + [
        Column(label, label, width=40 if place == 2 else 10) for place, label in enumerate(extra)
    ]


def _explain(problems: Sequence[RowProblem], language: str) -> tuple[str, str]:
    columns = dict.fromkeys(problem.column for problem in problems)
    return "；".join(columns), "；".join(problem.reason.render(language) for problem in problems)
