"""The outcomes met so far, by key: filled as keys appear, shared by all threads."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from yingbao.policy.decide import NO_KEY, place_of
from yingbao.policy.outcomes import Outcome, OutcomeMaker

Ints = npt.NDArray[np.int32]
NOTHING = -1  # an amount that is not known, in the integer columns
FEWEST_SLOTS = 1 << 12
FRESH = 1 << 10  # keys a pass may find that are not in its table yet


class OutcomeBook:
    """Outcomes and the number of each key. Different keys may mean the same outcome."""

    def __init__(self, maker: OutcomeMaker) -> None:
        self._maker = maker
        self._lock = Lock()
        self._numbers: dict[int, int] = {}  # by key
        self._places: dict[Outcome, int] = {}
        self._slots = FEWEST_SLOTS
        self._table: tuple[npt.NDArray[np.int64], Ints] | None = None  # made when somebody asks for it
        self.outcomes: list[Outcome] = []
        self.refusals: set[int] = set()  # outcomes that are invalid, some though the row has no Problem

    def copy_table(self) -> tuple[npt.NDArray[np.int64], Ints]:
        """Return a copy of keys and numbers as ``decide`` searches and extends them, with room for FRESH more."""
        with self._lock:
            if self._table is None:
                self._table = _make_table(self._numbers, self._slots)
            keys, numbers = self._table
            return keys.copy(), numbers.copy()

    def has_room(self, slots: int) -> bool:
        """Return whether a table of ``slots`` has room for all keys and FRESH more, half of it empty."""
        return slots >= 2 * (len(self._numbers) + FRESH)

    def enter(self, keys: list[int]) -> list[int]:
        """Return the numbers of ``keys``, working out those that are new."""
        with self._lock:
            for key in keys:
                if key not in self._numbers:
                    outcome = self._maker.make(key)
                    self._numbers[key] = self._place(outcome)
                    if key >= 0 and outcome.status == "invalid":
                        self.refusals.add(self._numbers[key])
            while not self.has_room(self._slots):
                self._slots *= 2
            self._table = None
            return [self._numbers[key] for key in keys]

    def amounts(self, field: str) -> Ints:
        """Return an amount column of all outcomes, NOTHING where not known."""
        values = [getattr(outcome, field) for outcome in self.outcomes]
        return np.array([NOTHING if value is None else value for value in values], np.int32)

    def ends(self) -> Ints:
        """Return the last days of all outcomes."""
        return np.array([outcome.ends for outcome in self.outcomes], np.int32)

    def _place(self, outcome: Outcome) -> int:
        place = self._places.setdefault(outcome, len(self.outcomes))
        if place == len(self.outcomes):
            self.outcomes.append(outcome)
        return place


def _make_table(numbers: dict[int, int], slots: int) -> tuple[npt.NDArray[np.int64], Ints]:
    keys: Any = [NO_KEY] * slots
    values = [0] * slots
    for key, number in numbers.items():
        place = place_of(key, slots)
        while keys[place] != NO_KEY:
            place = (place + 1) & (slots - 1)
        keys[place], values[place] = key, number
    return np.array(keys, np.int64), np.array(values, np.int32)
