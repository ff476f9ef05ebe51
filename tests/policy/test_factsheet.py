"""Fact sheets: nothing a pack writes is left out, and every example is what an independent reader says too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from typer.testing import CliRunner, Result

from tests.policy.reader import read_pack
from tests.policy.small import small_pack, write_pack
from yingbao.cli.main import app
from yingbao.kernel.money import parse_yuan
from yingbao.policy import Policy, list_packs, read_policy
from yingbao.policy.coverages import NextDay, SameDay
from yingbao.policy.entries import Entry, RuleEntry
from yingbao.policy.factsheet import Example, FactSheet, make_sheet, write_markdown
from yingbao.policy.factsheet.sheet import list_sections
from yingbao.policy.sources import PACKS_DIR

CONSTRUCTS = Path(__file__).parent / "constructs"
PACKS = [(CONSTRUCTS, name) for name in list_packs(CONSTRUCTS)] + [(PACKS_DIR, name) for name in list_packs(PACKS_DIR)]
each_pack = pytest.mark.parametrize(("folder", "name"), PACKS, ids=lambda one: one if isinstance(one, str) else "")


@cache
def policy_of(folder: Path, name: str) -> Policy:
    return read_policy(name, folder)


@cache
def sheet_of(folder: Path, name: str) -> FactSheet:
    return make_sheet(policy_of(folder, name))


def examples_of(sheet: FactSheet, chapter: str) -> list[Example]:
    return [example for one in sheet.chapters if one.code == chapter for example in one.examples]


def shown(name: str, chapter: str) -> list[Example]:
    """Return the examples of a chapter of a pack of the constructs; there must be some."""
    found = examples_of(sheet_of(CONSTRUCTS, name), chapter)
    assert found
    return found


# --- examples ---------------------------------------------------------------------------------------------------


@each_pack
def test_every_example_is_what_the_reader_says(folder: Path, name: str) -> None:
    policy, sheet = policy_of(folder, name), sheet_of(folder, name)
    assert bool(sheet.chapters) == policy.file.assessable
    for chapter in sheet.chapters:
        for example in chapter.examples:
            if chapter.code != "unpaid":
                answer = read_pack(policy.pack, example.person, policy.default_as_of)
                found = {field: getattr(example.decision, field) for field in vars(answer) if field != "reasons"}
                wanted = {field: value for field, value in vars(answer).items() if field != "reasons"}
                assert found == {**wanted, "extras": dict(found["extras"]) if not answer.extras else answer.extras}
                assert answer.reasons <= set(example.decision.reasons)


@each_pack
def test_every_reason_of_an_example_is_among_the_clauses(folder: Path, name: str) -> None:
    sheet = sheet_of(folder, name)
    clauses = {rule.id for rule in sheet.clauses}
    for chapter in sheet.chapters:
        for example in chapter.examples:
            assert {rule.id for rule in example.rules} == set(example.decision.reasons) <= clauses


@each_pack
def test_every_border_has_an_example_on_either_side(folder: Path, name: str) -> None:
    policy = policy_of(folder, name)
    paid = {example.person.paid_on for chapter in sheet_of(folder, name).chapters for example in chapter.examples}
    for window in policy.file.windows if policy.file.assessable else ():
        for border in (window.first_day, window.last_day + timedelta(1)):
            assert {border - timedelta(1), border} <= paid


@each_pack
def test_every_identity_has_an_example_in_every_tier(folder: Path, name: str) -> None:
    policy = policy_of(folder, name)
    held = {
        (code, e.person.tier) for e in examples_of(sheet_of(folder, name), "identities") for code in e.person.identities
    }
    if policy.file.assessable:
        assert {(entry.code, tier) for entry in policy.file.identities for tier in policy.tiers} <= held


@each_pack
def test_every_rate_and_subsidy_amount_comes_up(folder: Path, name: str) -> None:
    policy = policy_of(folder, name)
    decisions = [e.decision for chapter in sheet_of(folder, name).chapters for e in chapter.examples]
    if policy.file.assessable:
        assert {rate.amount for rate in policy.file.rates} <= {decision.rate_fen for decision in decisions}
        stated = {one.amount for entry in policy.file.identities for one in entry.subsidies if one.amount is not None}
        assert stated <= {decision.subsidy_fen for decision in decisions}


def test_a_deadline_is_shown_on_both_sides() -> None:
    before, after = shown("deadlines", "deadlines")[:2]
    assert before.decision.subsidy_identity is not None
    assert after.decision.subsidy_identity is None
    assert before.person.paid_on and after.person.paid_on == before.person.paid_on + timedelta(1)


def test_newborns_are_shown_on_the_last_day_of_every_band_and_the_day_after() -> None:
    examples = shown("newborn-bands", "newborn")
    bands = policy_of(CONSTRUCTS, "newborn-bands").file.newborn
    assert bands is not None
    starts = {example.decision.covered_from == example.person.birth_on for example in examples}
    assert starts == {True, False}
    assert len(examples) >= 2 * len(bands.bands)


def test_missed_years_grow_and_repaired_ones_shorten_the_waiting() -> None:
    examples = shown("waiting-national", "waiting")
    late = [
        one for one in examples if one.person.paid_on == max(e.person.paid_on for e in examples if e.person.paid_on)
    ]
    plain = {one.person.missed_years: one.decision.covered_from for one in late if not one.person.repaired_years}
    ordinary = [plain[years] for years in (0, 1, 2, 3)]
    assert ordinary == sorted(set(ordinary), key=str)
    repaired = next(one for one in late if one.person.repaired_years == one.person.missed_years == 2)
    assert repaired.decision.covered_from == plain[0]
    assert repaired.decision.extras["repair_fen"] > 0
    assert any(one.decision.status == "invalid" for one in late)


def test_the_same_identity_counts_by_the_snapshot() -> None:
    lost, gained, both = shown("snapshot", "snapshot")[:3]
    assert lost.decision.subsidy_fen == both.decision.subsidy_fen
    assert gained.decision.subsidy_fen == 0


def test_the_order_is_shown_to_beat_the_amount() -> None:
    assert any("identity.ranked_lower" in one.decision.reasons for one in shown("ranked-list", "several"))


def test_two_identities_show_the_higher_one_and_equal_ones_the_first() -> None:
    higher, equal = examples_of(sheet_of(PACKS_DIR, "liangping-2023"), "several")[:2]
    policy = policy_of(PACKS_DIR, "liangping-2023")
    for example, alike in ((higher, False), (equal, True)):
        order = [code for code in policy.identities if code in example.person.identities]
        alone = [policy.assess(replace(example.person, identities=frozenset({code}))).subsidy_fen for code in order]
        assert (alone[0] == alone[1]) is alike
        assert example.decision.subsidy_identity == order[0 if alike else 1]


def test_full_cost_adds_the_fiscal_part_and_spares_the_exempt() -> None:
    examples = shown("full-cost", "full_cost")
    fiscal = {one.decision.fiscal_subsidy_fen for one in examples}
    assert 0 in fiscal and len(fiscal) > 1


def test_an_amendment_is_shown_by_the_day_before_and_the_day() -> None:
    examples = shown("amendment", "amends")
    first = policy_of(CONSTRUCTS, "amendment").file.amends
    assert first is not None
    assert {one.person.paid_on for one in examples} == {first.first_day - timedelta(1), first.first_day}
    dibao = [one.decision.subsidy_fen for one in examples if one.person.identities == {"dibao"}]
    assert dibao[0] != dibao[1]


@pytest.mark.parametrize(
    ("name", "chapter", "extra"),
    [
        ("addons", "addons", "addon_fen"),
        ("family-account", "family_account", "account_fen"),
        ("waiting-national", "incentive", "incentive_fen"),
    ],
)
def test_further_amounts_are_shown_with_and_without(name: str, chapter: str, extra: str) -> None:
    amounts = {example.decision.extras.get(extra) for example in shown(name, chapter)}
    assert len(amounts) > 1 and 0 in amounts


@pytest.mark.parametrize("name", ["age-and-disability", "group-windows", "waiting-national", "snapshot"])
def test_who_lacks_a_fact_is_shown_as_invalid(name: str) -> None:
    lacking = shown(name, "facts")
    assert any(one.decision.status == "invalid" for one in lacking)


def test_a_class_left_out_is_shown_as_invalid() -> None:
    examples = shown("dibao-classes", "identities")
    assert any("input.identity_class" in one.decision.reasons for one in examples)


# --- nothing is left out ----------------------------------------------------------------------------------------

# What the sheet does not show, and why.
UNSEEN = {
    "PackFile.format": "of the file, not of the notice",
    "PackFile.pack": "the sheet's own name",
    "PackFile.assessable": "shown by the sections there are",
    "PackFile.year": "shown beside the division",
    "PackFile.extends": "the chain of files is shown, tested below",
    "PackFile.amends": "the chain of files is shown, tested below",
    "PackFile.drop": "the chain of files is shown, tested below",
    "PackFile.title": "the sheet's heading",
    "PackFile.rules": "the list of clauses, tested below",
    "Window.id": "a name for merging",
    "Subsidy.rule": "an identity's clauses are cited together, tested below",
    "Until.rule": "an identity's clauses are cited together, tested below",
    "OnlyTier.rule": "an identity's clauses are cited together, tested below",
}


def other_value(value: Any, kind: Any) -> Any:
    """Return another value of the same field; None where there is none."""
    choices = [one for one in _choices(kind) if one != value]
    if choices or _choices(kind):
        return choices[0] if choices else None
    match value:
        case bool():
            return not value
        case int() | Decimal():
            return value + 1
        case date():
            return value + timedelta(1)
        case str():
            return value + "x"
    return None


def _choices(kind: Any) -> list[Any]:
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    if get_origin(kind) in (Union, type(int | None)):
        return [one for part in get_args(kind) if part is not NoneType for one in _choices(part)]
    return []


def changed(entry: Any) -> Iterator[tuple[str, Any]]:
    """Yield ``entry`` with one written thing in it changed or taken out, and what that was."""
    for name, field in type(entry).model_fields.items():
        value, place = getattr(entry, name), f"{type(entry).__name__}.{name}"
        if place in UNSEEN or name not in entry.model_fields_set:
            continue
        for what, other in _changed_value(value, field.annotation, place):
            yield what, entry.model_copy(update={name: other})


def _changed_value(value: Any, kind: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, tuple):
        if value:
            yield f"{place} without its last", value[:-1]
        for number, item in enumerate(value):
            for what, other in _changed_value(item, get_args(kind)[0] if get_args(kind) else None, place):
                yield what, (*value[:number], other, *value[number + 1 :])
    elif isinstance(value, Entry):
        if "starts" in type(value).model_fields:
            way = NextDay(starts="next_day") if isinstance(value, SameDay) else SameDay(starts="same_day")
            yield f"{place} another way", way
        yield from changed(value)
    elif not place.endswith(".starts"):
        other = other_value(value, kind)
        if other is not None:
            yield place, other


def sections_as_text(policy: Policy) -> str:
    blank = replace(sheet_of(CONSTRUCTS, "one-tier"), chapters=(), questions=(), findings=(), readings=(), clauses=())
    sheet = replace(blank, name=policy.name, layers=policy.pack.layers, sections=tuple(list_sections(policy)))
    return write_markdown(sheet, "zh") + write_markdown(sheet, "en")


@each_pack
def test_whatever_a_pack_writes_is_on_its_sheet(folder: Path, name: str) -> None:
    policy = policy_of(folder, name)
    before = sections_as_text(policy)
    count, unseen = 0, []
    for what, file in changed(policy.file):
        count += 1
        if sections_as_text(Policy(replace(policy.pack, file=file))) == before:
            unseen.append(what)
    assert count > 30
    assert unseen == []


@each_pack
def test_every_identity_cites_all_its_clauses(folder: Path, name: str) -> None:
    policy = policy_of(folder, name)
    rows = [row for one in list_sections(policy) if one.code == "identities" for row in one.tables[0].rows]
    assert len(rows) == len(policy.file.identities)
    for row, entry in zip(rows, policy.file.identities, strict=True):
        cited = {one.rule for one in entry.subsidies}
        cited |= {one.rule for one in (entry.until, entry.only_tier) if one is not None}
        assert {rule.id for rule in row.rules} == cited


@each_pack
def test_every_clause_is_listed_with_its_words(folder: Path, name: str) -> None:
    policy, page = policy_of(folder, name), write_markdown(sheet_of(folder, name), "en").replace("\\", "")
    for rule in policy.file.rules:
        assert isinstance(rule, RuleEntry)
        for text in (rule.title, rule.text, rule.interpretation, rule.ask):
            assert text is None or text.text.render("en") in page
        assert rule.source is None or rule.source.clause in page


@each_pack
def test_what_a_pack_comes_from_is_told(folder: Path, name: str) -> None:
    policy, page = policy_of(folder, name), write_markdown(sheet_of(folder, name), "zh")
    for file in policy.pack.files:
        assert file.pack in page and file.title.zh in page
        for place in file.drop:
            assert place in page
        if file.amends is not None:
            assert str(file.amends.first_day) in page
    for document in policy.file.documents:
        assert document.title.zh in page and str(document.issued_on) in page


def test_a_retroactive_amendment_says_so() -> None:
    pages = [write_markdown(sheet_of(CONSTRUCTS, name), "zh") for name in ("amendment", "amendment-for-all")]
    assert ["此前缴清的也按修订后的重新计算" in page for page in pages] == [False, True]


# --- packs that are not ready -----------------------------------------------------------------------------------


def test_a_pack_with_errors_has_a_sheet_without_examples_that_tells_them(tmp_path: Path) -> None:
    content = small_pack()
    content["identities"][0]["subsidies"][0]["rule"] = "X-9"
    sheet = make_sheet(write_pack(tmp_path, content))
    assert sheet.chapters == ()
    assert any(finding.code == "unknown-rule" for finding in sheet.findings)
    assert "X-9" in write_markdown(sheet, "zh")


def test_texts_of_a_pack_cannot_break_the_page(tmp_path: Path) -> None:
    content = small_pack()
    content["title"] = {"zh": "某县|<b>[链接](x)*", "en": "x"}
    page = write_markdown(make_sheet(write_pack(tmp_path, content)), "zh")
    assert page.startswith("# 某县\\|\\<b>\\[链接\\](x)\\*\n")


def test_amounts_are_in_yuan_without_needless_decimals() -> None:
    page = write_markdown(sheet_of(CONSTRUCTS, "half-yuan"), "en")
    amounts = {one.amount for entry in policy_of(CONSTRUCTS, "half-yuan").file.identities for one in entry.subsidies}
    halves = [fen for fen in amounts if fen is not None and fen % 100]
    assert halves
    for fen in halves:
        text = f"{fen // 100}.{fen % 100:02d}"
        assert parse_yuan(text) == fen and f" {text} " in page
    assert ".00 " not in page


# --- the command ------------------------------------------------------------------------------------------------


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["policy", "sheet", *words])


def test_the_command_writes_the_page_in_either_language(tmp_path: Path) -> None:
    out = tmp_path / "page.md"
    done = run("one-tier", "--folder", str(CONSTRUCTS), "--lang", "en", "--out", str(out))
    assert (done.exit_code, done.output) == (0, "")
    assert out.read_text("utf-8") == write_markdown(sheet_of(CONSTRUCTS, "one-tier"), "en")
    assert run("one-tier", "--folder", str(CONSTRUCTS)).output == write_markdown(sheet_of(CONSTRUCTS, "one-tier"), "zh")


def test_the_command_refuses_a_pack_that_is_none() -> None:
    done = run("nowhere-2023")
    assert done.exit_code == 1
    assert "nowhere-2023" in done.output
