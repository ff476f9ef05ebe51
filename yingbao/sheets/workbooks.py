"""Sheets of a workbook, parsed by the isolated process and read back from where it put them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from yingbao.sheets import isolated, refusals
from yingbao.sheets.cells import Raw

# The parser takes about 1.5 times a sheet's XML; a small file must not be able to take much of the machine.
BASE_MEMORY, MEMORY_PER_BYTE = 768 << 20, 3
BASE_SECONDS, BYTES_PER_SECOND = 30, 2 << 20


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A sheet by name. ``seen``: people see it, it is not hidden. ``filled``: it has cells and they were read."""

    name: str
    seen: bool
    filled: bool
    spool: IO[bytes]
    offset: int

    def rows(self) -> Iterator[list[Raw]]:
        """Give every row from the sheet's first; several may read at once."""
        place = self.offset
        while True:
            self.spool.seek(place)
            line = self.spool.readline()
            if not line.startswith(b"["):
                return
            place = self.spool.tell()
            yield from cast(list[list[Raw]], json.loads(line))


def read_worksheets(source: Path | bytes, *, name: str, wanted: str | None, inflated: int) -> list[Worksheet]:
    """Parse a guarded workbook of ``inflated`` bytes; only sheet ``wanted`` has rows if one is named.

    Raises BadInput when the parser refuses it, dies of it or takes too long.
    """
    limits = [str(BASE_MEMORY + MEMORY_PER_BYTE * inflated), str(BASE_SECONDS + inflated // BYTES_PER_SECOND)]
    command = [sys.executable, "-P", isolated.__file__, *limits, *([] if wanted is None else [wanted])]
    spool = tempfile.TemporaryFile()  # noqa: SIM115 has no name on disk and goes with the table that reads it
    with ExitStack() as opened:
        given = opened.enter_context(_as_file(source))
        # What the parser prints of a broken file may hold people's data: it goes nowhere.
        done = subprocess.run(
            command, stdin=given, stdout=spool, stderr=subprocess.DEVNULL, check=False, env=_environment()
        )
    if done.returncode:
        raise refusals.damaged(name)
    return list(_worksheets(spool))


def _as_file(source: Path | bytes) -> IO[bytes]:
    if isinstance(source, Path):
        return source.open("rb")
    given = tempfile.TemporaryFile()  # noqa: SIM115 closed by the caller
    given.write(source)
    given.seek(0)
    return given


def _environment() -> dict[str, str]:
    """The child needs no secret of ours, only its language."""
    return {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL") if key in os.environ} | {"PYTHONUTF8": "1"}


def _worksheets(spool: IO[bytes]) -> Iterator[Worksheet]:
    spool.seek(0)
    heads, fillings = [], []
    while line := spool.readline():
        if line.startswith(b"{"):
            heads.append((json.loads(line), spool.tell()))
            fillings.append(False)
        else:
            fillings[-1] = True
    for (head, offset), filled in zip(heads, fillings, strict=True):
        yield Worksheet(head["name"], head["seen"], filled, spool, offset)
