"""The invented amendment of the demo: it says what it is, is free of errors, and changes newborns alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from yingbao.demo.policy_tools import AMENDMENT, DEARER_YUAN, RATE, dearer, rate_in_force, write_amendment
from yingbao.kernel.messages import Message
from yingbao.policy import Decision, Person, Policy, get_policy, list_packs, read_policy
from yingbao.policy.lint import lint
from yingbao.policy.whatif import entries_by_place

BASE = "liangping-2023"
FIRST_DAY = date(2023, 9, 25)
CONTRIBUTION, FISCAL = 35_000, 61_000


@pytest.fixture(scope="module")
def amendment(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    path = write_amendment(tmp_path_factory.mktemp("home") / "packs")
    return read_policy(path.stem, path.parent)


def pay(policy: Policy, *, born_on: date, paid_on: date, codes: tuple[str, ...] = ()) -> Decision:
    return policy.assess(
        Person(birth_on=born_on, population="resident", tier=1, identities=frozenset(codes), paid_on=paid_on)
    )


def test_it_lies_in_the_folder_it_is_written_to_and_not_among_the_packs_that_ship(tmp_path: Path) -> None:
    path = write_amendment(tmp_path / "home" / "packs")
    assert path == tmp_path / "home" / "packs" / f"{AMENDMENT}.yaml"
    assert list_packs(path.parent) == [AMENDMENT]
    assert AMENDMENT not in list_packs()


def test_it_says_in_both_languages_that_it_is_invented(amendment: Policy) -> None:
    own = [document for document in amendment.file.documents if document.id == "YS"]
    titles: list[Message] = [amendment.title, own[0].title.text, own[0].issuer.text]
    titles += [rule.title for rule in amendment.pack.rules.values() if rule.id.startswith("YS-")]
    assert len(titles) == 5
    assert all("虚构" in title.render("zh") for title in titles)
    assert all("invented" in title.render("en").lower() for title in titles)


def test_it_has_no_errors_and_its_own_clauses(amendment: Policy) -> None:
    assert [finding for finding in lint(amendment.pack) if finding.severity == "error"] == []
    assert amendment.pack.rules["YS-1"].document is amendment.pack.rules["YS-2"].document
    assert [day for day, _policy in amendment.versions] == [None, FIRST_DAY]


def test_newborns_in_time_are_spared_the_fiscal_part_from_its_first_day_on(amendment: Policy) -> None:
    born_on = FIRST_DAY - timedelta(40)
    for policy, paid_on, fen in (
        (get_policy(BASE), FIRST_DAY, CONTRIBUTION + FISCAL),
        (amendment, FIRST_DAY - timedelta(1), CONTRIBUTION + FISCAL),
        (amendment, FIRST_DAY, CONTRIBUTION),
    ):
        decision = pay(policy, born_on=born_on, paid_on=paid_on)
        assert (decision.payable_fen, decision.covered_from) == (fen, born_on)


@pytest.mark.parametrize("born_on", [date(1980, 5, 1), FIRST_DAY - timedelta(91)])
@pytest.mark.parametrize("codes", [(), ("dibao",)])
def test_nobody_else_is_changed(amendment: Policy, born_on: date, codes: tuple[str, ...]) -> None:
    before, after = (
        pay(policy, born_on=born_on, paid_on=FIRST_DAY, codes=codes) for policy in (get_policy(BASE), amendment)
    )
    assert replace(before, reasons=()) == replace(after, reasons=())
    assert ("PJ-7.2e" in before.reasons) and ("YS-1" in after.reasons)  # the clause it rests on is the newer one
    assert before.payable_fen is not None and before.payable_fen > FISCAL


def test_the_simulated_rate_differs_from_the_one_in_force_and_leaves_that_alone() -> None:
    assert rate_in_force() == CONTRIBUTION
    simulated = entries_by_place(dearer().file)[RATE]
    assert getattr(simulated, "amount") == DEARER_YUAN * 100  # noqa: B009  an entry of any kind
    assert rate_in_force() == CONTRIBUTION
