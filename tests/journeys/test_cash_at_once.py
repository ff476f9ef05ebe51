"""Interleaved: collecting, depositing, declaring, clearing and paying online, all at once. Both databases."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from django.db import transaction

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, YEAR, Cast, at, family, print_run, tiers
from tests.journeys.test_at_once import at_once, cast, enrol_and_take, whole
from yingbao.accounts.actors import Actor
from yingbao.collection.models import DeclarationLine, Deposit, Payment, PaymentLine, Receipt
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import NotFound, Refused
from yingbao.ledger.queries import balance_of, money_check
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.declare import clear_declaration, declare_cash
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.receipts import hand_receipts
from yingbao.usecases.receive_payment import receive_payment

__all__ = ["cast"]
pytestmark = pytest.mark.django_db(transaction=True)
FAMILY = 4 * TIER_1
Work = Callable[[], Json]


def deposit(cast: Cast, fen: int, key: str) -> Work:
    return lambda: deposit_cash(
        cast.village_agent, amount_fen=fen, slip_number=key, year=YEAR, on=IN_TIME, key=key, at=at(IN_TIME)
    )


def declare(cast: Cast, key: str) -> Work:
    return lambda: declare_cash(cast.village_agent, year=YEAR, on=IN_TIME, key=key, at=at(IN_TIME))


def clear(cast: Cast, declaration_id: int, key: str) -> Work:
    return lambda: clear_declaration(
        cast.tax, declaration_id=declaration_id, policy_name=POLICY, on=IN_TIME, key=key, at=at(IN_TIME)
    )


def enrol(actor: Actor, members: list[Resident], key: str) -> Work:
    return lambda: enrol_household(
        actor,
        household_id=members[0].household_id,
        tiers=tiers(members),
        policy_name=POLICY,
        on=IN_TIME,
        key=key,
        at=at(IN_TIME),
    )


def pay(actor: Actor, members: list[Resident], dues: list[int], key: str, channel: str = "cash") -> Work:
    return lambda: receive_payment(
        actor,
        household_id=members[0].household_id,
        due_ids=dues,
        channel=channel,
        amount_fen=TIER_1 * len(dues),
        policy_name=POLICY,
        collected_on=IN_TIME,
        key=key,
        at=at(IN_TIME),
    )


def dues_of(enrolled: Json) -> list[int]:
    return [row["due"] for row in enrolled["dues"].values()]


def collected(cast: Cast, count: int) -> list[list[Resident]]:
    """Let the agent take the money of some families, one after the other."""
    homes = [family() for _ in range(count)]
    for number, members in enumerate(homes):
        enrol_and_take(cast, members, f"taken-{number}")()
    return homes


def in_hand(cast: Cast) -> int:
    scope, holder = cast.village_agent.scope, str(cast.village_agent.user_id)
    return balance_of(scope, year=YEAR, kind="agent-cash", holder=holder)


def one_wins(outcomes: Sequence[object], told: type[Exception] = Refused) -> bool:
    return sorted(type(one) is dict for one in outcomes) == [False, True] and any(
        isinstance(one, told) for one in outcomes
    )


def test_two_clerks_who_take_one_households_money_take_it_once(cast: Cast) -> None:
    members = family()
    dues = dues_of(enrol(cast.town_clerk, members, "enrol")())
    agent = cast.village_agent
    assert one_wins(at_once(pay(agent, members, dues, "one"), pay(agent, members, dues[::-1], "two")))
    assert (Payment.objects.count(), Receipt.objects.count(), in_hand(cast)) == (1, 1, FAMILY)
    whole(cast)


def test_two_clerks_who_enrol_halves_of_a_household_both_do(cast: Cast) -> None:
    members = family()
    outcomes = at_once(enrol(cast.town_clerk, members[:2], "one"), enrol(cast.second_clerk, members[2:], "two"))
    assert all(isinstance(outcome, dict) for outcome in outcomes)
    assert Enrolment.objects.count() == 4
    whole(cast)


def test_of_two_clerks_who_enrol_people_in_common_one_is_told_and_nobody_is_enrolled_twice(cast: Cast) -> None:
    members = family()
    outcomes = at_once(enrol(cast.town_clerk, members[:3], "one"), enrol(cast.second_clerk, members[:0:-1], "two"))
    assert one_wins(outcomes)
    assert Enrolment.objects.count() == 3
    whole(cast)


def test_two_channels_on_the_same_dues_both_keep_their_money_and_one_is_a_surplus(cast: Cast) -> None:
    members = family()
    dues = dues_of(enrol(cast.town_clerk, members, "enrol")())
    outcomes = at_once(
        pay(cast.wechat, members, dues, "one", "wechat"), pay(cast.wechat, members, dues[::-1], "two", "alipay")
    )
    assert sorted(outcome["surplus_fen"] for outcome in outcomes if isinstance(outcome, dict)) == [0, FAMILY]
    assert sorted(PaymentLine.objects.values_list("kind", flat=True)) == ["due"] * 4 + ["surplus"] * 4
    whole(cast)


def test_what_is_in_hand_is_deposited_once_and_never_falls_below_nothing(cast: Cast) -> None:
    collected(cast, 1)
    assert one_wins(at_once(deposit(cast, FAMILY, "S1"), deposit(cast, FAMILY, "S2")))
    assert (Deposit.objects.count(), in_hand(cast)) == (1, 0)
    whole(cast)


def test_one_slip_handed_in_at_two_windows_is_one_deposit(cast: Cast) -> None:
    collected(cast, 2)

    def slip(key: str) -> Work:
        return lambda: deposit_cash(
            cast.village_agent, amount_fen=1_00, slip_number="same", year=YEAR, on=IN_TIME, key=key, at=at(IN_TIME)
        )

    assert one_wins(at_once(slip("one"), slip("two")))
    assert (Deposit.objects.count(), in_hand(cast)) == (1, 2 * FAMILY - 1_00)
    whole(cast)


def test_money_is_taken_while_money_is_deposited(cast: Cast) -> None:
    collected(cast, 2)
    outcomes = at_once(
        deposit(cast, 2 * FAMILY, "S1"), *(enrol_and_take(cast, family(), f"beside-{n}") for n in range(3))
    )
    assert all(isinstance(outcome, dict) for outcome in outcomes)
    assert in_hand(cast) == 3 * FAMILY
    whole(cast)


def test_money_is_taken_while_it_is_declared_and_no_more_is_declared_than_deposited(cast: Cast) -> None:
    collected(cast, 2)
    deposit(cast, 2 * FAMILY, "S1")()
    declared, *taken = at_once(
        declare(cast, "declare"), *(enrol_and_take(cast, family(), f"beside-{n}") for n in range(3))
    )
    assert isinstance(declared, dict) and declared["amount_fen"] == 2 * FAMILY
    assert all(isinstance(outcome, dict) for outcome in taken)
    whole(cast)


def test_deposited_while_declared_each_fen_is_declared_at_most_once(cast: Cast) -> None:
    collected(cast, 2)
    deposit(cast, FAMILY, "S1")()
    outcomes = at_once(declare(cast, "one"), deposit(cast, FAMILY, "S2"), declare(cast, "two"))
    declared = sum(outcome.get("amount_fen", 0) for outcome in outcomes if isinstance(outcome, dict))
    assert declared in (FAMILY, 2 * FAMILY)
    assert DeclarationLine.objects.count() == declared // TIER_1
    whole(cast)


def test_the_same_money_is_declared_once(cast: Cast) -> None:
    collected(cast, 1)
    deposit(cast, FAMILY, "S1")()
    assert one_wins(at_once(declare(cast, "one"), declare(cast, "two")))
    assert DeclarationLine.objects.count() == 4
    whole(cast)


def test_a_declaration_is_cleared_once(cast: Cast) -> None:
    collected(cast, 1)
    deposit(cast, FAMILY, "S1")()
    declaration_id = declare(cast, "declare")()["declaration"]
    assert one_wins(at_once(clear(cast, declaration_id, "one"), clear(cast, declaration_id, "two")), NotFound)
    assert money_check(cast.auditor, year=YEAR).treasury == FAMILY
    whole(cast)


def test_somebody_pays_online_while_their_cash_is_cleared(cast: Cast) -> None:
    (members,) = collected(cast, 1)
    deposit(cast, FAMILY, "S1")()
    declaration_id = declare(cast, "declare")()["declaration"]
    dues = list(PaymentLine.objects.order_by("-due").values_list("due", flat=True))
    cleared, paid = at_once(
        clear(cast, declaration_id, "clear"), pay(cast.wechat, members, dues, "again", channel="wechat")
    )
    assert isinstance(cleared, dict) and cleared["cleared"] == 4
    assert isinstance(paid, dict) and paid["surplus_fen"] == FAMILY
    check = money_check(cast.auditor, year=YEAR)
    assert (check.collected, check.refund_payable) == (2 * FAMILY, FAMILY)
    whole(cast)


def test_a_run_of_receipts_is_handed_to_one_of_two(cast: Cast) -> None:
    def hand(agent: str, first: int) -> Work:
        return lambda: hand_receipts(
            cast.town_clerk,
            agent=agent,
            series="NEW",
            first=first,
            last=first + 50,
            on=IN_TIME,
            key=agent,
            at=at(IN_TIME),
        )

    with transaction.atomic():
        print_run("NEW", last=100)
    assert one_wins(at_once(hand("village-agent", 1), hand("next-agent", 30)))


def test_a_whole_day_at_once_keeps_every_fen(cast: Cast) -> None:
    """Everything an agent, a channel and the tax office do, begun in the same moment, round after round."""
    collected(cast, 2)
    deposit(cast, FAMILY, "S")()
    sent: Json = declare(cast, "declare")()
    for turn in range(4):
        waiting = family()
        dues = dues_of(enrol(cast.town_clerk, waiting, f"enrol-{turn}")())
        works = [
            enrol_and_take(cast, family(), f"cash-{turn}"),
            enrol_and_take(cast, family(), f"more-{turn}"),
            deposit(cast, FAMILY, f"S{turn}"),
            declare(cast, f"declare-{turn}"),
            clear(cast, sent["declaration"], f"clear-{turn}"),
            pay(cast.wechat, waiting, dues, f"online-{turn}", channel="wechat"),
            pay(cast.village_agent, waiting, dues[::-1], f"counter-{turn}"),
        ]
        outcomes = at_once(*works)
        assert not isinstance(outcomes[2], Exception) and not isinstance(outcomes[5], Exception)
        declared = outcomes[3] if isinstance(outcomes[3], dict) else declare(cast, f"late-{turn}")()
        sent = declared
        whole(cast)
    assert money_check(cast.auditor, year=YEAR).holds
