"""Forms of people and households in pages: what they say, what comes back, and walks through them in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.imports.cast import number
from tests.journeys.cast import NEXT_VILLAGE, VILLAGE, household, mark
from tests.web.conftest import Login, Story, tell
from tests.web.test_browser import enter
from yingbao.kernel.certificates import mask
from yingbao.kernel.masking import mask_account
from yingbao.registry.models import Household, RecordChange, Resident

REASON = "本人申请，已核户口簿"


def show(client: Client, name: str, *arguments: object, query: str = "") -> str:
    response = client.get(reverse(name, args=arguments) + query)
    assert response.status_code == 200
    return response.content.decode()


def post(client: Client, to: str, /, *arguments: object, **fields: object) -> tuple[int, str]:
    """Send a form; return its status and the page, that after the redirect where there is one."""
    response = client.post(reverse(to, args=arguments), {"key": f"web-{fields}"[:80], **fields}, follow=True)
    status = response.redirect_chain[0][1] if response.redirect_chain else response.status_code
    return status, response.content.decode()


def members(home: int, **relations: str) -> dict[str, object]:
    """Return the hidden versions and the relations of a household's form."""
    people = Resident.objects.filter(household_id=home, state="present")
    fields: dict[str, object] = {f"seen_{one.pk}": one.version for one in people}
    return fields | {f"relation_{one.pk}": relations.get(f"p{one.pk}", one.relation) for one in people}


# --- people ---------------------------------------------------------------------------------------------------------


def test_an_edit_shows_in_the_record_and_its_history_masked(story: Story, login: Login) -> None:
    client, person = login("town-clerk"), story.paid[1]
    sent = {
        "version": 1,
        "name": "贺兰青",
        "phone": "10020000009",
        "bank_account": "6200000000000001",
        "reason": REASON,
    }
    status, page = post(client, "save-resident", person.pk, **sent)
    assert status == 302 and "贺兰青" in page and "已保存" in page
    history = show(client, "resident-history", person.pk)
    for words in (
        "修改资料",
        REASON,
        person.name,
        "贺兰青",
        "100****0009",
        mask_account("6200000000000001"),
        "town-clerk",
    ):
        assert words in history, words
    assert "10020000009" not in history and "6200000000000001" not in history


def test_the_form_shows_no_phone_or_account_whole_and_leaves_them_unless_told(story: Story, login: Login) -> None:
    client, person = login("town-clerk"), story.paid[1]
    Resident.objects.filter(pk=person.pk).update(phone="10020000009", bank_account="6200000000000001")
    page = show(client, "edit-resident", person.pk)
    assert "100****0009" in page and "10020000009" not in page and "6200000000000001" not in page
    account = mask_account("6200000000000001")
    kept = {"phone": "100****0009", "bank_account": account, "residence": "东村2组"}
    post(client, "save-resident", person.pk, version=1, **kept)
    found = Resident.objects.get(pk=person.pk)
    assert (found.phone, found.bank_account, found.residence) == ("10020000009", "6200000000000001", "东村2组")
    post(client, "save-resident", person.pk, version=2, **(kept | {"phone": ""}))
    found = Resident.objects.get(pk=person.pk)
    assert (found.phone, found.bank_account) == (None, "6200000000000001")


def test_a_refusal_comes_back_beside_the_form_with_what_was_typed(story: Story, login: Login) -> None:
    sent = {"version": 1, "name": "贺兰青", "phone": "12", "reason": REASON}
    status, page = post(login("town-clerk"), "save-resident", story.paid[1].pk, **sent)
    assert status == 400 and "这不像电话号码" in page
    assert 'value="贺兰青"' in page and REASON in page and "没有保存任何内容" in page
    assert f'href="{reverse("residents")}" aria-current="page"' in page, "the navigation still says where one is"


def test_a_village_agents_form_holds_contacts_only(story: Story, login: Login) -> None:
    client, person = login("village-agent"), story.paid[1]
    page = show(client, "edit-resident", person.pk)
    assert 'name="phone"' in page and 'name="name"' not in page and "更换证件" not in page
    status, _page = post(client, "save-resident", person.pk, version=1, phone="10020000009", name="贺兰青")
    assert status == 302
    found = Resident.objects.get(pk=person.pk)
    assert (found.phone, found.name) == ("10020000009", person.name)


def test_the_second_editor_is_told_on_a_page_of_its_own(story: Story, login: Login) -> None:
    post(login("town-clerk"), "save-resident", story.paid[1].pk, version=1, phone="10020000009")
    status, page = post(login("bureau"), "save-resident", story.paid[1].pk, version=1, phone="10020000008")
    assert status == 409 and "刚刚被别人修改过" in page


def test_a_form_older_than_a_change_of_phone_is_told_so_and_not_that_its_mask_is_no_phone(
    story: Story, login: Login
) -> None:
    client, person = login("town-clerk"), story.paid[1]
    Resident.objects.filter(pk=person.pk).update(phone="10020000009")
    assert post(client, "save-resident", person.pk, version=1, phone="10020000008")[0] == 302
    status, page = post(client, "save-resident", person.pk, version=1, phone="100****0009", residence="东村2组")
    assert status == 409 and "刚刚被别人修改过" in page and "这不像电话号码" not in page


def test_a_merged_record_leads_to_the_one_that_was_kept(story: Story, login: Login) -> None:
    client, (gone, kept) = login("town-clerk"), story.paid[:2]
    Resident.objects.filter(pk=gone.pk).update(state="merged", merged_into=kept)
    page = show(client, "resident", gone.pk)
    assert "打开保留的记录" in page and "到本户办理参保缴费" not in page and reverse("resident", args=[kept.pk]) in page
    assert reverse("edit-resident", args=[gone.pk]) not in page


def test_a_member_who_died_is_marked_among_those_who_enrolled(story: Story, login: Login) -> None:
    client, person = login("town-clerk"), story.paid[1]
    assert '<span class="chip bad">死亡' not in show(client, "household", person.household_id)
    Resident.objects.filter(pk=person.pk).update(state="dead", gone_on=date(2023, 1, 1))
    assert '<span class="chip bad">死亡' in show(client, "household", person.household_id)
    assert "待遇享受中" not in show(client, "resident", person.pk)


def test_no_phone_has_no_button_to_see_it_whole(story: Story, login: Login) -> None:
    client, person = login("town-clerk"), story.paid[1]
    Resident.objects.filter(pk=person.pk).update(phone=None)
    assert "?field=phone" not in show(client, "resident", person.pk)


def test_the_box_of_graduation_can_be_cleared(story: Story, login: Login) -> None:
    person = story.paid[1]
    Resident.objects.filter(pk=person.pk).update(population="university_student", graduating=True)
    client = login("town-clerk")
    sent = {"version": 1, "boxes": "1", "population": "university_student", "reason": REASON}
    assert post(client, "save-resident", person.pk, **sent)[0] == 302
    assert not Resident.objects.get(pk=person.pk).graduating


def test_who_comes_back_finds_the_way(story: Story, login: Login) -> None:
    client, person = login("town-clerk"), story.unenrolled[1]
    sent = {"version": 1, "act": "left", "on": "2022-12-01", "reason": "迁往外省"}
    status, page = post(client, "record-leaving", person.pk, **sent)
    assert status == 302 and "2022-12-01" in page and "迁出" in page
    assert "恢复在册" in show(client, "edit-resident", person.pk)
    assert person.name in show(client, "household", person.household_id)  # among those no longer there
    back = {"version": 2, "relation": "other", "reason": "登记错人"}
    assert post(client, "restore-resident", person.pk, **back)[0] == 302
    assert "迁往外省" in show(client, "resident-history", person.pk)


def test_a_head_who_dies_asks_for_the_next(story: Story, login: Login) -> None:
    client, (head, other) = login("town-clerk"), story.unenrolled
    assert "此人是户主" in show(client, "edit-resident", head.pk)
    sent = {"version": 1, "act": "death", "on": "2022-12-01"}
    status, page = post(client, "record-leaving", head.pk, **sent)
    assert status == 400 and "户主" in page
    assert post(client, "record-leaving", head.pk, **sent, **{f"relation_{other.pk}": "head"})[0] == 302
    assert Resident.objects.get(pk=other.pk).relation == "head"


def test_who_has_paid_and_died_is_warned_of(story: Story, login: Login) -> None:
    client, person = login("town-clerk"), story.paid[1]
    _status, page = post(client, "record-leaving", person.pk, version=1, act="death", on="2022-12-14")
    assert "已列入待办事项" in page
    assert "死亡人员缴费" in show(client, "work")


def test_identities_are_spoken_of_only_where_there_were_any(story: Story, login: Login) -> None:
    client, person = login("town-clerk"), story.unenrolled[1]
    sent = {"act": "left", "on": "2022-12-01", "reason": "迁往外省"}
    back = {"relation": "other", "reason": "登记错人"}
    for version, held in ((1, False), (3, True)):
        if held:
            mark(person, "dibao", story.cast)
        _status, page = post(client, "record-leaving", person.pk, version=version, **sent)
        assert "已登记" in page and ("特殊身份已于次日终止" in page) == held
        _status, page = post(client, "restore-resident", person.pk, version=version + 1, **back)
        assert "已恢复在册" in page and ("终止的特殊身份已恢复" in page) == held


def test_an_error_page_speaks_no_code(story: Story, login: Login) -> None:
    page = login("town-clerk").get(reverse("household", args=[10**9])).content.decode()
    assert "未能完成" in page and "not-found" not in page


# --- registering ----------------------------------------------------------------------------------------------------


def fields_of(name: str = "柏新芽", **given: object) -> dict[str, object]:
    facts: dict[str, object] = {"name": name, "number": number("20200105", 3), "relation": "child"}
    return facts | {"evidence": "household_booklet", "population": "resident"} | given


def test_a_new_member_is_registered_and_the_next_one_after(story: Story, login: Login) -> None:
    client, home = login("town-clerk"), story.paid[0].household_id
    status, page = post(client, "save-new-resident", **fields_of(household=home, act="next"))
    assert status == 302 and "登记本户新成员" in page
    assert Resident.objects.get(name="柏新芽").household_id == home


def test_whose_number_it_is_already_is_shown_within_the_scope_only(story: Story, login: Login) -> None:
    post(login("town-clerk"), "save-new-resident", **fields_of(household=story.paid[0].household_id))
    again = fields_of("柏又芽", household=story.owing[0].household_id)
    status, page = post(login("town-clerk"), "save-new-resident", **again)
    assert status == 409 and "这个号码已登记在" in page and "柏新芽" in page
    far = fields_of("柏又芽", relation="head", village=500155114001, household_no="1")
    status, page = post(login("outsider"), "save-new-resident", **far)
    assert status == 409 and "您管理范围以外登记" in page and "柏新芽" not in page


def test_people_alike_are_shown_and_told_apart(story: Story, login: Login) -> None:
    client, home = login("town-clerk"), story.paid[0].household_id
    post(client, "save-new-resident", **fields_of(household=home))
    twin = fields_of(number=number("20200105", 5), household=home)
    status, page = post(client, "save-new-resident", **twin)
    first = Resident.objects.get(name="柏新芽")
    assert status == 409 and "同名、同一天出生" in page and f'name="told_apart" value="{first.pk}"' in page
    assert post(client, "save-new-resident", **twin, told_apart=first.pk)[0] == 302
    assert Resident.objects.filter(name="柏新芽").count() == 2


def test_the_next_free_number_is_suggested(story: Story, login: Login) -> None:
    client = login("town-clerk")
    last = Household.objects.filter(division_id=VILLAGE).order_by("number").last()
    assert last is not None
    wanted = f"H{int(last.number[1:]) + 1:05d}"
    assert f'value="{wanted}"' in show(client, "next-number", query=f"?village={VILLAGE}")
    assert f'value="{wanted}"' in show(client, "register-resident", query=f"?village={VILLAGE}")
    assert client.get(reverse("next-number") + "?village=500155114001").status_code == 404


@pytest.mark.clause("PJ-4.3")
def test_the_counter_says_who_registers_first_and_takes_their_money_only_then(story: Story, login: Login) -> None:
    (person,) = household(date(1990, 1, 1), on_platform=False)
    agent, clerk, home = login("village-agent"), login("town-clerk"), person.household_id
    page = show(agent, "household", home, query=f"?tier_{person.pk}=1")
    assert "尚未在国家医疗保障信息平台登记" in page and "请先到镇街社保所" in page
    assert "只能登记，不能收款" in page and 'value="pay"' not in page
    paying = {"act": "pay", "amount_fen": "35000", "channel": "cash", f"tier_{person.pk}": "1"}
    status, refused = post(agent, "enrol", home, **paying)
    assert status == 409 and "没有收款" in refused and "镇街社保所办理国家平台登记" in refused
    assert "登记国家平台" in show(clerk, "household", home)
    assert post(clerk, "register-platform", resident=person.pk, household=home)[0] == 302
    status, _page = post(agent, "enrol", home, **(paying | {"key": "web-again"}))
    assert status == 302 and person.enrolments.get().due.state == "collected"


def test_history_reads_the_same_number_of_times_however_long(story: Story, login: Login) -> None:
    client, person = login("town-clerk"), story.paid[1]

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            show(client, "resident-history", person.pk)
        return len(captured)

    post(client, "save-resident", person.pk, version=1, phone="10020000000")
    before = statements()
    for version in range(2, 30):
        post(client, "save-resident", person.pk, version=version, phone=f"100200000{version:02d}")
    assert statements() <= before <= 12
    assert RecordChange.objects.filter(resident=person).count() == 29
    assert "下一页" in show(client, "resident-history", person.pk)


# --- walks ----------------------------------------------------------------------------------------------------------


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


def test_a_clerk_splits_a_household_and_joins_another_to_it(
    told: Story, live_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    grown, grandmother = told.paid[1], told.paid[3]
    enter(page, "town-clerk")
    page.goto(f"/households/{grown.household_id}/")
    page.get_by_role("link", name="分户、迁移、户主").click()
    page.locator(f"#moving-{grown.pk}").check()
    page.locator(f"#moving-{grandmother.pk}").check()
    page.locator(f"select[name=relation_{grown.pk}]").select_option("head")
    page.locator(f"select[name=relation_{grandmother.pk}]").select_option("parent")
    page.locator("#village").select_option(str(NEXT_VILLAGE))
    page.get_by_label("新地址").fill("邻村2组")
    expect(page.locator("#household_no")).to_have_value(re.compile(r"H\d{5}"))
    page.get_by_label("原因").fill("分家")
    page.get_by_role("button", name="办理").click()
    page.wait_for_url(re.compile(r"/households/\d+/$"))
    expect(page.locator("main")).to_contain_text(grandmother.name)
    new = Resident.objects.get(pk=grown.pk).household
    assert (new.division_id, Resident.objects.filter(household=new).count()) == (NEXT_VILLAGE, 2)

    page.goto(f"/households/{told.next_door[0].household_id}/change/?do=join")
    page.locator(f"select[name=relation_{told.next_door[0].pk}]").select_option("parent")
    page.locator("#household_no").fill(new.number)
    page.get_by_label("原因").fill("并户共同生活")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("#target")).to_contain_text(grown.name)
    page.get_by_role("button", name="确认办理").click()
    page.wait_for_url(re.compile(rf"/households/{new.pk}/$"))
    expect(page.locator("main")).to_contain_text(told.next_door[0].name)
    page.get_by_role("link", name="变更记录").click()
    expect(page.locator("#changes")).to_contain_text("并户")
    expect(page.locator("#changes")).to_contain_text("分家")
    assert Household.objects.get(pk=told.next_door[0].household_id).state == "dissolved"


def test_a_newborn_gets_an_id_number_and_is_found_by_both(
    told: Story, live_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    enter(page, "town-clerk")
    page.goto(f"/households/{told.paid[0].household_id}/")
    page.get_by_role("link", name="登记新成员").click()
    page.get_by_label("姓名", exact=True).fill("柏初生")
    page.get_by_label("证件号码").fill("T500123456")
    page.get_by_label("出生日期").fill("2022-11-01")
    page.get_by_label("性别").select_option("1")
    page.get_by_label("参保依据").select_option("birth_certificate")
    page.get_by_role("button", name="登记", exact=True).click()
    page.wait_for_url(re.compile(r"/residents/\d+/$"))
    address = page.url
    page.get_by_role("link", name="修改资料").click()
    page.get_by_label("新证件号码").fill(number("20221101", 7))
    page.get_by_role("button", name="更换证件").click()
    page.wait_for_url(address)
    expect(page.locator("main")).to_contain_text(mask(number("20221101", 7)))
    for text in ("T500123456", number("20221101", 7)):
        page.goto("/residents/")
        page.locator("#q").fill(text)
        expect(page.locator("#found")).to_contain_text("柏初生")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_forms_fit_a_phone(
    told: Story, live_server: LiveServer, page: Page, complaints: list[str], language: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    enter(page, "town-clerk")
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    person = told.unenrolled[0]
    addresses = ["/residents/new/", f"/residents/new/?household={person.household_id}"]
    addresses += [f"/residents/{person.pk}/edit/", f"/residents/{person.pk}/history/"]
    addresses += [f"/households/{person.household_id}/change/?do={tab}" for tab in ("split", "join", "head", "place")]
    wide = []
    for address in addresses:
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wide.append(address)
    page.goto(f"/households/{person.household_id}/")
    if page.locator(".scroll:has(.members)").evaluate("box => box.scrollWidth > box.clientWidth"):
        wide.append("the household's members")
    assert wide == []
