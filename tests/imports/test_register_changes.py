"""A later register file changes people the register knows: each with its history, and no household without a head."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.imports.cast import (
    EAST,
    NOW,
    WEST,
    Cast,
    Cells,
    accept,
    bring_in,
    check,
    family,
    number,
    person,
    told,
    warned,
)
from yingbao.registry.editing import history
from yingbao.registry.kinds import Action
from yingbao.registry.models import FormerCertificate, Household, ImportedFile, RecordChange, Resident, StagedPerson
from yingbao.storage.encrypted import blind_index
from yingbao.storage.fields import Json

FIRST = 3


def differences(file_id: int) -> Json:
    return dict(ImportedFile.objects.get(pk=file_id).differences)


def test_each_change_is_told_with_file_and_reason_before_and_after(cast: Cast) -> None:
    bring_in(cast.town_clerk, family())
    rows = family()
    rows[0] |= {"phone": "10020000002", "hukou": "甲区东村"}
    checked = check(cast.town_clerk, rows)
    assert differences(checked["file_id"]) == {
        **{"new": 0, "changed": 1, "unchanged": 2, "fields": {"phone": 1, "hukou": 1}},
        **{"missing": 0, "missing_in": {}},
    }
    accept(cast.town_clerk, checked["file_id"])
    (line,) = RecordChange.objects.all()
    assert (line.action, line.user_id, line.file_id) == (Action.IMPORTED, cast.town_clerk.user_id, checked["file_id"])
    assert (line.resident_id, line.fields) == (Resident.objects.get(name="柏大树").pk, ["hukou", "phone"])
    assert history.opened(line.before) == {"hukou": "", "phone": "10020000001"}
    assert history.opened(line.after) == {"hukou": "甲区东村", "phone": "10020000002"}


def test_newcomers_are_told_by_their_file_and_have_no_line_each(cast: Cast) -> None:
    checked = check(cast.town_clerk, family())
    accept(cast.town_clerk, checked["file_id"])
    assert set(Resident.objects.values_list("file_id", flat=True)) == {checked["file_id"]}
    assert RecordChange.objects.count() == 0


def test_an_empty_cell_is_no_reason_to_forget(cast: Cast) -> None:
    student = person("柏小林", "20010203", 5, relation="子女", population="大学生", graduation_year=2023)
    bring_in(cast.town_clerk, [*family(), student | {"on_platform": "否"}])
    bare: list[Cells] = [{**row, "phone": "", "population": "", "address": ""} for row in [*family(), student]]
    checked = check(cast.town_clerk, [row | {"graduation_year": None} for row in bare])
    assert (checked["already"], checked["changed"]) == (4, 0)
    accept(cast.town_clerk, checked["file_id"])
    kept = Resident.objects.get(name="柏小林")
    assert (kept.population, kept.graduating, kept.on_platform) == ("university_student", True, False)
    assert Resident.objects.get(name="柏大树").phone == "10020000001"


def test_a_household_moves_to_another_village_with_everybody_in_it(cast: Cast) -> None:
    bring_in(cast.town_clerk, family())
    moved = [row | {"village": "西社区", "household_no": "W1", "address": "西社区2号"} for row in family()]
    answer = bring_in(cast.town_clerk, moved)
    assert (answer["residents"], answer["households"], answer["changed"]) == (0, 1, 3)
    assert set(Resident.objects.values_list("division_id", "household__number")) == {(WEST, "W1")}
    changes = RecordChange.objects.filter(action=Action.IMPORTED)
    assert changes.filter(resident__isnull=False).count() == 3
    told = {tuple(line.fields) for line in changes.filter(household__isnull=False)}
    assert told == {("state",), ("to_id", "went"), ("came", "from_id")}
    line = RecordChange.objects.get(resident__name="柏大树")
    assert history.opened(line.before)["division_id"] == EAST
    assert line.fields == ["division_id", "household_id"]


def test_a_head_may_not_leave_the_others_without_one(cast: Cast) -> None:
    bring_in(cast.town_clerk, family())
    leaving = family()[0] | {"household_no": "H9"}
    checked = check(cast.town_clerk, [leaving])
    assert told(checked["file_id"]) == [(FIRST, "户号", "户主迁出后原户没有户主，请先在人员页面变更户主")]


def test_a_file_that_makes_another_the_head_makes_the_old_one_step_down(cast: Cast) -> None:
    bring_in(cast.town_clerk, family())
    rows = family()
    rows[0]["relation"], rows[1]["relation"] = "配偶", "户主"
    assert bring_in(cast.town_clerk, rows)["changed"] == 2
    assert dict(Resident.objects.values_list("name", "relation")) == {
        **{"柏大树": "spouse", "艾青禾": "head", "柏小苗": "child"}
    }
    lines = {line.resident_id: history.opened(line.before) for line in RecordChange.objects.all()}
    assert lines[Resident.objects.get(name="柏大树").pk] == {"relation": "head"}


def test_two_heads_change_places_in_one_file(cast: Cast) -> None:
    bring_in(cast.town_clerk, [*family(), person("古木", "19700101", household_no="H2")])
    rows = [*family(), person("古木", "19700101", household_no="H1")]
    rows[0]["household_no"] = "H2"
    bring_in(cast.town_clerk, rows)
    heads = Resident.objects.filter(relation="head").values_list("name", "household__number")
    assert dict(heads) == {"柏大树": "H2", "古木": "H1"}


def test_a_new_address_is_the_households_and_told_once(cast: Cast) -> None:
    bring_in(cast.town_clerk, family())
    bring_in(cast.town_clerk, [row | {"address": "东村2组2号"} for row in family()])
    assert Household.objects.get().address == "东村2组2号"
    (line,) = RecordChange.objects.all()
    assert (line.household_id, line.fields) == (Household.objects.get().pk, ["address"])


def test_a_number_somebody_had_before_finds_them_and_makes_nobody_new(cast: Cast) -> None:
    bring_in(cast.town_clerk, family())
    daughter = Resident.objects.get(name="柏小苗")
    FormerCertificate.objects.create(
        resident=daughter,
        kind="990201",
        number="Z912345678",
        index=blind_index("Z912345678"),
        replaced_on=NOW.date() - timedelta(days=9),
    )
    born = family()[2] | {"cert_form": "出生医学证明", "cert_number": "Z912345678", "sex": "女"}
    born["birth_on"] = date(2012, 7, 3)
    checked = check(cast.town_clerk, [born])
    assert (told(checked["file_id"]), checked["already"]) == ([], 1)
    both = check(cast.town_clerk, [*family(), born | {"address": "东村"}])
    assert told(both["file_id"]) == [(FIRST + 3, "证件号码", "与第 {row} 行是台账中的同一个人，同一人只能登记一次")]
    assert accept(cast.town_clerk, checked["file_id"])["residents"] == 0


@pytest.mark.parametrize("state", ["dead", "moved_out"])
def test_somebody_gone_does_not_come_back_by_a_file(cast: Cast, state: str) -> None:
    bring_in(cast.town_clerk, family())
    Resident.objects.filter(name="柏小苗").update(state=state, gone_on=NOW.date())
    checked = check(cast.town_clerk, [*family(), person("古木", "19700101", household_no="H2")])
    ((row, column, reason),) = told(checked["file_id"])
    assert (row, column) == (FIRST + 2, "证件号码")
    assert "没有导入" in reason


def test_people_of_the_files_villages_who_are_not_in_it_are_counted(cast: Cast) -> None:
    bring_in(cast.town_clerk, [*family(), person("古木", "19700101", village="西社区")])
    checked = check(cast.town_clerk, family()[:1])
    assert differences(checked["file_id"])["missing_in"] == {str(EAST): 2}
    assert warned(checked["file_id"]) == []


def test_nothing_stays_staged_once_decided(cast: Cast) -> None:
    checked = check(cast.town_clerk, [*family(), person("古木", "19700101", household_no="H2", sex="女")])
    assert StagedPerson.objects.count() == 4
    held = StagedPerson.objects.get(name="柏大树")
    assert (held.certificate_number, held.phone) == (number("19800501", 1), "10020000001")
    accept(cast.town_clerk, checked["file_id"])
    assert StagedPerson.objects.count() == 0
