"""The receipts' pages: stock and seal, one book, the second look, stubs, and what a payment's page offers."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.journeys.cast import OTHER_TOWN, POLICY, TIER_1, TOWN, at, household, print_run, tiers
from tests.web.conftest import TODAY, Login, Story
from tests.web.test_pages import page_of
from yingbao.collection.models import OfficeSeal, Payment, PosStub, Receipt, ReceiptBook
from yingbao.usecases.enrol_and_pay import enrol_and_pay


def book_of(story: Story) -> ReceiptBook:
    return Receipt.objects.get(payment_id=story.payment).book


@pytest.mark.clause("BN-4.3.3b")
def test_the_bureau_registers_a_run_and_hands_it_to_a_town_which_hands_it_on(story: Story, login: Login) -> None:
    run = {"series": "N", "first": "1", "last": "200"}
    bureau, clerk = login("bureau"), login("town-clerk")
    assert bureau.post(reverse("register-receipts"), {"key": "web-1", **run}).status_code == 302
    assert bureau.post(reverse("hand-receipts-to-town"), {"key": "web-2", "town": TOWN, **run}).status_code == 302
    page = page_of(clerk, "receipts")
    assert '<span class="code">N</span>' in page and "1–200" in page
    assert 'value="N"' in page  # the form suggests what is left
    handed = {"key": "web-3", "agent": "next-agent", "series": "N", "first": "1", "last": "20"}
    assert clerk.post(reverse("hand-receipts"), handed).status_code == 302
    refused = clerk.post(reverse("hand-receipts"), {**handed, "key": "web-4", "last": "300"})
    assert refused.status_code == 409 and "不在本单位的库存里" in refused.content.decode()
    assert "21–200" in page_of(clerk, "receipt-book", ReceiptBook.objects.get(series="N", division=TOWN).pk)


def test_the_form_suggests_the_next_free_numbers(story: Story, login: Login) -> None:
    ReceiptBook.objects.filter(division=TOWN, agent=None).update(state="returned")
    with transaction.atomic():
        print_run("N", first=1, last=200)
    clerk = login("town-clerk")
    clerk.post(
        reverse("hand-receipts"), {"key": "web-1", "agent": "next-agent", "series": "N", "first": "1", "last": "20"}
    )
    page = page_of(clerk, "receipts")
    assert 'name="first" required inputmode="numeric" pattern="[0-9]+" size="8" value="21"' in page
    assert 'name="last" required inputmode="numeric" pattern="[0-9]+" size="8" value="70"' in page


@pytest.mark.clause("BN-4.3.3c")
def test_the_office_sets_up_its_seal_on_the_stock_page(story: Story, login: Login) -> None:
    clerk = login("town-clerk")
    assert "500155113000社保所" in page_of(clerk, "receipts")
    clerk.post(reverse("set-seal"), {"key": "web-1", "text": "甲镇社会保障服务所"})
    page = page_of(clerk, "receipts")
    assert "甲镇社会保障服务所" in page and "500155113000社保所" in page  # the old one is kept
    OfficeSeal.objects.all().delete()
    assert "还没有登记公章" in page_of(clerk, "receipts")
    assert "本所公章" not in page_of(login("village-agent"), "receipts")


@pytest.mark.clause("BN-4.3.3b")
def test_a_spoiled_receipt_is_replaced_on_its_payments_page_and_reviewed_by_the_town(
    story: Story, login: Login
) -> None:
    agent, clerk = login("village-agent"), login("town-clerk")
    old = Receipt.objects.get(payment_id=story.payment)
    page = page_of(agent, "payment", story.payment)
    assert reverse("void-receipt", args=[old.pk]) in page and reverse("receipt-slip", args=[story.payment]) in page
    response = agent.post(reverse("void-receipt", args=[old.pk]), {"key": "web-1", "reason": "夹纸"})
    assert response.headers["Location"] == reverse("payment", args=[story.payment])
    page = page_of(agent, "payment", story.payment)
    assert "用过的收据" in page and "夹纸" in page
    assert "作废、收回票据待复核" in page_of(clerk, "work") and reverse("receipt-reviews") in page_of(clerk, "work")
    assert "夹纸" in page_of(clerk, "receipt-reviews")
    refused = clerk.post(reverse("refuse-receipt", args=[old.pk]), {"key": "web-2", "reason": "没有原件"})
    assert refused.status_code == 302
    assert clerk.post(reverse("review-receipts"), {"key": "web-3", "receipt": old.pk}).status_code == 302
    assert "没有待复核的收据" in page_of(clerk, "receipt-reviews")
    void = agent.get(reverse("receipt-pdf", args=[story.payment]) + f"?form={old.pk}")
    assert void.status_code == 200 and void.content.startswith(b"%PDF")


@pytest.mark.clause("BN-4.3.3b")
def test_a_book_shows_each_form_and_is_written_off_from_its_page(story: Story, login: Login) -> None:
    agent, clerk, book = login("village-agent"), login("town-clerk"), book_of(story)
    page = page_of(agent, "receipt-book", book.pk)
    number = Payment.objects.get(pk=story.payment).household.number
    assert number in page and "1,085.00" in page
    blanks = {"key": "web-1", "what": "lost", "first": book.next_number, "last": book.next_number, "reason": "遗失"}
    assert agent.post(reverse("end-blanks", args=[book.pk]), blanks).status_code == 302
    lost = Receipt.objects.get(state="lost")
    assert agent.post(reverse("find-receipt", args=[lost.pk]), {"key": "web-2"}).status_code == 302
    assert agent.post(reverse("return-receipts", args=[book.pk]), {"key": "web-3"}).status_code == 302
    assert "核销这一本" in page_of(clerk, "receipt-book", book.pk)
    assert "核销这一本" not in page_of(agent, "receipt-book", book.pk)
    ticked = {"key": "web-4", "receipt": [lost.pk], "from": "book"}
    assert clerk.post(reverse("review-receipts"), ticked).headers["Location"] == reverse("receipt-book", args=[book.pk])
    assert clerk.post(reverse("write-off-book", args=[book.pk]), {"key": "web-5", "missing": "102"}).status_code == 302
    assert "待复核" in page_of(clerk, "receipt-book", book.pk)
    again = clerk.post(reverse("write-off-book", args=[book.pk]), {"key": "web-6", "missing": ""})
    assert again.status_code == 409
    missing = Receipt.objects.get(number=102)
    login("second-clerk").post(reverse("review-receipts"), {"key": "web-7", "receipt": [missing.pk]})
    clerk.post(reverse("write-off-book", args=[book.pk]), {"key": "web-8", "missing": ""})
    book.refresh_from_db()
    assert book.state == "written-off"
    assert "已核销" in page_of(login("auditor"), "receipt-book", book.pk)


@pytest.mark.clause("BN-4.3.2")
def test_stubs_are_ticked_and_filed(story: Story, login: Login) -> None:
    (person,) = household(date(1970, 1, 1))
    payment = enrol_and_pay(
        story.cast.village_agent,
        household_id=person.household_id,
        tiers=tiers([person]),
        channel="pos",
        amount_fen=TIER_1,
        policy_name=POLICY,
        on=TODAY,
        key="swipe",
        at=at(TODAY),
        terminal="T01",
        reference="000123",
    )["payment"]
    clerk = login("town-clerk")
    assert "000123" in page_of(clerk, "stubs")
    assert reverse("voucher-pdf", args=[payment]) in page_of(clerk, "payment", payment)
    assert clerk.post(reverse("file-stubs"), {"key": "web-1", "payment": [payment]}).status_code == 302
    assert PosStub.objects.get().payment_id == payment
    assert "没有等待归档" in page_of(clerk, "stubs")
    assert "000123" in page_of(clerk, "stubs", query="?state=filed")
    assert "归档</button>" not in page_of(login("village-agent"), "stubs")


def test_another_town_sees_none_of_it(story: Story, login: Login) -> None:
    outsider = login("outsider")
    assert "PJ0" not in page_of(outsider, "receipts")
    with transaction.atomic():
        print_run("FAR", town=OTHER_TOWN)
    assert "FAR" in page_of(outsider, "receipts") and "FAR" not in page_of(login("town-clerk"), "receipts")


def test_lists_cost_the_same_however_many_runs_there_are(story: Story, login: Login) -> None:
    clerk = login("town-clerk")

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            page_of(clerk, "receipts")
        return len(asked)

    with transaction.atomic():
        print_run("M")
    statements()
    few = statements()
    with transaction.atomic():
        for number in range(12):
            print_run(f"M{number}")
    assert statements() == few
