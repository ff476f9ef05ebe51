"""Rows that name nobody exactly: candidates with reasons, likeliest first; questions asked once; never a guess."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.imports.cast import DISTRICT, EAST, FAR, NOVEMBER, NOW, TOWN, Cast, number
from tests.registry.editing_cast import settle, settle_family
from yingbao.divisions.codes import Scope, scope_of
from yingbao.registry import operations
from yingbao.registry.kinds import FileKind
from yingbao.registry.models import FormerCertificate, ImportedFile, MatchMemory, MatchQuestion, Resident
from yingbao.registry.recognising import proposing
from yingbao.registry.recognising.proposing import Candidate, Written
from yingbao.storage.encrypted import blind_index
from yingbao.worklist.models import WorkItem

FATHER = number("19800501", 1)
MOTHER = number("19820602", 2)
WHOLE = scope_of(DISTRICT, "district")


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast, with the family of three and a namesake of the father far away."""
    settle_family(cast)
    settle("F1", ("柏大树", "19650909", 3), village=FAR)
    return cast


def said(
    number_: str, name: str = "柏大树", *, town: str = "", village: str = "", scope: Scope = WHOLE
) -> list[tuple[str, int, list[str]]]:
    """Return (name, division, reasons) of each candidate for a row."""
    found = proposing.propose([Written(7, number_, name, town, village)], scope=scope)
    people = Resident.objects.in_bulk([one.resident_id for one in found[7]])
    return [
        (people[one.resident_id].name, people[one.resident_id].division_id, [str(why) for why in one.reasons])
        for one in found[7]
    ]


def test_a_wrong_digit_finds_the_person_wherever_the_row_says_they_live(town: Cast) -> None:
    wrong = FATHER[:4] + "9" + FATHER[5:]
    assert said(wrong) == [("柏大树", EAST, ["号码第5位不同", "姓名相同", "出生日期相同"])]


def test_swapped_digits_and_the_village_together_make_the_likeliest(town: Cast) -> None:
    swapped = FATHER[:5] + FATHER[6] + FATHER[5] + FATHER[7:]
    assert said(swapped, town="甲镇", village="东村")[0] == (
        "柏大树",
        EAST,
        ["号码第6、7位对调", "同村同名"],
    )


def test_a_number_excel_destroyed_leaves_name_and_village(town: Cast) -> None:
    assert said("5.00155E+17", village="东村") == [("柏大树", EAST, ["同村同名"])]
    assert said("5.00155E+17", village="远村") == [("柏大树", FAR, ["同村同名"])]
    assert said("5.00155E+17") == []  # a name alone says nothing


def test_the_right_number_with_another_name_says_how_the_name_differs(town: Cast) -> None:
    assert said(FATHER, "柏大澍") == [("柏大树", EAST, ["姓名差一个字且号码相同"])]
    assert said(FATHER, "艾青禾", village="东村")[0] == ("柏大树", EAST, ["号码相同，姓名不同", "同村"])


def test_another_right_number_one_digit_apart_is_told_for_a_namesake_only(town: Cast) -> None:
    corrected = number("19800507", 1)
    assert said(corrected) == [("柏大树", EAST, ["号码第14位不同", "姓名相同"])]
    assert said(corrected, "白大书") == []


def test_the_same_town_and_birth_is_a_candidate(town: Cast) -> None:
    elsewhere = number("19800501", 77, area="500101")
    assert said(elsewhere, town="甲镇") == [("柏大树", EAST, ["同镇同名", "出生日期相同"])]
    assert said(elsewhere, town="乙镇") == []


def test_a_number_they_had_before_finds_them(town: Cast) -> None:
    father = Resident.objects.get(certificate_index=blind_index(FATHER))
    before = number("19800501", 55)
    FormerCertificate.objects.create(
        resident=father, kind="01", number=before, index=blind_index(before), replaced_on=NOVEMBER
    )
    assert said(before) == [("柏大树", EAST, ["曾用证件", "姓名相同", "出生日期相同"])]


def test_nobody_outside_the_scope_is_proposed(town: Cast) -> None:
    assert said(FATHER, "柏大澍", scope=scope_of(TOWN + 1000, "town")) == []


def test_a_row_like_nobody_has_no_candidate(town: Cast) -> None:
    assert said(number("19700101", 5), "古木", village="东村") == []
    assert proposing.propose([], scope=WHOLE) == {}


def test_statements_do_not_grow_with_rows(town: Cast) -> None:
    def statements(rows: int) -> int:
        written = [Written(row, FATHER[:4] + "9" + FATHER[5:], "柏大树", "甲镇", "东村") for row in range(rows)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert len(proposing.propose(written, scope=WHOLE)) == rows
        return len(captured)

    assert statements(1) == statements(300) == 6


# --- questions ------------------------------------------------------------------------------------------------------


def a_file(cast: Cast) -> ImportedFile:
    with transaction.atomic():
        return operations.add_file(
            cast.civil_affairs,
            kind=FileKind.ROSTER,
            name="花名册.xlsx",
            sha256="0" * 64,
            division_code=DISTRICT,
            rows=3,
            good_rows=1,
            found=[],
            at=NOW,
        )


def ask(file: ImportedFile, *written: Written) -> int:
    with transaction.atomic():
        return proposing.ask(file, written, proposing.propose(written, scope=WHOLE))


def test_a_question_keeps_what_was_written_sealed_and_who_it_may_be_without_names(town: Cast) -> None:
    file = a_file(town)
    wrong = FATHER[:4] + "9" + FATHER[5:]
    assert ask(file, Written(9, wrong, "柏大树", "甲镇", "东村"), Written(10, "无", "古木")) == 2
    first, second = MatchQuestion.objects.order_by("row")
    assert "柏大树" in first.written and wrong in first.written  # unsealed on the way out
    father = Resident.objects.get(certificate_index=blind_index(FATHER)).pk
    assert first.candidates == [
        {
            "resident": father,
            "reasons": [
                {"reason": "号码第{n}位不同", "params": {"n": 5}},
                {"reason": "同村同名", "params": {}},
                {"reason": "出生日期相同", "params": {}},
            ],
        }
    ]
    assert second.candidates == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT written FROM registry_matchquestion")
        assert all(b"number" not in bytes(row[0]) for row in cursor.fetchall())


def test_a_file_with_questions_is_one_work_item_due_in_a_week(town: Cast) -> None:
    file = a_file(town)
    ask(file, Written(9, "无", "古木"), Written(10, "无", "石木"))
    item = WorkItem.objects.get(subject_kind="file", subject_id=file.pk)
    assert (item.kind, item.division_id, (item.due_on - item.opened_on).days) == ("match-to-decide", DISTRICT, 7)


def test_what_was_asked_or_decided_is_not_asked_again(town: Cast) -> None:
    file = a_file(town)
    row = Written(9, "无", "古木")
    assert ask(file, row) == 1
    assert ask(file, row) == 0
    MatchMemory.objects.create(
        key=row.key, resident=None, reason="外地人", decided_by_id=town.bureau.user_id, decided_at=NOW
    )
    assert ask(a_file(town), row._replace(row=30)) == 0
    assert proposing.recall([row, row._replace(row=12), Written(13, "无", "石木")]) == {9: None, 12: None}


def test_candidates_are_plain_values() -> None:
    assert Candidate(1, ()) == Candidate(1, ())
