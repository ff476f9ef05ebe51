"""What the site's commands do once Django is set up; loaded by ``late.call`` only."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Role
from yingbao.demo.cast import PASSWORD, demo_logins
from yingbao.demo.run import run
from yingbao.demo.show import Show
from yingbao.divisions.codes import Scope
from yingbao.kernel.messages import N_, say, translate
from yingbao.policy import get_policy
from yingbao.usecases.nightly import run_night
from yingbao.usecases.verify import verify

EVERYWHERE = Scope(0, 10**12)
COUNTED = {
    "late": N_("逾期"),
    "opened_items": N_("新增待办"),
    "closed_items": N_("办结待办"),
    "missing": N_("未参保"),
    "opened": N_("新增待办"),
    "closed": N_("办结待办"),
}


def migrate() -> None:
    """Bring the database's tables up to date."""
    call_command("migrate", verbosity=0)


def play(*, home: Path, seed: int, lang: str | None, port: int) -> bool:
    """Play the demo into a fresh database; return whether every proof holds. ``port``: where it will be served."""
    migrate()
    return run(Show(Console(), _language(lang), f"http://127.0.0.1:{port}"), home=home, seed=seed)


def print_logins(*, lang: str | None, port: int) -> None:
    """Print where the site is and one login per role."""
    language = _language(lang)
    console = Console()
    table = Table(title=translate(N_("演示登录"), language), title_justify="left")
    for heading in (N_("角色"), N_("用户名"), N_("密码"), N_("范围")):
        table.add_column(translate(heading, language))
    for login in demo_logins(language):
        table.add_row(login.role, login.username, PASSWORD, login.place)
    console.print(table)
    console.print(f"[bold green]http://127.0.0.1:{port}/[/]  {translate(N_('（按 Ctrl+C 结束）'), language)}")


def print_proofs(*, year: int | None, lang: str | None) -> bool:
    """Print every proof of the books; return whether all hold."""
    language = _language(lang)
    auditor = Actor(user_id=0, name="verify", role=Role.AUDITOR, scope=EVERYWHERE)
    proofs = verify(auditor, year=year or get_policy(settings.YINGBAO_POLICY).year)
    console = Console()
    for check in proofs:
        mark = "[green]✔[/]" if check.holds else "[red]✘[/]"
        broken = "" if check.holds else f"  [red]{len(check.broken)}[/]: {check.broken[:20]}"
        console.print(f"{mark} {check.name:<20} {check.sentence.render(language)}{broken}", highlight=False)
    return all(check.holds for check in proofs)


def print_night(*, on: date | None, lang: str | None) -> bool:
    """Run the nightly watch and print what it brought; return whether all of it is well."""
    language, now = _language(lang), timezone.now()
    day = on or (date.fromisoformat(settings.YINGBAO_TODAY) if settings.YINGBAO_TODAY else timezone.localdate(now))
    night = run_night(policy_name=settings.YINGBAO_POLICY, on=day, at=now)
    console = Console()
    for name, counts in night.counts.items():
        told = "  ".join(f"{translate(COUNTED[key], language)} {n:,}" for key, n in counts.items())
        console.print(f"{translate(name, language)}: {told}", highlight=False)
    for town, watch, error in night.failed:
        console.print(f"[red]✘[/] {town} {watch.render(language)}: {error.render(language)}", highlight=False)
    broken = [check for check in night.proofs if not check.holds]
    for check in broken:
        console.print(f"[red]✘[/] {check.name}: {check.sentence.render(language)} {check.broken[:20]}", highlight=False)
    words = say(N_("核对 {all} 项，不符 {broken} 项"), all=len(night.proofs), broken=len(broken))
    console.print(words.render(language), highlight=False)
    return night.is_well


def _language(lang: str | None) -> str:
    return lang or os.environ.get("YINGBAO_LANG", "zh")
