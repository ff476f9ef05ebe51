"""What a roster's rows say against the register: doubts told, people recognised, disabilities kept."""

from __future__ import annotations

from datetime import date

import pytest

from tests.imports.cast import (
    NOVEMBER,
    NOW,
    Cast,
    Cells,
    bring_in,
    check_list,
    entry,
    family,
    new_key,
    number,
    person,
    send_list,
    told,
    warned,
)
from tests.imports.lists import check_full, listed, names_with, send_full
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import User
from yingbao.kernel.certificates import check_digit
from yingbao.registry.models import FormerCertificate, Identity, MatchMemory, MatchQuestion, RecordChange, Resident
from yingbao.registry.recognising.proposing import Written
from yingbao.storage.encrypted import blind_index
from yingbao.usecases.import_rosters import accept_roster

FATHER, MOTHER, DAUGHTER = number("19800501", 1), number("19820602", 2), number("20120703", 4)
FIRST, FULL_FIRST = 5, 3


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast, with a family of three, a very old woman and a newly grown-up man in the register."""
    old = person("柏老太", "19200101", 6, household_no="H2")
    young = person("艾小山", "20041102", 3, household_no="H3")
    bring_in(cast.town_clerk, [*family(), old, young])
    return cast


def doubts(actor: Actor, rows: list[Cells], *, month: date = NOVEMBER) -> list[tuple[int, str, str]]:
    """Return what a check warns of, and expect nothing fatal."""
    checked = check_list(actor, rows, month=month)
    assert told(checked["file_id"]) == []
    return warned(checked["file_id"])


# --- doubts ---------------------------------------------------------------------------------------------------------


def test_a_grown_up_orphan_is_doubted_from_the_eighteenth_birthday_on(town: Cast) -> None:
    row = entry("艾小山", number("20041102", 3), "城乡孤儿")
    told_of = "此人已满 {age} 周岁，请核实是否仍属于这类人员"
    assert doubts(town.civil_affairs, [row]) == []  # eighteen on the second of the month
    assert doubts(town.civil_affairs, [row], month=date(2022, 12, 1)) == [(FIRST, "人员类别", told_of)]


def test_who_is_in_employee_insurance_is_doubted_and_no_reason_to_keep_the_row_out(town: Cast) -> None:
    insured = person("柏有为", "19850505", 1, household_no="H4", employee_insured="是")
    bring_in(town.town_clerk, [insured])
    row = entry("柏有为", number("19850505", 1))
    doubt = "此人已参加职工医保或在别处，资助只在本地参保时起作用，请核实"
    assert doubts(town.civil_affairs, [row]) == [(FIRST, "身份证号码", doubt)]


def test_who_is_over_a_hundred_is_doubted(town: Cast) -> None:
    row = entry("柏老太", number("19200101", 6))
    assert doubts(town.civil_affairs, [row]) == [(FIRST, "身份证号码", "年龄超过 {age} 岁，请核实是否健在")]


@pytest.mark.clause("BN-A")
@pytest.mark.parametrize(
    ("age", "doubt"),
    [("42", ""), ("42周岁", ""), ("", ""), ("43", "与出生日期算出的年龄不符"), ("老年", "看不出是多少岁")],
)
def test_the_age_of_the_special_annotation_is_held_against_the_birth_date(town: Cast, age: str, doubt: str) -> None:
    found = doubts(town.civil_affairs, [entry("柏大树", FATHER, dibao_age=age)])
    assert found == ([(FIRST, "低保人员年龄", doubt)] if doubt else [])


def test_both_ages_of_a_birthdays_month_are_right(town: Cast) -> None:
    for age in ("17", "18"):
        assert doubts(town.civil_affairs, [entry("艾小山", number("20041102", 3), dibao_age=age)]) == []


def test_who_leaves_is_not_doubted(town: Cast) -> None:
    send_list(town.civil_affairs, [entry("柏老太", number("19200101", 6))], town.bureau)
    assert doubts(town.civil_affairs, [entry("柏老太", number("19200101", 6), change="减少", dibao_age="99")]) == []


# --- disability -----------------------------------------------------------------------------------------------------


def test_an_accepted_certificate_is_kept_on_the_resident_with_its_file(town: Cast) -> None:
    rows = [
        entry("柏大树", FATHER + "41", "重度残疾人"),
        entry("艾青禾", MOTHER, "重度残疾人", disability_grade="二级"),
    ]
    checked = check_list(town.disabled, rows)
    assert list(Resident.objects.exclude(disability_grade=None)) == []
    accept_roster(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
    kept = Resident.objects.exclude(disability_grade=None).order_by("pk")
    values = kept.values_list("name", "disability_kind", "disability_grade", "version")
    assert list(values) == [("柏大树", 4, 1, 2), ("艾青禾", None, 2, 2)]
    change = RecordChange.objects.get(resident__name="柏大树")
    assert (change.file_id, change.action) == (checked["file_id"], "imported")
    assert change.fields == ["disability_grade", "disability_kind"]


def test_a_full_list_may_hold_certificates_too(town: Cast) -> None:
    rows = [listed("柏大树", FATHER + "43", "重度残疾人")]
    answer = send_full(town.disabled, rows, town.bureau)
    assert warned(answer["file_id"]) == [(FULL_FIRST, "医疗救助身份", "残疾等级与人员类别不符")]
    assert Resident.objects.get(name="柏大树").disability_grade == 3


# --- recognising ----------------------------------------------------------------------------------------------------


def remember(name: str, cert_number: str, resident: Resident | None) -> None:
    """Have somebody decide whom a number and name mean."""
    user = User.objects.get(username="bureau")
    key = Written(0, cert_number, name).key
    MatchMemory.objects.create(key=key, resident=resident, reason="看过户口簿", decided_by=user, decided_at=NOW)


def slip(cert_number: str) -> str:
    """Return a number with two digits that changed places, its check digit right again."""
    first = cert_number[:14] + cert_number[15] + cert_number[14] + cert_number[16]
    return first + check_digit(first)


def test_rows_that_name_nobody_exactly_fail_and_become_questions(town: Cast) -> None:
    rows = [
        entry("柏大村", FATHER),
        entry("艾青禾", number("19820620", 2)),
        entry("柏小苗", "5.00155E+17"),
        entry("柏小苗", DAUGHTER),
    ]
    checked = check_list(town.civil_affairs, rows)
    assert [row for row, _, _ in told(checked["file_id"])] == [FIRST, FIRST + 1, FIRST + 2]
    asked = MatchQuestion.objects.filter(file_id=checked["file_id"]).order_by("row")
    assert [question.row for question in asked] == [FIRST, FIRST + 1]  # what Excel has cut is mended in the file
    father = Resident.objects.get(name="柏大树").pk
    assert [one["resident"] for one in asked[0].candidates] == [father]


def test_what_somebody_has_decided_is_taken_and_told(town: Cast) -> None:
    wrong = slip(FATHER)
    remember("柏大村", wrong, Resident.objects.get(name="柏大树"))
    remember("无名", MOTHER, None)
    checked = check_list(town.civil_affairs, [entry("柏大村", wrong), entry("无名", MOTHER)])
    assert warned(checked["file_id"]) == [(FIRST, "身份证号码", "姓名或号码与台账不同，按以前的认定取台账中的人")]
    assert told(checked["file_id"]) == [(FIRST + 1, "身份证号码", "以前已认定不是台账中的人")]
    assert MatchQuestion.objects.count() == 0
    accept_roster(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
    assert names_with("dibao") == {"柏大树"}


def test_an_answer_between_check_and_acceptance_counts(town: Cast) -> None:
    checked = check_full(town.civil_affairs, [listed("柏大村", FATHER)])
    assert checked["good_rows"] == 0
    remember("柏大村", FATHER, Resident.objects.get(name="柏大树"))
    accepted = accept_roster(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
    assert (accepted["good_rows"], names_with("dibao")) == (1, {"柏大树"})


def test_a_former_number_finds_its_person(town: Cast) -> None:
    former = number("20120703", 8)
    resident = Resident.objects.get(name="柏小苗")
    FormerCertificate.objects.create(
        resident=resident, kind="01", number=former, index=blind_index(former), replaced_on=NOVEMBER
    )
    checked = check_list(town.civil_affairs, [entry("柏小苗", former)])
    assert warned(checked["file_id"]) == [(FIRST, "身份证号码", "是此人以前的证件号码，按台账中的人办理")]
    accept_roster(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
    assert Identity.objects.get().resident_id == resident.pk
