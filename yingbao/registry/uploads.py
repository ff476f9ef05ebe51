"""The bytes of a file between its check and its acceptance, its problems and its rejects: sealed, on disk.

Each imported file has a folder of its own under ``YINGBAO_UPLOADS``, open to the system's account only. The
upload is deleted when somebody has decided on it; problems and rejects stay for whoever must mend them.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from yingbao.kernel.errors import RowProblem
from yingbao.registry import problems
from yingbao.storage.encrypted import seal_bytes, unseal_bytes
from yingbao.storage.fields import Json

UPLOAD, PROBLEMS, REJECTS = "upload.sealed", "problems.sealed", "rejects.sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it was sent. ``options`` are what the sender said of it beside its rows, e.g. year and due date."""

    name: str
    content: bytes = field(repr=False)
    password: str = field(default="", repr=False)
    options: Json = field(default_factory=dict)


def keep(file_id: int, upload: Upload) -> None:
    """Write a file and its password to disk, sealed under the site's data key."""
    head = json.dumps({"name": upload.name, "password": upload.password, "options": upload.options})
    _write(file_id, UPLOAD, head.encode() + b"\n" + upload.content)


def find(file_id: int) -> Upload | None:
    """Return a kept file, or None where it has been deleted."""
    held = _read(file_id, UPLOAD)
    if held is None:
        return None
    head, _, content = held.partition(b"\n")
    return Upload(content=content, **json.loads(head))


def keep_problems(file_id: int, found: Iterable[RowProblem]) -> None:
    """Write what is wrong in a file, the cells' values included."""
    _write(file_id, PROBLEMS, problems.dump(found))


def find_problems(file_id: int) -> list[RowProblem] | None:
    """Return what is wrong in a file, the cells' values included; None where that is not kept."""
    held = _read(file_id, PROBLEMS)
    return None if held is None else problems.load(held)


def keep_rejects(file_id: int, workbook: bytes | None) -> None:
    """Write the .xlsx that lists a file's rejected rows; None: it has none."""
    if workbook is None:
        (_folder(file_id) / REJECTS).unlink(missing_ok=True)
    else:
        _write(file_id, REJECTS, workbook)


def find_rejects(file_id: int) -> bytes | None:
    """Return the .xlsx of a file's rejected rows, or None where it had none."""
    return _read(file_id, REJECTS)


def forget_upload(file_id: int) -> None:
    """Delete a file's bytes; its rejects stay."""
    (_folder(file_id) / UPLOAD).unlink(missing_ok=True)


def forget(file_id: int) -> None:
    """Delete everything kept of a file."""
    shutil.rmtree(_folder(file_id), ignore_errors=True)


def _folder(file_id: int) -> Path:
    return Path(settings.YINGBAO_UPLOADS) / "imports" / str(file_id)


def _read(file_id: int, name: str) -> bytes | None:
    path = _folder(file_id) / name
    return unseal_bytes(path.read_bytes()) if path.exists() else None


def _write(file_id: int, name: str, data: bytes) -> None:
    folder = _folder(file_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(seal_bytes(data))
