"""Rows of a list that somebody should look at: no day of cover left, or a person no college has."""

from __future__ import annotations

from datetime import date

import pytest

from tests.journeys.cast import Cast
from tests.journeys.institutions import (
    IN_TERM,
    STUDENT_1,
    accept,
    bill,
    bring_in,
    campus,
    check,
    dues_of,
    student,
    students,
)
from tests.journeys.test_institution_lists import register, told, whole
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import Refused
from yingbao.registry.models import ImportedFile, Resident

LAST, NEXT = date(2023, 6, 1), date(2023, 6, 2)  # 91 days before 31 August, and a day later


def reminders(file_id: int) -> list[tuple[int, str]]:
    """Return (row, reason) of what a list is only reminded of."""
    return [(one["row"], one["reason"]) for one in ImportedFile.objects.get(pk=file_id).problems if not one["fatal"]]


@pytest.mark.clause("PJ-7.2d")
def test_who_would_have_no_day_of_cover_is_not_enrolled_from_a_list(cast: Cast) -> None:
    school = campus()
    checked = check(school, [*students(2), student(3, graduating="是")], on=NEXT)
    assert (checked["good_rows"], checked["bad_rows"], checked["amount_fen"]) == (1, 2, STUDENT_1)
    found = ImportedFile.objects.get(pk=checked["file_id"])
    assert found.differences["no_cover"] == 2
    assert [reason for _row, _column, reason in told(found.pk) if "本年度没有可享受的日子" in reason] != []
    assert len(told(found.pk)) == 2 and all("请向医保局请示" in reason for _row, _column, reason in told(found.pk))
    accept(school, found.pk, on=NEXT)
    assert [one.resident.graduating for one in Enrolment.objects.all()] == [True]
    whole(cast)


def test_a_day_earlier_all_of_them_are(cast: Cast) -> None:
    school = campus()
    checked = check(school, students(2), on=LAST)
    assert (checked["good_rows"], checked["amount_fen"]) == (2, 2 * STUDENT_1)


def test_a_list_of_nobody_else_is_refused(cast: Cast) -> None:
    school = campus()
    checked = check(school, students(2), on=NEXT)
    with pytest.raises(Refused, match="没有可以参保登记的人员"):
        accept(school, checked["file_id"], on=NEXT)
    assert not Enrolment.objects.exists() and not Resident.objects.exists()


def test_what_was_checked_in_time_is_judged_again_on_the_day_it_is_accepted(cast: Cast) -> None:
    school = campus()
    checked = check(school, students(1), on=LAST)
    with pytest.raises(Refused, match="没有可以参保登记的人员"):
        accept(school, checked["file_id"], on=NEXT)


@pytest.mark.clause("PJ-7.2d")
def test_nobody_is_billed_for_no_day_of_cover(cast: Cast) -> None:
    school = campus()
    bring_in(school, [*students(2), student(3, graduating="是")], on=LAST)
    with pytest.raises(Refused) as refusal:
        bill(school, on=NEXT, due_ids=[due.pk for due in dues_of(school)], key="named")
    assert str(refusal.value.what).startswith("其中2人今天缴费，待遇起始日已晚于待遇截止日")
    drawn = bill(school, on=NEXT)
    assert (drawn["persons"], drawn["amount_fen"], drawn["no_cover"]) == (1, STUDENT_1, 2)
    with pytest.raises(Refused, match="其中2人今天缴费"):
        bill(school, on=NEXT, key="the-rest")
    whole(cast)


def test_all_are_billed_while_the_money_buys_a_day(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(2), on=LAST)
    drawn = bill(school, on=LAST)
    assert (drawn["persons"], drawn["no_cover"]) == (2, 0)


def test_a_list_is_reminded_of_heads_of_households_and_of_the_old(cast: Cast) -> None:
    """Their population, and so rate and calendar, would change on the word of a list."""
    school = campus()
    head, child, old, student_of_old = (register(student(order)) for order in range(1, 5))
    Resident.objects.filter(pk__in=[child.pk, old.pk, student_of_old.pk]).update(relation="child")
    Resident.objects.filter(pk__in=[old.pk, student_of_old.pk]).update(birth_on=date(1976, 1, 1))
    Resident.objects.filter(pk=student_of_old.pk).update(population="university_student")
    checked = check(school, students(5))
    rows = {row: reason for row, reason in reminders(checked["file_id"]) if "普通居民" in reason}
    assert list(rows) == [2, 4] and "户主" in rows[2] and "超过{years}岁" in rows[4]
    assert checked["good_rows"] == 5  # a reminder: who looked may still confirm
    assert ImportedFile.objects.get(pk=checked["file_id"]).differences["unlikely"] == 2
    accept(school, checked["file_id"])
    assert Enrolment.objects.count() == 5
    assert Resident.objects.get(pk=head.pk).population == "university_student"


def test_a_welfare_home_changes_nobodys_population_and_is_reminded_of_nothing(cast: Cast) -> None:
    home = campus("W1", "welfare")
    register(student(1))
    checked = check(home, students(1), on=IN_TERM)
    assert [reason for _row, reason in reminders(checked["file_id"]) if "普通居民" in reason] == []
