"""Opening a guarded file: from bytes on disk to rows of raw cells, whatever the format."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from yingbao.sheets import refusals
from yingbao.sheets.cells import Raw
from yingbao.sheets.encryption import decrypt
from yingbao.sheets.guards import FileKind, Limits, check_size, check_workbook, find_kind

RawRow = list[Raw] | list[str]
NOTES_SHEETS = frozenset({"填写说明", "说明"})  # our own templates explain themselves on a second sheet
SNIFFED = 64 * 1024
csv.field_size_limit(1 << 20)


@dataclass(frozen=True, slots=True)
class Source:
    """An opened sheet. ``rows`` starts over at each call and gives every row from the sheet's first."""

    sheet: str
    rows: Callable[[], Iterator[RawRow]]
    unread: tuple[str, ...] = ()  # sheets that were there and were left alone


def open_source(source: Path | bytes, *, name: str, sheet: str | None, password: str | None, limits: Limits) -> Source:
    """Guard and open a file. Raises BadInput for whatever cannot be read as a table."""
    check_size(source, name, limits)
    kind = find_kind(source, name)
    if kind is FileKind.TEXT:
        return _open_csv(source, name)
    if kind is FileKind.OLE:
        source = decrypt(source, name=name, password=password)
        kind = find_kind(source, name)
    if kind is FileKind.XLSX:
        check_workbook(source, name, limits)
    return _open_workbook(source, name, sheet)


def _open_workbook(source: Path | bytes, name: str, sheet: str | None) -> Source:
    try:
        workbook = CalamineWorkbook.from_object(io.BytesIO(source) if isinstance(source, bytes) else source)
        return _choose_sheet(workbook, name, sheet)
    except (CalamineError, OSError, ValueError) as error:
        raise refusals.damaged(name) from error


def _choose_sheet(workbook: CalamineWorkbook, name: str, wanted: str | None) -> Source:
    if wanted is not None:
        if wanted not in workbook.sheet_names:
            raise refusals.sheet_not_there(name, wanted)
        return _sheet_source(workbook.get_sheet_by_name(wanted), _others(workbook, wanted))
    visible = [meta.name for meta in workbook.sheets_metadata if _is_candidate(meta)]
    opened = [found for title in visible if (found := workbook.get_sheet_by_name(title)).height]
    if not opened:
        raise refusals.no_sheet(name)
    if len(opened) > 1:
        raise refusals.several_sheets(name, [found.name for found in opened])
    return _sheet_source(opened[0], _others(workbook, opened[0].name))


def _is_candidate(meta: SheetMetadata) -> bool:
    is_sheet = meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible
    return is_sheet and meta.name not in NOTES_SHEETS


def _others(workbook: CalamineWorkbook, read: str) -> tuple[str, ...]:
    return tuple(title for title in workbook.sheet_names if title != read)


def _sheet_source(sheet: CalamineSheet, unread: tuple[str, ...]) -> Source:
    # iter_rows counts from row 1 of the sheet, so numbers agree with what Excel shows.
    return Source(sheet.name, sheet.iter_rows, unread)


def _open_csv(source: Path | bytes, name: str) -> Source:
    encoding = _find_encoding(source, name)
    delimiter = _find_delimiter(source, encoding)

    def rows() -> Iterator[RawRow]:
        with _open_text(source, encoding) as file:
            try:
                for cells in csv.reader(file, delimiter=delimiter):
                    yield [unguard(cell) for cell in cells]
            except csv.Error as error:
                raise refusals.damaged(name) from error

    return Source(Path(name).stem, rows)


def unguard(cell: str) -> str:
    """Take off the apostrophe that a .csv of ours puts before text a spreadsheet would take for a formula."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@\t\r'" else cell


def _binary(source: Path | bytes) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _open_text(source: Path | bytes, encoding: str) -> IO[str]:
    return io.TextIOWrapper(_binary(source), encoding=encoding, newline="")


def _find_encoding(source: Path | bytes, name: str) -> str:
    """Return the first encoding in which every byte of the file makes sense; UTF-8 is tried before GB18030."""
    with _binary(source) as file:
        bom = file.read(2)
    candidates = ("utf-16",) if bom in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ("utf-8-sig", "gb18030")
    for encoding in candidates:
        if _decodes(source, encoding):
            return encoding
    raise refusals.no_text(name)


def _decodes(source: Path | bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with _binary(source) as file:
        try:
            while chunk := file.read(1 << 20):
                if "\0" in decoder.decode(chunk):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _find_delimiter(source: Path | bytes, encoding: str) -> str:
    with _open_text(source, encoding) as file:
        head = "".join(islice(file, refusals.HEADER_SEARCH_ROWS))[:SNIFFED]
    return max(",\t;", key=head.count)
