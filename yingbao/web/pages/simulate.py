"""What a changed policy would cost the district: sliders, and an answer while they move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, cast

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.policy import Policy, get_policy, list_packs
from yingbao.policy.amounts import amount_of
from yingbao.policy.edits import list_edits, new_findings
from yingbao.policy.format import Subsidy
from yingbao.policy.knobs import Knob, list_knobs
from yingbao.policy.simulate import Line, Simulation
from yingbao.policy.whatif import entries_by_place, what_if
from yingbao.usecases.simulate_policy import Simulated, Whom, simulate_policy
from yingbao.usecases.simulation_workbook import list_assumptions, write_simulation
from yingbao.web.bars import draw_pairs, draw_steps
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import XLSX, attach, shows
from yingbao.web.policies import department_name, identity_name, language, speak
from yingbao.web.requests import WebRequest

LONGEST = 12  # characters of a number
MONEY: tuple[tuple[Literal["personal_fen", "department_fen", "fiscal_fen"], str], ...] = (
    ("personal_fen", N_("个人缴费")),
    ("department_fen", N_("部门资助")),
    ("fiscal_fen", N_("财政补助")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks: a policy, the knobs that were turned, and for whom."""

    before: Policy
    after: Policy
    values: Mapping[str, Decimal]  # place → value, of every knob
    whom: Whom
    stamp: str | None

    @property
    def is_changed(self) -> bool:
        """Whether any knob was turned."""
        return self.after is not self.before


@shows(Right.SIMULATE_POLICY)
def simulate(request: WebRequest) -> HttpResponse:
    """Show the sliders and what they cost; to a moving slider, the answer alone."""
    asked = _read(request)
    done = _simulate(request, asked)
    context = _context(asked, done)
    return render(request, "web/parts/simulated.html" if request.htmx else "web/simulate.html", context)


@shows(Right.SIMULATE_POLICY)
def simulate_file(request: WebRequest) -> HttpResponse:
    """Give the same answer as .xlsx."""
    asked = _read(request)
    done = _simulate(request, asked)
    content = write_simulation(
        done.simulation,
        asked.before,
        asked.after,
        language=language(),
        names=lambda key: done.names.get(key, key),
        towns=done.towns,
    )
    return attach(content, name=f"simulate-{asked.before.name}.xlsx", kind=XLSX)


def _simulate(request: WebRequest, asked: Asked) -> Simulated:
    return simulate_policy(
        request.actor, before=asked.before, after=asked.after, whom=asked.whom, on=read_today(), stamp=asked.stamp
    )


def _read(request: WebRequest) -> Asked:
    before = get_policy(request.GET.get("policy") or settings.YINGBAO_POLICY)
    before.engine  # noqa: B018  a pack that cannot assess says so before anything is counted
    knobs = list_knobs(before)
    values = {knob.place: _value(knob, request.GET.get(knob.place)) for knob in knobs}
    changes = {knob.place: str(values[knob.place]) for knob in knobs if values[knob.place] != knob.value}
    whom = request.GET.get("whom", "enrolled")
    if whom not in ("enrolled", "everyone"):
        raise BadInput(say(N_("表单不完整或已过期，请重新打开页面。")))
    after = what_if(before, changes) if changes else before
    return Asked(before, after, values, cast(Whom, whom), request.GET.get("at"))


def _value(knob: Knob, text: str | None) -> Decimal:
    """Return a slider's value; where none was sent, the value in force. Raises BadInput for one it cannot have."""
    if text is None:
        return knob.value
    try:
        value = Decimal(text) if len(text) <= LONGEST else Decimal(-1)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not knob.least <= value <= knob.most or value % Decimal("0.01"):
        raise BadInput(
            say(N_("“{what}”的数值不正确。"), what=knob.what),
            todo=say(N_("请填写 {least} 至 {most} 之间的数值。"), least=knob.least, most=knob.most),
        )
    return value


# ---------------------------------------------------------------- what the page shows


def _context(asked: Asked, done: Simulated) -> dict[str, Any]:
    simulation = done.simulation
    sliders = _sliders(asked)
    edits = list_edits(asked.before, asked.after) if asked.is_changed else ()
    return {
        "asked": asked,
        "done": done,
        "simulation": simulation,
        "packs": [one for one in map(get_policy, list_packs()) if one.file.assessable],
        "sliders": sliders,
        "plain": [one for one in sliders if not one["knob"].identity],
        "groups": _groups(asked, sliders),
        "figures": [_figure(name, key, simulation.total) for key, name in MONEY],
        "swing": simulation.total.swing,
        "money_chart": draw_pairs([_pair(speak(say(name)), key, simulation.total) for key, name in MONEY]),
        "steps_chart": draw_steps(simulation.steps),
        "tables": _tables(done, asked),
        "chosen": [edit for edit in edits if not edit.follows],
        "following": [edit for edit in edits if edit.follows],
        "findings": new_findings(asked.before, asked.after) if asked.is_changed else (),
        "assumptions": list_assumptions(simulation),
        "unassessed": _unassessed(asked, simulation),
        "now": read_now(),
    }


def _sliders(asked: Asked) -> list[dict[str, Any]]:
    """Return the knobs with the value each stands at, and for a percentage the amount it comes to."""
    entries = entries_by_place(asked.after.file)
    sliders = []
    for number, knob in enumerate(list_knobs(asked.before)):
        value, amount = asked.values[knob.place], ""
        subsidy = entries.get(knob.place.rpartition(".")[0])
        if knob.kind == "percent" and isinstance(subsidy, Subsidy) and subsidy.of_tier != "own":
            amount = format_yuan(amount_of(asked.after.file, subsidy)).removesuffix(".00")
        sliders.append(
            {
                "id": f"k{number}",
                "knob": knob,
                "value": f"{value:f}",
                "amount": amount,
                "turned": value != knob.value,
                "was": f"{knob.value:f}",
                **{name: f"{getattr(knob, name):f}" for name in ("least", "most", "step")},
            }
        )
    return sliders


def _groups(asked: Asked, sliders: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the identities' sliders, by the department that pays, in the pack's order."""
    groups: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for slider in sliders:
        code = slider["knob"].identity
        if code:
            payer = asked.before.identity(code).paid_by or ""
            groups.setdefault(payer, {}).setdefault(code, []).append(slider)
    return [
        {
            "name": department_name(payer),
            "identities": [{"name": identity_name(code), "sliders": found} for code, found in identities.items()],
            "turned": any(slider["turned"] for found in identities.values() for slider in found),
        }
        for payer, identities in groups.items()
    ]


def _figure(name: str, key: str, line: Line) -> dict[str, Any]:
    before, after = getattr(line.before, key), getattr(line.after, key)
    return {"name": speak(say(name)), "before": before, "after": after, "more": after - before}


def _pair(label: str, key: str, line: Line) -> tuple[str, int, int]:
    return label, getattr(line.before, key), getattr(line.after, key)


def _tables(done: Simulated, asked: Asked) -> list[dict[str, Any]]:
    simulation = done.simulation
    places = done.towns if len(done.towns) > 1 else done.villages
    return [
        _table(_("按资助部门"), _("部门"), simulation.by_department, lambda key: department_name(key) or _("没有资助")),
        _table(
            _("按身份"), _("身份"), simulation.by_identity, lambda key: identity_name(key) if key else _("没有资助")
        ),
        _table(_("按档次"), _("档次"), simulation.by_tier, lambda key: _("%(tier)s 档") % {"tier": key}),
        _table(
            _("按镇街") if len(done.towns) > 1 else _("按村社区"),
            _("区划"),
            places,
            lambda key: done.names.get(key, key),
        ),
    ]


def _table(title: str, heading: str, lines: Iterable[Line], name: Any) -> dict[str, Any]:
    rows = [{"name": name(line.key), "line": line, **_mores(line)} for line in lines]
    return {"title": title, "heading": heading, "rows": rows}


def _mores(line: Line) -> dict[str, int]:
    return {f"more_{key}": getattr(line.after, key) - getattr(line.before, key) for key, _name in MONEY}


def _unassessed(asked: Asked, simulation: Simulation) -> list[dict[str, Any]]:
    """Return why some people's amounts are not known, each with the rules that say so."""
    rows = []
    for reasons, persons in simulation.unassessed_after.items():
        rules = [asked.after.explain(rule) for rule in reasons.split(";") if rule]
        rows.append({"persons": persons, "was": simulation.unassessed_before.get(reasons, 0), "rules": rules})
    return rows
