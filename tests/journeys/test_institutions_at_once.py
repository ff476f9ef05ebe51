"""Lists, bills and transfers of institutions: two at once, broken half-way, and killed. Both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from tests.journeys.cast import POLICY, Cast, at, people_the_town
from tests.journeys.institutions import (
    IN_TERM,
    STUDENT_1,
    accept,
    bill,
    bring_in,
    campus,
    check,
    dues_of,
    students,
    transfer,
)
from tests.journeys.test_at_once import _breaking_after, _Broken, at_once
from tests.journeys.test_institution_lists import whole
from tests.journeys.test_paying_by_transfer import pay_online
from yingbao.collection.models import Due, OrderLine, Payment, PaymentLine, PaymentOrder
from yingbao.coverage.models import CoveragePeriod
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import Refused
from yingbao.ledger.models import Transfer
from yingbao.registry.models import ImportedFile, InstitutionMember, Resident, StagedMember
from yingbao.storage.fields import Json
from yingbao.usecases.bill_institution import open_bill

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return people_the_town()


def half_way(act: Callable[[], Json], untouched: Callable[[], None]) -> int:
    """Break after the 1st, 2nd, … statement until it gets through; nothing may be left each time. Return how many."""
    for allowed in range(300):
        try:
            with connection.execute_wrapper(_breaking_after(allowed)):
                act()
        except _Broken:
            untouched()
            continue
        return allowed
    raise AssertionError("never got through")


def test_two_who_accept_one_list_enrol_it_once(cast: Cast) -> None:
    school = campus()
    checked = check(school, students(20))
    outcomes = at_once(
        lambda: accept(school, checked["file_id"], key="one"), lambda: accept(school, checked["file_id"], key="two")
    )
    assert sorted(isinstance(one, Refused) for one in outcomes) == [False, True]
    assert (Enrolment.objects.count(), Due.objects.count(), Resident.objects.count()) == (20, 20, 20)
    whole(cast)


def test_two_lists_with_the_same_people_enrol_each_once(cast: Cast) -> None:
    first, second = campus("U1"), campus("U2")
    lists = [check(first, students(10), key="a"), check(second, students(15), key="b")]
    outcomes = at_once(
        lambda: accept(first, lists[0]["file_id"], key="one"), lambda: accept(second, lists[1]["file_id"], key="two")
    )
    assert any(isinstance(one, dict) for one in outcomes)
    assert Enrolment.objects.count() == Resident.objects.count() == InstitutionMember.objects.count()
    whole(cast)


def test_two_bills_at_once_put_nobody_on_both(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(10))

    def draw(key: str) -> Callable[[], Json]:
        return lambda: open_bill(
            cast.town_clerk if key == "one" else school.agent,
            institution_id=school.id,
            policy_name=POLICY,
            key=key,
            at=at(IN_TERM),
        )

    outcomes = at_once(draw("one"), draw("two"))
    assert sorted(isinstance(one, Refused) for one in outcomes) == [False, True]
    assert OrderLine.objects.count() == 10


def test_two_who_note_one_transfer_note_it_once(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(10))
    drawn = bill(school)
    outcomes = at_once(
        lambda: transfer(cast.tax, drawn["order"], 10 * STUDENT_1, key="one"),
        lambda: transfer(cast.town_clerk, drawn["order"], 10 * STUDENT_1, key="two"),
    )
    assert sorted(isinstance(one, Refused) for one in outcomes) == [False, True]
    assert Payment.objects.count() == 1
    whole(cast)


def test_a_student_who_pays_by_phone_as_the_transfer_comes_loses_nothing(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(5))
    drawn = bill(school)
    due = dues_of(school)[2]

    def phone() -> Json:
        pay_online(cast, Due.objects.select_related("enrolment__resident").get(pk=due.pk))
        return {}

    outcomes = at_once(lambda: transfer(cast.tax, drawn["order"], 5 * STUDENT_1), phone)
    assert all(isinstance(one, dict) for one in outcomes)
    surplus = PaymentLine.objects.filter(kind="surplus")
    assert [line.amount_fen for line in surplus] == [STUDENT_1]
    assert {one.state for one in dues_of(school)} == {"cleared"}
    whole(cast)


def test_an_acceptance_broken_anywhere_leaves_the_list_waiting(cast: Cast) -> None:
    school = campus()
    checked = check(school, students(3))

    def untouched() -> None:
        counts = (Resident.objects.count(), Enrolment.objects.count(), Due.objects.count(), Transfer.objects.count())
        assert counts == (0, 0, 0, 0)
        assert StagedMember.objects.count() == 3
        assert ImportedFile.objects.get(pk=checked["file_id"]).state == "checked"

    assert half_way(lambda: accept(school, checked["file_id"]), untouched) > 15
    assert (Enrolment.objects.count(), StagedMember.objects.count()) == (3, 0)
    whole(cast)


def test_a_transfer_broken_anywhere_leaves_the_bill_open(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(3))
    drawn = bill(school)

    def untouched() -> None:
        assert (Payment.objects.count(), CoveragePeriod.objects.count()) == (0, 0)
        assert PaymentOrder.objects.get().state == "open"
        assert {due.state for due in dues_of(school)} == {"open"}

    assert half_way(lambda: transfer(cast.tax, drawn["order"], 3 * STUDENT_1), untouched) > 12
    assert CoveragePeriod.objects.count() == 3
    whole(cast)
