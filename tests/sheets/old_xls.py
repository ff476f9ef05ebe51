"""The smallest .xls a reader accepts, since nothing we use writes that format: BIFF8 in a compound file."""

from __future__ import annotations

import struct

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def xls(grid: list[list[str | float]], *, title: str = "Sheet1") -> bytes:
    """A workbook of one sheet with text and number cells."""
    return _compound(_workbook(grid, title))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _text(text: str, length: str) -> bytes:
    return struct.pack(f"<{length}B", len(text), 1) + text.encode("utf-16-le")


def _workbook(grid: list[list[str | float]], title: str) -> bytes:
    def begin(kind: int) -> bytes:
        return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    end = _record(0x000A, b"")
    sheet_record = len(_record(0x0085, struct.pack("<IBB", 0, 0, 0) + _text(title, "B")))
    offset = len(begin(5)) + sheet_record + len(end)
    globals_ = begin(5) + _record(0x0085, struct.pack("<IBB", offset, 0, 0) + _text(title, "B")) + end
    cells = b"".join(_cell(r, c, value) for r, row in enumerate(grid) for c, value in enumerate(row))
    extent = _record(0x0200, struct.pack("<IIHHH", 0, len(grid), 0, max(map(len, grid)), 0))
    return globals_ + begin(0x10) + extent + cells + end


def _cell(row: int, column: int, value: str | float) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        return _record(0x0204, place + _text(value, "H"))
    return _record(0x0203, place + struct.pack("<d", value))


def _compound(stream: bytes) -> bytes:
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    used = len(stream) // SECTOR
    table = [FAT, END, *range(3, used + 2), END]  # sector 0: this table, 1: directory, 2…: the stream
    fat = struct.pack(f"<{len(table)}I", *table).ljust(SECTOR, b"\xff")
    directory = _entry("Root Entry", 5, 1, END, 0) + _entry("Workbook", 2, FREE, 2, len(stream)) + bytes(256)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, END, 0, END, 0)
    header += struct.pack("<I", 0) + b"\xff" * (108 * 4)
    return header + fat + directory + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    head = encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded) + 2, kind, 1, FREE, FREE, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)
