"""A university's year in Chromium: form, list with mistakes, second word, bill and PDF; the tax officer's transfer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys.cast import YEAR
from tests.journeys.institutions import STUDENT_1, STUDENT_2, Campus, bill, bring_in, campus, student, students
from tests.web.conftest import TODAY, Story
from tests.web.test_browser import complaints, enter, told
from yingbao.collection.models import Payment, PaymentOrder
from yingbao.coverage.models import CoveragePeriod
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput
from yingbao.sheets import read_table, sheet_of, write_xlsx
from yingbao.sheets.layouts import MEMBERS
from yingbao.usecases.verify import verify

__all__ = ["complaints", "told"]
SIZE = 12
OWED = f"{(STUDENT_2 + (SIZE - 1) * STUDENT_1) / 100:,.2f}"


@pytest.fixture
def school(told: Story) -> Campus:
    """A college that has sent nothing yet."""
    return campus("U1", name="甲区学院")


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """The college's list of twelve, and two rows with mistakes: a number mistyped, a student named twice."""
    mistyped = str(student(90)["cert_number"])
    last = "1" if mistyped[-1] != "1" else "2"
    rows = [student(1, tier="二档"), *students(SIZE)[1:], student(90, cert_number=mistyped[:-1] + last), student(3)]
    path = tmp_path / "2023级名单.xlsx"
    write_xlsx(path, sheets=[sheet_of(MEMBERS, rows)])
    return path


@pytest.mark.clause("BN-3.2.2")
def test_from_the_form_to_covered_students(
    told: Story,
    school: Campus,
    sheet: Path,
    live_server: LiveServer,
    page: Page,
    complaints: list[str],
    tmp_path: Path,
) -> None:
    enter(page, "agent-u1")
    expect(page.get_by_role("heading", name="甲区学院")).to_be_visible()
    take_form(page, tmp_path)
    send(page, sheet)
    assert not Enrolment.objects.filter(resident__memberships__institution=school.institution).exists()
    accept(page)
    number = draw_bill(page)
    page.context.clear_cookies()
    enter(page, "tax")
    note(page, number)
    page.context.clear_cookies()
    enter(page, "agent-u1")
    cleared = page.get_by_role("row").filter(has=page.get_by_role("link", name="已到账", exact=True))
    expect(cleared).to_contain_text(OWED)
    page.get_by_role("link", name="已到账", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(SIZE)
    covered = CoveragePeriod.objects.filter(enrolment__resident__memberships__institution=school.institution)
    assert covered.count() == SIZE
    assert [one.name for one in verify(told.cast.auditor, year=YEAR) if not one.holds] == []


def take_form(page: Page, folder: Path) -> None:
    """Download the empty form; what comes is what the importer reads."""
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载名单空表").click()
    form = folder / "空表.xlsx"
    taken.value.save_as(form)
    with pytest.raises(BadInput, match="表头下面没有数据"):
        read_table(form, name="x", layout=MEMBERS)


def send(page: Page, sheet: Path) -> None:
    """Upload the list and read why two rows do not come in; and take those rows."""
    page.get_by_label(re.compile("名单文件")).set_input_files(sheet)
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_url(re.compile(r"/institutions/lists/\d+/$"))
    problems = page.locator("tbody tr")
    expect(problems).to_have_count(2)
    expect(problems.filter(has_text="证件号码")).to_have_count(2)
    expect(page.get_by_text("同一人只能报一次")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载未通过的行").click()
    assert taken.value.suggested_filename.startswith("rejects-")


def accept(page: Page) -> None:
    """Say the second word."""
    page.get_by_role("button", name=f"确认，参保登记 {SIZE} 人").click()
    page.wait_for_url(re.compile(r"/institutions/\d+/$"))
    expect(page.get_by_role("status")).to_contain_text(f"已参保登记 {SIZE} 人")


def draw_bill(page: Page) -> str:
    """Draw the bill of all and take its PDF; return its number."""
    page.get_by_role("button", name=f"为待缴的 {SIZE} 人开缴费通知单，共 {OWED} 元").click()
    page.wait_for_url(re.compile(r"/institutions/bills/\d+/$"))
    with page.expect_download() as taken:
        page.get_by_role("link", name="通知单 PDF").click()
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")
    expect(page.get_by_label("到账金额（元）")).to_have_count(0)  # the payer does not say that it has paid
    return PaymentOrder.objects.get().number


def note(page: Page, number: str) -> None:
    """Find the bill as the tax officer, by its institution, and note what the bank says."""
    page.goto("/institutions/")
    page.get_by_role("link", name="甲区学院").click()
    page.get_by_role("link", name=number).click()
    expect(page.locator("main")).not_to_contain_text("学子")  # a tax officer reads sums here, not people
    page.get_by_label("到账金额（元）").fill(OWED)
    page.get_by_label("银行流水号").fill("B20221215001")
    page.get_by_role("button", name="登记到账").click()
    expect(page.get_by_role("status")).to_contain_text(f"已登记到账，{SIZE} 人缴清")
    payment = Payment.objects.latest("pk")
    assert (payment.channel, payment.reference, payment.collected_on) == ("transfer", "B20221215001", TODAY)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_of_an_institution_is_wider_than_a_phone(
    school: Campus, sheet: Path, live_server: LiveServer, page: Page, complaints: list[str], theme: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    bring_in(school, [student(1), student(2, on_platform="")], on=TODAY)
    order = bill(school, on=TODAY)["order"]
    enter(page, "agent-u1")
    send(page, sheet)
    addresses = ["/", page.url, f"/institutions/{school.id}/people/", f"/institutions/{school.id}/people/?state=owed"]
    wide = [one for one in [*addresses, f"/institutions/bills/{order}/"] if is_wide(page, one)]
    page.context.clear_cookies(name="sessionid")
    enter(page, "town-clerk")
    wide += [one for one in ("/institutions/", f"/institutions/{school.id}/") if is_wide(page, one)]
    assert wide == []


def is_wide(page: Page, address: str) -> bool:
    """Return whether a page needs more than a phone's width."""
    page.goto(address)
    return bool(page.evaluate("document.documentElement.scrollWidth") > 390)
