"""The rules as pages anybody may read (PJ-8.3.2): rates, identities, windows, and where the notice is silent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yingbao.kernel.periods import DAY
from yingbao.policy import Policy, get_policy, list_packs
from yingbao.policy.format import Silence, Window
from yingbao.policy.lint import lint
from yingbao.policy.saying import say_start
from yingbao.web.charts import place_span
from yingbao.web.clock import read_today
from yingbao.web.policies import department_name, identity_name, population_name, speak

WIDE = 1000  # the calendar's width in the drawing's own units
QUARTERS = (1, 4, 7, 10)


@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """List the packs."""
    found = [get_policy(name) for name in list_packs()]
    rows = [{"policy": one, "title": speak(one.title), "documents": one.file.documents} for one in found]
    return render(request, "web/policies.html", {"rows": rows})


@require_safe
def policy(request: HttpRequest, name: str) -> HttpResponse:
    """Show one pack's values, each with the clause it rests on, and what lint finds in it."""
    found = get_policy(name)
    context = {
        "policy": found,
        "file": found.file,
        "title": speak(found.title),
        "rates": [{"rate": rate, "name": population_name(rate.population)} for rate in found.file.rates],
        "identities": identity_rows(found),
        "tiers": found.tiers,
        "calendar": draw_calendar(found),
        "today": read_today(),
        "rules": found.pack.rules.values(),
        "interpretations": [rule for rule in found.pack.rules.values() if rule.interpretation],
        "silent": [rule for rule in found.pack.rules.values() if rule.ask],
        "findings": lint(found.pack),
    }
    return render(request, "web/policy.html", context)


@require_safe
def rule(request: HttpRequest, name: str, rule_id: str) -> HttpResponse:
    """Show one rule: the sentence, where it stands, how it is read."""
    found = get_policy(name)
    context = {"policy": found, "title": speak(found.title), "rule": found.explain(rule_id)}
    return render(request, "web/rule.html", context)


def identity_rows(found: Policy) -> list[dict[str, Any]]:
    """Return the pack's identities in its order, an amount per tier, who confirms and who pays."""
    return [
        {
            "code": one.code,
            "name": identity_name(one.code),
            "amounts": [one.amount_fen(tier) for tier in found.tiers],
            "until": one.before - DAY if one.before else None,
            "confirmed_by": department_name(one.confirmed_by or ""),
            "paid_by": department_name(one.paid_by or ""),
            "rules": sorted({rule for s in one.subsidies if (rule := s.rule)} | {one.before_rule or ""} - {""}),
        }
        for one in found.identities.values()
        if one.subsidies
    ]


def draw_calendar(found: Policy) -> dict[str, Any] | None:
    """Return the pack's windows and silences as bars over the months they span; None where it has none."""
    file = found.file
    if not file.windows:
        return None
    days: list[Window | Silence] = [*file.windows, *file.silences]
    over = (min(one.first_day for one in days).replace(day=1), max(one.last_day for one in days) + DAY)
    bars = [_bar(one, over) for one in sorted(days, key=lambda one: one.first_day)]
    for place, bar in enumerate(bars):
        bar["y"] = 22 + 26 * place
    return {"bars": bars, "months": list(_months(*over)), "height": 26 * len(bars)}


def _bar(one: Window | Silence, over: tuple[date, date]) -> dict[str, Any]:
    """Return a bar with what is said beside it: from when one is covered, by which rules."""
    if isinstance(one, Silence):
        look, starts, rules, centralised = "gap", _("文件没有规定，须请示区医保局"), [one.rule], False
    else:
        look, starts = "" if one.centralised else "alt", _starts(one)
        rules, centralised = [one.rule, one.coverage_rule], one.centralised
    span = place_span(one.first_day, one.last_day + DAY, over=over, wide=WIDE, look=look)
    named = [rule for rule in dict.fromkeys(rules) if rule]
    return {"span": span, "starts": starts, "rules": named, "centralised": centralised}


def _starts(window: Window) -> str:
    if window.coverage.starts == "silent":
        return _("文件没有规定，须请示区医保局")
    return speak(say_start(window.coverage))


def _months(first: date, past: date) -> Iterator[dict[str, Any]]:
    begin = first
    while begin < past:
        end = (begin + 31 * DAY).replace(day=1)
        span = place_span(begin, end, over=(first, past), wide=WIDE, look="")
        if span is not None:
            yield {
                "x": span.x,
                "x_text": span.x + 4,
                "label": f"{begin:%Y-%m}" if begin.month in QUARTERS else f"{begin:%m}",
            }
        begin = end
