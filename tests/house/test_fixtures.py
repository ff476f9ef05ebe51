"""The ground the other tests stand on: databases that empty themselves, a cluster that ends, a browser that reads."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import now
from playwright.sync_api import Page

from tests.support.postgres import find_binaries, run_cluster
from yingbao.accounts.models import AnsweredRequest


def write_row() -> AnsweredRequest:
    return AnsweredRequest.objects.create(key="k", use_case="test", input_hash="0" * 64, answer={}, at=now())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_append_only_tables_are_empty_again_after_a_committed_test(turn: str) -> None:
    assert AnsweredRequest.objects.count() == 0
    write_row()


@pytest.mark.django_db(transaction=True)
def test_the_clean_up_puts_the_triggers_back() -> None:
    row = write_row()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AnsweredRequest.objects.filter(pk=row.pk).delete()


@pytest.mark.django_db
def test_database_tests_write_into_folders_of_their_own(tmp_path: Path) -> None:
    assert tmp_path / "uploads" == settings.YINGBAO_UPLOADS
    assert tmp_path / "files" == settings.YINGBAO_OUTPUT


def test_the_database_is_the_one_the_environment_names() -> None:
    named = urlsplit(os.environ["YINGBAO_DATABASE_URL"]).scheme
    assert connection.vendor == named


@pytest.mark.skipif(find_binaries() is None, reason="PostgreSQL is not installed")
def test_a_cluster_is_there_and_then_gone() -> None:
    binaries = find_binaries()
    assert binaries is not None
    with run_cluster(binaries) as url, psycopg.connect(url) as session:
        assert session.execute("SELECT current_setting('server_encoding')").fetchone() == ("UTF8",)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)


def test_a_browser_sees_what_django_serves(page: Page) -> None:
    page.goto("/login/")
    assert page.locator("input[type=password]").count() == 1


@pytest.mark.django_db
def test_a_browser_leaves_no_trace_in_other_tests() -> None:
    assert "DJANGO_ALLOW_ASYNC_UNSAFE" not in os.environ
