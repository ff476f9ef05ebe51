"""The ground the other tests stand on: databases that empty themselves, a cluster that ends, a browser that reads."""

from __future__ import annotations

import ast
import os
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import now
from playwright.sync_api import Page

from tests.journeys.cast import DISTRICT, YEAR, household, people_the_town
from tests.support.databases import kept_database
from tests.support.postgres import find_binaries, run_cluster
from yingbao.accounts.models import AnsweredRequest, User
from yingbao.accounts.operations import add_user
from yingbao.accounts.roles import Role
from yingbao.collection.models import ReceiptBook
from yingbao.kernel.errors import Refused
from yingbao.usecases.verify import verify

ROOT = Path(__file__).resolve().parents[2]
BARE = {"__future__", "django"}


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


@pytest.mark.django_db(transaction=True)
def test_the_clean_up_leaves_what_migrations_brought() -> None:
    assert ContentType.objects.exists() and Permission.objects.exists()
    assert kept_database().is_empty()


def test_a_kept_database_is_made_of_nothing_but_what_its_name_says() -> None:
    for path in (ROOT / "yingbao").glob("*/migrations/*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        named |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        assert {str(name) for name in named if not str(name).startswith(("django.", "yingbao.storage."))} <= BARE, path


@pytest.mark.django_db
@pytest.mark.parametrize("turn", ["played", "copied"])
def test_a_picture_is_what_playing_it_brings(turn: str) -> None:
    cast = people_the_town()
    assert [User.objects.get(pk=actor.user_id).username for actor in (cast.bureau, cast.town_clerk)] == [
        "bureau",
        "town-clerk",
    ]
    assert ReceiptBook.objects.filter(agent_id=cast.village_agent.user_id).count() == 1
    assert household(date(1990, 1, 1))[0].pk  # ids given out by the play are not given out again
    assert add_user(username="new", display_name="new", role=Role.AUDITOR, division_code=DISTRICT).pk
    assert verify(cast.auditor, year=YEAR)
    cast.roster.name = turn


@pytest.mark.django_db
def test_who_is_handed_a_picture_may_change_it() -> None:
    assert people_the_town().roster.name == "roster.xlsx"


@pytest.mark.django_db
def test_where_there_are_rows_a_play_is_played_as_it_stands() -> None:
    people_the_town()
    with pytest.raises(Refused), transaction.atomic():  # its receipts are registered already
        people_the_town()


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
