"""Lists of who is covered elsewhere: which spans they open and end, what they refuse, and how they are taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.cast import (
    NOW,
    POLICY,
    TOWN,
    Cast,
    Cells,
    book,
    bring_in,
    family,
    new_key,
    number,
    person,
    told,
    warned,
)
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.registry import audits, counts, facts
from yingbao.registry.kinds import FileKind, FileState
from yingbao.registry.models import CoveredElsewhere, ImportedFile, MatchQuestion, Resident
from yingbao.sheets.layouts import ELSEWHERE, VERIFICATION
from yingbao.storage.fields import Json
from yingbao.usecases import files_in
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_elsewhere import accept_elsewhere, check_elsewhere, discard_elsewhere
from yingbao.usecases.withdraw_file import withdraw_file

FIRST = 3  # under the title and the header
OCTOBER, NOVEMBER, DECEMBER, JANUARY = date(2022, 10, 1), date(2022, 11, 1), date(2022, 12, 1), date(2023, 1, 1)
FATHER, MOTHER, DAUGHTER = number("19800501", 1), number("19820602", 2), number("20120703", 4)
STRANGER = number("19700101", 77)


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast, with the family of three in the register."""
    bring_in(cast.town_clerk, family())
    return cast


def listed(name: str, cert_number: str, **cells: str | date) -> Cells:
    """Return a row of a list."""
    return {"name": name, "cert_number": cert_number, **cells}


def check(
    actor: Actor, rows: Iterable[Cells], *, about: str = "employee", month: date = NOVEMBER, is_full: bool = False
) -> Json:
    """Check a list of these rows."""
    upload = Upload(name="名单.xlsx", content=book(ELSEWHERE, rows))
    return check_elsewhere(
        actor, upload=upload, about=about, month=month, is_full=is_full, policy_name=POLICY, key=new_key(), at=NOW
    )


def send(
    actor: Actor, rows: Iterable[Cells], *, about: str = "employee", month: date = NOVEMBER, is_full: bool = False
) -> Json:
    """Check and accept a list of these rows."""
    checked = check(actor, rows, about=about, month=month, is_full=is_full)
    return accept_elsewhere(actor, file_id=checked["file_id"], key=new_key(), at=NOW)


def withdraw(actor: Actor, file_id: int, reason: str = "corrected") -> Json:
    """Take a list back."""
    return withdraw_file(
        actor, file_id=file_id, kind=FileKind.ELSEWHERE, reason=reason, policy_name=POLICY, key=new_key(), at=NOW
    )


def elsewhere(name: str, on: date) -> set[str]:
    """Return the kinds of cover elsewhere somebody has on a day."""
    resident_id = Resident.objects.get(name=name).pk
    return set(facts.of_residents([resident_id], on=on)[resident_id].elsewhere)


# --- what a list opens and ends -------------------------------------------------------------------------------------


@pytest.mark.clause("BN-2.0")
def test_a_list_changes_nothing_until_the_second_word_and_then_opens_spans(town: Cast) -> None:
    rows = [
        listed("柏大树", FATHER, place="渝中区", unit="某某厂", begin_on=date(2020, 3, 1)),
        listed("艾青禾", MOTHER),
        listed("不相干", STRANGER),
    ]
    checked = check(town.bureau, rows)
    assert (checked["begins"], checked["outside"], checked["bad_rows"]) == (2, 1, 0)
    assert CoveredElsewhere.objects.count() == 0

    accepted = accept_elsewhere(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)

    assert (accepted["begins"], accepted["already"]) == (2, 0)
    span = CoveredElsewhere.objects.get(resident__name="柏大树")
    assert (span.kind, span.begin_on, span.end_on, span.place) == ("employee", date(2020, 3, 1), None, "渝中区")
    assert span.file_id == checked["file_id"]
    assert elsewhere("艾青禾", OCTOBER) == set()
    assert elsewhere("艾青禾", NOVEMBER) == {"employee"}


def test_each_kind_is_told_apart_and_a_person_may_be_of_two(town: Cast) -> None:
    send(town.bureau, [listed("柏大树", FATHER, unit="某某监狱")], about="prison")
    send(town.bureau, [listed("柏大树", FATHER, unit="某某厂")], about="employee")
    assert elsewhere("柏大树", NOVEMBER) == {"prison", "employee"}


def test_a_change_list_ends_a_span_after_its_last_day(town: Cast) -> None:
    send(town.bureau, [listed("柏大树", FATHER), listed("艾青禾", MOTHER)])
    ends = [listed("柏大树", FATHER, end_on=date(2022, 12, 15)), listed("艾青禾", MOTHER, insured="否")]
    answer = send(town.bureau, ends, month=DECEMBER)
    assert (answer["ends"], answer["begins"]) == (2, 0)
    assert elsewhere("柏大树", date(2022, 12, 15)) == {"employee"}
    assert elsewhere("柏大树", date(2022, 12, 16)) == set()
    assert elsewhere("艾青禾", date(2022, 11, 30)) == {"employee"}
    assert elsewhere("艾青禾", DECEMBER) == set()


def test_a_whole_list_ends_who_is_missing_and_leaves_other_kinds_alone(town: Cast) -> None:
    send(town.bureau, [listed("柏大树", FATHER), listed("艾青禾", MOTHER)])
    send(town.bureau, [listed("柏小苗", DAUGHTER)], about="other_place")
    answer = send(town.bureau, [listed("柏大树", FATHER)], month=DECEMBER, is_full=True)
    assert (answer["missing"], answer["already"]) == (1, 1)
    assert elsewhere("艾青禾", date(2022, 11, 30)) == {"employee"}
    assert elsewhere("艾青禾", DECEMBER) == set()
    assert elsewhere("柏大树", DECEMBER) == {"employee"}
    assert elsewhere("柏小苗", DECEMBER) == {"other_place"}


def test_a_row_that_was_kept_out_does_not_end_whom_it_may_mean(town: Cast) -> None:
    send(town.bureau, [listed("柏大树", FATHER), listed("艾青禾", MOTHER), listed("柏小苗", DAUGHTER)])
    rows = [
        listed("柏大叔", FATHER),  # another name under his number
        listed("艾青禾", MOTHER[:-1]),  # a digit lost
        listed("柏小苗", DAUGHTER, end_on=date(2022, 12, 20), begin_on=date(2022, 12, 25)),
    ]
    answer = send(town.bureau, rows, month=DECEMBER, is_full=True)
    assert (answer["missing"], answer["bad_rows"]) == (0, 3)
    assert CoveredElsewhere.objects.filter(end_on=None).count() == 3


def test_several_employers_of_one_person_make_one_span(town: Cast) -> None:
    rows = [
        listed("柏大树", FATHER, unit="乙厂", begin_on=date(2021, 5, 1)),
        listed("柏大树", FATHER, unit="甲厂", begin_on=date(2015, 3, 1), end_on=date(2018, 2, 28)),
        listed("柏大树", FATHER, unit="乙厂", begin_on=date(2021, 5, 1)),
    ]
    answer = send(town.bureau, rows)
    assert (answer["begins"], answer["already"], answer["bad_rows"]) == (1, 2, 0)
    assert elsewhere("柏大树", date(2016, 1, 1)) == set()
    assert elsewhere("柏大树", date(2021, 5, 1)) == {"employee"}


def test_who_comes_back_has_two_spans_that_do_not_meet(town: Cast) -> None:
    send(town.bureau, [listed("柏大树", FATHER)])
    send(town.bureau, [listed("柏大树", FATHER, end_on=date(2022, 11, 20))])
    send(town.bureau, [listed("柏大树", FATHER, unit="又一厂")], month=NOVEMBER)
    spans = list(CoveredElsewhere.objects.order_by("pk").values_list("begin_on", "end_on"))
    assert spans == [(NOVEMBER, date(2022, 11, 21)), (date(2022, 11, 21), None)]
    assert audits.spans_elsewhere_overlapping(town.bureau.scope, year=2023) == []


def test_the_departments_verification_form_is_read_as_it_comes(town: Cast) -> None:
    rows = [
        {"name": "柏大树", "cert_number": FATHER, "employee_division": "渝北区", "employee_insured": "是"},
        {"name": "艾青禾", "cert_number": MOTHER, "employee_insured": "否", "resident_insured": "是"},
    ]
    upload = Upload(name="核实.xlsx", content=book(VERIFICATION, rows))
    checked = check_elsewhere(
        town.bureau,
        upload=upload,
        about="employee",
        month=NOVEMBER,
        is_full=False,
        policy_name=POLICY,
        key=new_key(),
        at=NOW,
    )
    accept_elsewhere(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
    assert list(CoveredElsewhere.objects.values_list("resident__name", "place")) == [("柏大树", "渝北区")]


# --- what it refuses ------------------------------------------------------------------------------------------------


def test_a_whole_list_with_fewer_than_half_is_refused_and_says_what_to_do(cast: Cast) -> None:
    people = [person(f"居民{'甲乙丙丁戊己'[n]}", "19900101", n + 1, household_no=f"H{n}") for n in range(6)]
    bring_in(cast.town_clerk, people)
    everyone = [listed(str(one["name"]), str(one["cert_number"])) for one in people]
    send(cast.bureau, everyone)
    with pytest.raises(Refused, match="现有 6 人在册，这份完整名单里只有其中 2 人，不到一半"):
        check(cast.bureau, everyone[:2], month=DECEMBER, is_full=True)
    assert send(cast.bureau, everyone[:3], month=DECEMBER, is_full=True)["missing"] == 3


def test_a_list_without_numbers_is_refused_whole(town: Cast) -> None:
    with pytest.raises(BadInput):
        check(town.bureau, [listed("柏大树", ""), listed("艾青禾", "")], is_full=True)


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"begin_on": DECEMBER}, "开始时间", "开始时间在名单月份之后"),
        ({"begin_on": date(2022, 5, 1), "end_on": OCTOBER.replace(year=2021)}, "结束时间", "结束时间早于开始时间"),
        ({"insurance_kind": "城乡居民基本医疗保险"}, "险种", "这是居民医保，不是职工医保"),
        ({"insured": "不详"}, "是否参保", "应填“是”或“否”"),
    ],
)
def test_a_row_that_cannot_be_is_kept_out(town: Cast, cells: Cells, column: str, reason: str) -> None:
    checked = check(town.bureau, [{**listed("柏大树", FATHER), **cells}])
    assert [(where, why) for _, where, why in told(checked["file_id"])] == [(column, reason)]


def test_the_dead_are_not_insured_elsewhere(town: Cast) -> None:
    Resident.objects.filter(name="柏大树").update(state="dead", gone_on=OCTOBER)
    checked = check(town.bureau, [listed("柏大树", FATHER)])
    assert (checked["begins"], checked["already"]) == (0, 1)
    assert [why for _, _, why in warned(checked["file_id"])] == ["台账中此人已死亡或迁出"]


# --- whom a row means -----------------------------------------------------------------------------------------------


def test_another_name_under_a_number_and_a_slip_in_a_number_are_asked_about(town: Cast) -> None:
    slip = FATHER[:10] + FATHER[11] + FATHER[10] + FATHER[12:]
    rows = [
        listed("柏大叔", FATHER),
        listed("艾青禾", MOTHER[:-1], town="甲镇", village="东村"),
        listed("外人", STRANGER),
    ]
    checked = check(town.bureau, [*rows, listed("柏大树", slip)])
    assert (checked["questions"], checked["outside"], checked["begins"]) == (3, 1, 0)
    asked = {question.row: question.candidates for question in MatchQuestion.objects.all()}
    father = Resident.objects.get(name="柏大树").pk
    assert {row - min(asked): held[0]["resident"] for row, held in asked.items()} == {
        0: father,
        1: Resident.objects.get(name="艾青禾").pk,
        3: father,
    }
    assert checked["bad_rows"] == 3


def test_a_town_sees_its_own_people_only_and_a_district_everyone(town: Cast) -> None:
    far = [person("远方人", "19750101", 5, village="远村", household_no="F1")]
    bring_in(town.outsider, far)
    rows = [listed("远方人", number("19750101", 5)), listed("柏大树", FATHER)]
    assert check(town.town_clerk, rows)["begins"] == 1
    assert check(town.bureau, rows)["begins"] == 2


def test_a_towns_whole_list_ends_nobody_of_another_town(town: Cast) -> None:
    bring_in(town.outsider, [person("远方人", "19750101", 5, village="远村", household_no="F1")])
    send(town.bureau, [listed("远方人", number("19750101", 5)), listed("柏大树", FATHER)])
    answer = send(town.town_clerk, [listed("艾青禾", MOTHER)], month=DECEMBER, is_full=True)
    assert answer["missing"] == 1
    assert elsewhere("远方人", DECEMBER) == {"employee"}


def test_who_may_and_who_may_not(town: Cast) -> None:
    for actor in (town.civil_affairs, town.village_agent):
        with pytest.raises(Forbidden):
            check(actor, [listed("柏大树", FATHER)])
    checked = check(town.town_clerk, [listed("柏大树", FATHER)])
    with pytest.raises(NotFound):
        accept_elsewhere(town.outsider, file_id=checked["file_id"], key=new_key(), at=NOW)
    assert accept_elsewhere(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)["begins"] == 1
    assert ImportedFile.objects.get(pk=checked["file_id"]).division_id == TOWN


def test_a_discarded_list_stays_out(town: Cast) -> None:
    checked = check(town.bureau, [listed("柏大树", FATHER)])
    discard_elsewhere(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
    with pytest.raises(Refused):
        accept_elsewhere(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)


# --- taking a list back ---------------------------------------------------------------------------------------------


@pytest.mark.clause("BN-4.4c")
def test_a_withdrawn_list_leaves_every_day_as_it_was_before(town: Cast) -> None:
    send(town.bureau, [listed("柏大树", FATHER), listed("艾青禾", MOTHER, end_on=date(2023, 3, 31))])
    days = (OCTOBER, NOVEMBER, DECEMBER, JANUARY, date(2023, 4, 1))
    people = ("柏大树", "艾青禾", "柏小苗")
    before = {(name, day): elsewhere(name, day) for name in people for day in days}
    rows = [listed("柏小苗", DAUGHTER), listed("艾青禾", MOTHER, end_on=date(2022, 12, 10))]
    wrong = send(town.bureau, rows, month=DECEMBER, is_full=True)
    assert elsewhere("柏大树", JANUARY) == set()
    assert elsewhere("柏小苗", DECEMBER) == {"employee"}
    assert elsewhere("艾青禾", JANUARY) == set()

    undone = withdraw(town.bureau, wrong["file_id"])

    assert (undone["emptied"], undone["reopened"], undone["kept"]) == (1, 2, 0)
    assert {(name, day): elsewhere(name, day) for name in people for day in days} == before
    file = ImportedFile.objects.get(pk=wrong["file_id"])
    assert (file.state, file.withdrawn_by_id, file.differences["withdrawn"]) == (
        FileState.WITHDRAWN,
        town.bureau.user_id,
        "corrected",
    )
    assert AuditEntry.objects.filter(action="withdraw-file", subject_id=file.pk).count() == 1
    assert audits.spans_elsewhere_overlapping(town.bureau.scope, year=2023) == []
    assert counts.covered_elsewhere(on=JANUARY).count() == 2


def test_a_corrected_list_of_the_same_month_may_follow_and_even_the_same_file(town: Cast) -> None:
    rows = [listed("柏大树", FATHER)]
    first = send(town.bureau, rows)
    withdraw(town.bureau, first["file_id"], "wrong-terms")
    assert send(town.bureau, rows, about="other_place")["begins"] == 1
    assert elsewhere("柏大树", NOVEMBER) == {"other_place"}
    assert audits.spans_elsewhere_overlapping(town.bureau.scope, year=2023) == []


def test_lists_are_taken_back_newest_first(town: Cast) -> None:
    first = send(town.bureau, [listed("柏大树", FATHER)])
    second = send(town.town_clerk, [listed("艾青禾", MOTHER)], month=DECEMBER, is_full=True)
    with pytest.raises(Refused, match="请先撤回较晚的名单"):
        withdraw(town.bureau, first["file_id"])
    withdraw(town.town_clerk, second["file_id"])
    withdraw(town.bureau, first["file_id"])
    assert all(elsewhere(name, day) == set() for name in ("柏大树", "艾青禾") for day in (NOVEMBER, JANUARY))


def test_who_may_withdraw_and_when(town: Cast) -> None:
    checked = check(town.bureau, [listed("柏大树", FATHER)])
    with pytest.raises(Refused):
        withdraw(town.bureau, checked["file_id"])
    accept_elsewhere(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
    with pytest.raises(NotFound):
        withdraw(town.town_clerk, checked["file_id"])
    with pytest.raises(Forbidden):
        withdraw(town.civil_affairs, checked["file_id"])
    with pytest.raises(BadInput):
        withdraw(town.bureau, checked["file_id"], "随便")
    withdraw(town.bureau, checked["file_id"])
    with pytest.raises(Refused):
        withdraw(town.bureau, checked["file_id"])
    with pytest.raises(Refused, match="已被撤回"):
        files_in.discard_file(town.bureau, file_id=checked["file_id"], kind=FileKind.ELSEWHERE, key=new_key(), at=NOW)


def test_the_same_request_twice_does_it_once(town: Cast) -> None:
    checked = check(town.bureau, [listed("柏大树", FATHER)])
    key = new_key()
    first = accept_elsewhere(town.bureau, file_id=checked["file_id"], key=key, at=NOW)
    assert accept_elsewhere(town.bureau, file_id=checked["file_id"], key=key, at=NOW) == first
    assert CoveredElsewhere.objects.count() == 1


# --- how much it costs ----------------------------------------------------------------------------------------------


def test_statements_do_not_grow_with_rows(cast: Cast) -> None:
    people = [person(f"居民{n:03d}".translate(CHINESE), "19900101", n + 1, household_no=f"H{n}") for n in range(120)]
    bring_in(cast.town_clerk, people)
    rows = [listed(str(one["name"]), str(one["cert_number"])) for one in people]
    strangers = [listed("外人", number("19600101", n + 1)) for n in range(120)]

    def statements(rows: list[Cells], month: date) -> int:
        checked = check(cast.bureau, rows, month=month, is_full=True)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            accept_elsewhere(cast.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
        return len(captured)

    few = statements([*rows[:4], *strangers[:4]], NOVEMBER)
    many = statements([*rows[:110], *strangers], DECEMBER)
    assert many <= few + 2


CHINESE = str.maketrans("0123456789", "零一二三四五六七八九")
