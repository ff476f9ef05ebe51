"""The transaction of a use case: what PostgreSQL keeps of its statements, and what of a page's."""

from __future__ import annotations

import pytest
from django.db import connection

from yingbao.accounts.models import User
from yingbao.storage.transactions import PREPARED_AFTER, unit_of_work

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
KEPT = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%accounts_user%%'"


def ask_often() -> None:
    """Ask the same more often than a use case must to have its plan kept."""
    for user_id in range(PREPARED_AFTER + 2):
        assert not User.objects.filter(pk=-1 - user_id).exists()


def count_kept() -> int:
    """Return how many plans of questions about users this session keeps."""
    with connection.cursor() as cursor:
        cursor.execute(KEPT)
        return int(cursor.fetchone()[0])


def test_plans_of_a_use_case_are_kept_and_those_of_a_page_made_anew() -> None:
    connection.close()
    ask_often()
    assert count_kept() == 0
    with unit_of_work():
        ask_often()
        assert count_kept() == 1
    with pytest.raises(ZeroDivisionError), unit_of_work():
        raise ZeroDivisionError
    User.objects.filter(username="nobody").count()
    for _ in range(PREPARED_AFTER + 2):
        User.objects.filter(username="nobody").count()
    assert count_kept() == 1
