"""What the town and the clerks of ``benchmarks.counter_http`` must agree on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

PEOPLE_PER_VILLAGE, MEMBERS = 2000, 4
SUBSIDISED_EVERY = 5  # in every fifth household the grandmother is in dibao
PASSWORD = "for the benchmark only"
TODAY = "2022-12-01"


def count_villages(people: int, agents: int) -> int:
    """Return how many villages there are: one per agent at least."""
    return max(people // PEOPLE_PER_VILLAGE, agents)


def first_household(place: int, villages: int) -> Iterator[int]:
    """Give the ids of the households of the n-th village."""
    return count(place or villages, villages)
