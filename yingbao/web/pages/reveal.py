"""One number in full, once, for a reason: asked for beside the masked one, gone when hidden or the page is left."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.registry import queries as registry
from yingbao.registry.eligibility.papers import reviews_of
from yingbao.usecases import reveal as revealing
from yingbao.web.clock import read_now
from yingbao.web.doors import changes, shows
from yingbao.web.requests import WebRequest, read_text

PART, PAGE = "web/parts/reveal.html", "web/reveal.html"


@shows(Right.SEE_FULL_NUMBERS)
def reveal(request: WebRequest, resident_id: int) -> HttpResponse:
    """Ask for the reason; with ``hide`` show the masked value again."""
    field = request.GET.get("field", revealing.CERTIFICATE)
    if field not in revealing.FIELDS:
        raise NotFound(say(N_("没有这一项。")))
    state = "masked" if request.GET.get("hide") else "asking"
    return _show(request, resident_id, field, {"state": state})


@changes(Right.SEE_FULL_NUMBERS)
def reveal_now(request: WebRequest, resident_id: int) -> HttpResponse:
    """Show the value in this one answer."""
    field, reason = read_text(request, "field", limit=40), read_text(request, "reason")
    try:
        value = revealing.reveal(request.actor, resident_id=resident_id, field=field, reason=reason, at=read_now())
    except BadInput as error:
        if not request.htmx or field not in revealing.FIELDS:
            raise
        told = error.render(get_language() or "zh")
        return _show(request, resident_id, field, {"state": "asking", "told": told, "reason": reason})
    return _show(request, resident_id, field, {"state": "shown", "value": value})


def _show(request: WebRequest, resident_id: int, field: str, context: dict[str, Any]) -> HttpResponse:
    if field == revealing.DOCUMENT:
        context["review"] = next(iter(reviews_of(resident_id)), None)
    context |= {
        "person": registry.resident(request.actor, resident_id),
        "field": field,
        "label": say(revealing.FIELDS[field]),
        "least": revealing.SHORTEST_REASON,
        "most": revealing.LONGEST_REASON,
    }
    return render(request, PART if request.htmx else PAGE, context)
