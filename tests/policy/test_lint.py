"""What lint finds, each shown by a small broken pack; and what it says of the packs that ship."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.policy.broken import BROKEN, broken, put
from tests.policy.small import small_pack, write_pack
from yingbao.kernel.errors import BadInput
from yingbao.policy import get_policy, list_packs, read_policy
from yingbao.policy.lint import Finding, lint
from yingbao.policy.linting.advice import ADVICE
from yingbao.policy.linting.letter import write_letter

CHINESE = re.compile(r"[\u4e00-\u9fff]")


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


@pytest.mark.parametrize(
    ("code", "severity", "place", "change"), BROKEN, ids=[f"{number} {one[0]}" for number, one in enumerate(BROKEN)]
)
def test_what_is_wrong_is_found_where_it_is(
    code: str, severity: str, place: str, change: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    found = find(tmp_path, broken(change))
    assert (code, severity, place) in [(f.code, f.severity, f.place) for f in found]
    errors = {f.code for f in found if f.severity == "error"}
    assert errors <= {code}  # one mistake is one error, and no other


def test_every_finding_there_is_has_its_broken_pack() -> None:
    assert {code for code, *_ in BROKEN} | {"amendment-outside-season"} == set(ADVICE)


def test_every_finding_speaks_both_languages_and_says_how_to_mend_it(tmp_path: Path) -> None:
    for _, _, _, change in BROKEN:
        for finding in find(tmp_path, broken(change)):
            for sentence in (finding.message, finding.advice, *([finding.ask] if finding.ask else [])):
                assert sentence.render("zh")
                assert sentence.render("en")
                if finding.code != "word-clash":
                    assert not CHINESE.search(sentence.render("en")), (finding.code, sentence.render("en"))


# What is wrong with the pack and not with the notice: nobody but its writer can answer for it.
MISTAKES = {
    "silence-in-window", "days-reversed", "empty-deadline", "year-mismatch", "rate-outside-year", "never-reached",
    "tier-without-rate", "percent-without-rate", "unknown-identity", "unknown-population", "unknown-parent",
    "bad-division", "word-clash", "word-repeated", "no-clause", "no-sentence", "unknown-rule", "unknown-document",
    "duplicate-id", "years-never-apply", "undeclared-fact", "unused-fact", "never-holds", "band-order",
    "newborn-outside-year",
    "refers-to-nothing", "cannot-compile",
}  # fmt: skip


def test_whatever_the_notice_leaves_open_comes_with_the_question_and_its_source(tmp_path: Path) -> None:
    for code, severity, place, change in BROKEN:
        if code in MISTAKES or (code, place) == ("no-department", "identities.dibao.paid_by"):
            continue
        if (code, severity) == ("subsidy-above-rate", "info"):  # the pack says that the rate is the limit
            continue
        asked = next(f.ask for f in find(tmp_path, broken(change)) if (f.code, f.place) == (code, place))
        assert asked is not None, code
        assert asked.render("en").startswith("“A sentence”"), code


def test_windows_that_overlap_over_a_third_are_both_found(tmp_path: Path) -> None:
    pack = small_pack()
    pack["windows"][0]["last_day"] = date(2030, 6, 30)
    pack["windows"][1]["first_day"] = date(2030, 2, 1)
    pack["windows"].append({**pack["windows"][1], "id": "later", "first_day": date(2030, 6, 1)})
    found = [f.place for f in find(tmp_path, pack) if f.code == "overlapping-windows"]
    assert found == ["windows.late", "windows.later", "windows.later"]


def test_a_declared_silence_is_a_warning_and_carries_the_question(tmp_path: Path) -> None:
    pack = small_pack()
    pack["windows"][1]["first_day"] = date(2030, 1, 11)
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


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("identities.0.subsidies.0.percent", "half", "identities 第 1 条（dibao） 的 subsidies 第 1 条 的 percent"),
        ("rates.0.amount", "many", "rates 第 1 条 的 amount"),
        ("rates.0.when", {}, "rates 第 1 条 的 when"),
        ("year", "2030", "year"),
    ],
)
def test_what_does_not_even_fit_the_form_is_refused_in_a_sentence(
    path: str, value: Any, place: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=place):
        write_pack(tmp_path, broken(put(path, value)))


def test_a_day_that_does_not_exist_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text("format: 1\nday: 2030-02-30\n", "utf-8")
    with pytest.raises(BadInput, match="small"):
        read_policy("small", tmp_path)


def test_an_amendment_outside_the_season_is_found(tmp_path: Path) -> None:
    write_pack(tmp_path, small_pack())
    amending = {
        **small_pack(),
        "pack": "later",
        "amends": {"pack": "small", "first_day": date(2030, 8, 1), "rule": "X-1"},
    }
    [finding] = [f for f in lint(write_pack(tmp_path, amending).pack) if f.code == "amendment-outside-season"]
    assert (finding.severity, finding.place) == ("warning", "amends")
    assert finding.ask is not None
    assert "2030-08-01" in finding.ask.render("zh")


def test_the_letter_numbers_every_question_once_and_puts_readings_last(tmp_path: Path) -> None:
    pack = small_pack()
    pack["rules"][0]["interpretation"] = {"zh": "如此理解。", "en": "Read so."}
    policy = write_pack(tmp_path, pack)
    findings = lint(policy.pack)
    for language, confirm in (("zh", "如此理解。是否妥当？"), ("en", "Read so. Is that right?")):
        lines = write_letter(policy.pack, findings, language).splitlines()
        numbered = [line for line in lines if re.match(r"\d+\. ", line)]
        assert [int(line.split(".")[0]) for line in numbered] == list(range(1, len(numbered) + 1))
        assert len(set(line.split(". ", 1)[1] for line in numbered)) == len({str(f.ask) for f in findings if f.ask})
        assert numbered[-1].endswith(confirm)


def test_a_reading_with_a_question_of_its_own_is_an_open_question() -> None:
    pack = get_policy("liangping-2023").pack
    letter = write_letter(pack, lint(pack), "zh")
    unsettled, readings = letter.split("二、请确认")
    assert "7月1日以后在90日内参保的新生儿" in unsettled
    assert "2022年12月21日至12月31日缴费的" in unsettled
    assert letter.count("2022年12月21日至12月31日缴费的") == 1
    assert "就高" in readings
