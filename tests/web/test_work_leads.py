"""Work items lead to where they are mended: an agent's receipts, one count, who is concerned, a refund filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from tests.journeys.cast import POLICY, YEAR, at, family, insure_elsewhere, tiers
from tests.web.conftest import TODAY, Login, Story
from yingbao.accounts.actors import Actor
from yingbao.collection.models import HandOver, PaymentLine, Receipt
from yingbao.enrolment.models import Enrolment
from yingbao.registry.models import Resident
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.watch_register import watch_register
from yingbao.worklist.models import WorkItem

COVERED = date(2023, 2, 1)
REASONS = [("employee", "employee"), ("other_place", "other-place"), ("prison", "sentenced"), ("army", "")]


def page_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def watched(story: Story, on: date = TODAY) -> None:
    watch_register(story.cast.town_clerk, year=YEAR, on=on, at=at(on))


def collect(agent: Actor, people: Sequence[Resident]) -> None:
    """Let a family of four pay in cash."""
    enrol_and_pay(
        agent,
        household_id=people[0].household_id,
        tiers=tiers(people),
        channel="cash",
        amount_fen=4 * 35_000,
        policy_name=POLICY,
        on=TODAY,
        key=f"pay-{people[0].pk}",
        at=at(TODAY),
    )


def leading(client: Client, kind: str) -> list[str]:
    """Return the addresses one item of a kind leads to."""
    rows = page_of(client, f"{reverse('work')}?kind={kind}").split("<tbody>")[1].split("</tbody>")[0]
    return [one.replace("&amp;", "&") for one in re.findall(r'href="([^"]+)"', rows)]


@pytest.mark.parametrize(("elsewhere", "reason"), REASONS)
def test_a_refund_asked_from_an_item_has_the_reason_the_item_knows(
    story: Story, login: Login, elsewhere: str, reason: str
) -> None:
    insure_elsewhere(story.paid[2], elsewhere)
    watched(story)
    client = login("town-clerk")
    (asking,) = [one for one in leading(client, "paid-but-covered-elsewhere") if "/ask" in one]
    assert parse_qs(urlsplit(asking).query).get("reason", [""]) == [reason]
    page = page_of(client, asking)
    assert re.findall(r'<option value="([^"]*)" selected', page) == ([reason] if reason else [])
    assert page.count(" checked") == 1 and "不能整项退" not in page


def test_an_item_whose_cover_has_begun_says_so_and_offers_no_refund(
    story: Story, login: Login, settings: Settings
) -> None:
    insure_elsewhere(story.paid[2], "employee")
    watched(story)
    settings.YINGBAO_TODAY = COVERED.isoformat()
    client = login("town-clerk")
    page = page_of(client, f"{reverse('work')}?kind=paid-but-covered-elsewhere")
    assert "待遇自2023-01-01起。" in page and "请书面请示区医疗保障局和区税务局" in page and "写明结果并关闭" in page
    assert reverse("ask-refund") not in page
    form = page_of(client, f"{reverse('ask-refund')}?payment={story.payment}")
    assert "待遇自2023-01-01起" in form and form.count("不能整项退") == 4  # said before anything is filled in


def test_an_item_of_somebody_who_has_not_paid_leads_to_cancelling(story: Story, login: Login) -> None:
    insure_elsewhere(story.owing[0], "prison")
    watched(story)
    page = page_of(login("town-clerk"), f"{reverse('work')}?kind=paid-but-covered-elsewhere")
    assert "取消参保登记" in page and reverse("ask-refund") not in page


def test_a_late_agents_item_leads_to_the_receipts_that_make_up_the_sum(story: Story, login: Login) -> None:
    agent = story.cast.village_agent
    assert leading(login("village-agent"), "late-deposit") == [reverse("day")]
    client = login("town-clerk")
    assert leading(client, "late-deposit") == [reverse("agent-cash", args=[agent.user_id])]
    page = page_of(client, reverse("agent-cash", args=[agent.user_id]))
    line = PaymentLine.objects.get(due__state="collected")
    receipt = Receipt.objects.select_related("book").get(payment=line.payment)
    number = f"{receipt.book.series}-{receipt.number}"
    undeclared, held = page.split("还没有申报")[1].split("手中现金对应的收据")
    assert line.resident.name in undeclared and "350.00" in undeclared and number in undeclared
    assert number in held and "350.00" in held  # not deposited either
    tax = page_of(login("tax"), reverse("agent-cash", args=[agent.user_id]))
    assert line.resident.name not in tax and "350.00" in tax


def test_only_who_takes_cash_has_such_a_page(story: Story, login: Login) -> None:
    client = login("town-clerk")
    assert client.get(reverse("agent-cash", args=[story.cast.tax.user_id])).status_code == 404
    assert client.get(reverse("agent-cash", args=[story.cast.town_clerk.user_id])).status_code == 200
    assert login("village-agent").get(reverse("agent-cash", args=[story.cast.town_clerk.user_id])).status_code == 404


def test_what_an_agent_has_not_declared_costs_the_same_statements_however_much_it_is(
    story: Story, login: Login
) -> None:
    client, address = login("town-clerk"), reverse("agent-cash", args=[story.cast.village_agent.user_id])
    counted = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            page_of(client, address)
        counted.append(len(asked))
        collect(story.cast.village_agent, family())
    assert counted[0] == counted[1]


def test_a_count_that_differs_is_shown_with_its_paper_beside_it(story: Story, login: Login) -> None:
    form = {"n-10000": "3", "key": "web-1", "note": "少五十，明天补"}
    agent, client = login("village-agent"), login("town-clerk")
    agent.post(reverse("save-count"), form)
    agent.post(reverse("save-count"), form | {"key": "web-2"})
    first, second = HandOver.objects.order_by("pk")
    item = WorkItem.objects.filter(kind="cash-mismatch").order_by("pk")[0]
    (address,) = [one for one in leading(client, "cash-mismatch") if one.endswith(f"={item.subject_id}")]
    assert item.subject_id == first.pk and address == f"{reverse('counts')}?count={first.pk}"
    page = page_of(client, address)
    assert reverse("count-pdf", args=[first.pk]) in page and reverse("count-pdf", args=[second.pk]) not in page
    assert reverse("agent-cash", args=[first.agent_id]) in page


def test_where_the_notice_is_silent_the_item_leads_to_the_people_concerned(story: Story, login: Login) -> None:
    person, village = story.paid[0], story.paid[0].division_id
    Enrolment.objects.filter(resident=person).update(status="silent")
    WorkItem.objects.create(
        kind="notice-silent",
        division_id=village,
        owner_id=story.cast.town_clerk.user_id,
        due_on=TODAY,
        opened_on=TODAY,
        subject_kind="division",
        subject_id=village,
    )
    client = login("town-clerk")
    (address,) = leading(client, "notice-silent")
    page = page_of(client, address)
    others = Resident.objects.filter(division_id=village).exclude(pk=person.pk)
    assert person.name in page and "文件未规定待遇" in page
    assert not [one.name for one in others if f">{one.name}<" in page]
