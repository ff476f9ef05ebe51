"""The one way in for office files: .xlsx, .xls and .csv, with or without password, become rows of clean values."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import cast

from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import Message
from yingbao.sheets import refusals
from yingbao.sheets.cells import Raw, Value, clean, convert
from yingbao.sheets.guards import Limits
from yingbao.sheets.headers import Header, choose_layout
from yingbao.sheets.layout import Column, Kind, Layout
from yingbao.sheets.sources import RawRow, Source, open_source

DEFAULT_LIMITS = Limits()
FOOTNOTE_STARTS = ("注：", "注:", "备注：", "备注:", "说明：", "说明:", "填报单位", "填表人", "制表")


@dataclass(frozen=True, slots=True)
class Row:
    """One filled row. ``number`` is the sheet's own; ``values`` holds every column of the layout by key.

    A cell that could not be read is None (text: "") and has a problem; columns the file lacks are empty too.
    """

    number: int
    values: dict[str, Value]
    problems: tuple[RowProblem, ...] = ()

    def text(self, key: str) -> str:
        """Return a text column's cell; "" when empty."""
        value = self.values[key]
        return value if isinstance(value, str) else "" if value is None else str(value)

    def integer(self, key: str) -> int | None:
        """Return an INTEGER or MONEY (fen) column's cell. Raises TypeError for a column of another kind."""
        value = self.values[key]
        if isinstance(value, int) or value is None:
            return value
        raise TypeError(f"{key} holds no number")

    def day(self, key: str) -> date | None:
        """Return a DATE column's cell. Raises TypeError for a column of another kind."""
        value = self.values[key]
        if isinstance(value, date) or value is None:
            return value
        raise TypeError(f"{key} holds no date")


class Table:
    """A sheet whose header has been found. Iterating gives its rows, from the beginning each time.

    ``sheet`` is the sheet read and ``unread`` those left alone: say both to the user. ``present`` holds the keys of
    the columns the file has. What concerns the file as a whole is known once its last row has been read: then
    ``row_count`` holds the filled rows, or BadInput is raised (too many rows, none, an empty key column).
    """

    def __init__(self, source: Source, header: Header, layout: Layout, name: str, limits: Limits) -> None:
        self.name, self.layout, self.sheet, self.unread = name, layout, source.sheet, source.unread
        self.labels, self.present, self.row_count = header.labels, frozenset(header.places), 0
        self._source, self._header, self._limits = source, header, limits

    def __len__(self) -> int:
        return self.row_count

    def __iter__(self) -> Iterator[Row]:
        columns = self.layout.columns
        keys = [column.key for column in columns]
        places = [self._header.places.get(key, -1) for key in keys]
        width = max(places) + 1
        special = [column for column in columns if column.kind is not Kind.TEXT]
        for number, cells in self._filled():
            padded = [*cells, *[""] * (width - len(cells)), ""]  # a column the file lacks is the cell at -1
            picked = [padded[place] for place in places]
            problems: list[RowProblem] = []
            values: dict[str, Value] = dict(zip(keys, _texts(columns, picked, number, problems), strict=True))
            for column in special:
                values[column.key] = _value_or_problem(column, values[column.key], number, problems)
            yield Row(number, values, tuple(problems))

    def raw_rows(self, only: Container[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """Give each filled row, or those of some numbers, as text under ``labels``: for rejects.

        Columns unknown to the layout are there too.
        """
        width = len(self.labels)
        for number, cells in self._filled():
            if only is None or number in only:
                texts = [_shown(cell) for cell in cells[:width]]
                yield number, texts + [""] * (width - len(texts))

    def read_through(self) -> None:
        """Walk to the last row, for what concerns the whole file."""
        for _ in self._filled():
            pass

    def _filled(self) -> Iterator[tuple[int, RawRow]]:
        place, count, limit = self._header.places.get(self.layout.key, -1), 0, self._limits.max_rows
        has_key = place < 0
        rows = islice(self._source.rows(), self._header.last_row, None)
        for number, cells in enumerate(rows, self._header.last_row + 1):
            if "" in cells[:2] and not _is_filled(cells):
                continue
            count += 1
            if count > limit:
                raise refusals.too_many_rows(self.name, limit)
            has_key = has_key or (place < len(cells) and str(cells[place]).strip() != "")
            yield number, cells
        self._judge(count, has_key)

    def _judge(self, count: int, has_key: bool) -> None:
        if not count:
            raise refusals.no_rows(self.name, self.sheet)
        if not has_key:
            raise refusals.empty_key(self.name, self.layout.column(self.layout.key).name)
        self.row_count = count


def read_table(
    source: str | Path | bytes,
    *,
    name: str,
    layout: Layout | Sequence[Layout],
    sheet: str | None = None,
    password: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Table:
    """Open a file, find its header and walk through it once; nothing is left open that a caller must close.

    ``source`` is a path or the bytes, ``name`` what the user calls the file; of several layouts the one that knows
    most of the file's columns is taken. Raises BadInput with a sentence for the user when the file as a whole cannot
    be taken: hostile, truncated, of another kind, too large, password missing or wrong, no or several sheets, columns
    missing or doubled, no rows, empty key column.
    What is wrong with single cells is in ``Row.problems``.
    """
    table = stream_table(source, name=name, layout=layout, sheet=sheet, password=password, limits=limits)
    table.read_through()
    return table


def stream_table(
    source: str | Path | bytes,
    *,
    name: str,
    layout: Layout | Sequence[Layout],
    sheet: str | None = None,
    password: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Table:
    """Open a file as ``read_table`` does, and read each row only when it is asked for.

    Nothing may be done with the rows for good before the last one: until then BadInput can still come.
    """
    content = Path(source) if isinstance(source, str) else source
    opened = open_source(content, name=name, sheet=sheet, password=password, limits=limits)
    head = list(islice(opened.rows(), refusals.HEADER_SEARCH_ROWS))
    layouts = [layout] if isinstance(layout, Layout) else layout
    header, chosen = choose_layout(head, layouts=layouts, name=name)
    return Table(opened, header, chosen, name, limits)


def _is_filled(cells: RawRow) -> bool:
    """Whether a row holds more than nothing or a footnote that stands alone."""
    filled = [cell for cell in cells if cell != ""]
    return len(filled) > 1 or (len(filled) == 1 and not str(filled[0]).strip().startswith(FOOTNOTE_STARTS))


def _shown(cell: Raw) -> str:
    text = clean(cell)
    return text if isinstance(text, str) else f"{cell:.5E}"  # as Excel shows a number it has damaged


def _texts(columns: Sequence[Column], picked: Sequence[Raw], number: int, problems: list[RowProblem]) -> Sequence[str]:
    texts = [cell.strip() if type(cell) is str else clean(cell) for cell in picked]
    for column, text, cell in zip(columns, texts, picked, strict=True) if Message in map(type, texts) else ():
        if isinstance(text, Message):
            problems.append(RowProblem(number, column.name, _shown(cell), text))
    return ["" if isinstance(text, Message) else text for text in texts] if problems else cast(list[str], texts)


_convert = lru_cache(maxsize=1 << 16)(convert)  # a million people have thirty thousand birthdays


def _value_or_problem(column: Column, text: Value, number: int, problems: list[RowProblem]) -> Value:
    if text == "":
        return None if column.kind is not Kind.PERCENT else text
    value = _convert(str(text), column.kind)
    if isinstance(value, Message):
        problems.append(RowProblem(number, column.name, str(text), value))
        return None
    return value
