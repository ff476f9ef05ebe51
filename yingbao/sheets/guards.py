"""What is asked of a file before any parser sees it: its size, its kind, and how far it would blow up."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from yingbao.kernel.messages import N_
from yingbao.sheets import refusals
from yingbao.sheets.shared_text import expanded_text_bytes

MEGABYTE = 1 << 20
CHUNK = 4 * MEGABYTE
OVERLAP = 64  # longer than any cell reference or tag start that a chunk's edge could cut


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file we are ready to take in. The defaults fit a county's register of a million people."""

    max_bytes: int = 300 * MEGABYTE
    max_rows: int = 1_048_576  # an .xlsx can hold no more; a .csv could
    max_columns: int = 128
    max_cells: int = 32_000_000  # the parser lays out the whole rectangle, 24 bytes a cell, filled or not
    max_inflated_bytes: int = 1_500 * MEGABYTE
    max_text_bytes: int = 1_000 * MEGABYTE  # of the texts that cells share, once each cell has its copy
    max_ratio: int = 300  # of one part over 16 MiB; honest sheets stay near 15, the repetitive ones under 150


class FileKind(StrEnum):
    XLSX = "xlsx"
    OLE = "ole"  # an old .xls or any encrypted Office file
    TEXT = "text"


_MAGIC_OF_OTHERS = (
    (b"%PDF", N_("PDF 文件")),
    (b"\x89PNG", N_("图片")),
    (b"\xff\xd8\xff", N_("图片")),
    (b"GIF8", N_("图片")),
    (b"{\\rtf", N_("RTF 文档")),
    (b"Rar!", N_("RAR 压缩包")),
    (b"7z\xbc\xaf", N_("7z 压缩包")),
    (b"\x1f\x8b", N_("gzip 压缩包")),
    (b"MZ", N_("可执行程序")),
)
_NOT_A_WORKBOOK = (
    ("xl/workbook.bin", N_("二进制工作簿（.xlsb）")),
    ("word/document.xml", N_("Word 文档")),
    ("ppt/presentation.xml", N_("演示文稿")),
    ("content.xml", N_("OpenDocument 文件")),
)
# What zipfile and zlib say of bytes that are no zip, or not the zip they claim to be.
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, ValueError)


def check_size(source: Path | bytes, name: str, limits: Limits) -> None:
    """Raise BadInput when the file is larger than allowed, before a byte of it is read."""
    if size_of(source) > limits.max_bytes:
        raise refusals.too_large(name, limits.max_bytes // MEGABYTE)


def size_of(source: Path | bytes) -> int:
    """Return how many bytes a file has."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def find_kind(source: Path | bytes, name: str) -> FileKind:
    """Return what the file is by its first bytes; its name is not believed. Raises BadInput for other kinds."""
    head = _head(source)
    if head.startswith(b"PK\x03\x04"):
        return FileKind.XLSX
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return FileKind.OLE
    for magic, found in _MAGIC_OF_OTHERS:
        if head.startswith(magic):
            raise refusals.wrong_kind(name, found)
    if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|\?xml|table|meta|head)", head, re.IGNORECASE):
        raise refusals.wrong_kind(name, N_("网页或 XML 文件"))
    if not head.strip():
        raise refusals.damaged(name)
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refusals.unknown_kind(name)
    return FileKind.TEXT


def _head(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:1024]
    with source.open("rb") as file:
        return file.read(1024)


def check_workbook(source: Path | bytes, name: str, limits: Limits) -> int:
    """Walk through every part of an .xlsx; return its bytes once inflated. BadInput for what a parser chokes on:

    Zip bombs (by the directory and again while inflating), DOCTYPE and entities, rectangles of absurd size (two
    cells a million rows and 16,384 columns apart would make the parser lay out half a terabyte), truncation.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            _check_directory(archive, name, limits)
            for part in archive.infolist():
                _check_part(archive, part, name, limits)
            if expanded_text_bytes(archive, enough=limits.max_text_bytes) > limits.max_text_bytes:
                raise refusals.bomb(name)
            return sum(part.file_size for part in archive.infolist())
    except ZIP_ERRORS as error:
        raise refusals.damaged(name) from error


def _check_directory(archive: zipfile.ZipFile, name: str, limits: Limits) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(parts) > 5000 or sum(part.file_size for part in parts) > limits.max_inflated_bytes:
        raise refusals.bomb(name)
    for part in parts:
        if part.file_size > 16 * MEGABYTE and part.file_size > limits.max_ratio * part.compress_size:
            raise refusals.bomb(name)
        if part.flag_bits & 1:
            raise refusals.wrong_kind(name, N_("加密的压缩包"))
    for telltale, found in _NOT_A_WORKBOOK:
        if telltale in names:
            raise refusals.wrong_kind(name, found)
    if "xl/workbook.xml" not in names:
        raise refusals.wrong_kind(name, N_("压缩包"))
    if len(names) != len(parts):
        raise refusals.damaged(name)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str, limits: Limits) -> None:
    # zipfile never gives more than the directory's size and then compares the checksum, so a part that
    # understates itself ends as BadZipFile here and never reaches the parser.
    is_sheet = part.filename.startswith("xl/worksheets/")
    extent = _Extent()
    for chunk in _chunks(archive, part):
        if chunk.startswith((b"\xff\xfe", b"\xfe\xff")) or b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
            raise refusals.hostile_xml(name)
        if any(int(count) > limits.max_cells for count in _STATED_COUNT.findall(chunk)):
            raise refusals.damaged(name)
        if is_sheet:
            extent.take(chunk)
    if extent.rows > limits.max_rows:
        raise refusals.too_many_rows(name, limits.max_rows)
    if extent.columns > limits.max_columns or extent.rows * extent.columns > limits.max_cells:
        raise refusals.too_wide(name)


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give the part in pieces that begin with the last bytes of the one before, so nothing hides on an edge."""
    tail = b""
    with archive.open(part) as file:
        while piece := file.read(CHUNK):
            yield tail + piece
            tail = (tail + piece)[-OVERLAP:]


# The parser reserves memory for as many shared texts as the file says it has, and aborts if there is not enough.
_STATED_COUNT = re.compile(rb"""ount[ \t\r\n]*=[ \t\r\n]*["'][ \t\r\n+]*([0-9]{8,})""")
_FAR_REFERENCE = re.compile(rb"""r[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z]{2,}(?=[0-9])|[A-Za-z]?(?=[0-9]{6}))([0-9]+)""")


class _Extent:
    """The rectangle that a sheet's cell references span; the nearest 26 columns × 99,999 rows are not measured.

    Only references past column Z or row 99,999 are looked at one by one: a scan of every cell would cost as
    much as parsing.
    """

    def __init__(self) -> None:
        self.columns, self.far_rows, self.row_tags = 26, 0, 0

    @property
    def rows(self) -> int:
        return max(self.far_rows, self.row_tags)

    def take(self, chunk: bytes) -> None:
        # The overlap of chunks may count a row twice: one in tens of thousands, which a limit can bear.
        self.row_tags += chunk.count(b"<row")
        references = _FAR_REFERENCE.findall(chunk)
        if references:
            self.columns = max(self.columns, *(column_number(c.decode()) for c in {c for c, _ in references}))
            self.far_rows = max(self.far_rows, *(int(row) for row in {row for _, row in references}))


def column_number(letters: str) -> int:
    """Return 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Return A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
