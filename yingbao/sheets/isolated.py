"""Parses a workbook in a process of its own, because the parser believes the sizes a file states.

A few changed bytes make it ask for hundreds of gigabytes and abort the whole process. Here that process is this
script, with its memory and time bounded. Run by path, it takes the file on standard input and prints, per sheet,
a JSON object and then its rows as JSON arrays of up to a thousand rows. It imports nothing of the package, so
that it starts at once.

Usage: isolated.py MEMORY_BYTES CPU_SECONDS [SHEET]
"""

from __future__ import annotations

import datetime as dt
import io
import json
import resource
import sys
from collections.abc import Iterator
from itertools import islice

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

DAMAGED = 3  # the exit code for a file the parser refuses
BATCH = 1000


def describe(content: bytes, wanted: str | None) -> Iterator[object]:
    """Give an object for each sheet and, for the one wanted or else for all that people see, its rows."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for meta in workbook.sheets_metadata:
        is_sheet = meta.typ == SheetTypeEnum.WorkSheet
        seen = is_sheet and meta.visible == SheetVisibleEnum.Visible
        yield {"name": meta.name, "seen": seen}
        if is_sheet and (meta.name == wanted or (wanted is None and seen)):
            # iter_rows counts from row 1 of the sheet, so numbers agree with what Excel shows.
            rows = workbook.get_sheet_by_name(meta.name).iter_rows()
            while batch := list(islice(rows, BATCH)):
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
    try:
        for described in describe(sys.stdin.buffer.read(), sys.argv[3] if len(sys.argv) > 3 else None):
            print(encoder.encode(described))
    except (CalamineError, MemoryError, OSError, ValueError, OverflowError):
        return DAMAGED
    return 0


if __name__ == "__main__":
    sys.exit(main())
