"""Who answers for what goes wrong in a village: somebody who can see it, and never nobody while an office is above."""

from __future__ import annotations

from django.db import transaction

from tests.journeys.cast import DISTRICT, NEXT_VILLAGE, OTHER_TOWN, OTHER_VILLAGE, TOWN, VILLAGE, Cast
from yingbao.accounts import operations as accounts
from yingbao.accounts.models import User
from yingbao.accounts.queries import owner_for
from yingbao.accounts.roles import Role


def owner(division: int) -> str:
    found = owner_for(division)
    return found.username if found else ""


def add(username: str, role: str, division: int, *, answerable_for: tuple[int, ...] = ()) -> None:
    with transaction.atomic():
        accounts.add_user(
            username=username,
            display_name=username,
            role=role,
            division_code=division,
            department="health" if role == Role.DEPARTMENT else "",
            answerable_for=answerable_for,
        )


def test_the_officer_named_for_a_village_comes_before_its_agent(cast: Cast) -> None:
    assert owner(VILLAGE) == "village-agent"
    add("named", Role.TOWN, TOWN, answerable_for=(VILLAGE,))
    assert (owner(VILLAGE), owner(NEXT_VILLAGE)) == ("named", "next-agent")


def test_a_village_without_an_agent_falls_to_its_town_and_a_town_without_officers_to_the_bureau(cast: Cast) -> None:
    assert (owner(OTHER_VILLAGE), owner(OTHER_TOWN), owner(DISTRICT)) == ("outsider", "outsider", "bureau")
    User.objects.filter(username="outsider").update(is_active=False)
    assert owner(OTHER_VILLAGE) == "bureau"


def test_a_resident_or_a_school_of_the_village_is_never_asked(cast: Cast) -> None:
    for role in (Role.RESIDENT, Role.INSTITUTION, Role.CHANNEL, Role.DEPARTMENT, Role.AUDITOR):
        add(f"other-{role}", role, OTHER_VILLAGE)
    assert owner(OTHER_VILLAGE) == "outsider"
