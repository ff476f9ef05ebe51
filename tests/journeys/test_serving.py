"""A household at the counter in one go: new enrolments and open dues are one payment with one receipt."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.journeys.cast import (
    IN_TIME,
    NEXT_VILLAGE,
    POLICY,
    TIER_1,
    Cast,
    at,
    family,
    household,
    insure_elsewhere,
    mark,
    tiers,
)
from tests.journeys.test_at_once import _breaking_after, _Broken
from tests.journeys.test_receiving import enrol, holds
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.collection.models import Due, Payment, PaymentLine, Receipt
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.ledger.models import Transfer
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.serve_household import serve_household


def serve(actor: Actor, members: list[Resident], **given: Any) -> Json:
    asked: dict[str, Any] = {
        "household_id": members[0].household_id,
        "tiers": {},
        "due_ids": [],
        "channel": "cash",
        "policy_name": POLICY,
        "on": IN_TIME,
        "key": "serve",
        "at": at(given.get("on", IN_TIME)),
    }
    return serve_household(actor, **(asked | given))


@pytest.mark.clause("PJ-4.2")
def test_new_ones_and_open_ones_are_one_payment_with_one_receipt(cast: Cast) -> None:
    members = family()
    open_dues = enrol(cast, members[:2])
    answer = serve(cast.village_agent, members, tiers=tiers(members[2:]), due_ids=open_dues, amount_fen=4 * TIER_1)
    assert (Payment.objects.count(), Receipt.objects.count(), Enrolment.objects.count()) == (1, 1, 4)
    assert PaymentLine.objects.filter(payment_id=answer["payment"]).count() == 4
    assert sorted(answer["dues"]) == sorted(Due.objects.values_list("pk", flat=True))
    assert answer["enrolled"] == 2
    assert set(Due.objects.values_list("state", flat=True)) == {"collected"}
    assert holds(cast)


def test_who_pays_nothing_is_enrolled_in_the_same_act(cast: Cast) -> None:
    members = family()
    mark(members[3], "extreme_poverty", cast)
    serve(cast.village_agent, members, tiers=tiers(members), amount_fen=3 * TIER_1)
    assert PaymentLine.objects.count() == 3
    assert Due.objects.get(enrolment__resident=members[3]).state == "open"  # waits for its zero declaration
    assert holds(cast)


def test_where_nobody_pays_anything_nothing_is_taken(cast: Cast) -> None:
    (person,) = household(date(1950, 1, 1))
    mark(person, "extreme_poverty", cast)
    answer = serve(cast.village_agent, [person], tiers=tiers([person]), amount_fen=0)
    assert (answer["payment"], answer["receipt"], Receipt.objects.count()) == (None, None, 0)
    assert Enrolment.objects.get().payable_fen == 0
    assert holds(cast)


def test_some_pay_now_and_others_stay_as_they_are(cast: Cast) -> None:
    members = family()
    serve(cast.village_agent, members, tiers=tiers(members[:1]), amount_fen=TIER_1)
    assert set(Enrolment.objects.values_list("resident_id", flat=True)) == {members[0].pk}
    serve(cast.village_agent, members, tiers=tiers(members[1:]), amount_fen=3 * TIER_1, key="rest")
    assert Receipt.objects.count() == 2
    assert holds(cast)


def test_an_amount_that_changed_meanwhile_is_told_and_nothing_happens(cast: Cast) -> None:
    members = family()
    open_dues = enrol(cast, members[:1])
    mark(members[0], "dibao", cast)
    with pytest.raises(BadInput, match=r"385\.00.*700\.00"):
        serve(cast.village_agent, members, tiers=tiers(members[1:2]), due_ids=open_dues, amount_fen=2 * TIER_1)
    assert (Payment.objects.count(), Enrolment.objects.count()) == (0, 1)
    assert holds(cast)


def test_whoever_cannot_enrol_is_named_and_nobody_is_enrolled(cast: Cast) -> None:
    members = family()
    insure_elsewhere(members[1])
    with pytest.raises(Refused, match="已参加职工医保"):
        serve(cast.village_agent, members, tiers=tiers(members), amount_fen=4 * TIER_1)
    assert Enrolment.objects.count() == 0


def test_dues_of_another_household_are_not_theirs(cast: Cast) -> None:
    members, others = family(), family()
    with pytest.raises(NotFound, match="不属于这一户"):
        serve(cast.village_agent, members, due_ids=enrol(cast, others), amount_fen=4 * TIER_1)
    with pytest.raises(BadInput, match="没有选择任何人"):
        serve(cast.village_agent, members, amount_fen=0)
    with pytest.raises(BadInput, match="没有选择任何人"):
        serve(cast.village_agent, members, tiers=tiers(others[:1]), amount_fen=TIER_1)


def test_only_who_may_collect_there(cast: Cast) -> None:
    members = household(date(1990, 1, 1), village=NEXT_VILLAGE)
    for actor in (cast.village_agent, cast.outsider):
        with pytest.raises(NotFound):
            serve(actor, members, tiers=tiers(members), amount_fen=TIER_1)
    for actor in (cast.bureau, cast.auditor, cast.tax, cast.administrator):
        with pytest.raises(Forbidden):
            serve(actor, members, tiers=tiers(members), amount_fen=TIER_1)
    with pytest.raises(Forbidden):  # a phone's money comes by the channel's word only
        serve(cast.next_agent, members, tiers=tiers(members), amount_fen=TIER_1, channel="wechat")


def test_the_same_request_twice_is_one_taking(cast: Cast) -> None:
    members = family()
    first = serve(cast.village_agent, members, tiers=tiers(members), amount_fen=4 * TIER_1)
    again = serve(cast.village_agent, members, tiers=tiers(members), amount_fen=4 * TIER_1)
    assert first == again
    assert (Payment.objects.count(), AuditEntry.objects.filter(action="serve-household").count()) == (1, 1)


def test_a_second_clerk_is_told_that_they_are_enrolled(cast: Cast) -> None:
    members = family()
    open_dues = enrol(cast, members[:1])
    asked = {"tiers": tiers(members[1:]), "due_ids": open_dues, "amount_fen": 4 * TIER_1}
    serve(cast.village_agent, members, **asked)
    with pytest.raises(Refused, match=r"已经参保登记|已经缴费"):
        serve(cast.town_clerk, members, **asked, key="second")
    assert Payment.objects.count() == 1


def test_a_failure_between_any_two_statements_leaves_nothing_behind(cast: Cast) -> None:
    members = family()
    open_dues = enrol(cast, members[:2])
    posted = Transfer.objects.count()
    for allowed in range(100):
        try:
            with connection.execute_wrapper(_breaking_after(allowed)):
                serve(cast.village_agent, members, tiers=tiers(members[2:]), due_ids=open_dues, amount_fen=4 * TIER_1)
        except _Broken:
            assert (Enrolment.objects.count(), Payment.objects.count()) == (2, 0)
            assert Transfer.objects.count() == posted
            continue
        break
    assert allowed > 12
    assert holds(cast)


def test_statements_do_not_grow_with_the_household(cast: Cast) -> None:
    def count(size: int) -> int:
        members = household(*[date(1980, 1, 1)] * size)
        again = members[0].pk
        open_dues = enrol(cast, members[: size // 2], key=f"enrol-{again}")
        asked = {"tiers": tiers(members[size // 2 :]), "due_ids": open_dues, "amount_fen": size * TIER_1}
        with CaptureQueriesContext(
            connection,
        ) as caught:
            serve(cast.village_agent, members, **asked, key=f"serve-{again}")
        return len(caught)

    count(2)  # opens the village's accounts
    assert count(2) == count(8)
