"""The pages in Chromium: logging in, searching as one types, the counter, narrow screens, no complaint from CSP."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.web.conftest import Story, tell
from yingbao.accounts.models import User
from yingbao.ledger.models import Account, Transfer

PASSWORD = "long enough to be one"
A_DISTRICTS_SUM = "16,210,760.00"  # put into every cell: the cast's own amounts are short


@pytest.fixture
def told(transactional_db: None) -> Story:
    """Play the season where the live server's thread can see it."""
    return tell()


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """Collect what the browser complains of; no page may give it reason to."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert heard == []


def enter(page: Page, name: str) -> None:
    user = User.objects.get(username=name)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    page.goto("/login/")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile(r":\d+/$"))


def test_an_agent_logs_in_finds_a_household_collects_and_prints(
    told: Story, live_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    person = told.unenrolled[0]
    enter(page, "village-agent")
    page.goto("/residents/")
    page.locator("#q").press_sequentially(person.household.number)
    row = page.get_by_role("row", name=re.compile(person.name))
    expect(row).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(3)  # the header and the household's two
    row.get_by_role("link", name=person.household.number).click()
    page.locator(f'input[name="tier_{person.pk}"][value="1"]').check()
    expect(page.locator("#till")).to_contain_text("350.00")  # shown as soon as it is chosen
    page.get_by_role("button", name=re.compile("收款并开收据")).click()
    page.wait_for_url(re.compile(r"/payments/\d+/$"))
    expect(page.locator("main")).to_contain_text("已登记并收款")
    with page.expect_download() as download:
        page.get_by_role("link", name="收据 PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")


def test_the_counter_works_without_javascript(told: Story, live_server: LiveServer, context: BrowserContext) -> None:
    plain = context.browser
    assert plain is not None
    page = plain.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN").new_page()
    person = told.unenrolled[0]
    enter(page, "village-agent")
    page.goto(f"/households/{person.household_id}/")
    page.locator(f'input[name="tier_{person.pk}"][value="2"]').check()
    page.get_by_role("button", name="计算应收").click()
    page.get_by_role("button", name="只登记，以后缴").click()
    expect(page.locator("main")).to_contain_text("已登记待缴")
    expect(page.locator("main")).to_contain_text("725.00")
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(
    told: Story, live_server: LiveServer, page: Page, complaints: list[str], theme: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    enter(page, "town-clerk")
    addresses = ["/", "/residents/", "/day/", "/work/", "/progress/", "/money/", "/policy/liangping-2023/", "/files/"]
    addresses += [f"/residents/{told.paid[1].pk}/", f"/households/{told.unenrolled[0].household_id}/"]
    addresses += [f"/payments/{told.payment}/", "/settlements/", "/notices/", "/money/declarations/"]
    lists = ["/payments/", "/money/transfers/", "/money/deposits/", "/money/counts/", "/money/kept/", "/receipts/"]
    addresses += [*lists, "/refunds/", "/money/proofs/", "/money/accounts/", "/stubs/", "/receipts/reviews/"]
    addresses += [f"/money/accounts/?kind={kind}" for kind in ("treasury", "agent-cash", "department-due", "channel")]
    addresses += [f"/money/accounts/{pk}/" for pk in Account.objects.values_list("pk", flat=True)[:3]]
    addresses += [f"/money/entries/{Transfer.objects.values_list('entry', flat=True)[0]}/"]
    wide = []
    for address in addresses:
        page.goto(address)
        page.evaluate(f"for (const one of document.querySelectorAll('td.num')) one.prepend('{A_DISTRICTS_SUM}')")
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wide.append(address)
    assert wide == []


def test_the_menu_opens_and_the_language_switches(
    told: Story, live_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    enter(page, "town-clerk")
    page.locator("summary", has_text="菜单").click()
    expect(page.locator(".menu nav").get_by_role("link", name="筹资进度")).to_be_visible()
    page.locator(".menu").get_by_role("button", name="EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", name=re.compile("Enrolment and collection"))).to_be_visible()


def test_the_keyboard_reaches_the_content_first(
    told: Story, live_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    enter(page, "town-clerk")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_login_name_is_locked_after_too_many_wrong_passwords(
    told: Story, live_server: LiveServer, page: Page
) -> None:
    page.goto("/login/")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        page.get_by_label("用户名").fill("town-clerk")
        page.get_by_label("密码").fill("wrong")
        page.get_by_role("button", name="登录").click()
    expect(page.locator("main")).to_contain_text("暂时锁定")
