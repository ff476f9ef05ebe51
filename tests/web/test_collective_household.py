"""People of an institution's collective household see themselves and their own part; its till is not the counter's."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.journeys.cast import POLICY, VILLAGE, at, household
from tests.journeys.institutions import STUDENT_1, STUDENT_2, Campus, bill, bring_in, campus, dues_of, student, transfer
from tests.journeys.test_institution_lists import register
from tests.web.conftest import BACKEND, TODAY, Login, Story
from yingbao.accounts.models import User
from yingbao.accounts.operations import add_user
from yingbao.accounts.queries import actor_named
from yingbao.accounts.roles import Role
from yingbao.collection.models import PaymentOrder
from yingbao.collection.orders.queries import scanned
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, NotFound
from yingbao.registry.models import Resident, ResidentLogin
from yingbao.usecases.bill_institution import find_bill
from yingbao.usecases.pay_online import order_online

SUM, ALL = f"{STUDENT_1 / 100:,.2f}", f"{(2 * STUDENT_1 + STUDENT_2) / 100:,.2f}"


@dataclass
class Paid:
    """A college that has paid for two of its own house and a villager's child, in one transfer."""

    school: Campus
    one: Resident
    other: Resident
    villager: Resident
    payment: int


def let_in(name: str, resident: Resident) -> Client:
    """Give a resident a login, and a browser that is logged in."""
    with transaction.atomic():
        user = add_user(username=name, display_name=name, role=Role.RESIDENT, division_code=VILLAGE)
        ResidentLogin.objects.create(user=User.objects.get(pk=user.pk), resident=resident)
    client = Client()
    client.force_login(User.objects.get(username=name), backend=BACKEND)
    return client


@pytest.fixture
def paid(story: Story) -> Paid:
    school = campus("U1", name="甲区学院")
    villager = register(student(3), village=VILLAGE)
    bring_in(school, [student(1, "柏小舟"), student(2, "艾青禾", tier="二档"), student(3)], on=TODAY)
    drawn = bill(school, on=TODAY)
    payment = transfer(story.cast.tax, drawn["order"], drawn["amount_fen"], on=TODAY)["payment"]
    people = {one.name: one for one in Resident.objects.filter(household=school.institution.household)}
    return Paid(school, people["柏小舟"], people["艾青禾"], villager, payment)


def shown(client: Client, name: str, *args: int) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_student_sees_themselves_and_their_part_of_the_payment(paid: Paid) -> None:
    client = let_in("student", paid.one)
    pages = [
        shown(client, "home"),
        shown(client, "household", paid.one.household_id),
        shown(client, "resident", paid.one.pk),
        shown(client, "payment", paid.payment),
        shown(client, "online"),
    ]
    for page in pages:
        assert "艾青禾" not in page and paid.other.certificate_number not in page and ALL not in page
    assert all(SUM in page for page in pages[:4])
    assert "柏小舟" in pages[3] and paid.villager.name not in pages[3]
    for other in (paid.other, paid.villager):
        assert client.get(reverse("resident", args=[other.pk])).status_code == 404


def test_a_family_sees_what_the_college_paid_for_its_child_and_nothing_of_the_others(paid: Paid) -> None:
    client = let_in("parent", paid.villager)
    home = shown(client, "household", paid.villager.household_id)
    assert reverse("payment", args=[paid.payment]) in home and SUM in home and ALL not in home
    payment = shown(client, "payment", paid.payment)
    assert paid.villager.name in payment and "柏小舟" not in payment and ALL not in payment
    assert reverse("household", args=[paid.one.household_id]) not in payment  # no door to the college's house


def test_a_family_that_the_college_paid_nothing_for_does_not_find_the_payment(paid: Paid, login: Login) -> None:
    assert login("neighbour").get(reverse("payment", args=[paid.payment])).status_code == 404


def test_the_tax_office_reads_the_whole_sum_and_the_banks_number(paid: Paid, login: Login) -> None:
    page = shown(login("tax"), "payment", paid.payment)
    assert ALL in page and "银行流水号" in page and "甲区学院" in page and "POS终端号" not in page


def test_nobody_enrols_or_pays_for_another_of_the_college_by_a_guessed_id(story: Story) -> None:
    school = campus("U1", name="甲区学院")
    bring_in(school, [student(1), student(2)], on=TODAY)
    mine, other = dues_of(school)
    let_in("student", mine.enrolment.resident)
    actor = actor_named("student")

    def ask(due_ids: list[int], tiers: dict[int, int], fen: int, key: str) -> None:
        order_online(
            actor,
            household_id=school.institution.household_id,
            tiers=tiers,
            due_ids=due_ids,
            amount_fen=fen,
            policy_name=POLICY,
            on=TODAY,
            key=key,
            at=at(TODAY),
        )

    with pytest.raises(NotFound, match="不属于这一户"):
        ask([other.pk], {}, STUDENT_1, "theirs")
    with pytest.raises(BadInput, match="不是本户成员"):
        ask([], {other.enrolment.resident_id: 1}, STUDENT_1, "enrol")
    ask([mine.pk], {}, STUDENT_1, "mine")
    # What a student opens for themselves is no bill of the college's.
    order = PaymentOrder.objects.get()
    with pytest.raises(NotFound):
        find_bill(school.agent, order.pk)


def test_the_counter_does_not_open_a_house_of_thousands(paid: Paid, login: Login) -> None:
    client = login("village-agent")
    family = household(TODAY.replace(year=1980))
    Resident.objects.filter(pk=family[0].pk).update(name="柏小舟")
    found = client.post(reverse("counter-find"), {"q": "柏小舟"}).content.decode()
    assert paid.one.household.number in found and "艾青禾" not in found
    answer = client.get(reverse("counter-household", args=[paid.one.household_id]))
    assert answer.status_code == 409 and "甲区学院" in answer.content.decode()
    abroad = login("next-agent").get(reverse("counter-household", args=[paid.one.household_id]))
    assert abroad.status_code == 404 and "甲区学院" not in abroad.content.decode()
    assert Enrolment.objects.filter(resident=paid.one).count() == 1


def test_a_bill_paid_by_transfer_is_nothing_that_was_scanned(paid: Paid) -> None:
    order = PaymentOrder.objects.get(payment=paid.payment)
    assert scanned(order.opened_by_id, on=TODAY) == (0, 0)
