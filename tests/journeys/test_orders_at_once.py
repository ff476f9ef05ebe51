"""Two at once at the counter and on the phone: nothing lost, nothing doubled. Both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, VILLAGE, Cast, at, family, household, people_the_town, tiers
from tests.journeys.test_at_once import at_once, whole
from tests.journeys.test_channel_words import order_for, say
from tests.journeys.test_receiving import enrol
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.accounts.operations import add_user
from yingbao.accounts.queries import actor_named
from yingbao.accounts.roles import Role
from yingbao.collection.models import Due, Payment, PaymentOrder, Receipt
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import Refused
from yingbao.ledger.queries import trial_balance
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.open_order import close_order
from yingbao.usecases.pay_online import TRIES_A_DAY, find_payee
from yingbao.usecases.serve_household import serve_household
from yingbao.worklist.models import WorkItem

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at(IN_TIME)


@pytest.fixture
def cast() -> Cast:
    return people_the_town()


def serving(actor: Actor, members: list[Resident], dues: list[int], key: str) -> Callable[[], Json]:
    return lambda: serve_household(
        actor,
        household_id=members[0].household_id,
        tiers=tiers(members[2:]),
        due_ids=dues,
        channel="cash",
        amount_fen=4 * TIER_1,
        policy_name=POLICY,
        on=IN_TIME,
        key=key,
        at=NOW,
    )


def test_two_clerks_on_one_household_take_its_money_once(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members[:2])
    outcomes = at_once(
        serving(cast.village_agent, members, dues, "one"), serving(cast.village_agent, members, dues, "two")
    )
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert (Payment.objects.count(), Receipt.objects.count(), Enrolment.objects.count()) == (1, 1, 4)
    whole(cast)


def test_the_same_form_sent_twice_at_once_is_one_taking(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members[:2])
    first, second = at_once(*[serving(cast.village_agent, members, dues, "same")] * 2)
    assert isinstance(first, dict) and first == second
    assert Payment.objects.count() == 1
    whole(cast)


def test_cash_at_the_counter_while_the_phone_pays_keeps_every_fen(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    number = order_for(cast.village_agent, members, dues=dues)

    def cash() -> Json:
        return serve_household(
            cast.village_agent,
            household_id=members[0].household_id,
            tiers={},
            due_ids=dues,
            channel="cash",
            amount_fen=4 * TIER_1,
            policy_name=POLICY,
            on=IN_TIME,
            key="cash",
            at=NOW,
        )

    counter, phone = at_once(cash, lambda: say(cast, number))
    assert isinstance(phone, dict)  # what a channel has taken is never refused
    surplus = 4 * TIER_1 if isinstance(counter, dict) else 0
    assert phone["surplus_fen"] == surplus
    assert trial_balance(cast.auditor, year=2023)["refund-payable"] == -surplus
    assert WorkItem.objects.filter(kind="duplicate-payment").count() == (1 if surplus else 0)
    assert PaymentOrder.objects.get().state == "paid"
    whole(cast)


def test_the_same_word_twice_at_once_is_one_payment_and_two_words_are_two(cast: Cast) -> None:
    number = order_for(cast.village_agent, family())
    first, second, other = at_once(
        lambda: say(cast, number), lambda: say(cast, number), lambda: say(cast, number, reference="W2")
    )
    assert isinstance(first, dict) and isinstance(other, dict) and first == second
    assert sorted([first["surplus_fen"], other["surplus_fen"]]) == [0, 4 * TIER_1]
    assert Payment.objects.count() == 2
    assert set(Due.objects.values_list("state", flat=True)) == {"cleared"}
    whole(cast)


def test_closing_while_the_phone_pays_loses_nothing(cast: Cast) -> None:
    number = order_for(cast.village_agent, family())
    closed, paid = at_once(
        lambda: close_order(cast.village_agent, number=number, key="close", at=NOW), lambda: say(cast, number)
    )
    assert isinstance(closed, dict) and isinstance(paid, dict)
    assert (paid["paid"], paid["surplus_fen"]) == (4, 0)
    assert PaymentOrder.objects.get().state == "paid"
    whole(cast)


def test_two_orders_that_share_people_do_not_hold_each_other_up(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    numbers = [
        order_for(cast.village_agent, members, dues=dues[:3], fen=3 * TIER_1, key="one"),
        order_for(cast.village_agent, members, dues=dues[1:], fen=3 * TIER_1, key="two"),
    ]
    outcomes = at_once(
        *[
            lambda n=number, r=f"W{place}": say(cast, n, fen=3 * TIER_1, reference=r)
            for place, number in enumerate(numbers)
        ]
    )
    assert all(isinstance(outcome, dict) for outcome in outcomes)
    assert sum(outcome["surplus_fen"] for outcome in outcomes if isinstance(outcome, dict)) == 2 * TIER_1
    assert set(Due.objects.values_list("state", flat=True)) == {"cleared"}
    whole(cast)


def test_tries_at_once_are_counted_one_by_one(cast: Cast) -> None:
    (neighbour,) = household(date(1970, 1, 1))
    with unit_of_work():
        add_user(username="curious", display_name="curious", role=Role.RESIDENT, division_code=VILLAGE)
    curious = actor_named("curious")

    def attempt(key: str) -> Json:
        return find_payee(curious, name="某人", number=neighbour.certificate_number, key=key, at=NOW)

    for number in range(TRIES_A_DAY - 1):
        attempt(f"try-{number}")
    outcomes = at_once(lambda: attempt("last"), lambda: attempt("one too many"))
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert AuditEntry.objects.filter(action="find-payee").count() == TRIES_A_DAY
