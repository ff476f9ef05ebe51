"""Departments' rosters: what a row must be, who may send and who accept, and which identities then hold."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.cast import (
    DISTRICT,
    NOVEMBER,
    NOW,
    PASSWORD,
    POLICY,
    Cast,
    Cells,
    book,
    bring_in,
    check_list,
    entry,
    family,
    new_key,
    number,
    person,
    roster_upload,
    send_list,
    told,
    warned,
)
from yingbao.accounts import operations as accounts
from yingbao.accounts.models import User
from yingbao.accounts.queries import actor_of
from yingbao.accounts.roles import Role
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.registry import facts, queries
from yingbao.registry.kinds import FileKind, ResidentState
from yingbao.registry.models import Identity, ImportedFile, Resident
from yingbao.sheets.layouts import ROSTER
from yingbao.usecases import files_found, files_in
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_rosters import accept_roster, check_roster, discard_roster

FIRST = 5  # under title, unit line and the header's two rows
FATHER, MOTHER = number("19800501", 1), number("19820602", 2)
LOST_DIGITS = "Excel 已把号码变成科学计数法，末尾几位已丢失：请把该列设为“文本”后重新填写"
DECEMBER, JANUARY = date(2022, 12, 1), date(2023, 1, 1)


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast, with the family of three in the register."""
    bring_in(cast.town_clerk, family())
    return cast


def held(name: str, on: date) -> set[str]:
    """Return the identities somebody has on a day."""
    resident_id = Resident.objects.get(name=name).pk
    return set(facts.of_residents([resident_id], on=on)[resident_id].identities)


# --- from the department to the mark --------------------------------------------------------------------------------


@pytest.mark.clause("PJ-5.2.1")
def test_a_roster_marks_nobody_until_the_bureau_accepts_it(town: Cast) -> None:
    checked = check_list(town.civil_affairs, [entry("柏大树", FATHER), entry("艾青禾", MOTHER, "特困人员")])
    assert (checked["good_rows"], checked["added"]) == (2, 2)
    assert Identity.objects.count() == 0

    accepted = accept_roster(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)

    assert (accepted["added"], accepted["removed"], accepted["already"]) == (2, 0, 0)
    mark = Identity.objects.get(resident__name="柏大树")
    assert (mark.code, mark.department, mark.begin_on, mark.end_on) == ("dibao", "civil_affairs", NOVEMBER, None)
    assert mark.file_id == checked["file_id"]
    assert held("艾青禾", date(2022, 11, 30)) == {"extreme_poverty"}
    assert held("艾青禾", date(2022, 10, 31)) == set()


@pytest.mark.clause("BN-4.2.1a")
def test_each_months_additions_and_removals_open_and_close_whole_months(town: Cast) -> None:
    send_list(town.civil_affairs, [entry("柏大树", FATHER)], town.bureau)
    removal = entry("柏大树", FATHER, change="减少")
    addition = entry("艾青禾", MOTHER)
    answer = send_list(town.civil_affairs, [removal, addition], town.bureau, month=DECEMBER)
    assert (answer["added"], answer["removed"]) == (1, 1)
    assert held("柏大树", date(2022, 12, 31)) == {"dibao"}
    assert held("柏大树", JANUARY) == set()
    assert Identity.objects.get(resident__name="柏大树").end_on == JANUARY
    assert held("艾青禾", DECEMBER) == {"dibao"}


def test_who_comes_back_in_the_month_of_the_removal_has_no_double_span(town: Cast) -> None:
    send_list(town.civil_affairs, [entry("柏大树", FATHER)], town.bureau)
    send_list(town.civil_affairs, [entry("柏大树", FATHER, change="减少")], town.bureau)
    send_list(town.civil_affairs, [entry("柏大树", FATHER, phone="10020000009")], town.bureau)
    spans = list(Identity.objects.order_by("begin_on").values_list("begin_on", "end_on"))
    assert spans == [(NOVEMBER, DECEMBER), (DECEMBER, None)]


def test_a_row_that_asks_for_what_is_so_is_counted(town: Cast) -> None:
    send_list(town.civil_affairs, [entry("柏大树", FATHER)], town.bureau)
    answer = send_list(town.civil_affairs, [entry("柏大树", FATHER), entry("艾青禾", MOTHER)], town.bureau)
    assert (answer["added"], answer["already"], answer["bad_rows"]) == (1, 1, 0)
    assert Identity.objects.count() == 2


@pytest.mark.clause("PJ-5.0")
def test_several_identities_of_one_person_are_all_kept_and_told(town: Cast) -> None:
    send_list(town.civil_affairs, [entry("柏大树", FATHER)], town.bureau)
    rows = [entry("柏大树", FATHER, "重度残疾人", disability_grade="一级")]
    checked = check_list(town.disabled, rows)
    assert told(checked["file_id"]) == []
    assert warned(checked["file_id"]) == [(FIRST, "人员类别", "此人共有 {count} 种身份，都保留；参保时按就高身份资助")]
    accept_roster(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
    assert held("柏大树", NOVEMBER) == {"dibao", "disabled_1_2"}


# --- rows -----------------------------------------------------------------------------------------------------------


WRONG_ROWS: list[tuple[Cells, str, str]] = [
    (entry("柏大树", FATHER, "困难群众"), "人员类别", "不认识这个人员类别；请填规范名称，或请区医保局把它加入别名表"),
    (entry("柏大树", FATHER, "重度残疾人"), "人员类别", "这类人员不由本部门确认"),
    (entry("柏大树", FATHER, "家庭困难的大学生"), "人员类别", "本年度政策没有规定这类人员由哪个部门确认"),
    (entry("古木", number("19700101")), "身份证号码", "台账中没有这个人"),
    (entry("古木", FATHER), "姓名", "姓名与证件号码不是同一人"),
    (entry("柏大树", FATHER[:17] + "?"), "身份证号码", "末位校验码只能是数字或 X"),
    (entry("柏大树", "5.00155E+17"), "身份证号码", LOST_DIGITS),
    (entry("柏大树", FATHER, change=""), "新增或减少", "没有填写"),
    (entry("柏大树", FATHER, change="不变"), "新增或减少", "不认识这个填法"),
    (entry("柏大树", FATHER, change="减少"), "新增或减少", "此人现在没有这种身份，不能减少"),
]


@pytest.mark.clause("BN-A")
def test_wrong_rows_are_told_by_row_column_and_reason_and_never_guessed(town: Cast) -> None:
    checked = check_list(town.civil_affairs, [*(row for row, _, _ in WRONG_ROWS), entry("艾青禾", MOTHER)])
    expected = [(FIRST + n, column, reason) for n, (_, column, reason) in enumerate(WRONG_ROWS)]
    assert told(checked["file_id"]) == expected
    accept_roster(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
    assert list(Identity.objects.values_list("resident__name", flat=True)) == ["艾青禾"]


@pytest.mark.clause("BN-A")
def test_the_forms_special_columns_are_read_and_a_grade_that_does_not_fit_is_told(town: Cast) -> None:
    rows = [
        entry("柏大树", FATHER, "重度残疾人", disability_grade="三级"),
        entry("艾青禾", MOTHER + "42", "重度残疾人", disability_grade="一级"),
        entry("柏小苗", number("20120703", 4), "重度残疾人", disability_grade="很重"),
    ]
    checked = check_list(town.disabled, rows)
    assert told(checked["file_id"]) == []
    assert warned(checked["file_id"]) == [
        (FIRST, "残疾人等级", "残疾等级与人员类别不符"),
        (FIRST + 1, "残疾人等级", "与残疾人证号末位的等级不符"),
        (FIRST + 2, "残疾人等级", "看不出是哪一级"),
    ]
    assert checked["added"] == 3


def test_the_same_person_and_category_twice_in_a_file_names_the_first_row(town: Cast) -> None:
    checked = check_list(town.civil_affairs, [entry("柏大树", FATHER), entry("柏 大 树", FATHER)])
    assert told(checked["file_id"]) == [(FIRST + 1, "人员类别", "与第 {row} 行是同一人同一类别")]


def test_who_has_died_or_moved_gets_no_new_identity(town: Cast) -> None:
    Resident.objects.filter(name="柏大树").update(state=ResidentState.DEAD)
    checked = check_list(town.civil_affairs, [entry("柏大树", FATHER)])
    assert told(checked["file_id"]) == [(FIRST, "身份证号码", "台账中此人已死亡或迁出")]


def test_another_village_than_the_registers_is_a_warning(town: Cast) -> None:
    checked = check_list(town.civil_affairs, [entry("柏大树", FATHER, village="西社区")])
    assert warned(checked["file_id"]) == [(FIRST, "村居", "与台账中的村（社区）不同，以台账为准")]
    assert checked["added"] == 1


def test_a_removal_before_the_identity_begins_is_told(town: Cast) -> None:
    send_list(town.civil_affairs, [entry("柏大树", FATHER)], town.bureau, month=JANUARY)
    checked = check_list(town.civil_affairs, [entry("柏大树", FATHER, change="减少")], month=NOVEMBER)
    assert told(checked["file_id"]) == [(FIRST, "新增或减少", "这种身份在本月之后才开始，不能从本月减少")]


# --- who ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["town_clerk", "village_agent", "bureau", "outsider"])
def test_only_a_department_sends_rosters(town: Cast, part: str) -> None:
    with pytest.raises(Forbidden):
        check_list(getattr(town, part), [entry("柏大树", FATHER)])


@pytest.mark.parametrize("part", ["civil_affairs", "disabled", "town_clerk", "village_agent"])
def test_only_the_bureau_accepts_rosters(town: Cast, part: str) -> None:
    checked = check_list(town.civil_affairs, [entry("柏大树", FATHER)])
    with pytest.raises(Forbidden):
        accept_roster(getattr(town, part), file_id=checked["file_id"], key=new_key(), at=NOW)


def test_a_department_neither_sees_nor_takes_back_anothers_roster(town: Cast) -> None:
    checked = check_list(town.civil_affairs, [entry("古木", FATHER)])
    for look in (
        lambda: queries.file(town.disabled, checked["file_id"], FileKind.ROSTER),
        lambda: files_in.read_rejects(town.disabled, file_id=checked["file_id"], kind=FileKind.ROSTER),
        lambda: discard_roster(town.disabled, file_id=checked["file_id"], key=new_key(), at=NOW),
    ):
        with pytest.raises(NotFound):
            look()
    discard_roster(town.civil_affairs, file_id=checked["file_id"], key=new_key(), at=NOW)
    assert ImportedFile.objects.get(pk=checked["file_id"]).state == "discarded"


def test_the_bureau_sends_back_a_roster_it_will_not_accept(town: Cast) -> None:
    checked = check_list(town.civil_affairs, [entry("柏大树", FATHER)])
    with pytest.raises(Forbidden):
        discard_roster(town.town_clerk, file_id=checked["file_id"], key=new_key(), at=NOW)
    discard_roster(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
    assert ImportedFile.objects.get(pk=checked["file_id"]).state == "discarded"


@pytest.mark.clause("PJ-5.2.1")
def test_who_brought_a_roster_cannot_accept_it_even_in_a_new_post(town: Cast) -> None:
    checked = check_list(town.civil_affairs, [entry("柏大树", FATHER)])
    accounts.add_user(username="civil-affairs", display_name="civil-affairs", role=Role.BUREAU, division_code=DISTRICT)
    promoted = actor_of(User.objects.get(username="civil-affairs"))
    with pytest.raises(Refused, match="不能自己确认"):
        accept_roster(promoted, file_id=checked["file_id"], key=new_key(), at=NOW)
    assert Identity.objects.count() == 0


# --- the file -------------------------------------------------------------------------------------------------------


@pytest.mark.clause("BN-4.2.1b")
def test_a_roster_without_a_password_is_refused(town: Cast) -> None:
    plain = Upload(name="花名册.xlsx", content=book(ROSTER, [entry("柏大树", FATHER)]))
    with pytest.raises(BadInput, match="没有加密"):
        check_roster(town.civil_affairs, upload=plain, month=NOVEMBER, policy_name=POLICY, key=new_key(), at=NOW)


@pytest.mark.clause("BN-4.2.1b")
@pytest.mark.parametrize("password", ["", "不对的密码"])
def test_a_missing_or_wrong_password_is_a_sentence(town: Cast, password: str) -> None:
    closed = Upload(name="花名册.xlsx", content=roster_upload([entry("柏大树", FATHER)]).content, password=password)
    with pytest.raises(BadInput, match="密码"):
        check_roster(town.civil_affairs, upload=closed, month=NOVEMBER, policy_name=POLICY, key=new_key(), at=NOW)
    assert ImportedFile.objects.filter(kind="roster").count() == 0


@pytest.mark.clause("BN-4.2.1b")
def test_the_rejects_of_a_roster_are_closed_with_its_password(town: Cast) -> None:
    checked = check_list(town.civil_affairs, [entry("古木", FATHER)])
    workbook = files_in.read_rejects(town.civil_affairs, file_id=checked["file_id"], kind=FileKind.ROSTER)
    assert workbook is not None
    with pytest.raises(BadInput, match="没有给密码"):
        files_found.open_table(Upload(name="rejects.xlsx", content=workbook), ROSTER)
    (row,) = files_found.open_table(Upload(name="rejects.xlsx", content=workbook, password=PASSWORD), ROSTER)
    assert row.text("name") == "古木"


def test_the_month_is_a_first_day(town: Cast) -> None:
    with pytest.raises(BadInput, match="月份"):
        check_list(town.civil_affairs, [entry("柏大树", FATHER)], month=date(2022, 11, 2))


def test_a_roster_takes_a_fixed_number_of_statements(town: Cast) -> None:
    people = [
        person("古" + "一二三四五六七八九十"[n % 10], f"{1950 + n % 50}0101", n // 50 + 1, household_no=f"R{n}")
        for n in range(300)
    ]
    bring_in(town.town_clerk, people)
    rows = [entry(str(p["name"]), str(p["cert_number"])) for p in people]
    few = _statements(town, rows[:10])
    assert _statements(town, rows[10:]) == few


def _statements(cast: Cast, rows: list[Cells]) -> int:
    with CaptureQueriesContext(connection) as statements:
        assert send_list(cast.civil_affairs, rows, cast.bureau)["added"] == len(rows)
    return len(statements)
