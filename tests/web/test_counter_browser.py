"""The counter in Chromium without ever touching the mouse; a code on the screen and the phone that pays it."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import transaction
from django.db.models import F
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from tests.journeys.cast import TIER_1, household
from tests.journeys.institutions import campus
from tests.support.browser import wait_for_htmx
from tests.web.conftest import Story
from tests.web.test_browser import complaints, enter, told
from yingbao.accounts.models import User
from yingbao.accounts.operations import add_user
from yingbao.accounts.roles import Role
from yingbao.collection.models import Payment, PaymentOrder, ReceiptBook
from yingbao.enrolment.models import Enrolment
from yingbao.registry.models import Household, Resident, ResidentLogin

__all__ = ["complaints", "told"]


@pytest.fixture
def home(told: Story) -> list[Resident]:
    """A family of three with names of their own, enrolled by nobody yet."""
    members = household(date(1980, 5, 1), date(1982, 6, 2), date(2015, 7, 3))
    for one, name in zip(members, ("柏大树", "艾青禾", "柏小舟"), strict=True):
        Resident.objects.filter(pk=one.pk).update(name=name)
    return members


def test_a_cash_household_by_keyboard_only(
    home: list[Resident], live_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    enter(page, "village-agent")
    page.goto("/counter/")
    keys = page.keyboard
    expect(page.locator("#q")).to_be_focused()
    keys.type("柏大")
    keys.press("Enter")
    expect(page.locator("#given")).to_be_focused()  # opened, worked out, waiting for the money
    expect(page).to_have_url(re.compile(rf"/counter/{home[0].household_id}/$"))
    expect(page.locator("#bill .total")).to_have_text("1,050.00 元")
    # One of them pays later: back through the way to pay and the members, each a stop of the Tab key.
    child = page.locator(f'input[name="tier_{home[2].pk}"]:checked')
    for _ in range(12):
        keys.press("Shift+Tab")
        if child.evaluate("one => one === document.activeElement"):
            break
    keys.press("ArrowRight")
    expect(page.locator("#bill .total")).to_have_text("1,425.00 元")
    keys.press("ArrowRight")  # past tier 2 to "not now": the cursor has stayed with the child
    expect(page.locator("#bill .total")).to_have_text("700.00 元")
    for _ in range(12):
        keys.press("Tab")
        if page.evaluate("document.activeElement.id") == "given":
            break
    keys.type("800")
    expect(page.locator("#change")).to_contain_text("100.00")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/counter/paid/\d+/\?given=80000$"))
    expect(page.locator(".done .change")).to_contain_text("100.00")  # still to be seen when it is handed out
    expect(page.locator(".receipt-number")).to_contain_text("PJ0-104")
    expect(page.get_by_role("link", name="打印收据")).to_be_focused()
    keys.press("Tab")
    expect(page.get_by_role("link", name="下一户")).to_be_focused()
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/counter/$"))
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator(".tally")).to_contain_text("1,050.00")  # with the morning's 350
    payment = Payment.objects.latest("pk")
    assert (payment.amount_fen, payment.channel) == (2 * TIER_1, "cash")
    assert set(Enrolment.objects.filter(resident__in=home).values_list("resident_id", flat=True)) == {
        home[0].pk,
        home[1].pk,
    }


def choose_way(page: Page, wanted: str) -> None:
    """Go back from the money to the ways to pay, and on by arrows."""
    page.keyboard.press("Shift+Tab")
    for way in ("pos", "scan"):
        page.keyboard.press("ArrowRight")
        expect(page.locator("#given")).to_have_count(0)  # the till has followed
        expect(page.locator(f"#way-{way}")).to_be_focused()
        wait_for_htmx(page)  # else the next key changes the way and nobody hears it
        if way == wanted:
            return


def test_arrows_choose_among_several_households_and_the_way_to_pay(
    home: list[Resident], live_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    other = household(date(1970, 1, 1))
    Resident.objects.filter(pk=other[0].pk).update(name="柏大石")
    enter(page, "village-agent")
    page.goto("/counter/")
    page.keyboard.type("柏大")
    page.keyboard.press("Enter")
    first = page.locator('input[name="household"]').first
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    wanted = page.locator('input[name="household"]:checked').get_attribute("value")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/counter/{wanted}/$"))
    expect(page.locator("#given")).to_be_focused()
    choose_way(page, "pos")
    page.keyboard.press("Tab")
    expect(page.locator("#terminal")).to_be_focused()
    page.keyboard.type("T9001")
    page.keyboard.press("Tab")
    page.keyboard.type("000123")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/counter/paid/\d+/$"))
    payment = Payment.objects.latest("pk")
    assert (payment.channel, payment.terminal, payment.reference) == ("pos", "T9001", "000123")


def test_a_card_readers_digits_open_the_household(
    home: list[Resident], live_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    enter(page, "village-agent")
    page.goto("/counter/")
    page.keyboard.type(home[1].certificate_number)
    page.keyboard.press("Enter")
    expect(page.locator(".payers")).to_contain_text("艾青禾")


def test_a_refusal_is_said_on_the_page_whoever_asked_for_it(told: Story, live_server: LiveServer, page: Page) -> None:
    with transaction.atomic():
        school = campus("U1", name="甲区学院")
    Household.objects.filter(pk=school.institution.household_id).update(number="JT001")
    student = household(date(2003, 1, 1))[0]
    Resident.objects.filter(pk=student.pk).update(household=school.institution.household, name="柏大树")
    enter(page, "town-clerk")
    page.goto("/counter/")
    page.keyboard.type("柏大树")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_contain_text("集体户，不在窗口按户收款")


def test_without_receipts_enter_takes_nothing_and_enrols_nobody(
    home: list[Resident], live_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    ReceiptBook.objects.update(next_number=F("last") + 1)
    enter(page, "village-agent")
    page.goto(f"/counter/{home[0].household_id}/")
    expect(page.locator("#bill")).to_contain_text("您没有可用的收据")
    expect(page.locator("#given")).to_have_count(0)
    page.locator("#way-cash").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/counter/{home[0].household_id}/bill/")
    expect(page.locator("#bill")).to_contain_text("您没有可用的收据")
    assert not Enrolment.objects.filter(resident__in=home).exists()


def test_scan_to_pay_waits_for_the_phone_and_goes_on_by_itself(
    home: list[Resident],
    live_server: LiveServer,
    page: Page,
    context: BrowserContext,
    complaints: list[str],
    settings: Settings,
) -> None:
    settings.YINGBAO_DEMO = True
    enter(page, "village-agent")
    page.goto(f"/counter/{home[0].household_id}/")
    expect(page.locator("#given")).to_be_focused()
    choose_way(page, "scan")
    expect(page.get_by_role("button", name=re.compile("出示二维码"))).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/orders/YB\w+/$"))
    expect(page.locator(".code-image svg")).to_be_visible()
    phone = context.new_page()
    phone.goto(f"{page.url}phone/")
    phone.get_by_label("支付宝").check()
    phone.get_by_role("button", name=re.compile("确认支付")).click()
    expect(phone.get_by_role("status")).to_have_text("支付成功")
    expect(page.locator("#order-state")).to_contain_text("已支付")  # it asked by itself
    expect(page.get_by_role("link", name="下一户")).to_be_focused()
    page.goto("/counter/")
    expect(page.locator(".tally")).to_contain_text("扫码1,050.00 1")  # the clerk's day has it, and no cash of it
    order = PaymentOrder.objects.get()
    assert order.payment is not None
    assert (order.state, order.payment.channel, order.payment.amount_fen) == ("paid", "alipay", 3 * TIER_1)


def test_a_resident_pays_for_the_family_and_for_a_neighbour(
    home: list[Resident],
    live_server: LiveServer,
    page: Page,
    context: BrowserContext,
    complaints: list[str],
    settings: Settings,
) -> None:
    settings.YINGBAO_DEMO = True
    (neighbour,) = household(date(1950, 1, 1))
    Resident.objects.filter(pk=neighbour.pk).update(name="欧阳老伯")
    with transaction.atomic():
        user = add_user(username="dashu", display_name="dashu", role=Role.RESIDENT, division_code=home[0].division_id)
        ResidentLogin.objects.create(user=User.objects.get(pk=user.pk), resident=home[0])
    enter(page, "dashu")
    page.get_by_role("link", name="网上缴费").first.click()
    page.locator(f'input[name="tier_{home[1].pk}"][value="0"]').check()
    expect(page.locator("#bill .total")).to_have_text("700.00 元")
    page.get_by_role("button", name=re.compile("去支付")).click()
    pay_by_phone(page, context)
    page.goto("/online/another/")
    page.get_by_label("姓名").fill("欧阳老伯")
    page.get_by_label("完整证件号码").fill(neighbour.certificate_number)
    page.get_by_role("button", name="查找").click()
    expect(page.locator("main")).to_contain_text("欧**伯")
    for hidden in (neighbour.certificate_number, neighbour.household.number, "东村", "欧阳老伯"):
        assert hidden not in page.content()
    page.get_by_role("button", name=re.compile("去支付")).click()
    assert "欧阳老伯" not in page.content()
    pay_by_phone(page, context)
    paid = Enrolment.objects.filter(due__state="cleared", resident__in=[*home, neighbour])
    assert set(paid.values_list("resident_id", flat=True)) == {home[0].pk, home[2].pk, neighbour.pk}


def pay_by_phone(page: Page, context: BrowserContext) -> None:
    """Pay the order on the page, and wait until the page says so."""
    page.wait_for_url(re.compile(r"/orders/YB\w+/$"))
    phone = context.new_page()
    phone.goto(f"{page.url}phone/")
    phone.get_by_role("button", name=re.compile("确认支付")).click()
    expect(phone.get_by_role("status")).to_have_text("支付成功")
    phone.close()
    expect(page.locator("#order-state")).to_contain_text("已支付")


def test_the_counter_works_without_scripts(
    home: list[Resident], live_server: LiveServer, context: BrowserContext
) -> None:
    plain = context.browser
    assert plain is not None
    page = plain.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN").new_page()
    enter(page, "village-agent")
    page.goto("/counter/")
    page.locator("#q").fill("柏大树")
    page.keyboard.press("Enter")
    page.locator(f'input[name="tier_{home[0].pk}"][value="2"]').check()
    page.get_by_role("button", name="重新计算").click()
    expect(page.locator("#bill .total")).to_have_text("1,425.00 元")
    page.locator("#given").fill("1500")
    page.get_by_role("button", name=re.compile("收款并开收据")).click()
    page.wait_for_url(re.compile(r"/counter/paid/\d+/\?given=150000$"))
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_of_these_is_wider_than_a_phone(
    home: list[Resident], live_server: LiveServer, page: Page, complaints: list[str], theme: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    enter(page, "village-agent")
    for address in ("/counter/", f"/counter/{home[0].household_id}/", "/guide/paying/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
