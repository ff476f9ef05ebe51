"""Scans and photographs of evidence: looked at before they are taken, sealed on disk, known by a record each."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings

from yingbao.accounts.actors import Actor
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.registry.models import Attachment, EligibilityReview
from yingbao.storage.encrypted import seal_bytes, unseal_bytes
from yingbao.storage.transactions import operation

MOST, LARGEST_BYTES, LONGEST_NAME = 10, 10 * 1024 * 1024, 80
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
# How each begins, whatever its name or the sender says, and the ending it gets.
KINDS = ((b"\xff\xd8\xff", JPEG, ".jpg"), (b"\x89PNG\r\n\x1a\n", PNG, ".png"), (b"%PDF-", PDF, ".pdf"))


@dataclass(frozen=True, slots=True)
class Scan:
    """A file as it was sent."""

    name: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """What tells this content from any other."""
        return hashlib.sha256(self.content).hexdigest()


def check(scans: Sequence[Scan]) -> None:
    """Raise BadInput unless there are 1 to ``MOST`` files, none too large, each a JPEG, PNG or PDF by its content."""
    if not scans:
        raise BadInput(say(N_("没有附上证件。")), todo=say(N_("请附上证件的照片或扫描件（JPG、PNG 或 PDF）。")))
    if len(scans) > MOST:
        raise BadInput(say(N_("附件太多（最多 {most} 个）。"), most=MOST), todo=say(N_("请把多页合成一个 PDF。")))
    for number, scan in enumerate(scans, 1):
        if len(scan.content) > LARGEST_BYTES:
            raise BadInput(
                say(N_("第 {number} 个附件太大（最多 10 MB）。"), number=number), todo=say(N_("请压缩或重新拍照。"))
            )
        if _kind(scan.content) is None:
            raise BadInput(
                say(N_("第 {number} 个附件不是 JPG、PNG 或 PDF 文件。"), number=number),
                todo=say(N_("请重新拍照或扫描；改文件扩展名没有用。")),
            )


@contextmanager
def nothing_left_behind() -> Iterator[list[int]]:
    """Give a list for the ids of records whose bytes are being written; after it, bytes without a record are deleted.

    Put it around the transaction, not inside: whether the records stand is known only when that has ended.
    """
    written: list[int] = []
    try:
        yield written
    finally:
        if written:
            standing = set(Attachment.objects.filter(pk__in=written).values_list("pk", flat=True))
            for attachment_id in set(written) - standing:
                _path(attachment_id).unlink(missing_ok=True)


@operation
def add(
    actor: Actor, review: EligibilityReview, scans: Sequence[Scan], *, at: datetime, written: list[int]
) -> list[int]:
    """Keep checked files with a review; return their ids, which ``written`` (of ``nothing_left_behind``) gets too."""
    for scan in scans:
        media_type, ending = _kind(scan.content) or ("", "")
        held = Attachment.objects.create(
            review=review,
            name=tidy_name(scan.name, ending),
            media_type=media_type,
            size=len(scan.content),
            sha256=scan.sha256,
            added_by_id=actor.user_id,
            added_at=at,
        )
        written.append(held.pk)
        _write(_path(held.pk), scan.content)
    return list(written)


def read(attachment: Attachment) -> bytes:
    """Return the bytes of an attachment. Raises BadInput where they are not what was handed in."""
    content = unseal_bytes(_path(attachment.pk).read_bytes())
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise BadInput(say(N_("附件与提交时不一致，不能作为依据。")), todo=say(N_("请重新提交，并报告系统管理员。")))
    return content


def tidy_name(name: str, ending: str) -> str:
    """Return a file's name without folders and control characters, not too long, with the ending of what it is."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(one for one in last if one.isprintable() and one not in '<>:"|?*').strip(" .")
    return (kept.rpartition(".")[0] or kept or "scan")[:LONGEST_NAME] + ending


def _kind(content: bytes) -> tuple[str, str] | None:
    return next(((kind, ending) for begin, kind, ending in KINDS if content.startswith(begin)), None)


def _path(attachment_id: int) -> Path:
    return Path(settings.YINGBAO_UPLOADS) / "attachments" / f"{attachment_id}.sealed"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(seal_bytes(content))
        file.flush()
        os.fsync(file.fileno())
