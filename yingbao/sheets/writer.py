"""The one way out to office files: .xlsx that prints as a form, .csv that Excel opens without garbling.

Text is always written as text. In .xlsx a cell that begins like a formula carries Excel's own quote prefix: it
shows and reads back unchanged and stays text when somebody edits it. A .csv has no such mark, so there an
apostrophe goes in front, which our reader takes off again.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from xlsxwriter import Workbook

from yingbao.kernel.money import format_yuan
from yingbao.sheets.cells import Value
from yingbao.sheets.encryption import encrypt_xlsx
from yingbao.sheets.layout import Column, Kind, Layout

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
LONGEST_TEXT, LAST_ROW = 32_767, 1_048_576  # Excel's own limits of a cell and of a sheet
CUT_MARK = "…（过长，已截断）"
A4 = 9
NUMBER_FORMATS = {
    Kind.TEXT: "@",  # keeps an ID number text when it is corrected by hand
    Kind.INTEGER: "0",
    Kind.MONEY: "#,##0.00",
    Kind.DATE: "yyyy-mm-dd",
    Kind.PERCENT: "0.00%",
}
_FONT: Mapping[str, object] = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet to write. ``rows`` hold a value per column in order: fen for MONEY, hundredths of a % for PERCENT.

    ``heading`` is the big title, ``above`` lines under it (a unit and its seal, a cut-off time), ``footnote`` a
    line below the table. A column with a ``group`` makes the header two merged rows.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    heading: str = ""
    above: Sequence[str] = ()
    footnote: str = ""


def sheet_of(layout: Layout, rows: Iterable[Mapping[str, Value]], *, above: Sequence[str] = ()) -> Sheet:
    """Return rows given by column key as a sheet in the form of ``layout``; a key left out is an empty cell."""
    keys = [column.key for column in layout.columns]
    lines = tuple(above) or ((layout.heading,) if layout.heading else ())
    cells = ([row.get(key) for key in keys] for row in rows)
    return Sheet(layout.title, layout.columns, cells, layout.title, lines, layout.footnote)


def write_xlsx(path: str | Path, *, sheets: Sequence[Sheet], password: str | None = None) -> None:
    """Write a workbook, closed with ``password`` if one is given. Whoever watches ``path`` never sees half a file."""
    with _replacing(Path(path)) as unfinished:
        unfinished.write_bytes(xlsx_bytes(sheets=sheets, password=password))


def xlsx_bytes(*, sheets: Sequence[Sheet], password: str | None = None) -> bytes:
    """Return the workbook ``write_xlsx`` would write. Raises ValueError past Excel's 1,048,576 rows."""
    made = io.BytesIO()
    with Workbook(made, {"constant_memory": True}) as workbook:
        for sheet in sheets:
            _SheetWriter(workbook, sheet).write()
    return encrypt_xlsx(made.getvalue(), password=password) if password else made.getvalue()


def write_template(path: str | Path, *, layout: Layout, password: str | None = None) -> None:
    """Write the empty form of a layout for an office to fill in."""
    write_xlsx(path, sheets=[sheet_of(layout, [])], password=password)


def write_csv(path: str | Path, *, sheet: Sheet) -> None:
    """Write a sheet's table as UTF-8 with BOM: one header row, no heading, money as 350.00."""
    with (
        _replacing(Path(path)) as unfinished,
        unfinished.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        _write_csv(file, sheet)


def csv_bytes(*, sheet: Sheet, encoding: str = "utf-8-sig") -> bytes:
    """Return the table ``write_csv`` would write, in UTF-8 with BOM or in ``gb18030``, which holds as much."""
    made = io.StringIO(newline="")
    _write_csv(made, sheet)
    return made.getvalue().encode(encoding)


def _write_csv(file: IO[str], sheet: Sheet) -> None:
    names = [f"{column.group}/{column.name}" if column.group else column.name for column in sheet.columns]
    kinds = [column.kind for column in sheet.columns]
    out = csv.writer(file)
    out.writerow(guard(name) for name in names)
    for row in sheet.rows:
        out.writerow(_csv_text(value, kind) for value, kind in zip(row, kinds, strict=True))


def guard(text: str) -> str:
    """Return text that no spreadsheet takes for a formula; ``sources.unguard`` undoes it."""
    return "'" + text if text.startswith((*FORMULA_STARTS, "'")) else text


def _csv_text(value: Value, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return guard(value)
    if kind is Kind.MONEY and isinstance(value, int):
        return format_yuan(value).replace(",", "")
    if kind is Kind.PERCENT and isinstance(value, int):
        return format_yuan(value) + "%"
    return str(value)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a file beside ``path`` to write, and put it in its place once the writing has gone well."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


class _SheetWriter:
    """Writes one sheet from the top down, the only order constant memory allows."""

    def __init__(self, workbook: Any, sheet: Sheet) -> None:
        self.sheet, self.columns = sheet, list(sheet.columns)
        self.page = workbook.add_worksheet(re.sub(r"[\[\]:*?/\\']", "", sheet.title)[:31] or None)
        self.next_row = 0
        framed = {**_FONT, "border": 1}
        self.heading = workbook.add_format({**_FONT, "font_size": 16, "bold": True, "align": "center"})
        self.line = workbook.add_format({**_FONT})
        self.header = workbook.add_format(
            {**framed, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#EAF1F8"}
        )
        self.formats = [
            workbook.add_format({**framed, "num_format": NUMBER_FORMATS[column.kind]}) for column in self.columns
        ]
        # Of cells not yet filled: Excel would turn an ID number typed into a plain cell into 5.00E+17.
        self.typed = [workbook.add_format({"num_format": NUMBER_FORMATS[column.kind]}) for column in self.columns]
        self.quoted = workbook.add_format({**framed, "num_format": "@", "quote_prefix": True})

    def write(self) -> None:
        self._write_lines()
        first = self.next_row
        self._write_header()
        self._set_page(first, self.next_row - 1)
        for row in self.sheet.rows:
            self._write_row(row)
        if self.sheet.footnote:
            self.page.write_string(self.next_row, 0, self.sheet.footnote, self.line)

    def _write_lines(self) -> None:
        last = len(self.columns) - 1
        if self.sheet.heading:
            self.page.set_row(0, 30)
            if last:
                self.page.merge_range(0, 0, 0, last, "", self.heading)
            self.page.write_string(0, 0, self.sheet.heading, self.heading)
            self.next_row = 1
        for text in self.sheet.above:
            self.page.write_string(self.next_row, 0, text, self.line)
            self.next_row += 1

    def _write_header(self) -> None:
        top = self.next_row
        if not any(column.group for column in self.columns):
            self._write_labels(top, [column.name for column in self.columns])
            self.next_row = top + 1
            return
        self._write_labels(top, [column.group or column.name for column in self.columns])
        self._write_labels(top + 1, [column.name if column.group else "" for column in self.columns])
        self._merge_header(top)
        self.next_row = top + 2

    def _write_labels(self, row: int, labels: Sequence[str]) -> None:
        previous = ""
        for place, label in enumerate(labels):
            repeated = label == previous and bool(self.columns[place].group) and row == self.next_row
            self.page.write_string(row, place, "" if repeated else label, self.header)
            previous = label

    def _merge_header(self, top: int) -> None:
        # merge_range would go back to a row that constant memory has already put away; the cells are written,
        # so only the ranges have to be named.
        place = 0
        while place < len(self.columns):
            group, last = self.columns[place].group, place
            while group and last + 1 < len(self.columns) and self.columns[last + 1].group == group:
                last += 1
            if not group:
                self.page.merge.append([top, place, top + 1, place])
            elif last > place:
                self.page.merge.append([top, place, top, last])
            place = last + 1

    def _set_page(self, first: int, last: int) -> None:
        for place, (column, style) in enumerate(zip(self.columns, self.typed, strict=True)):
            self.page.set_column(place, place, column.width, style)
        self.page.freeze_panes(last + 1, 0)
        self.page.repeat_rows(first, last)
        self.page.set_landscape()
        self.page.set_paper(A4)
        self.page.fit_to_pages(1, 0)
        self.page.set_footer("&C第 &P 页　共 &N 页")

    def _write_row(self, row: Sequence[Value]) -> None:
        if self.next_row >= LAST_ROW:
            raise ValueError(f"a sheet holds {LAST_ROW} rows")
        for place, (value, column, style) in enumerate(zip(row, self.columns, self.formats, strict=True)):
            self._write_cell(place, value, column.kind, style)
        self.next_row += 1

    def _write_cell(self, place: int, value: Value, kind: Kind, style: Any) -> None:
        if value is None or value == "":
            self.page.write_blank(self.next_row, place, None, style)
        elif isinstance(value, str):
            style = self.quoted if value.startswith(FORMULA_STARTS) else style
            self.page.write_string(self.next_row, place, _shorten(value), style)
        elif isinstance(value, date):
            self.page.write_datetime(self.next_row, place, value, style)
        else:
            self.page.write_number(self.next_row, place, _number(value, kind), style)


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(CUT_MARK)] + CUT_MARK


def _number(value: int, kind: Kind) -> float:
    # The only place where money meets a float: .xlsx has no other number. The decimal is exact until here, and
    # the nearest double of two decimals shows and reads back as those decimals below 90 million million yuan.
    if kind is Kind.MONEY:
        return float(Decimal(value).scaleb(-2))
    return float(Decimal(value).scaleb(-4)) if kind is Kind.PERCENT else value
