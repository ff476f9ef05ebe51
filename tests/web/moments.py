"""Moments of the season that tables of pages need a record of: an order that waits, cash counted, a card swiped."""

from __future__ import annotations

from datetime import date

from tests.journeys.cast import POLICY, TIER_1, YEAR, at, household, tiers
from tests.web.conftest import TODAY, Story
from yingbao.usecases.count_cash import count_cash
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.open_order import open_order


def open_an_order(story: Story) -> str:
    """Open an order at the village's counter; return its number."""
    person = story.unenrolled[0]
    answer = open_order(
        story.cast.village_agent,
        household_id=person.household_id,
        tiers={person.pk: 1},
        due_ids=[],
        amount_fen=35_000,
        policy_name=POLICY,
        on=TODAY,
        key="order",
        at=at(TODAY),
    )
    return str(answer["order"])


def count_the_cash(story: Story) -> int:
    """Let the village's agent count their cash for the town's clerk; return the count's id."""
    answer = count_cash(
        story.cast.village_agent,
        pieces={100_00: 3, 50_00: 1},
        note="",
        taken_by="town-clerk",
        year=YEAR,
        key="count",
        at=at(TODAY),
    )
    return int(answer["count"])


def swipe(story: Story) -> int:
    """Let a household of the village pay by POS; return the payment."""
    (person,) = household(date(1970, 1, 1))
    answer = enrol_and_pay(
        story.cast.village_agent,
        household_id=person.household_id,
        tiers=tiers([person]),
        channel="pos",
        amount_fen=TIER_1,
        policy_name=POLICY,
        on=TODAY,
        key="swipe",
        at=at(TODAY),
        terminal="T01",
        reference="000123",
    )
    return int(answer["payment"])
