"""What every page knows: who looks at it, which day it is, where one can go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from yingbao.accounts.actors import nobody
from yingbao.accounts.roles import Right, Role
from yingbao.web.clock import read_today
from yingbao.web.navigation import entries_for, section_of

THEMES = ("auto", "light", "dark")


def workbench(request: HttpRequest) -> dict[str, Any]:
    """Return actor, what they may do, navigation, today, the policy's name, and the theme of the reader's cookie."""
    actor = getattr(request, "actor", nobody())
    theme = request.COOKIES.get("theme", "")
    match = getattr(request, "resolver_match", None)
    return {
        "actor": actor,
        "role_label": Role(actor.role).label,
        "may": {right.name.lower(): bool(actor.user_id) and actor.may(right) for right in Right},
        "nav": entries_for(actor) if actor.user_id else [],
        "section": section_of(getattr(match, "url_name", "") or ""),
        "today": read_today(),
        "policy_name": settings.YINGBAO_POLICY,
        "theme": theme if theme in THEMES else "auto",
        "demo": settings.YINGBAO_DEMO,
    }
