"""What a pack writes, as sentences in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.policy.small import PER_YEAR, small_pack, write_pack
from yingbao.kernel.messages import Message
from yingbao.policy import Person, get_vocabulary
from yingbao.policy.coverages import AfterMonths, FixedDay, FromBirth, NextDay, Unsaid
from yingbao.policy.entries import When
from yingbao.policy.explaining import Node
from yingbao.policy.format import Floor, Repair, Waiting
from yingbao.policy.saying import say_span, say_start, say_waiting, say_when, split_when

WORDS = get_vocabulary()


def both(message: Message) -> tuple[str, str]:
    return message.render("zh"), message.render("en")


def test_a_condition_is_one_sentence_of_all_it_asks_for() -> None:
    when = When(
        populations=("resident",), identities=("dibao", "orphan"), without=("disabled_1_2",), age_from=60, age_to=69,
        disability_kinds=(1, 4), disability_grades=(1, 2), enrolled_last_year=True,
    )  # fmt: skip
    zh, en = both(say_when(when, WORDS))
    for part in (
        "城乡居民",
        "年满 60 周岁",
        "不超过 69 周岁",
        "视力残疾或肢体残疾",
        "1 级或2 级",
        "上年已参保",
        "城乡低保对象",
    ):
        assert part in zh, part
    for part in ("aged 60 or over", "visual disability or physical disability", "grade 1 or grade 2", "enrolled last"):
        assert part in en, part
    assert len(split_when(when)) == 8
    assert both(say_when(None, WORDS)) == ("所有人", "everybody")


@pytest.mark.parametrize(
    ("coverage", "zh"),
    [
        (FixedDay(starts="fixed_day", day=date(2030, 1, 1)), "从 2030-01-01 起"),
        (NextDay(starts="next_day"), "缴清次日起"),
        (AfterMonths(starts="after_months", months=3), "缴清 3 个月后"),
        (FromBirth(starts="birth"), "从出生之日起"),
        (Unsaid(starts="silent"), "通知未规定"),
    ],
)
def test_starts_of_cover(coverage: object, zh: str) -> None:
    assert say_start(coverage).render("zh") == zh  # type: ignore[arg-type]
    assert say_start(coverage).render("en") != zh  # type: ignore[arg-type]


def test_spans_and_waiting() -> None:
    assert both(say_span(date(2030, 1, 1), None)) == ("从 2030-01-01 起", "from 2030-01-01")
    waiting = Waiting(
        months=3, per_missed_year=1, unit="months", counted_from="next_month",
        repair=Repair(months=1), floor=Floor(missed_years=4, months=6),
    )  # fmt: skip
    zh, en = both(say_waiting(waiting))
    assert zh.split("；") == [
        *("固定等待 3 个月", "每断保 1 年增加 1 个月", "每补缴 1 年减少 1 个月", "断保 4 年及以上的至少 6 个月"),
        "自缴清次月 1 日起算",
    ]
    assert en.startswith("wait 3 month(s); 1 month(s) more") and en.endswith("after clearing")


def tree_of(folder: Path, person: Person, **changes: object) -> Node:
    policy = write_pack(folder, small_pack() | changes)
    return policy.explain_whole(person, policy.assess(person))


def test_a_rate_that_is_not_the_persons_names_the_condition_that_failed(tmp_path: Path) -> None:
    plain = small_pack()["rates"][0]
    old = plain | {"when": {"age_from": 60}, "amount": 300}
    tree = tree_of(tmp_path, Person(date(1980, 5, 5), paid_on=date(2029, 11, 1)), rates=[old, plain])
    first, second = tree.find("candidate")
    assert (first.state, first.amount_fen) == ("tried", 30000)
    assert first.detail.render("zh") == "要求年满 60 周岁；本人为 49 周岁"
    assert (second.state, second.amount_fen) == ("won", 40000)


def test_a_percentage_is_shown_with_what_it_is_of_and_how_it_is_rounded(tmp_path: Path) -> None:
    entry = small_pack()["identities"][0] | {
        "subsidies": [{"tier": 1, "percent": "33.3", "of_tier": 1, "unit": PER_YEAR, "rule": "X-1"}]
    }
    person = Person(date(1980, 5, 5), identities=frozenset({"dibao"}), paid_on=date(2029, 11, 1))
    (working,) = tree_of(tmp_path, person, identities=[entry], rounding={"to": "yuan", "mode": "down"}).find("working")
    assert working.detail.render("zh") == f"1 档 400.00 元的 {Decimal('33.3')}%，向下取到元"
    assert working.amount_fen == 13300


def test_waiting_is_counted_month_by_month(tmp_path: Path) -> None:
    windows = small_pack()["windows"]
    windows[1] = windows[1] | {"coverage": {"starts": "waiting"}}
    waiting = {"months": 3, "per_missed_year": 1, "unit": "months", "counted_from": "clearing", "rule": "X-1"}
    person = Person(date(1980, 5, 5), paid_on=date(2030, 1, 31), missed_years=2)
    tree = tree_of(tmp_path, person, windows=windows, waiting=waiting)
    (waited,) = tree.find("waiting")
    assert waited.detail.render("zh") == "等待 5 个月：自 2030-01-31 起算，2030-06-30 期满"
    months = [month.detail.render("zh") for month in tree.find("month")]
    assert months[0] == "2030-01-31 至 2030-02-27" and months[-1] == "2030-05-31 至 2030-06-29"
    assert "断保 2 年 × 1 个月 = 2 个月" in [child.detail.render("zh") for child in waited.children]
    assert tree.find("coverage")[0].detail.render("zh") == "2030-06-30 至 2030-12-31"


def test_a_fact_that_is_lacking_is_shown_as_lacking(tmp_path: Path) -> None:
    waiting = {"months": 3, "per_missed_year": 1, "unit": "months", "counted_from": "clearing", "rule": "X-1"}
    tree = tree_of(tmp_path, Person(date(1980, 5, 5), paid_on=date(2030, 1, 31)), waiting=waiting)
    facts = {fact.code: fact for fact in tree.find("fact")}
    assert (facts["missed_years"].state, str(facts["missed_years"].detail)) == ("problem", "未提供")
    assert facts["missed_years"].rules[0].id == "input.missed_years"
    assert tree.state == "problem"
