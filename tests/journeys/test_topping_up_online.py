"""The rest of a due that came out short is paid by phone: by an order for it, or by a channel's word without one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from tests.journeys.cast import POLICY, TIER_1, VILLAGE, Cast, at, mark
from tests.journeys.kept import keep_for_nobody, take
from tests.journeys.refunds import ask, due_of, lines_of
from tests.journeys.test_channel_words import say
from tests.journeys.test_receiving import holds
from tests.journeys.test_topping_up import FISCAL, JULY, short, top
from yingbao.accounts.operations import add_user
from yingbao.accounts.queries import actor_named
from yingbao.accounts.roles import Role
from yingbao.collection.models import OrderLine, PaymentLine, PaymentOrder
from yingbao.coverage.models import CoveragePeriod
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Refused
from yingbao.registry.models import Resident, ResidentLogin
from yingbao.storage.fields import Json
from yingbao.usecases.open_order import open_order
from yingbao.usecases.pay_online import order_online
from yingbao.worklist.models import WorkItem

__all__ = ["short"]
NOW = at(JULY)


def order_rest(cast: Cast, person: Resident, *, fen: int = FISCAL, key: str = "order") -> str:
    """Open an order at the counter for what a short due lacks."""
    answer = open_order(
        cast.village_agent,
        household_id=person.household_id,
        tiers={},
        due_ids=[due_of(person).pk],
        amount_fen=fen,
        policy_name=POLICY,
        on=JULY,
        key=key,
        at=NOW,
    )
    return str(answer["order"])


@pytest.mark.clause("PJ-7.2e")
def test_an_order_asks_for_the_rest_and_paying_it_clears_the_whole(cast: Cast, short: Resident) -> None:
    number = order_rest(cast, short)
    assert (OrderLine.objects.get().amount_fen, due_of(short).amount_fen) == (FISCAL, TIER_1)
    assert holds(cast)  # nobody owes the rest in the books before it is paid
    answer = say(cast, number, fen=FISCAL, paid_at=NOW)
    assert (answer["paid"], answer["surplus_fen"]) == (1, 0)
    due = due_of(short)
    assert (due.state, due.amount_fen, due.cleared_on) == ("cleared", TIER_1 + FISCAL, JULY)
    assert [line.kind for line in due.lines.order_by("pk")] == ["due", "top-up"]
    assert (PaymentOrder.objects.get().state, Enrolment.objects.get().locked_on) == ("paid", JULY)
    assert CoveragePeriod.objects.count() == 1
    assert WorkItem.objects.get(kind="paid-too-little").closed_reason == "已补缴"
    assert holds(cast)


def test_another_amount_than_the_rest_opens_no_order(cast: Cast, short: Resident) -> None:
    with pytest.raises(BadInput, match=r"610\.00.*350\.00"):
        order_rest(cast, short, fen=TIER_1)


def test_a_resident_orders_the_rest_of_their_own(cast: Cast, short: Resident) -> None:
    with transaction.atomic():
        user = add_user(username="head", display_name="head", role=Role.RESIDENT, division_code=VILLAGE)
        ResidentLogin.objects.create(user=user, resident=short)
    terms: Json = {"policy_name": POLICY, "on": JULY, "key": "online", "at": NOW}
    dues = [due_of(short).pk]
    answer = order_online(
        actor_named("head"), household_id=short.household_id, tiers={}, due_ids=dues, amount_fen=FISCAL, **terms
    )
    assert say(cast, answer["order"], fen=FISCAL, paid_at=NOW)["paid"] == 1
    assert holds(cast)


def test_a_word_without_an_order_that_brings_the_rest_tops_it_up(cast: Cast, short: Resident) -> None:
    answer = say(cast, fen=FISCAL, paid_at=NOW, people=(short.certificate_number,))
    assert (answer["paid"], answer["surplus_fen"], due_of(short).state) == (1, 0, "cleared")
    assert holds(cast)


def test_money_kept_for_nobody_can_be_the_rest(cast: Cast, short: Resident) -> None:
    say(cast, fen=FISCAL, paid_at=NOW, reference="N1")
    kept = keep_for_nobody(cast, reference="N2")
    assert take(cast.bureau, kept, [short], on=JULY)["surplus_fen"] == TIER_1  # not enough for the rest
    assert due_of(short).state == "short"
    from_july = kept.__class__.objects.get(reference="N1")
    assert take(cast.bureau, from_july, [short], on=JULY, key="rest")["paid"] == 1
    assert due_of(short).state == "cleared"
    assert holds(cast)


def test_less_than_the_rest_waits_to_go_back_and_more_pays_it(cast: Cast, short: Resident) -> None:
    less = say(cast, fen=FISCAL - 1, paid_at=NOW, people=(short.certificate_number,))
    assert (less["paid"], less["surplus_fen"]) == (0, FISCAL - 1)
    assert (due_of(short).state, due_of(short).amount_fen) == ("short", TIER_1)
    assert holds(cast)
    more = say(cast, fen=FISCAL + 1, paid_at=NOW, people=(short.certificate_number,), reference="W2")
    assert (more["paid"], more["surplus_fen"], due_of(short).state) == (1, 1, "cleared")
    assert holds(cast)


def test_an_identity_that_came_in_since_makes_the_rest_less(cast: Cast, short: Resident) -> None:
    number = order_rest(cast, short)
    mark(short, "extreme_poverty", cast)
    assert say(cast, number, fen=FISCAL, paid_at=NOW)["surplus_fen"] == TIER_1
    assert (due_of(short).state, due_of(short).amount_fen) == ("cleared", FISCAL)
    assert holds(cast)


def test_topped_up_at_the_counter_meanwhile_the_order_is_over_and_its_money_goes_back(
    cast: Cast, short: Resident
) -> None:
    number = order_rest(cast, short)
    top(cast.village_agent, short)
    assert PaymentOrder.objects.get().state == "closed"
    assert say(cast, number, fen=FISCAL, paid_at=NOW + timedelta(minutes=1))["surplus_fen"] == FISCAL
    assert WorkItem.objects.filter(kind="duplicate-payment").count() == 1
    assert holds(cast)


def test_what_is_asked_back_is_not_topped_up(cast: Cast, short: Resident) -> None:
    number = order_rest(cast, short)
    ask(cast.village_agent, lines_of(short), "moved", on=JULY)
    with pytest.raises(Refused, match="已申请退费"):
        order_rest(cast, short, key="again")
    answer = say(cast, number, fen=FISCAL, paid_at=NOW)
    assert (answer["surplus_fen"], due_of(short).state) == (FISCAL, "short")
    assert PaymentLine.objects.filter(kind="top-up").count() == 0
    assert holds(cast)


def test_where_nothing_lacks_there_is_nothing_to_order(cast: Cast, short: Resident) -> None:
    top(cast.village_agent, short)
    with pytest.raises(Refused, match="已经缴费"):
        order_rest(cast, short)
