"""A roster in Chromium: form downloaded, full list uploaded, differences, acceptance, the resident's page marked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.imports import cast as imports
from tests.imports.lists import full_upload, listed
from tests.web.conftest import Story, tell
from tests.web.test_browser import complaints, enter
from yingbao.accounts import operations as accounts
from yingbao.accounts.queries import actor_named
from yingbao.accounts.roles import Role
from yingbao.registry.models import Identity, ImportedFile, Resident
from yingbao.sheets import read_table
from yingbao.sheets.layouts import ROSTER

__all__ = ["complaints"]
PASSWORD = "一个够长的打开密码"
FATHER, MOTHER = imports.number("19800501", 1), imports.number("19820602", 2)


@pytest.fixture
def told(transactional_db: None) -> Story:
    """Play the season where the live server's thread can see it, with a department of civil affairs."""
    story = tell()
    with transaction.atomic():
        accounts.add_user(
            username="civil",
            display_name="civil",
            role=Role.DEPARTMENT,
            division_code=imports.DISTRICT,
            department="civil_affairs",
        )
    imports.bring_in(story.cast.town_clerk, imports.family())
    imports.send_list(actor_named("civil"), [imports.entry("柏大树", FATHER)], story.cast.bureau)
    return story


def test_from_the_form_to_the_marked_resident(
    told: Story, live_server: LiveServer, page: Page, complaints: list[str], tmp_path: Path
) -> None:
    enter(page, "civil")
    page.goto("/files/?kind=roster")
    page.get_by_role("link", name="下载花名册空表").click()
    page.get_by_label("打开密码").fill(PASSWORD)
    page.get_by_label("再填一次").fill(PASSWORD)
    page.get_by_label("填入本部门这个月的人员").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="下载").click()
    form = tmp_path / "form.xlsx"
    download.value.save_as(form)
    (row,) = (
        row for row in read_table(form, name="x", layout=ROSTER, password=PASSWORD) if row.text("name") == "柏大树"
    )
    assert row.text("change") == "新增"

    sent = tmp_path / "全量.xlsx"
    sent.write_bytes(full_upload([listed("艾青禾", MOTHER), listed("柏大村", FATHER)]).content)
    upload(page, sent)
    expect(page.locator("main")).to_contain_text("未通过")
    sent.write_bytes(full_upload([listed("艾青禾", MOTHER)]).content)
    upload(page, sent)
    page.get_by_role("link", name="与上月相比").click()
    expect(page.get_by_role("cell", name="艾青禾")).to_be_visible()
    page.get_by_role("link", name=re.compile("取消 2")).click()
    expect(page.get_by_role("cell", name="柏大树")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载 .xlsx").click()
    assert taken.value.suggested_filename.endswith(".xlsx")

    page.context.clear_cookies()
    enter(page, "bureau")
    page.goto(f"/files/{ImportedFile.objects.latest('pk').pk}/")
    expect(page.get_by_text("名单上没有的 2 人次将从名单所属月份起取消身份")).to_be_visible()
    page.get_by_role("button", name=re.compile("导入通过的")).click()
    expect(page.get_by_role("status")).to_contain_text("已导入")
    mother = Resident.objects.get(name="艾青禾")
    page.goto(f"/residents/{mother.pk}/")
    marked = page.get_by_role("row").filter(has_text="城乡低保对象").filter(has_text="2022-12-01 至 今")
    expect(marked).to_contain_text("按此资助")
    assert Identity.objects.get(resident__name="柏大树").end_on is not None


def upload(page: Page, file: Path) -> None:
    """Send a file as December's roster."""
    page.goto("/files/?kind=roster")
    page.get_by_label("文件", exact=True).set_input_files(file)
    page.get_by_label("所属月份").fill("2022-12")
    page.get_by_label("文件打开密码").fill(imports.PASSWORD)
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_url(re.compile(r"/files/\d+/$"))


def test_the_town_confirms_a_village(told: Story, live_server: LiveServer, page: Page, complaints: list[str]) -> None:
    enter(page, "town-clerk")
    page.goto("/identities/?village=500155113001")
    page.locator("summary", has_text="提出异议").first.click()
    page.get_by_label("理由").first.fill("全家已迁往外地")
    page.get_by_role("button", name="提交异议").first.click()
    expect(page.get_by_role("status")).to_contain_text("异议已转区医保局处理")
    page.get_by_role("button", name=re.compile("确认这个村全部")).click()
    expect(page.get_by_role("status")).to_contain_text("已确认")
    expect(page.locator("tbody .chip.bad")).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_roster_page_is_wider_than_a_phone(
    told: Story, live_server: LiveServer, page: Page, complaints: list[str], theme: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    file = ImportedFile.objects.latest("pk").pk
    ways = {"civil": ["/rosters/template/"], "town-clerk": ["/identities/", "/day/"]}
    ways["bureau"] = [f"/files/{file}/", f"/files/{file}/differences/", "/aliases/", "/files/?kind=roster"]
    wide = []
    for part, addresses in ways.items():
        enter(page, part)
        for address in addresses:
            page.goto(address)
            if page.evaluate("document.documentElement.scrollWidth") > 390:
                wide.append(address)
        page.context.clear_cookies(name="sessionid")
    assert wide == []
