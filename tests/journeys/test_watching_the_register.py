"""Who is enrolled though dead or covered elsewhere: found, owned, dated, and closed when the cause is gone."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.journeys.cast import (
    IN_TIME,
    POLICY,
    TIER_1,
    YEAR,
    Cast,
    at,
    household,
    insure_elsewhere,
    mark,
    tiers,
)
from yingbao.accounts.actors import Actor
from yingbao.collection.models import Due
from yingbao.kernel.errors import Forbidden, Refused
from yingbao.registry.models import CoveredElsewhere, Resident
from yingbao.storage.fields import Json
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.find_missed import find_missed
from yingbao.usecases.receive_payment import receive_payment
from yingbao.usecases.watch_register import watch_register
from yingbao.worklist.models import WorkItem

BEGUN = date(2023, 3, 1)


def look(actor: Actor, on: date = IN_TIME) -> Json:
    return watch_register(actor, year=YEAR, on=on, at=at(on))


def enrol(cast: Cast, *people: Resident) -> None:
    enrol_household(
        cast.town_clerk,
        household_id=people[0].household_id,
        tiers=tiers(people),
        policy_name=POLICY,
        on=IN_TIME,
        key=f"enrol-{people[0].pk}",
        at=at(IN_TIME),
    )


def pay(cast: Cast, person: Resident, *, channel: str = "wechat") -> None:
    receive_payment(
        cast.wechat if channel == "wechat" else cast.village_agent,
        household_id=person.household_id,
        due_ids=[Due.objects.get(enrolment__resident=person).pk],
        channel=channel,
        amount_fen=TIER_1,
        policy_name=POLICY,
        collected_on=IN_TIME,
        key=f"pay-{person.pk}",
        at=at(IN_TIME),
    )


def die(person: Resident, on: date) -> None:
    Resident.objects.filter(pk=person.pk).update(state="dead", gone_on=on)


def test_who_paid_and_is_insured_elsewhere_is_found_before_cover_begins(cast: Cast) -> None:
    (person,) = household(date(1980, 5, 1))
    enrol(cast, person)
    pay(cast, person)
    assert look(cast.town_clerk) == {"opened_items": 0, "closed_items": 0}
    insure_elsewhere(person)

    assert look(cast.town_clerk) == {"opened_items": 1, "closed_items": 0}
    assert look(cast.town_clerk) == {"opened_items": 0, "closed_items": 0}

    item = WorkItem.objects.get()
    assert (item.kind, item.subject_kind, item.subject_id) == ("paid-but-covered-elsewhere", "resident", person.pk)
    assert item.owner_id == cast.village_agent.user_id
    assert item.due_on == date(2022, 12, 15)
    assert item.detail == {
        "year": YEAR,
        "paid": True,
        "fen": TIER_1,
        "household": person.household_id,
        "covered_from": "2023-01-01",
        "has_begun": False,
        "kinds": ["employee"],
    }


def test_the_day_to_settle_is_before_cover_begins_and_after_that_it_says_so(cast: Cast) -> None:
    first, second = household(date(1980, 5, 1)), household(date(1981, 5, 1))
    for (person,) in (first, second):
        enrol(cast, person)
        pay(cast, person)
    insure_elsewhere(first[0])
    look(cast.town_clerk, date(2022, 12, 28))
    assert WorkItem.objects.get().due_on == date(2022, 12, 31)
    insure_elsewhere(second[0])
    look(cast.town_clerk, BEGUN)
    assert WorkItem.objects.get(subject_id=second[0].pk).detail["has_begun"] is True


def test_the_dead_are_found_unless_they_died_while_covered(cast: Cast) -> None:
    (early,), (covered,) = household(date(1940, 5, 1)), household(date(1941, 5, 1))
    for person in (early, covered):
        enrol(cast, person)
        pay(cast, person)
    die(early, date(2022, 12, 20))
    die(covered, date(2023, 2, 3))
    assert look(cast.town_clerk, BEGUN)["opened_items"] == 1
    item = WorkItem.objects.get()
    assert (item.kind, item.subject_id, item.detail["died_on"]) == ("paid-but-dead", early.pk, "2022-12-20")


def test_who_has_enrolled_and_not_paid_is_found_and_cannot_pay_at_the_counter(cast: Cast) -> None:
    (person,) = household(date(1980, 5, 1))
    enrol(cast, person)
    insure_elsewhere(person)
    look(cast.town_clerk)
    item = WorkItem.objects.get()
    assert (item.detail["paid"], item.detail["covered_from"]) == (False, None)
    with pytest.raises(Refused, match="已参加职工医保"):
        pay(cast, person, channel="cash")
    pay(cast, person)  # what a channel has taken is kept, and is another matter now

    assert look(cast.town_clerk) == {"opened_items": 1, "closed_items": 1}

    old, new = WorkItem.objects.order_by("pk")
    assert (old.closed_reason, new.closed_at) == ("缴费情况已变化，另立事项", None)
    assert new.detail["paid"] is True


def test_an_item_closes_with_the_reason_when_its_cause_is_gone(cast: Cast) -> None:
    (person,) = household(date(1980, 5, 1))
    enrol(cast, person)
    pay(cast, person)
    insure_elsewhere(person)
    look(cast.town_clerk)
    CoveredElsewhere.objects.update(end_on=date(2022, 12, 1))
    assert look(cast.town_clerk) == {"opened_items": 0, "closed_items": 1}
    item = WorkItem.objects.get()
    assert (item.closed_by_id, item.closed_reason[:7]) == (cast.town_clerk.user_id, "已不再有此情况")


def test_who_was_to_be_reached_and_is_elsewhere_by_now_is_missed_no_longer(cast: Cast) -> None:
    (missed,) = household(date(1950, 1, 1))
    mark(missed, "dibao", cast)
    find_missed(cast.town_clerk, policy_name=POLICY, on=IN_TIME, at=at(IN_TIME))
    insure_elsewhere(missed, "other_place")
    assert look(cast.town_clerk)["closed_items"] == 1
    assert WorkItem.objects.get().closed_reason == "此人已在别处参保等，不属应参保人员"


def test_two_records_that_look_like_one_person_are_somebodys_to_judge(cast: Cast) -> None:
    older, newer = household(date(1980, 5, 1)), household(date(1980, 5, 1))
    Resident.objects.update(name="柏大树", phone="10020000001")
    assert look(cast.town_clerk) == {"opened_items": 1, "closed_items": 0}
    assert look(cast.town_clerk) == {"opened_items": 0, "closed_items": 0}
    item = WorkItem.objects.get()
    assert (item.kind, item.subject_id, item.detail) == ("registered-twice", older[0].pk, {"other": newer[0].pk})
    Resident.objects.filter(pk=newer[0].pk).update(name="艾青禾", birth_on=date(1991, 2, 3), phone=None)
    assert look(cast.town_clerk) == {"opened_items": 0, "closed_items": 1}


def test_scope_and_rights(cast: Cast) -> None:
    (person,) = household(date(1980, 5, 1))
    enrol(cast, person)
    insure_elsewhere(person)
    assert look(cast.outsider)["opened_items"] == 0
    with pytest.raises(Forbidden):
        look(cast.village_agent)
    assert look(cast.bureau)["opened_items"] == 1


def test_statements_do_not_grow_with_people(cast: Cast) -> None:
    def statements(people: int) -> int:
        for _ in range(people):
            (person,) = household(date(1980, 5, 1))
            enrol(cast, person)
            insure_elsewhere(person)
        with CaptureQueriesContext(connection) as captured:
            assert look(cast.town_clerk)["opened_items"] == people
        return len(captured)

    assert statements(12) <= statements(2)
