"""The counter: choose tiers, see what is owed and why, take money once, print the receipt."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.web.conftest import Login, Story
from yingbao.collection.models import Due, Payment
from yingbao.enrolment.models import Enrolment


@pytest.fixture
def agent(login: Login, story: Story) -> Client:
    return login("village-agent")


def page_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that posts to ``action``."""
    form = re.search(rf'<form method="post" action="{action}".*?</form>', page, re.DOTALL)
    assert form, action
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))


def test_choosing_a_tier_shows_what_is_owed_before_anything_happens(agent: Client, story: Story) -> None:
    person = story.unenrolled[0]
    page = page_of(agent, reverse("household", args=[person.household_id]) + f"?tier_{person.pk}=2")
    assert "725.00" in page and "收 800 找 75" in page
    assert not Enrolment.objects.filter(resident=person).exists()


def test_enrolling_and_paying_at_the_counter_ends_at_the_receipt(agent: Client, story: Story) -> None:
    person = story.unenrolled[0]
    home = reverse("household", args=[person.household_id])
    act = reverse("enrol", args=[person.household_id])
    fields = hidden_fields(page_of(agent, f"{home}?tier_{person.pk}=1&channel=cash"), act) | {"act": "pay"}
    response = agent.post(act, fields)
    payment = Payment.objects.get(household_id=person.household_id)
    assert response.status_code == 302 and response["Location"] == reverse("payment", args=[payment.pk])
    assert (payment.amount_fen, payment.channel) == (35_000, "cash")
    receipt = agent.get(reverse("receipt-pdf", args=[payment.pk]))
    assert receipt.status_code == 200 and receipt.content.startswith(b"%PDF")


def test_the_same_form_sent_twice_takes_money_once(agent: Client, story: Story) -> None:
    person = story.unenrolled[0]
    act = reverse("enrol", args=[person.household_id])
    fields = {"key": "web-twice", "act": "pay", "channel": "cash", "amount_fen": "35000", f"tier_{person.pk}": "1"}
    first, second = agent.post(act, fields), agent.post(act, fields)
    assert first["Location"] == second["Location"]
    assert Payment.objects.filter(household_id=person.household_id).count() == 1


def test_a_wrong_amount_is_refused_and_nothing_typed_is_lost(agent: Client, story: Story) -> None:
    person = story.unenrolled[0]
    act = reverse("enrol", args=[person.household_id])
    fields = {"key": "web-cheap", "act": "pay", "channel": "cash", "amount_fen": "100", f"tier_{person.pk}": "1"}
    response = agent.post(act, fields)
    page = response.content.decode()
    assert response.status_code == 400
    assert "应缴350.00元，收款1.00元" in page and 'name="amount_fen" value="100"' in page
    assert not Enrolment.objects.filter(resident=person).exists()


def test_dues_from_before_are_paid_later(agent: Client, story: Story) -> None:
    household_id = story.owing[0].household_id
    act = reverse("pay", args=[household_id])
    page = page_of(agent, reverse("household", args=[household_id]))
    form = re.search(rf'action="{act}".*?</form>', page, re.DOTALL)
    assert form
    dues = re.findall(r'name="due" value="(\d+)"', form[0])
    assert len(dues) == 2 and "700.00" in form[0]
    fields = {"key": "web-later", "due": dues, "amount_fen": "70000", "channel": "pos"}
    unnamed = agent.post(act, fields)  # the stub could never be found again
    assert unnamed.status_code == 400 and "凭证号" in unnamed.content.decode()
    response = agent.post(act, fields | {"key": "web-named", "terminal": "T1", "reference": "000001"})
    assert response.status_code == 302
    assert set(Due.objects.filter(pk__in=dues).values_list("state", flat=True)) == {"cleared"}


def test_someone_insured_elsewhere_is_told_why_not(agent: Client, story: Story) -> None:
    person = story.unenrolled[1]
    assert "已参加职工医保" in page_of(agent, reverse("household", args=[person.household_id]))
    act = reverse("enrol", args=[person.household_id])
    fields = {"key": "web-job", "act": "later", "amount_fen": "0", f"tier_{person.pk}": "1"}
    response = agent.post(act, fields)
    assert response.status_code == 409 and "已参加职工医保" in response.content.decode()
