"""Fixtures every folder shares, and what is decided for all tests at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from tests.support.browser import browser, context, page
from yingbao.ledger.operations import forget_accounts

__all__ = ["browser", "context", "page"]

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches the database or the browser, so that ``dev.py test`` can choose by mark."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES:
            item.add_marker(pytest.mark.database)
        if "browser" in fixtures:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)  # the whole demo first: nobody waits for it


@pytest.fixture(autouse=True)
def _ledger_remembers_nothing() -> Iterator[None]:
    """Forget account ids between tests: each test has accounts of its own."""
    yield
    forget_accounts()


@pytest.fixture(autouse=True)
def _needs_postgres(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: `dev.py test` runs it on a cluster of its own")


@pytest.fixture(autouse=True)
def _files_of_its_own(request: pytest.FixtureRequest) -> None:
    """Give every database test its own folders for uploads and output."""
    if request.node.get_closest_marker("database"):
        settings: Settings = request.getfixturevalue("settings")
        home: Path = request.getfixturevalue("tmp_path")
        settings.YINGBAO_UPLOADS = settings.MEDIA_ROOT = home / "uploads"
        settings.YINGBAO_OUTPUT = home / "files"


@pytest.fixture(scope="session", autouse=True)
def _flush_past_append_only() -> Iterator[None]:
    """Let the clean-up after transactional tests, and nothing else, empty append-only tables, which refuse it."""
    patch = pytest.MonkeyPatch()
    # The class, not this connection: beside a browser's event loop Django opens another one.
    kind = type(connection.ops)
    patch.setattr(kind, "execute_sql_flush", _lifting_triggers(kind.execute_sql_flush))
    yield
    patch.undo()


def _lifting_triggers(flush: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    lifted = _without_triggers if connection.vendor == "sqlite" else _as_a_replica

    def flush_without_triggers(self: Any, statements: Any) -> None:
        with lifted():
            flush(self, statements)

    return flush_without_triggers


@contextmanager
def _as_a_replica() -> Iterator[None]:
    """Let no trigger of PostgreSQL's fire in this session; only its superuser may say so, as the tests' user is."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = origin")


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Take SQLite's triggers away and make them again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        try:
            yield
        finally:
            for _, sql in triggers:
                cursor.execute(sql)
