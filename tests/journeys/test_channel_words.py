"""What a channel has taken is never refused: it pays what is open, or stands as money to go back, found and named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection

from tests.journeys.cast import (
    IN_TIME,
    POLICY,
    TIER_1,
    Cast,
    at,
    family,
    household,
    mark,
    tiers,
)
from tests.journeys.test_at_once import _breaking_after, _Broken
from tests.journeys.test_receiving import enrol, holds, pay
from yingbao.accounts.actors import Actor
from yingbao.collection.models import Due, Payment, PaymentLine, PaymentOrder
from yingbao.coverage.models import CoveragePeriod
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, Refused
from yingbao.ledger.models import Transfer
from yingbao.ledger.queries import trial_balance
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.channel_money import Ask, share_out
from yingbao.usecases.open_order import close_order, open_order
from yingbao.usecases.receive_payment import receive_payment
from yingbao.usecases.take_word import Word, take_word
from yingbao.worklist.models import WorkItem

NOW = at(IN_TIME)
LATE = date(2023, 7, 3)


def order_for(
    actor: Actor, members: list[Resident], *, fen: int = 4 * TIER_1, dues: list[int] | None = None, key: str = "order"
) -> str:
    answer = open_order(
        actor,
        household_id=members[0].household_id,
        tiers={} if dues else tiers(members),
        due_ids=dues or [],
        amount_fen=fen,
        policy_name=POLICY,
        on=IN_TIME,
        key=key,
        at=NOW,
    )
    return str(answer["order"])


def say(cast: Cast, order: str = "", *, fen: int = 4 * TIER_1, paid_at: datetime = NOW, **also: Any) -> Json:
    told: dict[str, Any] = {"channel": "wechat", "reference": "W1", "amount_fen": fen, "paid_at": paid_at}
    return take_word(cast.wechat, Word(**(told | {"order": order} | also)), policy_name=POLICY, at=max(paid_at, NOW))


def items() -> list[tuple[str, str, int]]:
    return [(one.kind, one.subject_kind, one.detail.get("surplus_fen", 0)) for one in WorkItem.objects.all()]


@pytest.mark.clause("PJ-4.1")
def test_an_order_paid_by_phone_clears_at_once(cast: Cast) -> None:
    members = family()
    number = order_for(cast.village_agent, members)
    assert Enrolment.objects.count() == 4  # enrolled with the order, before anybody paid
    answer = say(cast, number)
    order = PaymentOrder.objects.get()
    payment = Payment.objects.get()
    assert (order.state, order.payment) == ("paid", payment)
    assert (payment.reference, payment.collected_by.username, payment.channel) == ("W1", "wechat", "wechat")
    assert answer == {"payment": payment.pk, "paid": 4, "surplus_fen": 0, "unmatched": False}
    assert set(Due.objects.values_list("state", "cleared_on")) == {("cleared", IN_TIME)}
    assert CoveragePeriod.objects.count() == 4
    assert items() == []
    assert holds(cast)


def test_the_same_word_again_gets_the_same_answer_and_another_word_under_its_number_none(cast: Cast) -> None:
    number = order_for(cast.village_agent, family())
    first = say(cast, number)
    assert say(cast, number) == first
    with pytest.raises(Conflict):
        say(cast, number, fen=100)
    assert Payment.objects.count() == 1
    assert holds(cast)


def test_an_order_paid_twice_keeps_both_and_the_second_goes_back(cast: Cast) -> None:
    members = family()
    number = order_for(cast.village_agent, members)
    say(cast, number)
    second = say(cast, number, reference="W2")
    assert (second["surplus_fen"], second["paid"], second["unmatched"]) == (4 * TIER_1, 0, True)
    assert items() == [("duplicate-payment", "payment", 4 * TIER_1)]
    surplus = PaymentLine.objects.filter(kind="surplus")
    assert set(surplus.values_list("resident_id", "amount_fen")) == {(one.pk, TIER_1) for one in members}
    assert PaymentOrder.objects.get().payment_id != second["payment"]
    assert holds(cast)


def test_cash_taken_while_the_phone_pays_keeps_both(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    number = order_for(cast.village_agent, members, dues=dues)
    pay(cast.village_agent, members, dues)
    assert PaymentOrder.objects.get().state == "closed"  # nobody is to scan it any more
    assert say(cast, number)["surplus_fen"] == 4 * TIER_1
    assert (PaymentOrder.objects.get().state, Payment.objects.count()) == ("paid", 2)
    assert items() == [("duplicate-payment", "payment", 4 * TIER_1)]
    assert trial_balance(cast.auditor, year=2023)["refund-payable"] == -4 * TIER_1
    assert holds(cast)


def test_cash_is_refused_once_the_phone_has_paid(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    say(cast, order_for(cast.village_agent, members, dues=dues))
    with pytest.raises(Refused, match="已经缴费"):
        pay(cast.village_agent, members, dues)
    assert holds(cast)


@pytest.mark.parametrize("over", ["closed", "expired"])
def test_an_order_that_is_over_still_pays_what_is_open(cast: Cast, over: str) -> None:
    members = family()
    number = order_for(cast.village_agent, members)
    paid_at = NOW
    if over == "closed":
        assert close_order(cast.town_clerk, number=number, key="close", at=NOW) == {"closed": True}
    else:
        paid_at = NOW + timedelta(hours=3)
    answer = say(cast, number, paid_at=paid_at)
    assert (answer["paid"], answer["surplus_fen"], items()) == (4, 0, [])
    assert PaymentOrder.objects.get().state == "paid"
    assert holds(cast)


def test_another_amount_pays_as_many_as_it_pays_whole_and_the_rest_goes_back(cast: Cast) -> None:
    members = family()
    number = order_for(cast.village_agent, members)
    answer = say(cast, number, fen=2 * TIER_1 + 5_000)
    assert (answer["paid"], answer["surplus_fen"]) == (2, 5_000)
    assert Due.objects.filter(state="open").count() == 2
    assert items() == [("order-unmatched", "payment", 5_000)]
    assert holds(cast)


def test_dues_that_changed_meanwhile_take_what_they_ask_now(cast: Cast) -> None:
    members = family()
    number = order_for(cast.village_agent, members)
    mark(members[0], "dibao", cast)
    mark(members[1], "extreme_poverty", cast)
    answer = say(cast, number)
    assert (answer["paid"], answer["surplus_fen"]) == (3, TIER_1 - 3_500 + TIER_1)
    assert set(Due.objects.values_list("enrolment__resident", "amount_fen", "state")) == {
        (members[0].pk, 3_500, "cleared"),
        (members[1].pk, 0, "open"),
        (members[2].pk, TIER_1, "cleared"),
        (members[3].pk, TIER_1, "cleared"),
    }
    assert holds(cast)


@pytest.mark.clause("PJ-7.2e")
def test_money_of_a_later_day_that_is_not_enough_any_more_goes_back(cast: Cast) -> None:
    (person,) = household(date(1990, 1, 1))
    number = order_for(cast.village_agent, [person], fen=TIER_1)
    answer = say(cast, number, fen=TIER_1, paid_at=at(LATE))  # 350 + 610 from July on
    assert (answer["paid"], answer["surplus_fen"]) == (0, TIER_1)
    assert items() == [("order-unmatched", "payment", TIER_1)]
    assert (Due.objects.get().state, Due.objects.get().amount_fen) == ("open", TIER_1 + 61_000)
    assert holds(cast)


def test_what_was_paid_without_an_order_finds_its_people_by_their_numbers(cast: Cast) -> None:
    members = family()
    enrol(cast, members[:2])
    numbers = tuple(one.certificate_number for one in members[:3])
    answer = say(cast, fen=3 * TIER_1, people=numbers)
    assert (answer["paid"], answer["surplus_fen"]) == (2, TIER_1)  # the third has not enrolled
    assert PaymentLine.objects.get(kind="surplus").payment.household_id == members[0].household_id
    assert items() == [("order-unmatched", "payment", TIER_1)]
    assert holds(cast)


def test_a_number_noted_otherwise_before_is_a_conflict_and_a_vouchers_of_the_same_digits_is_none(cast: Cast) -> None:
    (person,), (other,) = household(date(1990, 1, 1)), household(date(1991, 1, 1))
    dues = enrol(cast, [person]) + enrol(cast, [other], key="other")
    terms: Json = {"amount_fen": TIER_1, "policy_name": POLICY, "collected_on": IN_TIME, "at": NOW}
    for actor, channel, who, terminal in (
        (cast.wechat, "wechat", 0, ""),
        (cast.village_agent, "pos", 1, "T1"),
    ):
        receive_payment(
            actor,
            household_id=(person, other)[who].household_id,
            due_ids=[dues[who]],
            channel=channel,
            key=channel,
            reference="W1" if who == 0 else "W2",
            terminal=terminal,
            **terms,
        )
    with pytest.raises(Conflict, match="渠道流水号"):
        say(cast, fen=TIER_1, people=(other.certificate_number,))
    assert say(cast, fen=TIER_1, people=(other.certificate_number,), reference="W2")["surplus_fen"] == TIER_1
    assert Payment.objects.count() == 3
    assert holds(cast)


def test_what_came_for_nobody_we_know_is_a_work_item_with_the_whole_sum(cast: Cast) -> None:
    answer = say(cast, "YB20221201AAAAAAAAAAAA", fen=12_345)
    assert answer == {"payment": None, "paid": 0, "surplus_fen": 12_345, "unmatched": True}
    say(cast, fen=700, people=("500101199001010000",), reference="W2")
    assert say(cast, "YB20221201AAAAAAAAAAAA", fen=12_345) == answer
    found = WorkItem.objects.order_by("pk")
    assert [(one.kind, one.detail["fen"], one.detail["reference"]) for one in found] == [
        ("order-unmatched", 12_345, "W1"),
        ("order-unmatched", 700, "W2"),
    ]
    assert {one.owner.username for one in found} == {"bureau"}
    assert Payment.objects.count() == 0
    assert holds(cast)


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": "cash"},
        {"channel": "pos"},
        {"channel": "transfer"},
        {"channel": "pigeon"},
        {"reference": ""},
        {"reference": "9" * 61},
        {"fen": 0},
        {"fen": -1},
        {"people": ("1",) * 21},
        {"reference": "W\0"},
        {"reference": "W\n1"},
        {"reference": "W\ud800"},
        {"order": "YB\0"},
        {"people": ("5001\x1b",)},
        {"paid_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
        {"paid_at": datetime(1999, 12, 31, tzinfo=UTC)},
    ],
)
def test_what_is_no_word_is_told_so(cast: Cast, wrong: Json) -> None:
    with pytest.raises(BadInput, match="渠道、流水号、金额或支付时间"):
        say(cast, **wrong)


def test_nothing_is_paid_tomorrow(cast: Cast) -> None:
    word = Word("wechat", "W1", TIER_1, NOW + timedelta(minutes=11))
    with pytest.raises(BadInput):
        take_word(cast.wechat, word, policy_name=POLICY, at=NOW)
    last = datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12)))
    with pytest.raises(BadInput):
        take_word(cast.wechat, replace(word, paid_at=last), policy_name=POLICY, at=NOW)


def test_only_a_channel_may_say_so(cast: Cast) -> None:
    word = Word("wechat", "W1", TIER_1, NOW)
    for actor in (cast.village_agent, cast.town_clerk, cast.bureau, cast.auditor):
        with pytest.raises(Forbidden):
            take_word(actor, word, policy_name=POLICY, at=NOW)


def test_a_failure_between_any_two_statements_leaves_nothing_behind(cast: Cast) -> None:
    number = order_for(cast.village_agent, family())
    posted = Transfer.objects.count()
    for allowed in range(100):
        try:
            with connection.execute_wrapper(_breaking_after(allowed)):
                say(cast, number)
        except _Broken:
            assert (Payment.objects.count(), Transfer.objects.count()) == (0, posted)
            assert PaymentOrder.objects.get().state == "open"
            continue
        break
    assert allowed > 12
    assert holds(cast)


def test_an_order_is_closed_by_who_may_and_only_while_it_waits(cast: Cast) -> None:
    members = family()
    number = order_for(cast.village_agent, members)
    for actor, error in ((cast.next_agent, NotFound), (cast.outsider, NotFound), (cast.auditor, Forbidden)):
        with pytest.raises(error):
            close_order(actor, number=number, key=f"close-{actor.name}", at=NOW)
    say(cast, number)
    assert close_order(cast.village_agent, number=number, key="close", at=NOW) == {"closed": False}
    assert PaymentOrder.objects.get().state == "paid"


def test_a_new_order_for_the_same_dues_takes_the_place_of_the_old(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    first = order_for(cast.village_agent, members, dues=dues)
    second = order_for(cast.town_clerk, members, dues=dues[:2], fen=2 * TIER_1, key="again")
    assert dict(PaymentOrder.objects.values_list("number", "state")) == {first: "closed", second: "open"}


def test_an_order_is_refused_where_money_would_be(cast: Cast) -> None:
    waiting = household(date(1990, 1, 1), on_platform=False)
    with pytest.raises(Refused, match="国家医疗保障信息平台"):
        order_for(cast.village_agent, waiting, fen=TIER_1)
    members = family()
    with pytest.raises(BadInput, match="刚刚变化"):
        order_for(cast.village_agent, members, fen=TIER_1)
    dues = enrol(cast, members)
    pay(cast.village_agent, members, dues)
    with pytest.raises(Refused, match="已经缴费"):
        order_for(cast.village_agent, members, dues=dues, key="late")
    assert PaymentOrder.objects.count() == 0
    assert holds(cast)


def test_who_pays_nothing_needs_no_order(cast: Cast) -> None:
    (person,) = household(date(1950, 1, 1))
    mark(person, "extreme_poverty", cast)
    answer = open_order(
        cast.village_agent,
        household_id=person.household_id,
        tiers=tiers([person]),
        due_ids=[],
        amount_fen=0,
        policy_name=POLICY,
        on=IN_TIME,
        key="order",
        at=NOW,
    )
    assert answer == {"order": None, "enrolled": 1}
    assert holds(cast)


def test_money_is_shared_out_to_the_last_fen() -> None:
    asks = [Ask(1, 11, 350), Ask(2, 12, 350), Ask(3, None, 0)]
    dues = {12: 350}
    for given in (1, 349, 350, 351, 699, 700, 701, 5_000):
        lines = share_out(given, asks, dues)
        assert sum(line.amount_fen for line in lines) == given
        assert all(line.amount_fen > 0 for line in lines)
        assert [line.due_id for line in lines if line.due_id] == ([12] if given >= 350 else [])
