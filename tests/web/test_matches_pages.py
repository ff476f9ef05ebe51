"""待认定人员 and 疑似重复: what the pages show, masked; what their forms do; a merge walked through in Chromium."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.imports.cast import NOW, number
from tests.journeys.cast import TOWN, VILLAGE, Cast, people_the_town
from tests.registry.editing_cast import settle
from tests.support.browser import take_screenshot
from tests.web.conftest import Login
from tests.web.test_browser import enter
from yingbao.divisions.codes import scope_of
from yingbao.registry import operations
from yingbao.registry.kinds import FileKind, FileState
from yingbao.registry.models import DifferentPeople, ImportedFile, MatchMemory, MatchQuestion, Resident
from yingbao.registry.recognising import proposing
from yingbao.registry.recognising.proposing import Written
from yingbao.usecases.enrol_household import enrol_household
from yingbao.worklist.models import WorkItem

FATHER = number("19800501", 1)
WRONG = FATHER[:4] + "9" + FATHER[5:]


@pytest.fixture
def cast(db: None) -> Cast:
    return tell()


def tell() -> Cast:
    """Settle a man twice, ask about two rows of a list."""
    cast = people_the_town()
    settle("H1", ("柏大树", "19800501", 1), ("艾青禾", "19820602", 2, "spouse"))
    settle("H2", ("柏大树", "19800501", 77))
    with transaction.atomic():
        rows = [Written(5, WRONG, "柏大树", "甲镇", "东村"), Written(6, "5.00155E+17", "古木", "甲镇", "东村")]
        file = operations.add_file(
            cast.town_clerk,
            kind=FileKind.ELSEWHERE,
            name="职工医保名单.xlsx",
            sha256="0" * 64,
            division_code=TOWN,
            rows=2,
            good_rows=0,
            found=[],
            at=NOW,
        )
        proposing.ask(file, rows, proposing.propose(rows, scope=scope_of(TOWN, "town")))
    return cast


def two() -> tuple[Resident, Resident]:
    first, second = Resident.objects.filter(name="柏大树").order_by("pk")
    return first, second


def shown(client: Client, name: str, query: str = "") -> str:
    return client.get(reverse(name) + query).content.decode()


def test_the_page_shows_what_was_written_and_who_it_may_be_with_numbers_masked(cast: Cast, login: Login) -> None:
    page = shown(login("town-clerk"), "matches")
    assert "职工医保名单.xlsx" in page and "号码第5位不同" in page and "同村同名" in page and "1980 年生" in page
    assert WRONG not in page and FATHER not in page and f"500***********{FATHER[-4:]}" in page
    assert "还没有导入" in page
    ImportedFile.objects.filter(kind=FileKind.ELSEWHERE).update(state=FileState.ACCEPTED)
    assert "请把未通过的行重新上传" in shown(login("town-clerk"), "matches")
    assert "没有待认定的人员" in shown(login("outsider"), "matches")


def test_a_row_is_decided_revised_and_shown_among_the_decided(cast: Cast, login: Login) -> None:
    client, question = login("town-clerk"), MatchQuestion.objects.get(row=5)
    address = reverse("decide-match", args=[question.pk])
    form = {"answer": str(two()[0].pk), "reason": "已电话核实", "key": "web-1"}
    assert client.post(address, {"key": "web-0", "reason": "x"}).status_code == 400
    assert client.post(address, form).status_code == 302
    assert MatchMemory.objects.get().resident_id == two()[0].pk
    decided = shown(client, "matches", "?state=decided")
    assert "已电话核实" in decided and "town-clerk" in decided
    other = {"answer": "other", "number": number("19820602", 2), "reason": "看错了", "key": "web-2"}
    assert client.post(reverse("revise-match", args=[question.pk]), other).status_code == 302
    resident = MatchMemory.objects.get().resident
    assert resident is not None and resident.name == "艾青禾"
    nobody = {"answer": "nobody", "reason": "外地人", "key": "web-3"}
    last = MatchQuestion.objects.get(row=6)
    assert client.post(reverse("decide-match", args=[last.pk]), nobody).status_code == 302
    assert WorkItem.objects.get().closed_at is not None


def test_pairs_stand_side_by_side_and_are_told_apart(cast: Cast, login: Login) -> None:
    client, (first, second) = login("town-clerk"), two()
    page = shown(client, "duplicates")
    assert "姓名、性别、出生日期都相同" in page and "找到 1 对" in page
    assert first.certificate_number not in page and second.certificate_number not in page
    form = {"one": first.pk, "other": second.pk, "reason": "堂兄弟", "key": "web-1"}
    assert client.post(reverse("tell-apart"), form).status_code == 302
    assert DifferentPeople.objects.count() == 1
    assert "没有发现疑似重复" in shown(client, "duplicates")
    assert "没有发现疑似重复" in shown(login("bureau"), "duplicates", "?division=0")


def test_a_merge_needs_a_choice_and_the_records_as_they_were_shown(cast: Cast, login: Login) -> None:
    client, (first, second) = login("town-clerk"), two()
    form = {"one": first.pk, "other": second.pk, "reason": "同一人", "key": "web-1", "keep": 10**9}
    versions = {f"version_{one.pk}": one.version for one in (first, second)}
    assert client.post(reverse("merge-residents"), {**form, **versions}).status_code == 400
    stale = {**form, **versions, "keep": first.pk, f"version_{second.pk}": second.version + 1}
    assert client.post(reverse("merge-residents"), stale).status_code == 409
    assert Resident.objects.filter(state="merged").count() == 0


@pytest.fixture
def told(transactional_db: None) -> Cast:
    """Play it where the live server's thread can see it; both records are enrolled."""
    cast = tell()
    for one in Resident.objects.filter(name="柏大树"):
        enrol_household(
            cast.village_agent,
            household_id=one.household_id,
            tiers={one.pk: 1},
            policy_name="liangping-2023",
            on=date(2022, 12, 1),
            key=f"enrol-{one.pk}",
            at=NOW,
        )
    return cast


def test_a_clerk_merges_two_records_in_chromium(told: Cast, live_server: LiveServer, page: Page) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    keep, drop = two()
    enter(page, "town-clerk")
    page.goto("/residents/")
    page.get_by_role("link", name="疑似重复").click()
    expect(page.locator("main")).to_contain_text("姓名、性别、出生日期都相同")
    expect(page.locator(f'input[name="keep"][value="{keep.pk}"]')).to_be_checked()
    take_screenshot(page, "duplicates-light")
    page.get_by_label("是同一人的依据", exact=True).fill("核对户口簿，是同一人")
    page.get_by_role("button", name="合并为一条").click()
    page.wait_for_url(re.compile(rf"/residents/{keep.pk}/$"))
    expect(page.locator("main")).to_contain_text("已合并为一条记录")
    expect(page.locator("main")).to_contain_text("都办理了 2023 年度参保")
    page.goto("/work/?kind=registered-twice")
    expect(page.locator("main")).to_contain_text("疑似重复登记")
    drop.refresh_from_db()
    assert (drop.state, drop.merged_into_id, drop.division_id) == ("merged", keep.pk, VILLAGE)
    page.goto("/duplicates/")
    expect(page.locator("main")).to_contain_text("没有发现疑似重复的记录")
    assert errors == []


@pytest.mark.parametrize("look", ["light", "dark", "en"])
def test_the_pages_fit_a_phone_in_every_look(told: Cast, live_server: LiveServer, page: Page, look: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    language, theme = ("en", "light") if look == "en" else ("zh-hans", look)
    cookies = {"theme": theme, "django_language": language}
    enter(page, "town-clerk")
    page.context.add_cookies(
        [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
    )
    for name in ("matches", "duplicates"):
        page.goto(f"/{name}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        take_screenshot(page, f"{name}-phone-{look}")
        page.set_viewport_size({"width": 1280, "height": 900})
        take_screenshot(page, f"{name}-desk-{look}")
        page.set_viewport_size({"width": 390, "height": 844})
