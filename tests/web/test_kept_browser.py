"""Money for nobody in Chromium: from the bureau's work item to the payer found, and back through two hands."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys.kept import keep_for_nobody
from tests.support.browser import take_screenshot
from tests.web.conftest import Story, tell
from tests.web.test_browser import complaints, enter
from yingbao.collection.models import Due, KeptMoney

__all__ = ["complaints"]


@pytest.fixture
def told(transactional_db: None) -> Story:
    """Play the season where the live server's thread can see it; three sums have come for nobody."""
    story = tell()
    for number, fen in (("4200002022120100001", 35_000), ("4200002022120100002", 12_300), ("2022120100003", 72_500)):
        keep_for_nobody(story.cast, fen=fen, reference=number)
    return story


def test_found_and_taken_and_another_sent_back(
    told: Story, live_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    person = told.owing[0]
    enter(page, "bureau")
    page.goto("/work/?kind=order-unmatched")
    take_screenshot(page, "kept-work")
    page.get_by_role("row", name=re.compile("100001")).get_by_role("link", name="去处理").click()
    take_screenshot(page, "kept-money")
    page.get_by_label("找人", exact=True).fill(person.household.number)
    page.get_by_role("button", name="查找").last.click()
    page.get_by_label(person.name).check()
    take_screenshot(page, "kept-found")
    page.get_by_role("button", name=re.compile("认领入账")).click()
    expect(page.locator("main")).to_contain_text("已认领入账：缴清 1 人")
    assert Due.objects.get(enrolment__resident=person).state == "cleared"

    page.goto("/money/kept/")
    take_screenshot(page, "kept")
    page.get_by_role("row", name=re.compile("100002")).get_by_role("link").click()
    page.get_by_label("退回缴费人的原因").fill("渠道查无此人，订单号有误")
    page.get_by_role("button", name="申请退回").click()
    take_screenshot(page, "kept-asked")

    page.context.clear_cookies()
    enter(page, "tax")
    page.goto("/money/kept/?state=returning")
    page.locator("tbody a").first.click()
    page.get_by_label("渠道的退款流水号").fill("TK20221215001")
    take_screenshot(page, "kept-returning")
    page.get_by_role("button", name=re.compile("已退回")).click()
    expect(page.locator("main")).to_contain_text("已登记退回 123.00 元")
    take_screenshot(page, "kept-returned")
    assert sorted(KeptMoney.objects.values_list("state", flat=True)) == ["kept", "returned", "taken"]

    page.set_viewport_size({"width": 390, "height": 844})
    for name, value in (("theme", "dark"), ("django_language", "en")):
        page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    page.goto("/money/kept/?state=all")
    take_screenshot(page, "kept-phone-dark-en")
    page.goto(f"/money/kept/{KeptMoney.objects.get(state='returned').pk}/")
    take_screenshot(page, "kept-money-phone-dark-en")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    assert complaints == []
