"""Cash counted against the ledger at any moment, and handed over to another who accepts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from tests.journeys.cast import TIER_1, VILLAGE, YEAR, Cast, at, family, give_book, household
from tests.journeys.declaring_cast import FRIDAY, MONDAY, TUESDAY, bring, lines_of, new_key, send, take_cash
from tests.journeys.test_answers import clear_batch, where
from tests.journeys.test_receiving import holds
from yingbao.accounts.actors import Actor
from yingbao.accounts.operations import add_user
from yingbao.accounts.queries import actor_named
from yingbao.accounts.roles import Role
from yingbao.collection.custody import queries as custody
from yingbao.collection.models import HandOver
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.queries import balance_of
from yingbao.storage.fields import Json
from yingbao.usecases.count_cash import accept_hand_over, count_cash
from yingbao.usecases.print_hand_over import print_hand_over
from yingbao.worklist.models import WorkItem

FOUR = {100_00: 14}  # 1,400 yuan


@pytest.fixture
def second_agent(cast: Cast) -> Actor:
    """Somebody else who collects in the same village."""
    with transaction.atomic():
        add_user(username="second-agent", display_name="second-agent", role=Role.VILLAGE, division_code=VILLAGE)
        second = actor_named("second-agent")
        give_book(second, series="PJ9", first=1, last=99)
    return second


def count(actor: Actor, pieces: Mapping[int, int], *, on: date = FRIDAY, hour: int = 12, **other: Any) -> Json:
    common: Json = {"note": "", "taken_by": "", "year": YEAR, "key": new_key("count"), "at": at(on, hour)}
    return count_cash(actor, pieces=pieces, **{**common, **other})


def accept(actor: Actor, counted: Json, *, on: date = FRIDAY, hour: int = 13) -> int:
    answer = accept_hand_over(actor, count_id=counted["count"], key=new_key("take"), at=at(on, hour))
    return int(answer["moved_fen"])


def in_hand(actor: Actor) -> int:
    return balance_of(actor.scope, year=YEAR, kind=AccountKind.AGENT_CASH, holder=str(actor.user_id))


@pytest.mark.clause("PJ-8.3.v")
def test_a_count_that_agrees_needs_no_word(cast: Cast) -> None:
    take_cash(cast.village_agent, family())
    told = count(cast.village_agent, {100_00: 12, 50_00: 3, 10_00: 4, 5_00: 1, 1_00: 4, 50: 1, 10: 5})
    assert (told["expected_fen"], told["counted_fen"]) == (4 * TIER_1, 4 * TIER_1)
    kept = HandOver.objects.get()
    assert kept.counts["pieces"] == {"10000": 12, "5000": 3, "1000": 4, "500": 1, "100": 4, "50": 1, "10": 5}
    assert (kept.note, kept.taken_by, WorkItem.objects.count()) == ("", None, 0)
    assert in_hand(cast.village_agent) == 4 * TIER_1
    assert holds(cast)


@pytest.mark.parametrize(("notes", "difference"), [(13, -100_00), (15, 100_00)])
def test_a_difference_needs_a_word_and_another_person_to_see_to_it(cast: Cast, notes: int, difference: int) -> None:
    take_cash(cast.village_agent, family())
    with pytest.raises(Refused, match=r"账面1,400\.00元，清点1,[35]00\.00元"):
        count(cast.village_agent, {100_00: notes})
    told = count(cast.village_agent, {100_00: notes}, note="可能找错零钱")
    item = WorkItem.objects.get()
    assert (item.kind, item.subject_id, item.due_on) == ("cash-mismatch", told["count"], MONDAY)
    assert item.owner.username == "town-clerk"  # never the agent's own
    assert item.detail["difference_fen"] == difference
    assert (item.detail["agent"], item.detail["on"]) == (cast.village_agent.user_id, "2022-12-02")
    assert in_hand(cast.village_agent) == 4 * TIER_1  # what was counted changes no books
    assert holds(cast)


@pytest.mark.parametrize("pieces", [{3_00: 1}, {100_00: -1}, {100_00: 100_001}])
def test_notes_that_do_not_exist_are_not_counted(cast: Cast, pieces: dict[int, int]) -> None:
    with pytest.raises(BadInput, match="张数"):
        count(cast.village_agent, pieces)


def test_cash_changes_hands_when_the_other_accepts(cast: Cast, second_agent: Actor) -> None:
    take_cash(cast.village_agent, family())
    told = count(cast.village_agent, FOUR, taken_by="second-agent")
    assert (in_hand(cast.village_agent), in_hand(second_agent)) == (4 * TIER_1, 0)
    assert [one.pk for one in custody.to_take_over(second_agent.user_id, year=YEAR)] == [told["count"]]
    assert accept(second_agent, told) == 4 * TIER_1
    assert (in_hand(cast.village_agent), in_hand(second_agent)) == (0, 4 * TIER_1)
    assert custody.to_take_over(second_agent.user_id, year=YEAR) == []
    with pytest.raises(Refused, match="接收过"):
        accept(second_agent, told)
    assert holds(cast)


@pytest.mark.clause("BN-4.3.3a")
def test_who_took_the_cash_deposits_and_declares_it_for_who_collected_it(cast: Cast, second_agent: Actor) -> None:
    take_cash(cast.village_agent, family())
    accept(second_agent, count(cast.village_agent, FOUR, taken_by="second-agent"))
    take_cash(second_agent, household(date(1990, 1, 1)))
    bring(second_agent, 5 * TIER_1)
    batch = send(second_agent)
    assert len(lines_of(batch)) == 5
    assert clear_batch(cast, batch)["cleared"] == 5
    assert where(cast) == (0, 0, 0, 5 * TIER_1)
    assert holds(cast)


def test_sums_that_no_receipt_divides_meet_in_one_declaration(cast: Cast, second_agent: Actor) -> None:
    """Of 1,400 yuan 500 were deposited by the giver and 900 by the taker: no receipt is of 500 or 900."""
    take_cash(cast.village_agent, family())
    bring(cast.village_agent, 500_00, hour=11)
    accept(second_agent, count(cast.village_agent, {100_00: 9}, taken_by="second-agent"))
    first = send(cast.village_agent)  # one of 350; 150 stay
    assert len(lines_of(first)) == 1
    bring(second_agent, 900_00)
    rest = send(second_agent)
    assert len(lines_of(rest)) == 3
    for batch in (first, rest):
        clear_batch(cast, batch)
    assert where(cast) == (0, 0, 0, 4 * TIER_1)
    assert holds(cast)


def test_through_two_hands_the_last_declares(cast: Cast, second_agent: Actor) -> None:
    take_cash(cast.village_agent, family())
    accept(second_agent, count(cast.village_agent, FOUR, taken_by="second-agent"))
    accept(cast.town_clerk, count(second_agent, FOUR, hour=14, taken_by="town-clerk"), hour=15)
    bring(cast.town_clerk, 4 * TIER_1)
    assert len(lines_of(send(cast.town_clerk))) == 4
    assert holds(cast)


def test_what_is_collected_meanwhile_stays_with_who_collected_it(cast: Cast, second_agent: Actor) -> None:
    take_cash(cast.village_agent, family())
    told = count(cast.village_agent, FOUR, taken_by="second-agent")
    take_cash(cast.village_agent, household(date(1990, 1, 1)))
    assert accept(second_agent, told) == 4 * TIER_1
    assert in_hand(cast.village_agent) == TIER_1
    assert holds(cast)


@pytest.mark.parametrize(("notes", "moved"), [(13, 130_000), (15, 140_000)])
def test_no_more_moves_than_was_counted_nor_than_the_ledger_has(
    cast: Cast, second_agent: Actor, notes: int, moved: int
) -> None:
    take_cash(cast.village_agent, family())
    told = count(cast.village_agent, {100_00: notes}, note="差一张", taken_by="second-agent")
    assert accept(second_agent, told) == moved
    assert in_hand(cast.village_agent) == 4 * TIER_1 - moved
    assert holds(cast)


def test_money_that_left_since_makes_the_count_void(cast: Cast, second_agent: Actor) -> None:
    take_cash(cast.village_agent, family())
    told = count(cast.village_agent, FOUR, taken_by="second-agent")
    bring(cast.village_agent, 4 * TIER_1, hour=13)
    take_cash(cast.village_agent, family(), on=MONDAY)  # the same sum again: not what was counted
    with pytest.raises(Refused, match=r"盘点后支出1,400\.00元"):
        accept(second_agent, told, on=MONDAY)
    assert in_hand(second_agent) == 0


def test_only_the_newest_count_can_be_accepted(cast: Cast, second_agent: Actor) -> None:
    take_cash(cast.village_agent, family())
    old = count(cast.village_agent, FOUR, taken_by="second-agent")
    new = count(cast.village_agent, FOUR, taken_by="town-clerk")
    with pytest.raises(Refused, match="作废"):
        accept(second_agent, old)
    assert custody.to_take_over(second_agent.user_id, year=YEAR) == []
    assert accept(cast.town_clerk, new) == 4 * TIER_1


def test_a_clerk_of_the_town_hands_over_each_villages_cash_in_its_own_books(cast: Cast) -> None:
    with transaction.atomic():
        give_book(cast.town_clerk, series="T", first=1, last=9)
    take_cash(cast.town_clerk, household(date(1990, 1, 1)))
    take_cash(cast.town_clerk, household(date(1991, 1, 1), village=cast.next_agent.division_code or 0))
    accept(cast.second_clerk, count(cast.town_clerk, {100_00: 7}, taken_by="second-clerk"))
    bring(cast.second_clerk, 2 * TIER_1)
    assert len(lines_of(send(cast.second_clerk))) == 2
    assert holds(cast)


def test_nobody_takes_over_from_themselves_or_without_seeing_the_village(cast: Cast) -> None:
    take_cash(cast.village_agent, family())
    for name in ("village-agent", "next-agent", "outsider", "bureau", "nobody"):
        with pytest.raises(NotFound, match="不能交给自己"):
            count(cast.village_agent, FOUR, taken_by=name)
    told = count(cast.village_agent, FOUR, taken_by="town-clerk")
    for other in (cast.village_agent, cast.second_clerk, cast.outsider):
        with pytest.raises(NotFound):
            accept(other, told)
    for other in (cast.bureau, cast.tax, cast.auditor):
        with pytest.raises(Forbidden):
            accept(other, told)
        with pytest.raises(Forbidden):
            count(other, FOUR)


def test_the_same_count_and_the_same_acceptance_twice_happen_once(cast: Cast, second_agent: Actor) -> None:
    take_cash(cast.village_agent, family())
    told = [count(cast.village_agent, FOUR, taken_by="second-agent", key="same") for _ in range(2)]
    assert told[0] == told[1] and HandOver.objects.count() == 1
    for _ in range(2):
        accept_hand_over(second_agent, count_id=told[0]["count"], key="once", at=at(FRIDAY, 13))
    assert in_hand(second_agent) == 4 * TIER_1


def test_the_report_begins_where_the_last_one_ended_and_adds_up(cast: Cast, second_agent: Actor) -> None:
    take_cash(cast.village_agent, family())
    bring(cast.village_agent, 1_000_00, hour=11)
    first = count(cast.village_agent, {100_00: 4})
    take_cash(cast.village_agent, household(date(1990, 1, 1)), on=MONDAY)
    second = count(cast.village_agent, {100_00: 7}, on=MONDAY, note="少一张五十", taken_by="second-agent")
    one, other = (
        print_hand_over(cast.village_agent, count_id=told["count"], at=at(TUESDAY)) for told in (first, second)
    )
    assert one.pdf.startswith(b"%PDF") and other.pdf.startswith(b"%PDF")
    report = one.report
    assert (report.opening_fen, report.collected_fen, report.deposited_fen, report.expected_fen) == (
        0,
        4 * TIER_1,
        1_000_00,
        400_00,
    )
    assert [(run.series, run.first, run.last, run.next_number) for run in report.receipts] == [("PJ0", 101, 101, 102)]
    report = other.report
    assert (report.opening_fen, report.collected_fen, report.expected_fen) == (400_00, TIER_1, 750_00)
    assert (report.counted_fen, report.difference_fen, report.taker) == (700_00, -50_00, "second-agent")
    assert [(run.first, run.last) for run in report.receipts] == [(102, 102)]
    for other_actor in (cast.next_agent, cast.outsider):
        with pytest.raises(NotFound):
            print_hand_over(other_actor, count_id=first["count"], at=at(TUESDAY))
