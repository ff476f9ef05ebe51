"""Two at once on one person, one household, one number: one stands, the other is told. Both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.imports.cast import NOW, Cast, new_key, number, people_the_district
from tests.journeys.test_at_once import Outcome, at_once
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
    settle_family,
    shown,
    who,
)
from yingbao.kernel.errors import YingbaoError
from yingbao.registry import audits
from yingbao.registry.models import FormerCertificate, Household, RecordChange, Resident
from yingbao.storage.encrypted import blind_index
from yingbao.storage.fields import Json
from yingbao.usecases.change_certificate import change_certificate
from yingbao.usecases.change_household import change_head, move_residents, split_household
from yingbao.usecases.record_leaving import Leaving, record_death

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    told = people_the_district()
    settle_family(told)
    return told


def one_stands(outcomes: list[Outcome]) -> bool:
    return sorted(isinstance(one, YingbaoError) for one in outcomes) == [False, True]


def holds(cast: Cast) -> bool:
    return not audits.households_without_one_head(cast.bureau.scope, year=2023)


def test_two_who_save_one_record(cast: Cast) -> None:
    works: list[Callable[[], Json]] = [
        lambda: edit(cast.town_clerk, FATHER, version=1, phone="10020000008"),
        lambda: edit(cast.second_clerk, FATHER, version=1, phone="10020000009"),
    ]
    assert one_stands(at_once(*works))
    assert who(FATHER).version == 2 and RecordChange.objects.count() == 1


def test_two_heads_for_one_household(cast: Cast) -> None:
    home = who(FATHER).household_id
    forms = [
        shown(home, **{MOTHER: "head", FATHER: "spouse"}),
        shown(home, **{CHILD: "head", FATHER: "parent", MOTHER: "parent"}),
    ]
    works = [lambda form=form: change_head(asking(cast.town_clerk), form) for form in forms]
    assert one_stands(at_once(*works))
    assert len(heads_of([home])[0]) == 1


def test_one_splits_while_the_other_moves_and_a_third_records_a_death(cast: Cast) -> None:
    register(cast.town_clerk, entry("榆老汉", "19500101", 1, relation="head"), place("H2"))
    home, into = who(FATHER).household_id, who("榆老汉").household_id
    split = shown(home, **{MOTHER: "head"})
    move = shown(home, **{CHILD: "grandchild"})
    relations = {who(MOTHER).pk: "head", who(CHILD).pk: "child"}
    death = Leaving(who(FATHER).pk, 1, NOW.date(), relations=relations)
    moving, child = ids(MOTHER), ids(CHILD)
    outcomes = at_once(
        lambda: split_household(asking(cast.town_clerk), split, moving=moving, place=place("H3")),
        lambda: move_residents(asking(cast.second_clerk), move, moving=child, into_id=into),
        lambda: record_death(cast.bureau, death, year=2023, key=new_key(), at=NOW),
    )
    assert sum(isinstance(one, dict) for one in outcomes) in (1, 2)  # a death sees only the head's own record
    assert holds(cast)


def test_two_households_that_exchange_people_do_not_wait_for_each_other_for_ever(cast: Cast) -> None:
    register(cast.town_clerk, entry("榆老汉", "19500101", 1, relation="head"), place("H2"))
    register(cast.town_clerk, entry("榆小妹", "19800101", 2), who("榆老汉").household_id)
    one, other = who(FATHER).household_id, who("榆老汉").household_id
    there, back = shown(one, **{CHILD: "other"}), shown(other, **{"榆小妹": "other"})
    child, sister = ids(CHILD), ids("榆小妹")
    outcomes = at_once(
        lambda: move_residents(asking(cast.town_clerk), there, moving=child, into_id=other),
        lambda: move_residents(asking(cast.second_clerk), back, moving=sister, into_id=one),
    )
    assert any(isinstance(outcome, dict) for outcome in outcomes)
    assert holds(cast)


def test_one_number_for_two_newcomers(cast: Cast) -> None:
    home = who(FATHER).household_id
    works = [
        lambda: register(cast.town_clerk, entry("柏新芽"), home),
        lambda: register(cast.second_clerk, entry("柏新叶"), home),
    ]
    assert one_stands(at_once(*works))
    assert Resident.objects.count() == 4


def test_a_number_given_up_while_somebody_else_takes_it_belongs_to_one(cast: Cast) -> None:
    home, father, old = who(FATHER).household_id, who(FATHER).pk, number("19800501", 1)

    def renew() -> Json:
        return change_certificate(
            cast.town_clerk,
            resident_id=father,
            version=1,
            number=number("19800501", 5),
            birth_on=None,
            sex="",
            reason="x",
            key=new_key(),
            at=NOW,
        )

    twin = entry("柏大叔", "19800501", 1, relation="other")
    outcomes = at_once(renew, lambda: register(cast.second_clerk, twin, home))
    assert isinstance(outcomes[0], dict) and isinstance(outcomes[1], YingbaoError)
    assert FormerCertificate.objects.get().number == old
    assert not Resident.objects.filter(certificate_index=blind_index(old)).exists()


def test_one_household_number_for_two_who_split(cast: Cast) -> None:
    register(cast.town_clerk, entry("榆老汉", "19500101", 1, relation="head"), place("H2"))
    register(cast.town_clerk, entry("榆小妹", "19800101", 2), who("榆老汉").household_id)
    forms = [
        (shown(who(FATHER).household_id, **{MOTHER: "head"}), ids(MOTHER)),
        (shown(who("榆老汉").household_id, **{"榆小妹": "head"}), ids("榆小妹")),
    ]
    works = [
        lambda form=form, moving=moving: split_household(
            asking(cast.town_clerk), form, moving=moving, place=place("H3")
        )
        for form, moving in forms
    ]
    assert one_stands(at_once(*works))
    assert Household.objects.filter(number="H3").count() == 1 and holds(cast)
