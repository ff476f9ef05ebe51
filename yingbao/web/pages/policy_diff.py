"""What one pack says otherwise than another, as a page anybody may read: both sides, each with its clause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, Message, say
from yingbao.policy import Policy, get_policy, list_packs
from yingbao.policy.differences import KINDS, Basis, Change, compare_packs
from yingbao.web.policies import speak

CHIPS = {"added": "good", "removed": "bad", "changed": "warn", "moved": "info", "reworded": "warn"}


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Lead from two chosen packs to their comparison."""
    names = [request.GET.get(side, "") for side in ("before", "after")]
    if not set(names) <= set(list_packs()):
        raise NotFound(say(N_("没有这个政策包。")))
    return HttpResponseRedirect(reverse("policy-diff", args=names))


@require_safe
def policy_diff(request: HttpRequest, name: str, other: str) -> HttpResponse:
    """Show what differs between two packs, section by section, and where each side's value stands."""
    before, after = get_policy(name), get_policy(other)
    found = compare_packs(before.pack, after.pack)
    sections = [
        {"name": speak(section), "changes": [_show(change, before, after) for change in changes], "number": number}
        for number, (section, changes) in enumerate(found.sections())
    ]
    amends = after.file.amends
    context = {
        "before": before,
        "after": after,
        "titles": [speak(policy.title) for policy in (before, after)],
        "sections": sections,
        "kinds": [
            {"name": speak(say(text)), "chip": CHIPS[kind], "count": count}
            for kind, text in KINDS.items()
            if (count := sum(change.kind == kind for change in (*found.values, *found.rules)))
        ],
        "amends": amends if amends and amends.pack == before.name else None,
        "packs": list_packs(),
    }
    return render(request, "web/policy_diff.html", context)


def _show(change: Change, before: Policy, after: Policy) -> dict[str, Any]:
    return {
        "title": speak(change.title),
        "place": change.place,
        "kind": speak(say(KINDS[change.kind])),
        "chip": CHIPS[change.kind],
        "sides": [
            _side(_("原"), [(field.label, field.before) for field in change.fields], change.before, before),
            _side(_("现"), [(field.label, field.after) for field in change.fields], change.after, after),
        ],
    }


def _side(
    heading: str, fields: Sequence[tuple[Message, Message]], basis: Basis | None, policy: Policy
) -> dict[str, Any]:
    """Return one side of a change: what it says, its clauses, and the pack it comes from."""
    if basis is None:
        return {"heading": heading}
    return {
        "heading": heading,
        "fields": [{"label": speak(label), "value": speak(value)} for label, value in fields],
        "rules": [rule.id for rule in basis.rules],
        "pack": policy.name,
        "origin": basis.origin,
    }
