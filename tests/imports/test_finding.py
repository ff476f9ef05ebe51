"""Finding people: by name, by full number, by household; never outside one's scope."""

from __future__ import annotations

import pytest

from tests.imports.cast import EAST, NOW, WEST, Cast, bring_in, family, number, person
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Role
from yingbao.divisions.codes import NOWHERE
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import Forbidden, NotFound
from yingbao.registry import queries
from yingbao.registry.finding import listing
from yingbao.registry.finding.listing import Filter, Search
from yingbao.registry.models import Household, Resident, ResidentLogin


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast, with a family in 东村, one person in 西社区 and one in the other town."""
    bring_in(cast.town_clerk, [*family(), person("柏远山", "19500101", village="西社区", household_no="W1")])
    bring_in(cast.outsider, [person("柏外乡", "19600101", village="远村", household_no="F1")])
    return cast


def looked_for(text: str, village: int | None = None) -> Search:
    """Return a search of a text, in a village or everywhere."""
    return Search(text, Filter(division=village), NOW.date(), Enrolment.objects.all())


def found(actor: Actor, text: str, village: int | None = None) -> set[str]:
    """Return the names a search finds."""
    return {resident.name for resident in listing.search(actor, looked_for(text, village)).residents}


def test_by_the_beginning_of_a_name_by_full_number_and_by_household(town: Cast) -> None:
    assert found(town.town_clerk, "柏") == {"柏大树", "柏小苗", "柏远山"}
    assert found(town.town_clerk, "青禾") == set()
    assert found(town.town_clerk, number("19820602", 2)) == {"艾青禾"}
    assert found(town.town_clerk, f" {number('19800501', 1).lower()} ") == {"柏大树"}
    assert found(town.town_clerk, number("19820602", 2)[:17]) == set()
    assert found(town.town_clerk, "H1") == {"柏大树", "艾青禾", "柏小苗"}
    assert found(town.town_clerk, "", village=WEST) == {"柏远山"}


def test_each_sees_their_own_divisions(town: Cast) -> None:
    assert found(town.village_agent, "柏") == {"柏大树", "柏小苗"}
    assert found(town.village_agent, "柏", village=WEST) == set()
    assert found(town.outsider, "柏") == {"柏外乡"}
    assert found(town.outsider, number("19800501", 1)) == set()
    assert found(town.bureau, "柏") == {"柏大树", "柏小苗", "柏远山", "柏外乡"}
    with pytest.raises(Forbidden):
        found(town.civil_affairs, "柏")


def test_a_person_or_household_outside_is_not_there(town: Cast) -> None:
    father = Resident.objects.get(name="柏大树")
    assert queries.resident(town.village_agent, father.pk).household.number == "H1"
    assert len(queries.household(town.town_clerk, father.household_id).members.all()) == 3
    for look in (queries.resident, queries.household):
        with pytest.raises(NotFound):
            look(town.outsider, father.pk if look is queries.resident else father.household_id)
        with pytest.raises(Forbidden):
            look(town.civil_affairs, 1)
    with pytest.raises(NotFound):
        queries.resident(town.town_clerk, 999_999)


def test_a_resident_sees_the_own_household_and_no_other(town: Cast) -> None:
    mother, other = Resident.objects.get(name="艾青禾"), Resident.objects.get(name="柏远山")
    me = _login(mother, town)
    assert {member.name for member in queries.own_household(me).members.all()} == {"柏大树", "艾青禾", "柏小苗"}
    assert queries.resident(me, mother.pk).name == "艾青禾"
    with pytest.raises(NotFound):
        queries.resident(me, other.pk)
    with pytest.raises(NotFound):
        queries.household(me, other.household_id)
    with pytest.raises(Forbidden):
        listing.search(me, looked_for("柏"))
    with pytest.raises(NotFound):
        queries.own_household(Actor(town.town_clerk.user_id, "无登记", Role.RESIDENT, NOWHERE))
    with pytest.raises(Forbidden):
        queries.own_household(town.town_clerk)


def _login(resident: Resident, cast: Cast) -> Actor:
    # The use case of proving who one is comes later; the row is all it will leave.
    ResidentLogin.objects.create(user_id=cast.second_clerk.user_id, resident=resident)
    return Actor(cast.second_clerk.user_id, resident.name, Role.RESIDENT, NOWHERE)


def test_pages_follow_one_another_without_gap_or_repeat(town: Cast) -> None:
    people = [
        person("冬" + "一二三四五六七八九十"[n % 10], f"{1950 + n % 50}0101", n // 50 + 11, household_no=f"P{n}")
        for n in range(listing.PAGE_SIZE + 7)
    ]
    bring_in(town.town_clerk, people)
    first = listing.search(town.town_clerk, looked_for("冬"))
    second = listing.search(town.town_clerk, looked_for("冬"), after=first.residents[-1].pk)
    assert (len(first.residents), first.has_next) == (listing.PAGE_SIZE, True)
    assert (len(second.residents), second.has_next) == (7, False)
    assert len({resident.pk for page in (first, second) for resident in page.residents}) == len(people)
    assert Household.objects.filter(division_id=EAST).count() == len(people) + 1
