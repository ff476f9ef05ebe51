"""Taking money: payment, receipt, ledger, and coverage where the money clears at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.journeys.cast import (
    IN_TIME,
    NEXT_VILLAGE,
    POLICY,
    TIER_1,
    YEAR,
    Cast,
    at,
    family,
    household,
    mark,
    tiers,
)
from yingbao.accounts.actors import Actor
from yingbao.collection.models import Due, Payment, Receipt
from yingbao.coverage.models import CoveragePeriod
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.ledger.queries import money_check, trial_balance
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.receive_payment import receive_payment
from yingbao.usecases.register_on_platform import register_on_platform
from yingbao.usecases.verify import verify
from yingbao.worklist.models import WorkItem


def enrol(cast: Cast, members: list[Resident], *, on: date = IN_TIME, key: str = "enrol") -> list[int]:
    answer = enrol_household(
        cast.town_clerk,
        household_id=members[0].household_id,
        tiers=tiers(members),
        policy_name=POLICY,
        on=on,
        key=key,
        at=at(on),
    )
    return [row["due"] for row in answer["dues"].values()]


def pay(
    actor: Actor,
    members: list[Resident],
    dues: list[int],
    *,
    channel: str = "cash",
    fen: int = 4 * TIER_1,
    on: date = IN_TIME,
    key: str = "pay",
) -> Json:
    return receive_payment(
        actor,
        household_id=members[0].household_id,
        due_ids=dues,
        channel=channel,
        amount_fen=fen,
        policy_name=POLICY,
        collected_on=on,
        key=key,
        at=at(on),
        **voucher(channel, key),
    )


def voucher(channel: str, number: str) -> Json:
    """Return the slip that POS money needs, and nothing for other money."""
    return {"terminal": "T1", "reference": number} if channel == "pos" else {}


def holds(cast: Cast) -> bool:
    broken = [check.name for check in verify(cast.auditor, year=YEAR) if not check.holds]
    assert broken == []
    return money_check(cast.auditor, year=YEAR).holds


@pytest.mark.clause("PJ-7.2a")
def test_money_of_a_channel_clears_at_once_and_benefits_begin_with_the_year(cast: Cast) -> None:
    members = family()
    pay(cast.wechat, members, enrol(cast, members), channel="wechat")
    assert set(Due.objects.values_list("state", "cleared_on")) == {("cleared", IN_TIME)}
    assert set(CoveragePeriod.objects.values_list("begin_on", "end_on")) == {(date(2023, 1, 1), date(2024, 1, 1))}
    assert set(Enrolment.objects.values_list("locked_on", flat=True)) == {IN_TIME}
    balance = trial_balance(cast.auditor, year=YEAR)
    assert (balance["treasury"], balance["resident-due"]) == (4 * TIER_1, 0)
    assert balance["fiscal-due"] == 4 * 61_000
    assert sum(balance.values()) == 0
    assert holds(cast)


@pytest.mark.clause("BN-4.3.3a")
@pytest.mark.clause("PJ-4.2")
def test_cash_stays_in_the_agents_hands_and_gives_no_coverage_yet(cast: Cast) -> None:
    members = family()
    answer = pay(cast.village_agent, members, enrol(cast, members))
    assert set(Due.objects.values_list("state", flat=True)) == {"collected"}
    assert CoveragePeriod.objects.count() == 0
    check = money_check(cast.auditor, year=YEAR)
    assert (check.collected, check.in_hand, check.treasury) == (4 * TIER_1, 4 * TIER_1, 0)
    assert Receipt.objects.get(pk=answer["receipt"]).number == 101
    assert holds(cast)


def test_the_department_owes_what_its_identity_took_off(cast: Cast) -> None:
    (person,) = household(date(1950, 1, 1))
    mark(person, "dibao", cast)
    pay(cast.wechat, [person], enrol(cast, [person]), channel="alipay", fen=3_500)
    balance = trial_balance(cast.auditor, year=YEAR)
    assert (balance["department-due"], balance["treasury"]) == (31_500, 3_500)
    assert holds(cast)


def test_a_wrong_amount_is_refused_with_both_figures_and_nothing_happens(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    with pytest.raises(BadInput, match=r"1,400\.00.*1,000\.00"):
        pay(cast.village_agent, members, dues, fen=100_000)
    assert Payment.objects.count() == 0
    assert holds(cast)


def test_paying_again_at_the_counter_is_refused(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    pay(cast.village_agent, members, dues)
    with pytest.raises(Refused, match="4人"):
        pay(cast.village_agent, members, dues, key="again")
    assert Payment.objects.count() == 1


def test_paying_again_online_is_kept_flagged_and_refundable(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    pay(cast.village_agent, members, dues)
    answer = pay(cast.wechat, members, dues, channel="wechat", key="again")
    assert answer["surplus_fen"] == 4 * TIER_1
    item = WorkItem.objects.get()
    assert (item.kind, item.subject_id) == ("duplicate-payment", answer["payment"])
    check = money_check(cast.auditor, year=YEAR)
    assert (check.collected, check.refund_payable, check.treasury) == (8 * TIER_1, 4 * TIER_1, 4 * TIER_1)
    assert set(Due.objects.values_list("state", flat=True)) == {"collected"}
    assert holds(cast)


def test_the_same_request_twice_takes_money_once(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    assert pay(cast.village_agent, members, dues) == pay(cast.village_agent, members, dues)
    assert Payment.objects.count() == 1


def test_some_members_now_and_the_others_later(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    pay(cast.village_agent, members, dues[:1], fen=TIER_1)
    pay(cast.village_agent, members, dues[1:], fen=3 * TIER_1, key="later")
    assert list(Receipt.objects.order_by("number").values_list("number", flat=True)) == [101, 102]
    assert holds(cast)


@pytest.mark.clause("PJ-7.2e")
def test_who_enrolled_in_time_and_pays_after_june_pays_the_fiscal_part_too(cast: Cast) -> None:
    (person,) = household(date(1990, 1, 1))
    dues = enrol(cast, [person], on=date(2023, 6, 29))
    late = date(2023, 7, 1)
    with pytest.raises(BadInput, match=r"960\.00"):
        pay(cast.wechat, [person], dues, channel="wechat", fen=TIER_1, on=late)
    pay(cast.wechat, [person], dues, channel="wechat", fen=96_000, on=late, key="full")
    assert trial_balance(cast.auditor, year=YEAR)["fiscal-due"] == 0
    assert holds(cast)


@pytest.mark.clause("PJ-4.3")
def test_who_is_not_on_the_platform_pays_nowhere_before_registering_there(cast: Cast) -> None:
    (person,) = household(date(1990, 1, 1), on_platform=False)
    dues = enrol(cast, [person])
    with pytest.raises(Refused, match="平台登记"):
        pay(cast.wechat, [person], dues, channel="wechat", fen=TIER_1)
    with pytest.raises(Refused, match="镇街社保所"):
        pay(cast.village_agent, [person], dues, fen=TIER_1, key="cash")
    register_on_platform(cast.town_clerk, resident_ids=[person.pk], key="platform", at=at(IN_TIME))
    pay(cast.village_agent, [person], dues, fen=TIER_1, key="cash again")
    assert holds(cast)


def test_who_moved_after_enrolling_pays_where_they_enrolled_and_apart_from_the_others(cast: Cast) -> None:
    (mover,), (neighbour,) = household(date(1990, 1, 1)), household(date(1970, 1, 1), village=NEXT_VILLAGE)
    dues = enrol(cast, [mover]) + enrol(cast, [neighbour], key="next")
    Resident.objects.filter(pk=mover.pk).update(household=neighbour.household, division=NEXT_VILLAGE, relation="other")
    with pytest.raises(Refused, match="分别收款"):
        pay(cast.town_clerk, [neighbour], dues, fen=2 * TIER_1)
    with pytest.raises(NotFound):
        pay(cast.next_agent, [neighbour], dues[:1], fen=TIER_1)
    pay(cast.village_agent, [neighbour], dues[:1], fen=TIER_1)
    assert holds(cast)


def test_dues_of_another_household_or_village_are_not_there(cast: Cast) -> None:
    members, others = family(), household(date(1990, 1, 1), village=NEXT_VILLAGE)
    dues, other_dues = enrol(cast, members), enrol(cast, others, key="others")
    with pytest.raises(NotFound):
        pay(cast.village_agent, members, other_dues, fen=TIER_1)
    with pytest.raises(NotFound):
        pay(cast.next_agent, members, dues)
    with pytest.raises(BadInput):
        pay(cast.village_agent, members, dues, channel="cheque")


def test_an_agent_without_receipts_takes_no_money(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    with pytest.raises(Refused, match="收据"):
        pay(cast.town_clerk, members, dues)
    assert Payment.objects.count() == 0
    assert set(Due.objects.values_list("state", flat=True)) == {"open"}


def test_enrol_and_pay_is_all_or_nothing(cast: Cast) -> None:
    members = family()
    common: Json = {
        "household_id": members[0].household_id,
        "tiers": tiers(members),
        "channel": "pos",
        **voucher("pos", "000001"),
        "policy_name": POLICY,
        "on": IN_TIME,
        "at": at(IN_TIME),
    }
    with pytest.raises(BadInput):
        enrol_and_pay(cast.village_agent, amount_fen=1, key="wrong", **common)
    assert Enrolment.objects.count() == 0
    answer = enrol_and_pay(cast.village_agent, amount_fen=4 * TIER_1, key="right", **common)
    assert Receipt.objects.get(pk=answer["receipt"]).payment_id == answer["payment"]
    assert CoveragePeriod.objects.count() == 4
    assert holds(cast)


def test_the_number_of_statements_does_not_grow_with_the_household(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    small, large = household(date(1990, 1, 1)), household(*[date(1990, 1, day) for day in range(1, 13)])
    small_dues, large_dues = enrol(cast, small), enrol(cast, large, key="large")
    with django_assert_max_num_queries(26) as one:
        pay(cast.village_agent, small, small_dues, channel="pos", fen=TIER_1)
    with django_assert_max_num_queries(len(one)):
        pay(cast.village_agent, large, large_dues, channel="pos", fen=12 * TIER_1, key="large-pay")


@pytest.mark.parametrize("channel", ["wechat", "alipay", "etax"])
def test_nobody_at_a_counter_can_say_that_money_came_online(cast: Cast, channel: str) -> None:
    """It would clear at once, without receipt, cash or deposit: coverage for money nobody has seen."""
    members = family()
    dues = enrol(cast, members)
    for actor in (cast.village_agent, cast.town_clerk):
        with pytest.raises(Forbidden):
            pay(actor, members, dues, channel=channel)
    assert Payment.objects.count() == 0


@pytest.mark.parametrize("channel", ["cash", "pos"])
def test_a_channel_takes_no_money_at_a_counter(cast: Cast, channel: str) -> None:
    members = family()
    with pytest.raises(Forbidden):
        pay(cast.wechat, members, enrol(cast, members), channel=channel)


def test_an_identity_that_comes_in_between_enrolment_and_payment_of_one_day_changes_what_is_owed(cast: Cast) -> None:
    """Taken by POS as decided in the morning, the money would clear against another decision, and be nobody's."""
    (person,) = household(date(1950, 1, 1))
    dues = enrol(cast, [person])
    mark(person, "dibao", cast)
    with pytest.raises(BadInput, match=r"35\.00.*350\.00"):
        pay(cast.village_agent, [person], dues, channel="pos", fen=TIER_1)
    pay(cast.village_agent, [person], dues, channel="pos", fen=3_500, key="again")
    assert list(Due.objects.values_list("state", "amount_fen")) == [("cleared", 3_500)]
    assert holds(cast)


def test_a_due_of_another_year_is_not_taken_under_this_years_policy(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    Enrolment.objects.update(year=YEAR - 1)
    with pytest.raises(NotFound):
        pay(cast.village_agent, members, dues)


def test_a_payment_keeps_the_channels_number_or_the_vouchers_with_its_terminal(cast: Cast) -> None:
    (person,) = household(date(1990, 1, 1))
    answer = receive_payment(
        cast.village_agent,
        household_id=person.household_id,
        due_ids=enrol(cast, [person]),
        channel="pos",
        amount_fen=TIER_1,
        policy_name=POLICY,
        collected_on=IN_TIME,
        key="pos",
        at=at(IN_TIME),
        reference="000123",
        terminal="T9001",
    )
    payment = Payment.objects.get(pk=answer["payment"])
    assert (payment.reference, payment.terminal) == ("000123", "T9001")
    assert holds(cast)


@pytest.mark.clause("BN-4.3.2")
@pytest.mark.parametrize("slip", [{}, {"terminal": "T1"}, {"reference": "000123"}, {"terminal": " ", "reference": " "}])
def test_pos_money_without_its_slip_is_not_taken_by_whatever_way_it_comes(cast: Cast, slip: Json) -> None:
    (person,) = household(date(1990, 1, 1))
    terms: Json = {"household_id": person.household_id, "channel": "pos", "amount_fen": TIER_1, "policy_name": POLICY}
    with pytest.raises(BadInput, match="凭证号"):
        enrol_and_pay(cast.village_agent, tiers=tiers([person]), on=IN_TIME, key="new", at=at(IN_TIME), **terms, **slip)
    dues = enrol(cast, [person])
    with pytest.raises(BadInput, match="凭证号"):
        receive_payment(
            cast.village_agent, due_ids=dues, collected_on=IN_TIME, key="old", at=at(IN_TIME), **terms, **slip
        )
    assert Payment.objects.count() == 0
