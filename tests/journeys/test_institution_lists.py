"""A university's list: checked row by row, accepted as a whole, everybody enrolled and owing (BN-3.2.2, PJ-3.2)."""

from __future__ import annotations

from datetime import date

import pytest

from tests.imports.cast import number
from tests.journeys.cast import NEXT_VILLAGE, POLICY, VILLAGE, YEAR, Cast, at, household, insure_elsewhere, tiers
from tests.journeys.institutions import (
    IN_TERM,
    STUDENT_1,
    STUDENT_2,
    accept,
    bring_in,
    campus,
    check,
    dues_of,
    student,
    students,
)
from yingbao.accounts.models import AuditEntry
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import Forbidden, NotFound, Refused
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.models import Transfer
from yingbao.registry.models import ImportedFile, InstitutionMember, RecordChange, Resident, StagedMember
from yingbao.storage.encrypted import blind_index
from yingbao.storage.fields import Json
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.enrol_institution import accept_members, check_members, discard_members
from yingbao.usecases.files_found import Upload
from yingbao.usecases.verify import verify


def whole(cast: Cast) -> None:
    assert [check.name for check in verify(cast.auditor, year=YEAR) if not check.holds] == []


def told(file_id: int) -> list[tuple[int, str, str]]:
    """Return (row, column, reason) of a list's fatal problems."""
    held: list[Json] = ImportedFile.objects.get(pk=file_id).problems
    return [(p["row"], p["column"], p["reason"]) for p in held if p["fatal"]]


def register(row: Json, *, village: int = NEXT_VILLAGE, name: str | None = None) -> Resident:
    """Let the register know a row's person as one of a household of a village."""
    (one,) = household(date(2003, 1, 1), village=village)
    one.name, one.certificate_number = name or row["name"], row["cert_number"]
    one.certificate_index, one.certificate_kind = blind_index(row["cert_number"]), "01"
    one.save()
    return one


@pytest.mark.clause("BN-3.2.2")
@pytest.mark.clause("PJ-3.2")
def test_a_university_enrols_everybody_on_its_list_at_the_students_rate(cast: Cast) -> None:
    school = campus()
    rows = [*students(3), student(4, tier="二档", graduating="是")]
    checked = check(school, rows)
    assert (checked["rows"], checked["good_rows"], checked["problems"]) == (4, 4, 0)
    assert (checked["new"], checked["known"], checked["amount_fen"]) == (4, 0, 3 * STUDENT_1 + STUDENT_2)
    assert Enrolment.objects.count() == 0  # checked is not enrolled
    accept(school, checked["file_id"])
    dues = dues_of(school)
    assert [due.amount_fen for due in dues] == [STUDENT_1] * 3 + [STUDENT_2]
    newcomers = Resident.objects.filter(household=school.institution.household)
    assert {(one.population, one.basis, one.division_id) for one in newcomers} == {
        ("university_student", newcomers[0].basis, VILLAGE)
    }
    assert newcomers[0].basis.startswith("PJ-2")
    assert [one.graduating for one in newcomers.order_by("pk")] == [False, False, False, True]
    assert StagedMember.objects.count() == 0
    whole(cast)


def test_what_a_list_owes_is_one_entry_and_its_acceptance_one_line_of_the_trail(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(5))
    (transfer,) = Transfer.objects.all()
    assert (transfer.amount_fen, transfer.debit.kind, transfer.source_kind) == (
        5 * STUDENT_1,
        AccountKind.RESIDENT_DUE,
        "file",
    )
    entry = AuditEntry.objects.get(action="accept-file")
    assert entry.detail["new"] == 5


def test_whom_the_register_knows_keeps_household_and_village_and_is_enrolled_at_the_university(cast: Cast) -> None:
    school = campus()
    one = register(student(1))
    answer = bring_in(school, [student(1, graduating="是", term_start_on=date(2022, 9, 5))])
    assert (answer["new"], answer["known"]) == (0, 1)
    home = one.household_id
    one.refresh_from_db()
    assert (one.household_id, one.division_id) == (home, NEXT_VILLAGE)
    assert (one.population, one.graduating, one.term_start_on) == ("university_student", True, date(2022, 9, 5))
    (due,) = dues_of(school)
    assert (due.division_id, due.enrolment.division_id, due.amount_fen) == (VILLAGE, VILLAGE, STUDENT_1)
    (change,) = RecordChange.objects.filter(resident=one)
    assert change.fields == ["graduating", "population", "term_start_on"]
    whole(cast)


def test_every_row_that_may_not_come_in_says_why(cast: Cast) -> None:
    school = campus()
    register(student(3), name="另一人")
    dead, insured = register(student(4)), register(student(5))
    Resident.objects.filter(pk=dead.pk).update(state="dead", gone_on=date(2022, 3, 1))
    insure_elsewhere(insured)
    rows = [
        student(1),
        student(1, name="同号人"),
        student(2, cert_number="500155200301020" + "0190"),
        student(3),
        student(4),
        student(5),
        student(6, tier="三档"),
        student(7, tier=""),
        student(8, birth_on=date(2003, 9, 9)),
        student(9, term_start_on=date(2021, 9, 1)),
        student(10, term_start_on=date(2022, 12, 1)),
    ]
    checked = check(school, rows)
    reasons = {row: reason for row, _column, reason in told(checked["file_id"])}
    first = min(reasons) - 1
    found = {row - first: reason for row, reason in reasons.items()}
    assert checked["good_rows"] == 1
    assert found[1] == "与第 {row} 行的证件号码相同，同一人只能报一次"
    assert found[3].startswith("证件号码在台账中登记的是另一个姓名")
    assert (found[4], found[5]) == ("已死亡", "已参加职工医保")
    assert found[6] == "没有这个档次，应填“一档”或“二档”"
    assert found[7] == "没有填写"
    assert found[8] == "与证件号码中的出生日期不一致"
    assert found[9] == "开学日期应在 {year} 年"
    assert found[10] == "开学日期晚于今天"
    assert 2 in found


def test_who_is_enrolled_elsewhere_is_told_where_without_a_name(cast: Cast) -> None:
    first, second = campus("U1"), campus("U2", name="乙学院")
    villager = register(student(1))
    enrol_household(
        cast.town_clerk,
        household_id=villager.household_id,
        tiers=tiers([villager]),
        policy_name=POLICY,
        on=date(2022, 11, 10),
        key="enrol",
        at=at(date(2022, 11, 10)),
    )
    bring_in(second, [student(2)])
    checked = check(first, [student(1), student(2), student(3)])
    assert checked["good_rows"] == 1
    held = ImportedFile.objects.get(pk=checked["file_id"]).problems
    assert [(p["reason"], p["params"]) for p in held] == [
        ("本年度已在{place}参保登记", {"place": "西村"}),
        ("本年度已由“{institution}”参保登记", {"institution": "乙学院"}),
    ]


def test_a_corrected_list_adds_only_who_was_missing(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(10))
    checked = check(school, students(15), key="corrected")
    assert (checked["already"], checked["new"], checked["bad_rows"]) == (10, 5, 0)
    accept(school, checked["file_id"])
    assert (Enrolment.objects.count(), InstitutionMember.objects.count()) == (15, 15)
    whole(cast)


def test_the_same_list_twice_is_refused_and_one_with_nobody_new_too(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(2))
    with pytest.raises(Refused, match="不会再次导入"):
        check(school, students(2), key="again")
    checked = check(school, students(1), key="fewer")
    with pytest.raises(Refused, match="没有可以参保登记的人员"):
        accept(school, checked["file_id"])
    assert Enrolment.objects.count() == 2


def test_the_same_request_again_gets_the_same_answer(cast: Cast) -> None:
    school = campus()
    checked = check(school, students(2))
    assert accept(school, checked["file_id"]) == accept(school, checked["file_id"])
    assert Enrolment.objects.count() == 2


def test_outside_every_window_nobody_of_the_list_can_be_enrolled(cast: Cast) -> None:
    school = campus()
    checked = check(school, students(2), on=date(2022, 8, 20))
    assert [reason for *_, reason in told(checked["file_id"])] == ["今天不在这类人员的参保缴费时段内"] * 2


@pytest.mark.clause("PJ-3.2")
def test_a_term_that_begins_later_moves_the_sixty_days(cast: Cast) -> None:
    """60 days of 1 September are over on 1 November; of 10 October, when this college begins, they are not."""
    school = campus()
    on = date(2022, 11, 2)
    checked = check(school, [student(1), student(2, term_start_on=date(2022, 10, 10))], on=on)
    assert checked["good_rows"] == 1
    assert [reason for *_, reason in told(checked["file_id"])] == ["今天不在这类人员的参保缴费时段内"]


def test_an_institution_sends_lists_for_itself_only_and_the_outsider_for_none(cast: Cast) -> None:
    first, second = campus("U1"), campus("U2")
    with pytest.raises(NotFound):
        check(first, students(1), actor=second.agent)
    with pytest.raises(NotFound):
        check(first, students(1), actor=cast.outsider)
    with pytest.raises(Forbidden):
        check(first, students(1), actor=cast.village_agent)
    checked = check(first, students(1))
    for stranger in (second.agent, cast.outsider):
        with pytest.raises(NotFound):
            accept(first, checked["file_id"], actor=stranger, key=f"x{stranger.user_id}")
        with pytest.raises(NotFound):
            discard_members(stranger, file_id=checked["file_id"], key=f"d{stranger.user_id}", at=at(IN_TERM))
    assert Enrolment.objects.count() == 0


def test_a_closed_institution_sends_no_lists(cast: Cast) -> None:
    school = campus()
    school.institution.is_active = False
    school.institution.save()
    with pytest.raises(Forbidden, match="已停用"):
        check(school, students(1))


def test_a_list_that_is_not_wanted_leaves_nothing(cast: Cast) -> None:
    school = campus()
    checked = check(school, students(2))
    discard_members(school.agent, file_id=checked["file_id"], key="no", at=at(IN_TERM))
    assert StagedMember.objects.count() == 0
    with pytest.raises(Refused, match="放弃"):
        accept(school, checked["file_id"])


def test_what_was_learnt_between_the_two_words_counts(cast: Cast) -> None:
    school = campus()
    one = register(student(1))
    checked = check(school, students(2))
    assert checked["good_rows"] == 2
    insure_elsewhere(one)
    answer = accept(school, checked["file_id"])
    assert (answer["good_rows"], answer["bad_rows"]) == (1, 1)
    assert Enrolment.objects.count() == 1
    assert [reason for *_, reason in told(checked["file_id"])] == ["已参加职工医保"]
    whole(cast)


def test_identities_on_a_universitys_list_are_not_taken(cast: Cast) -> None:
    school = campus()
    checked = check(school, [student(1, identity="特困人员")])
    assert (checked["good_rows"], checked["warnings"], checked["identities"]) == (1, 1, 0)


def test_a_csv_of_gb18030_is_read(cast: Cast) -> None:
    school = campus()
    content = f"姓名,身份证号码,学号,档次\n学子甲,{number('20030203', 5)},1,二档\n".encode("gb18030")
    upload = Upload(name="名单.csv", content=content)
    answer = check_members(
        school.agent, institution_id=school.id, upload=upload, policy_name=POLICY, key="csv", at=at(IN_TERM)
    )
    assert (answer["good_rows"], answer["off_platform"]) == (1, 1)
    accept_members(school.agent, file_id=answer["file_id"], policy_name=POLICY, key="ok", at=at(IN_TERM))
    assert not Resident.objects.get(name="学子甲").on_platform
