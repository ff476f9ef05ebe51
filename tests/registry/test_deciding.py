"""Saying whom a row means: once, with a reason, remembered, audited; two at once; revised; never a guess."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from tests.imports.cast import DISTRICT, NOW, TOWN, Cast, new_key, number, people_the_district
from tests.registry.editing_cast import settle_family
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.divisions.codes import scope_of
from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, Refused
from yingbao.registry import operations
from yingbao.registry.kinds import FileKind
from yingbao.registry.models import ImportedFile, MatchMemory, MatchQuestion, Resident
from yingbao.registry.recognising import proposing, questions
from yingbao.registry.recognising.proposing import Written
from yingbao.storage.fields import Json
from yingbao.usecases.decide_match import decide_match, revise_match
from yingbao.usecases.files_in import discard_file
from yingbao.worklist.models import WorkItem

FATHER = number("19800501", 1)
WRONG = FATHER[:4] + "9" + FATHER[5:]
ROW = Written(9, WRONG, "柏大树", "甲镇", "东村")
NOBODY = Written(10, "5.00155E+17", "古木")


@pytest.fixture
def town(cast: Cast) -> Cast:
    settle_family(cast)
    return cast


def file_of(sender: Actor, division: int, *rows: Written, name: str = "名单") -> ImportedFile:
    """Check a list of these rows and ask about them."""
    with transaction.atomic():
        file = operations.add_file(
            sender,
            kind=FileKind.ELSEWHERE,
            name=name,
            sha256="0" * 64,
            division_code=division,
            rows=len(rows),
            good_rows=0,
            found=[],
            at=NOW,
        )
        level = "district" if division == DISTRICT else "town"
        proposing.ask(file, rows, proposing.propose(rows, scope=scope_of(division, level)))
        return file


def decide(actor: Actor, question: MatchQuestion, resident_id: int | None, *, reason: str = "已电话核实") -> Json:
    return decide_match(actor, question_id=question.pk, resident_id=resident_id, reason=reason, key=new_key(), at=NOW)


def father() -> int:
    return Resident.objects.get(name="柏大树").pk


def test_a_decision_is_remembered_audited_and_answers_the_same_row_of_other_files(town: Cast) -> None:
    file_of(town.bureau, DISTRICT, ROW, NOBODY)
    file_of(town.bureau, DISTRICT, ROW._replace(row=30))
    question = MatchQuestion.objects.order_by("pk")[0]
    assert decide(town.bureau, question, father()) == {
        "question": question.pk,
        "answered": 2,
        "resident": father(),
    }
    assert proposing.recall([ROW, NOBODY]) == {ROW.row: father()}
    memory = MatchMemory.objects.get()
    assert (memory.reason, memory.decided_by_id) == ("已电话核实", town.bureau.user_id)
    entry = AuditEntry.objects.get(action="decide-match")
    assert entry.detail == {"resident": father(), "before": None, "rows": 2, "file": question.file_id}
    assert [one.row for one in questions.open_questions(town.bureau)] == [NOBODY.row]


def test_the_work_item_closes_with_the_last_question(town: Cast) -> None:
    file_of(town.bureau, DISTRICT, ROW, NOBODY)
    first, second = MatchQuestion.objects.order_by("row")
    decide(town.bureau, first, father())
    assert WorkItem.objects.filter(closed_at__isnull=True).count() == 1
    decide(town.bureau, second, None)
    assert WorkItem.objects.get().closed_reason == "名单人员已全部认定"
    assert proposing.recall([NOBODY]) == {NOBODY.row: None}


def test_the_same_request_twice_decides_once(town: Cast) -> None:
    file_of(town.bureau, DISTRICT, ROW)
    question, key = MatchQuestion.objects.get(), new_key()
    one, other = (
        decide_match(town.bureau, question_id=question.pk, resident_id=father(), reason="核实", key=key, at=NOW)
        for _ in range(2)
    )
    assert one == other
    assert AuditEntry.objects.filter(action="decide-match").count() == 1


def test_who_decides_second_is_told(town: Cast) -> None:
    file_of(town.bureau, DISTRICT, ROW)
    question = MatchQuestion.objects.get()
    decide(town.bureau, question, father())
    with pytest.raises(Conflict, match="已由别人认定"):
        decide(town.bureau, question, None)


def test_a_reason_and_a_person_of_the_scope_are_needed(town: Cast) -> None:
    file_of(town.town_clerk, TOWN, ROW)
    question = MatchQuestion.objects.get()
    with pytest.raises(BadInput):
        decide(town.bureau, question, father(), reason=" ")
    with pytest.raises(NotFound):
        decide(town.outsider, question, father())  # another town's file
    with pytest.raises(Forbidden):
        decide(town.village_agent, question, father())
    with pytest.raises(NotFound):
        decide(town.bureau, question, 10**9)
    assert decide(town.town_clerk, question, father())["answered"] == 1


def test_a_towns_nobody_holds_for_the_towns_files_only(town: Cast) -> None:
    file_of(town.town_clerk, TOWN, NOBODY)
    file_of(town.bureau, DISTRICT, NOBODY)
    towns, _ = MatchQuestion.objects.order_by("pk")
    assert decide(town.town_clerk, towns, None)["answered"] == 1
    assert proposing.recall([NOBODY]) == {}
    assert [one.file.division_id for one in questions.open_questions(town.bureau)] == [DISTRICT]


def test_a_decision_can_be_revised_and_both_stand_in_the_audit_trail(town: Cast) -> None:
    file_of(town.bureau, DISTRICT, ROW)
    question = MatchQuestion.objects.get()
    with pytest.raises(Refused):
        revise_match(town.bureau, question_id=question.pk, resident_id=None, reason="x", key=new_key(), at=NOW)
    decide(town.bureau, question, father())
    revise_match(town.bureau, question_id=question.pk, resident_id=None, reason="看错了", key=new_key(), at=NOW)
    assert proposing.recall([ROW]) == {ROW.row: None}
    assert questions.reasons_of([bytes(question.key)]) == {bytes(question.key): "看错了"}
    trail = AuditEntry.objects.filter(action__endswith="-match").order_by("id").values_list("action", "detail")
    assert [(action, detail["before"], detail["resident"]) for action, detail in trail] == [
        ("decide-match", None, father()),
        ("revise-match", father(), None),
    ]


def test_questions_of_a_discarded_file_are_no_questions_and_no_work(town: Cast) -> None:
    file = file_of(town.bureau, DISTRICT, ROW)
    discard_file(town.bureau, file_id=file.pk, kind=FileKind.ELSEWHERE, key=new_key(), at=NOW)
    assert not questions.open_questions(town.bureau).exists()
    assert WorkItem.objects.get().closed_reason == "文件已放弃"


def test_what_a_page_shows_of_a_question(town: Cast) -> None:
    file_of(town.bureau, DISTRICT, ROW)
    (asked,) = questions.shown(town.bureau, questions.open_questions(town.bureau))
    assert (asked.name, asked.number, asked.place) == ("柏大树", WRONG, "甲镇 东村")
    assert [(one.resident.name, [str(why) for why in one.reasons]) for one in asked.candidates] == [
        ("柏大树", ["号码第5位不同", "同村同名", "出生日期相同"])
    ]
    assert questions.person_of(town.bureau, FATHER) == father()
    with pytest.raises(NotFound):
        questions.person_of(town.outsider, FATHER)


@pytest.mark.django_db(transaction=True)
def test_two_deciders_at_once_one_wins(transactional_db: None) -> None:
    cast = people_the_district()
    settle_family(cast)
    file_of(cast.town_clerk, TOWN, ROW)
    question, ours = MatchQuestion.objects.get(), father()

    def run(actor: Actor, answer: int | None) -> str:
        try:
            decide(actor, question, answer)
            return "won"
        except Conflict:
            return "told"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(run, cast.town_clerk, ours), pool.submit(run, cast.bureau, None)]
        assert sorted(one.result(30) for one in both) == ["told", "won"]
    assert AuditEntry.objects.filter(action="decide-match").count() == 1
