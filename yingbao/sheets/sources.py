"""Opening a guarded file: from bytes on disk to rows of raw cells, whatever the format."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from yingbao.sheets import refusals
from yingbao.sheets.cells import Raw
from yingbao.sheets.encryption import decrypt
from yingbao.sheets.guards import FileKind, Limits, check_size, check_workbook, find_kind, size_of
from yingbao.sheets.workbooks import Worksheet, read_worksheets

RawRow = Sequence[Raw]
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
    inflated = check_workbook(source, name, limits) if kind is FileKind.XLSX else size_of(source)
    sheets = read_worksheets(source, name=name, wanted=sheet, inflated=inflated)
    return _choose_sheet(sheets, name, sheet)


def _choose_sheet(sheets: list[Worksheet], name: str, wanted: str | None) -> Source:
    if wanted is not None:
        found = [sheet for sheet in sheets if sheet.name == wanted]
        if not found:
            raise refusals.sheet_not_there(name, wanted)
    else:
        found = [sheet for sheet in sheets if sheet.seen and sheet.filled and sheet.name not in NOTES_SHEETS]
    if not found:
        raise refusals.no_sheet(name)
    if len(found) > 1:
        raise refusals.several_sheets(name, [sheet.name for sheet in found])
    unread = tuple(sheet.name for sheet in sheets if sheet is not found[0])
    return Source(found[0].name, found[0].rows, unread)


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
