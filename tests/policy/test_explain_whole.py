"""The explanation as a tree agrees with the engine to the fen and the day, for anybody, by every pack there is."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingbao.policy import Decision, Person, Policy, get_policy, list_packs, read_policy
from yingbao.policy.builtin import BUILTIN_RULES
from yingbao.policy.explaining import Node, as_plain
from yingbao.policy.explaining.nodes import STATES

CONSTRUCTS = Path(__file__).parent / "constructs"
SHIPPED = [name for name in list_packs() if get_policy(name).file.assessable]
INVENTED = [name for name in list_packs(CONSTRUCTS) if read_policy(name, CONSTRUCTS).file.assessable]
each_pack = pytest.mark.parametrize("name", [*SHIPPED, *INVENTED])


@cache
def policy_of(name: str) -> Policy:
    return get_policy(name) if name in SHIPPED else read_policy(name, CONSTRUCTS)


def edges(policy: Policy) -> list[date]:
    """Return the days near which a pack's answers change."""
    file = policy.file
    days = [day for window in file.windows for day in (window.first_day, window.last_day)]
    days += [identity.until.before for identity in file.identities if identity.until]
    days += [day for silence in file.silences for day in (silence.first_day, silence.last_day)]
    days += [file.full_cost.first_day] if file.full_cost else []
    days += [file.amends.first_day] if file.amends else []
    return [day + timedelta(days=step) for day in sorted(set(days)) for step in (-1, 0, 1, 40)]


@st.composite
def people(draw: st.DrawFn, policy: Policy) -> Person:
    """Draw anybody: near the edges of days, with every fact known as often as not known."""
    codes = [identity.code for identity in policy.file.identities]
    asked = [code for group in policy.file.no_waiting for code in group.identities]
    some = st.frozensets(st.sampled_from([*codes, *asked, *policy.vocabulary.identities]), max_size=4)
    known = st.frozensets(some.flatmap(lambda found: st.sampled_from(sorted(found) or ["dibao"])), max_size=3)
    paid_on = draw(st.none() | st.sampled_from(edges(policy)))
    near = paid_on or policy.default_as_of
    birth = draw(
        st.integers(0, 36_000).map(lambda days: near - timedelta(days=days))
        | st.integers(-3, 400).map(lambda days: near - timedelta(days=days))
    )
    small = st.none() | st.integers(0, 6)
    return Person(
        birth_on=birth,
        population=draw(st.sampled_from([rate.population for rate in policy.file.rates] * 4 + ["nobody"])),
        tier=draw(st.sampled_from([*policy.tiers, *policy.tiers, *policy.tiers, 9])),
        identities=draw(known),
        paid_on=paid_on,
        graduating=draw(st.booleans()),
        term_start_on=draw(st.none() | st.sampled_from(edges(policy))),
        disability_kind=draw(st.sampled_from([0, 0, 1, 4, 7, None])),
        disability_grade=draw(st.sampled_from([0, 1, 2, 4, None])),
        missed_years=draw(small),
        repaired_years=draw(st.sampled_from([None, 0, 0, 1, 2])),
        continuous_years=draw(small),
        years_without_claims=draw(small),
        enrolled_last_year=draw(st.sampled_from([None, True, False])),
        addons=draw(st.none() | st.frozensets(st.sampled_from([*policy.addons, *policy.addons, "none"]), max_size=2)),
        payer_account_fen=draw(st.none() | st.integers(0, 100_000)),
        snapshot_identities=draw(st.none() | known),
    )


def explain(policy: Policy, person: Person, as_of: date | None = None) -> tuple[Decision, Node]:
    decision = policy.assess(person, as_of)
    return decision, policy.explain_whole(person, decision, as_of)


def check_names(policy: Policy, tree: Node, decision: Decision) -> None:
    """Check that every reason stands in the tree at its place, and every rule of the tree can be looked up."""
    assert tree.find("other") == []
    assert set(decision.reasons) <= {rule.id for rule in tree.all_rules}
    known = {rule_id for _, version in policy.pack.versions for rule_id in version.rules} | BUILTIN_RULES.keys()
    assert {rule.id for rule in tree.all_rules} <= known
    for node in tree.walk():
        assert node.label.render("zh") and node.label.render("en")
        assert node.detail.render("zh") and node.detail.render("en")
        assert node.state in STATES


def check_money(tree: Node, decision: Decision) -> None:
    """Check that the terms add up to what is paid, and that the identity that won is the one that pays."""
    (payable,) = tree.find("payable")
    assert payable.amount_fen == decision.payable_fen == sum(term.amount_fen or 0 for term in payable.children)
    won = [node for node in tree.find("identity") if node.state == "won"]
    assert [node.code for node in won] == ([decision.subsidy_identity] if decision.subsidy_identity else [])
    for node in won:
        (working,) = [child for child in node.children if child.part == "working"]
        assert working.amount_fen is not None
        assert node.amount_fen == min(working.amount_fen, decision.rate_fen or 0) == decision.subsidy_fen
    (rate,) = tree.find("rate")
    assert [one.amount_fen for one in rate.children if one.state == "won"] == [decision.rate_fen]
    (fiscal,) = tree.find("fiscal")
    assert fiscal.amount_fen == decision.fiscal_subsidy_fen
    shares = [share.amount_fen for share in fiscal.children if share.part == "share"]
    assert not shares or sum(share or 0 for share in shares) == decision.fiscal_subsidy_fen
    for part, column in (("addons", "addon_fen"), ("repair", "repair_fen"), ("account", "account_fen")):
        for node in tree.find(part):  # type: ignore[arg-type]
            assert node.amount_fen == decision.extras.get(column, 0)
    for node in tree.find("addons"):
        assert node.amount_fen == sum(one.amount_fen or 0 for one in node.children if one.state == "used")


@each_pack
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_tree_agrees_with_the_engine(name: str, data: st.DataObject) -> None:
    policy = policy_of(name)
    person = data.draw(people(policy))
    as_of = data.draw(st.none() | st.sampled_from(edges(policy)))
    decision, tree = explain(policy, person, as_of)
    assert tree.find("difference") == []
    check_names(policy, tree, decision)
    if decision.status in ("assessed", "silent"):
        check_money(tree, decision)
    if decision.covered_to is not None:
        assert str(decision.covered_to) in tree.find("end")[0].detail.render("zh")
    assert ("已晚于待遇截止日" in str(tree.detail)) == ("coverage.too_late" in decision.reasons)
    problems = {rule.id for node in tree.find("problem") for rule in node.rules}
    assert problems == (set(decision.reasons) if decision.status == "invalid" else set())
    assert as_plain(tree)["part"] == "answer"
