"""Orders to pay as records: a number nobody guesses, the dues that ask something, and the states they go through."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.journeys.cast import IN_TIME, TIER_1, YEAR, Cast, at, family, household, mark
from tests.journeys.test_receiving import enrol, pay
from yingbao.accounts.actors import Actor
from yingbao.collection import operations as collection
from yingbao.collection.models import Payment, PaymentOrder
from yingbao.collection.orders import operations as orders
from yingbao.collection.orders import queries
from yingbao.kernel.errors import NotFound

NOW = at(IN_TIME)
LATER = NOW + timedelta(minutes=15)


def open_for(due_ids: list[int], opener: Actor) -> PaymentOrder:
    with transaction.atomic():
        dues = collection.lock_dues(due_ids)
        home = dues[0].enrolment.resident.household_id
        asked = [(due, due.amount_fen) for due in dues]
        return orders.open_order(
            asked, household_id=home, year=YEAR, opened_by_id=opener.user_id, at=NOW, expires_at=LATER
        )


def test_an_order_holds_what_each_due_asks_and_leaves_out_those_that_ask_nothing(cast: Cast) -> None:
    members = [*family(), *household(date(1950, 1, 1))]
    mark(members[3], "extreme_poverty", cast)
    order = open_for(enrol(cast, members[:4]), cast.village_agent)
    assert (order.amount_fen, order.state, order.division_id) == (3 * TIER_1, "open", members[0].division_id)
    assert [line.amount_fen for line in order.lines.all()] == [TIER_1] * 3


def test_an_order_that_asks_nothing_is_none(cast: Cast) -> None:
    (person,) = household(date(1950, 1, 1))
    mark(person, "extreme_poverty", cast)
    with pytest.raises(IntegrityError):
        open_for(enrol(cast, [person]), cast.village_agent)


def test_numbers_tell_the_day_and_nothing_else() -> None:
    numbers = {orders.new_number(IN_TIME) for _ in range(200)}
    assert len(numbers) == 200
    assert {number[:10] for number in numbers} == {"YB20221201"}
    assert {len(number) for number in numbers} == {22}


def test_an_open_order_is_over_when_its_time_is_up_and_stands_no_more_with_its_household(cast: Cast) -> None:
    members = family()
    order = open_for(enrol(cast, members), cast.village_agent)
    home = members[0].household_id
    assert queries.open_for(home, year=YEAR, at=NOW) == [order]
    assert queries.open_for(home, year=YEAR, at=LATER) == []
    assert queries.state_of(order, at=LATER - timedelta(seconds=1)) == "open"
    assert queries.state_of(order, at=LATER) == queries.OVER


def test_a_closed_order_can_be_paid_all_the_same(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    opened = open_for(dues, cast.village_agent)
    with transaction.atomic():
        orders.close_order(orders.lock_order(opened.pk))
    assert queries.state_of(PaymentOrder.objects.get(), at=LATER) == "closed"
    payment = Payment.objects.get(pk=pay(cast.wechat, members, dues, channel="wechat")["payment"])
    with transaction.atomic():
        orders.pay_order(orders.lock_order(opened.pk), payment_id=payment.pk, noted_by_id=payment.collected_by_id)
    held = queries.find(opened.number)
    assert held is not None
    assert (held.state, held.payment) == ("paid", payment)
    assert queries.state_of(held, at=LATER) == "paid"


def test_orders_are_seen_by_the_villages_office_and_by_who_opened_them(cast: Cast) -> None:
    order = open_for(enrol(cast, family()), cast.village_agent)
    for actor in (cast.village_agent, cast.town_clerk, cast.auditor):
        assert queries.order(actor, order.number) == order
    for actor in (cast.next_agent, cast.outsider, cast.administrator):
        with pytest.raises(NotFound, match="没有找到"):
            queries.order(actor, order.number)
    assert list(queries.opened_by(cast.village_agent, year=YEAR)) == [order]
    assert list(queries.opened_by(cast.town_clerk, year=YEAR)) == []
