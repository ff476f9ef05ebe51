"""Where "now" enters: pages read the clock once and pass it down."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone


def read_today() -> date:
    """Return today in China, or the fixed day a demo is looked at (YINGBAO_TODAY)."""
    return date.fromisoformat(settings.YINGBAO_TODAY) if settings.YINGBAO_TODAY else timezone.localdate()


def read_now() -> datetime:
    """Return this moment; on a fixed day its hour and minute are the real ones."""
    now = timezone.localtime()
    return datetime.combine(read_today(), now.timetz())
