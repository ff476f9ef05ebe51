"""Low-income people who could enrol and have not: each is somebody's work item until reached (BN-4.1, BN-4.2.2a)."""

from __future__ import annotations

from datetime import date

import pytest

from tests.journeys.cast import IN_TIME, POLICY, VILLAGE, Cast, at, household, insure_elsewhere, mark, tiers
from yingbao.accounts.models import User
from yingbao.kernel.errors import Forbidden
from yingbao.storage.fields import Json
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.find_missed import find_missed
from yingbao.worklist.models import WorkItem


def look(cast: Cast) -> Json:
    return find_missed(cast.town_clerk, policy_name=POLICY, on=IN_TIME, at=at(IN_TIME))


@pytest.mark.clause("BN-4.1")
@pytest.mark.clause("BN-4.2.2a")
def test_each_missed_person_has_an_owner_and_a_day_and_nobody_else_is_listed(cast: Cast) -> None:
    User.objects.get(username="second-clerk").answerable_for.set([VILLAGE])
    (missed,), (employed,), (rich,) = (household(date(1950, 1, day)) for day in (1, 2, 3))
    for person in (missed, employed):
        mark(person, "dibao", cast)
    insure_elsewhere(employed)
    assert rich.pk and look(cast) == {"missing": 1, "opened": 1, "closed": 0}
    item = WorkItem.objects.get()
    assert (item.subject_id, item.owner_id) == (missed.pk, cast.second_clerk.user_id)
    assert item.due_on > IN_TIME


def test_looking_twice_opens_nothing_twice_and_enrolling_closes_it_with_a_reason(cast: Cast) -> None:
    (missed,) = household(date(1950, 1, 1))
    mark(missed, "extreme_poverty", cast)
    look(cast)
    assert look(cast) == {"missing": 1, "opened": 0, "closed": 0}
    enrol_household(
        cast.town_clerk,
        household_id=missed.household_id,
        tiers=tiers([missed]),
        policy_name=POLICY,
        on=IN_TIME,
        key="enrol",
        at=at(IN_TIME),
    )
    assert look(cast) == {"missing": 0, "opened": 0, "closed": 1}
    item = WorkItem.objects.get()
    assert (item.closed_by_id, item.closed_reason) == (cast.town_clerk.user_id, "已参保")


def test_an_agent_cannot_sweep_and_an_outsider_sees_nobody(cast: Cast) -> None:
    mark(household(date(1950, 1, 1))[0], "dibao", cast)
    with pytest.raises(Forbidden):
        find_missed(cast.village_agent, policy_name=POLICY, on=IN_TIME, at=at(IN_TIME))
    assert find_missed(cast.outsider, policy_name=POLICY, on=IN_TIME, at=at(IN_TIME))["missing"] == 0
