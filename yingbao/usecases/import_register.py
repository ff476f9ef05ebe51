"""Import the complete register of a division (全员信息台账, BN-4.4b): checked first, in the books by a second word."""

from __future__ import annotations

from collections.abc import Mapping
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
from yingbao.registry.kinds import FileKind
from yingbao.registry.places import Places
from yingbao.registry.register_match import Matched, match
from yingbao.registry.register_rows import Reading, Terms, find_repeats, read_people
from yingbao.sheets import Table
from yingbao.sheets.layouts import REGISTER
from yingbao.storage.fields import Json
from yingbao.usecases import files_in
from yingbao.usecases.files_in import Found, Place, Upload

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile


def check_register(actor: Actor, *, upload: Upload, policy_name: str, key: str, at: datetime) -> Json:
    """Check a register file row by row, against itself and the register; nothing comes in yet.

    Returns ``{"file_id", "rows", "good_rows", "bad_rows", "problems", "warnings", "already"}``; ``already`` rows say
    what the register says. The rows' problems are ``registry.queries.problems_of`` the file. ``policy_name`` gives
    the insurance year and the groups that may enrol. Raises Forbidden, BadInput for a file that cannot be read,
    Refused for one that was accepted before, Conflict.
    """
    actor.must(Right.IMPORT_REGISTER)
    if actor.division_code is None:
        raise Forbidden(say(N_("您没有所属的行政区划，不能导入台账。")))
    upload = replace(upload, options={"policy": policy_name})
    table, reading = _read(upload, actor.scope, at)
    found = _found(table, reading, match(reading, actor.scope))
    place = Place(kind=FileKind.REGISTER, division_code=actor.division_code)
    return files_in.keep_checked(actor, upload, place, found, key=key, at=at)


def accept_register(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Bring the good rows of a checked register file into the books, all or none; rows are judged again first.

    Returns check's counts as they are now, with ``{"residents", "households"}`` added. Raises Forbidden, NotFound
    outside the actor's scope, Refused where the file is decided or its bytes are gone, Conflict.
    """
    actor.must(Right.IMPORT_REGISTER)
    upload = files_in.find_waiting(actor, file_id, FileKind.REGISTER)
    read = _read(upload, actor.scope, at) if upload else None

    def effect(file: ImportedFile) -> Found:
        assert read is not None
        table, reading = read
        matched = match(reading, actor.scope)
        households = operations.add_people(
            matched.newcomers, homes=matched.homes, file=file, begin_on=files_in.today(at)
        )
        found = _found(table, reading, matched)
        return replace(found, extra={**found.extra, "residents": len(matched.newcomers), "households": households})

    return files_in.accept(actor, file_id=file_id, kind=FileKind.REGISTER, upload=upload, key=key, at=at, effect=effect)


def discard_register(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Say that a checked register file is not wanted. Raises as ``files_in.discard_file`` does."""
    return files_in.discard_file(actor, file_id=file_id, kind=FileKind.REGISTER, key=key, at=at)


def _read(upload: Upload, scope: Scope, at: datetime) -> tuple[Table, Reading]:
    policy = get_policy(str(upload.options["policy"]))
    table = files_in.open_table(upload, REGISTER)
    terms = Terms(places=Places(scope), on=files_in.today(at), year=policy.year, bases=_bases(policy))
    reading = read_people(table, terms)
    find_repeats(reading)
    return table, reading


def _bases(policy: Policy) -> Mapping[str, str]:
    """Return evidence → rule: the group that asks for it first, so that the booklet stands for the notice's first."""
    bases: dict[str, str] = {}
    for group in policy.file.groups:
        for evidence in group.evidence:
            bases.setdefault(evidence, group.rule or group.id)
    return bases


def _found(table: Table, reading: Reading, matched: Matched) -> Found:
    good_rows = reading.rows - len(reading.bad_rows)
    return Found(table=table, good_rows=good_rows, problems=reading.problems, extra={"already": matched.already})
