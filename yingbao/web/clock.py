"""Where "now" enters: pages read the clock once and pass it down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

_held: ContextVar[datetime | None] = ContextVar("the moment of the request", default=None)


@contextmanager
def one_moment() -> Iterator[None]:
    """Let the clock stand still for a request: at midnight its day and its moment are of the same day."""
    token = _held.set(_look())
    try:
        yield
    finally:
        _held.reset(token)


def read_today() -> date:
    """Return today in China, or the fixed day a demo is looked at (YINGBAO_TODAY)."""
    return timezone.localdate(read_now())


def read_now() -> datetime:
    """Return this moment, one for the whole request; on a fixed day its hour and minute are the real ones."""
    return _held.get() or _look()


def _look() -> datetime:
    now = timezone.localtime()
    fixed = settings.YINGBAO_TODAY
    return datetime.combine(date.fromisoformat(fixed), now.timetz()) if fixed else now
