"""Lists of deaths: who has died is of the register no longer, from the day of death (BN-4.4c)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.kernel.errors import BadInput, Forbidden
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.registry import operations
from yingbao.registry.editing.history import Why
from yingbao.registry.elsewhere import deaths
from yingbao.registry.elsewhere.death_rows import DeathReading, read_deaths
from yingbao.registry.kinds import Action, FileKind
from yingbao.registry.recognising import proposing
from yingbao.sheets import Table
from yingbao.sheets.layouts import DEATHS
from yingbao.storage.fields import Json
from yingbao.usecases import files_found, files_in
from yingbao.usecases.files_found import Found, Place, Upload
from yingbao.usecases.watch_register import watch_within

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile


def check_deaths(actor: Actor, *, upload: Upload, month: date, policy_name: str, key: str, at: datetime) -> Json:
    """Check a list of deaths, which came in a month, against the register; nobody is marked yet.

    Returns ``{"file_id", "rows", "good_rows", "bad_rows", "problems", "warnings", "deaths", "already", "outside",
    "questions"}``. Raises Forbidden, BadInput for a file that cannot be read, Refused for one accepted before.
    """
    actor.must(Right.IMPORT_ELSEWHERE)
    if actor.division_code is None:
        raise Forbidden(say(N_("您没有所属的行政区划，不能导入名单。")))
    if month.day != 1:
        raise BadInput(say(N_("名单的月份应以当月第一天表示。")))
    upload = replace(upload, options={"policy": policy_name})
    place = Place(kind=FileKind.DEATHS, division_code=actor.division_code, month=month)
    table = files_found.open_table(upload, DEATHS)
    found = _found(table, _read(table, place.division_code, at))
    return files_in.keep_checked(actor, upload, place, found, key=key, at=at)


def accept_deaths(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Mark as dead whom a checked list names, all or none; rows are judged again first.

    Identities without an end, end the day after the death. Who has paid and died before cover begins becomes a work
    item at once. Returns check's counts as they are now, with ``{"opened_items", "closed_items"}``. Raises
    Forbidden, NotFound outside the actor's scope, Refused where the file is decided or its bytes are gone.
    """
    actor.must(Right.IMPORT_ELSEWHERE)
    upload = files_in.find_waiting(actor, file_id, FileKind.DEATHS)
    table = files_found.open_table(upload, DEATHS) if upload else None

    def effect(file: ImportedFile) -> Found:
        assert upload is not None and table is not None
        reading = _read(table, file.division_id, at)
        found = _found(table, reading)
        operations.tell_differences(file, found.differences)
        deaths.enter_deaths(reading.deaths, file=file, why=Why(actor, Action.DEATH, at, file=file, key=key))
        year = get_policy(str(upload.options["policy"])).year
        scope = divisions.get(file.division_id).scope
        watched = watch_within(actor, scope, year=year, on=files_in.today(at), at=at)
        return replace(found, extra={**found.extra, **watched})

    return files_in.accept(actor, file_id=file_id, kind=FileKind.DEATHS, upload=upload, key=key, at=at, effect=effect)


def discard_deaths(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Say that a checked list is not wanted. Raises as ``files_in.discard_file`` does."""
    return files_in.discard_file(actor, file_id=file_id, kind=FileKind.DEATHS, key=key, at=at)


def _read(table: Table, division_code: int, at: datetime) -> DeathReading:
    return read_deaths(table, scope=divisions.get(division_code).scope, on=files_in.today(at))


def _found(table: Table, reading: DeathReading) -> Found:
    listed = reading.listed
    counts = {
        **{"deaths": len(reading.deaths), "already": reading.already},
        **{"outside": listed.outside, "questions": len(listed.questions)},
    }
    return Found(
        table=table,
        good_rows=len(listed.lines) - listed.bad_rows(),
        problems=listed.problems,
        extra=counts,
        differences=counts,
        beside=lambda file: proposing.ask(file, listed.questions, listed.proposed),
    )
