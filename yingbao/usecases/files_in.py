"""The two words of every import: a file is checked and kept, and comes into the books only when somebody says so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import Refused, RowProblem
from yingbao.kernel.messages import N_, say
from yingbao.registry import operations, queries, uploads
from yingbao.registry.kinds import FileKind, FileState
from yingbao.sheets.layouts import REGISTER
from yingbao.storage.fields import Json
from yingbao.usecases.files_found import Found, Place, Unread, Upload, find_rejects, forget_accepted, keep_beside
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile

DISCARDED = "文件已放弃"  # kept in the record, whatever language the reader's page is in
WITHDRAWN = "文件已撤回"
UPLOADERS = {
    FileKind.TARGETS: Right.IMPORT_TARGETS,
    FileKind.REGISTER: Right.IMPORT_REGISTER,
    FileKind.ROSTER: Right.UPLOAD_ROSTER,
    FileKind.ELSEWHERE: Right.IMPORT_ELSEWHERE,
    FileKind.DEATHS: Right.IMPORT_ELSEWHERE,
    FileKind.RESULT: Right.CLEAR,
    FileKind.MEMBERS: Right.ENROL_INSTITUTION,
}
# Beside whoever may upload a kind: the bureau sends back a roster it will not accept.
REFUSERS = {FileKind.ROSTER: Right.ACCEPT_ROSTER}


def today(at: datetime) -> date:
    """Return the day at the site's place."""
    return timezone.localdate(at)


def keep_checked(actor: Actor, upload: Upload, place: Place, found: Found, *, key: str, at: datetime) -> Json:
    """Record a checked file, keep its bytes and its rejects, and answer with counts. Repeating ``key`` repeats it.

    Raises Refused where the same file has been accepted before.
    """
    rejects = find_rejects(found, upload)

    def effect(sha256: str) -> Json:
        file = _add_file(actor, upload, place, sha256, found, at)
        if found.beside is not None:
            found.beside(file)
        answer = found.answer(file.pk)
        _record(actor, "check-file", file, answer, at, key)
        keep_beside(file.pk, upload, found, rejects)
        return answer

    return _keep_once(actor, upload, place, effect, key=key, at=at)


def keep_staged(
    actor: Actor, upload: Upload, place: Place, look: Callable[[ImportedFile], Found], *, key: str, at: datetime
) -> Json:
    """Record a file and then let ``look`` read it into the database; else as ``keep_checked``.

    All in one transaction: a process that is killed leaves neither record nor rows.
    """

    def effect(sha256: str) -> Json:
        file = _add_file(actor, upload, place, sha256, Found(table=Unread(REGISTER, 0), good_rows=0, problems=[]), at)
        operations.sweep_uploads(at)
        found = look(file)
        operations.tell_findings(
            file,
            rows=len(found.table),
            good_rows=found.good_rows,
            found=found.problems,
            differences=found.differences,
        )
        answer = found.answer(file.pk)
        _record(actor, "check-file", file, answer, at, key)
        keep_beside(file.pk, upload, found, find_rejects(found, upload))
        return answer

    return _keep_once(actor, upload, place, effect, key=key, at=at)


def _keep_once(
    actor: Actor, upload: Upload, place: Place, effect: Callable[[str], Json], *, key: str, at: datetime
) -> Json:
    digest = hashlib.sha256()
    for piece in uploads.pieces(upload.source):
        digest.update(piece)
    sha256 = digest.hexdigest()

    def whole() -> Json:
        _refuse_accepted(sha256, place)
        return effect(sha256)

    inputs = {"sha256": sha256, "options": upload.options, **place.as_inputs()}
    return once(actor, key=key, use_case=f"check-{place.kind.value}", inputs=inputs, at=at, effect=whole)


def _add_file(actor: Actor, upload: Upload, place: Place, sha256: str, found: Found, at: datetime) -> ImportedFile:
    return operations.add_file(
        actor,
        kind=place.kind,
        name=upload.name,
        sha256=sha256,
        division_code=place.division_code,
        department=place.department,
        month=place.month,
        about=place.about,
        is_full=place.is_full,
        institution_id=place.institution_id,
        differences=found.differences,
        rows=len(found.table),
        good_rows=found.good_rows,
        found=found.problems,
        at=at,
    )


def find_waiting(actor: Actor, file_id: int, kind: FileKind) -> Upload | None:
    """Return the kept bytes of a file of the actor's scope; None where they are gone. Raises NotFound."""
    queries.file(actor, file_id, kind)
    return uploads.find(file_id)


def is_waiting(actor: Actor, file_id: int, kind: FileKind) -> bool:
    """Return whether the bytes of a file of the actor's scope are kept. Raises NotFound."""
    queries.file(actor, file_id, kind)
    return uploads.is_kept(file_id)


def bytes_gone() -> Refused:
    """Build the refusal of a file whose rows the server no longer has."""
    return Refused(say(N_("服务器上已没有这份文件的内容。")), todo=say(N_("请重新上传并检查。")))


def accept(
    actor: Actor,
    *,
    file_id: int,
    kind: FileKind,
    upload: Upload | bool | None,
    key: str,
    at: datetime,
    effect: Callable[[ImportedFile], Found],
    told: Json | None = None,
) -> Json:
    """Run ``effect`` on a file that awaits its second word, mark it accepted, and delete its bytes once committed.

    ``told`` is what else the effect goes by. ``upload`` may be True for one that is kept and that ``effect`` need not
    read. Raises NotFound outside the actor's scope, Refused where the file or one with the same content is decided,
    or where there is no ``upload`` any more.
    """

    def whole() -> Json:
        operations.take_turns()
        file = operations.lock_file(actor, file_id, kind)
        _must_wait(file)
        _refuse_accepted(file.sha256, Place(kind=kind, division_code=file.division_id))
        if not upload:
            raise bytes_gone()
        found = effect(file)
        changed = file.good_rows != found.good_rows
        operations.accept_file(actor, file, good_rows=found.good_rows, found=found.problems, at=at)
        answer = found.answer(file_id)
        _record(actor, "accept-file", file, answer, at, key)
        transaction.on_commit(lambda: forget_accepted(file_id, found, changed=changed))
        return answer

    inputs = {"file": file_id, **(told or {})}
    return once(actor, key=key, use_case=f"accept-{kind.value}", inputs=inputs, at=at, effect=whole)


def withdraw(
    actor: Actor,
    *,
    file_id: int,
    kind: FileKind,
    key: str,
    at: datetime,
    effect: Callable[[ImportedFile], Json],
    reason: str = "",
    told: Json | None = None,
) -> Json:
    """Run ``effect``, which undoes what an accepted file did and answers with counts, and mark the file withdrawn.

    ``reason`` is a WithdrawReason where the kind asks for one; ``told`` is what else the effect goes by.
    Raises NotFound outside the actor's scope, Refused where the file is not in the books.
    """

    def whole() -> Json:
        operations.take_turns()
        file = operations.lock_file(actor, file_id, kind)
        if file.state != FileState.ACCEPTED:
            raise Refused(say(N_("这份文件没有导入，或已经撤回，没有可撤回的内容。")))
        counts = effect(file)
        operations.withdraw_file(actor, file, at=at, reason=reason)
        by = actor.user_id
        worklist.close_about(Kind.MATCH_TO_DECIDE, "file", [file_id], by_id=by, reason=WITHDRAWN, at=at)
        _record(actor, "withdraw-file", file, {**counts, "reason": reason}, at, key)
        return {"file_id": file_id, **counts}

    inputs = {"file": file_id, "reason": reason, **(told or {})}
    return once(actor, key=key, use_case=f"withdraw-{kind.value}", inputs=inputs, at=at, effect=whole)


def may_discard(actor: Actor, kind: FileKind) -> bool:
    """Return whether the actor may say that files of a kind are not wanted."""
    return any(actor.may(right) for right in (UPLOADERS[kind], REFUSERS.get(kind)) if right)


def discard_file(actor: Actor, *, file_id: int, kind: FileKind, key: str, at: datetime) -> Json:
    """Say that a checked file is not wanted; its bytes and rejects are deleted. Needs the right to upload the kind.

    Raises NotFound outside the actor's scope (a department's own rosters), Refused where the file is decided.
    """
    if not may_discard(actor, kind):
        actor.must(UPLOADERS[kind])
    queries.file(actor, file_id, kind)

    def effect() -> Json:
        file = operations.lock_file(actor, file_id, kind)
        _must_wait(file)
        operations.discard_file(actor, file, at=at)
        by = actor.user_id
        worklist.close_about(Kind.MATCH_TO_DECIDE, "file", [file_id], by_id=by, reason=DISCARDED, at=at)
        _record(actor, "discard-file", file, {}, at, key)
        transaction.on_commit(lambda: uploads.forget(file_id))
        return {"file_id": file_id}

    inputs = {"file": file_id}
    return once(actor, key=key, use_case=f"discard-{kind.value}", inputs=inputs, at=at, effect=effect)


def read_rejects(actor: Actor, *, file_id: int, kind: FileKind) -> bytes | None:
    """Return the .xlsx of a file's rejected rows with values and reasons, None where none was rejected.

    It holds residents' data and carries the password of the upload where that had one. Raises NotFound.
    """
    queries.file(actor, file_id, kind)
    return uploads.find_rejects(file_id)


def read_problems(actor: Actor, *, file_id: int, kind: FileKind) -> list[RowProblem]:
    """Return all that is wrong in a file, row by row, with the cells' values. Raises NotFound.

    The values are residents' data: show them to this actor and log them nowhere.
    """
    file = queries.file(actor, file_id, kind)
    kept = uploads.find_problems(file_id)
    return queries.problems_of(file) if kept is None else kept


def _must_wait(file: ImportedFile) -> None:
    if file.state == FileState.ACCEPTED:
        raise _accepted_already(file)
    if file.state == FileState.WITHDRAWN:
        raise Refused(say(N_("这份文件已被撤回。")), todo=say(N_("如仍需导入，请重新上传。")))
    if file.state == FileState.DISCARDED:
        raise Refused(say(N_("这份文件已被放弃。")), todo=say(N_("如仍需导入，请重新上传。")))


def _refuse_accepted(sha256: str, place: Place) -> None:
    earlier = queries.accepted_file(sha256, kind=place.kind, division_code=place.division_code)
    if earlier is not None:
        raise _accepted_already(earlier)


def _accepted_already(file: ImportedFile) -> Refused:
    day = today(file.decided_at) if file.decided_at else ""
    return Refused(
        say(N_("这份文件已于 {day} 导入，不会再次导入。"), day=day),
        todo=say(N_("如有更正，请改好后再上传：全量名单须报整份，其他文件可以只报改过的行。")),
    )


def _record(actor: Actor, action: str, file: ImportedFile, counts: Json, at: datetime, key: str) -> None:
    detail = {"kind": file.kind, **{name: n for name, n in counts.items() if name != "file_id"}}
    audit.record(
        actor,
        action,
        subject=("file", file.pk),
        division_code=file.division_id,
        at=at,
        detail=detail,
        request_key=key,
    )
