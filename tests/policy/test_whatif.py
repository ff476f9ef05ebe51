"""What-if policies: values named by place, percentages that carry amounts with them, and a pack that stays valid."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from yingbao.kernel.errors import BadInput
from yingbao.policy import Person, Policy, get_policy, list_packs
from yingbao.policy.edits import list_edits, new_findings
from yingbao.policy.knobs import list_knobs
from yingbao.policy.lint import lint
from yingbao.policy.whatif import read_changes, what_if

PACK = "liangping-2023"
RATE = "rate 350 700 10 PJ-3.2"  # kind, value, most, step, clause
DIBAO = "percent 90 100 dibao 1"  # kind, value, most, identity, tier


def changed(*settings: str) -> Policy:
    return what_if(get_policy(PACK), read_changes(list(settings)))


def subsidy(policy: Policy, code: str, tier: int = 1) -> int | None:
    return policy.identity(code).amount_fen(tier)


def test_a_rate_changes_and_the_subsidies_given_in_per_cent_of_it_follow() -> None:
    policy = changed("rates.resident.1=400")
    assert policy.assess(Person(date(1980, 1, 1))).rate_fen == 40_000
    assert subsidy(policy, "extreme_poverty") == 40_000
    assert subsidy(policy, "dibao") == 36_000  # 90%
    assert subsidy(policy, "dibao", 2) == 40_000  # 100% of tier 1
    assert subsidy(policy, "stable_lifted") == 5_000  # stated in yuan only: stays
    assert subsidy(policy, "old_demobilised_veteran", 2) == 72_500  # of tier 2: stays
    assert policy.assess(Person(date(1980, 1, 1), "university_student")).rate_fen == 32_000


def test_a_percentage_changes_the_amount_that_stands_beside_it() -> None:
    policy = changed("identities.dibao.subsidies.1.percent=80")
    assert subsidy(policy, "dibao") == 28_000
    assert subsidy(policy, "dibao", 2) == 35_000
    assert subsidy(changed("identities.dibao.subsidies.1.percent=12.5"), "dibao") == 4_375


def test_a_set_amount_is_no_percentage_any_more() -> None:
    policy = changed("identities.dibao.subsidies.1.amount=157.50", "rates.resident.1=400")
    assert subsidy(policy, "dibao") == 15_750
    [entry] = [s.entry for s in policy.identity("dibao").subsidies if s.tier == 1]
    assert (entry.percent, entry.of_tier) == (None, None)


def test_a_subsidy_stated_in_yuan_can_become_a_percentage_of_its_own_tier() -> None:
    assert subsidy(changed("identities.stable_lifted.subsidies.2.percent=20"), "stable_lifted", 2) == 14_500


def test_days_and_nested_values_can_be_changed() -> None:
    policy = changed(
        "identities.disabled_1_2.until=2023-08-01",
        "full_cost.first_day=2023-08-01",
        "windows.march-september.coverage.days=30",
    )
    person = Person(date(1980, 1, 1), identities=frozenset({"disabled_1_2"}), paid_on=date(2023, 7, 15))
    decision = policy.assess(person)
    assert (decision.payable_fen, decision.fiscal_subsidy_fen) == (10_500, 61_000)
    assert decision.covered_from == date(2023, 8, 15)


def test_a_place_alone_means_its_amount() -> None:
    assert changed("fiscal=640").file.fiscal == changed("fiscal.amount=640").file.fiscal


@pytest.mark.parametrize(
    "setting",
    [
        "rates.nobody.1=400",
        "rates.resident.1.colour=red",
        "rates.resident.1=cheap",
        "rates.resident.1=-5",
        "rates.resident.1=0.001",
        "rates=5",
        "identities.dibao.subsidies.1.percent=-1",
        "identities.dibao.subsidies.3.percent=50",
        "full_cost.first_day=2023-02-31",
        "windows.march-september.last_day=2023-01-01",
        "no sign",
        "=5",
        "pack=[",
    ],
)
def test_what_cannot_stand_there_is_refused_with_a_sentence(setting: str) -> None:
    with pytest.raises(BadInput) as refused:
        changed(setting)
    assert refused.value.render("zh")


def test_the_pack_itself_stays_as_it_was_and_the_changed_one_has_another_hash() -> None:
    pack = get_policy(PACK)
    known = pack.hash
    assert changed("fiscal=640").hash != known == pack.hash
    assert changed("rates.resident.1=350").file == pack.file
    assert pack.assess(Person(date(1980, 1, 1))).rate_fen == 35_000


def test_every_edit_names_its_clause_and_what_follows_says_so() -> None:
    before, after = get_policy(PACK), changed("rates.resident.1=400", "identities.dibao.subsidies.1.percent=80")
    edits = {edit.place: edit for edit in list_edits(before, after)}
    rate, dibao, orphan = (edits[f"{place}"] for place in (
        "rates.resident.1", "identities.dibao.subsidies.1", "identities.orphan.subsidies.1"))  # fmt: skip
    assert (str(rate.before), str(rate.after), rate.rule) == ("350.00 元", "400.00 元", "PJ-3.2")
    assert (str(dibao.before), str(dibao.after)) == ("315.00 元（1 档的 90%）", "320.00 元（1 档的 80%）")
    assert not dibao.follows and orphan.follows
    assert all(edit.rule in before.pack.rules for edit in edits.values())
    assert "identities.stable_lifted.subsidies.1" not in edits
    assert rate.what.render("en") == "Personal contribution, Resident, tier 1"
    assert list_edits(before, before) == ()


def test_a_nested_value_is_an_edit_too() -> None:
    [edit] = list_edits(get_policy(PACK), changed("windows.march-september.coverage.days=30"))
    assert (edit.place, str(edit.before), str(edit.after)) == ("windows.march-september.coverage.days", "90", "30")


def test_what_the_change_makes_wrong_is_found() -> None:
    before = get_policy(PACK)
    after = changed("identities.stable_lifted.subsidies.1.amount=500")
    assert {one.place for one in new_findings(before, after)} == {"identities.stable_lifted.subsidies.1"}
    assert new_findings(before, before) == ()


def test_a_followed_rate_leaves_no_mismatch_of_amount_and_percentage() -> None:
    codes = {finding.code for finding in lint(changed("rates.resident.1=400").pack)}
    assert "percent-mismatch" not in codes


@pytest.mark.parametrize("name", [name for name in list_packs() if get_policy(name).file.assessable])
def test_every_knob_turns(name: str) -> None:
    policy = get_policy(name)
    knobs = list_knobs(policy)
    assert len({knob.place for knob in knobs}) == len(knobs) > 10
    for knob in knobs:
        assert knob.least <= knob.value <= knob.most and knob.value % knob.step == 0, knob.place
        turned: Any = knob.value - knob.step if knob.value > knob.least else knob.value + knob.step
        edits = list_edits(policy, what_if(policy, {knob.place: str(turned)}))
        assert edits, knob.place
        assert what_if(policy, {knob.place: str(knob.value)}).assess(Person(date(1980, 1, 1))) == policy.assess(
            Person(date(1980, 1, 1))
        )


def test_knobs_say_what_they_turn() -> None:
    knobs = {knob.place: knob for knob in list_knobs(get_policy(PACK))}
    rate = knobs["rates.resident.1.amount"]
    assert [str(one) for one in (rate.kind, rate.value, rate.most, rate.step, rate.rule)] == RATE.split()
    dibao = knobs["identities.dibao.subsidies.1.percent"]
    assert [str(one) for one in (dibao.kind, dibao.value, dibao.most, dibao.identity, dibao.tier)] == DIBAO.split()
    stated = knobs["identities.stable_lifted.subsidies.2.amount"]
    assert [str(one) for one in (stated.kind, stated.value, stated.most)] == ["amount", "50", "730"]
