"""Writing the register: files, and the people and identities that come in with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from yingbao.accounts.actors import Actor
from yingbao.kernel.errors import NotFound, RowProblem
from yingbao.kernel.messages import N_, say
from yingbao.registry import problems, uploads
from yingbao.registry.editing.history import Why
from yingbao.registry.institutions import staging as members
from yingbao.registry.kinds import FileKind, FileState
from yingbao.registry.models import ImportedFile
from yingbao.registry.register import changes, staging
from yingbao.storage import transactions
from yingbao.storage.fields import Json
from yingbao.storage.transactions import operation

A_DAY = timedelta(days=1)  # no check takes that long


@operation
def add_file(
    actor: Actor,
    *,
    kind: FileKind,
    name: str,
    sha256: str,
    division_code: int,
    rows: int,
    good_rows: int,
    found: Sequence[RowProblem],
    at: datetime,
    department: str = "",
    month: date | None = None,
    about: str = "",
    is_full: bool = False,
    differences: Json | None = None,
    institution_id: int | None = None,
) -> ImportedFile:
    """Record a file that has been checked; nothing of it is in the books."""
    return ImportedFile.objects.create(
        kind=kind,
        name=name[:200],
        sha256=sha256,
        division_id=division_code,
        department=department,
        month=month,
        about=about,
        is_full=is_full,
        differences=differences or {},
        institution_id=institution_id,
        rows=rows,
        good_rows=good_rows,
        problems=problems.to_json(found),
        uploaded_by_id=actor.user_id,
        uploaded_at=at,
    )


@operation
def sweep_uploads(at: datetime) -> None:
    """Delete from disk what checks that were killed before their end have left: folders of no file, a day old."""
    old = uploads.untouched_since(at - A_DAY)
    held = set(ImportedFile.objects.filter(pk__in=old).values_list("pk", flat=True))
    for file_id in old - held:
        uploads.forget(file_id)


@operation
def take_turns() -> None:
    """Wait until no other transaction brings a file in: two files may hold the same person, and each looks first."""
    transactions.take_turns("yingbao-imports")


@operation
def lock_file(actor: Actor, file_id: int, kind: FileKind) -> ImportedFile:
    """Return a file of the actor's scope, locked until the transaction ends. Raises NotFound."""
    files = ImportedFile.objects.select_for_update().filter(pk=file_id, kind=kind)
    found = files.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high).first()
    if found is None:
        raise NotFound(say(N_("没有找到，或不在您的管理范围内。")))
    return found


@operation
def accept_file(actor: Actor, file: ImportedFile, *, good_rows: int, found: Sequence[RowProblem], at: datetime) -> None:
    """Mark a file's good rows as taken into the books, with the problems found on that second look."""
    file.good_rows, file.problems = good_rows, problems.to_json(found)
    _decide(actor, file, FileState.ACCEPTED, at, "good_rows", "problems")


@operation
def tell_findings(
    file: ImportedFile, *, rows: int, good_rows: int, found: Sequence[RowProblem], differences: Json
) -> None:
    """Add to a recorded file what reading it to its end gave."""
    file.rows, file.good_rows, file.problems, file.differences = rows, good_rows, problems.to_json(found), differences
    file.save(update_fields=["rows", "good_rows", "problems", "differences"])


@operation
def tell_differences(file: ImportedFile, differences: Json) -> None:
    """Add to what a file changes, or has changed: counts, ids and days, no names."""
    file.differences = {**file.differences, **differences}
    file.save(update_fields=["differences"])


@operation
def discard_file(actor: Actor, file: ImportedFile, *, at: datetime) -> None:
    """Mark a file as not wanted, and let go of its staged rows."""
    if file.kind == FileKind.REGISTER:
        staging.clear(file.pk)
    if file.kind == FileKind.MEMBERS:
        members.clear(file.pk)
    _decide(actor, file, FileState.DISCARDED, at)


@operation
def withdraw_file(actor: Actor, file: ImportedFile, *, at: datetime, reason: str = "") -> None:
    """Mark an accepted file as taken back; the caller has put back what it changed. ``reason``: a WithdrawReason."""
    if reason:
        file.differences = {**file.differences, "withdrawn": reason}
    file.state, file.withdrawn_by_id, file.withdrawn_at = FileState.WITHDRAWN, actor.user_id, at
    file.save(update_fields=["state", "withdrawn_by", "withdrawn_at", "differences"])


def _decide(actor: Actor, file: ImportedFile, state: FileState, at: datetime, *also: str) -> None:
    file.state, file.decided_by_id, file.decided_at = state, actor.user_id, at
    file.save(update_fields=["state", "decided_by", "decided_at", *also])


@operation
def add_people(file: ImportedFile, *, begin_on: date, why: Why) -> Added:
    """Bring a matched file's good rows into the books: households first, then changes, then newcomers.

    A household everybody has left is dissolved, as it is where a clerk moves them.
    Cover elsewhere that a row tells of is open from ``begin_on``, because a flag has no date of its own. Raises
    Conflict where somebody changes one of the people at this moment.
    """
    with staging.roomy_sorts():
        households = staging.add_households(file.pk)
        changed, left = changes.apply_changes(file.pk, why=why)
        residents = staging.add_residents(file.pk)
        changes.dissolve_emptied(left, why=why)
        _add_elsewhere(file, begin_on)
        staging.clear(file.pk)
    return Added(households, residents, changed)


class Added(NamedTuple):
    """How many of each came in."""

    households: int
    residents: int
    changed: int


def _add_elsewhere(file: ImportedFile, begin_on: date) -> None:
    staging.add_elsewhere(file.pk, begin_on)
