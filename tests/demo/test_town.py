"""The synthetic Pingjin has the notice's figures, and people who could be."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from yingbao.demo import town
from yingbao.demo.numbers import PHONE_PREFIX
from yingbao.demo.people import SEASON_BEGIN, Town
from yingbao.demo.reach import eligible_of
from yingbao.demo.targets import VILLAGES
from yingbao.kernel.certificates import Certificate, Form, parse, parse_many
from yingbao.kernel.periods import full_years


@pytest.mark.clause("PJ-A2")
def test_every_village_has_the_notices_households_and_people(pingjin: Town) -> None:
    households = Counter(home.village for home in pingjin.households)
    people = Counter(resident.village for resident in pingjin.residents)
    assert [households[i] for i in range(21)] == [v.households for v in VILLAGES]
    assert [people[i] for i in range(21)] == [v.population for v in VILLAGES]
    assert (len(pingjin.households), len(pingjin.residents)) == (23128, 59719)


def test_the_same_seed_gives_the_same_town_and_another_seed_another(pingjin: Town) -> None:
    assert town.build(pingjin.seed) == pingjin
    other = town.build(pingjin.seed + 1)
    assert replace(other, seed=pingjin.seed) != pingjin
    assert Counter(r.village for r in other.residents) == Counter(r.village for r in pingjin.residents)


def test_households_hold_their_members_in_a_row_head_first(pingjin: Town) -> None:
    for index, home in enumerate(pingjin.households):
        members = pingjin.residents[home.first : home.first + home.size]
        assert [m.household for m in members] == [index] * home.size
        assert [m.relation == "head" for m in members] == [True] + [False] * (home.size - 1)
        assert {m.village for m in members} == {home.village}
    assert len({home.number for home in pingjin.households}) == len(pingjin.households)


# --- numbers and names ----------------------------------------------------------------------------------------------


def test_every_certificate_number_is_valid_and_tells_the_persons_birth_and_sex(pingjin: Town) -> None:
    cards = [p for p in pingjin.people if p.form in (Form.ID_CARD, Form.RESIDENCE_PERMIT)]
    for person, found in zip(cards, parse_many([p.number for p in cards]), strict=True):
        assert isinstance(found, Certificate)
        assert (found.form, found.birth_on, found.sex) == (
            person.form,
            person.born_on,
            "male" if person.is_male else "female",
        )


def test_the_other_certificates_are_valid_too(pingjin: Town) -> None:
    others = [p for p in pingjin.people if p.form in (Form.PERMANENT_RESIDENCE, Form.BIRTH_CERTIFICATE)]
    assert {p.form for p in others} == {Form.PERMANENT_RESIDENCE, Form.BIRTH_CERTIFICATE}
    for person in others:
        found = parse(person.number)
        assert isinstance(found, Certificate)
        assert (found.form, found.birth_on or person.born_on) == (person.form, person.born_on)


def test_no_number_and_no_phone_is_given_twice(pingjin: Town) -> None:
    numbers = [p.number for p in pingjin.people]
    phones = [p.phone for p in pingjin.people if p.phone]
    assert len(set(numbers)) == len(numbers)
    assert len(set(phones)) == len(phones) > 40_000


def test_local_numbers_carry_the_districts_code_or_before_2017_its_predecessors(pingjin: Town) -> None:
    local = [p for p in pingjin.people if p.form is Form.ID_CARD and p.hukou == town.LOCAL_HUKOU]
    assert all(p.number[:6] == ("500155" if p.born_on.year >= 2017 else "500228") for p in local)
    assert len(pingjin.people) - len(local) < 400


def test_numbers_are_known_as_the_demos_and_phones_can_be_nobodys(pingjin: Town) -> None:
    assert all(p.number[14] == "9" for p in pingjin.people if p.form is Form.ID_CARD)
    assert all(p.phone.startswith(PHONE_PREFIX) and len(p.phone) == 11 for p in pingjin.people if p.phone)
    assert not PHONE_PREFIX.startswith(("13", "14", "15", "16", "17", "18", "19"))


def test_names_are_many_and_fit_the_family(pingjin: Town) -> None:
    assert len({r.name for r in pingjin.residents}) > 15_000
    for home in pingjin.households:
        members = pingjin.residents[home.first : home.first + home.size]
        children = [m for m in members if m.relation == "child"]
        assert all(child.name.startswith(home.surname) for child in children)


# --- ages -----------------------------------------------------------------------------------------------------------


def test_the_age_pyramid_is_that_of_a_rural_town_with_many_elders(pingjin: Town) -> None:
    ages = [full_years(r.born_on, SEASON_BEGIN) for r in pingjin.residents]
    assert min(ages) == 0 and max(ages) < 100
    assert 0.10 < sum(age < 15 for age in ages) / len(ages) < 0.18
    assert 0.22 < sum(age >= 60 for age in ages) / len(ages) < 0.32
    assert 0.02 < sum(age >= 80 for age in ages) / len(ages) < 0.06
    assert 0.48 < sum(r.is_male for r in pingjin.residents) / len(ages) < 0.56
    assert all(r.born_on < SEASON_BEGIN for r in pingjin.residents)


def test_generations_are_apart_and_the_head_is_grown(pingjin: Town) -> None:
    for home in pingjin.households:
        members = pingjin.residents[home.first : home.first + home.size]
        head, *others = members
        assert full_years(head.born_on, SEASON_BEGIN) >= 18
        for other in others:
            if other.relation == "spouse":
                assert abs(other.born_on.year - head.born_on.year) <= 16
                assert other.is_male != head.is_male
            elif other.relation == "child":
                assert other.born_on.year - head.born_on.year >= 14
            elif other.relation == "parent":
                assert head.born_on.year - other.born_on.year >= 14
            elif other.relation == "grandchild":
                assert other.born_on.year - head.born_on.year >= 30


# --- who is to be enrolled ------------------------------------------------------------------------------------------


def test_so_many_are_insured_elsewhere_that_each_villages_target_is_just_in_reach(pingjin: Town) -> None:
    eligible = Counter(r.village for r in pingjin.residents if r.is_eligible)
    assert [eligible[i] for i in range(21)] == [eligible_of(i) for i in range(21)]
    assert 0.98 < eligible.total() / 49300 < 1.04
    kinds = Counter(r.elsewhere for r in pingjin.residents)
    assert kinds.keys() == {"", "employee", "other_place", "army", "prison"}
    assert kinds["employee"] > 4 * kinds["other_place"]


def test_university_students_are_of_the_age_and_graduates_the_eldest(pingjin: Town) -> None:
    students = [r for r in pingjin.residents if r.population == "university_student"]
    assert 500 < len(students) < 1200
    assert all(18 <= full_years(s.born_on, SEASON_BEGIN) <= 22 for s in students)
    graduating = [s for s in students if s.graduating]
    assert 0.15 < len(graduating) / len(students) < 0.5
    assert not any(r.graduating for r in pingjin.residents if r.population == "resident")


def test_holders_of_permits_and_cards_of_every_kind_live_in_the_town(pingjin: Town) -> None:
    forms = Counter(r.form for r in pingjin.residents)
    assert (forms[Form.RESIDENCE_PERMIT], forms[Form.PERMANENT_RESIDENCE]) == (7, 3)
    outside = [r for r in pingjin.residents if r.hukou.startswith("四川")]
    assert 100 <= len(outside) <= 130
    assert all(r.number.startswith("51") for r in outside)


def test_newborns_come_through_the_insurance_year_after_their_birth(pingjin: Town) -> None:
    assert 300 < len(pingjin.newborns) < 400
    assert {n.born_on.year for n in pingjin.newborns} == {2023}
    assert {n.born_on.month for n in pingjin.newborns} == set(range(1, 13))
    waits = [(at - n.born_on).days for n, at in zip(pingjin.newborns, pingjin.arrivals, strict=True)]
    assert min(waits) >= 0
    assert 10 < sum(wait > 90 for wait in waits) < 60
    assert list(pingjin.arrivals) == sorted(pingjin.arrivals)
    assert any(n.form is Form.BIRTH_CERTIFICATE for n in pingjin.newborns)
