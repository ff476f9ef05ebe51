"""One person under two numbers: which records look like it and why; who was told apart is left alone."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.cast import DISTRICT, EAST, NOW, TOWN, WEST, Cast, number
from tests.registry.editing_cast import settle, settle_family
from yingbao.divisions.codes import Scope, scope_of
from yingbao.kernel.errors import Forbidden
from yingbao.registry.kinds import ResidentState
from yingbao.registry.models import DifferentPeople, Resident
from yingbao.registry.recognising import duplicates

WHOLE = scope_of(DISTRICT, "district")


@pytest.fixture
def town(cast: Cast) -> Cast:
    settle_family(cast)
    return cast


def said(scope: Scope = WHOLE) -> list[tuple[str, str, list[str]]]:
    people = Resident.objects.in_bulk()
    return [
        (people[pair.first_id].name, people[pair.second_id].name, [str(why) for why in pair.reasons])
        for pair in duplicates.pairs(scope)
    ]


def also(name: str, birth: str, order: int, *, no: str = "H9", village: int = EAST, phone: str | None = None) -> None:
    """Settle somebody in a household of their own."""
    home = settle(no, (name, birth, order), village=village)
    Resident.objects.filter(household=home).update(phone=phone)


def test_a_clean_register_has_none(town: Cast) -> None:
    assert said() == []


def test_the_same_name_sex_and_birth_under_another_number(town: Cast) -> None:
    also("柏大树", "19800501", 77, village=WEST)
    assert said() == [("柏大树", "柏大树", ["姓名、性别、出生日期都相同", "同镇"])]


def test_the_same_name_and_a_number_one_digit_apart(town: Cast) -> None:
    also("柏大树", "19800507", 1)
    assert said() == [("柏大树", "柏大树", ["号码第14位不同", "姓名相同", "同村"])]
    also("艾青禾", "19820602", 12, no="H8")
    assert said()[0] == ("艾青禾", "艾青禾", ["号码第16位不同", "姓名、性别、出生日期都相同", "同村"])


def test_one_name_and_another_birth_is_two_people(town: Cast) -> None:
    also("柏大树", "19650909", 3)
    also("艾青禾", "19830602", 8, no="H8")  # the year alone is near, the number is not
    assert said() == []


def test_the_same_name_and_telephone(town: Cast) -> None:
    also("柏大树", "19650909", 3, phone="10020000001")
    assert said() == [("柏大树", "柏大树", ["姓名和电话都相同", "同村"])]


def newborn(name: str, household: str, *, certificate: str = "T500000001") -> Resident:
    """Register a girl of 2022-10-01 with a birth certificate."""
    mother = Resident.objects.get(name="艾青禾")
    home, _ = mother.household.__class__.objects.get_or_create(division_id=mother.division_id, number=household)
    return Resident.objects.create(
        household=home,
        division_id=mother.division_id,
        relation="child",
        name=name,
        certificate_kind=duplicates.BIRTH_CERTIFICATE,
        certificate_number=certificate,
        certificate_index=certificate.encode().ljust(16),
        birth_on=date(2022, 10, 1),
        sex="2",
        basis="PJ-2.1",
    )


@pytest.mark.parametrize(
    ("name", "household"), [("艾青禾之女", "H1"), ("艾青禾之女", "H7"), ("未命名", "H1"), ("柏小裹", "H1")]
)
def test_a_newborns_birth_certificate_and_its_later_number(town: Cast, name: str, household: str) -> None:
    born = newborn(name, household)
    grown = newborn("柏小果", "H1", certificate="X")
    Resident.objects.filter(pk=grown.pk).update(certificate_kind="01", certificate_number=number("20221001", 6))
    (pair,) = duplicates.pairs(WHOLE)
    assert (pair.first_id, pair.second_id) == (born.pk, grown.pk)
    assert str(pair.reasons[0]) == "新生儿出生证明与身份证号各登记一次"


def test_a_twin_with_a_name_of_its_own_is_another_child(town: Cast) -> None:
    newborn("柏双双", "H1")
    grown = newborn("柏小果", "H1", certificate="X")
    Resident.objects.filter(pk=grown.pk).update(certificate_kind="01")
    assert said() == []


def test_who_was_told_apart_or_has_gone_is_left_alone(town: Cast) -> None:
    also("柏大树", "19800501", 77)
    first, second = Resident.objects.filter(name="柏大树").order_by("pk")
    Resident.objects.filter(pk=second.pk).update(state=ResidentState.DEAD)
    assert said() == []
    Resident.objects.filter(pk=second.pk).update(state=ResidentState.PRESENT)
    assert len(said()) == 1
    DifferentPeople.objects.create(
        first=first, second=second, reason="堂兄弟", decided_by_id=town.bureau.user_id, decided_at=NOW
    )
    assert said() == []


def test_a_scope_sees_its_own_pairs_and_a_page_only_those_of_its_actor(town: Cast) -> None:
    also("柏大树", "19800501", 77)
    assert said(scope_of(TOWN, "town")) == said()
    assert said(scope_of(TOWN + 1000, "town")) == []
    found = duplicates.pairs(WHOLE)
    (one,) = duplicates.shown(town.town_clerk, found)
    assert (one.first.household.number, one.second.household.number) == ("H1", "H9")
    assert duplicates.shown(town.outsider, found) == []
    with pytest.raises(Forbidden):
        duplicates.shown(town.village_agent, found)


def test_the_statements_do_not_grow_with_the_register(town: Cast) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            duplicates.pairs(WHOLE)
        return len(captured)

    also("柏大树", "19800501", 77)
    before = statements()
    for n in range(2, 8):
        also(f"古木{'甲乙丙丁戊己庚'[n - 1]}", "19700101", n * 10, no=f"K{n}")
        also(f"古木{'甲乙丙丁戊己庚'[n - 1]}", "19700101", n * 10 + 100, no=f"L{n}")
    assert statements() == before <= 5
