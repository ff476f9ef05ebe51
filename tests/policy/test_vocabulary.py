"""The fixed vocabulary and the names people use."""

from __future__ import annotations

import pytest

from tests.policy.oracle import CODES
from yingbao.policy import get_vocabulary

VOCABULARY = get_vocabulary()


def test_the_twenty_one_identities() -> None:
    assert tuple(VOCABULARY.identities) == CODES
    assert len(CODES) == 21
    assert VOCABULARY.mask(CODES) == (1 << 21) - 1


def test_the_codes_of_the_national_platform() -> None:
    held = {identity.national: code for code, identity in VOCABULARY.identities.items() if identity.national}
    assert held == {
        "7131": "extreme_poverty",
        "7041": "orphan",
        "7141": "de_facto_orphan",
        "7090": "old_demobilised_veteran",
        "7052": "entitled_group",
        "7069": "disabled_1_2",
        "7201": "dibao_marginal",
        "7202": "returned_to_poverty",
        "7203": "unstable_lifted",
        "7204": "marginal_prone",
        "7205": "sudden_hardship",
        "7110": "illness_poverty_patient",
    }


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("dibao", "dibao"),
        ("城乡低保对象", "dibao"),
        (" 城乡 低保对象 ", "dibao"),
        ("在乡老复员退伍军人", "old_demobilised_veteran"),
        ("在乡老复员（退伍）军人", "old_demobilised_veteran"),
        ("在乡老复员(退伍)军人", "old_demobilised_veteran"),
        ("重残1–2级", "disabled_1_2"),
        ("重残1-2级", "disabled_1_2"),
        ("7203", "unstable_lifted"),
        ("在乡重点优抚对象（不含1-6级残疾军人）", "entitled_group"),
        ("计划生育奖扶对象", "family_planning_reward"),
        ("未纳入低收入人口监测范围的稳定脱贫人口", "stable_lifted"),
    ],
)
def test_names_are_known(name: str, code: str) -> None:
    assert VOCABULARY.identity_named(name) == code


@pytest.mark.parametrize("name", ["", "残疾人", "困难群众", "低保低保", "7999"])
def test_an_unknown_name_is_never_guessed(name: str) -> None:
    assert VOCABULARY.identity_named(name) is None


def test_the_stably_lifted_are_not_counted_as_low_income() -> None:
    assert "stable_lifted" not in VOCABULARY.low_income
    assert {"dibao", "extreme_poverty", "marginal_prone"} <= VOCABULARY.low_income <= set(CODES)
