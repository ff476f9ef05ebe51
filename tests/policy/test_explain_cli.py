"""``yingbao explain`` as somebody types it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from typer.testing import CliRunner, Result

from tests.policy.rows import COLUMNS, assess_rows, random_row, write_rows
from yingbao.cli.main import app
from yingbao.policy import get_policy
from yingbao.policy.asking import answer_facts, find_row

WIDE = {"COLUMNS": "240", "YINGBAO_LANG": "zh"}
DIBAO = ("--birth", "1980-05-05", "--identities", "dibao;disabled_1_2", "--paid-on", "2023-07-05")


def explain(*arguments: str, policy: str = "liangping-2023") -> Result:
    return CliRunner().invoke(app, ["explain", "--policy", policy, *arguments], env=WIDE)


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node["children"]:
        yield from walk(child)


def test_the_tree_is_drawn_with_signs_amounts_and_clauses() -> None:
    result = explain(*DIBAO)
    assert result.exit_code == 0
    for said in (
        "✓ 结论：个人应缴 645.00 元；按“城乡低保对象”资助 315.00 元",
        "✗ 城乡重度（一、二级）残疾人员：须在 2023-07-01 前缴清，2023-07-05 已过期  0.00 PJ-5.1.2g",
        "· 个人应缴：350.00 − 315.00 + 财政部分 610.00  645.00",
        "待请示",
    ):
        assert said in result.output, said


def test_it_speaks_english() -> None:
    output = explain(*DIBAO, "--lang", "en").output
    assert "To pay 645.00 yuan" in output and "2023-07-05 is too late" in output


def test_json_has_both_languages_and_terms_that_add_up() -> None:
    tree = json.loads(explain(*DIBAO, "--json").output)
    assert set(tree["label"]) == {"zh", "en"}
    (payable,) = [node for node in walk(tree) if node["part"] == "payable"]
    assert sum(term["amount_fen"] for term in payable["children"]) == payable["amount_fen"] == 64500


def test_a_letter_is_written_beside_the_tree(tmp_path: Path) -> None:
    out = tmp_path / "letter.pdf"
    assert explain(*DIBAO, "--pdf", str(out)).exit_code == 0
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(out.read_bytes()))
    assert "645.00" in text and "测算说明" in text.replace(" ", "")


def test_further_facts_are_named_as_in_files() -> None:
    students = ("--birth", "2004-05-05", "--population", "university_student", "--paid-on", "2022-10-01")
    output = explain(*students, "--fact", "graduating=true", "--fact", "term_start=2022-09-05").output
    assert "是否当年毕业：是" in output and "2022-09-05 至 2022-11-04，2022-10-01 在其内" in output
    assert explain(*students, "--fact", "graduating=perhaps").output.count("是否毕业有误") >= 1


@pytest.mark.parametrize("fact", ["shoe_size=43", "graduating", "person_id=1"])
def test_a_fact_nobody_knows_is_refused(fact: str) -> None:
    result = explain(*DIBAO, "--fact", fact)
    assert result.exit_code == 1 and "没有这样的事实" in result.output and "missed_years" in result.output


def test_one_row_of_a_file_is_explained(tmp_path: Path) -> None:
    rows = [random_row("liangping-2023", random.Random(7)) for _ in range(3)]
    write_rows(tmp_path / "people.csv", rows)
    result = explain("--people", str(tmp_path / "people.csv"), "--id", "P1")
    assert result.exit_code == 0 and rows[1].birth_date in result.output
    assert "没有编号为“P9”" in explain("--people", str(tmp_path / "people.csv"), "--id", "P9").output
    assert explain("--people", str(tmp_path / "people.csv")).exit_code == 1
    assert explain("--people", str(tmp_path / "none.csv"), "--id", "P1").exit_code == 1
    assert explain("--people", str(tmp_path / "people.txt"), "--id", "P1").exit_code == 1


def test_a_pack_that_cannot_answer_says_so() -> None:
    result = explain(*DIBAO, policy="chongqing-2023")
    assert result.exit_code == 1 and "不能单独测算" in result.output


@pytest.mark.parametrize("pack", ["liangping-2023", "banan-2022"])
def test_a_row_is_decided_as_assess_decides_it_nonsense_included(pack: str, tmp_path: Path) -> None:
    chance = random.Random(20)
    rows = [random_row(pack, chance) for _ in range(150)]
    assessed = assess_rows(pack, rows, tmp_path)
    for place, (row, answer) in enumerate(zip(rows, assessed, strict=True)):
        if place < 3:
            assert find_row(tmp_path / "people.csv", f"P{place}") == {name: asdict(row)[name] for name in COLUMNS}
        found = answer_facts(get_policy(pack), asdict(row))
        assert found.decision.status == answer["status"]
        assert ";".join(found.decision.reasons) == answer["reasons"]
        assert found.tree.find("difference", "other") == []


def test_a_value_that_cannot_be_read_is_not_called_lacking() -> None:
    output = explain("--birth", "1985/5/5").output
    assert "出生日期：“1985/5/5”不是可以识别的日期，请写作 1980-05-05 这样的形式" in output
    assert "出生日期：未提供" not in output
    assert "出生日期：未提供" in explain().output
    assert "like 1980-05-05" in explain("--birth", "1985/5/5", "--lang", "en").output
    student = ("--birth", "2004-05-05", "--population", "university_student")
    assert "缴清日期：“2023/7/5”不是可以识别的日期" in explain(*DIBAO[:-1], "2023/7/5").output
    assert "是否当年毕业：填写的是“perhaps”，不能采用" in explain(*student, "--fact", "graduating=perhaps").output
