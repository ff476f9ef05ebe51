"""Sheets of a workbook, parsed by the isolated process and read back from where it put them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import IO, cast
from weakref import finalize

from yingbao.sheets import isolated, refusals
from yingbao.sheets.cells import Raw

# The parser takes about 1.5 times a sheet's XML; a small file must not be able to take much of the machine.
BASE_MEMORY, MEMORY_PER_BYTE = 768 << 20, 3
BASE_SECONDS, BYTES_PER_SECOND = 30, 2 << 20


READ_AT_ONCE = 1 << 20
WAIT_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A sheet by name. ``seen``: people see it, it is not hidden. ``filled``: it has cells and they are read."""

    name: str
    seen: bool
    filled: bool
    place: int
    spool: Spool

    def rows(self) -> Iterator[list[Raw]]:
        """Give every row from the sheet's first, while the parser is still at work; several may read at once.

        Raises BadInput when the parser refuses the file, dies of it or takes too long.
        """
        lines, mark = self.spool.lines(), b"%d" % self.place
        for line in lines:
            if line == mark:
                break
        for line in lines:
            if not line.startswith(b"["):
                return
            yield from cast(list[list[Raw]], json.loads(line))


class Spool:
    """What the isolated process prints, in a file without a name; it is stopped when nobody wants to read any more."""

    def __init__(self, process: subprocess.Popen[bytes], file: IO[bytes], name: str) -> None:
        self._process, self._file, self._name = process, file, name
        self._stop = finalize(self, _stop, process)

    def lines(self) -> Iterator[bytes]:
        """Give every line from the first, waiting for those to come."""
        place, rest = 0, b""
        while True:
            has_ended = self._process.poll() is not None  # asked first: what was printed last is there by then
            # The process writes where the file stands, so we must not move that.
            chunk = os.pread(self._file.fileno(), READ_AT_ONCE, place)
            place += len(chunk)
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
            if not chunk and has_ended:
                break
            if not chunk:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(WAIT_SECONDS)
        if self._process.returncode:
            raise refusals.damaged(self._name)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def read_worksheets(source: Path | bytes, *, name: str, wanted: str | None, inflated: int) -> list[Worksheet]:
    """Parse a guarded workbook of ``inflated`` bytes; only sheet ``wanted`` has rows if one is named.

    Returns as soon as it is known which sheets are filled. Raises BadInput as ``Worksheet.rows`` does.
    """
    limits = [str(BASE_MEMORY + MEMORY_PER_BYTE * inflated), str(BASE_SECONDS + inflated // BYTES_PER_SECOND)]
    command = [sys.executable, "-P", isolated.__file__, *limits, *([] if wanted is None else [wanted])]
    file = tempfile.TemporaryFile()  # noqa: SIM115 has no name on disk and goes with the table that reads it
    with _as_file(source) as given:
        # What the parser prints of a broken file may hold people's data: it goes nowhere.
        process = subprocess.Popen(command, stdin=given, stdout=file, stderr=subprocess.DEVNULL, env=_environment())
    spool = Spool(process, file, name)
    heads = [json.loads(line) for line in takewhile(lambda line: line != b"[]", spool.lines())]
    return [Worksheet(head["name"], head["seen"], head["filled"], place, spool) for place, head in enumerate(heads)]


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
