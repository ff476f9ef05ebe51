"""The 12-digit statistical code as an integer: everything below a division is a half-open range of codes."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = ("city", "district", "town", "village")
# How many codes a division of each level holds: 50 0000 000 000 · 500155 000 000 · 500155113 000 · one village.
SIZES = {"city": 10**10, "district": 10**6, "town": 10**3, "village": 1}


@dataclass(frozen=True, slots=True)
class Scope:
    """The divisions from ``low`` up to but not including ``high``."""

    low: int
    high: int

    def __contains__(self, code: int) -> bool:
        return self.low <= code < self.high


NOWHERE = Scope(0, 0)


def scope_of(code: int, level: str) -> Scope:
    """Return the range of codes a division holds, itself included. Raises ValueError for a code not of its level."""
    size = SIZES[level]
    if not 10**11 <= code < 10**12 or code % size:
        raise ValueError(f"{code} is not the code of a {level}")
    return Scope(code, code + size)


def town_of(code: int) -> int:
    """Return the code of the town a village is of; a town's own is itself."""
    return code - code % SIZES["town"]
