"""The register comes in by two words: what its rows must be, and what then stands in the books (BN-4.4b)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.cast import (
    EAST,
    FAR,
    NOW,
    POLICY,
    WEST,
    Cast,
    Cells,
    accept,
    bring_in,
    check,
    family,
    new_key,
    number,
    person,
    register_upload,
    told,
    warned,
)
from yingbao.accounts.models import AuditEntry
from yingbao.kernel.errors import Conflict
from yingbao.registry import facts
from yingbao.registry.models import CoveredElsewhere, Household, Resident
from yingbao.usecases.import_register import check_register

LOST_DIGITS = "Excel 已把号码变成科学计数法，末尾几位已丢失：请把该列设为“文本”后重新填写"
FIRST = 3  # under title and header


@pytest.mark.clause("BN-4.4b")
def test_a_checked_file_is_not_in_the_books_and_an_accepted_one_is(cast: Cast) -> None:
    checked = check(cast.town_clerk, family())
    assert (checked["rows"], checked["good_rows"], checked["bad_rows"]) == (3, 3, 0)
    assert Resident.objects.count() == 0

    accepted = accept(cast.town_clerk, checked["file_id"])

    assert (accepted["residents"], accepted["households"]) == (3, 1)
    father = Resident.objects.get(name="柏大树")
    assert father.certificate_number == number("19800501", 1)
    assert (father.birth_on, father.sex, father.relation) == (date(1980, 5, 1), "1", "head")
    assert (father.division_id, father.basis, father.phone) == (EAST, "PJ-2", "10020000001")
    assert father.household.number == "H1" and father.household.address == "东村1组1号"
    assert {member.relation for member in father.household.members.all()} == {"head", "spouse", "child"}


def test_numbers_and_phones_are_sealed_in_the_database(cast: Cast) -> None:
    bring_in(cast.town_clerk, family())
    with connection.cursor() as cursor:
        cursor.execute("SELECT certificate_number, phone FROM registry_resident WHERE phone IS NOT NULL")
        held = [bytes(value) for row in cursor.fetchall() for value in row]
    assert len(held) == 2
    assert not any(number("19800501", 1).encode() in value or b"10020000001" in value for value in held)


@pytest.mark.clause("BN-2.0")
def test_who_is_in_employee_insurance_is_registered_and_covered_elsewhere(cast: Cast) -> None:
    rows = family()
    rows[0]["employee_insured"] = "是"
    rows[1]["elsewhere_insured"] = "是"
    bring_in(cast.town_clerk, rows)
    kinds = dict(CoveredElsewhere.objects.values_list("resident__name", "kind"))
    assert kinds == {"柏大树": "employee", "艾青禾": "other_place"}
    father = Resident.objects.get(name="柏大树")
    assert facts.of_residents([father.pk], on=date(2022, 12, 1))[father.pk].elsewhere == {"employee"}


def test_a_student_and_a_newborn_with_a_birth_certificate_only(cast: Cast) -> None:
    student = person("柏小林", "20010203", 5, relation="子女", population="大学生", graduation_year=2023)
    born: Cells = person("柏小芽", "20221001", 1, relation="孙子女", population="新生儿")
    born |= {"cert_form": "出生医学证明", "cert_number": "Z912345678", "birth_on": date(2022, 10, 1), "sex": "女"}
    bring_in(cast.town_clerk, [*family(), student, born])
    held = Resident.objects.get(name="柏小林")
    assert (held.population, held.graduating) == ("university_student", True)
    baby = Resident.objects.get(name="柏小芽")
    assert (baby.certificate_kind, baby.birth_on, baby.sex) == ("990201", date(2022, 10, 1), "2")


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"cert_number": number("19800501")[:17] + "?"}, "证件号码", "末位校验码只能是数字或 X"),
        ({"cert_number": ""}, "证件号码", "证件号码为空"),
        ({"cert_number": "5.00155E+17"}, "证件号码", LOST_DIGITS),
        ({"birth_on": date(1980, 5, 2)}, "出生日期", "与证件号码中的出生日期不一致"),
        ({"birth_on": "1980-13-40"}, "出生日期", "这一天不存在"),
        ({"sex": "女"}, "性别", "与证件号码中的性别不一致"),
        ({"sex": "男孩"}, "性别", "不认识这个填法"),
        ({"name": ""}, "姓名", "没有填写"),
        ({"name": "=1+1"}, "姓名", "姓名中有不应有的字符"),
        ({"name": "柏" * 61}, "姓名", "超过 {longest} 个字"),
        ({"household_no": ""}, "户号", "没有填写"),
        ({"relation": "朋友"}, "与户主关系", "不认识这个填法"),
        ({"village": "北村"}, "村（居）", "您的管理范围内没有这个地方"),
        ({"village": "远村"}, "村（居）", "您的管理范围内没有这个地方"),
        ({"population": "贵宾"}, "参保人群", "不认识这个参保人群"),
        ({"population": "外国人永久居留"}, "参保人群", "参保人群与证件类型不符"),
        ({"population": "大学生", "graduation_year": 2019}, "毕业年", "在校大学生的毕业年应在 {first} 至 {last} 之间"),
        ({"graduation_year": "明年"}, "毕业年", "应为整数"),
        ({"employee_insured": "也许"}, "是否职工参保", "应填“是”或“否”"),
    ],
)
def test_a_wrong_cell_is_named_by_row_column_and_reason_and_keeps_the_row_out(
    cast: Cast, cells: Cells, column: str, reason: str
) -> None:
    checked = check(cast.town_clerk, [*family(), person("古木", "19800501", 3, household_no="H2") | cells])
    assert (FIRST + 3, column, reason) in told(checked["file_id"])
    assert {row for row, _, _ in told(checked["file_id"])} == {FIRST + 3}
    accept(cast.town_clerk, checked["file_id"])
    assert Resident.objects.count() == 3


def test_every_problem_of_a_row_is_told_at_once(cast: Cast) -> None:
    wrong = person("", "19800501", 3, village="北村", sex="女", household_no="")
    found = told(check(cast.town_clerk, [wrong])["file_id"])
    assert {column for _, column, _ in found} == {"姓名", "村（居）", "性别", "户号"}


def test_what_is_only_doubtful_comes_in_with_a_warning(cast: Cast) -> None:
    rows = family()
    rows[0] |= {"phone": "12", "graduation_year": 2023}
    rows[1]["cert_number"] = number("19820602", 2, area="170155")  # an area nobody has heard of
    checked = check(cast.town_clerk, rows)
    assert told(checked["file_id"]) == []
    assert {(row, column) for row, column, _ in warned(checked["file_id"])} == {
        (FIRST, "联系电话"),
        (FIRST, "毕业年"),
        (FIRST + 1, "证件号码"),
    }
    accept(cast.town_clerk, checked["file_id"])
    assert Resident.objects.get(name="柏大树").phone is None


def test_one_number_twice_in_a_file_names_the_first_row(cast: Cast) -> None:
    again = person("柏大树", "19800501", 1, village="西社区", household_no="W9")
    head = person("古木", "19700101", 1, village="西社区", household_no="W9")
    checked = check(cast.town_clerk, [*family(), head, again | {"relation": "其他"}])
    found = told(checked["file_id"])
    assert found == [(FIRST + 4, "证件号码", "与第 {row} 行的证件号码相同，同一人只能登记一次")]
    accept(cast.town_clerk, checked["file_id"])
    assert Resident.objects.get(name="柏大树").division_id == EAST


def test_two_people_alike_but_for_the_number_are_a_warning(cast: Cast) -> None:
    twin = person("柏大树", "19800501", 3, household_no="H2")
    checked = check(cast.town_clerk, [*family(), twin])
    assert warned(checked["file_id"]) == [
        (FIRST + 3, "姓名", "与第 {row} 行姓名、出生日期、性别都相同，请核实是否同一人")
    ]


# --- households -----------------------------------------------------------------------------------------------------


def test_a_household_without_a_head_stays_out_whole(cast: Cast) -> None:
    lone = person("古木", "19700101", 1, household_no="H2", relation="其他")
    other = person("古林", "19720101", 1, household_no="H2", relation="其他")
    checked = check(cast.town_clerk, [*family(), lone, other])
    assert told(checked["file_id"]) == [
        (FIRST + 3, "与户主关系", "这一户没有户主，整户暂不导入"),
        (FIRST + 4, "与户主关系", "这一户没有户主，整户暂不导入"),
    ]


def test_a_second_head_is_kept_out(cast: Cast) -> None:
    second = person("古木", "19700101", 1)
    checked = check(cast.town_clerk, [*family(), second])
    assert told(checked["file_id"]) == [(FIRST + 3, "与户主关系", "这一户的户主已在第 {row} 行")]


def test_a_wrong_head_holds_the_household_back(cast: Cast) -> None:
    rows = family()
    rows[0]["sex"] = "女"
    checked = check(cast.town_clerk, rows)
    assert [(row, column) for row, column, _ in told(checked["file_id"])] == [
        (FIRST, "性别"),
        (FIRST + 1, "户号"),
        (FIRST + 2, "户号"),
    ]
    accept(cast.town_clerk, checked["file_id"])
    assert Household.objects.count() == 0


def test_the_same_number_in_two_villages_is_two_households(cast: Cast) -> None:
    west = person("古木", "19700101", 1, village="西社区")
    assert bring_in(cast.town_clerk, [*family(), west])["households"] == 2
    assert set(Household.objects.values_list("division_id", "number")) == {(EAST, "H1"), (WEST, "H1")}


def test_a_later_file_adds_to_a_household_of_the_register_but_brings_no_second_head(cast: Cast) -> None:
    bring_in(cast.town_clerk, family())
    son = person("柏小树", "20150101", 1, relation="子女", population="中小学生")
    answer = bring_in(cast.town_clerk, [son])
    assert (answer["residents"], answer["households"]) == (1, 0)
    assert Household.objects.get().members.count() == 4
    checked = check(cast.town_clerk, [person("古木", "19700101", 1)])
    assert told(checked["file_id"]) == [(FIRST, "与户主关系", "台账中这一户已有户主")]


# --- against the register -------------------------------------------------------------------------------------------


def test_rows_that_are_there_already_are_counted_and_others_come_in(cast: Cast) -> None:
    bring_in(cast.town_clerk, family())
    new = person("古木", "19700101", 1, household_no="H2")
    checked = check(cast.town_clerk, [*family(), new])
    assert (checked["already"], checked["good_rows"]) == (3, 4)
    assert accept(cast.town_clerk, checked["file_id"])["residents"] == 1
    assert Resident.objects.count() == 4


def test_a_row_that_differs_changes_the_person_but_never_who_they_are(cast: Cast) -> None:
    bring_in(cast.town_clerk, family())
    rows = family()
    rows[0] |= {"phone": "10020000002", "employee_insured": "是"}
    rows[1]["name"] = "艾青苗"
    checked = check(cast.town_clerk, rows)
    assert told(checked["file_id"]) == [(FIRST + 1, "姓名", "与台账现有内容不同；更改请在人员页面办理")]
    assert (checked["already"], checked["changed"]) == (1, 1)
    assert Resident.objects.get(name="柏大树").phone == "10020000001"
    accept(cast.town_clerk, checked["file_id"])
    father = Resident.objects.get(name="柏大树")
    assert (father.phone, father.version) == ("10020000002", 2)
    assert [cover.kind for cover in father.elsewhere.all()] == ["employee"]
    assert Resident.objects.filter(name="艾青禾").exists()


def test_somebody_registered_outside_the_scope_is_refused_without_a_word_of_where(cast: Cast) -> None:
    bring_in(cast.outsider, [person("古木", "19700101", 1, village="远村")])
    found = told(check(cast.town_clerk, [person("古木", "19700101", 1)])["file_id"])
    assert found == [(FIRST, "证件号码", "该证件号码已在您管理范围以外登记，请与区医保局核对")]
    assert Resident.objects.get().division_id == FAR


def test_what_the_register_has_learnt_since_the_check_is_seen_at_acceptance(cast: Cast) -> None:
    checked = check(cast.town_clerk, family())
    bring_in(cast.second_clerk, [*family(), person("古木", "19700101", 1, household_no="H2")])
    accepted = accept(cast.town_clerk, checked["file_id"])
    assert (accepted["residents"], accepted["already"]) == (0, 3)
    assert Resident.objects.count() == 4


# --- the trail, and the cost ----------------------------------------------------------------------------------------


@pytest.mark.clause("BN-4.4b")
def test_both_words_are_in_the_audit_trail_with_counts_and_without_people(cast: Cast) -> None:
    checked = check(cast.town_clerk, family())
    accept(cast.second_clerk, checked["file_id"])
    entries = list(AuditEntry.objects.order_by("id"))
    assert [(e.action, e.user_id, e.subject_id) for e in entries] == [
        ("check-file", cast.town_clerk.user_id, checked["file_id"]),
        ("accept-file", cast.second_clerk.user_id, checked["file_id"]),
    ]
    assert entries[1].detail["residents"] == 3
    assert "柏" not in str([entry.detail for entry in entries])


def test_statements_grow_with_batches_and_not_with_rows(cast: Cast) -> None:
    few, many = _statements(cast, 20, "500101"), _statements(cast, 800, "500102")
    assert many - few <= 2  # one more batch of a look-up


def _statements(cast: Cast, people: int, area: str) -> int:
    rows = [
        person("柏" + "一二三四五六七八九十"[n % 10], f"{1950 + n % 50}0101", household_no=f"{area}-{n}")
        | {"cert_number": number(f"{1950 + n % 50}0101", n // 50 + 1, area=area)}
        for n in range(people)
    ]
    with CaptureQueriesContext(connection) as statements:
        assert bring_in(cast.town_clerk, rows)["residents"] == people
    return len(statements)


def test_a_repeated_key_repeats_the_answer_and_another_file_under_it_is_a_conflict(cast: Cast) -> None:
    key, upload = new_key(), register_upload(family())
    first = check_register(cast.town_clerk, upload=upload, policy_name=POLICY, key=key, at=NOW)
    assert check_register(cast.town_clerk, upload=upload, policy_name=POLICY, key=key, at=NOW) == first
    other = replace(upload, content=register_upload(family()[:1]).content)
    with pytest.raises(Conflict):
        check_register(cast.town_clerk, upload=other, policy_name=POLICY, key=key, at=NOW)
