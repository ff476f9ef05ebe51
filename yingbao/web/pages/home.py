"""The workbench's first page, as each role needs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.collection import queries as collection
from yingbao.collection.kinds import Channel
from yingbao.divisions import queries as divisions
from yingbao.ledger import queries as ledger
from yingbao.progress import queries as progress
from yingbao.progress import weekly
from yingbao.progress.weekly import Standing
from yingbao.registry import queries as registry
from yingbao.registry.kinds import FileKind
from yingbao.settlement import queries as settlement
from yingbao.web import policies
from yingbao.web.charts import Curve, draw_curve
from yingbao.web.clock import read_today
from yingbao.web.doors import shows
from yingbao.web.pages.households import show_own_household
from yingbao.web.pages.institutions import show_own_institution
from yingbao.web.requests import WebRequest
from yingbao.worklist import queries as worklist
from yingbao.worklist.kinds import Kind

RECENT = 8


@dataclass(frozen=True, slots=True)
class Total:
    """All villages of the actor together, in the same words as one village's standing."""

    target_persons: int
    target_fen: int
    persons: int
    amount_fen: int
    paid_fen: int
    low_income_persons: int
    low_income_enrolled: int

    @property
    def missing(self) -> int:
        """How many people the target still lacks."""
        return max(self.target_persons - self.persons, 0)


@shows()
def home(request: WebRequest) -> HttpResponse:
    """Show what this role looks at first."""
    actor = request.actor
    if actor.role == Role.RESIDENT:
        return show_own_household(request)
    if actor.role == Role.INSTITUTION:
        return show_own_institution(request)
    if actor.may(Right.SEE_PROGRESS):
        return render(request, "web/dashboard.html", dashboard(actor, read_today()))
    if actor.may(Right.SEE_ROSTERS):
        return render(request, "web/home_department.html", for_department(actor))
    if actor.may(Right.MANAGE_USERS):
        return render(request, "web/home_administrator.html", {"by_role": accounts.count_by_role(actor)})
    return render(request, "web/home_notices.html")


def dashboard(actor: Actor, today: date) -> dict[str, Any]:
    """Return progress, money and what is to be seen to, in a constant number of statements."""
    policy = policies.current()
    rows = weekly.standings(actor, year=policy.year, on=today, low_income=policy.low_income)
    total, deadline = add_up(rows), progress.deadline(actor, year=policy.year)
    context: dict[str, Any] = {
        "place": divisions.get(actor.division_code) if actor.division_code else None,
        "year": policy.year,
        "rows": rank(rows),
        "total": total,
        "deadline": deadline,
        "days_left": (deadline - today).days if deadline else None,
        "curve": curve_of(actor, total, today, deadline),
        "exceptions": exceptions(actor, today),
        "channels": channels_of(actor, policy.year),
    }
    if actor.may(Right.SEE_MONEY):
        context["money"] = ledger.money_check(actor, year=policy.year)
    if actor.may(Right.SEE_SETTLEMENT):
        context["payers"] = payers_of(actor, policy.year)
    return context


def add_up(rows: Iterable[Standing]) -> Total:
    """Return the sums of some villages' standings."""
    held = list(rows)
    return Total(
        target_persons=sum(row.target_persons for row in held),
        target_fen=sum(row.target_fen for row in held),
        persons=sum(row.done.persons for row in held),
        amount_fen=sum(row.done.amount_fen for row in held),
        paid_fen=sum(row.done.paid_fen for row in held),
        low_income_persons=sum(row.low_income_persons for row in held),
        low_income_enrolled=sum(row.done.low_income_enrolled for row in held),
    )


def rank(rows: Iterable[Standing]) -> list[Standing]:
    """Return villages with the best completion first; equal ones in code order."""
    return sorted(rows, key=lambda row: (-(row.persons_percent or 0), row.division_code))


def curve_of(actor: Actor, total: Total, today: date, deadline: date | None) -> Curve | None:
    """Return the weekly curve of people done, ending today."""
    weeks = weekly.weeks(actor, year=policies.current().year)
    points = [(on, persons) for on, persons, _fen in weeks if on <= today]
    if points and points[-1][0] < today:
        points.append((today, total.persons))
    return draw_curve(points, target=total.target_persons, deadline=deadline)


def exceptions(actor: Actor, today: date) -> list[dict[str, Any]]:
    """Return each kind of open work item with how many there are and how many are overdue."""
    return [
        {"kind": kind, "label": Kind(kind).label, "open": open_, "overdue": overdue}
        for kind, open_, overdue in worklist.count_open(actor, today=today)
    ]


def channels_of(actor: Actor, year: int) -> list[dict[str, Any]]:
    """Return how money came in, most first."""
    rows = collection.by_channel(actor, year=year)
    return [{"label": Channel(channel).label, "payments": payments, "fen": fen} for channel, payments, fen in rows]


def payers_of(actor: Actor, year: int) -> list[dict[str, Any]]:
    """Return who pays what: people themselves are in the total; here the departments, most first."""
    owed = settlement.owed_by_identity(actor, year=year)
    by_payer: dict[str, list[int]] = {}
    for identity, persons, fen in owed:
        sums = by_payer.setdefault(policies.payer_of(identity), [0, 0])
        sums[0] += persons
        sums[1] += fen
    rows = [{"label": policies.department_name(code), "persons": p, "fen": fen} for code, (p, fen) in by_payer.items()]
    return sorted(rows, key=lambda row: -row["fen"])


def for_department(actor: Actor) -> dict[str, Any]:
    """Return a department's own rosters and settlement lists."""
    return {
        "department": policies.department_name(actor.department) if actor.department else _("全部部门"),
        "files": registry.files(actor, FileKind.ROSTER)[:RECENT],
        "lists": settlement.lists(actor)[:RECENT],
    }
