"""Who acts, in which language, and what is said when the rules say no."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from yingbao.accounts.actors import nobody
from yingbao.accounts.queries import actor_of
from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, YingbaoError
from yingbao.web.requests import WebRequest
from yingbao.web.words import FIELDS

Handler = Callable[[HttpRequest], HttpResponse]
STATUSES: dict[type[YingbaoError], int] = {BadInput: 400, Forbidden: 403, NotFound: 404, Conflict: 409}
REFUSED = 409
CODE = re.compile(r"[a-z][a-z-]*")
NOT_KEPT = {"password", "password_again"}
LANGUAGES = {code for code, _name in settings.LANGUAGES}


class LanguageMiddleware:
    """Speak Chinese unless the reader switched: what the browser was installed in says little in an office."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        with translation.override(chosen if chosen in LANGUAGES else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response


class ActorMiddleware:
    """Put the actor on the request, once; whoever has not logged in may do and see nothing."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        cast(WebRequest, request).actor = actor_of(request.user) if request.user.is_authenticated else nobody()
        return self.get_response(request)


class SentenceMiddleware:
    """Turn an error of ours into a page: what happened, which fact says so, what to do next."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer our own errors; leave the others to Django."""
        return say_error(request, error) if isinstance(error, YingbaoError) else None


def say_error(request: HttpRequest, error: YingbaoError) -> HttpResponse:
    """Return the page that says ``error`` in the reader's language, with what was typed ready to be sent again."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    parts = {"what": error.what, "fact": error.fact, "todo": error.todo}
    context: dict[str, Any] = {name: part.render(language) for name, part in parts.items() if part}
    context["typed"] = [(name, value, _label(name, value)) for name, value in _typed(request)]
    context["mendable"] = any(label for _name, _value, label in context["typed"])
    response = render(request, "web/sentence.html", context, status=status_of(error))
    response.headers["Cache-Control"] = "no-store"
    return response


def status_of(error: YingbaoError) -> int:
    """Return the HTTP status of an error; a rule that says no is 409."""
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), REFUSED)


def _label(name: str, value: str) -> str:
    """Return what a field is called where its text can be mended by typing; "" for a choice, whose value is a code."""
    return "" if name == "reason" and CODE.fullmatch(value) else str(FIELDS.get(name, ""))


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    if request.method != "POST" or getattr(request, "htmx", False):
        return []  # what a page asked for in the background is asked again from that page
    if request.FILES or NOT_KEPT & request.POST.keys():
        return []  # a file and a password are not kept: sent again without them it could only fail
    return [(name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values]
