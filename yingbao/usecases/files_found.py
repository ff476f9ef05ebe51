"""What a look at a file found, and what is kept of the file beside its record: its bytes, problems and rejects."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from yingbao.kernel.errors import RowProblem
from yingbao.registry import problems, uploads
from yingbao.registry.kinds import FileKind
from yingbao.registry.uploads import Upload
from yingbao.sheets import Layout, Table, is_encrypted, read_table, stream_table, write_rejects
from yingbao.storage.fields import Json

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile

__all__ = ["Found", "Place", "Unread", "Upload"]


@dataclass(frozen=True, slots=True)
class Unread:
    """A file of so many rows that need not be read again unless some of them must be rejected."""

    layout: Layout
    rows: int

    def __len__(self) -> int:
        return self.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the look at a file gave: ``good_rows`` have no fatal problem; ``extra`` goes into the answer.

    ``differences`` are what accepting it would change, as ``ImportedFile.differences`` keeps them; ``beside`` writes
    what belongs to a checked file beside its record, in the same transaction: staged rows, questions. Where there
    are more problems than are told one by one, ``counts`` has them all, and ``rejected`` every row that stays out.
    """

    table: Table | Unread
    good_rows: int
    problems: list[RowProblem]
    counts: tuple[int, int] | None = None  # of those that keep a row out, and of those that warn
    rejected: frozenset[int] = frozenset()
    extra: Json = field(default_factory=dict)
    differences: Json = field(default_factory=dict)
    beside: Callable[[ImportedFile], object] | None = None

    def answer(self, file_id: int) -> Json:
        """Return what the user is told: counts, and the file's id for the second word."""
        fatal, warnings = self.counts or problems.count_by_fatality(self.problems)
        rows = len(self.table)
        return {
            **{"file_id": file_id, "rows": rows, "good_rows": self.good_rows, "bad_rows": rows - self.good_rows},
            **{"problems": fatal, "warnings": warnings, **self.extra},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a checked file is filed under; ``about`` and ``is_full`` as ``ImportedFile`` has them."""

    kind: FileKind
    division_code: int
    department: str = ""
    month: date | None = None
    about: str = ""
    is_full: bool = False
    institution_id: int | None = None

    def as_inputs(self) -> Json:
        """Return it as one request tells it from another."""
        month = self.month.isoformat() if self.month else None
        filed = {"division": self.division_code, "department": self.department, "month": month}
        return filed | {"about": self.about, "is_full": self.is_full, "institution": self.institution_id}


def open_table(upload: Upload, *layouts: Layout) -> Table:
    """Return the table of an upload in the layout that fits it. Raises BadInput for a file that cannot be read."""
    return read_table(upload.source, name=upload.name, layout=layouts, password=upload.password or None)


def stream_rows(upload: Upload, layout: Layout) -> Table:
    """Return the table of a large upload, each row of which is read when it is asked for. Raises as ``open_table``."""
    return stream_table(upload.source, name=upload.name, layout=layout, password=upload.password or None)


def keep_beside(file_id: int, upload: Upload, found: Found, rejects: bytes | None) -> None:
    """Keep a checked file's bytes, problems and rejects under its id, all of them or none."""
    with ExitStack() as undo:
        undo.callback(uploads.forget, file_id)
        uploads.keep(file_id, upload)
        uploads.keep_problems(file_id, found.problems)
        uploads.keep_rejects(file_id, rejects)
        undo.pop_all()


def forget_accepted(file_id: int, found: Found, *, changed: bool) -> None:
    """Delete an accepted file's bytes; where the second look found otherwise, tell that from now on."""
    if changed:
        uploads.keep_problems(file_id, found.problems)
        with uploads.unsealed(file_id) as upload:
            uploads.keep_rejects(file_id, find_rejects(found, upload))
    uploads.forget_upload(file_id)


def find_rejects(found: Found, upload: Upload) -> bytes | None:
    """Return the workbook of the rows that stay out, under the upload's own password; None where none does."""
    if not any(problem.fatal for problem in found.problems):
        return None
    table = found.table if isinstance(found.table, Table) else open_table(upload, found.table.layout)
    password = upload.password if is_encrypted(upload.source) else None
    with tempfile.TemporaryDirectory() as folder:  # of the system's account alone; only for a moment in the clear
        path = Path(folder) / "rejects.xlsx"
        write_rejects(path, table=table, problems=found.problems, also=found.rejected, password=password)
        return path.read_bytes()
