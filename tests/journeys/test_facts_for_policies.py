"""What the register knows reaches packs that ask for more: identities of a fixed day, kind and grade of disability."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as site

from tests.journeys.cast import Cast, household, mark
from yingbao.policy import Decision, get_policy, use_packs
from yingbao.registry.facts import of_residents
from yingbao.registry.models import Resident
from yingbao.usecases import deciding

PAID_ON = date(2029, 11, 5)
CONSTRUCTS = Path(__file__).parents[1] / "policy" / "constructs"


@pytest.fixture(autouse=True)
def _packs() -> Iterator[None]:
    use_packs(CONSTRUCTS)
    yield
    use_packs(site.HOME / "packs")


def decided(pack: str, resident: Resident) -> Decision:
    facts = of_residents([resident.pk], on=PAID_ON)[resident.pk]
    return deciding.decide(get_policy(pack), facts, tier=1, paid_on=PAID_ON)


def test_an_identity_held_on_the_fixed_day_counts_though_it_has_ended(cast: Cast) -> None:
    (then,) = household(date(1960, 1, 1))
    mark(then, "dibao", cast, begin_on=date(2029, 1, 1), end_on=date(2029, 9, 15))
    assert decided("snapshot", then).subsidy_fen == 300_00


def test_an_identity_that_came_after_the_fixed_day_does_not(cast: Cast) -> None:
    (later,) = household(date(1960, 1, 1))
    mark(later, "dibao", cast, begin_on=date(2029, 9, 1))
    decision = decided("snapshot", later)
    assert (decision.status, decision.subsidy_fen) == ("assessed", 0)


def test_the_grade_of_the_certificate_decides_the_amount(cast: Cast) -> None:
    grade_1, grade_2 = household(date(1960, 1, 1), date(1962, 1, 1))
    for one, grade in ((grade_1, 1), (grade_2, 2)):
        mark(one, "disabled_1_2", cast)
        one.disability_kind, one.disability_grade = 4, grade
        one.save()
    assert decided("age-and-disability", grade_1).subsidy_fen == 400_00
    assert decided("age-and-disability", grade_2).subsidy_fen == 280_00


def test_an_identity_without_a_known_certificate_is_asked_about_and_nobody_else_is(cast: Cast) -> None:
    unknown, healthy = household(date(1960, 1, 1), date(1962, 1, 1))
    mark(unknown, "disabled_1_2", cast)
    assert decided("age-and-disability", unknown).status == "invalid"
    assert decided("age-and-disability", healthy).status == "assessed"
