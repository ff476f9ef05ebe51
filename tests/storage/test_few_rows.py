"""A household's records are added in one statement with their ids, and some rows get the same values in one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.journeys.cast import TOWN, VILLAGE, Cast, people_the_town
from yingbao.registry.models import Household
from yingbao.storage.bulk import add_few, set_rows
from yingbao.worklist.models import WorkItem

OPENED = datetime(2022, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def cast(db: None) -> Cast:
    return people_the_town()


def items(cast: Cast, count: int) -> list[WorkItem]:
    return [
        WorkItem(
            kind="late-deposit",
            division_id=VILLAGE,
            owner_id=cast.town_clerk.user_id,
            subject_kind="agent",
            subject_id=number,
            due_on=date(2022, 12, number),
            opened_on=date(2022, 12, 1),
            closed_at=OPENED,
            closed_by_id=cast.town_clerk.user_id,
            closed_reason="好",
            detail={"fen": number, "on": "2022-12-01"},
        )
        for number in range(1, count + 1)
    ]


def test_what_is_added_is_read_back_with_its_ids_in_order(cast: Cast) -> None:
    with transaction.atomic():
        added = add_few(items(cast, 3))
    assert [one.pk for one in added] == sorted(WorkItem.objects.values_list("pk", flat=True))
    assert not any(one._state.adding for one in added)
    for one, read in zip(added, WorkItem.objects.order_by("pk"), strict=True):
        assert (read.subject_id, read.due_on, read.detail, read.closed_at) == (
            one.subject_id,
            one.due_on,
            one.detail,
            OPENED,
        )
    added[0].closed_reason = "补记"
    added[0].save(update_fields=["closed_reason"])  # an object like any other
    assert WorkItem.objects.filter(closed_reason="补记").count() == 1


def test_one_statement_however_many_and_none_for_nobody(cast: Cast) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as statements:
        assert add_few([]) == []
        assert add_few(items(cast, 9))[8].pk
    assert len([one for one in statements if "INSERT" in one["sql"]]) == 1


def test_the_databases_constraints_answer_as_ever(cast: Cast) -> None:
    Household.objects.create(division_id=VILLAGE, number="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        add_few([Household(division_id=TOWN, number="2"), Household(division_id=VILLAGE, number="1")])
    assert Household.objects.count() == 1


def test_outside_a_unit_of_work_nothing_is_written(transactional_db: None) -> None:
    with pytest.raises(RuntimeError, match="outside a unit of work"):
        add_few([Household(division_id=VILLAGE, number="1")])
    with pytest.raises(RuntimeError, match="outside a unit of work"):
        set_rows(Household, [1], number="2")


def test_the_named_rows_get_the_values_and_no_other(cast: Cast) -> None:
    with transaction.atomic():
        one, two, three = add_few(items(cast, 3))
        day = date(2023, 1, 9)
        assert set_rows(WorkItem, (pk for pk in (one.pk, three.pk)), due_on=day, detail={"seen": True}) == 2
        assert set_rows(WorkItem, [], due_on=date(2024, 1, 1)) == 0
    assert dict(WorkItem.objects.values_list("pk", "due_on")) == {one.pk: day, two.pk: two.due_on, three.pk: day}
    assert [item.detail for item in WorkItem.objects.filter(due_on=day)] == [{"seen": True}] * 2


def test_many_rows_go_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yingbao.storage.bulk.BATCH", 2)
    with transaction.atomic():
        added = add_few(items(cast, 5))
        with CaptureQueriesContext(connection) as statements:
            assert set_rows(WorkItem, [one.pk for one in added], closed_reason="又") == 5
    assert len(statements) == 3
    assert set(WorkItem.objects.values_list("closed_reason")) == {("又",)}
