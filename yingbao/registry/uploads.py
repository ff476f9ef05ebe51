"""The bytes of a file between its check and its acceptance, its problems and its rejects: sealed, on disk.

Each imported file has a folder of its own under ``YINGBAO_UPLOADS``, open to the system's account only. The
upload is deleted when somebody has decided on it; problems and rejects stay for whoever must mend them.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from itertools import chain
from pathlib import Path

from django.conf import settings

from yingbao.kernel.errors import RowProblem
from yingbao.registry import problems
from yingbao.storage.encrypted import seal_bytes, unseal_bytes
from yingbao.storage.fields import Json

PIECE = 4 << 20
FRAMED = b"\0YB2"  # no key has the number 0, so nothing sealed in one piece begins so
UPLOAD, PROBLEMS, REJECTS = "upload.sealed", "problems.sealed", "rejects.sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it was sent. ``options`` are what the sender said of it beside its rows, e.g. year and due date."""

    name: str
    content: bytes = field(default=b"", repr=False)
    path: Path | None = field(default=None, repr=False)  # where it lies, of one too large to hold in memory
    password: str = field(default="", repr=False)
    options: Json = field(default_factory=dict)

    @property
    def source(self) -> Path | bytes:
        """Where the content is to be read."""
        return self.path or self.content


def keep(file_id: int, upload: Upload) -> None:
    """Write a file and its password to disk, sealed under the site's data key."""
    head = json.dumps({"name": upload.name, "password": upload.password, "options": upload.options})
    _write(file_id, UPLOAD, chain([head.encode()], pieces(upload.source)))


def find(file_id: int) -> Upload | None:
    """Return a kept file, or None where it has been deleted."""
    held = _read(file_id, UPLOAD)
    if held is None:
        return None
    return Upload(**json.loads(next(held)), content=b"".join(held))


@contextmanager
def unsealed(file_id: int) -> Iterator[Upload]:
    """Give a kept file as a path that is gone afterwards: for one too large to hold in memory."""
    held = _read(file_id, UPLOAD)
    assert held is not None
    with tempfile.TemporaryDirectory() as folder:  # of the system's account alone
        path, head = Path(folder) / "upload", json.loads(next(held))
        with path.open("wb") as file:
            file.writelines(held)
        yield Upload(**head, path=path)


def is_kept(file_id: int) -> bool:
    """Return whether a file's bytes are still there."""
    return (_folder(file_id) / UPLOAD).exists()


def pieces(source: Path | bytes) -> Iterator[bytes]:
    """Give the content of an upload, a few megabytes at a time."""
    with BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def keep_problems(file_id: int, found: Iterable[RowProblem]) -> None:
    """Write what is wrong in a file, the cells' values included."""
    _write(file_id, PROBLEMS, [problems.dump(found)])


def find_problems(file_id: int) -> list[RowProblem] | None:
    """Return what is wrong in a file, the cells' values included; None where that is not kept."""
    held = _read(file_id, PROBLEMS)
    return None if held is None else problems.load(b"".join(held))


def keep_rejects(file_id: int, workbook: bytes | None) -> None:
    """Write the .xlsx that lists a file's rejected rows; None: it has none."""
    if workbook is None:
        (_folder(file_id) / REJECTS).unlink(missing_ok=True)
    else:
        _write(file_id, REJECTS, [workbook])


def find_rejects(file_id: int) -> bytes | None:
    """Return the .xlsx of a file's rejected rows, or None where it had none."""
    held = _read(file_id, REJECTS)
    return None if held is None else b"".join(held)


def forget_upload(file_id: int) -> None:
    """Delete a file's bytes; its rejects stay."""
    (_folder(file_id) / UPLOAD).unlink(missing_ok=True)


def forget(file_id: int) -> None:
    """Delete everything kept of a file."""
    shutil.rmtree(_folder(file_id), ignore_errors=True)


def untouched_since(moment: datetime) -> set[int]:
    """Return the ids of files for which nothing has been written since."""
    folders = (Path(settings.YINGBAO_UPLOADS) / "imports").glob("[0-9]*")
    return {int(folder.name) for folder in folders if folder.stat().st_mtime < moment.timestamp()}


def _folder(file_id: int) -> Path:
    return Path(settings.YINGBAO_UPLOADS) / "imports" / str(file_id)


def _read(file_id: int, name: str) -> Iterator[bytes] | None:
    path = _folder(file_id) / name
    return _opened(path) if path.exists() else None


def _opened(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        if file.read(len(FRAMED)) != FRAMED:  # as it was kept before there were pieces
            head, _, rest = unseal_bytes(path.read_bytes()).partition(b"\n")
            yield from (head, rest) if path.name == UPLOAD else (head + _ + rest,)
            return
        place = 0
        while size := int.from_bytes(file.read(4), "big"):
            piece = unseal_bytes(file.read(size))
            if int.from_bytes(piece[:4], "big") != place:
                raise ValueError("the pieces of a kept file are not in their order")
            yield piece[4:]
            place += 1


def _write(file_id: int, name: str, data: Iterable[bytes]) -> None:
    """Seal piece by piece: no whole file twice in memory. Each piece knows its place, a size of 0 ends them."""
    folder = _folder(file_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(FRAMED)
        for place, piece in enumerate(data):
            sealed = seal_bytes(place.to_bytes(4, "big") + piece)
            file.write(len(sealed).to_bytes(4, "big") + sealed)
        file.write(bytes(4))
