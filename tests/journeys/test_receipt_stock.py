"""Receipt books (BN-4.3.3b): each number is handed out once, to somebody who takes money there."""

from __future__ import annotations

import pytest

from tests.journeys.cast import IN_TIME, Cast, at, people_the_town
from tests.journeys.test_at_once import at_once
from yingbao.accounts.actors import Actor
from yingbao.collection.models import ReceiptBook
from yingbao.kernel.errors import BadInput, NotFound, Refused
from yingbao.storage.fields import Json
from yingbao.usecases.receipts import hand_receipts


def hand(actor: Actor, agent: str, first: int, last: int, *, series: str = "A") -> Json:
    key = f"hand-{agent}-{first}"
    return hand_receipts(actor, agent=agent, series=series, first=first, last=last, on=IN_TIME, key=key, at=at(IN_TIME))


@pytest.mark.clause("BN-4.3.3b")
def test_a_number_is_handed_out_once(cast: Cast) -> None:
    hand(cast.town_clerk, "village-agent", 1, 50)
    for first, last in ((1, 50), (50, 60), (10, 20)):
        with pytest.raises(Refused):
            hand(cast.town_clerk, "next-agent", first, last)
    hand(cast.town_clerk, "next-agent", 51, 60)
    hand(cast.town_clerk, "town-clerk", 1, 50, series="B")


@pytest.mark.parametrize("agent", ["nobody-of-this-name", "outsider", "auditor", "wechat", "bureau"])
def test_only_who_takes_money_in_ones_own_divisions_gets_a_book(cast: Cast, agent: str) -> None:
    with pytest.raises(NotFound):
        hand(cast.town_clerk, agent, 1, 50)


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 4), (1, 100_000_000)])
def test_a_run_has_numbers_of_eight_digits(cast: Cast, first: int, last: int) -> None:
    with pytest.raises(BadInput):
        hand(cast.town_clerk, "village-agent", first, last)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_do_not_hand_out_the_same_numbers() -> None:
    cast = people_the_town()
    outcomes = at_once(
        lambda: hand(cast.town_clerk, "village-agent", 1, 50), lambda: hand(cast.second_clerk, "next-agent", 40, 90)
    )
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert ReceiptBook.objects.filter(series="A").count() == 1
