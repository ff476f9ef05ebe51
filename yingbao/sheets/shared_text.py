"""How much text an .xlsx turns into: each cell that points at a shared text becomes a copy of it.

One text of 32,000 characters and a million cells that point at it make a file of a few hundred kilobytes and
thirty gigabytes in memory.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

CHUNK = 4 << 20
SHARED = "xl/sharedStrings.xml"
LONGEST_TAG = 64 << 20  # more without a single ">" is no sheet
_INDEX = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>\s*([0-9]{1,9})\s*<")


def expanded_text_bytes(archive: zipfile.ZipFile, *, enough: int) -> int:
    """Return an upper bound of the bytes all shared texts make once copied into the cells.

    Counted cell by cell only where longest text × cells passes ``enough``; below it that product is returned.
    """
    if SHARED not in archive.namelist():
        return 0
    lengths = _lengths(archive)
    bound = max(lengths) * sum(piece.count(b"<c") + piece.count(b":c ") for piece in _sheet_pieces(archive))
    if bound <= enough:
        return bound
    # Numbers count as if they were indexes too: a bound may be too high, never too low.
    return sum(
        lengths[index]
        for piece in _sheet_pieces(archive)
        for index in map(int, _INDEX.findall(piece))
        if index < len(lengths)
    )


def _lengths(archive: zipfile.ZipFile) -> list[int]:
    lengths, unfinished = [], 0
    for piece in _pieces(archive, SHARED):
        first, *others = piece.split(b"</si>")
        unfinished += len(first)
        if others:
            lengths += [unfinished, *(len(text) for text in others[:-1])]
            unfinished = len(others[-1])
    return [*lengths, unfinished]


def _sheet_pieces(archive: zipfile.ZipFile) -> Iterator[bytes]:
    for part in archive.namelist():
        if part.startswith("xl/worksheets/") and part.endswith(".xml"):
            yield from _pieces(archive, part)


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Give a part in pieces cut behind a tag, so that nothing searched for is cut in two."""
    rest = b""
    with archive.open(part) as file:
        while piece := file.read(CHUNK):
            whole, end, rest = (rest + piece).rpartition(b">")
            yield whole + end
            if len(rest) > LONGEST_TAG:
                raise zipfile.BadZipFile("no markup")
    yield rest
