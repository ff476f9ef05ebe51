"""The ledger, the audit trail and the answered requests only grow: the database refuses, not just the code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from tests.journeys.cast import IN_TIME, YEAR, at, people_the_town
from yingbao.accounts import audit
from yingbao.accounts.models import AnsweredRequest, AuditEntry
from yingbao.accounts.requests import remember
from yingbao.ledger.models import Transfer
from yingbao.ledger.operations import Move, post
from yingbao.storage.transactions import operation
from yingbao.usecases import places

VILLAGE = 500155113001


def write_one_of_each() -> None:
    cast = people_the_town()
    move = Move(places.treasury(VILLAGE, YEAR), places.contribution(VILLAGE, YEAR), 100)
    post([move], on=IN_TIME, at=at(IN_TIME), user_id=cast.bureau.user_id, source=("test", 1))
    audit.record(cast.bureau, "test", subject=("test", 1), division_code=VILLAGE, at=at(IN_TIME))
    remember("key", use_case="test", inputs={}, answer={}, at=at(IN_TIME))


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Transfer, AuditEntry, AnsweredRequest])
@pytest.mark.parametrize("attempt", ["UPDATE {table} SET id = id", "DELETE FROM {table}"])
def test_the_database_refuses(model: type[Model], attempt: str) -> None:
    write_one_of_each()
    table = model._meta.db_table
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attempt.format(table=table))
    assert model._default_manager.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_operation_refuses_to_run_outside_a_unit_of_work() -> None:
    write: Callable[[], None] = operation(lambda: None)
    with pytest.raises(RuntimeError, match="unit of work"):
        write()
    with transaction.atomic():
        write()
