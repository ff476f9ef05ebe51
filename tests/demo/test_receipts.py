"""The demo's day among receipts, played in the journeys' small town."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction

from tests.journeys.cast import YEAR, Cast, at, give_book, people_the_town
from tests.journeys.test_pos_stubs import FIFTH, swipe
from tests.journeys.test_receipt_life import collect
from tests.journeys.test_receiving import holds
from yingbao.collection.models import PosStub, Receipt, ReceiptBook
from yingbao.demo.desk import Desk
from yingbao.demo.receipts import play


@pytest.fixture
def cast(db: None) -> Cast:
    return people_the_town()


def test_a_day_among_receipts_leaves_everything_in_order(cast: Cast) -> None:
    with transaction.atomic():
        give_book(cast.second_clerk, series="T", first=1, last=50)
    collect(cast)
    swipe(cast.village_agent, cast, reference="1")
    swipe(cast.second_clerk, cast, reference="2")
    desk = Desk(
        folder=Path(),
        bureau=cast.bureau,
        tax=cast.tax,
        clerk=cast.town_clerk,
        second_clerk=cast.second_clerk,
        departments={},
        agents=[cast.village_agent, cast.next_agent, cast.second_clerk],
        channels={},
    )
    told = play(desk, year=YEAR, on=FIFTH, at=at(FIFTH))
    assert len(told) == 4
    assert Receipt.objects.get(state="void").reviewed_by_id == cast.town_clerk.user_id
    assert Receipt.objects.get(state="lost").book.agent_id == cast.next_agent.user_id
    written_off = ReceiptBook.objects.get(state="written-off")
    assert (written_off.first, written_off.last) == (1, 1)
    assert ReceiptBook.objects.filter(series="T", agent=cast.second_clerk.user_id, first=2, state="held").exists()
    assert PosStub.objects.count() == 2
    assert holds(cast)
