"""Logging in and out; the reader's language and theme."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from yingbao.accounts.queries import people_to_show_as_logins
from yingbao.demo.cast import PASSWORD
from yingbao.web.context import THEMES

YEAR_SECONDS = 365 * 24 * 3600


class Login(LoginView):
    """The gate. In a demonstration it lists an account of every role."""

    template_name = "web/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demonstration's accounts; a real site has none to show."""
        context = super().get_context_data(**kwargs)
        if settings.YINGBAO_DEMO:
            context |= {"logins": people_to_show_as_logins(), "demo_password": PASSWORD}
        return context


log_in = Login.as_view()
log_out = LogoutView.as_view()


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the reader's language in a cookie."""
    chosen = request.POST.get("language", "")
    known = chosen in {code for code, _name in settings.LANGUAGES}
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, chosen if known else settings.LANGUAGE_CODE)


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the reader's theme in a cookie: light, dark, or what the system says."""
    chosen = request.POST.get("theme", "")
    return _remember(request, "theme", chosen if chosen in THEMES else "auto")


def _remember(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    after = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(after, allowed_hosts={request.get_host()}):
        after = "/"
    response = HttpResponseRedirect(after)
    response.set_cookie(
        cookie, value, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )
    return response
