"""Whole packs drawn at random: every construct a notice may use, in any company, mostly without lint's errors.

A pack is drawn as the dictionary its YAML file would hold. Every entry rests on a rule of its own, so that reasons tell
which entry decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.policy.random_windows import FIRST, LAST, draw_newborn, draw_students, draw_windows
from tests.policy.random_words import COUNTED, GROUPS, KINDS, PER_YEAR, POPULATIONS, WORDS, Draw, Hand, Keys

T = TypeVar("T")
_TEXT = {"zh": "某条", "en": "A sentence"}
_DOCUMENT = {
    **{"id": "R", "title": _TEXT, "number": None, "issuer": _TEXT, "issued_on": date(2029, 9, 1), "file": "r.txt"}
}
LEVELS = ("centre", "province", "county")


@st.composite
def packs(draw: Draw) -> dict[str, Any]:
    """Draw the content of one pack."""
    return _draw_pack(Hand(draw))


@st.composite
def generous_packs(draw: Draw) -> dict[str, Any]:
    """Draw a pack in which the highest counts, and no condition asks who holds, or does not hold, what."""
    hand = Hand(draw, KINDS[2:])
    content = _draw_pack(hand)
    content["several"] = hand.entry(choose="highest", later_identity="nothing")
    return content


def _draw_pack(hand: Hand) -> dict[str, Any]:
    tiers = list(range(1, 1 + hand.pick(1, 1, 2, 3)))
    content: dict[str, Any] = {
        **{"format": 1, "pack": "random", "assessable": True, "year": 2030, "division": "990000000000"},
        **{"title": _TEXT, "documents": [_DOCUMENT], "words": WORDS},
        "coverage_year": hand.entry(first_day=FIRST, last_day=LAST),
        "rates": _draw_rates(hand, tiers),
        "several": hand.entry(choose=hand.pick("highest", "highest", "ranked"), later_identity="nothing"),
        "payers": hand.entry(),
        "identities": _draw_identities(hand, tiers),
    }
    content |= _draw_waiting(hand) | _draw_money(hand) | _draw_facts(hand)
    content |= draw_windows(hand, waiting="waiting" in content) | draw_newborn(hand) | draw_students(hand)
    content["no_waiting"] = [_draw_no_waiting(hand) for _ in range(hand.pick(0, 0, 1, 2))]
    if hand.chance(80):
        content["cap"] = hand.entry(at="rate")
    return content | {"facts": _declare(hand, content), "rules": hand.rules}


def _draw_rates(hand: Hand, tiers: Sequence[int]) -> list[dict[str, Any]]:
    entries = []
    for population in POPULATIONS if hand.chance(80) else POPULATIONS[:2]:
        for tier in tiers:
            whens = [hand.when() for _ in range(hand.pick(0, 0, 0, 1, 2))]
            different = [when for place, when in enumerate(whens) if when not in whens[:place]]
            plain = [None] if hand.chance(95) or not different else []
            entries += [_rate(hand, population, tier, when) for when in (*different, *plain)]
    return entries


def _rate(hand: Hand, population: str, tier: int, when: Keys | None) -> dict[str, Any]:
    days = {"first_day": FIRST, "last_day": LAST, "unit": PER_YEAR, **hand.years()}
    return hand.entry(population=population, tier=tier, amount=hand.rate(tier), when=when, **days)


def _draw_identities(hand: Hand, tiers: Sequence[int]) -> list[dict[str, Any]]:
    codes = hand.some(COUNTED)
    if "dibao" not in codes and hand.chance(70):
        codes.append("dibao")
    return [_identity(hand, code, tiers) for code in hand.shuffled(codes)]


def _identity(hand: Hand, code: str, tiers: Sequence[int]) -> dict[str, Any]:
    identity: dict[str, Any] = {"code": code, "confirmed_by": "fishery_office", "paid_by": "civil_affairs"}
    identity["subsidies"] = [
        _subsidy(hand, tier, tiers, conditional)
        for tier in tiers
        for conditional in hand.pick([False], [False], [True, False], [True], [])
    ]
    if hand.chance(12):
        identity["when"] = hand.when()
    if hand.chance(25):
        identity["until"] = hand.entry(before=hand.day())
    if hand.chance(15):
        only = hand.pick(*tiers)
        identity["only_tier"] = hand.entry(tier=only, otherwise=hand.pick("warn", "refuse"))
    return identity | hand.years()


def _subsidy(hand: Hand, tier: int, tiers: Sequence[int], conditional: bool) -> dict[str, Any]:
    subsidy = hand.entry(tier=tier, unit=PER_YEAR, when=hand.when() if conditional else None, **hand.years())
    if hand.chance(45):
        return subsidy | {"amount": hand.rate(tier) if hand.chance(4) else hand.yuan()}
    return subsidy | {
        "percent": hand.pick(1, 50, 70, 90, 100, "12.5", "33.33") if hand.chance(96) else 120,
        "of_tier": hand.pick("own", *(other for other in tiers if other <= tier)),
    }


def _draw_no_waiting(hand: Hand) -> dict[str, Any]:
    group = hand.entry(**hand.years())
    if hand.chance(70):
        group["identities"] = hand.some(GROUPS, least=1)
    if "identities" not in group or hand.chance(20):
        group["who"] = hand.when()
    return group


def _draw_waiting(hand: Hand) -> dict[str, Any]:
    if not hand.chance(50):
        return {}
    waiting = hand.entry(
        months=hand.pick(0, 1, 3, 6),
        per_missed_year=hand.pick(0, 1, 1, 2),
        unit="months",
        counted_from=hand.pick("clearing", "next_month", "cover"),
    )
    if hand.chance(60):
        waiting["repair"] = hand.entry(months=hand.pick(1, 1, 2))
    if hand.chance(50):
        waiting["floor"] = hand.entry(missed_years=hand.pick(1, 2, 4), months=hand.pick(0, 2, 6, 9))
    if hand.chance(40):
        waiting["exempt"] = hand.when()
    return {"waiting": waiting}


def _draw_money(hand: Hand) -> dict[str, Any]:
    """Everything beside rate and subsidy: rounding, the treasury, add-ons, the relative's account, the incentive."""
    content: dict[str, Any] = {}
    if hand.chance(50):
        content["rounding"] = hand.entry(to=hand.pick("fen", "jiao", "yuan"), mode=hand.pick("half_up", "up", "down"))
    if hand.chance(60):
        content["fiscal"] = _fiscal(hand)
        if hand.chance(60):
            content["full_cost"] = _full_cost(hand)
    if hand.chance(40):
        content["addons"] = [_addon(hand, code) for code in ("accident", "citizens", "nursing")[: hand.pick(1, 2, 3)]]
    if hand.chance(30):
        parts = hand.some(("personal", "repair", "addons"), least=1)
        content["family_account"] = hand.entry(pays=parts)
    if hand.chance(30):
        content |= _incentive(hand)
    return content


def _fiscal(hand: Hand) -> dict[str, Any]:
    fiscal = hand.entry(amount=hand.yuan(), unit=PER_YEAR, first_day=FIRST, last_day=LAST)
    if hand.chance(40):
        percents = hand.pick((60, 20, 20), ("33.3", "33.3", "33.4"), (50, "37.5", "12.5"))
        shares = zip(LEVELS, percents, strict=True)
        fiscal["shares"] = [hand.entry(code=level, zh="级", en="Level", percent=part) for level, part in shares]
    return fiscal


def _full_cost(hand: Hand) -> dict[str, Any]:
    first = hand.day()
    cost = hand.entry(first_day=first, newborns=hand.pick("included", "exempt"))
    if hand.chance(50):
        cost["last_day"] = first + timedelta(days=hand.pick(0, 30, 90))
    if hand.chance(40):
        cost["exempt"] = hand.when()
    return cost


def _addon(hand: Hand, code: str) -> dict[str, Any]:
    who = hand.when() if hand.chance(40) else None
    names = {"code": code, "zh": "附加险", "en": "Add-on"}
    return hand.entry(**names, amount=hand.yuan(), unit=PER_YEAR, compulsory=hand.chance(40), who=who)


def _incentive(hand: Hand) -> dict[str, Any]:
    incentive = hand.entry(
        benefit="ceiling",
        after_years=hand.pick(0, 2, 4),
        per_year=hand.pick(0, 1000, "37.5"),
        per_year_without_claims=hand.pick(0, 500, 1000),
        unit=PER_YEAR,
    )
    if hand.chance(60):
        incentive["most_percent"] = hand.pick(1, 5, 20)
    names = {"name": "ceiling", "zh": "限额", "en": "Ceiling"}
    benefit = hand.entry(**names, value=hand.pick(3000, 20000), unit=PER_YEAR)
    return {"incentive": incentive, "benefits": [benefit]}


def _draw_facts(hand: Hand) -> dict[str, Any]:
    """On which day ages are counted, and which identities count."""
    content: dict[str, Any] = {}
    if hand.chance(50):
        content["ages"] = hand.entry(counted_on=hand.pick("clearing", FIRST - timedelta(days=1), date(2029, 9, 1)))
    if hand.chance(25):
        content["snapshot"] = hand.entry(day=date(2029, 8, 31), later=hand.pick("nothing", "added"))
    return content


def _declare(hand: Hand, content: dict[str, Any]) -> list[dict[str, Any]]:
    """Declare a few facts, some of them of some people only."""
    names = ["disability_kind", "disability_grade", "enrolled_last_year"]
    names += ["missed_years"] if "waiting" in content else []
    facts = []
    for name in names:
        if hand.chance(20):
            facts.append(hand.entry(fact=name, identities=hand.some(GROUPS) if hand.chance(60) else []))
    return facts
