"""A department sends its roster, the bureau accepts it, and identities are marked (BN-4.2.1, BN-A, PJ-5.2.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.divisions import queries as divisions
from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import BadInput, Forbidden, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import Policy, get_policy
from yingbao.registry import queries
from yingbao.registry.editing.history import Why
from yingbao.registry.kinds import Action, FileKind
from yingbao.registry.places import Places
from yingbao.registry.recognising import proposing
from yingbao.registry.rosters import aliases, identities
from yingbao.registry.rosters.differences import tell_differences
from yingbao.registry.rosters.full import read_full_list
from yingbao.registry.rosters.reading import RosterReading, read_roster
from yingbao.registry.rosters.rows import Terms
from yingbao.sheets import Table, is_encrypted
from yingbao.sheets.layouts import MONTHLY_FULL, ROSTER
from yingbao.storage.fields import Json
from yingbao.usecases import files_found, files_in
from yingbao.usecases.files_found import Found, Place, Upload

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile


def check_roster(actor: Actor, *, upload: Upload, month: date, policy_name: str, key: str, at: datetime) -> Json:
    """Check a department's roster for a month against the register; no identity is marked yet.

    ``month`` is the first day of the month it speaks for. A file in the form of the monthly full list is one, any
    other an add/remove list. Returns ``{"file_id", "rows", "good_rows", "bad_rows", "problems", "warnings", "added",
    "removed", "already", "spared", "paid"}``. Raises Forbidden, BadInput for a file that cannot be read or has no
    password (BN-4.2.1b), Refused for one that was accepted before or would do great harm, Conflict.
    """
    actor.must(Right.UPLOAD_ROSTER)
    if actor.division_code is None:
        raise Forbidden(say(N_("您没有所属的行政区划，不能报送花名册。")))
    if month.day != 1:
        raise BadInput(say(N_("花名册的月份应以当月第一天表示。")))
    upload = replace(upload, options={"policy": policy_name})
    table = _open(upload)
    place = Place(
        kind=FileKind.ROSTER,
        division_code=actor.division_code,
        department=actor.department,
        month=month,
        is_full=_is_full(table),
    )
    found = _found(table, _read(table, upload, place, at))
    return files_in.keep_checked(actor, upload, place, found, key=key, at=at)


def accept_roster(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Mark the identities of a checked roster's good rows, all or none; rows are judged again first.

    The same person may not have brought it. Returns check's counts as they are now. Raises Forbidden, NotFound
    outside the actor's scope, Refused where the file is decided, its bytes are gone or the actor brought it.
    """
    actor.must(Right.ACCEPT_ROSTER)
    upload = files_in.find_waiting(actor, file_id, FileKind.ROSTER)
    _must_be_another(actor, file_id)
    table = _open(upload) if upload else None

    def effect(file: ImportedFile) -> Found:
        assert upload is not None and table is not None
        reading = _read(table, upload, _place_of(file), at)
        identities.close_identities(reading.removals, file=file)
        identities.open_identities(reading.additions, file=file)
        why = Why(actor=actor, action=Action.IMPORTED, at=at, file=file, key=key)
        identities.keep_disabilities(reading.disabled, why=why)
        found = _found(table, reading)
        identities.keep_differences(file, found.differences)
        return found

    return files_in.accept(actor, file_id=file_id, kind=FileKind.ROSTER, upload=upload, key=key, at=at, effect=effect)


def discard_roster(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Take back a roster that awaits acceptance; the department's own word. Raises as ``files_in.discard_file``."""
    return files_in.discard_file(actor, file_id=file_id, kind=FileKind.ROSTER, key=key, at=at)


def _must_be_another(actor: Actor, file_id: int) -> None:
    if queries.file(actor, file_id, FileKind.ROSTER).uploaded_by_id == actor.user_id:
        raise Refused(say(N_("报送花名册的人不能自己确认它。")), todo=say(N_("请由区医保局另一位经办人员确认。")))


def _open(upload: Upload) -> Table:
    table = files_found.open_table(upload, ROSTER, MONTHLY_FULL)
    if not is_encrypted(upload.source):
        raise BadInput(
            say(N_("花名册没有加密，没有导入。")),
            fact=say(N_("各部门提供的名单应为加密电子件")),
            todo=say(N_("请给文件设置打开密码后重新报送")),
        )
    if not _is_full(table) and "change" not in table.present:
        raise BadInput(
            say(N_("花名册没有“新增或减少”一列，分不清是增减名单还是全量名单，没有导入。")),
            todo=say(N_("增减名单请补上“新增或减少”；全量名单请用“医疗救助身份”作身份一列的表头。")),
        )
    return table


def _is_full(table: Table) -> bool:
    return table.layout is MONTHLY_FULL


def _place_of(file: ImportedFile) -> Place:
    return Place(
        kind=FileKind.ROSTER,
        division_code=file.division_id,
        department=file.department,
        month=file.month,
        is_full=file.is_full,
    )


def _read(table: Table, upload: Upload, place: Place, at: datetime) -> RosterReading:
    policy = get_policy(str(upload.options["policy"]))
    scope = divisions.get(place.division_code).scope
    terms = _terms(policy, scope, place, at)
    if place.is_full:
        return read_full_list(table, terms, division_code=place.division_code)
    return read_roster(table, terms)


def _terms(policy: Policy, scope: Scope, place: Place, at: datetime) -> Terms:
    assert place.month is not None
    return Terms(
        department=place.department,
        month=place.month,
        on=files_in.today(at),
        scope=scope,
        places=Places(scope),
        code_named=aliases.reader_with(policy.vocabulary),
        confirmed_by=lambda code: policy.identity(code).confirmed_by,
        name_of=lambda code: policy.identity(code).name,
        is_full=place.is_full,
        paid=lambda ids: collection.paid_among(ids, year=policy.year),
    )


def _found(table: Table, reading: RosterReading) -> Found:
    counts = {
        "added": len(reading.additions),
        "removed": len(reading.removals),
        "already": reading.already,
        "spared": len(reading.spared),
        "paid": len(reading.paid),
    }
    return Found(
        table=table,
        good_rows=reading.rows - len(reading.bad_rows),
        problems=reading.problems,
        extra=counts,
        differences=tell_differences(reading),
        beside=lambda file: proposing.ask(file, reading.asked, reading.candidates),
    )
