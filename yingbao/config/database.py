"""One URL names the database: ``sqlite:///path`` or ``postgresql://user:password@host:port/name``."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# FULL for real money: a power cut must not lose a committed receipt. The demo may say NORMAL.
SQLITE_INIT = "PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA cache_size=-65536"


def database_from_url(url: str) -> dict[str, Any]:
    """Return Django's settings for the database a URL names."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if parts.scheme == "sqlite":
        return _sqlite(
            parts.path[1:] if parts.path.startswith("//") else parts.path, options.get("synchronous", "FULL")
        )
    if parts.scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.get("host", parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 600,
            # Values are sent beside a statement, not written into it: quicker, and what unit_of_work prepares needs it.
            "OPTIONS": {"server_side_binding": True},
        }
    raise ImproperlyConfigured(
        f"YINGBAO_DATABASE_URL: unknown scheme {parts.scheme!r}; use sqlite:/// or postgresql://"
    )


def _sqlite(path: str, synchronous: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": 20,
            # Without IMMEDIATE two writers that both began by reading end in "database is locked".
            "transaction_mode": "IMMEDIATE",
            "init_command": SQLITE_INIT.format(synchronous=synchronous),
        },
    }
