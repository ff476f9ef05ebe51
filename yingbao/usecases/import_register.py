"""Import the complete register of a division (全员信息台账, BN-4.4b): checked first, in the books by a second word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import Forbidden
from yingbao.kernel.messages import N_, say
from yingbao.policy import Policy, get_policy
from yingbao.registry import operations
from yingbao.registry.editing.history import Why
from yingbao.registry.kinds import Action, FileKind
from yingbao.registry.places import Places
from yingbao.registry.problems import Problems
from yingbao.registry.register import staging
from yingbao.registry.register.changes import find_differences
from yingbao.registry.register.match import REASONS, match
from yingbao.registry.register.rows import Reader, Terms
from yingbao.sheets import Table
from yingbao.sheets.layouts import REGISTER
from yingbao.storage.fields import Json
from yingbao.usecases import files_found, files_in
from yingbao.usecases.files_found import Found, Place, Unread, Upload

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile


def check_register(
    actor: Actor,
    *,
    upload: Upload,
    policy_name: str,
    key: str,
    at: datetime,
    progress: Callable[[int], object] | None = None,
) -> Json:
    """Check a register file row by row, against itself and the register; nothing comes in yet.

    Returns ``{"file_id", "rows", "good_rows", "bad_rows", "problems", "warnings", "already", "changed"}``: ``already``
    rows say what the register says, ``changed`` would change it. The rows' problems are
    ``registry.queries.problems_of`` the file. ``policy_name`` gives the insurance year and the groups that may enrol;
    ``progress`` is told how many rows have been read. Raises Forbidden, BadInput for a file that cannot be read,
    Refused for one that was accepted before, Conflict.
    """
    actor.must(Right.IMPORT_REGISTER)
    if actor.division_code is None:
        raise Forbidden(say(N_("您没有所属的行政区划，不能导入台账。")))
    upload = replace(upload, options={"policy": policy_name})
    reader = _reader(upload, actor.scope, at, progress)
    people = staging.before_writing(reader.people())

    def look(file: ImportedFile) -> Found:
        staging.stage(file, people)
        match(file.pk, actor.scope, reader.problems)
        return _found(reader.table, reader.problems, file.pk)

    place = Place(kind=FileKind.REGISTER, division_code=actor.division_code)
    return files_in.keep_staged(actor, upload, place, look, key=key, at=at)


def accept_register(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Bring the good rows of a checked register file into the books, all or none.

    Their cells were judged at the check; the other rows and the register are looked at again first. Returns check's
    counts as they are now, with ``{"residents", "households"}`` added. Raises Forbidden, NotFound outside the actor's
    scope, Refused where the file is decided or its rows are gone, Conflict.
    """
    actor.must(Right.IMPORT_REGISTER)
    is_kept = files_in.is_waiting(actor, file_id, FileKind.REGISTER)

    def effect(file: ImportedFile) -> Found:
        if staging.count_staged(file_id) != file.rows:
            raise files_in.bytes_gone()
        problems = _cell_problems(actor, file_id)
        match(file_id, actor.scope, problems, warns=False)
        found = _found(Unread(REGISTER, file.rows), problems, file_id)
        operations.tell_differences(file, found.differences)
        why = Why(actor, Action.IMPORTED, at, file=file, key=key)
        added = operations.add_people(file, begin_on=files_in.today(at), why=why)
        return replace(found, extra={**found.extra, "residents": added.residents, "households": added.households})

    kind = FileKind.REGISTER
    return files_in.accept(actor, file_id=file_id, kind=kind, upload=is_kept, key=key, at=at, effect=effect)


def _cell_problems(actor: Actor, file_id: int) -> Problems:
    """Return what the check found in the rows by themselves and side by side, which does not change."""
    held = files_in.read_problems(actor, file_id=file_id, kind=FileKind.REGISTER)
    problems = Problems()
    for problem in held:
        if problem.reason.template not in REASONS:
            problems.add(problem)
    return problems


def discard_register(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Say that a checked register file is not wanted. Raises as ``files_in.discard_file`` does."""
    return files_in.discard_file(actor, file_id=file_id, kind=FileKind.REGISTER, key=key, at=at)


def _reader(upload: Upload, scope: Scope, at: datetime, progress: Callable[[int], object] | None) -> Reader:
    policy = get_policy(str(upload.options["policy"]))
    table = files_found.stream_rows(upload, REGISTER)
    terms = Terms(places=Places(scope), on=files_in.today(at), year=policy.year, bases=_bases(policy))
    return Reader(table, terms, progress=progress)


def _bases(policy: Policy) -> Mapping[str, str]:
    """Return evidence → rule: the group that asks for it first, so that the booklet stands for the notice's first."""
    bases: dict[str, str] = {}
    for group in policy.file.groups:
        for evidence in group.evidence:
            bases.setdefault(evidence, group.rule or group.id)
    return bases


def _found(table: Table | Unread, problems: Problems, file_id: int) -> Found:
    differences = find_differences(file_id)
    return Found(
        table=table,
        good_rows=staging.count_good(file_id),
        problems=problems.told(),
        counts=problems.counts,
        rejected=staging.rejected_rows(file_id),
        extra={"already": differences.known - differences.changed, "changed": differences.changed},
        differences=differences.to_json(),
    )
