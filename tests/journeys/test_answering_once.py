"""A request's answer belongs to who asked: the same id from somebody else tells nothing and does nothing."""

from __future__ import annotations

import pytest

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, Cast, at, household, tiers
from yingbao.accounts.actors import Actor
from yingbao.collection.models import Payment
from yingbao.kernel.errors import Conflict
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household


def take(actor: Actor, person: Resident) -> Json:
    return enrol_and_pay(
        actor,
        household_id=person.household_id,
        tiers=tiers([person]),
        channel="cash",
        amount_fen=TIER_1,
        policy_name=POLICY,
        on=IN_TIME,
        key="web-seen-over-a-shoulder",
        at=at(IN_TIME),
    )


def enrol(actor: Actor, person: Resident) -> Json:
    return enrol_household(
        actor,
        household_id=person.household_id,
        tiers=tiers([person]),
        policy_name=POLICY,
        on=IN_TIME,
        key="web-seen-over-a-shoulder",
        at=at(IN_TIME),
    )


def test_another_towns_clerk_does_not_get_the_answer_to_a_request_by_repeating_its_id(cast: Cast) -> None:
    (person,) = household(IN_TIME.replace(year=1980))
    enrolled = enrol(cast.village_agent, person)
    assert enrol(cast.village_agent, person) == enrolled
    for other in (cast.outsider, cast.town_clerk):
        with pytest.raises(Conflict):
            enrol(other, person)


def test_a_second_agent_with_the_first_ones_id_is_not_told_that_money_was_taken(cast: Cast) -> None:
    (person,) = household(IN_TIME.replace(year=1980))
    take(cast.village_agent, person)
    with pytest.raises(Conflict):
        take(cast.next_agent, person)
    assert Payment.objects.count() == 1
