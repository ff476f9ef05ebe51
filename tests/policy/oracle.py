"""The two notices read a second time, as plain sentences in Python: no pack, no engine, no table of theirs.

It exists to disagree. Each function follows one notice from top to bottom; the numbers in it were typed from the
notice and not copied from the packs. Only the vocabulary's codes are shared, because they are the question.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

CODES = (
    *("extreme_poverty", "orphan", "de_facto_orphan", "entitled_group", "rural_veteran_60"),
    *("old_demobilised_veteran", "poor_student", "illness_poverty_patient", "family_planning_reward"),
    *("family_planning_special", "only_child_disability", "family_planning_complication", "dibao"),
    *("dibao_marginal", "disabled_3_4", "disabled_1_2", "returned_to_poverty", "unstable_lifted"),
    *("marginal_prone", "sudden_hardship", "stable_lifted"),
)


@dataclass
class Row:
    """One input row as a file holds it, all text."""

    birth_date: str
    population: str = "resident"
    tier: str = "1"
    identities: str = ""
    paid_on: str = ""
    graduating: str = ""
    term_start: str = ""


@dataclass
class Answer:
    """The output columns but reasons, money in fen, empty as None."""

    status: str
    rate_fen: int | None = None
    subsidy_fen: int | None = None
    subsidy_identity: str | None = None
    payable_fen: int | None = None
    fiscal_subsidy_fen: int | None = None
    covered_from: date | None = None
    covered_to: date | None = None


INVALID = Answer("invalid")
CLOSED = Answer("closed")


def read_date(text: str) -> date | None:
    """A date written YYYY-MM-DD, or None."""
    parts = text.split("-")
    if len(text) != 10 or [len(part) for part in parts] != [4, 2, 2] or not all(part.isdigit() for part in parts):
        return None
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return None


def makes_sense(row: Row, autumn: int) -> bool:
    """Whether the row is an input at all; ``autumn`` is the year in which the academic year begins."""
    born = read_date(row.birth_date)
    if born is None or row.population not in ("resident", "university_student") or row.tier not in ("1", "2"):
        return False
    if any(code not in CODES for code in row.identities.split(";") if code):
        return False
    if row.graduating.lower() not in ("", "true", "false"):
        return False
    if row.paid_on and (read_date(row.paid_on) is None or born > read_date(row.paid_on)):  # type: ignore[operator]
        return False
    if row.term_start:
        term = read_date(row.term_start)
        if term is None or (row.population == "university_student" and term.year != autumn):
            return False
    return True


def pick_highest(offers: dict[str, int], rate: int) -> tuple[int, str | None]:
    """The highest subsidy up to the rate; among equals the one listed first in the common table of identities."""
    best, winner = 0, None
    for code in CODES:
        if code in offers:
            offer = rate if offers[code] > rate else offers[code]
            if winner is None or offer > best:
                best, winner = offer, code
    return best, winner


def banan_offer(code: str, tier: str) -> int:
    """The table of BN-3.3.4, in yuan, row by row; a merged cell holds for both tiers."""
    if code in ("extreme_poverty", "orphan", "de_facto_orphan", "entitled_group", "rural_veteran_60"):
        return 320
    if code == "old_demobilised_veteran":
        return 320 if tier == "1" else 645
    if code in ("poor_student", "illness_poverty_patient"):
        return 224 if tier == "1" else 320
    if code == "family_planning_reward":
        return 256
    if code in ("family_planning_special", "only_child_disability", "family_planning_complication"):
        return 320
    if code == "dibao":
        return 288 if tier == "1" else 320
    if code == "disabled_3_4":
        return 160
    if code in ("returned_to_poverty", "unstable_lifted", "marginal_prone", "sudden_hardship", "dibao_marginal"):
        return 224 if tier == "1" else 320
    if code == "stable_lifted":
        return 100
    assert code == "disabled_1_2"
    return 320


def banan_2022(row: Row, as_of: date) -> Answer:
    """What the notice of Banan district says of one person."""
    if not makes_sense(row, 2021):
        return INVALID
    born, paid = read_date(row.birth_date), read_date(row.paid_on)
    assert born is not None
    day = paid or as_of
    student = row.population == "university_student"

    # 3.1: may this person pay on that day, and from when does cover run?
    begins, ends, said, open_ = None, date(2022, 12, 31), False, False
    term = read_date(row.term_start) or date(2021, 9, 1)
    if student:
        ends = date(2022, 8, 31)
    if student and term <= day <= term + timedelta(days=60):
        begins, said, open_ = date(2021, 9, 1), True, True
    elif not student and born.year == 2022 and born <= day <= born + timedelta(days=90):
        begins, said, open_ = born, True, True
    elif date(2021, 12, 15) <= day <= date(2022, 2, 28):
        begins, said, open_ = max(date(2022, 1, 1), born), True, True
    elif date(2022, 3, 1) <= day <= date(2022, 9, 30):
        open_ = True  # late, and not a word of when it begins
    if not open_ and paid is not None:
        return CLOSED

    # 3.3
    rate = {"resident": {"1": 320, "2": 695}, "university_student": {"1": 280, "2": 655}}[row.population][row.tier]
    offers = {code: banan_offer(code, row.tier) for code in row.identities.split(";") if code}
    subsidy, winner = pick_highest(offers, rate)
    answer = Answer("assessed", rate * 100, subsidy * 100, winner, (rate - subsidy) * 100)
    if paid is None:
        return answer
    if not said:
        answer.status = "silent"
        return answer
    answer.covered_from, answer.covered_to = begins, ends
    return answer


def pingjin_offer(code: str, tier: str, before_july: bool) -> int | None:
    """Part five of the notice of Pingjin, in yuan; None where it gives nothing."""
    if code in ("family_planning_reward", "family_planning_special"):
        return 350 if before_july else None
    if code in ("only_child_disability", "family_planning_complication"):
        return 350 if before_july else None
    if code in ("extreme_poverty", "orphan"):
        return 350
    if code == "dibao":
        return 315 if tier == "1" else 350
    if code == "dibao_marginal":
        return 245 if tier == "1" else 350
    if code in ("entitled_group", "disabled_1_2"):
        if not before_july:
            return None
        return 245 if tier == "1" else 350
    if code == "old_demobilised_veteran":
        return 725 if tier == "2" and before_july else None
    if code in ("returned_to_poverty", "unstable_lifted", "marginal_prone", "sudden_hardship"):
        return 245 if tier == "1" else 350
    if code == "stable_lifted":
        return 50
    return None


def pingjin_does_not_wait(codes: list[str]) -> bool:
    """Part seven: seven groups (orphans belong to the first), and the stably lifted in 2022 and 2023."""
    for code in codes:
        if code in ("extreme_poverty", "orphan", "dibao", "dibao_marginal", "returned_to_poverty"):
            return True
        if code in ("unstable_lifted", "marginal_prone", "sudden_hardship", "stable_lifted"):
            return True
    return False


def pingjin_begins(day: date, codes: list[str]) -> date | None:
    """Part seven, second and third paragraph, for a day on which one may pay; None where nothing is said."""
    if day <= date(2022, 12, 20):
        return date(2023, 1, 1)
    if pingjin_does_not_wait(codes):
        return date(2023, 1, 1) if day < date(2023, 1, 1) else day
    if day <= date(2022, 12, 31):
        return None
    if day.month == 1:
        return date(2023, 2, 1)
    if day.month == 2:
        return date(2023, 3, 1)
    return day + timedelta(days=91)


def pingjin_2023(row: Row, as_of: date) -> Answer:
    """What the notice of Pingjin town says of one person."""
    if not makes_sense(row, 2022):
        return INVALID
    born, paid = read_date(row.birth_date), read_date(row.paid_on)
    assert born is not None
    day = paid or as_of
    student = row.population == "university_student"
    codes = [code for code in row.identities.split(";") if code]
    term = read_date(row.term_start) or date(2022, 9, 1)

    # Part seven: from when, until when.
    ends = date(2023, 12, 31)
    if student and row.graduating.lower() != "true":
        ends = date(2023, 8, 31)
    begins: date | None
    if student and term <= day <= term + timedelta(days=60):
        begins = date(2022, 9, 1)
    elif not student and born.year == 2023 and born <= day <= born + timedelta(days=90):
        begins = born
    elif date(2022, 11, 3) <= day <= date(2023, 9, 30):
        begins = pingjin_begins(day, codes)
        if begins is not None and begins < born:
            begins = born
    elif paid is not None:
        return CLOSED
    else:
        begins = None
    if begins is not None and begins > ends:
        begins = None

    # Parts three and five: how much.
    before_july = day < date(2023, 7, 1)
    rate = {"resident": {"1": 350, "2": 725}, "university_student": {"1": 320, "2": 695}}[row.population][row.tier]
    offers = {}
    for code in codes:
        offer = pingjin_offer(code, row.tier, before_july)
        if offer is not None:
            offers[code] = offer
    subsidy, winner = pick_highest(offers, rate)
    payable, fiscal = rate - subsidy, 610
    if not before_july:
        payable, fiscal = payable + 610, 0
    answer = Answer("assessed", rate * 100, subsidy * 100, winner, payable * 100, fiscal * 100)
    if paid is None:
        return answer
    if begins is None:
        answer.status = "silent"
        return answer
    answer.covered_from, answer.covered_to = begins, ends
    return answer


ORACLES = {"banan-2022": banan_2022, "liangping-2023": pingjin_2023}
