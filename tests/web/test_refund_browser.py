"""A refund in Chromium, from asking to the slip: one asks, another decides, the tax office pays back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.support.browser import take_screenshot
from tests.web.conftest import Story, tell
from tests.web.test_browser import complaints, enter
from yingbao.collection.models import Due, Receipt, Refund

__all__ = ["complaints"]


@pytest.fixture
def told(transactional_db: None) -> Story:
    """Play the season where the live server's thread can see it."""
    return tell()


def test_from_asking_to_the_slip(told: Story, live_server: LiveServer, page: Page, complaints: list[str]) -> None:
    person = told.paid[2]
    enter(page, "village-agent")
    page.goto(f"/payments/{told.payment}/")
    page.get_by_role("link", name="申请退费").first.click()
    page.get_by_label(person.name).check()
    page.get_by_label("退费原因").select_option("employee")
    take_screenshot(page, "ask-refund")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("350.00")
    expect(page.locator("main")).to_contain_text("名单中没有此人参加职工医保的记录")
    expect(page.get_by_role("button", name=re.compile("批准退费"))).to_have_count(0)

    page.context.clear_cookies()
    enter(page, "town-clerk")
    page.goto("/refunds/?state=asked")
    page.locator("tbody a").first.click()
    page.get_by_label("本人的书面材料").check()  # no list says so
    page.get_by_label("核实情况").fill("单位参保证明已看")
    take_screenshot(page, "decide-refund")
    page.get_by_role("button", name=re.compile("批准退费")).click()
    expect(page.locator("main")).to_contain_text("由区税务局按来路退回")
    assert Due.objects.get(enrolment__resident=person).state == "cancelled"
    assert Receipt.objects.filter(payment_id=told.payment, state="taken-back").count() == 1

    page.context.clear_cookies()
    enter(page, "tax")
    page.goto("/refunds/?state=approved")
    page.locator("tbody a").first.click()
    page.get_by_label("流水号或凭证号").fill("TK20221215001")
    page.get_by_role("button", name=re.compile("已退给缴费人")).click()
    expect(page.locator("main")).to_contain_text("已退款 350.00 元")
    assert Refund.objects.get().state == "paid"

    page.context.clear_cookies()
    enter(page, "town-clerk")
    page.goto(f"/refunds/{Refund.objects.get().pk}/")
    take_screenshot(page, "refund")
    with page.expect_download() as slip:
        page.get_by_role("link", name="退费单 PDF").click()
    assert slip.value.suggested_filename.startswith("refund-")
    page.goto(f"/households/{person.household_id}/")
    expect(page.locator("main")).to_contain_text("350.00 已退款")
    take_screenshot(page, "household-refunded")
    assert complaints == []
