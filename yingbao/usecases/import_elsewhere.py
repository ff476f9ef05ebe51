"""Lists of who is insured elsewhere, in prison or in the army (BN-2.0, BN-4.2.2a): checked first, then in the books."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.kernel.errors import BadInput, Forbidden, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.registry import operations
from yingbao.registry.elsewhere import spans
from yingbao.registry.elsewhere.rows import ElsewhereReading, Terms, read_elsewhere
from yingbao.registry.kinds import ElsewhereKind, FileKind
from yingbao.registry.recognising import proposing
from yingbao.sheets import Table
from yingbao.sheets.layouts import ELSEWHERE
from yingbao.storage.fields import Json
from yingbao.usecases import files_found, files_in
from yingbao.usecases.files_found import Found, Place, Upload
from yingbao.usecases.watch_register import watch_within

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile

FEW = 5  # of fewer people, more than half may well have come back in a month


def check_elsewhere(
    actor: Actor,
    *,
    upload: Upload,
    about: str,
    month: date,
    is_full: bool,
    policy_name: str,
    key: str,
    at: datetime,
) -> Json:
    """Check a list of who is covered elsewhere in a month against the register; nothing comes in yet.

    ``about`` is an ElsewhereKind, ``month`` its first day; whoever is missing from a list that ``is_full`` is to be
    no longer covered. Returns ``{"file_id", "rows", "good_rows", "bad_rows", "problems", "warnings", "begins",
    "ends", "missing", "already", "outside", "questions"}``. Raises Forbidden, BadInput for a file that cannot be
    read, Refused for one that was accepted before or for a whole list with fewer than half of who is covered.
    """
    actor.must(Right.IMPORT_ELSEWHERE)
    if actor.division_code is None:
        raise Forbidden(say(N_("您没有所属的行政区划，不能导入名单。")))
    if about not in ElsewhereKind.values:
        raise BadInput(say(N_("请选择名单种类：职工医保、异地参保、服刑或服役。")))
    if month.day != 1:
        raise BadInput(say(N_("名单的月份应以当月第一天表示。")))
    upload = replace(upload, options={"policy": policy_name})
    place = Place(kind=FileKind.ELSEWHERE, division_code=actor.division_code, month=month, about=about, is_full=is_full)
    table = files_found.open_table(upload, ELSEWHERE)
    found = _found(table, read_elsewhere(table, _terms(place, at)))
    return files_in.keep_checked(actor, upload, place, found, key=key, at=at)


def accept_elsewhere(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Open and end spans as a checked list says, all or none; rows are judged again first.

    What that means for who is enrolled becomes work items at once. Returns check's counts as they are now, with
    ``{"opened_items", "closed_items"}``. Raises Forbidden, NotFound outside the actor's scope, Refused where the
    file is decided, its bytes are gone, or by now fewer than half of who is covered are in it.
    """
    actor.must(Right.IMPORT_ELSEWHERE)
    upload = files_in.find_waiting(actor, file_id, FileKind.ELSEWHERE)
    table = files_found.open_table(upload, ELSEWHERE) if upload else None

    def effect(file: ImportedFile) -> Found:
        assert upload is not None and table is not None
        terms = _terms(_place(file), at)
        reading = read_elsewhere(table, terms)
        found = _found(table, reading)
        operations.tell_differences(file, found.differences)
        spans.open_spans(reading.opened, file=file)
        spans.end_spans(reading.ends, file=file)
        year = get_policy(str(upload.options["policy"])).year
        watched = watch_within(actor, terms.scope, year=year, on=terms.on, at=at)
        return replace(found, extra={**found.extra, **watched})

    return files_in.accept(
        actor, file_id=file_id, kind=FileKind.ELSEWHERE, upload=upload, key=key, at=at, effect=effect
    )


def discard_elsewhere(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Say that a checked list is not wanted. Raises as ``files_in.discard_file`` does."""
    return files_in.discard_file(actor, file_id=file_id, kind=FileKind.ELSEWHERE, key=key, at=at)


def _place(file: ImportedFile) -> Place:
    return Place(
        kind=FileKind.ELSEWHERE,
        division_code=file.division_id,
        month=file.month,
        about=file.about,
        is_full=file.is_full,
    )


def _terms(place: Place, at: datetime) -> Terms:
    assert place.month is not None
    return Terms(
        about=ElsewhereKind(place.about),
        month=place.month,
        is_full=place.is_full,
        scope=divisions.get(place.division_code).scope,
        on=files_in.today(at),
    )


def _found(table: Table, reading: ElsewhereReading) -> Found:
    _refuse_half(reading)
    listed = reading.listed
    counts = {
        **{"begins": len(reading.opened), "ends": len(reading.ended), "missing": len(reading.missing)},
        **{"already": reading.already, "outside": listed.outside, "questions": len(listed.questions)},
    }
    return Found(
        table=table,
        good_rows=len(listed.lines) - listed.bad_rows(),
        problems=listed.problems,
        extra=counts,
        differences=counts,
        beside=lambda file: proposing.ask(file, listed.questions, listed.proposed),
    )


def _refuse_half(reading: ElsewhereReading) -> None:
    """A whole list that is cut off or of another kind would give thousands back what they cannot have."""
    before, missing = reading.open_before, len(reading.missing)
    if before >= FEW and missing * 2 > before:
        raise Refused(
            say(
                N_("现有 {before} 人在册，这份完整名单里只有其中 {kept} 人，不到一半，没有导入。"),
                before=before,
                kept=before - missing,
            ),
            fact=say(N_("完整名单里没有的人，视为不再在别处参保，会被恢复为应参保人员")),
            todo=say(N_("请核对名单是否完整、种类和月份是否选对；确有许多人结束的，请改用增减名单并填写结束时间。")),
        )
