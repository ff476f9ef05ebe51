"""Money for nobody on its pages: found and taken, asked back and returned, its work item led there."""

from __future__ import annotations

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.journeys.cast import TIER_1
from tests.journeys.kept import ask, keep_for_nobody
from tests.web.conftest import Login, Story
from yingbao.collection.models import Due, KeptMoney, Payment
from yingbao.worklist.models import WorkItem


def text_of(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(name, args=args)).content.decode()


def key_of(text: str, act: str, pk: int) -> str:
    form = text[text.index(f'action="{reverse(act, args=[pk])}"') :]
    found = re.search(r'name="key" value="([^"]+)"', form)
    assert found
    return found[1]


def test_the_bureau_finds_whom_it_is_for_and_takes_it(story: Story, login: Login) -> None:
    kept, person = keep_for_nobody(story.cast), story.owing[0]
    client = login("bureau")
    assert "N1" in text_of(client, "kept")
    page = text_of(client, "kept-money", kept.pk)
    assert reverse("find-payer", args=[kept.pk]) in page and reverse("take-kept", args=[kept.pk]) not in page
    found = client.post(reverse("find-payer", args=[kept.pk]), {"q": person.household.number}).content.decode()
    assert person.name in found and person.certificate_number not in found and "待缴" in found
    form = {"key": key_of(found, "take-kept", kept.pk), "resident": person.pk}
    answer = client.post(reverse("take-kept", args=[kept.pk]), form)
    payment = Payment.objects.get(reference="N1")
    assert answer["Location"] == reverse("payment", args=[payment.pk])
    assert "已认领入账：缴清 1 人" in client.get(answer["Location"]).content.decode()
    assert Due.objects.get(enrolment__resident=person).state == "cleared"
    page = text_of(client, "kept-money", kept.pk)
    assert reverse("payment", args=[payment.pk]) in page and reverse("ask-return", args=[kept.pk]) not in page
    assert "N1" not in text_of(client, "kept")
    assert "N1" in client.get(reverse("kept"), {"state": "taken"}).content.decode()


def test_nobody_found_is_said_so(story: Story, login: Login) -> None:
    address = reverse("find-payer", args=[keep_for_nobody(story.cast).pk])
    client = login("bureau")
    assert "没有找到" in client.post(address, {"q": "查无此人"}).content.decode()
    assert client.post(address, {"q": "人" * 61}).status_code == 400


def test_it_goes_back_by_two_hands(story: Story, login: Login) -> None:
    kept = keep_for_nobody(story.cast)
    bureau, tax = login("bureau"), login("tax")
    page = text_of(bureau, "kept-money", kept.pk)
    form = {"key": key_of(page, "ask-return", kept.pk), "reason": "渠道也查不到缴费人"}
    assert bureau.post(reverse("ask-return", args=[kept.pk]), form).status_code == 302
    page = text_of(tax, "kept-money", kept.pk)
    assert "渠道也查不到缴费人" in page and reverse("keep-on", args=[kept.pk]) not in page
    wrong = {"key": "web-1", "reference": "TK1", "returned_on": "2022-12-16"}
    answer = tax.post(reverse("give-back", args=[kept.pk]), wrong)
    assert answer.status_code == 400 and "退回日期" in answer.content.decode()
    form = {"key": key_of(page, "give-back", kept.pk), "reference": "TK1", "returned_on": "2022-12-14"}
    tax.post(reverse("give-back", args=[kept.pk]), form)
    assert KeptMoney.objects.get().return_reference == "TK1"
    assert "TK1" in text_of(bureau, "kept-money", kept.pk)


def test_who_asked_may_think_again(story: Story, login: Login) -> None:
    kept = keep_for_nobody(story.cast)
    ask(story.cast.bureau, kept)
    client = login("bureau")
    form = {"key": key_of(text_of(client, "kept-money", kept.pk), "keep-on", kept.pk)}
    client.post(reverse("keep-on", args=[kept.pk]), form)
    assert KeptMoney.objects.get().state == "kept"


def test_its_work_item_leads_there_and_is_not_closed_by_hand(story: Story, login: Login) -> None:
    kept = keep_for_nobody(story.cast, fen=12_300)
    client = login("bureau")
    page = client.get(reverse("work"), {"kind": "order-unmatched"}).content.decode()
    assert "微信 N1" in page and "123.00" in page and "去处理" in page
    assert reverse("kept-money", args=[kept.pk]) in page and "写明结果并关闭" not in page
    item = WorkItem.objects.get(subject_kind="kept-money")
    answer = client.post(reverse("close-work", args=[item.pk]), {"key": "web-1", "reason": "已处理"})
    assert answer.status_code == 409 and "资金 → 待认领" in answer.content.decode()


def test_of_another_year_only_the_way_back_is_shown(story: Story, login: Login) -> None:
    kept = keep_for_nobody(story.cast)
    KeptMoney.objects.update(year=2022)
    page = text_of(login("bureau"), "kept-money", kept.pk)
    assert "请退回缴费人" in page and reverse("find-payer", args=[kept.pk]) not in page


def test_the_list_costs_the_same_for_one_as_for_many(story: Story, login: Login) -> None:
    client = login("bureau")

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("kept")).status_code == 200
        return len(caught)

    keep_for_nobody(story.cast)
    one = count()
    for number in range(5):
        keep_for_nobody(story.cast, fen=TIER_1, reference=f"M{number}")
    assert count() == one


def test_only_offices_above_the_towns_are_led_to_it(story: Story, login: Login) -> None:
    address = reverse("kept")
    led = {part for part in ("bureau", "tax", "auditor", "town-clerk") if address in text_of(login(part), "money")}
    assert led == {"bureau", "tax", "auditor"}
