"""The engine and the slow reader on packs and people nobody has thought of; and what must hold for any of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, event, given, reject, settings
from hypothesis import strategies as st

from tests.policy.random_packs import packs
from tests.policy.random_people import HELD, draw_day, draw_people
from tests.policy.reader import Answer, read
from tests.policy.reader_facts import list_conditions
from yingbao.kernel.errors import BadInput
from yingbao.policy import Decision, Person, Policy, engine, read_policy
from yingbao.policy.builtin import BUILTIN_RULES
from yingbao.policy.format import PackFile
from yingbao.policy.lint import lint

PLAIN = [field.name for field in fields(Answer) if field.name not in ("reasons", "extras")]
SEEDS = st.integers(0, 2**32)
BUILT_IN = frozenset(BUILTIN_RULES)
any_pack = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def make_policy(content: dict[str, Any]) -> Policy:
    """Return the policy of a pack's content, read from a file as any pack is."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "random.yaml").write_text(yaml.dump(content, Dumper=_dumper()), "utf-8")
        policy = read_policy("random", Path(folder))
    try:
        assert policy.engine
    except BadInput:  # more combinations than any notice has, which lint calls an error: no question for these tests
        reject()
    return policy


@cache
def _dumper() -> Any:
    return getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def differences(policy: Policy, person: Person, decision: Decision, as_of: date) -> Iterator[str]:
    """Yield where the engine and the reader disagree about a person."""
    answer = read(policy.file, person, as_of)
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


@given(content=packs(), seed=SEEDS)
@any_pack
def test_engine_and_reader_agree(content: dict[str, Any], seed: int) -> None:
    policy = make_policy(content)
    as_of, people = draw_day(policy.file, seed), draw_people(policy.file, seed, 60)
    for person, decision in zip(people, policy.assess_all(people, as_of), strict=True):
        assert list(differences(policy, person, decision, as_of)) == [], person


@given(content=packs(), seed=SEEDS)
@any_pack
def test_the_parts_add_up(content: dict[str, Any], seed: int) -> None:
    policy = make_policy(content)
    fiscal = policy.file.fiscal
    for decision in policy.assess_all(draw_people(policy.file, seed, 60), draw_day(policy.file, seed)):
        extras = decision.extras
        if decision.payable_fen is None or decision.rate_fen is None or decision.subsidy_fen is None:
            assert (decision.rate_fen, decision.subsidy_fen, decision.payable_fen) == (None, None, None)
            assert (decision.status in ("invalid", "closed"), dict(extras)) == (True, {})
            continue
        assert 0 <= decision.subsidy_fen <= decision.rate_fen
        assert (decision.subsidy_fen > 0) == (decision.subsidy_identity is not None)
        own = fiscal.amount if fiscal and decision.fiscal_subsidy_fen == 0 else 0
        parts = decision.rate_fen + own + extras.get("repair_fen", 0) + extras.get("addon_fen", 0)
        assert decision.payable_fen + decision.subsidy_fen == parts
        assert 0 <= extras.get("account_fen", 0) <= decision.payable_fen
        if fiscal and fiscal.shares:
            shares = [value for name, value in extras.items() if name.startswith("fiscal_")]
            assert (len(shares), sum(shares)) == (len(fiscal.shares), decision.fiscal_subsidy_fen)


@given(content=packs(), seed=SEEDS)
@any_pack
def test_cover_is_whole_or_not_there(content: dict[str, Any], seed: int) -> None:
    policy = make_policy(content)
    people = draw_people(policy.file, seed, 60)
    for person, decision in zip(people, policy.assess_all(people, draw_day(policy.file, seed)), strict=True):
        assert (decision.covered_from is None) == (decision.covered_to is None)
        if person.paid_on is None:
            assert decision.covered_from is None
            assert decision.status in ("assessed", "invalid")
        else:
            assert (decision.status == "assessed") == (decision.covered_from is not None)
        if decision.covered_from is not None and decision.covered_to is not None:
            assert decision.covered_from <= decision.covered_to


def rewards_every_identity(file: PackFile) -> bool:
    """Tell whether one identity more can only add offers: no amount hangs on who holds or does not hold it."""
    highest = file.several is None or file.several.choose == "highest"
    amounts = [*file.rates, *file.identities, *file.addons]
    named = any(when.identities for entry in amounts for when in list_conditions(entry))
    return highest and not named and not any(when.without for when in list_conditions(file))


@given(content=packs().filter(lambda content: content["several"]["choose"] == "highest"), seed=SEEDS)
@any_pack
def test_one_more_identity_never_costs_more(content: dict[str, Any], seed: int) -> None:
    policy = make_policy(content)
    if not rewards_every_identity(policy.file):
        return
    as_of, chance, people = draw_day(policy.file, seed), Random(seed), draw_people(policy.file, seed, 60)
    more = [with_one_more(person, chance.choice(HELD)) for person in people]
    pairs = zip(policy.assess_all(people, as_of), policy.assess_all(more, as_of), strict=True)
    for person, (before, after) in zip(people, pairs, strict=True):
        if before.payable_fen is not None and after.payable_fen is not None:
            assert after.payable_fen <= before.payable_fen, person


def with_one_more(person: Person, code: str) -> Person:
    """Return the person with one identity more, held already on the day identities are taken."""
    then = None if person.snapshot_identities is None else person.snapshot_identities | {code}
    return replace(person, identities=person.identities | {code}, snapshot_identities=then)


@given(content=packs(), seed=SEEDS)
@any_pack
def test_one_by_one_in_any_order_and_compiled(content: dict[str, Any], seed: int) -> None:
    policy = make_policy(content)
    as_of, people = draw_day(policy.file, seed), draw_people(policy.file, seed, 40)
    together = policy.assess_all(people, as_of)
    assert [policy.assess(person, as_of) for person in people] == together
    order = Random(seed).sample(range(len(people)), len(people))
    shuffled = [people[place] for place in order]
    assert policy.assess_all(shuffled, as_of) == [together[place] for place in order]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "FEW", 0)
        assert policy.assess_all(people, as_of) == together
        assert make_policy(content).assess_all(shuffled, as_of) == [together[place] for place in order]


@given(content=packs(), seed=SEEDS)
@any_pack
def test_what_lint_passes_never_raises_and_is_explained(content: dict[str, Any], seed: int) -> None:
    policy = make_policy(content)
    clean = all(finding.severity != "error" for finding in lint(policy.pack))
    event("without errors" if clean else "with errors")
    if not clean:
        return
    as_of, people = draw_day(policy.file, seed), draw_people(policy.file, seed, 8)
    for person, decision in zip(people, policy.assess_all(people, as_of), strict=True):
        assert decision.reasons
        assert [policy.explain(reason).id for reason in decision.reasons] == list(decision.reasons)
        for step in policy.explain_decision(person, decision, as_of):
            assert step.label.render("zh")
            assert step.detail.render("en")


def test_packs_are_mostly_without_errors() -> None:
    """The last test would show nothing if it never got past lint."""
    clean = []

    @given(content=packs())
    @settings(any_pack, max_examples=60)
    def count(content: dict[str, Any]) -> None:
        findings = lint(make_policy(content).pack)
        clean.append(all(finding.severity != "error" for finding in findings))

    count()
    assert sum(clean) >= len(clean) / 4
