"""Two at once on money kept for nobody: it becomes one payment or goes back, never both. Both databases."""

from __future__ import annotations

from datetime import date

import pytest

from tests.journeys.cast import TIER_1, Cast, household, people_the_town
from tests.journeys.kept import ask, back, keep_for_nobody, take, withdraw
from tests.journeys.test_at_once import at_once, whole
from tests.journeys.test_channel_words import say
from tests.journeys.test_receiving import enrol, pay
from yingbao.collection.models import KeptMoney, Payment
from yingbao.kernel.errors import Refused
from yingbao.ledger.queries import trial_balance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return people_the_town()


def refused(outcomes: list[object]) -> list[bool]:
    return sorted(isinstance(outcome, Refused) for outcome in outcomes)


def test_taken_for_two_people_it_is_ones(cast: Cast) -> None:
    (first,), (second,) = household(date(1990, 1, 1)), household(date(1991, 1, 1))
    for person in (first, second):
        enrol(cast, [person], key=f"enrol-{person.pk}")
    kept = keep_for_nobody(cast)
    outcomes = at_once(
        lambda: take(cast.bureau, kept, [first], key="one"), lambda: take(cast.bureau, kept, [second], key="two")
    )
    assert refused([*outcomes]) == [False, True]
    assert Payment.objects.count() == 1
    whole(cast)


def test_taken_while_somebody_asks_to_send_it_back(cast: Cast) -> None:
    (person,) = household(date(1990, 1, 1))
    enrol(cast, [person])
    kept = keep_for_nobody(cast)
    outcomes = at_once(lambda: take(cast.bureau, kept, [person]), lambda: ask(cast.bureau, kept))
    assert refused([*outcomes]) == [False, True]
    assert Payment.objects.count() == (1 if KeptMoney.objects.get().state == "taken" else 0)
    whole(cast)


def test_sent_back_while_that_is_withdrawn_and_sent_back_twice(cast: Cast) -> None:
    kept, other = keep_for_nobody(cast), keep_for_nobody(cast, reference="N2")
    for number, one in enumerate((kept, other)):
        ask(cast.bureau, one, key=f"ask-{number}")
    outcomes = at_once(lambda: back(cast.tax, kept), lambda: withdraw(cast.bureau, kept))
    assert refused([*outcomes]) == [False, True]
    outcomes = at_once(
        lambda: back(cast.tax, other, key="one"), lambda: back(cast.tax, other, key="two", reference="R-2")
    )
    assert refused([*outcomes]) == [False, True]
    waits = TIER_1 if KeptMoney.objects.get(pk=kept.pk).state == "kept" else 0
    assert trial_balance(cast.auditor, year=2023)["refund-payable"] == -waits
    whole(cast)


def test_taken_while_the_counter_takes_cash_keeps_every_fen(cast: Cast) -> None:
    (person,) = household(date(1990, 1, 1))
    dues = enrol(cast, [person])
    kept = keep_for_nobody(cast)
    counter, found = at_once(
        lambda: pay(cast.village_agent, [person], dues, fen=TIER_1), lambda: take(cast.bureau, kept, [person])
    )
    assert isinstance(found, dict)
    assert found["surplus_fen"] == (TIER_1 if isinstance(counter, dict) else 0)
    whole(cast)


def test_the_same_word_for_nobody_twice_at_once_is_kept_once(cast: Cast) -> None:
    words = [lambda: say(cast, fen=700, people=("500101199001010000",), reference="N1")] * 2
    first, second = at_once(*words)
    assert isinstance(first, dict) and first == second
    assert KeptMoney.objects.count() == 1
    whole(cast)
