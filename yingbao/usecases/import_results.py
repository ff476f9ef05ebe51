"""The tax client's result file comes back line by line: cleared on its own day, or sent back with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.declaring import layouts, results
from yingbao.collection.declaring import operations as declaring
from yingbao.collection.declaring.results import Reading
from yingbao.collection.kinds import LayoutKind
from yingbao.divisions import queries as divisions
from yingbao.kernel.errors import Forbidden
from yingbao.kernel.messages import N_, say
from yingbao.policy import Policy, get_policy
from yingbao.registry.kinds import FileKind
from yingbao.sheets import Table
from yingbao.storage.fields import Json
from yingbao.usecases import files_found, files_in
from yingbao.usecases.answering import Taken, take_in
from yingbao.usecases.files_found import Found, Place, Upload

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile


def check_result(actor: Actor, *, upload: Upload, policy_name: str, key: str, at: datetime) -> Json:
    """Check a result file against the declarations; nothing is cleared yet.

    Returns ``{"file_id", "rows", "good_rows", "bad_rows", "problems", "warnings", "accepted", "refused", "already"}``.
    Raises Forbidden, BadInput for a file that cannot be read, Refused for one accepted before.
    """
    actor.must(Right.CLEAR)
    if actor.division_code is None:
        raise Forbidden(say(N_("您没有所属的行政区划，不能导入回执。")))
    upload = replace(upload, options={"policy": policy_name})
    table = _open(upload, actor.division_code)
    reading = _judge(table, actor.division_code, get_policy(policy_name), at)
    place = Place(kind=FileKind.RESULT, division_code=actor.division_code)
    return files_in.keep_checked(actor, upload, place, _found(table, reading, None), key=key, at=at)


def accept_result(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Take in the sound rows of a checked result file, judged again; the others change nothing.

    Returns check's counts as they are now, with ``{"cleared", "short"}``. Raises Forbidden, NotFound outside the
    actor's scope, Refused where the file is decided or its bytes are gone.
    """
    actor.must(Right.CLEAR)
    upload = files_in.find_waiting(actor, file_id, FileKind.RESULT)
    table = _open(upload, actor.division_code or 0) if upload else None

    def effect(file: ImportedFile) -> Found:
        assert upload is not None and table is not None
        policy = get_policy(str(upload.options["policy"]))
        scope = divisions.get(file.division_id).scope
        reading = results.read(table, on=files_in.today(at))
        named = results.find_lines(reading, scope=scope, year=policy.year)
        batches = {line.declaration_id for line in named}
        held = declaring.lock_declarations(batches)
        # Read anew: who answered by hand meanwhile has been waited for.
        known = results.find_lines(reading, scope=scope, year=policy.year)
        results.judge(reading, [line for line in known if line.declaration_id in batches], on=files_in.today(at))
        taken = take_in(actor, reading.answers, held, policy=policy, action="take-in-result", key=key, at=at)
        return _found(table, reading, taken)

    return files_in.accept(actor, file_id=file_id, kind=FileKind.RESULT, upload=upload, key=key, at=at, effect=effect)


def _open(upload: Upload, division_code: int) -> Table:
    known = layouts.readable(LayoutKind.RESULT, division_code=division_code)
    return files_found.open_table(upload, *known)


def _judge(table: Table, division_code: int, policy: Policy, at: datetime) -> Reading:
    reading = results.read(table, on=files_in.today(at))
    lines = results.find_lines(reading, scope=divisions.get(division_code).scope, year=policy.year)
    return results.judge(reading, lines, on=files_in.today(at))


def _found(table: Table, reading: Reading, taken: Taken | None) -> Found:
    accepted = sum(answer.accepted for answer in reading.answers)
    counts = {"accepted": accepted, "refused": len(reading.answers) - accepted, "already": reading.already}
    if taken is not None:
        counts |= {"cleared": taken.cleared, "short": taken.short}
    return Found(table=table, good_rows=reading.good_rows, problems=reading.problems, extra=counts, differences=counts)
