"""The demo's university and welfare home, on a town of a few students."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.db import transaction

from tests.journeys.cast import NEXT_VILLAGE, YEAR, Cast, at, insure_elsewhere, people_the_town, tiers
from tests.journeys.test_institution_lists import register
from tests.journeys.test_receiving import holds
from yingbao.accounts.operations import add_user
from yingbao.accounts.roles import Role
from yingbao.collection.models import Due, Payment
from yingbao.demo import institution_lists, institutions
from yingbao.demo.behaviour import NEVER
from yingbao.demo.desk import SHOWN_ON
from yingbao.demo.institution_lists import KEPT, KEPT_AS, SLIPS, STUDENTS, TOO_MANY
from yingbao.demo.institutions import LIST_DAY, TRANSFER_DAY, Institutions, look_back
from yingbao.demo.mistakes import Kind, count_kinds
from yingbao.demo.numbers import COUNTY_AREA, Numbers
from yingbao.demo.people import Resident
from yingbao.demo.season import Season
from yingbao.demo.targets import TOWN_CODE
from yingbao.demo.town import stream
from yingbao.kernel.certificates import Certificate, Form, parse
from yingbao.registry.models import ImportedFile, Institution, InstitutionMember
from yingbao.sheets import read_table
from yingbao.sheets.layouts import MEMBERS
from yingbao.usecases.declare import clear_declaration, declare_zero
from yingbao.usecases.enrol_household import enrol_household

NEVER_COME, COME, ENROLLED = 4, 2, 3
FRIDAY = date(2022, 12, 9)


def townspeople() -> list[Resident]:
    """Return students whom the season leaves to the university, some who come by themselves, and one at work."""
    numbers = Numbers(stream(1, "tests"))
    born_on = date(2003, 3, 4)
    everyone = [
        Resident(
            *(n, 1, "child", f"甄{chr(0x4E00 + n)}", False, born_on, Form.ID_CARD),
            numbers.id_card(born_on=born_on, is_male=False, area=COUNTY_AREA),
            *("", ""),
            population="university_student",
        )
        for n in range(NEVER_COME + COME + ENROLLED)
    ]
    number = numbers.id_card(born_on=born_on, is_male=True, area=COUNTY_AREA)
    at_work = Resident(99, 1, "child", "甄实", True, born_on, Form.ID_CARD, number, "", "", elsewhere="employee")
    return [*everyone, at_work]


@pytest.fixture
def town(db: None) -> Cast:
    made = people_the_town()
    with transaction.atomic():
        for login in ("gaoxiao", "fuli"):
            add_user(username=login, display_name=login, role=Role.INSTITUTION, division_code=TOWN_CODE)
    return made


@pytest.fixture
def season(town: Cast) -> Season:
    people = townspeople()
    held = [register({"name": one.name, "cert_number": one.number}, village=NEXT_VILLAGE) for one in people]
    insure_elsewhere(held[-1])
    enrolled = held[-1 - ENROLLED : -1]
    for one in enrolled:
        enrol_household(
            town.town_clerk,
            household_id=one.household_id,
            tiers=tiers([one]),
            policy_name="liangping-2023",
            on=LIST_DAY,
            key=f"enrol-{one.pk}",
            at=at(LIST_DAY, 8),
        )
    fake: Any = SimpleNamespace(
        town=SimpleNamespace(seed=1, residents=people, people=people),
        behaviour=SimpleNamespace(day=[*[NEVER] * NEVER_COME, *[9] * (COME + ENROLLED + 1)]),
        desk=SimpleNamespace(clerk=town.town_clerk, tax=town.tax),
        ids={n: one.pk for n, one in enumerate(held)},
        enrolled=dict.fromkeys((one.pk for one in enrolled), 1),
        counted=Counter(),
        year=YEAR,
    )
    return cast(Season, fake)


def test_lists_come_in_every_planted_row_comes_back_and_one_transfer_clears_all(
    town: Cast, season: Season, tmp_path: Path
) -> None:
    made = Institutions()
    days = made.days(season, tmp_path)
    days[LIST_DAY]()
    days[TRANSFER_DAY]()
    declared = declare_zero(town.town_clerk, year=YEAR, on=FRIDAY, key="zero", at=at(FRIDAY))
    clear_declaration(
        town.tax,
        declaration_id=declared["declaration"],
        policy_name="liangping-2023",
        on=FRIDAY,
        key="clear",
        at=at(FRIDAY),
    )
    assert [(taken.answer["bad_rows"], planted) for taken, planted in made.taken] == [(15, 15), (3, 3)]
    university, home = Institution.objects.order_by("pk")
    assert {university.division_id, home.division_id} == {TOWN_CODE}
    assert InstitutionMember.objects.filter(institution=university).count() == STUDENTS
    assert InstitutionMember.objects.filter(institution=home).count() == KEPT == sum(KEPT_AS.values())
    assert Due.objects.filter(division_id=TOWN_CODE, state="cleared").count() == STUDENTS + KEPT
    assert set(Due.objects.filter(enrolment__resident__memberships__institution=home).values_list("amount_fen")) == {
        (0,)
    }
    payment = Payment.objects.get()
    assert (payment.channel, payment.amount_fen) == ("transfer", made.bill["amount_fen"])
    told = look_back(made, season, at=at(SHOWN_ON))
    assert told[-1][1] == {"persons": STUDENTS + KEPT}
    assert told[0][1] == {"name": "屏锦职业学院", "already": STUDENTS - 7, "added": 7}
    assert season.counted == {"payments": 1, "persons": STUDENTS}
    assert holds(town)


def test_the_rows_that_come_back_are_the_planted_ones(town: Cast, season: Season, tmp_path: Path) -> None:
    lists = institution_lists.write_lists(season, tmp_path)
    Institutions().days(season, tmp_path)[LIST_DAY]()
    files = ImportedFile.objects.filter(kind="members").order_by("pk")
    first = [one for one in files if one.name in {lists["university"].first.name, lists["welfare"].first.name}]
    rejected = [(one.name, p["row"]) for one in first for p in one.problems if p["fatal"]]
    planted = [(p.file, p.row) for kind in ("university", "welfare") for p in lists[kind].planted]
    assert sorted(rejected) == sorted(planted)


def test_mistakes_stand_where_they_are_said_to_and_the_mended_list_has_none(season: Season, tmp_path: Path) -> None:
    for kind, lists in institution_lists.write_lists(season, tmp_path).items():
        assert count_kinds(lists.planted) == SLIPS[kind] | TOO_MANY[kind]
        rows = {row.number: row for row in read_table(lists.first, name=lists.first.name, layout=MEMBERS)}
        mended = list(read_table(lists.mended, name=lists.mended.name, layout=MEMBERS))
        assert len(mended) == {"university": STUDENTS, "welfare": KEPT}[kind]
        assert all(isinstance(parse(row.text("cert_number")), Certificate) for row in mended)
        assert len({row.text("cert_number") for row in mended}) == len(mended)
        for mistake in lists.planted:
            number = rows[mistake.row].text("cert_number")
            spoilt = mistake.kind in (Kind.BAD_CHECK_DIGIT, Kind.EXCEL_DAMAGED)
            assert isinstance(parse(number), Certificate) != spoilt


def test_same_seed_same_lists(season: Season, tmp_path: Path) -> None:
    one, two = (write(season, tmp_path / name) for name in ("a", "b"))
    assert one == two
    assert institution_lists.write_lists(season, tmp_path)["university"].known == NEVER_COME


def write(season: Season, folder: Path) -> list[object]:
    """Write the lists into a new folder; return what a reader finds in them, and what is said to be planted."""
    folder.mkdir()
    found: list[object] = []
    for lists in institution_lists.write_lists(season, folder).values():
        table = read_table(lists.first, name=lists.first.name, layout=MEMBERS)
        found += [[row.text(column.key) for column in MEMBERS.columns] for row in table]
        found += lists.planted
    return found


def test_the_days_are_the_institutions_own() -> None:
    assert set(Institutions().days(cast(Season, None), Path())) == {institutions.LIST_DAY, institutions.TRANSFER_DAY}
