"""The demo's quarter of an hour at the counter, on a town of a few households."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.db import transaction

from tests.journeys.cast import IN_TIME, VILLAGE, at, family, household, insure_elsewhere, people_the_town
from tests.journeys.test_receiving import holds
from yingbao.accounts.models import AuditEntry
from yingbao.accounts.operations import add_user
from yingbao.accounts.roles import Role
from yingbao.collection.models import Payment, PaymentOrder
from yingbao.demo.counter import play
from yingbao.demo.season import Season
from yingbao.demo.targets import village_code
from yingbao.registry.models import ResidentLogin


@pytest.mark.django_db
def test_one_is_paid_one_closed_and_a_neighbour_paid_for() -> None:
    town = people_the_town()
    payer = family()
    (covered,) = household(date(1970, 1, 1))
    insure_elsewhere(covered)
    others = [one for _ in range(3) for one in family()]
    with transaction.atomic():
        user = add_user(username="resident", display_name="居民", role=Role.RESIDENT, division_code=VILLAGE)
        ResidentLogin.objects.create(user=user, resident=payer[0])
    ids = {number: one.pk for number, one in enumerate([covered, *others])}
    desk = SimpleNamespace(clerk=town.town_clerk, agents={VILLAGE - village_code(0): town.village_agent})
    season: Any = SimpleNamespace(desk=desk, ids=ids)
    told = play(cast(Season, season), at=at(IN_TIME))
    assert len(told) == 3
    assert [order.state for order in PaymentOrder.objects.order_by("pk")] == ["paid", "closed", "paid"]
    assert list(Payment.objects.order_by("pk").values_list("channel", "amount_fen")) == [
        ("wechat", 35_000),
        ("cash", 35_000),
        ("alipay", 35_000),
    ]
    assert {order.opened_by.username for order in PaymentOrder.objects.all()} == {"town-clerk", "resident"}
    assert AuditEntry.objects.filter(action="find-payee", detail__found=True).count() == 1
    assert holds(town)
