"""Packs with one thing wrong each: what a county officer may get wrong, or a notice leave open, one per finding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.policy.small import PER_YEAR, small_pack

Pack = dict[str, Any]
WORD = {"zh": "某", "en": "Some"}
PERCENT = {"name": "share", "value": 50, "unit": "percent", "rule": "X-1", **WORD}


def subsidy(tier: int = 1, **more: Any) -> Pack:
    return {"tier": tier, "unit": PER_YEAR, "rule": "X-1", **({"amount": 100} if "percent" not in more else {}), **more}


def identity(code: str, *subsidies: Pack, **more: Any) -> Pack:
    payers = {"confirmed_by": "civil_affairs", "paid_by": "medical_assistance"}
    return {"code": code, **payers, "subsidies": list(subsidies) or [subsidy()], **more}


def rate(tier: int = 1, amount: int | str = 400, population: str = "resident", **more: Any) -> Pack:
    days = {"first_day": date(2030, 1, 1), "last_day": date(2030, 12, 31)}
    return {"population": population, "tier": tier, "amount": amount, "unit": PER_YEAR, "rule": "X-1", **days, **more}


def window(name: str, first: date, last: date, starts: str = "same_day", **more: Any) -> Pack:
    return {"id": name, "first_day": first, "last_day": last, "coverage": {"starts": starts}, "rule": "X-1", **more}


def waiting(**more: Any) -> Pack:
    return {"months": 3, "per_missed_year": 1, "unit": "months", "counted_from": "clearing", "rule": "X-1", **more}


def set_part(name: str, value: Any) -> Callable[[Pack], None]:
    """Return what puts one part into a pack."""

    def change(pack: Pack) -> None:
        pack[name] = value

    return change


def add(name: str, *values: Any) -> Callable[[Pack], None]:
    """Return what adds entries to a part."""

    def change(pack: Pack) -> None:
        pack[name] = [*pack.get(name, []), *values]

    return change


def both(*changes: Callable[[Pack], None]) -> Callable[[Pack], None]:
    """Return what makes several changes."""

    def change(pack: Pack) -> None:
        for one in changes:
            one(pack)

    return change


def drop(*names: str) -> Callable[[Pack], None]:
    """Return what takes parts out."""

    def change(pack: Pack) -> None:
        for name in names:
            del pack[name]

    return change


def put(path: str, value: Any) -> Callable[[Pack], None]:
    """Return what writes ``value`` at a path such as ``windows.0.rule``; None takes the key out."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]

    def change(pack: Pack) -> None:
        place: Any = pack
        for step in steps:
            place = place[step]
        if value is None:
            del place[last]
        else:
            place[last] = value

    return change


def broken(change: Callable[[Pack], None]) -> Pack:
    """Return the small pack with one change."""
    pack = small_pack()
    change(pack)
    return pack


JANUARY, MARCH, JUNE = date(2030, 1, 1), date(2030, 3, 1), date(2030, 6, 30)
BAND = {"within": 90, "unit": "days", "coverage": {"starts": "birth"}}
NEWBORN = {"populations": ["resident"], "bands": [BAND], "rule": "X-1"}
STUDENTS = {
    "population": "university_student", "first_day": date(2029, 9, 1), "last_day": date(2030, 8, 31),
    "term_start": date(2029, 9, 1), "days": 60, "unit": "days", "rule": "X-1",
}  # fmt: skip
STUDENT_RATE = rate(population="university_student", first_day=date(2029, 9, 1), last_day=date(2030, 8, 31))
FISCAL = {"amount": 700, "unit": PER_YEAR, "first_day": JANUARY, "last_day": date(2030, 12, 31), "rule": "X-1"}
INCENTIVE = {"benefit": "ceiling", "after_years": 4, "per_year": 1000, "unit": PER_YEAR, "rule": "X-1"}
CLASSES = {
    "identities": [{"code": "dibao.a", "zh": "低保甲", "en": "A"}, {"code": "dibao.b", "zh": "低保乙", "en": "B"}]
}
RANKED = {"choose": "ranked", "later_identity": "nothing", "rule": "X-1"}
OLD = {"first_day": date(2028, 1, 1), "last_day": date(2028, 12, 31)}

# code, severity, place, what is changed
BROKEN: list[tuple[str, str, str, Callable[[Pack], None]]] = [
    # --- windows and days ---
    ("uncovered-days", "error", "windows", put("windows.1.first_day", date(2030, 1, 11))),
    ("overlapping-windows", "error", "windows.late", put("windows.1.first_day", date(2029, 12, 31))),
    ("ambiguous-windows", "warning", "windows.old", add(
        "windows", window("poor", MARCH, JUNE, who={"identities": ["dibao"]}),
        window("old", MARCH, JUNE, "next_day", who={"age_from": 60}))),
    ("missing-coverage-rule", "warning", "windows.late.coverage", put("windows.1.coverage", {"starts": "silent"})),
    ("waiting-without-rule", "error", "windows.late.coverage", put("windows.1.coverage", {"starts": "waiting"})),
    ("cover-outside-year", "error", "windows.main.coverage", put("windows.0.coverage.day", date(2031, 1, 1))),
    ("cover-outside-year", "warning", "windows.main.coverage", put("windows.0.coverage.day", date(2029, 12, 1))),
    ("silence-in-window", "warning", "silences.2030-02-01", add(
        "silences", {"first_day": date(2030, 2, 1), "last_day": date(2030, 2, 2), "rule": "X-1"})),
    ("no-window-for", "error", "windows", both(
        put("windows.0.who", {"populations": ["university_student"]}),
        put("windows.1.who", {"populations": ["university_student"]}))),
    ("until-outside-season", "warning", "identities.dibao.until", put(
        "identities.0.until", {"before": date(2029, 10, 1), "rule": "X-1"})),
    ("until-outside-season", "warning", "identities.dibao.until", put(
        "identities.0.until", {"before": date(2030, 7, 1), "rule": "X-1"})),
    ("snapshot-after-opening", "warning", "snapshot", set_part(
        "snapshot", {"day": date(2029, 10, 1), "later": "added", "rule": "X-1"})),
    ("full-cost-outside-season", "warning", "full_cost", both(
        set_part("fiscal", FISCAL),
        set_part("full_cost", {"first_day": date(2030, 7, 1), "newborns": "exempt", "rule": "X-1"}))),
    ("days-reversed", "error", "full_cost", both(set_part("fiscal", FISCAL), set_part(
        "full_cost", {"first_day": MARCH, "last_day": JANUARY, "newborns": "exempt", "rule": "X-1"}))),
    ("empty-deadline", "error", "deadlines.refund", add("deadlines", {"id": "refund", "rule": "X-1", **WORD})),
    ("cover-too-late", "warning", "windows.late", both(
        set_part("waiting", waiting()), add("facts", {"fact": "missed_years"}),
        put("windows.1.coverage", {"starts": "waiting"}), put("windows.1.last_day", date(2030, 9, 30)))),
    ("cover-too-late", "warning", "windows.late", put("windows.1.last_day", date(2030, 12, 31))),
    ("year-mismatch", "error", "coverage_year", set_part("year", 2032)),
    ("rate-outside-year", "warning", "rates.resident.1", both(
        put("rates.0.first_day", OLD["first_day"]), put("rates.0.last_day", OLD["last_day"]))),
    # --- money ---
    ("never-reached", "error", "rates.resident.1.2", add("rates", rate(amount=200, when={"age_to": 17}))),
    ("never-reached", "error", "identities.dibao.subsidies.1.2", put(
        "identities.0.subsidies", [subsidy(), subsidy(when={"age_to": 17})])),
    ("ambiguous-amount", "warning", "rates.resident.1.2", set_part("rates", [
        rate(amount=200, when={"age_to": 17}), rate(amount=100, when={"identities": ["dibao"]}), rate()])),
    ("age-hole", "error", "rates.resident.1", set_part("rates", [
        rate(when={"age_to": 17}), rate(when={"age_from": 19})])),
    ("age-hole", "info", "rates.resident.2", add("rates", rate(2, 500, when={"age_from": 18}))),
    ("subsidy-above-rate", "error", "identities.dibao.subsidies.1", put(
        "identities.0.subsidies.0", subsidy(amount=401))),
    ("subsidy-above-rate", "info", "identities.dibao.subsidies.1", both(
        put("identities.0.subsidies.0", subsidy(amount=300)), add("rates", STUDENT_RATE | {"amount": 280}),
        set_part("students", STUDENTS))),
    ("tier-without-rate", "error", "identities.dibao.subsidies.3", put(
        "identities.0.subsidies", [subsidy(), subsidy(3)])),
    ("tier-without-rate", "error", "identities.dibao.only_tier", put(
        "identities.0.only_tier", {"tier": 2, "rule": "X-1"})),
    ("percent-mismatch", "error", "identities.dibao.subsidies.1", put("identities.0.subsidies.0.amount", 210)),
    ("percent-without-rate", "error", "identities.dibao.subsidies.1", put("identities.0.subsidies.0.of_tier", 2)),
    ("no-rounding", "info", "identities.dibao.subsidies.1", put(
        "identities.0.subsidies.0", subsidy(percent="12.6", of_tier="own"))),
    ("shares-mismatch", "error", "fiscal.shares", set_part("fiscal", {**FISCAL, "shares": [
        {"code": "centre", "amount": 400, **WORD}, {"code": "county", "percent": 40, **WORD}]})),
    ("shares-mismatch", "error", "fiscal.shares", set_part("fiscal", {**FISCAL, "shares": [
        {"code": "centre", "percent": 60, **WORD}, {"code": "county", "percent": 30, **WORD}]})),
    ("full-cost-without-fiscal", "error", "full_cost", set_part(
        "full_cost", {"first_day": MARCH, "newborns": "exempt", "rule": "X-1"})),
    # --- identities and words ---
    ("tier-without-subsidy", "warning", "identities.dibao.subsidies", add("rates", rate(2, 700))),
    ("ranked-below-highest", "warning", "identities.dibao", both(
        set_part("several", RANKED), add("identities", identity("orphan", subsidy(amount=400))))),
    ("tie-between-payers", "info", "identities.disabled_1_2", both(
        drop("payers"), add("identities", identity("disabled_1_2", subsidy(amount=200), paid_by="health")))),
    ("class-without-parent", "warning", "identities.dibao", both(
        set_part("words", CLASSES), set_part("identities", [identity("dibao.a"), identity("dibao.b")]))),
    ("class-without-subsidy", "warning", "identities.dibao", both(
        set_part("words", CLASSES), set_part("identities", [identity("dibao.a")]))),
    ("no-department", "error", "identities.dibao.confirmed_by", put("identities.0.confirmed_by", None)),
    ("no-department", "error", "identities.dibao.paid_by", put("identities.0.paid_by", "ministry_of_magic")),
    ("unknown-identity", "error", "identities.knight", put("identities.0.code", "knight")),
    ("unknown-identity", "error", "no_waiting.1", add("no_waiting", {"identities": ["knight"], "rule": "X-1"})),
    ("unknown-identity", "error", "windows.late.who", put("windows.1.who", {"without": ["knight"]})),
    ("unknown-identity", "error", "identities.dibao.subsidies.1.when", put(
        "identities.0.subsidies.0.when", {"identities": ["knight"]})),
    ("bad-division", "error", "division", set_part("division", '"990322000000"')),
    ("bad-division", "error", "division", set_part("division", "990322")),
    ("unknown-population", "error", "rates.knights.1", put("rates.0.population", "knights")),
    ("unknown-population", "error", "waiting.exempt", set_part(
        "waiting", waiting(exempt={"populations": ["knights"]}))),
    ("unknown-parent", "error", "words.identities.knight.a", set_part(
        "words", {"identities": [{"code": "knight.a", **WORD}]})),
    ("word-clash", "error", "words", set_part("words", {"identities": [{"code": "poor", "zh": "低保", "en": "Poor"}]})),
    ("word-repeated", "warning", "words.departments.health", set_part(
        "words", {"departments": [{"code": "health", **WORD}]})),
    # --- sources ---
    ("no-clause", "error", "rates.resident.1.rule", put("rates.0.rule", None)),
    ("no-clause", "error", "rules.X-1", put("rules.0.source", None)),
    ("no-sentence", "warning", "rules.X-1", put("rules.0.text", {"zh": "", "en": ""})),
    ("unknown-rule", "error", "identities.dibao.subsidies.1.rule", put("identities.0.subsidies.0.rule", "X-9")),
    ("unknown-document", "error", "rules.X-1", put("rules.0.source.document", "Y")),
    ("interpretation", "info", "rules.X-1", put("rules.0.interpretation", {"zh": "如此理解。", "en": "Read so."})),
    ("duplicate-id", "error", "deadlines.refund.2", add(
        "deadlines", *[{"id": "refund", "weekday": 1, "rule": "X-1", **WORD}] * 2)),
    ("years-never-apply", "info", "identities.dibao.subsidies.1", put("identities.0.subsidies.0.years", [2022, 2023])),
    # --- facts and conditions ---
    ("undeclared-fact", "warning", "waiting", set_part("waiting", waiting())),
    ("undeclared-fact", "warning", "rates.resident.1.when", set_part("rates", [
        rate(amount=200, when={"disability_grades": [1]}), rate()])),
    ("unused-fact", "warning", "facts.missed_years", add("facts", {"fact": "missed_years", "rule": "X-1"})),
    ("never-holds", "error", "windows.late.who", put(
        "windows.1.who", {"identities": ["dibao"], "without": ["dibao", "orphan"]})),
    ("age-day-unsaid", "info", "rates.resident.1.when", set_part("rates", [
        rate(amount=200, when={"age_to": 17}), rate()])),
    ("band-order", "error", "newborn.bands.2", set_part("newborn", {**NEWBORN, "bands": [
        {**BAND, "within": 6, "unit": "months"}, BAND]})),
    ("newborn-outside-year", "warning", "newborn.born", set_part("newborn", {**NEWBORN, "born": OLD})),
    ("newborn-born-before-year", "info", "newborn.born", set_part("newborn", NEWBORN)),
    ("population-without-rate", "error", "students", set_part("students", STUDENTS)),
    ("graduates-end-early", "warning", "students.graduates", both(add("rates", STUDENT_RATE), set_part(
        "students", {**STUDENTS, "graduates": {"last_day": JUNE}}))),
    ("repair-without-growth", "warning", "waiting.repair", set_part(
        "waiting", waiting(per_missed_year=0, repair={"months": 1}))),
    ("refers-to-nothing", "warning", "family_account.pays", set_part(
        "family_account", {"pays": ["personal", "addons"], "rule": "X-1"})),
    ("refers-to-nothing", "info", "no_waiting", both(
        put("windows.1.coverage", {"starts": "same_day"}),
        add("no_waiting", {"identities": ["dibao"], "rule": "X-1"}))),
    ("unknown-benefit", "error", "incentive.benefit", set_part("incentive", INCENTIVE)),
    ("unknown-benefit", "error", "incentive.benefit", both(
        set_part("incentive", INCENTIVE), add("benefits", {**PERCENT, "name": "ceiling"}))),
    ("cannot-compile", "error", "pack", add("addons", *[
        {"code": f"a{n}", "amount": 1, "unit": PER_YEAR, "compulsory": False, "rule": "X-1", **WORD}
        for n in range(9)])),
    # --- what is not there at all ---
    ("no-rates", "error", "rates", drop("rates")),
    ("no-windows", "error", "windows", drop("windows")),
    ("no-coverage-year", "error", "coverage_year", drop("coverage_year")),
    ("silent-late", "warning", "windows", put("windows.1", None)),
    ("silent-several", "warning", "several", drop("several")),
    ("silent-identities", "warning", "identities", drop("identities")),
    ("silent-cap", "info", "cap", drop("cap")),
    ("silent-payers", "info", "payers", drop("payers")),
    ("silent-graduates", "info", "students.graduates", both(
        set_part("students", STUDENTS), add("rates", STUDENT_RATE))),
    *((f"silent-{name}", severity, place, lambda pack: None) for name, severity, place in (
        ("fiscal", "warning", "fiscal"), ("newborn", "warning", "newborn"), ("no-waiting", "info", "no_waiting"),
        ("waiting", "info", "waiting"), ("students", "info", "students"), ("refund", "info", "deadlines"),
        ("family-account", "info", "family_account"), ("groups", "info", "groups"),
        ("channels", "info", "channels"), ("benefits", "info", "benefits"))),
]  # fmt: skip
