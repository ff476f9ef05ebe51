"""POS (BN-4.3.2): a voucher pays once, its stub is filed by the town, and what is not filed in time is watched."""

from __future__ import annotations

from datetime import date

import pytest

from tests.journeys.cast import IN_TIME, TIER_1, YEAR, Cast, at, family, household, people_the_town
from tests.journeys.test_at_once import at_once
from tests.journeys.test_receiving import enrol, holds
from yingbao.accounts.actors import Actor
from yingbao.collection.models import Payment, PosStub
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.storage.fields import Json
from yingbao.usecases.receive_payment import receive_payment
from yingbao.usecases.stubs import file_stubs, watch_stubs
from yingbao.worklist.models import WorkItem

TAKEN_ON = IN_TIME  # a Thursday
FIFTH, SIXTH = date(2022, 12, 8), date(2022, 12, 9)  # working days after it


def swipe(actor: Actor, cast: Cast, *, reference: str, terminal: str = "T01") -> int:
    (person,) = household(date(1980, 1, 1))
    answer = receive_payment(
        actor,
        household_id=person.household_id,
        due_ids=enrol(cast, [person], key=f"enrol-{person.pk}"),
        channel="pos",
        amount_fen=TIER_1,
        policy_name="liangping-2023",
        collected_on=TAKEN_ON,
        key=f"pos-{person.pk}",
        at=at(TAKEN_ON),
        reference=reference,
        terminal=terminal,
    )
    return int(answer["payment"])


def file(actor: Actor, *payments: int, on: date = FIFTH, key: str = "file") -> Json:
    return file_stubs(actor, payment_ids=payments, year=YEAR, on=on, key=key, at=at(on))


def watch(cast: Cast, on: date) -> int:
    return watch_stubs(cast.town_clerk, year=YEAR, on=on, at=at(on))


@pytest.mark.clause("BN-4.3.2")
def test_a_voucher_pays_once(cast: Cast) -> None:
    payment = Payment.objects.get(pk=swipe(cast.village_agent, cast, reference="000123"))
    assert (payment.terminal, payment.reference) == ("T01", "000123")
    with pytest.raises(Refused, match=r"凭证已经登记过.*终端号T01，凭证号000123"):
        swipe(cast.village_agent, cast, reference="000123")
    swipe(cast.village_agent, cast, reference="000123", terminal="T02")
    swipe(cast.village_agent, cast, reference="000124")
    assert Payment.objects.count() == 3
    assert holds(cast)


@pytest.mark.clause("BN-4.3.2")
def test_the_town_files_the_stubs(cast: Cast) -> None:
    one, two = (swipe(cast.village_agent, cast, reference=number) for number in ("1", "2"))
    assert file(cast.town_clerk, one, two) == {"filed": 2}
    assert set(PosStub.objects.values_list("payment", "filed_by", "filed_on")) == {
        (one, cast.town_clerk.user_id, FIFTH),
        (two, cast.town_clerk.user_id, FIFTH),
    }
    with pytest.raises(Refused, match="已经归档"):
        file(cast.town_clerk, two, key="again")
    assert file(cast.town_clerk, one, two) == {"filed": 2}


def test_only_the_town_files_and_only_pos_payments_of_its_own(cast: Cast) -> None:
    payment = swipe(cast.village_agent, cast, reference="1")
    for actor, refusal in ((cast.village_agent, Forbidden), (cast.auditor, Forbidden), (cast.outsider, NotFound)):
        with pytest.raises(refusal):
            file(actor, payment)
    with pytest.raises(BadInput, match="没有选择"):
        file(cast.town_clerk)
    members = family()
    cash = receive_payment(
        cast.village_agent,
        household_id=members[0].household_id,
        due_ids=enrol(cast, members),
        channel="cash",
        amount_fen=4 * TIER_1,
        policy_name="liangping-2023",
        collected_on=TAKEN_ON,
        key="cash",
        at=at(TAKEN_ON),
    )["payment"]
    with pytest.raises(NotFound):
        file(cast.town_clerk, payment, cash, key="cash-too")
    assert PosStub.objects.count() == 0


@pytest.mark.clause("BN-4.3.2")
def test_a_stub_not_filed_in_five_working_days_is_a_work_item_that_closes_by_itself(cast: Cast) -> None:
    one, two = (swipe(cast.village_agent, cast, reference=number) for number in ("1", "2"))
    assert watch(cast, FIFTH) == 0
    assert watch(cast, SIXTH) == 2
    assert watch(cast, SIXTH) == 2  # twice changes nothing
    assert set(WorkItem.objects.values_list("kind", "subject_id")) == {("stub-not-filed", one), ("stub-not-filed", two)}
    file(cast.town_clerk, one, on=SIXTH)
    assert WorkItem.objects.get(subject_id=one).closed_reason == "存根已归档"
    PosStub.objects.create(payment_id=two, filed_on=SIXTH, filed_by_id=cast.town_clerk.user_id)
    assert watch(cast, SIXTH) == 0
    assert not WorkItem.objects.filter(closed_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_file_the_same_stub_at_once_file_it_once() -> None:
    cast = people_the_town()
    payment = swipe(cast.village_agent, cast, reference="1")
    outcomes = at_once(
        lambda: file(cast.town_clerk, payment, key="one"), lambda: file(cast.second_clerk, payment, key="two")
    )
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert PosStub.objects.count() == 1
