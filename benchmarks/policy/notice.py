"""The notice of Pingjin town for 2023 as the peers encode it: its figures, typed from the notice, and nothing else.

Every peer builds its own form of the rules (SQL, expressions, formulas, decision tables) from these figures, so that a
mistyped figure cannot hide in one of them. That they are the pack's is checked by equal results before any clock is
looked at. Yuan; days are days since 1970-01-01. Standard library only: it runs in the peers' own environments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

NO_DAY = -(2**31)
FEN = 100
EPOCH = date(1970, 1, 1).toordinal()


def day_of(year: int, month: int, day: int) -> int:
    """Return a date as days since 1970-01-01."""
    return date(year, month, day).toordinal() - EPOCH


@dataclass(frozen=True)
class Identity:
    """What one identity brings in yuan in tier 1 and 2 (None: nothing), and whether it does so after 30 June."""

    code: str
    tier_1: int | None
    tier_2: int | None
    all_year: bool

    def offer(self, tier: int, before_july: bool) -> int | None:
        """Return the yuan it brings, None where it brings nothing."""
        if not (self.all_year or before_july):
            return None
        return self.tier_1 if tier == 1 else self.tier_2


# Part five, in the pack's order: the order decides between equal amounts.
IDENTITIES = (
    Identity("extreme_poverty", 350, 350, all_year=True),
    Identity("orphan", 350, 350, all_year=True),
    Identity("entitled_group", 245, 350, all_year=False),
    Identity("old_demobilised_veteran", None, 725, all_year=False),
    Identity("family_planning_reward", 350, 350, all_year=False),
    Identity("family_planning_special", 350, 350, all_year=False),
    Identity("only_child_disability", 350, 350, all_year=False),
    Identity("family_planning_complication", 350, 350, all_year=False),
    Identity("dibao", 315, 350, all_year=True),
    Identity("dibao_marginal", 245, 350, all_year=True),
    Identity("disabled_1_2", 245, 350, all_year=False),
    Identity("returned_to_poverty", 245, 350, all_year=True),
    Identity("unstable_lifted", 245, 350, all_year=True),
    Identity("marginal_prone", 245, 350, all_year=True),
    Identity("sudden_hardship", 245, 350, all_year=True),
    Identity("stable_lifted", 50, 50, all_year=True),
)
# Part seven, third paragraph: covered from the day of clearing when late.
NO_WAITING = (
    *("extreme_poverty", "orphan", "dibao", "dibao_marginal", "returned_to_poverty"),
    *("unstable_lifted", "marginal_prone", "sudden_hardship", "stable_lifted"),
)

# Part three.
RATE = {("resident", 1): 350, ("resident", 2): 725, ("student", 1): 320, ("student", 2): 695}
FISCAL = 610

# Parts six and seven.
OPENS = day_of(2022, 11, 3)
CENTRALISED_END = day_of(2022, 12, 20)
YEAR_BEGINS = day_of(2023, 1, 1)
FEBRUARY = day_of(2023, 2, 1)
MARCH = day_of(2023, 3, 1)
FULL_COST = day_of(2023, 7, 1)
LAST_DAY = day_of(2023, 9, 30)
YEAR_ENDS = day_of(2023, 12, 31)
WAITING = 90 + 1  # 90 full days pass after the day of clearing
NEWBORN_DAYS = 90
TERM_BEGINS = day_of(2022, 9, 1)
TERM_ENDS = day_of(2023, 8, 31)
TERM_DAYS = 60
TERM_FIRST, TERM_LAST = day_of(2022, 1, 1), day_of(2022, 12, 31)  # a first day of term in no other year

STATUSES = ("assessed", "silent", "closed", "invalid")
ASSESSED, SILENT, CLOSED, INVALID = range(4)


def best_key(identity: Identity, tier: int, before_july: bool) -> int:
    """Return yuan × 32 + (31 − place in the pack), 0 for nothing: the greatest key is the winner. Below 2**15.

    It compares before the cap at the rate. In this notice the cap never makes two different amounts equal, so that
    the winner is the same; in general it may not be.
    """
    offer = identity.offer(tier, before_july)
    return 0 if offer is None else offer * 32 + 31 - IDENTITIES.index(identity)
