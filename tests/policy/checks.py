"""What must hold for anybody, whatever the pack: the engine says what the reader says, and the sums are right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from random import Random

import pytest

from tests.policy.random_people import draw_day, draw_people
from tests.policy.reader import Answer, read_pack
from yingbao.policy import Decision, Person, Policy, engine
from yingbao.policy.builtin import BUILTIN_RULES
from yingbao.policy.format import PackFile

PLAIN = [field.name for field in fields(Answer) if field.name not in ("reasons", "extras")]
BUILT_IN = frozenset(BUILTIN_RULES)


def differences(policy: Policy, person: Person, decision: Decision, as_of: date) -> Iterator[str]:
    """Yield where the engine and the reader disagree about a person."""
    answer = read_pack(policy.pack, person, as_of)
    for name in PLAIN:
        if getattr(answer, name) != getattr(decision, name):
            yield f"{name}: reader {getattr(answer, name)}, engine {getattr(decision, name)}"
    if answer.status in ("assessed", "silent") and dict(decision.extras) != answer.extras:
        yield f"extras: reader {answer.extras}, engine {dict(decision.extras)}"
    found, own = set(decision.reasons), answer.reasons
    if answer.status == "invalid":
        # Whether a rate could be found besides is no question of a row that is none.
        if not found & own or not found <= own | {"input.tier"}:
            yield f"reasons: reader {sorted(own)}, engine {sorted(found)}"
    elif not own <= found or found & BUILT_IN != own & BUILT_IN:
        yield f"reasons: reader {sorted(own)}, engine {sorted(found)}"


def check_agreement(policy: Policy, people: list[Person], found: list[Decision], as_of: date) -> None:
    """The engine says of everybody what the reader says."""
    for person, decision in zip(people, found, strict=True):
        disagreements = [*differences(policy, person, decision, as_of)]
        assert not disagreements, f"{disagreements} as of {as_of} about {person}"


def check_sums(file: PackFile, decision: Decision) -> None:
    """A subsidy is never above the rate, and what the person, the department and the treasury pay is the whole."""
    extras, fiscal = decision.extras, file.fiscal
    if decision.payable_fen is None or decision.rate_fen is None or decision.subsidy_fen is None:
        assert (decision.rate_fen, decision.subsidy_fen, decision.payable_fen) == (None, None, None)
        assert (decision.status in ("invalid", "closed"), dict(extras)) == (True, {})
        return
    assert 0 <= decision.subsidy_fen <= decision.rate_fen
    assert (decision.subsidy_fen > 0) == (decision.subsidy_identity is not None)
    own = fiscal.amount if fiscal and decision.fiscal_subsidy_fen == 0 else 0
    parts = decision.rate_fen + own + extras.get("repair_fen", 0) + extras.get("addon_fen", 0)
    assert decision.payable_fen + decision.subsidy_fen == parts
    assert 0 <= extras.get("account_fen", 0) <= decision.payable_fen
    if fiscal and fiscal.shares:
        shares = [value for name, value in extras.items() if name.startswith("fiscal_")]
        assert (len(shares), sum(shares)) == (len(fiscal.shares), decision.fiscal_subsidy_fen)


def check_cover(person: Person, decision: Decision) -> None:
    """Cover is whole or not there, never before birth, and only for who has paid."""
    assert (decision.covered_from is None) == (decision.covered_to is None)
    if person.paid_on is None:
        assert decision.covered_from is None
        assert decision.status in ("assessed", "invalid")
    else:
        assert (decision.status == "assessed") == (decision.covered_from is not None)
    if decision.covered_from is not None and decision.covered_to is not None:
        assert decision.covered_from <= decision.covered_to


def check_order(policy: Policy, people: list[Person], found: list[Decision], as_of: date, seed: int) -> None:
    """One by one, in any order, and by the compiled function: the same."""
    few = slice(0, 8)
    assert [policy.assess(person, as_of) for person in people[few]] == found[few]
    order = Random(seed).sample(range(len(people)), len(people))
    shuffled = [people[place] for place in order]
    assert policy.assess_all(shuffled, as_of) == [found[place] for place in order]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "FEW", 0)
        assert policy.assess_all(people, as_of) == found
        assert policy.assess_all(shuffled, as_of) == [found[place] for place in order]


def check_explanation(policy: Policy, person: Person, decision: Decision, as_of: date) -> None:
    """Every reason is a rule somebody can read, and every line of the explanation a sentence in both languages."""
    assert decision.reasons
    assert [policy.explain(reason).id for reason in decision.reasons] == list(decision.reasons)
    for step in policy.explain_decision(person, decision, as_of):
        assert step.label.render("zh")
        assert step.detail.render("en")


def check_everything(policy: Policy, seed: int, count: int) -> None:
    as_of, people = draw_day(policy.file, seed), draw_people(policy.file, seed, count)
    found = policy.assess_all(people, as_of)
    check_agreement(policy, people, found, as_of)
    for person, decision in zip(people, found, strict=True):
        check_sums(policy.file, decision)
        check_cover(person, decision)
    check_order(policy, people, found, as_of, seed)
