"""A resident pays by phone: for people of the own household, and for somebody else found by name and number."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.journeys.cast import (
    IN_TIME,
    POLICY,
    TIER_1,
    VILLAGE,
    YEAR,
    Cast,
    at,
    family,
    household,
    mark,
)
from tests.journeys.institutions import IN_TERM, STUDENT_1, bring_in, campus, students
from tests.journeys.test_channel_words import say
from tests.journeys.test_receiving import enrol, holds, pay
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.accounts.operations import add_user
from yingbao.accounts.queries import actor_named
from yingbao.accounts.roles import Role
from yingbao.collection.models import Due, Payment, PaymentOrder
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.registry.models import Resident, ResidentLogin
from yingbao.storage.fields import Json
from yingbao.usecases.cancel_enrolment import cancel_enrolment
from yingbao.usecases.change_tier import change_tier
from yingbao.usecases.open_order import close_order
from yingbao.usecases.pay_online import TRIES_A_DAY, find_payee, order_for_another, order_online
from yingbao.usecases.print_receipts import print_receipt, print_receipt_slip, print_voucher

NOW = at(IN_TIME)
Family = tuple[Actor, list[Resident]]


@pytest.fixture
def home(cast: Cast) -> Family:
    """A family whose head may log in."""
    members = family()
    with transaction.atomic():
        user = add_user(username="head", display_name="head", role=Role.RESIDENT, division_code=VILLAGE)
        ResidentLogin.objects.create(user=user, resident=members[0])
    return actor_named("head"), members


def order(actor: Actor, household_id: int, tiers: dict[int, int], fen: int, **also: Any) -> Json:
    given: dict[str, Any] = {"due_ids": [], "policy_name": POLICY, "on": IN_TIME, "key": "order", "at": NOW}
    return order_online(actor, household_id=household_id, tiers=tiers, amount_fen=fen, **(given | also))


def find(actor: Actor, person: Resident, *, name: str | None = None, key: str = "find", **also: Any) -> Json:
    asked = {"name": person.name if name is None else name, "number": person.certificate_number} | also
    return find_payee(actor, key=key, at=NOW, **asked)


def order_other(actor: Actor, person: Resident, *, tier: int = 1, fen: int = TIER_1, **also: Any) -> Json:
    given: dict[str, Any] = {"due_ids": [], "policy_name": POLICY, "on": IN_TIME, "key": "other", "at": NOW}
    return order_for_another(actor, resident_id=person.pk, tier=tier, amount_fen=fen, **(given | also))


@pytest.mark.clause("PJ-4.1")
def test_a_resident_enrols_and_pays_for_some_of_the_own_household(cast: Cast, home: Family) -> None:
    head, members = home
    answer = order(head, members[0].household_id, {members[0].pk: 1, members[2].pk: 2}, TIER_1 + 72_500)
    opened = PaymentOrder.objects.get()
    assert (answer["order"], opened.opened_by.username) == (opened.number, "head")
    say(cast, opened.number, fen=TIER_1 + 72_500)
    paid = Enrolment.objects.filter(due__state="cleared")
    assert set(paid.values_list("resident_id", "tier")) == {(members[0].pk, 1), (members[2].pk, 2)}
    assert holds(cast)


def test_a_resident_pays_what_is_already_owed(cast: Cast, home: Family) -> None:
    head, members = home
    dues = enrol(cast, members[:1])
    order(head, members[0].household_id, {}, TIER_1, due_ids=dues)
    assert say(cast, PaymentOrder.objects.get().number, fen=TIER_1)["paid"] == 1
    assert holds(cast)


def test_another_household_is_not_there_and_others_may_not(cast: Cast, home: Family) -> None:
    head, members = home
    others = family()
    with pytest.raises(NotFound):
        order(head, others[0].household_id, {others[0].pk: 1}, TIER_1)
    for actor in (cast.village_agent, cast.bureau, cast.wechat):
        with pytest.raises(Forbidden):
            order(actor, members[0].household_id, {members[0].pk: 1}, TIER_1)
    assert Enrolment.objects.count() == 0


def test_somebody_else_is_found_by_name_and_whole_number_and_told_by_a_masked_name_only(
    cast: Cast, home: Family
) -> None:
    head, _members = home
    (neighbour,) = household(date(1970, 1, 1))
    told = find(head, neighbour)
    hidden = "*" * (len(neighbour.name) - 2)
    assert told == {"resident": neighbour.pk, "name": neighbour.name[0] + hidden + neighbour.name[-1]}
    assert find(head, neighbour, name=neighbour.name + "二", key="2") == {"resident": None, "name": ""}
    assert find(head, neighbour, name="", key="3") == {"resident": None, "name": ""}
    assert find(head, neighbour, number=neighbour.certificate_number[:-1], key="4")["resident"] is None
    assert find(head, neighbour, number="", key="5")["resident"] is None
    tries = AuditEntry.objects.filter(action="find-payee").order_by("pk")
    assert [entry.subject_kind for entry in tries] == ["resident", "user", "user", "user", "user"]
    assert all(set(entry.detail) == {"found"} for entry in tries)


def test_ten_tries_a_day_are_all_there_are(cast: Cast, home: Family) -> None:
    head, _members = home
    (neighbour,) = household(date(1970, 1, 1))
    for number in range(TRIES_A_DAY):
        find(head, neighbour, name="某人", key=f"try-{number}")
    find(head, neighbour, name="某人", key="try-0")  # sent twice, counted once
    with pytest.raises(Refused, match="次数已用完"):
        find(head, neighbour, key="one too many")
    tomorrow = NOW + timedelta(days=1)
    again = find_payee(head, name=neighbour.name, number=neighbour.certificate_number, key="next", at=tomorrow)
    assert again["resident"] == neighbour.pk


@pytest.mark.clause("PJ-4.1")
def test_a_resident_pays_for_another_whom_they_found_today(cast: Cast, home: Family) -> None:
    head, _members = home
    (neighbour,) = household(date(1970, 1, 1))
    find(head, neighbour)
    opened = order_other(head, neighbour)
    assert say(cast, opened["order"], fen=TIER_1)["paid"] == 1
    assert Enrolment.objects.get().resident == neighbour
    assert holds(cast)


def test_an_enrolled_neighbours_due_is_paid_too(cast: Cast, home: Family) -> None:
    head, _members = home
    (neighbour,) = household(date(1950, 1, 1))
    mark(neighbour, "dibao", cast)
    dues = enrol(cast, [neighbour])
    find(head, neighbour)
    opened = order_other(head, neighbour, tier=0, fen=3_500, due_ids=dues)
    assert say(cast, opened["order"], fen=3_500)["paid"] == 1
    assert holds(cast)


def logged_in(person: Resident, name: str) -> Actor:
    with transaction.atomic():
        user = add_user(username=name, display_name=name, role=Role.RESIDENT, division_code=VILLAGE)
        ResidentLogin.objects.create(user=user, resident=person)
    return actor_named(name)


def standing(actor: Actor, person: Resident, *, tier: int = 0, key: str = "standing") -> Json:
    """Cancel somebody's unpaid enrolment, or change its tier."""
    due_id = Due.objects.get(enrolment__resident=person, enrolment__state="standing").pk
    terms: Json = {"due_id": due_id, "on": IN_TIME, "key": key, "at": NOW}
    if tier:
        return change_tier(actor, tier=tier, policy_name=POLICY, **terms)
    return cancel_enrolment(actor, reason="不是我登记的", year=YEAR, **terms)


def test_an_enrolment_another_left_unpaid_is_the_persons_own_to_change_and_to_cancel(cast: Cast, home: Family) -> None:
    head, members = home
    (neighbour,) = household(date(1970, 1, 1))
    find(head, neighbour)
    number = order_other(head, neighbour, tier=2, fen=72_500)["order"]
    person = logged_in(neighbour, "neighbour")
    for stranger in (head, cast.next_agent):  # paying for somebody opens no other door
        with pytest.raises(NotFound):
            standing(stranger, neighbour)
    assert standing(person, neighbour, tier=1)["amount_fen"] == TIER_1
    assert PaymentOrder.objects.get().state == "closed"
    assert standing(cast.village_agent, neighbour, tier=2, key="clerk")["amount_fen"] == 72_500
    assert standing(person, neighbour, key="cancel")["amount_fen"] == 72_500
    assert not Enrolment.objects.filter(state="standing").exists()
    assert say(cast, number, fen=72_500)["surplus_fen"] == 72_500  # paid after all: it goes back
    with pytest.raises(NotFound):
        enrol(cast, members[:1])
        standing(person, members[0], key="theirs")
    with pytest.raises(Forbidden):
        standing(cast.auditor, members[0], key="auditor")
    assert holds(cast)


def test_who_pays_nothing_is_enrolled_by_nobody_else(cast: Cast, home: Family) -> None:
    head, _members = home
    (neighbour,) = household(date(1950, 1, 1))
    mark(neighbour, "extreme_poverty", cast)
    find(head, neighbour)
    with pytest.raises(Refused, match="不能由别人"):
        order_other(head, neighbour, fen=0)
    assert Enrolment.objects.count() == 0


def test_what_an_office_or_an_institution_enrolled_is_theirs_to_change(cast: Cast, home: Family, hall: Family) -> None:
    head, members = home
    enrol(cast, members[:1])
    with pytest.raises(Refused, match="不是在网上办的"):
        standing(head, members[0])
    student, others = hall
    with pytest.raises(NotFound):
        standing(student, others[1])
    Enrolment.objects.filter(resident=others[0]).update(enrolled_by=student.user_id)
    with pytest.raises(Refused, match="单位统一缴费"):
        standing(student, others[0], key="own")


def test_nobody_pays_for_whom_they_have_not_found_today(cast: Cast, home: Family) -> None:
    head, _members = home
    neighbour, child = household(date(1970, 1, 1), date(2000, 1, 1))
    with pytest.raises(NotFound, match="姓名和证件号码"):
        order_other(head, neighbour)
    find(head, neighbour)
    with pytest.raises(NotFound):
        order_other(head, child, key="child")
    with pytest.raises(NotFound):
        order_other(head, neighbour, key="tomorrow", at=NOW + timedelta(days=1))
    with pytest.raises(NotFound, match="不属于这一户"):  # the child's due is not the neighbour's
        order_other(head, neighbour, tier=0, due_ids=enrol(cast, [child]), key="due")
    assert Enrolment.objects.count() == 1


def test_who_has_died_since_the_list_is_not_found(cast: Cast, home: Family) -> None:
    head, _members = home
    (neighbour,) = household(date(1970, 1, 1))
    Resident.objects.filter(pk=neighbour.pk).update(state="dead", gone_on=IN_TIME)
    assert find(head, neighbour)["resident"] is None


def test_only_who_opened_an_order_or_the_office_closes_it(cast: Cast, home: Family) -> None:
    head, members = home
    number = order(head, members[0].household_id, {members[0].pk: 1}, TIER_1)["order"]
    with transaction.atomic():
        add_user(username="stranger", display_name="stranger", role=Role.RESIDENT, division_code=VILLAGE)
    with pytest.raises(NotFound):
        close_order(actor_named("stranger"), number=number, key="stranger", at=NOW)
    assert close_order(head, number=number, key="own", at=NOW) == {"closed": True}


@pytest.fixture
def hall(cast: Cast) -> Family:
    """Two students of a collective household; the first may log in."""
    school = campus()
    bring_in(school, students(2))
    members = list(Resident.objects.filter(household=school.institution.household).order_by("pk"))
    with transaction.atomic():
        user = add_user(username="student", display_name="student", role=Role.RESIDENT, division_code=VILLAGE)
        ResidentLogin.objects.create(user=user, resident=members[0])
    return actor_named("student"), members


def test_in_a_collective_household_nobody_enrols_or_pays_for_the_others_by_their_ids(hall: Family) -> None:
    student, members = hall
    due = Enrolment.objects.get(resident=members[1]).due.pk
    with pytest.raises(NotFound):
        order(student, members[0].household_id, {}, STUDENT_1, due_ids=[due])
    with pytest.raises(BadInput, match="不是本户成员"):
        order(student, members[0].household_id, {members[1].pk: 1}, STUDENT_1)
    assert not PaymentOrder.objects.exists()
    own = Enrolment.objects.get(resident=members[0]).due.pk
    assert order(student, members[0].household_id, {}, STUDENT_1, due_ids=[own], on=IN_TERM, at=at(IN_TERM))["order"]


def test_in_a_collective_household_nobody_prints_the_others_receipts(cast: Cast, hall: Family) -> None:
    student, members = hall
    for person in members:
        due = Enrolment.objects.get(resident=person).due.pk
        pay(cast.village_agent, [person], [due], fen=STUDENT_1, on=IN_TERM, channel="pos", key=f"p{person.pk}")
    own, other = Payment.objects.order_by("pk")
    assert print_receipt(student, payment_id=own.pk).startswith(b"%PDF")
    for printed in (print_receipt, print_receipt_slip, print_voucher):
        with pytest.raises(NotFound):
            printed(student, payment_id=other.pk)
