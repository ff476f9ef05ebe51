"""What officers stumble over when they put a notice in as a pack: told truthfully, and in their words."""

from __future__ import annotations

import inspect
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from tests.policy.broken import RANKED, add, both, broken, identity, put, rate, set_part, subsidy, waiting, window
from tests.policy.small import write_pack
from yingbao.cli.main import app
from yingbao.kernel import money
from yingbao.kernel.errors import BadInput
from yingbao.policy import entries, form_errors, load_pack
from yingbao.policy import format as form
from yingbao.policy.drafting.answers import make_content
from yingbao.policy.drafting.readings import Unreadable, read_identity
from yingbao.policy.factsheet import make_sheet, write_markdown
from yingbao.policy.lint import Finding, lint
from yingbao.policy.people import Person


def findings_of(folder: Path, pack: dict[str, Any], code: str) -> list[Finding]:
    return [finding for finding in lint(write_pack(folder, pack).pack) if finding.code == code]


def both_windows_for(code: str) -> dict[str, Any]:
    """Return a pack that is open late for holders of ``code`` only, who never wait."""
    pack = broken(both(set_part("waiting", waiting(exempt={"identities": [code]})), set_part("facts", [])))
    late = window("for-them", date(2030, 7, 1), date(2030, 12, 31), "waiting", who={"identities": [code]})
    return {**pack, "windows": [*pack["windows"], late]}


def test_a_fact_needs_no_clause_of_its_own_and_the_sheet_shows_examples(tmp_path: Path) -> None:
    facts = [{"fact": "missed_years"}]
    pack = broken(both(set_part("waiting", waiting()), set_part("facts", facts)))
    assert findings_of(tmp_path, pack, "no-clause") == []
    sheet = make_sheet(write_pack(tmp_path, pack))
    assert sheet.chapters
    assert "没有写明依据的条款" not in write_markdown(sheet, "zh")


def test_of_two_rates_for_the_same_people_only_that_the_second_is_never_reached_is_told(tmp_path: Path) -> None:
    pack = broken(add("rates", rate(amount=300)))
    assert findings_of(tmp_path, pack, "duplicate-id") == []
    [finding] = findings_of(tmp_path, pack, "never-reached")
    assert finding.place == "rates.resident.1.2"


@pytest.mark.parametrize(
    ("ranked", "amounts", "brings", "said"),
    [
        (False, (100, 200), 200, "较高"),
        (False, (200, 100), 200, "较高"),
        (True, (100, 200), 100, "先写"),
        (True, (200, 100), 200, "先写"),
    ],
)
def test_an_identity_written_twice_brings_what_the_finding_says(
    ranked: bool, amounts: tuple[int, int], brings: int, said: str, tmp_path: Path
) -> None:
    departments = ("medical_assistance", "health")
    written = [
        identity("dibao", subsidy(amount=amount), paid_by=paid)
        for amount, paid in zip(amounts, departments, strict=True)
    ]
    pack = broken(both(put("identities", written), *([set_part("several", RANKED)] if ranked else [])))
    [finding] = findings_of(tmp_path, pack, "duplicate-id")
    assert finding.place == "identities.dibao.2"
    assert said in finding.message.render("zh") and "城乡低保对象" in finding.message.render("zh")
    policy = write_pack(tmp_path, pack)
    dibao = frozenset({"dibao"})
    person = Person(date(1980, 1, 1), "resident", 1, identities=dibao, paid_on=date(2029, 11, 1))
    assert policy.assess(person).subsidy_fen == brings * 100
    assert policy.identities["dibao"].paid_by == "health"  # the later one's


def too_late(last: date, starts: str, **changed: Any) -> dict[str, Any]:
    return broken(both(
        set_part("waiting", waiting(**changed)), set_part("facts", [{"fact": "missed_years"}]),
        put("windows.1.coverage", {"starts": starts}), put("windows.1.last_day", last),
    ))  # fmt: skip


def test_a_window_in_which_a_year_missed_leaves_no_day_of_cover_is_told_with_its_first_day(tmp_path: Path) -> None:
    [finding] = findings_of(tmp_path, too_late(date(2030, 9, 30), "waiting"), "cover-too-late")
    assert finding.message.params["day"] == date(2030, 9, 1)  # four months later the year is over
    assert finding.message.params["begins"] == date(2031, 1, 1)
    assert finding.ask is not None and "断保 1 年" in finding.ask.render("zh")
    policy = write_pack(tmp_path, too_late(date(2030, 9, 30), "waiting"))
    for day, covered in ((date(2030, 8, 31), date(2030, 12, 31)), (date(2030, 9, 1), None)):
        person = Person(date(1980, 1, 1), "resident", 1, paid_on=day, missed_years=1)
        assert policy.assess(person).covered_from == covered


@pytest.mark.parametrize(
    "pack",
    [
        too_late(date(2030, 8, 31), "waiting"),
        too_late(date(2030, 9, 30), "waiting", exempt={"identities": ["dibao"]})
        | {"windows": too_late(date(2030, 8, 31), "waiting")["windows"]},
        both_windows_for("dibao"),
    ],
)
def test_windows_that_leave_a_day_of_cover_are_not_too_late(pack: dict[str, Any], tmp_path: Path) -> None:
    assert findings_of(tmp_path, pack, "cover-too-late") == []


BAD = """\
format: 1
pack: bad
assessable: 是的
year: "2026"
division: "990322000000"
title: {zh: 甲, en: ""}
documents: []
rules: []
coverage_year: {first_day: 2026-12-31, last_day: 2026-01-01}
rates:
  - {population: resident, tier: 1, amount: 387.5, unit: yuan, first_day: 2026-01-01, last_day: "2026-06-31", who: x}
ages: {counted_on: someday}
windows:
  - {id: b, first_day: 2026-01-01, last_day: 2026-01-02, coverage: {starts: after_days}}
cap: at：rate
identities:
  - {code: dibao, subsidies: [{tier: 1, percent: '50％', of_tier: one, unit: yuan/person/year}]}
"""


def refused(folder: Path, source: str) -> tuple[str, str]:
    """Return in both languages why a file is refused."""
    (folder / "bad.yaml").write_text(source, "utf-8")
    with pytest.raises(BadInput) as found:
        load_pack("bad", folder)
    return found.value.render("zh"), found.value.render("en")


def test_every_mistake_of_form_is_told_with_its_line_and_what_to_write(tmp_path: Path) -> None:
    zh, en = refused(tmp_path, BAD)
    assert "有 12 处不合格式" in zh
    for sentence in (
        "第 3 行，assessable：应是 true（是）或 false（否）；写的是“是的”",
        "第 4 行，year：应是整数",
        "第 9 行，coverage_year：last_day（到哪一天）早于 first_day（从哪一天）",
        "第 11 行，rates 第 1 条 的 amount：金额写整数，或加引号写小数，如 '387.5'",
        "第 11 行，rates 第 1 条 的 last_day：应是日期",
        "第 11 行，rates 第 1 条 的 unit：只能写 yuan/person/year",
        "第 11 行，rates 第 1 条 的 who：没有叫这个名称的项",
        "第 12 行，ages 的 counted_on：只能写 clearing；写的是“someday”；或者应是日期",
        "第 14 行，windows 第 1 条（b） 的 coverage 的 days：缺少这一项",
        "第 15 行，cap：有中文标点（：）",
        "identities 第 1 条（dibao） 的 subsidies 第 1 条 的 percent：“50％”不是百分比",
    ):
        assert sentence in zh
    assert "line 11, rates, entry 1, amount: an amount is a whole number" in en
    assert "should be" not in zh.lower() and "required" not in zh.lower()


def test_yaml_that_cannot_be_read_names_the_line_and_the_chinese_mark_in_it(tmp_path: Path) -> None:
    zh, en = refused(tmp_path, "format: 1\npack: bad\nyear：2026\ntitle: x\n")
    assert "第 3 行" in zh and "有中文标点（：）" in zh
    assert "lines 3 to 4" in en and "Chinese punctuation" in en
    zh, _ = refused(tmp_path, 'format: 1\npack: "bad\n')
    assert "有中文标点" not in zh and "成对的引号" in zh


def test_a_day_that_does_not_exist_is_named_with_its_line(tmp_path: Path) -> None:
    zh, en = refused(tmp_path, "format: 1\npack: bad\nages: {counted_on: 2026-06-31}\n")
    assert "第 3 行：没有 2026-06-31 这一天" in zh
    assert "line 3: there is no 2026-06-31" in en


def test_answers_that_do_not_fit_the_form_are_told_in_the_same_words() -> None:
    head = {"name": "a", "place": "某县", "year": 2030, "division": "990000000000"}
    with pytest.raises(BadInput, match=r"rates 第 1 条 的 amount：金额写整数，或加引号写小数"):
        make_content({**head, "rates": [{"amount": 387.5}]})


def test_every_refusal_of_the_form_itself_has_its_chinese_sentence() -> None:
    """What ``entries``, ``format`` and ``money`` raise is found by how it begins; a new one must be added."""
    raised = [
        found
        for module in (entries, form, money)
        for found in re.findall(r'ValueError\(f?"([^"{]+)', inspect.getsource(module))
    ]
    assert raised
    assert [one for one in raised if not one.strip().startswith(tuple(form_errors._OWN))] == []


def test_show_tells_whom_each_of_several_rates_and_windows_is_for(tmp_path: Path) -> None:
    rates = [rate(amount=200, when={"age_to": 17}), rate(amount=300, when={"age_from": 60}), rate()]
    late = window("old", date(2030, 7, 1), date(2030, 7, 2), who={"identities": ["orphan"]})
    write_pack(tmp_path, broken(both(set_part("rates", rates), add("windows", late))))
    command = ["policy", "show", "small", "--folder", str(tmp_path)]
    shown = CliRunner().invoke(app, command, env={"COLUMNS": "200"}).output
    for amount, whom in (("200.00", "年龄不超过 17 周岁"), ("300.00", "年满 60 周岁"), ("2030-07-01", "孤儿")):
        assert [line for line in shown.splitlines() if amount in line and whom in line]


def test_answers_broken_off_are_saved_and_what_is_mistyped_is_asked_again(tmp_path: Path) -> None:
    typed = ["青石", "qingshi-2026", "青石县", "", "2026", '"990322000000"', "990322000000", "nowhere-2026", "", "通知"]
    shown = CliRunner().invoke(app, ["policy", "new", "--folder", str(tmp_path)], input="\n".join([*typed, ""]))
    assert shown.exit_code == 1
    for sentence in ("名称只用小写英文字母", "十二位数字", "没有名为“nowhere-2026”的政策包", "policy new --answers"):
        assert sentence in shown.output
    saved = yaml.safe_load((tmp_path / "qingshi-2026.answers.yaml").read_text("utf-8"))
    assert saved["division"] == "990322000000" and saved["document"] == {"title": "通知"}
    assert make_content({**saved, "document": None})["pack"] == "qingshi-2026"


def test_an_identity_nobody_knows_is_told_where_own_ones_go() -> None:
    with pytest.raises(Unreadable) as found:
        read_identity("采石户")
    assert "words: {identities: [{code: dibao.a" in found.value.message.render("zh")
