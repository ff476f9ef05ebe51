"""The frame of every page: which methods, which right, logged in, never kept by a cache."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils.http import content_disposition_header
from django_htmx.http import HttpResponseClientRedirect

from yingbao.accounts.roles import Right
from yingbao.web.clock import one_moment
from yingbao.web.requests import WebRequest, check_sent

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
P = ParamSpec("P")
View = Callable[Concatenate[WebRequest, P], HttpResponseBase]
DjangoView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def shows(*rights: Right) -> Callable[[View[P]], DjangoView[P]]:
    """Make a page that only reads: GET, for whoever is logged in and has one of ``rights`` (none named: anyone)."""
    return _door("GET", rights)


def changes(*rights: Right) -> Callable[[View[P]], DjangoView[P]]:
    """Make an address that changes something: POST only, for whoever has one of ``rights``."""
    return _door("POST", rights)


def _door(method: str, rights: tuple[Right, ...]) -> Callable[[View[P]], DjangoView[P]]:
    allowed = ["GET", "HEAD"] if method == "GET" else ["POST"]

    def frame(view: View[P]) -> DjangoView[P]:
        @wraps(view)
        def framed(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if getattr(request, "htmx", False):  # the whole page goes there, not the part that was asked for
                    return HttpResponseClientRedirect(redirect_to_login(_page_of(request)).url)
                return redirect_to_login(request.get_full_path() if method == "GET" else "/")
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            asked = cast(WebRequest, request)
            _check(asked, rights)
            if method == "POST":
                check_sent(asked)
            with one_moment():
                return _unkept(view(asked, *args, **kwargs))

        framed.rights = rights  # type: ignore[attr-defined]  # read by the test that knows every address
        return cast(DjangoView[P], framed)

    return frame


def _page_of(request: HttpRequest) -> str:
    """Return the page from which a background request came."""
    return cast(WebRequest, request).htmx.current_url_abs_path or "/"


def _check(request: WebRequest, rights: tuple[Right, ...]) -> None:
    if rights and not any(request.actor.may(right) for right in rights):
        request.actor.must(rights[0])


def _unkept(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["Cache-Control"] = "no-store"
    return response


def attach(content: bytes, *, name: str, kind: str) -> HttpResponse:
    """Return a file to be saved as ``name`` (any script); ``kind`` is its media type."""
    header = content_disposition_header(True, name) or "attachment"
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": header})
