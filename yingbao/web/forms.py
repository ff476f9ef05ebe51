"""What forms of the register share: values to show again, choices, and what was refused told beside the form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from yingbao.kernel.certificates import FORM_NAMES, Form, form_named
from yingbao.kernel.errors import YingbaoError
from yingbao.kernel.messages import say
from yingbao.registry.kinds import Evidence
from yingbao.usecases.groups import bases
from yingbao.web import policies
from yingbao.web.middleware import status_of
from yingbao.web.requests import WebRequest, new_key, parse_date, read_text


def show_form(
    request: WebRequest, template: str, context: Mapping[str, Any], error: YingbaoError | None
) -> HttpResponse:
    """Render a form's page with a key of its own; after a refusal with why, and everything as it was typed."""
    told = {"error": error, "key": new_key()}
    return render(request, template, {**context, **told}, status=status_of(error) if error else 200)


def typed(request: WebRequest, names: Iterable[str]) -> dict[str, str]:
    """Return field → what was typed, for a form that comes back."""
    return {name: request.POST.get(name, "") for name in names}


def as_written(values: Mapping[str, object]) -> dict[str, str]:
    """Return a record's values as form fields hold them."""
    return {name: _written(value) for name, value in values.items()}


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else str(value)  # a date writes itself as 2022-12-20


def evidence_choices() -> list[tuple[str, Any]]:
    """Return (code, label) of the evidence the year's groups ask for."""
    known = bases(policies.current())
    return [(one.value, one.label) for one in Evidence if one in known]


def form_choices() -> list[tuple[str, str]]:
    """Return (code, label) of the kinds of certificate."""
    return [(form.value, policies.speak(say(FORM_NAMES[form]))) for form in Form if form is not Form.DISABILITY]


def read_form(request: WebRequest) -> Form | None:
    """Return the kind of certificate that was chosen, None where the number is to tell."""
    return form_named(read_text(request, "form")) if request.POST.get("form") else None


def read_optional_date(request: WebRequest, name: str) -> date | None:
    """Return a posted day, None for an empty field. Raises BadInput."""
    text = read_text(request, name)
    return parse_date(text) if text else None
