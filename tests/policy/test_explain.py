"""How a decision is explained line by line: every amount with the rule it rests on."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.oracle import CODES
from yingbao.policy import Person, Step, get_policy, read_policy
from yingbao.policy.explaining import Node

PINGJIN, BANAN = get_policy("liangping-2023"), get_policy("banan-2022")
BORN = date(1980, 5, 5)


def explain(person: Person, as_of: date | None = None) -> tuple[Step, ...]:
    return PINGJIN.explain_decision(person, PINGJIN.assess(person, as_of), as_of)


def ids(step: Step) -> list[str]:
    return [rule.id for rule in step.rules]


def test_parts_come_in_the_order_of_a_bill() -> None:
    steps = explain(Person(BORN, identities=frozenset({"dibao"}), paid_on=date(2022, 12, 1)))
    assert [step.part for step in steps] == ["rate", "identity", "subsidy", "fiscal", "payable", "coverage"]
    assert [step.amount_fen for step in steps] == [35000, 31500, 31500, 61000, 3500, None]


def test_every_line_but_the_sum_names_its_rule() -> None:
    steps = explain(Person(BORN, identities=frozenset({"dibao", "orphan"}), paid_on=date(2022, 12, 1)))
    assert all(step.rules for step in steps if step.part != "payable")


@pytest.mark.clause("PJ-5.0")
def test_each_identity_says_why_it_counts_or_not() -> None:
    held = frozenset({"dibao", "extreme_poverty", "orphan", "disabled_1_2", "old_demobilised_veteran", "poor_student"})
    steps = explain(Person(BORN, identities=held, paid_on=date(2023, 7, 2)))
    lines = {step.label.render("en").split()[0]: step for step in steps if step.part == "identity"}
    assert [step.won for step in lines.values()].count(True) == 1
    assert lines["Extremely"].won
    assert ids(lines["Extremely"]) == ["PJ-5.1.2", "PJ-5.0"]
    assert "相同" in str(lines["Orphan"].detail)
    assert "低于" in str(lines["Minimum-living-allowance"].detail)
    assert (lines["Severely"].amount_fen, ids(lines["Severely"])) == (0, ["PJ-5.1.2g"])
    assert "2023-07-01" in str(lines["Severely"].detail)
    assert (lines["Old"].amount_fen, ids(lines["Old"])) == (None, ["PJ-5.1.2v", "PJ-5.1.2g"])
    assert ids(lines["University"]) == ["identity.unsubsidised"]


@pytest.mark.clause("PJ-7.2e")
def test_full_cost_is_shown_as_a_sum_of_three() -> None:
    steps = {step.part: step for step in explain(Person(BORN, paid_on=date(2023, 7, 2)))}
    assert "610.00" in str(steps["payable"].detail)
    assert steps["payable"].amount_fen == 96000
    assert (steps["fiscal"].amount_fen, ids(steps["fiscal"])) == (0, ["PJ-7.2e"])
    assert steps["fiscal"].interpreted


@pytest.mark.clause("PJ-5.2.2")
def test_who_owes_nothing_is_told_of_the_zero_declaration() -> None:
    person = Person(BORN, identities=frozenset({"extreme_poverty"}), paid_on=date(2022, 12, 1))
    assert "零申报" in str(explain(person)[-2].detail)


def test_cover_with_dates_silent_closed_and_unpaid() -> None:
    assert str(explain(Person(BORN, paid_on=date(2023, 3, 1)))[-1].detail) == "2023-05-31 至 2023-12-31"
    silent = explain(Person(BORN, paid_on=date(2022, 12, 25)))[-1]
    assert (ids(silent), silent.interpreted) == (["PJ-7.2s"], True)
    [closed] = explain(Person(BORN, paid_on=date(2023, 10, 1)))
    assert (closed.part, ids(closed)) == ("coverage", ["window.closed", "PJ-7.2d"])
    assert str(explain(Person(BORN))[-1].detail) == "缴清后确定"
    late = explain(Person(BORN), date(2023, 10, 1))[-1]
    assert (str(late.detail), ids(late)) == ("不在参保时段内，不能参保", ["window.closed", "PJ-7.2d"])


def test_the_day_of_the_question_decides_on_deadlines() -> None:
    person = Person(BORN, identities=frozenset({"disabled_1_2"}))
    [before] = [step for step in explain(person, date(2023, 6, 30)) if step.part == "identity"]
    [after] = [step for step in explain(person, date(2023, 7, 1)) if step.part == "identity"]
    assert (before.won, before.amount_fen) == (True, 24500)
    assert (after.won, after.amount_fen) == (False, 0)


def test_invalid_input_is_explained_too() -> None:
    [step] = explain(Person(BORN, tier=3))
    assert (step.part, ids(step)) == ("problem", ["input.tier"])


def test_a_notice_that_does_not_say_the_fiscal_subsidy() -> None:
    person = Person(BORN, paid_on=date(2022, 1, 10))
    [fiscal] = [s for s in BANAN.explain_decision(person, BANAN.assess(person)) if s.part == "fiscal"]
    assert fiscal.amount_fen is None


@given(
    identities=st.frozensets(st.sampled_from(CODES)),
    tier=st.integers(0, 3),
    population=st.sampled_from(["resident", "university_student", "nobody"]),
    paid_on=st.none() | st.dates(date(2021, 8, 1), date(2023, 12, 31)),
    pack=st.sampled_from([PINGJIN, BANAN]),
)
@settings(max_examples=200, deadline=None)
def test_anything_can_be_explained(
    identities: frozenset[str], tier: int, population: str, paid_on: date | None, pack: object
) -> None:
    policy = PINGJIN if pack is PINGJIN else BANAN
    person = Person(BORN, population, tier, identities, paid_on)
    decision = policy.assess(person)
    steps = policy.explain_decision(person, decision)
    assert {rule.id for step in steps for rule in step.rules} >= {r for r in decision.reasons if "." not in r[:7]}
    for step in steps:
        assert step.label.render("zh")
        assert step.detail.render("en")
    won = [step for step in steps if step.won]
    assert len(won) == (decision.subsidy_identity is not None)


CONSTRUCTS = Path(__file__).parent / "constructs"


def explain_construct(pack: str, person: Person) -> Node:
    policy = read_policy(pack, CONSTRUCTS)
    return policy.explain_whole(person, policy.assess(person))


def test_a_first_day_after_the_last_is_named_and_not_called_unsaid() -> None:
    person = Person(BORN, paid_on=date(2030, 12, 1), missed_years=0, continuous_years=0)
    tree = explain_construct("waiting-national", person)
    said = "按通知应从 2031-03-01 起，已晚于待遇截止日 2030-12-31，本年度没有可享受的日子，请向医保局请示"
    (coverage,) = tree.find("coverage")
    assert said in str(tree.detail) and str(coverage.detail) == said
    assert "没有规定" not in str(tree.detail)
    assert (tree.state, coverage.state) == ("problem", "problem")
    assert "2031-03-01, after its last day 2030-12-31" in tree.detail.render("en")


def test_who_is_spared_the_waiting_of_a_window_is_covered_by_that_rule() -> None:
    held = frozenset({"dibao"})
    facts = {"paid_on": date(2030, 3, 1), "missed_years": 2, "continuous_years": 0}
    tree = explain_construct("waiting-national", Person(BORN, identities=held, **facts))  # type: ignore[arg-type]
    (coverage,), (spared,) = tree.find("coverage"), tree.find("no_waiting")
    assert (spared.state, str(spared.detail)) == ("won", "本人属于：城乡低保对象；从缴清之日起享受")
    assert {rule.id for rule in coverage.rules} == {"JS-late", "JS-subsidy"}
    assert str(coverage.detail).startswith("2030-03-01")
    (other,) = explain_construct("waiting-national", Person(BORN, **facts)).find("no_waiting")  # type: ignore[arg-type]
    assert other.state == "tried"


@pytest.mark.parametrize(("age", "rules"), [(60, ["CL-3"]), (120, ["CL-6"])])
def test_an_amount_for_newborns_rests_on_the_rule_of_its_band(age: int, rules: list[str]) -> None:
    paid_on = date(2030, 5, 1)
    tree = explain_construct("newborn-bands", Person(paid_on - timedelta(days=age), paid_on=paid_on))
    (rate,) = tree.find("rate")
    assert [rule.id for rule in rate.rules] == rules
    states = [(one.state, [rule.id for rule in one.rules]) for one in rate.children]
    assert states == [("won", rules), ("lost", ["CL-rate"])]


def test_who_is_spared_the_full_cost_is_shown_the_rule_that_spares() -> None:
    def fiscal(person: Person) -> list[str]:
        (node,) = explain_construct("full-cost", person).find("fiscal")
        return [rule.id for rule in node.rules]

    held, late = frozenset({"extreme_poverty"}), date(2030, 8, 1)
    assert fiscal(Person(BORN, identities=held, paid_on=late)) == ["GS-rate", "GS-full"]
    assert fiscal(Person(date(2030, 7, 1), paid_on=late)) == ["GS-rate", "GS-full"]
    assert fiscal(Person(BORN, identities=held, paid_on=date(2030, 6, 30))) == ["GS-rate"]
    assert fiscal(Person(BORN, paid_on=late)) == ["GS-full"]
