"""Receipt stock (BN-4.3.3b): a number goes from the bureau to a town to an agent and back, in one hand at a time."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from tests.journeys.cast import DISTRICT, IN_TIME, OTHER_TOWN, TOWN, Cast, at, household, people_the_town, print_run
from tests.journeys.test_at_once import at_once
from tests.journeys.test_receiving import enrol, holds, pay
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.collection.models import ReceiptBook
from yingbao.collection.receipts import queries
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.storage.fields import Json
from yingbao.usecases.receipts import hand_receipts, hand_receipts_to_town, register_receipts, return_receipts

WHEN: Json = {"on": IN_TIME, "at": at(IN_TIME)}


def stock_up(*series: str, town: int = TOWN) -> None:
    with transaction.atomic():
        for name in series:
            print_run(name, first=1, last=100, town=town)


def hand(actor: Actor, agent: str, first: int, last: int, *, series: str = "A") -> Json:
    key = f"hand-{series}-{agent}-{first}-{last}"
    return hand_receipts(actor, agent=agent, series=series, first=first, last=last, key=key, **WHEN)


def give_back(actor: Actor, book: int, key: str = "back") -> Json:
    return return_receipts(actor, book_id=book, key=key, **WHEN)


@pytest.mark.clause("BN-4.3.3b")
def test_a_number_goes_from_the_bureau_to_a_town_to_an_agent(cast: Cast) -> None:
    run: Json = {"series": "A", "first": 1, "last": 100, **WHEN}
    printed = register_receipts(cast.bureau, key="print", **run)
    towns = hand_receipts_to_town(cast.bureau, town=TOWN, key="town", **run)
    agents = hand(cast.town_clerk, "village-agent", 11, 20)
    book = ReceiptBook.objects.get(pk=agents["book"])
    assert (book.parent_id, book.agent_id) == (towns["book"], cast.village_agent.user_id)
    assert ReceiptBook.objects.get(pk=towns["book"]).parent_id == printed["book"]
    (rest,) = [one for one in queries.own_stock(cast.town_clerk) if one.book.series == "A"]
    assert (list(rest.free), rest.left) == ([(1, 10), (21, 100)], 90)
    told = ["register-receipts", "hand-receipts-to-town", "hand-receipts"]
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == told
    assert holds(cast)


@pytest.mark.clause("BN-4.3.3b")
def test_a_number_is_handed_out_once(cast: Cast) -> None:
    stock_up("A", "B")
    hand(cast.town_clerk, "village-agent", 1, 50)
    for first, last in ((1, 50), (50, 60), (10, 20)):
        with pytest.raises(Refused, match="已经发放过"):
            hand(cast.town_clerk, "next-agent", first, last)
    hand(cast.town_clerk, "next-agent", 51, 60)
    hand(cast.town_clerk, "town-clerk", 1, 50, series="B")


def test_a_town_hands_out_only_what_is_in_its_own_stock(cast: Cast) -> None:
    with pytest.raises(Refused, match="不在本单位的库存里"):
        hand(cast.town_clerk, "village-agent", 1, 50)
    stock_up("B", town=OTHER_TOWN)
    with pytest.raises(Refused, match="不在本单位的库存里"):
        hand(cast.town_clerk, "village-agent", 1, 50, series="B")
    stock_up("A")
    with pytest.raises(Refused, match="册号A的库存：1–100"):
        hand(cast.town_clerk, "village-agent", 90, 101)
    assert not ReceiptBook.objects.filter(series__in="AB", agent__isnull=False).exists()


def test_of_several_runs_the_one_that_holds_the_numbers_is_found(cast: Cast) -> None:
    with transaction.atomic():
        print_run("A", first=1, last=100)
        print_run("A", first=201, last=300)
    book = ReceiptBook.objects.get(pk=hand(cast.town_clerk, "village-agent", 250, 260)["book"])
    assert book.parent is not None and book.parent.first == 201
    with pytest.raises(Refused, match="1–100、201–300"):
        hand(cast.town_clerk, "next-agent", 95, 205)


def test_the_bureau_registers_a_number_once_and_hands_on_what_it_has(cast: Cast) -> None:
    run: Json = {"series": "A", **WHEN}
    register_receipts(cast.bureau, first=1, last=100, key="one", **run)
    with pytest.raises(Refused, match="登记入库过"):
        register_receipts(cast.bureau, first=100, last=120, key="two", **run)
    with pytest.raises(NotFound, match="镇街"):
        hand_receipts_to_town(cast.bureau, town=DISTRICT, first=1, last=10, key="three", **run)
    with pytest.raises(Refused, match="库存"):
        hand_receipts_to_town(cast.bureau, town=TOWN, first=91, last=101, key="four", **run)
    hand_receipts_to_town(cast.bureau, town=TOWN, first=1, last=50, key="five", **run)
    with pytest.raises(Refused, match="已经发放过"):
        hand_receipts_to_town(cast.bureau, town=OTHER_TOWN, first=50, last=60, key="six", **run)


@pytest.mark.parametrize("agent", ["nobody-of-this-name", "outsider", "auditor", "wechat", "bureau"])
def test_only_who_takes_money_in_ones_own_divisions_gets_a_book(cast: Cast, agent: str) -> None:
    stock_up("A")
    with pytest.raises(NotFound):
        hand(cast.town_clerk, agent, 1, 50)


@pytest.mark.parametrize(("first", "last"), [(0, 5), (5, 4), (1, 100_000_000)])
def test_a_run_has_numbers_of_eight_digits(cast: Cast, first: int, last: int) -> None:
    with pytest.raises(BadInput):
        hand(cast.town_clerk, "village-agent", first, last)
    with pytest.raises(BadInput):
        register_receipts(cast.bureau, series="A", first=first, last=last, key="print", **WHEN)


def test_who_keeps_no_stock_moves_none(cast: Cast) -> None:
    run: Json = {"series": "A", "first": 1, "last": 5, "key": "k", **WHEN}
    with pytest.raises(Forbidden):
        register_receipts(cast.town_clerk, **run)
    with pytest.raises(Forbidden):
        hand_receipts_to_town(cast.town_clerk, town=TOWN, **run)
    with pytest.raises(Forbidden):
        hand_receipts(cast.bureau, agent="village-agent", **run)


@pytest.mark.clause("BN-4.3.3b")
def test_the_unused_rest_comes_back_and_can_be_handed_out_again(cast: Cast) -> None:
    stock_up("A")
    book = hand(cast.town_clerk, "next-agent", 1, 50)["book"]
    ReceiptBook.objects.filter(agent=cast.next_agent.user_id).exclude(pk=book).delete()
    (person,) = household(IN_TIME.replace(year=1980), village=cast.next_agent.division_code or 0)
    pay(cast.next_agent, [person], enrol(cast, [person]), fen=35_000)
    assert give_back(cast.next_agent, book)["returned"] == 49
    kept = ReceiptBook.objects.get(pk=book)
    assert (kept.first, kept.last, kept.next_number, kept.state) == (1, 1, 2, "held")  # still to be written off
    hand(cast.town_clerk, "village-agent", 2, 50)
    with pytest.raises(Refused, match="没有可以交回"):
        give_back(cast.next_agent, book, key="again")
    assert holds(cast)


def test_a_run_that_comes_back_whole_is_returned_and_a_town_returns_its_own(cast: Cast) -> None:
    stock_up("A")
    book = hand(cast.town_clerk, "village-agent", 41, 50)["book"]
    give_back(cast.town_clerk, book)  # the town notes it for its agent
    assert ReceiptBook.objects.get(pk=book).state == "returned"
    hand(cast.town_clerk, "next-agent", 1, 40)
    towns = ReceiptBook.objects.get(series="A", division=TOWN, agent=None)
    assert give_back(cast.town_clerk, towns.pk, key="town") == {"book": towns.pk, "returned": 60}
    hand_receipts_to_town(cast.bureau, town=OTHER_TOWN, series="A", first=41, last=100, key="next", **WHEN)
    with pytest.raises(Refused, match="没有上级"):
        give_back(cast.bureau, ReceiptBook.objects.get(series="A", parent=None).pk, key="bureau")
    assert holds(cast)


def test_nobody_gives_back_what_another_holds(cast: Cast) -> None:
    stock_up("A")
    book = hand(cast.town_clerk, "town-clerk", 1, 50)["book"]
    with pytest.raises(NotFound):
        give_back(cast.outsider, book)
    with pytest.raises(NotFound):
        give_back(cast.village_agent, book)
    towns = ReceiptBook.objects.get(series="A", division=TOWN, agent=None)
    for actor in (cast.auditor, cast.tax):
        with pytest.raises(Forbidden):
            give_back(actor, towns.pk)


def test_what_agents_held_before_there_was_a_stock_is_not_handed_out_again(cast: Cast) -> None:
    stock_up("A")
    early: dict[str, Any] = {"series": "A", "first": 30, "last": 40, "next_number": 31, "handed_on": IN_TIME}
    ReceiptBook.objects.create(
        agent_id=cast.next_agent.user_id, division_id=cast.next_agent.division_code or 0, **early
    )
    with pytest.raises(Refused, match="已经发放过"):
        hand(cast.town_clerk, "village-agent", 40, 60)


def test_the_same_request_twice_hands_out_one_book(cast: Cast) -> None:
    stock_up("A")
    assert hand(cast.town_clerk, "village-agent", 1, 50) == hand(cast.town_clerk, "village-agent", 1, 50)
    assert ReceiptBook.objects.filter(series="A", agent__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_do_not_hand_out_the_same_numbers() -> None:
    cast = people_the_town()
    stock_up("A")
    outcomes = at_once(
        lambda: hand(cast.town_clerk, "village-agent", 1, 50), lambda: hand(cast.second_clerk, "next-agent", 40, 90)
    )
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert ReceiptBook.objects.filter(series="A", agent__isnull=False).count() == 1
