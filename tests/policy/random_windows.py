"""Days of random packs: windows one after another, windows of groups, silences, newborn bands, academic years."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.policy.random_words import Hand

FIRST, LAST = date(2030, 1, 1), date(2030, 12, 31)
DAY = timedelta(days=1)


def draw_windows(hand: Hand, *, waiting: bool) -> dict[str, Any]:
    """Draw the windows of everybody, with gaps said or unsaid between them, and those of some groups."""
    windows, silences = [], []
    begin = hand.pick(date(2029, 10, 1), date(2029, 11, 3))
    for number in range(hand.pick(1, 2, 3, 4)):
        end = begin + timedelta(days=hand.pick(58, 30, 1, 91))
        central = {"centralised": True} if number == 0 and hand.chance(85) else {}
        coverage = _coverage(hand, waiting=waiting and number > 0)
        windows.append(_window(hand, f"w{number}", begin, end, coverage) | central)
        begin = end + DAY
        if hand.chance(25):
            last = begin + timedelta(days=hand.pick(10, 0, 35))
            if hand.chance(85):
                silences.append(hand.entry(first_day=begin, last_day=last))
            begin = last + DAY
    for number in range(hand.pick(0, 0, 1, 2)):
        first = hand.day()
        last = first + timedelta(days=hand.pick(0, 30, 120))
        own = _window(hand, f"own{number}", first, last, _coverage(hand, waiting=waiting))
        windows.append(own | {"who": hand.when()})
    return {"windows": hand.shuffled(windows), "silences": silences}


def _window(hand: Hand, name: str, begin: date, end: date, coverage: dict[str, Any]) -> dict[str, Any]:
    window = hand.entry(id=name, first_day=begin, last_day=end, coverage=coverage, **hand.years())
    if hand.chance(30):
        window["coverage_rule"] = hand.entry()["rule"]
    return window


def _coverage(hand: Hand, *, waiting: bool) -> dict[str, Any]:
    if waiting and hand.chance(50):
        return {"starts": "waiting"}
    return hand.pick(
        {"starts": "fixed_day", "day": FIRST},
        {"starts": "same_day"},
        {"starts": "next_day"},
        {"starts": "next_month"},
        {"starts": "after_days", "days": 30},
        {"starts": "after_full_days", "days": 90},
        {"starts": "after_months", "months": 3},
        {"starts": "silent"},
        {"starts": "fixed_day", "day": date(2030, 2, 1)},
    )


def draw_newborn(hand: Hand) -> dict[str, Any]:
    """Draw up to three bands, the nearest first."""
    if not hand.chance(60):
        return {}
    lengths = hand.pick([(90, "days")], [(3, "months"), (6, "months"), (12, "months")], [(28, "days"), (180, "days")])
    newborn = hand.entry(populations=["resident"], bands=[_band(hand, *length) for length in lengths])
    if hand.chance(40):
        newborn["born"] = {"first_day": date(2029, 10, 1), "last_day": hand.pick(LAST, date(2030, 9, 30))}
    return {"newborn": newborn}


def _band(hand: Hand, within: int, unit: str) -> dict[str, Any]:
    band = hand.entry(within=within, unit=unit)
    born = hand.chance(50)
    band["coverage"] = {"starts": "birth"} if born else _coverage(hand, waiting=False)
    if hand.chance(30):
        band["amount"] = hand.pick(0, "20.5", 100)
    return band


def draw_students(hand: Hand) -> dict[str, Any]:
    """Draw an academic year from September on."""
    if not hand.chance(40):
        return {}
    students = hand.entry(
        population="university_student",
        first_day=date(2029, 9, 1),
        last_day=date(2030, 8, 31),
        term_start=hand.pick(date(2029, 9, 1), date(2029, 9, 10)),
        days=hand.pick(60, 0, 30),
        unit="days",
    )
    if hand.chance(50):
        students["graduates"] = hand.entry(last_day=LAST)
    return {"students": students}
