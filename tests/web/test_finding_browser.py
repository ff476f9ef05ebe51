"""The clerk's keyboard and eyes: a name, Enter, the row; filter, save, export; from the board to the person."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys.cast import VILLAGE
from tests.support.browser import take_screenshot
from tests.web.conftest import BACKEND, Story, tell
from yingbao.accounts.models import User


@pytest.fixture
def told(transactional_db: None, live_server: LiveServer) -> Story:
    """Play the first weeks of a season where the browser's server sees them."""
    return tell()


def log_in(context: BrowserContext, live_server: LiveServer, name: str) -> None:
    """Give the browser a session."""
    client = Client()
    client.force_login(User.objects.get(username=name), backend=BACKEND)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])


def test_a_name_enter_and_the_row(told: Story, context: BrowserContext, page: Page, live_server: LiveServer) -> None:
    log_in(context, live_server, "town-clerk")
    page.goto("/residents/")
    page.keyboard.type("居民")
    page.keyboard.press("Enter")
    row = page.locator("#found tbody a").first
    expect(row).to_be_focused()
    person = told.paid[0]
    expect(row).to_have_text(person.name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=person.name)).to_be_visible()


def test_filter_save_export_masked(told: Story, context: BrowserContext, page: Page, live_server: LiveServer) -> None:
    log_in(context, live_server, "town-clerk")
    page.goto("/residents/")
    page.get_by_text("筛选条件").click()
    page.get_by_label("镇街、村（社区）").select_option(str(VILLAGE))
    expect(page).to_have_url(re.compile(f"division={VILLAGE}"))
    page.get_by_text("保存筛选").click()
    page.get_by_label("名称").fill("东村")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("link", name="东村", exact=True).first).to_be_visible()
    take_screenshot(page, "finding-list")
    page.get_by_role("link", name="导出").click()
    take_screenshot(page, "finding-export")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 .xlsx").click()
    assert download.value.suggested_filename.startswith("residents-")


def test_from_the_board_to_the_list_to_the_person(
    told: Story, context: BrowserContext, page: Page, live_server: LiveServer
) -> None:
    log_in(context, live_server, "town-clerk")
    page.goto("/quality/")
    take_screenshot(page, "quality")
    page.locator(f'a[href="/residents/?division={VILLAGE}&check=phone"]').click()
    expect(page.get_by_text("资料问题：")).to_be_visible()
    page.locator("#found tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_bulk_is_asked_before_it_is_done(
    told: Story, context: BrowserContext, page: Page, live_server: LiveServer
) -> None:
    log_in(context, live_server, "town-clerk")
    page.goto(f"/residents/?division={VILLAGE}")
    page.locator('input[name="resident"]').first.check()
    page.get_by_label("事项").select_option("student")
    page.get_by_role("button", name="下一步").click()
    take_screenshot(page, "bulk")
    page.get_by_label("理由或依据").fill("学校名册")
    page.get_by_role("button", name="确认办理 1 人").click()
    expect(page.get_by_text("已办理 1 人")).to_be_visible()


@pytest.mark.parametrize("address", ["/residents/?state=all&enrolled=no", "/quality/", "/residents/export/"])
def test_pages_fit_a_phone_in_the_dark_and_in_english(
    told: Story, context: BrowserContext, page: Page, live_server: LiveServer, address: str
) -> None:
    log_in(context, live_server, "town-clerk")
    context.add_cookies(
        [
            {"name": "theme", "value": "dark", "url": live_server.url},
            {"name": "django_language", "value": "en", "url": live_server.url},
        ]
    )
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    width = page.evaluate("document.documentElement.scrollWidth")
    take_screenshot(page, f"phone-{re.sub('[^a-z]', '', address)}")
    assert width <= 390
