"""What ``yingbao import`` does once Django is set up; loaded by ``late.call`` only."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from yingbao.accounts.actors import Actor
from yingbao.accounts.queries import actor_named
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, Message, say, translate
from yingbao.policy import get_policy
from yingbao.registry.kinds import FileKind
from yingbao.storage.fields import Json
from yingbao.usecases import files_in
from yingbao.usecases.assign_mending import close_mended
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_deaths import accept_deaths, check_deaths
from yingbao.usecases.import_elsewhere import accept_elsewhere, check_elsewhere
from yingbao.usecases.import_register import accept_register, check_register
from yingbao.usecases.import_rosters import accept_roster, check_roster
from yingbao.usecases.import_targets import accept_targets, check_targets
from yingbao.usecases.watch_register import watch_register
from yingbao.usecases.withdraw_file import withdraw_file

SHOWN = 50
CHECKS: dict[str, Callable[..., Json]] = {
    FileKind.TARGETS: check_targets,
    FileKind.REGISTER: check_register,
    FileKind.ROSTER: check_roster,
    FileKind.ELSEWHERE: check_elsewhere,
    FileKind.DEATHS: check_deaths,
}
ACCEPTS: dict[str, Callable[..., Json]] = {
    FileKind.TARGETS: accept_targets,
    FileKind.REGISTER: accept_register,
    FileKind.ROSTER: accept_roster,
    FileKind.ELSEWHERE: accept_elsewhere,
    FileKind.DEATHS: accept_deaths,
}
COUNTS = {
    "rows": N_("总行数"),
    "good_rows": N_("没有问题的行"),
    "bad_rows": N_("有问题的行"),
    "warnings": N_("提醒"),
    "already": N_("台账中已有"),
    "changed": N_("有变更的人员"),
    "residents": N_("新增人员"),
    "households": N_("新增户"),
    "added": N_("新增身份"),
    "removed": N_("减少身份"),
    "begins": N_("开始"),
    "ends": N_("按行结束"),
    "missing": N_("名单中已没有，结束"),
    "deaths": N_("登记死亡"),
    "outside": N_("不在本台账"),
    "questions": N_("待认定"),
    "emptied": N_("撤销的新增"),
    "reopened": N_("恢复的结束"),
    "restored": N_("恢复在册"),
    "kept": N_("之后另有改动，未恢复"),
    "opened_items": N_("新立待办"),
    "closed_items": N_("关闭待办"),
    "targets": N_("目标任务条数"),
    "replaced": N_("替换的目标任务"),
}


def check(*, file: Path, kind: str, user: str, key: str, password: str, facts: Json, lang: str) -> None:
    """Check a file and print what was found."""
    actor = _actor(user)
    upload, console = Upload(name=file.name, path=file, password=password), Console()
    watched: AbstractContextManager[Json] = _progress(console, lang) if kind == FileKind.REGISTER else nullcontext({})
    with watched as told_how_far:
        answer = CHECKS[kind](actor, upload=upload, key=_key(key), at=timezone.now(), **facts, **told_how_far)
    _print_counts(console, answer, lang)
    _print_problems(console, actor, kind, answer["file_id"], lang)
    told = say(N_("还没有入账。确认：yingbao import accept {kind} {file_id}"), kind=kind, file_id=answer["file_id"])
    console.print(told.render(lang), style="bold")


@contextmanager
def _progress(console: Console, lang: str) -> Iterator[Json]:
    """Show how many rows have been read, where somebody watches; give what the check must be told for that."""
    with console.status("") as status:

        def tell(count: int) -> None:
            status.update(say(N_("已读 {count} 行"), count=f"{count:,}").render(lang))

        yield {"progress": tell}


def accept(*, kind: str, file_id: int, user: str, key: str, lang: str) -> None:
    """Accept a checked file and print what came in."""
    answer = ACCEPTS[kind](_actor(user), file_id=file_id, key=_key(key), at=timezone.now())
    _print_counts(Console(), answer, lang)


def withdraw(*, kind: str, file_id: int, user: str, reason: str, policy: str, key: str, lang: str) -> None:
    """Take an accepted list back and print what was undone."""
    common: dict[str, Any] = {
        "file_id": file_id,
        "reason": reason,
        "policy_name": policy,
        "key": _key(key),
        "at": timezone.now(),
    }
    _print_counts(Console(), withdraw_file(_actor(user), kind=FileKind(kind), **common), lang)


def watch(*, user: str, on: date | None, policy: str, lang: str) -> None:
    """Open and close work items for who should not be enrolled and for what has been mended; print how many."""
    now = timezone.now()
    year = get_policy(policy).year
    actor, today = _actor(user), on or timezone.localdate(now)
    answer = watch_register(actor, year=year, on=today, at=now)
    answer["closed_items"] += close_mended(actor, on=today, at=now)
    _print_counts(Console(), answer, lang)


def discard(*, kind: str, file_id: int, user: str, key: str, lang: str) -> None:
    """Discard a checked file."""
    files_in.discard_file(_actor(user), file_id=file_id, kind=FileKind(kind), key=_key(key), at=timezone.now())
    Console().print(say(N_("已放弃文件 {file_id}"), file_id=file_id).render(lang))


def save_rejects(*, kind: str, file_id: int, user: str, out: Path, lang: str) -> None:
    """Write a file's rejected rows where the user says, for the user's eyes only."""
    workbook = files_in.read_rejects(_actor(user), file_id=file_id, kind=FileKind(kind))
    if workbook is None:
        raise NotFound(say(N_("这份文件没有被退回的行")))
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(workbook)
    Console().print(str(out), markup=False)


def _actor(user: str) -> Actor:
    try:
        return actor_named(user)
    except ObjectDoesNotExist as error:
        raise NotFound(say(N_("没有这个用户：{user}"), user=user)) from error


def _key(key: str) -> str:
    return key or f"cli-{uuid.uuid4()}"


def _print_counts(console: Console, answer: Json, lang: str) -> None:
    for name, label in COUNTS.items():
        if name in answer:
            console.print(f"{translate(label, lang)}: [bold]{answer[name]:,}[/]", highlight=False)


def _print_problems(console: Console, actor: Actor, kind: str, file_id: int, lang: str) -> None:
    problems = files_in.read_problems(actor, file_id=file_id, kind=FileKind(kind))
    if not problems:
        return
    table = Table()
    for heading in (N_("行"), N_("列"), N_("所填内容"), N_("问题")):
        table.add_column(translate(heading, lang))
    for problem in problems[:SHOWN]:
        colour = "red" if problem.fatal else "yellow"
        reason = f"[{colour}]{escape(problem.reason.render(lang))}[/]"
        table.add_row(str(problem.row or ""), problem.column, escape(problem.value), reason)
    console.print(table)
    if len(problems) > SHOWN:
        more: Message = say(N_("另有 {count} 处问题"), count=len(problems) - SHOWN)
        console.print(more.render(lang))
