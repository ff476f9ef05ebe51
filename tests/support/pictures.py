"""Pictures of what tests begin with: played once in a process through the use cases, after that its rows are copied."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import TypeVar

from tests.support.databases import Rows, kept_database
from yingbao.ledger.operations import forget_accounts

T = TypeVar("T")


def pictured(play: Callable[[], T]) -> Callable[[], T]:
    """Let ``play`` be played in an empty database once; after that its rows and what it returned are copied.

    Everybody has a copy of their own. In a database that holds rows it is played as it stands.
    """
    taken: list[tuple[T, Rows]] = []

    @wraps(play)
    def played() -> T:
        database = kept_database()
        if not database.is_empty():
            return play()
        if taken:
            database.write_rows(taken[0][1])
        else:
            taken.append((play(), database.read_rows()))
            forget_accounts()  # as it is after copying
        return deepcopy(taken[0][0])

    return played
