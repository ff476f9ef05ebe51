"""Splitting, moving, joining households and changing heads: one head each, always, and all or nothing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.cast import EAST, FAR, NOW, WEST, Cast, new_key, people_the_district
from tests.registry.editing_cast import (
    CHILD,
    FATHER,
    MOTHER,
    asking,
    edit,
    entry,
    heads_of,
    ids,
    place,
    register,
    settle,
    settle_family,
    shown,
    who,
)
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, Refused
from yingbao.registry import audits
from yingbao.registry.editing import homes, past
from yingbao.registry.models import Household, RecordChange, Resident
from yingbao.usecases.change_household import (
    Asking,
    Place,
    change_head,
    join_households,
    move_household,
    move_residents,
    split_household,
)
from yingbao.usecases.record_leaving import Leaving, record_death


@pytest.fixture
def cast(db: None) -> Cast:
    told = people_the_district()
    settle_family(told)
    settle("H2", ("榆老汉", "19500101", 1), ("榆大嫂", "19520101", 2, "spouse"))
    return told


def home_of(name: str) -> int:
    return who(name).household_id


def holds(cast: Cast) -> bool:
    """Return whether every household has one head and everybody is where their household is."""
    scope = cast.bureau.scope
    found = audits.households_without_one_head(scope, year=2023)
    return not found and not audits.people_away_from_their_household(scope, year=2023)


# --- splitting ------------------------------------------------------------------------------------------------------


@pytest.mark.clause("BN-4.4b")
def test_some_members_become_a_household_of_their_own(cast: Cast) -> None:
    home = home_of(FATHER)
    form = shown(home, **{MOTHER: "head", CHILD: "child"})
    answer = split_household(asking(cast.town_clerk), form, moving=ids(MOTHER, CHILD), place=place("H3"))
    assert answer["from"] == home
    assert heads_of([home, answer["household"]]) == [[FATHER], [MOTHER]]
    assert (who(CHILD).household_id, who(FATHER).version) == (answer["household"], 1)
    assert holds(cast)
    told = AuditEntry.objects.get(action="split-household")
    assert told.detail == {"to": answer["household"], "residents": sorted(ids(MOTHER, CHILD))}
    assert {one.reason for one in RecordChange.objects.filter(action="split")} == {"家庭分开生活"}


def test_a_head_may_split_off_where_those_who_stay_get_another(cast: Cast) -> None:
    home = home_of(FATHER)
    with pytest.raises(BadInput, match="户主"):
        split_household(asking(cast.town_clerk), shown(home), moving=ids(FATHER), place=place("H3"))
    form = shown(home, **{FATHER: "head", MOTHER: "head", CHILD: "child"})
    answer = split_household(asking(cast.town_clerk), form, moving=ids(FATHER), place=place("H3", WEST))
    assert heads_of([home, answer["household"]]) == [[MOTHER], [FATHER]]
    assert who(FATHER).division_id == WEST and holds(cast)


@pytest.mark.parametrize("relations", [{}, {MOTHER: "head", CHILD: "head"}, {MOTHER: "nobody"}])
def test_no_household_has_no_head_or_two(cast: Cast, relations: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        form = shown(home_of(FATHER), **relations)
        split_household(asking(cast.town_clerk), form, moving=ids(MOTHER, CHILD), place=place("H3"))
    assert Household.objects.count() == 2 and who(MOTHER).version == 1


def test_a_number_of_the_village_is_taken_once_and_the_next_is_suggested(cast: Cast) -> None:
    assert homes.next_number(EAST) == "H3" and homes.next_number(WEST) == "1"
    with pytest.raises(Refused, match="户号"):
        form = shown(home_of(FATHER), **{MOTHER: "head"})
        split_household(asking(cast.town_clerk), form, moving=ids(MOTHER), place=place("H2"))
    assert who(MOTHER).household.number == "H1"


def test_splitting_needs_a_reason_a_right_and_villages_of_ones_own(cast: Cast) -> None:
    form = shown(home_of(FATHER), **{MOTHER: "head"})
    with pytest.raises(BadInput, match="原因"):
        split_household(asking(cast.town_clerk, reason=" "), form, moving=ids(MOTHER), place=place("H3"))
    with pytest.raises(Forbidden):
        split_household(asking(cast.village_agent), form, moving=ids(MOTHER), place=place("H3"))
    with pytest.raises(NotFound):
        split_household(asking(cast.outsider), form, moving=ids(MOTHER), place=place("H3"))
    with pytest.raises(NotFound):
        split_household(asking(cast.town_clerk), form, moving=ids(MOTHER), place=place("H3", FAR))


def test_the_same_form_twice_splits_once(cast: Cast) -> None:
    form = shown(home_of(FATHER), **{MOTHER: "head"})
    first = split_household(asking(cast.town_clerk, key="k"), form, moving=ids(MOTHER), place=place("H3"))
    assert split_household(asking(cast.town_clerk, key="k"), form, moving=ids(MOTHER), place=place("H3")) == first
    assert Household.objects.count() == 3


def test_a_household_that_changed_since_it_was_shown_is_not_split(cast: Cast) -> None:
    form = shown(home_of(FATHER), **{MOTHER: "head"})
    edit(cast.second_clerk, CHILD, phone="10020000009")
    with pytest.raises(Conflict, match="刷新"):
        split_household(asking(cast.town_clerk), form, moving=ids(MOTHER), place=place("H3"))
    form = shown(home_of(FATHER), **{MOTHER: "head"})
    register(cast.second_clerk, entry(), home_of(FATHER))
    with pytest.raises(Conflict):
        split_household(asking(cast.town_clerk), form, moving=ids(MOTHER), place=place("H3"))


# --- moving and joining ---------------------------------------------------------------------------------------------


def test_a_daughter_moves_to_the_neighbours_with_hukou_apart(cast: Cast) -> None:
    form = shown(home_of(FATHER), **{CHILD: "grandchild"})
    into = home_of("榆老汉")
    move_residents(asking(cast.town_clerk, hukou="甲区甲镇东村"), form, moving=ids(CHILD), into_id=into)
    child = who(CHILD)
    assert (child.household_id, child.relation, child.hukou) == (into, "grandchild", "甲区甲镇东村")
    assert who(FATHER).hukou == "" and holds(cast)


def test_nobody_moves_in_as_a_second_head_or_into_their_own_household(cast: Cast) -> None:
    home = home_of(FATHER)
    for form in (shown(home, **{CHILD: "head"}), shown(home)):
        with pytest.raises(BadInput):
            into = home_of("榆老汉") if form.relations[who(CHILD).pk] == "head" else home
            move_residents(asking(cast.town_clerk), form, moving=ids(CHILD), into_id=into)


def test_two_households_join_and_the_emptied_one_keeps_its_number_and_past(cast: Cast) -> None:
    old, into = home_of("榆老汉"), home_of(FATHER)
    with pytest.raises(BadInput, match="户主"):
        join_households(asking(cast.town_clerk), shown(old), into_id=into)
    form = shown(old, **{"榆老汉": "parent", "榆大嫂": "parent"})
    join_households(asking(cast.town_clerk, reason="并户共同生活"), form, into_id=into)
    assert heads_of([into]) == [[FATHER]]
    assert Household.objects.get(pk=old).state == "dissolved" and Household.objects.get(pk=old).number == "H2"
    assert Resident.objects.filter(household_id=into).count() == 5 and holds(cast)
    with pytest.raises(Refused, match="并户"):
        move_residents(asking(cast.town_clerk), shown(into, **{CHILD: "head"}), moving=ids(CHILD), into_id=old)


def test_a_whole_household_moves_to_another_village_under_a_number_there(cast: Cast) -> None:
    home = home_of(FATHER)
    with pytest.raises(NotFound):
        move_household(asking(cast.town_clerk), shown(home), place=Place(FAR, "H1", "远村1组"))
    move_household(asking(cast.town_clerk), shown(home), place=Place(WEST, "H1", "西社区1栋"))
    moved = who(FATHER).household
    assert (moved.pk, moved.division_id, moved.number, moved.address) == (home, WEST, "H1", "西社区1栋")
    assert set(Resident.objects.filter(household=moved).values_list("division_id", flat=True)) == {WEST}
    with pytest.raises(Refused, match="户号"):
        move_household(asking(cast.town_clerk), shown(home), place=Place(EAST, "H2", "东村2组"))
    assert holds(cast)


def test_moving_between_towns_is_the_districts_to_do(cast: Cast) -> None:
    move_household(asking(cast.bureau), shown(home_of(FATHER)), place=Place(FAR, "1", "远村1组"))
    assert who(CHILD).division_id == FAR and holds(cast)


@pytest.mark.parametrize("address", ["", " ", "东村1组1号"])
def test_people_who_go_to_another_village_do_not_keep_the_address(cast: Cast, address: str) -> None:
    home = home_of(FATHER)
    with pytest.raises(BadInput, match="地址不能沿用"):
        move_household(asking(cast.town_clerk), shown(home), place=Place(WEST, "H1", address))
    with pytest.raises(BadInput, match="地址不能沿用"):
        form = shown(home, **{MOTHER: "head"})
        split_household(asking(cast.town_clerk), form, moving=ids(MOTHER), place=Place(WEST, "H1", address))
    form = shown(home, **{MOTHER: "head"})
    split_household(asking(cast.town_clerk), form, moving=ids(MOTHER), place=Place(EAST, "H3", address))
    assert who(MOTHER).household.address == address.strip()


# --- what both households remember ----------------------------------------------------------------------------------


def told_of(actor: Actor, household_id: int) -> list[dict[str, str]]:
    """Return what a household's own lines tell, newest first: name of the field → after."""
    lines = past.events(past.of_household(actor, household_id).filter(household_id=household_id))
    return [{str(one.name): str(one.after) for one in line.differences} for line in lines]


@pytest.mark.clause("BN-4.4c")
def test_both_households_remember_who_went_where(cast: Cast) -> None:
    home, into = home_of(FATHER), home_of("榆老汉")
    form = shown(home, **{MOTHER: "child", CHILD: "grandchild"})
    move_residents(asking(cast.town_clerk), form, moving=ids(MOTHER, CHILD), into_id=into)
    both = f"{MOTHER}、{CHILD}"
    assert told_of(cast.town_clerk, home) == [{"迁出人员": both, "迁往的户": "H2"}]
    assert told_of(cast.town_clerk, into) == [{"迁入人员": both, "来自的户": "H1"}]
    assert past.went_to(cast.town_clerk, home) == [Household.objects.get(pk=into)]
    assert past.went_to(cast.town_clerk, into) == []
    with pytest.raises(NotFound):
        past.went_to(cast.outsider, home)


def test_a_households_past_takes_as_many_statements_however_many_left(cast: Cast) -> None:
    home = home_of(FATHER)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            past.events(past.of_household(cast.town_clerk, home))
            past.went_to(cast.town_clerk, home)
        return len(captured)

    split_household(
        asking(cast.town_clerk), shown(home, **{MOTHER: "head"}), moving=ids(MOTHER), place=Place(EAST, "H3", "东村")
    )
    before = statements()
    for n in range(5):
        register(cast.town_clerk, entry(f"柏{chr(0x4E00 + n)}", f"2010010{n + 1}", 3), home)
        form = shown(home, **{f"柏{chr(0x4E00 + n)}": "head"})
        moving = ids(f"柏{chr(0x4E00 + n)}")
        split_household(asking(cast.town_clerk), form, moving=moving, place=Place(EAST, f"H{n + 4}", "东村"))
    assert statements() == before <= 13
    assert len(past.went_to(cast.town_clerk, home)) == 6


# --- heads ----------------------------------------------------------------------------------------------------------


def test_another_head_and_what_everybody_is_to_them(cast: Cast) -> None:
    home = home_of(FATHER)
    with pytest.raises(BadInput, match="户主"):
        change_head(asking(cast.town_clerk), shown(home, **{MOTHER: "head"}))
    change_head(asking(cast.town_clerk), shown(home, **{MOTHER: "head", FATHER: "spouse"}))
    assert [who(name).relation for name in (FATHER, MOTHER, CHILD)] == ["spouse", "head", "child"]


def test_a_new_head_needs_everybodys_relation_anew(cast: Cast) -> None:
    form = shown(home_of(FATHER), **{MOTHER: "head", FATHER: "spouse"})
    del form.relations[who(CHILD).pk]  # type: ignore[attr-defined]
    with pytest.raises(BadInput, match="重新选择"):
        change_head(asking(cast.town_clerk), form)


def test_a_dead_head_steps_aside_for_who_comes_to_live_there(cast: Cast) -> None:
    register(cast.town_clerk, entry("柏独居", "19500101", 5, relation="head"), place("H5"))
    alone = who("柏独居")
    record_death(cast.town_clerk, Leaving(alone.pk, 1, NOW.date()), year=2023, key=new_key(), at=NOW)
    Household.objects.filter(pk=alone.household_id).update(state="present")  # kept open by an office's decision
    form = shown(home_of(FATHER), **{MOTHER: "head"})
    move_residents(asking(cast.town_clerk), form, moving=ids(MOTHER), into_id=alone.household_id)
    assert who("柏独居").relation == "other" and who(MOTHER).relation == "head" and holds(cast)


def test_a_bigger_household_costs_its_members_and_a_bigger_village_nothing(cast: Cast) -> None:
    def statements(asked: Asking) -> int:
        head, other = (FATHER, MOTHER) if who(FATHER).relation == "head" else (MOTHER, FATHER)
        form = shown(home_of(FATHER), **{other: "head", head: "spouse"})
        with CaptureQueriesContext(connection) as captured:
            change_head(asked, form)
        return len(captured)

    before = statements(asking(cast.town_clerk))
    for n in range(60):
        settle(f"S{n}", (f"桑{chr(0x4E00 + n)}", "19700101", n))
    assert statements(asking(cast.town_clerk)) == before <= 26
