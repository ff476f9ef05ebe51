"""A question worked out once says to the database what its queryset would, and gives the same rows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from tests.journeys.cast import (
    IN_TIME,
    TIER_1,
    TOWN,
    VILLAGE,
    YEAR,
    Cast,
    at,
    family,
    household,
    insure_elsewhere,
    mark,
    people_the_town,
)
from tests.journeys.test_receiving import enrol, pay
from yingbao.accounts import requests
from yingbao.collection.receipts import operations as receipts
from yingbao.divisions.codes import Scope
from yingbao.ledger import operations, queries
from yingbao.registry import facts, shown
from yingbao.registry.models import Resident
from yingbao.storage.questions import Question, Value
from yingbao.worklist.models import WorkItem


@pytest.fixture
def cast(db: None) -> Cast:
    return people_the_town()


def compare(question: Question, **values: Value) -> list[tuple[Any, ...]]:
    """Ask a question three times and its queryset once: the same statement, the same rows; return them."""
    with transaction.atomic(), CaptureQueriesContext(connection) as statements:
        first, again = question.ask(**values), question.ask(**values)
        plain = list(question._build(**values))
    assert first == again == plain
    assert len({one["sql"] for one in statements}) == 1
    return first


def test_the_household_at_the_counter(cast: Cast) -> None:
    members = family()
    mark(members[0], "dibao", cast)
    mark(members[0], "disabled_1_2", cast, end_on=date(2023, 1, 1))
    insure_elsewhere(members[1])
    rows = compare(facts._OF_HOUSEHOLD, household=members[0].household_id)
    assert {row[0] for row in rows} == {one.pk for one in members}
    assert {type(row[3]) for row in rows} == {date}
    assert compare(facts._OF_HOUSEHOLD, household=10**9) == []


def test_lists_of_every_length(cast: Cast) -> None:
    everyone = [one.pk for _ in range(2) for one in family()]
    for count in (1, 3, 8):
        rows = compare(facts._OF_A_FEW, people=everyone[:count])
        assert {row[0] for row in rows} == set(everyone[:count])
    found = facts.of_residents(everyone, on=IN_TIME)
    assert found.keys() == set(everyone) and facts.of_residents([], on=IN_TIME) == {}
    many = [household(date(1980, 1, 1))[0].pk for _ in range(facts.FEW)]
    assert facts.of_residents([*many, *everyone], on=IN_TIME).keys() == {*many, *everyone}


def test_names_for_a_receipt_and_for_nobody(cast: Cast) -> None:
    members = family()
    assert len(compare(shown._NAMED, household=members[0].household_id, people=[one.pk for one in members])) == 4
    (head,) = compare(shown._NAMED, household=members[0].household_id, people=[])
    assert head[0] == members[0].pk


def test_the_book_in_use_with_its_seal(cast: Cast) -> None:
    asked: dict[str, Value] = {"agent": cast.village_agent.user_id, "office": TOWN}
    (row,) = compare(receipts._BOOK_IN_USE, **asked, on=IN_TIME)
    assert row[-1] == f"{TOWN}社保所"
    (early,) = compare(receipts._BOOK_IN_USE, **asked, on=date(2020, 1, 1))
    assert early[-1] is None
    with transaction.atomic():
        book, seal = receipts.next_book(cast.village_agent.user_id, division_code=VILLAGE, on=IN_TIME)
    assert (book.first, book.next_number, book.agent_id, seal) == (101, 101, cast.village_agent.user_id, row[-1])


def test_an_answer_comes_back_as_it_was_kept(cast: Cast) -> None:
    answer = {"dues": [1, 2], "surplus_fen": 0, "receipt": None}
    with transaction.atomic():
        requests.remember("key", use_case="u", inputs={"a": 1}, answer=answer, at=at(IN_TIME))
        assert requests.find_answer("key", use_case="u", inputs={"a": 1}) == answer
    assert compare(requests._ANSWER, key="30000") == []


def test_what_an_agent_holds_as_the_books_have_it(cast: Cast) -> None:
    members = household(date(1980, 1, 1))
    pay(cast.village_agent, members, enrol(cast, members), fen=TIER_1)
    me = str(cast.village_agent.user_id)
    asked: dict[str, Value] = {"year": YEAR, "kind": "agent-cash", "names": [me], "low": TOWN, "high": TOWN + 1000}
    assert compare(operations._HELD, **asked) == [(me, VILLAGE)]
    assert compare(queries._CAME, **asked) == [(me, VILLAGE, TIER_1)]
    assert compare(queries._WENT, **asked) == [(me, VILLAGE, 0)]
    town = Scope(TOWN, TOWN + 1000)
    held = {(me, VILLAGE): TIER_1}
    assert queries.by_holder(town, year=YEAR, kind="agent-cash", holders=[me, "0"]) == held
    assert queries.by_holder(town, year=YEAR, kind="agent-cash", holders=[]) == {}
    assert queries.by_holder(town, year=YEAR, kind="agent-cash", holders=[me], on=IN_TIME) == held


def sealed(*, number: int) -> QuerySet[Any, Any]:
    return Resident.objects.filter(pk=number).values_list("certificate_number", "phone", "name")


def test_sealed_columns_are_opened(cast: Cast) -> None:
    (one,) = household(date(1980, 1, 1))
    assert compare(Question(sealed), number=one.pk) == [(one.certificate_number, one.phone, one.name)]


def unused(*, number: int, day: date) -> QuerySet[Any, Any]:
    return WorkItem.objects.filter(pk=number).values_list("pk")


def test_a_value_that_is_not_used_is_a_bug_told_at_once(cast: Cast) -> None:
    with pytest.raises(ValueError, match="every value"):
        Question(unused).ask(number=1, day=IN_TIME)
