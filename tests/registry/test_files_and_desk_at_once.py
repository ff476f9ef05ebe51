"""A file is being accepted while a clerk changes the same people or homes: interleaved, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

import pytest
from django.db import connection

from tests.imports.cast import (
    NOW,
    Cast,
    accept,
    bring_in,
    check,
    check_list,
    entry,
    family,
    new_key,
    number,
    people_the_district,
    person,
)
from tests.registry.editing_cast import CHILD, FATHER, asking, edit, register, shown, who
from tests.registry.editing_cast import entry as form
from yingbao.kernel.errors import Conflict, Refused, YingbaoError
from yingbao.registry import operations
from yingbao.registry.models import Identity, Resident
from yingbao.registry.rosters import identities
from yingbao.storage.fields import Json
from yingbao.usecases.change_household import join_households
from yingbao.usecases.import_rosters import accept_roster
from yingbao.usecases.record_leaving import Leaving, record_death
from yingbao.usecases.verify import verify

T = TypeVar("T")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return people_the_district()


@contextmanager
def paused(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> Iterator[tuple[Event, Event]]:
    """Stop the first call of a function before it does anything: (it is there, it may go on)."""
    there, go_on, real = Event(), Event(), getattr(module, name)

    def stopping(*args: object, **kwargs: object) -> object:
        if not there.is_set():
            there.set()
            assert go_on.wait(20)
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, stopping)
    yield there, go_on


def in_thread(pool: ThreadPoolExecutor, work: Callable[[], T]) -> Future[T | YingbaoError]:
    """Run ``work`` on a connection of its own; a refusal is an answer."""

    def run() -> T | YingbaoError:
        try:
            return work()
        except YingbaoError as error:
            return error
        finally:
            connection.close()

    return pool.submit(run)


def both(
    stop: tuple[Event, Event], first: Callable[[], Json], second: Callable[[], Json]
) -> tuple[Json | YingbaoError, Json | YingbaoError]:
    """Let ``second`` run, as far as it may, while ``first`` stands still in the middle."""
    there, go_on = stop
    with ThreadPoolExecutor(2) as pool:
        one = in_thread(pool, first)
        assert there.wait(20)
        other = in_thread(pool, second)
        try:
            other.result(2)
        except TimeoutError:
            pass  # it waits for the file
        finally:
            go_on.set()
        return one.result(30), other.result(30)


def broken(cast: Cast) -> list[str]:
    return [check.name for check in verify(cast.bureau, year=2023) if not check.holds]


def test_a_number_registered_at_the_desk_while_a_file_brings_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_in(cast.town_clerk, family())
    new = person("古木", "19700101", 5, household_no="H2")
    file_id, home = check(cast.town_clerk, [new])["file_id"], who(FATHER).household_id
    entered = form("古木", "19700101", 5, number=str(new["cert_number"]))
    with paused(monkeypatch, operations, "add_people") as stop:
        one, other = both(
            stop,
            lambda: accept(cast.town_clerk, file_id),
            lambda: register(cast.second_clerk, entered, home),
        )
    assert [isinstance(each, Refused | Conflict) for each in (one, other)].count(True) == 1, (one, other)
    assert Resident.objects.filter(name="古木").count() == 1
    assert broken(cast) == []


def test_a_household_joined_to_another_while_a_file_brings_it_a_child(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(cast.town_clerk, [*family(), person("榆老汉", "19500101", 1, household_no="H2")])
    child = person("榆小妹", "20150101", 2, household_no="H2", relation="子女")
    file_id = check(cast.town_clerk, [child])["file_id"]
    old, into = who("榆老汉").household_id, who(FATHER).household_id
    form_shown = shown(old, **{"榆老汉": "parent"})
    with paused(monkeypatch, operations, "add_people") as stop:
        both(
            stop,
            lambda: accept(cast.town_clerk, file_id),
            lambda: join_households(asking(cast.second_clerk), form_shown, into_id=into),
        )
    assert broken(cast) == []
    assert not Resident.objects.filter(state="present", household__state="dissolved").exists()


def test_a_person_edited_while_a_file_changes_them(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_in(cast.town_clerk, family())
    rows = family()
    rows[0]["phone"] = "10020000009"
    file_id = check(cast.town_clerk, rows)["file_id"]
    with paused(monkeypatch, operations, "add_people") as stop:
        one, other = both(
            stop,
            lambda: accept(cast.town_clerk, file_id),
            lambda: edit(cast.second_clerk, FATHER, version=1, phone="10020000008"),
        )
    outcome = (isinstance(one, YingbaoError), isinstance(other, YingbaoError), who(FATHER).phone)
    # The file looks again when it writes: what was edited before that, it changes once more, with both in history.
    assert outcome in {(False, False, "10020000009"), (False, True, "10020000009"), (True, False, "10020000008")}


def test_somebody_dies_while_a_roster_gives_them_an_identity(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_in(cast.town_clerk, family())
    file_id = check_list(cast.civil_affairs, [entry(CHILD, number("20120703", 4))])["file_id"]
    leaving = Leaving(who(CHILD).pk, 1, NOW.date())
    with paused(monkeypatch, identities, "open_identities") as stop:
        both(
            stop,
            lambda: accept_roster(cast.bureau, file_id=file_id, key=new_key(), at=NOW),
            lambda: record_death(cast.town_clerk, leaving, year=2023, key=new_key(), at=NOW),
        )
    assert who(CHILD).state == "dead"
    assert not Identity.objects.filter(end_on__isnull=True).exists()
