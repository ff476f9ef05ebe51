"""The ledger, the audit trail and the answered requests only grow: the database refuses, not just the code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from tests.journeys.cast import IN_TIME, YEAR, at, household, people_the_town
from yingbao.accounts import audit
from yingbao.accounts.models import AnsweredRequest, AuditEntry
from yingbao.accounts.requests import remember
from yingbao.collection import operations as collection
from yingbao.collection.models import Payment, PaymentLine
from yingbao.collection.operations import Line
from yingbao.ledger.models import Account, Transfer
from yingbao.ledger.operations import Move, post
from yingbao.storage.transactions import operation
from yingbao.usecases import places

VILLAGE = 500155113001
GROWING = [Transfer, Account, Payment, PaymentLine, AuditEntry, AnsweredRequest]


def write_one_of_each() -> None:
    cast = people_the_town()
    move = Move(places.treasury(VILLAGE, YEAR), places.contribution(VILLAGE, YEAR), 100)
    post([move], on=IN_TIME, at=at(IN_TIME), user_id=cast.bureau.user_id, source=("test", 1))
    audit.record(cast.bureau, "test", subject=("test", 1), division_code=VILLAGE, at=at(IN_TIME))
    remember("key", use_case="test", inputs={}, answer={}, at=at(IN_TIME))
    (person,) = household(IN_TIME.replace(year=1980))
    collection.record_payment(
        [Line(person.pk, None, 100, "surplus")],
        household_id=person.household_id,
        division_code=VILLAGE,
        year=YEAR,
        channel="wechat",
        collected_on=IN_TIME,
        user_id=cast.wechat.user_id,
        at=at(IN_TIME),
    )


def refused(model: type[Model], attempt: str) -> bool:
    """Tell whether the database refuses a statement and everything is still there."""
    before = list(model._default_manager.values())
    connection.check_constraints()  # else what waits for the commit refuses first
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attempt.format(table=model._meta.db_table))
    return bool(before) and list(model._default_manager.values()) == before


@pytest.mark.django_db
@pytest.mark.parametrize("model", GROWING)
@pytest.mark.parametrize("attempt", ["UPDATE {table} SET id = id", "DELETE FROM {table}"])
def test_the_database_refuses(model: type[Model], attempt: str) -> None:
    write_one_of_each()
    assert refused(model, attempt)


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("model", GROWING)
def test_the_database_refuses_to_empty_it(model: type[Model]) -> None:
    """Row triggers do not see TRUNCATE; with CASCADE it would take what refers to the table as well."""
    write_one_of_each()
    assert refused(model, "TRUNCATE {table} CASCADE")


@pytest.mark.django_db(transaction=True)
def test_an_operation_refuses_to_run_outside_a_unit_of_work() -> None:
    write: Callable[[], None] = operation(lambda: None)
    with pytest.raises(RuntimeError, match="unit of work"):
        write()
    with transaction.atomic():
        write()
