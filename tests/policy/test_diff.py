"""What one pack says otherwise than another: every value with both sides' clause and origin, in both languages."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.policy.small import PER_YEAR, small_pack
from tests.policy.test_load import layer, rate, write
from tests.policy.test_versions import BETWEEN, FIRST, amendment, dibao, first_amendment, rule
from yingbao.cli.main import app
from yingbao.policy import load_pack
from yingbao.policy.differences import Change, PackDiff, compare_packs

WIDE = {"COLUMNS": "240", "YINGBAO_LANG": "zh"}


def yingbao(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env=WIDE)


def compare(folder: Path, *layers: dict[str, Any]) -> PackDiff:
    """Compare the small pack with the last of ``layers``."""
    for content in (small_pack(), *layers):
        write(folder, content)
    return compare_packs(load_pack("small", folder), load_pack(str(layers[-1]["pack"]), folder))


def by_place(found: PackDiff) -> dict[str, Change]:
    return {change.place: change for change in (*found.values, *found.rules)}


def fields(change: Change, lang: str = "zh") -> dict[str, tuple[str, str]]:
    return {f.label.render(lang): (f.before.render(lang), f.after.render(lang)) for f in change.fields}


def clauses(change: Change) -> list[tuple[list[str], str] | None]:
    sides = (change.before, change.after)
    return [([rule.id for rule in side.rules], side.origin) if side else None for side in sides]


def test_a_pack_does_not_differ_from_itself() -> None:
    pack = load_pack("liangping-2023")
    found = compare_packs(pack, pack)
    assert not found and found.sections() == []


def test_an_amendment_differs_in_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    found = by_place(compare(tmp_path, first_amendment()))
    assert {place: change.kind for place, change in found.items()} == {
        "amends": "added",
        "identities.dibao": "changed",
        "identities.dibao.subsidies.1": "changed",
        "rules.first-1": "added",
    }
    subsidy = found["identities.dibao.subsidies.1"]
    assert subsidy.title.render("zh") == "城乡低保对象 · 1 档资助"
    assert fields(subsidy)["金额"] == ("200.00 元", "300.00 元")
    assert fields(subsidy)["百分比"] == ("50%", "—")
    assert clauses(subsidy) == [(["X-1"], "small"), (["first-1"], "first")]
    assert list(fields(found["identities.dibao"]).values()) == [("医疗救助", "民政")]
    assert clauses(found["amends"]) == [None, (["first-1"], "first")]


def test_every_kind_of_value_is_compared(tmp_path: Path) -> None:
    days = {"first_day": date(2030, 1, 1), "last_day": date(2030, 12, 31)}
    newer = amendment(
        "newer",
        "small",
        FIRST,
        rates=[rate(420), rate(300, when={"age_from": 60, "identities": ["dibao"]})],
        windows=[small_pack()["windows"][1] | {"coverage": {"starts": "next_month"}, "rule": "newer-1"}],
        fiscal={"amount": "700.5", "unit": PER_YEAR, **days, "rule": "newer-1"},
        full_cost={"first_day": date(2030, 7, 1), "newborns": "exempt", "rule": "newer-1"},
        deadlines=[{"id": "report", "weekday": 4, "zh": "周报", "en": "Weekly report", "rule": "newer-1"}],
        no_waiting=[{"identities": ["dibao", "orphan"], "rule": "newer-1"}],
        several={"choose": "ranked", "later_identity": "nothing", "rule": "X-1"},
        drop=["windows.main"],
    )
    found = by_place(compare(tmp_path, newer))
    assert found["windows.main"].kind == "removed" and clauses(found["windows.main"])[1] is None
    assert fields(found["windows.late"])["待遇开始"] == ("缴清满 60 日后", "缴清次月 1 日起")
    assert fields(found["fiscal"])["金额"] == ("—", "700.50 元")
    assert fields(found["full_cost"])["新生儿"] == ("—", "除外")
    assert found["deadlines.report"].title.render("en") == "Weekly report"
    assert fields(found["no_waiting.1"])["身份"] == ("—", "城乡低保对象、城乡孤儿")
    assert fields(found["several"]) == {"怎样选定": ("就高", "按排列顺序")}
    assert found["rates.resident.1"].after and found["rates.resident.1"].after.origin == "newer"
    assert "60" in fields(found["rates.resident.1"])["条件"][1]
    english = " ".join(f"{k}{v}" for change in found.values() for k, v in fields(change, "en").items())
    assert not any("\u4e00" <= character <= "\u9fff" for character in english)


def test_the_same_value_resting_on_another_clause_is_told_apart(tmp_path: Path) -> None:
    cap = {"at": "rate", "rule": "newer-1"}
    found = by_place(compare(tmp_path, amendment("newer", "small", FIRST, cap=cap)))
    assert (found["cap"].kind, found["cap"].fields) == ("moved", ())
    assert clauses(found["cap"]) == [(["X-1"], "small"), (["newer-1"], "newer")]


def test_a_reworded_clause_shows_both_texts(tmp_path: Path) -> None:
    reworded = rule("X-1") | {"text": {"zh": "新的一句", "en": "Another sentence"}}
    found = by_place(compare(tmp_path, layer("newer", "small", rules=[reworded])))
    assert [*found] == ["rules.X-1"] and found["rules.X-1"].kind == "reworded"
    assert fields(found["rules.X-1"])["原文"] == ("某条", "新的一句")
    assert fields(found["rules.X-1"], "en")["Text"] == ("A sentence", "Another sentence")


def test_what_a_year_changes_between_districts() -> None:
    found = by_place(compare_packs(load_pack("banan-2022"), load_pack("liangping-2023")))
    assert fields(found["rates.resident.1"])["金额"] == ("320.00 元", "350.00 元")
    assert clauses(found["rates.resident.1"]) == [(["BN-3.3.1"], "chongqing-2022"), (["PJ-3.2"], "chongqing-2023")]
    assert found["identities.disabled_3_4"].kind == "removed"
    assert found["identities.dibao_marginal.subsidies.2"].kind == "changed"
    assert fields(found["pack"])["年度"] == ("2022", "2023")


# ---------------------------------------------------------------- the command


def test_the_command_prints_every_change_in_chinese(tmp_path: Path) -> None:
    write(tmp_path, small_pack())
    write(tmp_path, first_amendment())
    output = yingbao("policy", "diff", "small", "first", "--folder", str(tmp_path)).output
    for part in (
        "first 修订 small，适用于 2029-11-15 起缴清的",
        "有改动 城乡低保对象 · 1 档资助",
        "200.00 元 → 300.00 元",
    ):
        assert part in output
    assert "依据：X-1 1（small） → first-1 first-1（first）" in output


def test_the_command_speaks_english() -> None:
    output = yingbao("policy", "diff", "banan-2022", "liangping-2023", "--lang", "en").output
    for part in ("320.00 yuan → 350.00 yuan", "Personal contribution", "Enrolment window", "added"):
        assert part in output


def test_the_command_gives_json(tmp_path: Path) -> None:
    write(tmp_path, small_pack())
    write(tmp_path, first_amendment())
    result = yingbao("policy", "diff", "small", "first", "--json", "--folder", str(tmp_path))
    found = json.loads(result.output)["packs"]
    [subsidy] = [value for value in found["values"] if value["place"] == "identities.dibao.subsidies.1"]
    [amount] = [field for field in subsidy["fields"] if field["field"] == "amount_fen"]
    assert (amount["before"], amount["after"], amount["after_text"]["en"]) == (20000, 30000, "300.00 yuan")
    assert subsidy["before"] == {
        "pack": "small",
        "rules": [{"rule": "X-1", "document": "X", "number": None, "clause": "1", "pack": "small"}],
    }


def test_the_command_names_a_pack_it_does_not_find() -> None:
    result = yingbao("policy", "diff", "banan-2022", "nowhere")
    assert result.exit_code == 1 and "nowhere" in result.output and "Traceback" not in result.output


@pytest.mark.parametrize(
    "parts",
    [("rates.resident.1", "350.00", "PJ-3.2", "chongqing-2023"), ("windows.centralised", "PJ-6", "liangping-2023")],
)
def test_show_tells_where_each_value_comes_from(parts: tuple[str, ...]) -> None:
    output = yingbao("policy", "show", "liangping-2023", "--origins").output
    assert all(part in output for part in parts)
    assert "rates.resident.1" not in yingbao("policy", "show", "liangping-2023").output


def test_an_amended_pack_with_people_names_who_changes(tmp_path: Path) -> None:
    write(tmp_path, small_pack())
    write(tmp_path, first_amendment(identities=[dibao(300, "first-1")]))
    people = tmp_path / "people.csv"
    header = "person_id,birth_date,population,tier,identities,paid_on\n"
    people.write_text(
        header + f"A,1980-01-01,resident,1,dibao,{BETWEEN}\nB,1980-01-01,resident,1,,{BETWEEN}\n", "utf-8"
    )
    output = yingbao("policy", "diff", "small", "first", "--people", str(people), "--folder", str(tmp_path)).output
    assert "比较了 2 人，其中 1 人有变化" in output and "应缴减少：1 人" in output
