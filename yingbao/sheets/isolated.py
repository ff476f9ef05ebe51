"""Parses a workbook in a process of its own, because the parser believes the sizes a file states.

A few changed bytes make it ask for hundreds of gigabytes and abort the whole process. Here that process is this
script, with its memory and time bounded. Run by path, it takes the file on standard input and prints a JSON object
per sheet, {"name", "seen", "filled"}; then, per sheet that is filled and wanted, its place as a number and its rows as
JSON arrays of up to a thousand rows. It imports nothing of the package, so that it starts at once.

The parser lays out a whole sheet. A large one is therefore cut where rows end, and each piece is handed to it as a
small workbook of its own with the same styles and the texts that the piece needs: memory stays that of a piece.

Usage: isolated.py MEMORY_BYTES CPU_SECONDS [SHEET]
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import re
import resource
import sys
import zipfile
from array import array
from collections.abc import Iterator
from itertools import chain, islice
from typing import IO, Any, NamedTuple
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

DAMAGED = 3  # the exit code for a file the parser refuses
BATCH = 1000
CUT_FROM = 24 << 20  # bytes of XML: a smaller workbook is parsed in one piece
PIECE = 4 << 20
SHARED = "xl/sharedStrings.xml"
SMALL_PARTS = (
    *("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"),
)
FAILURES = (CalamineError, MemoryError, OSError, ValueError, OverflowError, LookupError, zipfile.BadZipFile)
Rows = Iterator[list[Any]]


class Sheet(NamedTuple):
    """A sheet, and its rows where they are wanted."""

    name: str
    seen: bool
    rows: Rows | None


def read_sheets(file: IO[bytes], wanted: str | None) -> list[Sheet]:
    """Return the sheets; those wanted, or all that people see, with rows from the sheet's first."""
    book = _Cuttable.of(file)
    workbook = book.skeleton() if book else CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
    sheets = []
    for meta in workbook.sheets_metadata:
        is_sheet = meta.typ == SheetTypeEnum.WorkSheet
        seen = is_sheet and meta.visible == SheetVisibleEnum.Visible
        rows = None
        if is_sheet and (meta.name == wanted or (wanted is None and seen)):
            # iter_rows counts from row 1 of the sheet, so numbers agree with what Excel shows.
            rows = book.rows(meta.name) if book else iter(workbook.get_sheet_by_name(meta.name).iter_rows())
        sheets.append(Sheet(meta.name, seen, rows))
    return sheets


class _Cuttable:
    """A large .xlsx whose sheets and shared texts are written as every office program writes them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.small = {name: archive.read(name) for name in SMALL_PARTS if name in archive.namelist()}
        self.parts = dict(_parts_of_sheets(self.small))
        self.texts = _Texts(archive.read(SHARED) if SHARED in archive.namelist() else b"")

    @classmethod
    def of(cls, file: IO[bytes]) -> _Cuttable | None:
        """Return the file so, or None for one that is small, no .xlsx or written in another way."""
        if not zipfile.is_zipfile(file):
            file.seek(0)
            return None
        archive = zipfile.ZipFile(file)
        heavy = [part for part in archive.infolist() if part.filename.startswith(("xl/worksheets/", SHARED))]
        if sum(part.file_size for part in heavy) >= CUT_FROM and all(map(_is_plain, _heads(archive, heavy))):
            return cls(archive)
        file.seek(0)
        return None

    def skeleton(self) -> CalamineWorkbook:
        """Return the workbook without sheets and texts."""
        return _workbook(self.small)

    def rows(self, name: str) -> Rows:
        """Give a sheet's rows from its first, empty ones too."""
        following = 0
        for root, piece in self._pieces(self.parts[name]):
            cells, texts = self.texts.only_for(piece)
            part = {self.parts[name]: root + b"<sheetData>" + cells + b"</sheetData></worksheet>"}
            sheet = _workbook({**self.small, **part, SHARED: texts}).get_sheet_by_name(name)
            grid = sheet.to_python(skip_empty_area=True)
            top, left = sheet.start or (0, 0)
            is_numbered = _FIRST_IS_NUMBERED.match(piece)
            first = top if is_numbered else following + top
            unnumbered_end = 0 if is_numbered else following + piece.count(b"<row")
            if grid and first < following:
                raise ValueError("rows out of order")
            if grid:
                yield from ([""] for _ in range(following, first))
                yield from ([[""] * left + row for row in grid] if left else grid)
                following = first + len(grid)
            following = max(following, unnumbered_end)

    def _pieces(self, part: str) -> Iterator[tuple[bytes, bytes]]:
        """Give (the root's tag, whole rows) until the sheet's data end."""
        with self.archive.open(part) as file:
            rest = file.read(PIECE)
            root, head = _ROOT.search(rest), _DATA.search(rest)
            if root is None or head is None:
                return
            rest = rest[head.end() :]
            while more := file.read(PIECE):
                whole, end, rest = rest.rpartition(b"</row>")
                if end:
                    yield root.group(), whole + end
                if len(rest) > 4 * PIECE:
                    raise ValueError("a row without end")
                rest += more
            yield root.group(), rest.partition(b"</sheetData>")[0]


_ROOT, _DATA = re.compile(rb"<worksheet\b[^>]*>"), re.compile(rb"<sheetData\b[^>]*>")
_FIRST_IS_NUMBERED = re.compile(rb"[^<]*<row\b[^>]*?\sr\s*=")


class _Texts:
    """The shared texts, as their XML: found by place without a Python object for each."""

    def __init__(self, xml: bytes) -> None:
        self.xml = xml
        self.spans = array("Q", chain.from_iterable(match.span() for match in _TEXT.finditer(xml)))

    def only_for(self, piece: bytes) -> tuple[bytes, bytes]:
        """Return the piece pointing into a table of only its own texts, and that table."""
        parts = _SHARED_CELL.split(piece)
        if len(parts) // 3 != len(_IS_SHARED.findall(piece)):
            raise ValueError("a shared text where none is looked for")  # it would silently become another text
        places: dict[bytes, int] = {}
        parts[2::3] = [b"%d" % places.setdefault(index, len(places)) for index in parts[2::3]]
        texts = b"".join(self.xml[self.spans[2 * int(i)] : self.spans[2 * int(i) + 1]] for i in places)
        return b"".join(parts), _SST + texts + b"</sst>"


_SST = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
_TEXT = re.compile(rb"<si\b[^>]*/>|<si\b[^>]*>.*?</si>", re.DOTALL)
_IS_SHARED = re.compile(rb"""<c\b[^>]*\st\s*=\s*["']s["'][^>]*(?<!/)>(?!\s*</c>)""")
_SHARED_CELL = re.compile(rb"""(<c\b[^>]*\st\s*=\s*["']s["'][^>]*>\s*<v\b[^>]*>\s*)([0-9]+)""")


def _heads(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> Iterator[bytes]:
    for part in parts:
        if part.filename.endswith(".xml"):
            with archive.open(part) as file:
                yield file.read(64 << 10)


def _is_plain(head: bytes) -> bool:
    """Whether a part is written without prefixes: <sheetData>, and no <x:sheetData>."""
    return b"<sheetData" in head or b"<sst" in head


def _parts_of_sheets(small: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Give (a sheet's name, its part's name) as workbook and relationships tell."""
    rels = ElementTree.fromstring(small["xl/_rels/workbook.xml.rels"])
    targets = {rel.get("Id"): rel.get("Target", "") for rel in rels}
    for node in ElementTree.fromstring(small["xl/workbook.xml"]).iter():
        if node.tag.endswith("}sheet"):
            ids = [value for key, value in node.items() if key.endswith("}id")]
            target = targets[ids[0]]
            yield node.get("name", ""), target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _workbook(parts: dict[str, bytes]) -> CalamineWorkbook:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    made.seek(0)
    return CalamineWorkbook.from_filelike(made)


def describe(sheets: list[Sheet]) -> Iterator[object]:
    """Give what is printed, in order."""
    for place, (name, seen, rows) in enumerate(sheets):
        first = list(islice(rows, 1)) if rows else []
        sheets[place] = Sheet(name, seen, chain(first, rows) if rows and first else None)
        yield {"name": name, "seen": seen, "filled": bool(first)}
    yield []
    for place, sheet in enumerate(sheets):
        if sheet.rows:
            yield place
            while batch := list(islice(sheet.rows, BATCH)):
                yield batch


def plain(cell: object) -> str:
    """Return a cell that JSON cannot hold as people see it: a date as 2023-01-31."""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "seconds")
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def main() -> int:
    """Read a workbook from standard input within the limits of the arguments; return the exit code."""
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    encoder = json.JSONEncoder(default=plain, check_circular=False, separators=(",", ":"))
    parent = os.getppid()
    try:
        for described in describe(read_sheets(sys.stdin.buffer, sys.argv[3] if len(sys.argv) > 3 else None)):
            print(encoder.encode(described), flush=True)
            if os.getppid() != parent:  # nobody is left to read on
                return DAMAGED
    except FAILURES:
        return DAMAGED
    return 0


if __name__ == "__main__":
    sys.exit(main())
