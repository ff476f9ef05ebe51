"""One transaction per use case: opened there once, required by every operation below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
R = TypeVar("R")

PREPARED_AFTER = 3  # times a session has asked the same


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Open the one durable transaction of a use case; nesting a second one is a bug and raises."""
    with transaction.atomic(durable=True), _prepared():
        yield


@contextmanager
def _prepared() -> Iterator[None]:
    """Let PostgreSQL keep the plans of what use cases ask again and again, a few rows by their keys, while one runs.

    Pages search by whatever was typed, and what is found differs by a thousand times: theirs are planned anew.
    """
    held = connection.connection if connection.vendor == "postgresql" else None
    if held is None:
        yield
        return
    held.prepare_threshold = PREPARED_AFTER
    try:
        yield
    finally:
        held.prepare_threshold = None


def take_turns(name: str, *, shared: bool = False) -> None:
    """Wait until no other transaction has taken this name, for what must look first and then write.

    Those who take it ``shared`` wait for one who does not, and not for each other. Call it in a transaction. SQLite
    has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {lock}(hashtextextended(%s, 0))", [name])


def operation(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function that writes: it refuses to run where no use case has opened a transaction."""

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not connection.in_atomic_block:
            raise RuntimeError(f"{function.__module__}.{function.__qualname__} was called outside a unit of work")
        return function(*args, **kwargs)

    return guarded
