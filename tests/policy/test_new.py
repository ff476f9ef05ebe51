"""Starting a pack: from a file of answers, from questions in the terminal, and from nothing but a head."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from tests.policy.oracle import Row
from tests.policy.rows import write_rows
from tests.policy.test_schema import as_editor
from yingbao.cli.main import app
from yingbao.kernel.errors import BadInput
from yingbao.policy import read_policy
from yingbao.policy.drafting.answers import make_content, read_cover
from yingbao.policy.drafting.clauses import read_number
from yingbao.policy.drafting.parts import PARTS
from yingbao.policy.drafting.readings import (
    Unreadable,
    read_amounts,
    read_day,
    read_identities,
    read_shares,
    read_yuan,
)
from yingbao.policy.drafting.template import write_pack
from yingbao.policy.format import PackFile
from yingbao.policy.lint import lint
from yingbao.policy.schema import FILE_NAME, make_schema, write_text

HEAD = {"name": "small", "place": {"zh": "某县", "en": "Some county"}, "year": 2030, "division": "990000000000"}
DOCUMENT = {"id": "X", "title": "某通知", "number": "某〔2029〕1号", "issuer": "某局", "issued_on": date(2029, 9, 1)}
CLAUSE = {"clause": "二、（一）", "quote": "原句。"}


def yingbao(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=typed, env={"COLUMNS": "200", "YINGBAO_LANG": "zh"})


def write_answers(folder: Path, answers: dict[str, Any]) -> Path:
    path = folder / "answers.yaml"
    path.write_text(yaml.safe_dump(answers, allow_unicode=True), "utf-8")
    return path


def findings(folder: Path, name: str) -> dict[str, str]:
    return {f.code: f.severity for f in lint(read_policy(name, folder).pack)}


def test_the_head_alone_makes_a_pack_of_which_lint_says_what_is_missing(tmp_path: Path) -> None:
    result = yingbao("policy", "new", "--answers", str(write_answers(tmp_path, HEAD)), "--folder", str(tmp_path / "p"))
    assert result.exit_code == 0, result.output
    found = findings(tmp_path / "p", "small")
    errors = {code for code, severity in found.items() if severity == "error"}
    assert errors == {"no-rates", "no-windows", "no-coverage-year"}
    assert {"silent-fiscal", "silent-newborn", "silent-identities"} <= found.keys()
    assert "错误 3" in result.output
    assert yingbao("policy", "lint", str(tmp_path / "p" / "small.yaml")).exit_code == 1


def test_every_unanswered_part_stands_there_as_an_example_with_its_comment(tmp_path: Path) -> None:
    text = write_pack(make_content(HEAD), "./pack.schema.json")
    for name, part in PARTS.items():
        assert f"# {part.title_zh}：{part.zh.splitlines()[0]}" in text
        assert f"\n# {name}:" in text
    assert text.startswith("# yaml-language-server: $schema=./pack.schema.json\n")


def test_the_examples_fit_the_form_and_the_schema_once_uncommented() -> None:
    head = write_pack(make_content(HEAD), "x").split("\n# 文件：")[0]
    whole = "\n".join([head, "documents: []", "rules: []", *(part.example for part in PARTS.values())])
    assert list(Draft202012Validator(make_schema()).iter_errors(as_editor(whole))) == []
    PackFile.model_validate(_frozen(yaml.safe_load(whole)))
    shown = set(yaml.safe_load(whole))
    assert shown >= set(PARTS)
    assert set(PackFile.model_fields) - shown == {"extends", "amends", "drop"}


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def test_the_schema_lies_beside_the_pack(tmp_path: Path) -> None:
    yingbao("policy", "new", "--answers", str(write_answers(tmp_path, HEAD)), "--folder", str(tmp_path / "p"))
    assert (tmp_path / "p" / FILE_NAME).read_text("utf-8") == write_text()


def test_a_pack_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    words = ("policy", "new", "--answers", str(write_answers(tmp_path, HEAD)), "--folder", str(tmp_path / "p"))
    yingbao(*words)
    (tmp_path / "p" / "small.yaml").write_text("mine", "utf-8")
    assert yingbao(*words).exit_code == 1
    assert (tmp_path / "p" / "small.yaml").read_text("utf-8") == "mine"
    assert yingbao(*words, "--force").exit_code == 0
    assert read_policy("small", tmp_path / "p").year == 2030


@pytest.mark.parametrize("name", ["../out", "a/b"])
def test_a_name_that_is_no_file_name_is_refused(name: str, tmp_path: Path) -> None:
    answers = write_answers(tmp_path, {**HEAD, "name": name})
    assert yingbao("policy", "new", "--answers", str(answers), "--folder", str(tmp_path / "p")).exit_code == 1
    assert list(tmp_path.rglob("*.yaml")) == [answers]


def test_a_district_extends_what_ships(tmp_path: Path) -> None:
    answers = {
        **HEAD,
        "year": 2023,
        "extends": "chongqing-2023",
        "document": DOCUMENT,
        "windows": [{"first_day": date(2022, 11, 3), "last_day": date(2022, 12, 31), "centralised": True,
                     "cover": date(2023, 1, 1), **CLAUSE}],
        "identities": [{"code": "dibao", "amounts": {1: "90% of 1", 2: 350}, "confirmed_by": "civil_affairs",
                        "paid_by": "medical_assistance", **CLAUSE}],
    }  # fmt: skip
    result = yingbao("policy", "new", "--answers", str(write_answers(tmp_path, answers)), "--folder", str(tmp_path))
    assert result.exit_code == 0, result.output
    people, out = tmp_path / "people.csv", tmp_path / "out.csv"
    write_rows(people, [Row("1980-01-01", identities="dibao", paid_on="2023-03-01")])
    assessed = yingbao("assess", "--policy", str(tmp_path / "small.yaml"), str(people), "--out", str(out))
    assert assessed.exit_code == 0, assessed.output
    assert ",35000,31500,dibao,3500,61000,2023-03-01," in out.read_text("utf-8")


def test_all_commands_take_the_path_of_a_pack(tmp_path: Path) -> None:
    several = {"choose": "highest", "later_identity": "nothing", **CLAUSE}
    answers = write_answers(tmp_path, {**HEAD, "document": DOCUMENT, "several": several})
    yingbao("policy", "new", "--answers", str(answers), "--folder", str(tmp_path))
    path = str(tmp_path / "small.yaml")
    assert "某县" in yingbao("policy", "show", path).output
    assert "X-2.1" in yingbao("policy", "show", "small", "--folder", str(tmp_path)).output
    assert "原句。" in yingbao("policy", "explain", path, "X-2.1").output
    assert "dibao" in yingbao("policy", "identities", path).output


def test_lint_of_a_whole_folder_names_each_pack(tmp_path: Path) -> None:
    result = yingbao("policy", "lint")
    assert result.exit_code == 0
    for name in ("banan-2022", "liangping-2023", "chongqing-2023"):
        assert name in result.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"year": None}, "year"),
        ({"colour": "red"}, "colour"),
        ({"rates": [{"amount": -1, **CLAUSE}]}, "rates 第 1 条 的 amount"),
        ({"windows": [{"first_day": date(2030, 2, 1), "last_day": date(2030, 1, 1), "cover": "silent"}]},
         "windows 第 1 条"),
        ({"windows": [{"last_day": date(2030, 1, 1)}]}, "first_day"),
        ({"rates": 400}, "答卷"),
    ],
)  # fmt: skip
def test_answers_that_do_not_fit_are_refused_by_name(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        make_content({**HEAD, **change})
    assert said in caught.value.render("zh")


def test_a_file_that_is_no_answers_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    for text in ("- 1", "a: [", ""):
        path.write_text(text, "utf-8")
        result = yingbao("policy", "new", "--answers", str(path), "--folder", str(tmp_path / "p"))
        assert result.exit_code == 1
        assert "答卷" in result.output
        assert "Traceback" not in result.output


def test_a_clause_becomes_one_rule_however_often_it_is_named() -> None:
    rates = [{"tier": 1, "amount": 400, **CLAUSE}, {"tier": 2, "amount": 700, **CLAUSE}]
    several = {"choose": "highest", "later_identity": "nothing", "clause": "二、（一）", "quote": "另一句。"}
    content = make_content({**HEAD, "document": DOCUMENT, "rates": rates, "several": several})
    assert [rate["rule"] for rate in content["rates"]] == ["X-2.1", "X-2.1"]
    assert content["several"]["rule"] == "X-2.1a"
    assert [rule["id"] for rule in content["rules"]] == ["X-2.1", "X-2.1a"]
    assert content["rules"][0]["source"] == {"document": "X", "clause": "二、（一）"}


def test_a_value_without_a_clause_is_found_by_lint(tmp_path: Path) -> None:
    answers = {**HEAD, "document": DOCUMENT, "rates": [{"amount": 400}]}
    yingbao("policy", "new", "--answers", str(write_answers(tmp_path, answers)), "--folder", str(tmp_path))
    [place] = [f.place for f in lint(read_policy("small", tmp_path).pack) if f.code == "no-clause"]
    assert place == "rates.resident.1.rule"


def test_facts_are_declared_of_those_they_concern() -> None:
    content = make_content({
        **HEAD,
        "identities": [
            {"code": "disabled_1_2", "subsidies": [{"tier": 1, "amount": 100, "when": {"disability_grades": [1]}}]},
            {"code": "dibao", "amounts": {1: 200}},
        ],
        "waiting": {"months": 3, "counted_from": "clearing"},
    })  # fmt: skip
    assert content["facts"] == [
        {"fact": "disability_grade", "identities": ["disabled_1_2"]},
        {"fact": "missed_years"},
    ]


@pytest.mark.parametrize(
    ("text", "number"), [("十", 10), ("十二", 12), ("二十", 20), ("三十五", 35), ("一百零三", 103), ("7", 7)]
)
def test_chinese_numbers(text: str, number: int) -> None:
    assert read_number(text) == number


def test_what_officers_type_is_read() -> None:
    assert read_day("2026年3月1日") == read_day("2026-03-01") == read_day("2026.3.1") == date(2026, 3, 1)
    assert (read_yuan("400元"), read_yuan("157.5"), read_yuan("1,200")) == (400, "157.50", 1200)
    assert read_identities("低保；特困、孤儿") == ["dibao", "extreme_poverty", "orphan"]
    assert read_amounts("1: 200；2: 50%;3：90% of 1") == {1: 200, 2: "50%", 3: "90% of 1"}
    assert read_shares("中央 420; 县 280") == [
        {"code": "centre", "zh": "中央", "amount": 420},
        {"code": "county", "zh": "县", "amount": 280},
    ]
    assert read_cover("after_full_days 90") == {"starts": "after_full_days", "days": 90}
    for reader, text in ((read_day, "2026-02-30"), (read_day, "soon"), (read_yuan, "many"), (read_amounts, "200")):
        with pytest.raises(Unreadable):
            reader(text)
    with pytest.raises(Unreadable, match="骑士"):
        read_identities("骑士")


TYPED = [
    # head: name, place, English, year, division, extends, title, number, issuer, date, id
    "asked-2030", "某县", "Some county", "二〇三〇", "2030", "990000000000", "",
    "某通知", "某〔2029〕1号", "某局", "2029年9月1日", "X",
    "y", "2030-01-01", "2030-12-31", "一", "待遇期为自然年。",  # days of cover
    "y", "", "", "400", "", "", "二（一）", "个人缴费400元。", "n",  # one rate
    "y", "700", "中央 420; 县 280", "二（二）", "财政补助700元。",
    "n",  # full cost
    "y", "2029-10-01", "2029-12-31", "y", "2030-01-01", "", "三（一）", "集中参保期。",
    "y", "2030-01-01", "2030-06-30", "", "after_full_days 90", "", "三（二）", "补缴。", "n",
    "y", "低保；特困", "三（三）", "不设等待期。",
    "n",  # waiting
    "y", "90日", "", "三（四）", "新生儿。",
    "n",  # students
    "y", "骑士", "低保", "民政", "医疗救助", "1: 50%", "", "", "四（一）", "低保50%。",
    "y", "特困", "民政", "医疗救助", "1: 400", "2030-04-01", "", "四（二）", "特困全额。", "n",
    "y", "", "", "四（三）", "就高。",
    "n", "n",  # family account, add-ons
]  # fmt: skip


def test_the_questionnaire_in_the_terminal(tmp_path: Path) -> None:
    result = yingbao("policy", "new", "--folder", str(tmp_path), typed="\n".join(TYPED) + "\n")
    assert result.exit_code == 0, result.output
    assert "政策包名称" in result.output
    assert "请写整数" in result.output  # asked again
    assert "没有身份“骑士”" in result.output
    found = findings(tmp_path, "asked-2030")
    assert "error" not in found.values()
    assert {code for code, severity in found.items() if severity == "warning"} == set()
    people, out = tmp_path / "people.csv", tmp_path / "out.csv"
    write_rows(people, [Row("1980-01-01", identities="dibao", paid_on="2030-03-01"), Row("1980-01-01")])
    assert (
        yingbao("assess", "--policy", str(tmp_path / "asked-2030.yaml"), str(people), "--out", str(out)).exit_code == 0
    )
    first, second = out.read_text("utf-8").splitlines()[1:]
    assert ",40000,20000,dibao,20000,70000,2030-03-01,2030-12-31," in first
    assert ",40000,0,,40000,70000," in second
