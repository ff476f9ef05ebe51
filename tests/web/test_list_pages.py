"""Lists of who is covered elsewhere or dead on the files pages: sent, accepted, seen at the person, withdrawn."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.imports.cast import Cells, book, number
from tests.journeys.cast import Cast, people_the_town
from tests.registry.editing_cast import settle
from tests.web.conftest import Login
from tests.web.test_browser import enter
from yingbao.registry.models import CoveredElsewhere, ImportedFile, Resident
from yingbao.sheets.layouts import DEATHS, ELSEWHERE

FATHER, MOTHER = number("19800501", 1), number("19820602", 2)
LISTED: list[Cells] = [
    {"name": "柏大树", "cert_number": FATHER, "place": "渝北区", "begin_on": date(2022, 10, 8)},
    {"name": "艾青合", "cert_number": MOTHER},
    {"name": "外人", "cert_number": number("19500101", 9)},
]


@pytest.fixture
def cast(db: None) -> Cast:
    return tell()


def tell() -> Cast:
    """Settle a household of two."""
    cast = people_the_town()
    settle("H1", ("柏大树", "19800501", 1), ("艾青禾", "19820602", 2, "spouse"))
    return cast


def send(client: Client, **cells: str) -> int:
    """Upload the list of the employee scheme; return the file's id."""
    file = SimpleUploadedFile("职工医保名单.xlsx", book(ELSEWHERE, LISTED))
    form = {"kind": "elsewhere", "about": "employee", "month": "2022-11", "file": file, "key": "web-up"} | cells
    answer = client.post(reverse("upload"), form)
    assert answer.status_code == 302, answer.content.decode()
    return ImportedFile.objects.latest("pk").pk


def page_of(client: Client, file_id: int) -> str:
    return client.get(reverse("file", args=[file_id])).content.decode()


def test_a_clerk_sends_a_list_sees_what_it_would_change_and_accepts_it(cast: Cast, login: Login) -> None:
    client = login("town-clerk")
    form = client.get(reverse("files") + "?kind=elsewhere").content.decode()
    assert "参加职工医保" in form and "完整名单" in form and 'type="month"' in form
    file_id = send(client)
    page = page_of(client, file_id)
    assert "导入后会改动什么" in page and "不在本台账" in page and "参加职工医保" in page
    assert "姓名与证件号码不是同一人" in page and "柏大树" not in page and FATHER not in page

    assert client.post(reverse("accept-file", args=[file_id]), {"key": "web-ok"}).status_code == 302

    assert "改动了什么" in page_of(client, file_id)
    person = client.get(reverse("resident", args=[Resident.objects.get(name="柏大树").pk])).content.decode()
    assert "渝北区" in person and "职工医保名单.xlsx" in person and reverse("file", args=[file_id]) in person


def test_a_whole_list_is_marked_as_one(cast: Cast, login: Login) -> None:
    file_id = send(login("bureau"), is_full="1")
    assert ImportedFile.objects.get(pk=file_id).is_full
    listing = login("bureau").get(reverse("files") + "?kind=elsewhere").content.decode()
    assert "2022-11" in listing and "全量" in listing


def test_an_accepted_list_is_withdrawn_for_a_reason(cast: Cast, login: Login) -> None:
    client = login("town-clerk")
    file_id = send(client)
    client.post(reverse("accept-file", args=[file_id]), {"key": "web-ok"})
    address = reverse("withdraw-file", args=[file_id])
    assert client.post(address, {"key": "web-w0"}).status_code == 400
    assert client.post(address, {"key": "web-w1", "reason": "wrong-file"}).status_code == 302
    page = page_of(client, file_id)
    assert "已撤回" in page and "传错了文件" in page and "曾经改动、已经恢复的" in page
    span = CoveredElsewhere.objects.get()
    assert span.end_on == span.begin_on
    person = client.get(reverse("resident", args=[span.resident_id])).content.decode()
    assert "渝北区" not in person


def test_a_kind_that_is_none_and_another_towns_clerk(cast: Cast, login: Login) -> None:
    file = SimpleUploadedFile("名单.xlsx", book(ELSEWHERE, LISTED))
    form = {"kind": "elsewhere", "about": "moon", "month": "2022-11", "file": file, "key": "web-x"}
    assert login("town-clerk").post(reverse("upload"), form).status_code == 400
    file_id = send(login("town-clerk"))
    assert login("outsider").get(reverse("file", args=[file_id])).status_code == 404
    assert login("auditor").get(reverse("file", args=[file_id])).status_code == 200
    assert login("village-agent").get(reverse("files")).status_code == 403
    for role in ("health", "outsider"):
        assert login(role).post(reverse("withdraw-file", args=[file_id]), {"key": f"w-{role}"}).status_code in (
            403,
            404,
        )


@pytest.fixture
def told(transactional_db: None) -> Cast:
    """Play it where the live server's thread can see it."""
    return tell()


def test_deaths_walk_through_chromium(told: Cast, live_server: LiveServer, page: Page) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    enter(page, "town-clerk")
    page.goto("/files/?kind=deaths")
    rows: list[Cells] = [{"name": "柏大树", "cert_number": FATHER, "died_on": date(2022, 11, 5)}]
    content = {"name": "死亡.xlsx", "mimeType": "application/octet-stream", "buffer": book(DEATHS, rows)}
    page.get_by_label("文件", exact=True).set_input_files(content)  # type: ignore[arg-type]
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("登记死亡")).to_be_visible()
    page.get_by_role("button", name=re.compile("导入通过的")).click()
    expect(page.get_by_text("改动了什么")).to_be_visible()
    assert Resident.objects.get(name="柏大树").state == "dead"
    page.get_by_text("撤回这份文件").click()
    page.get_by_label("撤回的原因").select_option("corrected")
    page.get_by_role("button", name="确定撤回").click()
    expect(page.get_by_text("来源单位更正了名单")).to_be_visible()
    assert Resident.objects.get(name="柏大树").state == "present"
    assert errors == []
