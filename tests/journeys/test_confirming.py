"""The town confirms identities once more before it declares, or objects (PJ-5.2.1)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.journeys.cast import (
    IN_TIME,
    NEXT_VILLAGE,
    OTHER_VILLAGE,
    POLICY,
    VILLAGE,
    YEAR,
    Cast,
    at,
    family,
    household,
    mark,
    tiers,
)
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.kernel.errors import BadInput, Forbidden, NotFound
from yingbao.registry.models import Identity, IdentityConfirmation, Resident
from yingbao.registry.rosters import confirmations
from yingbao.storage.fields import Json
from yingbao.usecases.confirm_identities import confirm_identities, confirm_village, object_to_identity
from yingbao.usecases.declare import declare_zero
from yingbao.usecases.enrol_household import enrol_household
from yingbao.worklist.models import WorkItem

pytestmark = pytest.mark.clause("PJ-5.2.1")
_keys = iter(range(1, 1000))


def key() -> str:
    return f"confirm-{next(_keys)}"


def held(resident: Resident, code: str, cast: Cast) -> int:
    """Give somebody an identity and return its id."""
    mark(resident, code, cast)
    return Identity.objects.get(resident=resident, code=code).pk


def confirm(actor: Actor, *ids: int) -> Json:
    return confirm_identities(actor, identity_ids=ids, year=YEAR, on=IN_TIME, key=key(), at=at(IN_TIME))


def object_to(actor: Actor, identity_id: int, reason: str = "全家已迁往外地") -> Json:
    return object_to_identity(
        actor, identity_id=identity_id, reason=reason, year=YEAR, on=IN_TIME, key=key(), at=at(IN_TIME)
    )


def village(actor: Actor, code: int) -> Json:
    return confirm_village(actor, village=code, year=YEAR, on=IN_TIME, key=key(), at=at(IN_TIME))


def said() -> dict[str, bool]:
    return dict(IdentityConfirmation.objects.values_list("identity__code", "agrees"))


def test_the_town_confirms_one_or_a_whole_village(cast: Cast) -> None:
    here, there = family(), household(IN_TIME.replace(year=1980), village=NEXT_VILLAGE)
    dibao = held(here[0], "dibao", cast)
    held(here[1], "extreme_poverty", cast)
    held(there[0], "orphan", cast)
    assert confirm(cast.town_clerk, dibao) == {"confirmed": 1}
    assert village(cast.town_clerk, VILLAGE) == {"confirmed": 1}
    assert said() == {"dibao": True, "extreme_poverty": True}
    tallies = confirmations.tallies(confirmations.in_force(cast.town_clerk, on=IN_TIME), year=YEAR)
    assert {one.code: (one.people, one.confirmed, one.open) for one in tallies} == {
        "dibao": (1, 1, 0),
        "extreme_poverty": (1, 1, 0),
        "orphan": (1, 0, 1),
    }
    with pytest.raises(BadInput, match="没有待确认"):
        village(cast.town_clerk, VILLAGE)


def test_an_objection_says_why_and_goes_to_the_bureau(cast: Cast) -> None:
    person = family()[0]
    identity = held(person, "dibao", cast)
    object_to(cast.town_clerk, identity)
    word = IdentityConfirmation.objects.get()
    assert (word.agrees, word.reason, word.by_id) == (False, "全家已迁往外地", cast.town_clerk.user_id)
    item = WorkItem.objects.get()
    assert (item.kind, item.owner_id) == ("identity-objected", cast.bureau.user_id)
    assert (item.subject_kind, item.subject_id) == ("resident", person.pk)
    assert "迁往" not in str(item.detail) + str(AuditEntry.objects.get(action="object-to-identity").detail)
    assert Identity.objects.get().end_on is None  # only its department ends it


def test_confirming_it_alone_takes_an_objection_back_and_among_others_does_not(cast: Cast) -> None:
    people = family()
    one, other = held(people[0], "dibao", cast), held(people[1], "orphan", cast)
    object_to(cast.town_clerk, one)
    assert confirm(cast.town_clerk, one, other) == {"confirmed": 1}
    assert said() == {"dibao": False, "orphan": True}
    confirm(cast.town_clerk, one)
    assert said() == {"dibao": True, "orphan": True}


def test_what_has_ended_or_lies_elsewhere_is_not_there(cast: Cast) -> None:
    person, away = family()[0], household(IN_TIME.replace(year=1980), village=OTHER_VILLAGE)[0]
    mark(person, "dibao", cast, end_on=IN_TIME)
    for identity in (Identity.objects.get().pk, held(away, "orphan", cast), 999_999):
        with pytest.raises(NotFound):
            confirm(cast.town_clerk, identity)
    with pytest.raises(NotFound):
        village(cast.town_clerk, OTHER_VILLAGE)


@pytest.mark.parametrize("part", ["bureau", "health", "village_agent", "auditor"])
def test_only_the_town_confirms(cast: Cast, part: str) -> None:
    identity = held(family()[0], "dibao", cast)
    with pytest.raises(Forbidden):
        confirm(getattr(cast, part), identity)
    with pytest.raises(Forbidden):
        object_to(getattr(cast, part), identity)


def test_an_objection_without_a_reason_is_told(cast: Cast) -> None:
    identity = held(family()[0], "dibao", cast)
    with pytest.raises(BadInput, match="理由"):
        object_to(cast.town_clerk, identity, " ")
    assert not WorkItem.objects.exists()


def test_the_same_request_twice_confirms_once(cast: Cast) -> None:
    identity = held(family()[0], "dibao", cast)
    for _ in range(2):
        told = confirm_identities(
            cast.town_clerk, identity_ids=[identity], year=YEAR, on=IN_TIME, key="once", at=at(IN_TIME)
        )
        assert told == {"confirmed": 1}
    assert IdentityConfirmation.objects.count() == 1


@pytest.mark.parametrize("confirmed", [0, 1])
def test_declaring_tells_how_many_are_not_confirmed_and_goes_on(cast: Cast, confirmed: int) -> None:
    person = family()[0]
    identity = held(person, "extreme_poverty", cast)
    if confirmed:
        confirm(cast.town_clerk, identity)
    enrol_household(
        cast.village_agent,
        household_id=person.household_id,
        tiers=tiers([person]),
        policy_name=POLICY,
        on=IN_TIME,
        key="enrol",
        at=at(IN_TIME),
    )
    told = declare_zero(cast.village_agent, year=YEAR, on=IN_TIME, key="zero", at=at(IN_TIME))
    assert (told["persons"], told["unconfirmed"]) == (1, 1 - confirmed)
    assert AuditEntry.objects.get(action="declare-zero").detail["unconfirmed"] == 1 - confirmed


def test_a_village_is_confirmed_in_a_fixed_number_of_statements(cast: Cast) -> None:
    few = _statements(cast, 2)
    assert _statements(cast, 60) == few


def _statements(cast: Cast, people: int) -> int:
    for _ in range(people):
        held(household(IN_TIME.replace(year=1980))[0], "dibao", cast)
    with CaptureQueriesContext(connection) as statements:
        assert village(cast.town_clerk, VILLAGE) == {"confirmed": people}
    return len(statements)
