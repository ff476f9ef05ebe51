"""Two words at the same moment: interleaved on purpose, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from threading import Event
from typing import TypeVar

import pytest
from django.db import connection

from tests.imports.cast import accept, check, family, people_the_district, person
from yingbao.kernel.errors import Refused
from yingbao.registry import operations
from yingbao.registry.models import Household, Resident
from yingbao.storage.fields import Json

T = TypeVar("T")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pause(monkeypatch: pytest.MonkeyPatch) -> tuple[Event, Event]:
    """Stop the first acceptance just before it writes people: (it is there, it may go on)."""
    there, go_on, real = Event(), Event(), operations.add_people

    def add_people(*args: object, **kwargs: object) -> operations.Added:
        if not there.is_set():
            there.set()
            assert go_on.wait(20)
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(operations, "add_people", add_people)
    return there, go_on


def in_thread(pool: ThreadPoolExecutor, work: Callable[[], T]) -> Future[T]:
    """Run ``work`` on a connection of its own."""

    def run() -> T:
        try:
            return work()
        finally:
            connection.close()

    return pool.submit(run)


def test_two_files_with_the_same_people_bring_each_in_once(transactional_db: None, pause: tuple[Event, Event]) -> None:
    cast, (there, go_on) = people_the_district(), pause
    first = check(cast.town_clerk, family())["file_id"]
    second = check(cast.second_clerk, [*family(), person("古木", "19700101", household_no="H2")])["file_id"]
    with ThreadPoolExecutor(2) as pool:
        one = in_thread(pool, lambda: accept(cast.town_clerk, first))
        assert there.wait(20)
        other = in_thread(pool, lambda: accept(cast.second_clerk, second))
        _is_waiting(other)
        go_on.set()
        assert (one.result(20)["residents"], other.result(20)["residents"]) == (3, 1)
    assert (Resident.objects.count(), Household.objects.count()) == (4, 2)


def test_one_file_accepted_by_two_at_once_comes_in_once(transactional_db: None, pause: tuple[Event, Event]) -> None:
    cast, (there, go_on) = people_the_district(), pause
    file_id = check(cast.town_clerk, family())["file_id"]
    with ThreadPoolExecutor(2) as pool:
        one = in_thread(pool, lambda: accept(cast.town_clerk, file_id))
        assert there.wait(20)
        other = in_thread(pool, lambda: accept(cast.second_clerk, file_id))
        _is_waiting(other)
        go_on.set()
        assert one.result(20)["residents"] == 3
        with pytest.raises(Refused, match="这份文件已于"):
            other.result(20)
    assert Resident.objects.count() == 3


def _is_waiting(work: Future[Json]) -> None:
    with pytest.raises(NotYet):
        work.result(0.3)
