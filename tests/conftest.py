"""Fixtures every folder shares, and what is decided for all tests at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from tests.support.browser import browser, context, page
from tests.support.databases import kept_database
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


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Copy a migrated database, which takes no time, and put it back after tests that commit."""
    database = kept_database()
    with django_db_blocker.unblock():
        database.provide()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: database.put_back())
        yield
    with django_db_blocker.unblock():
        database.remove()
