"""Mistakes that the demo plants in its own files, kept as data so that its ending can say "planted n, found n"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What is wrong with a row. All but TWO_IDENTITIES must keep the row out; that one is a matter for ranking."""

    REPEATED_PERSON = "repeated_person"  # in the register a second time, under another village
    BAD_CHECK_DIGIT = "bad_check_digit"
    EXCEL_DAMAGED = "excel_damaged"  # 5.00155E+17
    UNKNOWN_PERSON = "unknown_person"  # a number that holds together, of nobody in the register
    UNKNOWN_CATEGORY = "unknown_category"
    NAME_DISAGREES = "name_disagrees"  # the number is one person's, the name another's
    ENROLLED_ALREADY = "enrolled_already"  # on an institution's list, and enrolled by their village
    COVERED_ELSEWHERE = "covered_elsewhere"
    UNKNOWN_TIER = "unknown_tier"
    TWO_IDENTITIES = "two_identities"  # the person has another identity by an earlier row or file


class Planted(NamedTuple):
    """A mistake and where it stands. ``file`` is the file's name, ``row`` counts from 1 as the sheet shows."""

    file: str
    row: int
    kind: Kind


def count_kinds(planted: Iterable[Planted]) -> dict[Kind, int]:
    """Return how many of each kind were planted."""
    return dict(Counter(mistake.kind for mistake in planted))
