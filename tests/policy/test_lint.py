"""What lint finds, each shown by a small broken pack; and what it says of the packs that ship."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.policy.small import PER_YEAR, small_pack, write_pack
from yingbao.policy import get_policy, list_packs
from yingbao.policy.lint import Finding, lint


def find(folder: Path, pack: dict[str, Any]) -> list[Finding]:
    return lint(write_pack(folder, pack).pack)


def told(findings: list[Finding]) -> list[Finding]:
    """Return findings without those of parts the notice does not have at all."""
    return [finding for finding in findings if not finding.code.startswith("silent-")]


def test_clean_pack_has_no_findings_but_what_its_notice_does_not_say(tmp_path: Path) -> None:
    found = find(tmp_path, small_pack())
    assert told(found) == []
    assert [f.code for f in found if f.severity == "warning"] == ["silent-fiscal", "silent-newborn"]


@pytest.mark.clause("PJ-6")
def test_the_silent_days_of_liangping_are_found() -> None:
    [finding] = [f for f in lint(get_policy("liangping-2023").pack) if f.code == "uncovered-days"]
    assert finding.severity == "warning"
    assert (finding.message.params["first"], finding.message.params["last"]) == (date(2022, 12, 21), date(2022, 12, 31))
    assert finding.ask is not None


@pytest.mark.clause("BN-3.1.4")
def test_the_missing_rule_for_late_cover_of_banan_is_found() -> None:
    [finding] = [f for f in lint(get_policy("banan-2022").pack) if f.code == "missing-coverage-rule"]
    assert finding.place == "windows.late.coverage"
    assert finding.ask is not None


@pytest.mark.parametrize("name", list_packs())
def test_packs_that_ship_have_no_errors(name: str) -> None:
    assert [f for f in lint(get_policy(name).pack) if f.severity == "error"] == []


def break_days(pack: dict[str, Any]) -> None:
    pack["windows"][1]["first_day"] = date(2030, 1, 11)


def break_overlap(pack: dict[str, Any]) -> None:
    pack["windows"][1]["first_day"] = date(2029, 12, 31)


def break_rate(pack: dict[str, Any]) -> None:
    pack["identities"][0]["subsidies"] = [{"tier": 1, "amount": 401, "unit": PER_YEAR, "rule": "X-1"}]


def break_percent(pack: dict[str, Any]) -> None:
    pack["identities"][0]["subsidies"][0]["amount"] = 210


def break_base(pack: dict[str, Any]) -> None:
    pack["identities"][0]["subsidies"][0]["of_tier"] = 2


def break_clause(pack: dict[str, Any]) -> None:
    del pack["rates"][0]["rule"]


def break_source(pack: dict[str, Any]) -> None:
    del pack["rules"][0]["source"]


def break_document(pack: dict[str, Any]) -> None:
    pack["rules"][0]["source"]["document"] = "Y"


def break_confirmer(pack: dict[str, Any]) -> None:
    del pack["identities"][0]["confirmed_by"]


def break_payer(pack: dict[str, Any]) -> None:
    pack["identities"][0]["paid_by"] = "ministry_of_magic"


def break_rule(pack: dict[str, Any]) -> None:
    pack["identities"][0]["subsidies"][0]["rule"] = "X-9"


def break_identity(pack: dict[str, Any]) -> None:
    pack["identities"][0]["code"] = "knight"


def break_population(pack: dict[str, Any]) -> None:
    pack["rates"][0]["population"] = "knights"


@pytest.mark.parametrize(
    ("breaking", "code", "place"),
    [
        (break_days, "uncovered-days", "windows"),
        (break_overlap, "overlapping-windows", "windows.late"),
        (break_rate, "subsidy-above-rate", "identities.dibao.subsidies.1"),
        (break_percent, "percent-mismatch", "identities.dibao.subsidies.1"),
        (break_base, "percent-without-rate", "identities.dibao.subsidies.1"),
        (break_clause, "no-clause", "rates.resident.1.rule"),
        (break_source, "no-clause", "rules.X-1"),
        (break_document, "unknown-document", "rules.X-1"),
        (break_confirmer, "no-department", "identities.dibao.confirmed_by"),
        (break_payer, "no-department", "identities.dibao.paid_by"),
        (break_rule, "unknown-rule", "identities.dibao.subsidies.1.rule"),
        (break_identity, "unknown-identity", "identities.knight"),
        (break_population, "unknown-population", "rates.knights.1"),
    ],
)
def test_broken_pack(breaking: Callable[[dict[str, Any]], None], code: str, place: str, tmp_path: Path) -> None:
    pack = small_pack()
    breaking(pack)
    errors = [(f.code, f.place) for f in find(tmp_path, pack) if f.severity == "error"]
    assert errors == [(code, place)]


def test_windows_that_overlap_over_a_third_are_both_found(tmp_path: Path) -> None:
    pack = small_pack()
    pack["windows"][0]["last_day"] = date(2030, 6, 30)
    pack["windows"][1]["first_day"] = date(2030, 2, 1)
    pack["windows"].append({**pack["windows"][1], "id": "later", "first_day": date(2030, 6, 1)})
    found = [f.place for f in find(tmp_path, pack) if f.code == "overlapping-windows"]
    assert found == ["windows.late", "windows.later", "windows.later"]


def test_a_declared_silence_is_a_warning_and_carries_the_question(tmp_path: Path) -> None:
    pack = small_pack()
    break_days(pack)
    pack["rules"][0]["ask"] = {"zh": "哪一天？", "en": "Which day?"}
    pack["silences"] = [{"first_day": date(2030, 1, 1), "last_day": date(2030, 1, 10), "rule": "X-1"}]
    [finding] = told(find(tmp_path, pack))
    assert (finding.code, finding.severity) == ("uncovered-days", "warning")
    assert finding.ask is not None
    assert finding.ask.render("en") == "“A sentence”, 1: Which day?"


def test_interpretations_are_listed_for_somebody_to_confirm(tmp_path: Path) -> None:
    pack = small_pack()
    pack["rules"][0]["interpretation"] = {"zh": "如此理解", "en": "Read so"}
    [finding] = told(find(tmp_path, pack))
    assert (finding.code, finding.severity, finding.message.render("en")) == ("interpretation", "info", "Read so")
