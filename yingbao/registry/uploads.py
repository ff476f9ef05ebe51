"""The bytes of a file between its check and its acceptance, and the list of its rejects: sealed, on disk.

Each imported file has a folder of its own under ``YINGBAO_UPLOADS``, open to the system's account only. The
upload is deleted when somebody has decided on it; the rejects stay for whoever must mend them.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from yingbao.storage.encrypted import seal_bytes, unseal_bytes
from yingbao.storage.fields import Json

UPLOAD, REJECTS = "upload.sealed", "rejects.sealed"


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
    path = _folder(file_id) / UPLOAD
    if not path.exists():
        return None
    head, _, content = unseal_bytes(path.read_bytes()).partition(b"\n")
    return Upload(content=content, **json.loads(head))


def keep_rejects(file_id: int, workbook: bytes) -> None:
    """Write the .xlsx that lists a file's rejected rows."""
    _write(file_id, REJECTS, workbook)


def find_rejects(file_id: int) -> bytes | None:
    """Return the .xlsx of a file's rejected rows, or None where it had none."""
    path = _folder(file_id) / REJECTS
    return unseal_bytes(path.read_bytes()) if path.exists() else None


def forget_upload(file_id: int) -> None:
    """Delete a file's bytes; its rejects stay."""
    (_folder(file_id) / UPLOAD).unlink(missing_ok=True)


def forget(file_id: int) -> None:
    """Delete everything kept of a file."""
    shutil.rmtree(_folder(file_id), ignore_errors=True)


def _folder(file_id: int) -> Path:
    return Path(settings.YINGBAO_UPLOADS) / "imports" / str(file_id)


def _write(file_id: int, name: str, data: bytes) -> None:
    folder = _folder(file_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(seal_bytes(data))
