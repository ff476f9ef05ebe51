"""What ``yingbao reassess`` does once Django is set up; loaded by ``late.call`` only."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from yingbao.accounts.actors import Actor
from yingbao.accounts.queries import actor_named
from yingbao.kernel.errors import Conflict, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.policy import get_policy
from yingbao.usecases.reassess_open import OpenChange, Preview, preview_reassessment, reassess_open

SHOWN = 50
STAMP = 12  # characters of the code one types


def run(*, username: str, on: date | None, confirm: str, lang: str) -> None:
    """Print whom the site's policy changes; with the code of an earlier look, write it down."""
    actor = _actor(username)
    today = date.fromisoformat(settings.YINGBAO_TODAY) if settings.YINGBAO_TODAY else timezone.localdate()
    name = settings.YINGBAO_POLICY
    preview = preview_reassessment(actor, policy_name=name, on=on or today)
    console = Console()
    if not confirm:
        _show(console, preview, lang)
        return
    if confirm != preview.stamp[:STAMP]:
        raise Conflict(say(N_("显示之后又有变化，没有重新测算。")), todo=say(N_("请重新查看受影响的人员，再确认。")))
    key = f"reassess-{preview.stamp}"
    answer = reassess_open(actor, policy_name=name, on=preview.on, stamp=preview.stamp, key=key, at=timezone.now())
    yuan = format_yuan(answer["difference_fen"])
    done = say(N_("已重新测算 {changed} 人，应缴合计变化 {yuan} 元"), changed=answer["changed"], yuan=yuan)
    console.print(escape(done.render(lang)), highlight=False)


def _show(console: Console, preview: Preview, lang: str) -> None:
    sentence = say(
        N_("政策 {policy}，按 {day} 缴清：未缴费 {open} 人，其中 {changed} 人应缴或资助有变化，合计 {yuan} 元"),
        policy=preview.policy,
        day=preview.on,
        open=preview.open,
        changed=len(preview.changed),
        yuan=format_yuan(preview.difference_fen),
    )
    console.print(escape(sentence.render(lang)), highlight=False)
    for title, changes in (
        (N_("应缴或资助有变化的"), preview.changed),
        (N_("这一天不能收款，保持不变的"), preview.not_taken),
        (N_("现金已收未到账、到账时会不足的"), preview.short),
    ):
        if changes:
            console.print(_table(f"{say(title).render(lang)} ({len(changes)})", changes, preview, lang))
    if preview.changed:
        told = say(N_("确认码：{code}（加上 --confirm {code} 写入）"), code=preview.stamp[:STAMP])
        console.print(escape(told.render(lang)), highlight=False)


def _table(title: str, changes: tuple[OpenChange, ...], preview: Preview, lang: str) -> Table:
    table = Table(title=title, title_justify="left")
    headings = (N_("人员编号"), N_("原应缴"), N_("现应缴"), N_("原资助身份"), N_("现资助身份"), N_("依据规则"))
    for heading in headings:
        table.add_column(say(heading).render(lang), overflow="fold")
    identities = get_policy(preview.policy).vocabulary.identities
    for one in changes[:SHOWN]:
        codes = (one.identity_before, one.identity_after)
        names = [identities[code].name.render(lang) if code in identities else code or "–" for code in codes]
        after = "–" if one.after_fen is None else format_yuan(one.after_fen)
        new = [rule for rule in one.reasons_after if rule not in one.reasons_before]
        table.add_row(str(one.resident_id), format_yuan(one.before_fen), after, *names, " ".join(new))
    return table


def _actor(username: str) -> Actor:
    try:
        return actor_named(username)
    except ObjectDoesNotExist:
        raise NotFound(say(N_("没有名为“{name}”的用户。"), name=username)) from None
