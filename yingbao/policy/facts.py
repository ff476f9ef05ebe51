"""The facts beyond birth, population, tier and identities that some notices ask for, and what may be wrong in a row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag


class Problem(IntFlag):
    """What is wrong with an input row; each is a reason of its own (``input.…``)."""

    BIRTH_DATE = 1
    POPULATION = 2
    TIER = 4
    IDENTITIES = 8
    PAID_ON = 16
    GRADUATING = 32
    TERM_START = 64
    BIRTH_AFTER_PAYMENT = 128
    COLUMNS = 256
    DISABILITY_KIND = 1 << 9
    DISABILITY_GRADE = 1 << 10
    MISSED_YEARS = 1 << 11
    REPAIRED_YEARS = 1 << 12
    CONTINUOUS_YEARS = 1 << 13
    YEARS_WITHOUT_CLAIMS = 1 << 14
    ENROLLED_LAST_YEAR = 1 << 15
    ADDONS = 1 << 16
    PAYER_ACCOUNT_FEN = 1 << 17
    SNAPSHOT_IDENTITIES = 1 << 18
    IDENTITY_CLASS = 1 << 19

    @property
    def reason(self) -> str:
        """The id of the rule that explains it."""
        return f"input.{(self.name or '').lower()}"


@dataclass(frozen=True, slots=True)
class Number:
    """A fact that is a small number; ``most`` is the largest that makes sense."""

    name: str
    most: int

    @property
    def problem(self) -> Problem:
        """What is wrong with a row that lacks it or has no such number."""
        return Problem[self.name.upper()]


NUMBERS = (
    Number("disability_kind", 7),
    Number("disability_grade", 4),
    Number("missed_years", 99),
    Number("repaired_years", 99),
    Number("continuous_years", 120),
    Number("years_without_claims", 120),
    Number("enrolled_last_year", 1),
)
NUMBER_NAMES = tuple(number.name for number in NUMBERS)
OTHER_FACTS = ("addons", "payer_account_fen", "snapshot_identities")
FACTS = (*NUMBER_NAMES, *OTHER_FACTS)
MISSING = 255  # in a column of small numbers: not known
MOST_ADDONS = 8
