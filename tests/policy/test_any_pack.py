"""The engine and the slow reader on packs and people nobody has thought of; and what must hold for all of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from tests.policy.checks import check_everything, check_explanation
from tests.policy.random_packs import generous_packs, packs
from tests.policy.random_people import draw_day, draw_people, list_codes
from yingbao.kernel.errors import BadInput
from yingbao.policy import Person, Policy, read_policy
from yingbao.policy.lint import lint

SEEDS = st.integers(0, 2**32)
any_pack = settings(
    max_examples=30,
    deadline=None,
    phases=(Phase.generate,),  # making a pack smaller takes minutes; add Phase.shrink to look into a failure
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
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


@given(content=packs(), seed=SEEDS)
@any_pack
def test_whatever_the_pack_and_whoever_the_people(content: dict[str, Any], seed: int) -> None:
    check_everything(make_policy(content), seed, 60)


def test_what_lint_passes_never_raises_and_is_explained() -> None:
    passed = []

    @given(content=packs(), seed=SEEDS)
    @settings(any_pack, max_examples=16)
    def explain_people(content: dict[str, Any], seed: int) -> None:
        policy = make_policy(content)
        if any(finding.severity == "error" for finding in lint(policy.pack)):
            return
        passed.append(seed)
        as_of, people = draw_day(policy.file, seed), draw_people(policy.file, seed, 8)
        for person, decision in zip(people, policy.assess_all(people, as_of), strict=True):
            check_explanation(policy, person, decision, as_of)

    explain_people()
    assert len(passed) >= 4


@given(content=generous_packs(), seed=SEEDS)
@settings(any_pack, max_examples=20)
def test_one_more_identity_never_costs_more(content: dict[str, Any], seed: int) -> None:
    policy = make_policy(content)
    as_of, chance, people = draw_day(policy.file, seed), Random(seed), draw_people(policy.file, seed, 60)
    more = [with_one_more(person, chance.choice(list_codes(policy.file))) for person in people]
    pairs = zip(policy.assess_all(people, as_of), policy.assess_all(more, as_of), strict=True)
    for person, (before, after) in zip(people, pairs, strict=True):
        if before.payable_fen is not None and after.payable_fen is not None:
            assert after.payable_fen <= before.payable_fen, person


def with_one_more(person: Person, code: str) -> Person:
    """Return the person with one identity more, held already on the day identities are taken."""
    then = None if person.snapshot_identities is None else person.snapshot_identities | {code}
    return replace(person, identities=person.identities | {code}, snapshot_identities=then)
