"""Paying online: one's own household, and somebody else of whom nothing is shown but a masked name and a sum."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from tests.journeys.cast import NEXT_VILLAGE, TIER_1, at, household, insure_elsewhere, mark
from tests.journeys.test_channel_words import say
from tests.web.conftest import TODAY, Login, Story
from tests.web.test_english import chinese_left, in_english
from tests.web.test_serving import checked, hidden
from yingbao.collection.models import Due, PaymentOrder
from yingbao.coverage.models import CoveragePeriod
from yingbao.enrolment.models import Enrolment
from yingbao.registry.models import Resident
from yingbao.usecases.pay_online import TRIES_A_DAY


@pytest.fixture
def payer(story: Story, login: Login) -> Client:
    """A resident whose family has two people more, enrolled by nobody."""
    more = household(date(1990, 1, 1), date(2010, 1, 1))
    home = story.paid[0].household
    Resident.objects.filter(pk__in=[one.pk for one in more]).update(household=home, relation="other")
    return login("resident")


@pytest.fixture
def neighbour(story: Story) -> Resident:
    (one,) = household(date(1950, 1, 1), village=NEXT_VILLAGE)
    Resident.objects.filter(pk=one.pk).update(name="欧阳老伯")
    return Resident.objects.select_related("household").get(pk=one.pk)


def look(client: Client, name: str, number: str) -> Any:
    text = client.get(reverse("another")).content.decode()
    keys = re.findall(r'name="key" value="([^"]*-f)"', text)
    return client.post(reverse("find-payee"), {"name": name, "number": number, "key": keys[0]})


def test_a_resident_pays_for_some_of_the_family(story: Story, payer: Client) -> None:
    text = payer.get(reverse("online")).content.decode()
    chosen = sorted(checked(text))
    assert len(chosen) == 2 and hidden(text, "amount_fen") == str(2 * TIER_1)
    name = chosen[0].split("@")[1]
    again = payer.post(reverse("online-bill"), {name: "2"}).content.decode()
    assert hidden(again, "amount_fen") == "72500"
    sent = {"key": hidden(again, "key"), "amount_fen": "72500", name: "2"}
    answer = payer.post(reverse("order-online"), sent)
    order = PaymentOrder.objects.get()
    assert answer["Location"] == reverse("order", args=[order.number])
    shown = payer.get(answer["Location"]).content.decode()
    assert "<svg" in shown and order.lines.get().due.enrolment.resident.name in shown
    assert order.number in payer.get(reverse("online")).content.decode()
    say(story.cast, order.number, fen=72_500, reference="R1")
    assert "已支付" in payer.get(answer["Location"]).content.decode()


def test_a_wrong_amount_and_nobody_chosen_are_said_beside_the_form(payer: Client) -> None:
    text = payer.get(reverse("online")).content.decode()
    name = sorted(checked(text))[0].split("@")[1]
    answer = payer.post(reverse("order-online"), {"key": hidden(text, "key"), "amount_fen": "1", name: "1"})
    assert answer.status_code == 400 and "刚刚变化" in answer.content.decode()
    assert payer.post(reverse("order-online"), {"key": hidden(text, "key"), "amount_fen": "0"}).status_code == 400
    assert PaymentOrder.objects.count() == 0


def test_the_rest_of_a_due_that_came_out_short_is_paid_online(story: Story, payer: Client, settings: Settings) -> None:
    person = story.paid[0]
    made_short(story, person)
    settings.YINGBAO_TODAY = "2023-07-03"
    text = payer.get(reverse("online")).content.decode()
    assert "补缴 1 档差额" in text and "已缴 350" in text
    due = Due.objects.get(enrolment__resident=person)
    again = payer.post(reverse("online-bill"), {"due": due.pk}).content.decode()
    assert hidden(again, "amount_fen") == "61000" and "610.00" in again
    sent = {"key": hidden(again, "key"), "amount_fen": "61000", "due": due.pk}
    order = payer.post(reverse("order-online"), sent)
    assert order.status_code == 302 and PaymentOrder.objects.get().amount_fen == 61_000
    in_july = at(date(2023, 7, 3))
    assert say(story.cast, PaymentOrder.objects.get().number, fen=61_000, reference="R3", paid_at=in_july)["paid"] == 1
    assert Due.objects.get(pk=due.pk).amount_fen == 96_000


def made_short(story: Story, person: Resident) -> None:
    """Let somebody's cleared money be as if it had cleared in July, when it was not enough any more."""
    due = Due.objects.get(enrolment__resident=person)
    CoveragePeriod.objects.filter(enrolment=due.enrolment_id).delete()
    Enrolment.objects.filter(pk=due.enrolment_id).update(locked_on=None)
    Due.objects.filter(pk=due.pk).update(state="short", cleared_on=None)


def test_at_the_counter_the_rest_is_scanned(story: Story, login: Login, settings: Settings) -> None:
    person = story.paid[0]
    made_short(story, person)
    settings.YINGBAO_TODAY = "2023-07-03"
    due, client = Due.objects.get(enrolment__resident=person), login("village-agent")
    address = reverse("scan-top-up", args=[due.pk])
    assert address in client.get(reverse("household", args=[person.household_id])).content.decode()
    form = {"key": "web-1", "household": person.household_id, "amount_fen": "61000"}
    order = client.post(address, form)
    assert order["Location"] == reverse("order", args=[PaymentOrder.objects.get().number])
    assert "610.00" in client.get(order["Location"]).content.decode()


def test_a_resident_changes_and_cancels_what_is_unpaid_of_the_own_household(story: Story, payer: Client) -> None:
    text = payer.get(reverse("online")).content.decode()
    name = sorted(checked(text))[0].split("@")[1]
    payer.post(reverse("order-online"), {"key": hidden(text, "key"), "amount_fen": str(TIER_1), name: "1"})
    due = Due.objects.get(state="open", enrolment__resident=int(name.removeprefix("tier_")))
    home = story.paid[0].household_id
    page = payer.get(reverse("household", args=[home])).content.decode()
    assert reverse("change-tier", args=[due.pk]) in page and reverse("cancel-enrolment", args=[due.pk]) in page
    paid = Due.objects.get(enrolment__resident=story.paid[0])
    assert reverse("cancel-enrolment", args=[paid.pk]) not in page
    form = {"key": "web-1", "household": home, "tier": "2"}
    assert payer.post(reverse("change-tier", args=[due.pk]), form).status_code == 302
    assert Due.objects.get(pk=due.pk).amount_fen == 72_500
    form = {"key": "web-2", "household": home, "reason": "不是本人登记"}
    assert payer.post(reverse("cancel-enrolment", args=[due.pk]), form).status_code == 302
    assert Due.objects.get(pk=due.pk).state == "cancelled"
    other = Due.objects.get(enrolment__resident=story.owing[0])
    assert payer.post(reverse("cancel-enrolment", args=[other.pk]), form | {"key": "web-3"}).status_code == 404


def test_who_pays_nothing_is_not_enrolled_by_somebody_else(story: Story, payer: Client, neighbour: Resident) -> None:
    mark(neighbour, "extreme_poverty", story.cast)
    look(payer, "欧阳老伯", neighbour.certificate_number)
    text = payer.get(reverse("another")).content.decode()
    assert "现在不能在网上替这个人缴费" in text and "特困" not in text
    sent = {"key": "web-1", "amount_fen": "0", f"tier_{neighbour.pk}": "1"}
    answer = payer.post(reverse("order-another"), sent)
    assert answer.status_code == 409 and not Due.objects.filter(enrolment__resident=neighbour).exists()


def test_of_somebody_else_nothing_is_shown_but_a_masked_name_and_the_sum(
    story: Story, payer: Client, neighbour: Resident
) -> None:
    mark(neighbour, "dibao", story.cast)
    assert look(payer, "欧阳老伯", neighbour.certificate_number).status_code == 302
    text = payer.get(reverse("another")).content.decode()
    assert "欧**伯" in text and "35" in text
    secret = ("欧阳老伯", neighbour.certificate_number, neighbour.household.number, "西村", "低保", "PJ-5", "1950")
    assert [word for word in secret if word in text] == []
    sent = {"key": hidden(text, "key"), "amount_fen": "3500", f"tier_{neighbour.pk}": "1"}
    order = payer.post(reverse("order-another"), sent)["Location"]
    shown = payer.get(order).content.decode()
    assert [word for word in secret if word in shown] == []
    assert say(story.cast, PaymentOrder.objects.get().number, fen=3_500, reference="R2")["paid"] == 1
    assert payer.get(reverse("resident", args=[neighbour.pk])).status_code == 404  # paying opens no other door
    assert payer.get(reverse("household", args=[neighbour.household_id])).status_code == 404


def test_why_somebody_cannot_enrol_is_their_own_business(story: Story, payer: Client, neighbour: Resident) -> None:
    insure_elsewhere(neighbour, "prison")
    look(payer, "欧阳老伯", neighbour.certificate_number)
    text = payer.get(reverse("another")).content.decode()
    assert "现在不能在网上替这个人缴费" in text and "服刑" not in text


def test_who_has_paid_looks_like_who_cannot(story: Story, payer: Client) -> None:
    paid = story.next_door[0]
    look(payer, paid.name, paid.certificate_number)
    text = payer.get(reverse("another")).content.decode()
    assert "现在不能在网上替这个人缴费" in text and "已到账" not in text


def test_a_wrong_name_or_number_finds_nobody_and_ten_tries_are_all(payer: Client, neighbour: Resident) -> None:
    for _ in range(TRIES_A_DAY):
        answer = look(payer, "欧阳", neighbour.certificate_number)
        assert answer.status_code == 404 and "没有找到" in answer.content.decode()
    refused = look(payer, "欧阳老伯", neighbour.certificate_number)
    assert refused.status_code == 409 and "次数已用完" in refused.content.decode()


def test_nobody_is_ordered_for_who_was_not_found(payer: Client, neighbour: Resident) -> None:
    sent = {"key": "web-1", "amount_fen": "35000", f"tier_{neighbour.pk}": "1"}
    assert payer.post(reverse("order-another"), sent).status_code == 404
    assert Due.objects.filter(enrolment__resident=neighbour).count() == 0


def test_one_resident_does_not_see_anothers_order(story: Story, payer: Client, login: Login) -> None:
    text = payer.get(reverse("online")).content.decode()
    name = sorted(checked(text))[0].split("@")[1]
    sent = {"key": hidden(text, "key"), "amount_fen": str(TIER_1), name: "1"}
    order = payer.post(reverse("order-online"), sent)["Location"]
    assert login("neighbour").get(order).status_code == 404
    assert login("village-agent").get(order).status_code == 200
    assert login("auditor").get(order).status_code == 200


def test_these_pages_in_english_hold_no_chinese_but_data(story: Story, payer: Client, neighbour: Resident) -> None:
    look(payer, "欧阳老伯", neighbour.certificate_number)
    text = payer.get(reverse("online")).content.decode()
    name = sorted(checked(text))[0].split("@")[1]
    sent = {"key": hidden(text, "key"), "amount_fen": str(TIER_1), name: "1"}
    order = payer.post(reverse("order-online"), sent)["Location"]
    client = in_english(payer)
    for address in (reverse("online"), reverse("another"), order):
        assert chinese_left(client.get(address).content.decode()) <= {"中文"}, address


def test_home_is_a_card_for_each_of_the_family(story: Story, payer: Client) -> None:
    page = payer.get("/").content.decode()
    cards = {card.row["person"].pk: card for card in payer.get("/").context["cards"]}
    subsidised, own = cards[story.paid[1].pk], cards[story.paid[0].pk]
    assert subsidised.payer and subsidised.rules and all(f">{rule.id}<" in page for rule in subsidised.rules)
    assert not own.payer and own.locked and "不再变动" in page
    cover = CoveragePeriod.objects.get(enrolment__resident=story.paid[0])
    assert f"{cover.begin_on}" in page and "已办好，不用再做什么" in page
    assert "还没有参保。今天缴清，自己要缴" in page and f'href="{reverse("online")}"' in page
    assert "金额按今天缴清测算" not in page


def test_nothing_to_pay_is_said_where_receipts_would_be(story: Story, login: Login) -> None:
    Due.objects.filter(enrolment__resident__in=story.paid).update(amount_fen=0)
    client = login("resident")
    home = client.get("/")
    assert home.context["owes_nothing"]


def test_after_paying_online_the_page_says_what_comes_next(story: Story, payer: Client) -> None:
    text = payer.get(reverse("online")).content.decode()
    name = sorted(checked(text))[0].split("@")[1]
    payer.post(reverse("order-online"), {"key": hidden(text, "key"), "amount_fen": str(TIER_1), name: "1"})
    order = PaymentOrder.objects.get()
    say(story.cast, order.number, fen=TIER_1, paid_at=at(TODAY))
    page = payer.get(reverse("order", args=[order.number])).content.decode()
    assert "接下来不用做什么" in page and 'href="/" autofocus' in page
