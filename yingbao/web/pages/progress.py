"""Progress against target: now, and as reported each Thursday (PJ-8.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.progress import queries, weekly
from yingbao.usecases.papers import write_weekly_table
from yingbao.usecases.report_week import report_week
from yingbao.web import policies
from yingbao.web.charts import draw_curve
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import XLSX, attach, changes, shows
from yingbao.web.requests import WebRequest, parse_date


@shows(Right.SEE_PROGRESS)
def progress(request: WebRequest) -> HttpResponse:
    """Show the weekly tables and the curve they make."""
    actor, year = request.actor, policies.current().year
    weeks = weekly.weeks(actor, year=year)
    target = queries.target_persons(actor, year=year)
    rows = [
        {"on": on, "persons": persons, "fen": fen, "more": persons - (weeks[n - 1][1] if n else 0)}
        for n, (on, persons, fen) in enumerate(weeks)
    ]
    points = [(on, persons) for on, persons, _fen in weeks]
    curve = draw_curve(points, target=target, deadline=queries.deadline(actor, year=year))
    return render(request, "web/progress.html", {"rows": rows[::-1], "target": target, "curve": curve})


@shows(Right.SEE_PROGRESS)
def week(request: WebRequest, cut_off: str) -> HttpResponse:
    """Show one Thursday's table as it was reported."""
    on = parse_date(cut_off)
    rows = lines_of(request.actor, on)
    context = {"on": on, "rows": rows, "total": {name: sum(row[name] for row in rows) for name in SUMMED}}
    return render(request, "web/week.html", context)


@shows(Right.SEE_PROGRESS)
def week_file(request: WebRequest, cut_off: str) -> HttpResponse:
    """Give one Thursday's table as .xlsx."""
    content = write_weekly_table(request.actor, year=policies.current().year, cut_off_on=parse_date(cut_off))
    return attach(content, name=f"weekly-{cut_off}.xlsx", kind=XLSX)


@changes(Right.REPORT_PROGRESS)
def report(request: WebRequest) -> HttpResponse:
    """Keep today's figures as a weekly table."""
    today = read_today()
    report_week(request.actor, policy_name=settings.YINGBAO_POLICY, cut_off_on=today, at=read_now())
    messages.success(request, _("已生成截至今天的进度表。"))
    return redirect("week", cut_off=today.isoformat())


SUMMED = ("persons", "fen", "target_persons", "target_fen", "low_income_persons", "low_income_enrolled")


def lines_of(actor: Actor, on: date) -> list[dict[str, Any]]:
    """Return a week's lines with their targets, best completion first. Raises NotFound where none was reported."""
    year = policies.current().year
    targets = queries.targets(actor, year=year)
    rows = [_row(line, targets.get(line.division_id)) for line in queries.week_lines(actor, year=year, cut_off_on=on)]
    if not rows:
        raise NotFound(say(N_("这一天没有报送进度表。")))
    return sorted(rows, key=lambda row: (-row["persons"] / max(row["target_persons"], 1), row["code"]))


def _row(line: Any, target: Any) -> dict[str, Any]:
    return {
        "code": line.division_id,
        "name": weekly.line_name(line.division),
        "persons": line.persons,
        "fen": line.amount_fen,
        "target_persons": target.persons if target else 0,
        "target_fen": target.amount_fen if target else 0,
        "low_income_persons": line.low_income_persons,
        "low_income_enrolled": line.low_income_enrolled,
    }
