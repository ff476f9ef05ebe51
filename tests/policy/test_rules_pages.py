"""The pages under docs/rules: made from the packs, so that what they say is what the engine does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.factsheets import RULES, list_pages
from yingbao.policy import get_policy, list_packs
from yingbao.policy.builtin import BUILTIN_RULES

PAGES = dict(list_pages())
each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(RULES)))


@each_page
def test_the_page_is_what_the_pack_says(path: Path) -> None:
    assert path.read_text("utf-8") == PAGES[path], "write the pages anew: python -m tools.factsheets"


def test_every_pack_has_a_page_in_both_languages_and_nothing_else_has() -> None:
    wanted = {RULES / f"{name}.md" for name in list_packs()} | {RULES / "zh" / f"{name}.md" for name in list_packs()}
    assert {path for path in RULES.rglob("*.md") if path.name != "README.md"} == wanted == PAGES.keys()


def test_the_readme_leads_to_every_page() -> None:
    page = (RULES / "README.md").read_text("utf-8")
    for path in PAGES:
        assert f"({path.relative_to(RULES)})" in page


@each_page
def test_every_line_of_a_table_has_all_columns(path: Path) -> None:
    width = None
    for line in PAGES[path].splitlines():
        if not line.startswith("|"):
            width = None
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        width = width or cells
        assert cells == width, line


@each_page
def test_every_clause_cited_stands_on_the_page(path: Path) -> None:
    page = PAGES[path]
    anchors = re.findall(r'<a id="([^"]+)"></a>', page)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= set(anchors)


@each_page
def test_every_sentence_and_reading_stands_on_the_page(path: Path) -> None:
    language, page = "zh" if path.parent.name == "zh" else "en", PAGES[path].replace("\\", "")
    for rule in get_policy(path.stem).pack.rules.values():
        assert rule.text.render(language) in page
        if rule.interpretation is not None:
            assert rule.interpretation.render(language) in page
        if rule.ask is not None:
            assert rule.ask.render(language) in page


# What the two notices lead to, worked out by hand: facts → status, rate, subsidy, payable, treasury, cover.
KNOWN = {
    ("banan-2022", "1979-05-05 出生，城乡居民，1 档，2022-02-28 缴清"): "已测算|320|0|320|–|2022-01-01 至 2022-12-31",
    ("banan-2022", "1979-05-05 出生，城乡居民，1 档，2022-03-01 缴清"): "通知未作规定|320|0|320|–|–",
    ("banan-2022", "1979-05-05 出生，城乡居民，1 档，2022-10-01 缴清"): "不在参保时段|–|–|–|–|–",
    ("banan-2022", "1979-05-05 出生，城乡居民，2 档，城乡低保对象，2022-02-28 缴清"): (
        "已测算|695|320|375|–|2022-01-01 至 2022-12-31"
    ),
    ("liangping-2023", "1980-05-05 出生，城乡居民，1 档，城乡低保对象，2022-12-20 缴清"): (
        "已测算|350|315|35|610|2023-01-01 至 2023-12-31"
    ),
    ("liangping-2023", "1980-05-05 出生，城乡居民，1 档，2022-12-21 缴清"): "通知未作规定|350|0|350|610|–",
    (
        "liangping-2023",
        "1980-05-05 出生，城乡居民，1 档，2023-03-01 缴清",
    ): "已测算|350|0|350|610|2023-05-31 至 2023-12-31",
    (
        "liangping-2023",
        "1980-05-05 出生，城乡居民，1 档，2023-07-01 缴清",
    ): "已测算|350|0|960|0|2023-09-30 至 2023-12-31",
    ("liangping-2023", "1980-05-05 出生，城乡居民，1 档，特困人员，2023-07-01 缴清"): (
        "已测算|350|350|610|0|2023-07-01 至 2023-12-31"
    ),
    (
        "liangping-2023",
        "2023-02-10 出生，城乡居民，1 档，2023-05-11 缴清",
    ): "已测算|350|0|350|610|2023-02-10 至 2023-12-31",
    (
        "liangping-2023",
        "2023-02-10 出生，城乡居民，1 档，2023-05-12 缴清",
    ): "已测算|350|0|350|610|2023-08-11 至 2023-12-31",
    (
        "liangping-2023",
        "2002-05-05 出生，大学生，1 档，2022-10-31 缴清",
    ): "已测算|320|0|320|610|2022-09-01 至 2023-08-31",
    ("liangping-2023", "2002-05-05 出生，大学生，1 档，特困人员，2022-09-20 缴清"): (
        "已测算|320|320|0|610|2022-09-01 至 2023-08-31"
    ),
}


@pytest.mark.parametrize(("known", "wanted"), KNOWN.items(), ids=lambda one: one[1] if isinstance(one, tuple) else "")
def test_examples_worked_out_by_hand(known: tuple[str, str], wanted: str) -> None:
    name, facts = known
    rows = [line.split(" | ") for line in PAGES[RULES / "zh" / f"{name}.md"].splitlines() if f"| {facts} |" in line]
    assert rows
    for row in rows:
        assert "|".join(row[2:8]) == wanted


def test_the_readme_names_every_input_reason() -> None:
    page = (RULES / "README.md").read_text("utf-8")
    for reason in BUILTIN_RULES:
        assert f"`{reason}`" in page
