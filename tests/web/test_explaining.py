"""The pages that explain a decision as a tree: for facts filled in, and for a resident's own; and the letter."""

from __future__ import annotations

import re
from datetime import date

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.web.conftest import CLEARED_ON, Login, Story
from tests.web.test_browser import complaints, enter, told
from tests.web.test_english import chinese_left, in_english
from yingbao.accounts.models import AuditEntry
from yingbao.enrolment.models import Enrolment
from yingbao.policy import get_policy, list_packs

__all__ = ["complaints", "told"]
FORM = reverse("work-out", args=["liangping-2023"])
DIBAO = {
    "birth_date": "1980-05-05",
    "population": "resident",
    "tier": "1",
    "paid_on": "2023-07-05",
    "identities": ["dibao", "disabled_1_2", "old_demobilised_veteran"],
}


def pdf_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


def words_of(page: str) -> str:
    """The text of a page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_anybody_fills_in_facts_and_sees_everything_behind_the_answer(db: None) -> None:
    client = Client()
    assert "测算并解释" in client.get(FORM).content.decode()
    response = client.post(FORM, DIBAO)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    words = words_of(response.content.decode())
    for said in (
        "个人应缴 645.00 元；按“城乡低保对象”资助 315.00 元；2023-07-05 至 2023-12-31 享受待遇",
        "须在 2023-07-01 前缴清，2023-07-05 已过期",
        "该身份在 1 档没有资助，应参加 2 档",
        "350.00 − 315.00 + 财政部分 610.00",
        "从 2023-07-01 起缴清的全额缴费，2023-07-05 在其内",
        "请示重庆市梁平区屏锦镇人民政府",
    ):
        assert said in words, said


def test_what_was_filled_in_is_still_there_and_in_no_address(db: None) -> None:
    page = Client().post(FORM, DIBAO).content.decode()
    assert 'value="1980-05-05"' in page and 'value="2023-07-05"' in page
    assert re.search(r'value="dibao" checked', page) and not re.search(r'value="orphan" checked', page)
    assert "1980-05-05" not in "".join(re.findall(r'(?:href|action)="[^"]*"', page))


def test_every_clause_of_the_tree_stands_below_it_with_its_text(db: None) -> None:
    page = Client().post(FORM, DIBAO).content.decode()
    asked = set(re.findall(r'href="#rule-([^"]+)"', page))
    assert {"PJ-3.2", "PJ-5.1.2", "PJ-5.1.2g", "PJ-7.2e"} <= asked
    assert asked == set(re.findall(r'<article id="rule-([^"]+)"', page))
    assert "2023年6月30日以后参保缴费的，不享受财政补助。" in page


def test_the_form_asks_only_for_facts_the_pack_needs(db: None) -> None:
    page = Client().get(FORM).content.decode()
    names = set(re.findall(r'name="(\w+)"', page))
    assert {"birth_date", "population", "tier", "paid_on", "identities", "as_of", "graduating", "term_start"} <= names
    assert get_policy("liangping-2023").facts == frozenset()
    assert names.isdisjoint({"missed_years", "disability_grade", "addons", "payer_account_fen"})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"birth_date": ""}, "出生日期有误"),
        ({"tier": "7"}, "档次有误"),
        ({"paid_on": "2023-02-30"}, "缴清日期有误"),
        ({"identities": ["nobody"]}, "身份代码有误"),
        ({"population": "<b>"}, "人群有误"),
        ({"birth_date": "2023-08-01"}, "出生晚于缴费"),
    ],
)
def test_facts_that_make_no_sense_are_explained_and_never_an_error(
    db: None, change: dict[str, object], said: str
) -> None:
    page = Client().post(FORM, DIBAO | change).content.decode()
    assert said in page and "资料有误或不全" in page
    assert "<b>" not in page


def test_a_day_of_the_question_that_is_none_is_refused_with_a_sentence(db: None) -> None:
    response = Client().post(FORM, DIBAO | {"as_of": "soon"})
    assert response.status_code == 400 and "日期填写不正确" in response.content.decode()


def test_a_pack_that_is_only_a_base_has_no_form(db: None) -> None:
    address = reverse("work-out", args=["chongqing-2023"])
    assert "不能单独测算" in Client().get(address).content.decode()
    assert Client().post(address, DIBAO).status_code == 409
    for name in list_packs():
        page = Client().get(reverse("policy", args=[name])).content.decode()
        assert (reverse("work-out", args=[name]) in page) == get_policy(name).file.assessable


def test_the_pdf_is_for_who_has_logged_in(story: Story, login: Login) -> None:
    assert Client().post(FORM, DIBAO | {"as": "pdf"}).status_code == 403
    response = login("auditor").post(FORM, DIBAO | {"as": "pdf"})
    assert response.headers["Content-Type"] == "application/pdf"
    text = pdf_text(response.content)
    assert "个人应缴645.00元" in text and "不是参保凭证" in text


def test_a_residents_page_leads_to_everything_behind_the_decision(story: Story, login: Login) -> None:
    client, person = login("town-clerk"), story.paid[1]
    page = client.get(reverse("resident", args=[person.pk])).content.decode()
    assert reverse("decision", args=[person.pk]) in page and reverse("decision-pdf", args=[person.pk]) in page
    words = words_of(client.get(reverse("decision", args=[person.pk])).content.decode())
    for said in ("个人应缴 35.00 元", "低于按“城乡低保对象”的资助", "2023-01-01 至 2023-12-31", f"已锁定 {CLEARED_ON}"):
        assert said in words, said
    assert person.certificate_number not in words


def test_who_is_not_enrolled_has_no_decision(story: Story, login: Login) -> None:
    for name in ("decision", "decision-pdf"):
        assert login("town-clerk").get(reverse(name, args=[story.unenrolled[0].pk])).status_code == 404


def test_a_decision_that_is_not_locked_is_explained_as_of_the_day_it_was_made(story: Story, login: Login) -> None:
    words = words_of(login("town-clerk").get(reverse("decision", args=[story.owing[0].pk])).content.decode())
    assert "按此日缴费测算 2022-11-21" in words and "缴清后确定" in words
    assert "决定为" not in words


def test_a_decision_that_no_longer_follows_from_the_pack_says_so(story: Story, login: Login) -> None:
    person = story.paid[1]
    Enrolment.objects.filter(resident=person).update(rate_fen=36_000, payable_fen=4_500)
    words = words_of(login("town-clerk").get(reverse("decision", args=[person.pk])).content.decode())
    assert "决定为 360.00，按现在的政策包和资料为 350.00" in words


@pytest.mark.parametrize(
    ("lang", "title", "day"), [("zh", "决定书", "2022年12月15日"), ("en", "decision", "15December2022")]
)
def test_the_letter_is_printed_in_both_languages_and_noted(
    story: Story, login: Login, lang: str, title: str, day: str
) -> None:
    person = story.paid[1]
    response = login("village-agent").get(reverse("decision-pdf", args=[person.pk]), {"lang": lang})
    text = pdf_text(response.content)
    for said in (title, day, "35.00", "PJ-5.1.2", person.household.number, "社保所"):
        assert said in text, said
    assert person.certificate_number not in text
    entry = AuditEntry.objects.get(action="print-decision")
    assert (entry.subject_kind, entry.subject_id, entry.detail["language"]) == ("resident", person.pk, lang)
    assert entry.division_code == person.division_id
    trail = login("auditor").get(reverse("audit")).content.decode()
    assert "打印决定书" in trail


def test_a_household_reads_its_own_decision_and_nobody_elses(story: Story, login: Login) -> None:
    own, other = story.paid[0], story.owing[0]
    assert login("resident").get(reverse("decision-pdf", args=[own.pk])).status_code == 200
    assert login("resident").get(reverse("decision-pdf", args=[other.pk])).status_code == 404
    assert AuditEntry.objects.filter(action="print-decision").count() == 1


def test_the_pages_speak_english_throughout(story: Story, login: Login) -> None:
    client = in_english(login("town-clerk"))
    own = client.get(reverse("decision", args=[story.paid[1].pk])).content.decode()
    asked = client.post(FORM, DIBAO).content.decode()
    closed = client.post(FORM, DIBAO | {"paid_on": "2023-12-01"}).content.decode()
    silent = client.post(FORM, DIBAO | {"paid_on": "2022-12-25", "identities": []}).content.decode()
    wrong = client.post(FORM, DIBAO | {"birth_date": ""}).content.decode()
    assert {name: chinese_left(page) for name, page in
            {"own": own, "asked": asked, "closed": closed, "silent": silent, "wrong": wrong}.items()} == {
        "own": set(), "asked": set(), "closed": set(), "silent": set(), "wrong": set()}  # fmt: skip


def test_the_tree_opens_and_closes_without_javascript(
    told: Story, live_server: LiveServer, context: BrowserContext
) -> None:
    plain = context.browser
    assert plain is not None
    page = plain.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN").new_page()
    page.goto(FORM)
    page.get_by_label("出生日期").fill("1980-05-05")
    page.get_by_label("缴清日期").fill("2023-07-05")
    page.get_by_label("城乡低保对象").check()
    page.get_by_role("button", name="测算并解释").click()
    leaf = page.locator(".tree .leaf", has_text="集中参保期")
    expect(leaf).to_be_visible()
    branch = page.locator(".tree summary", has_text="参保时段").last
    branch.focus()
    page.keyboard.press("Enter")
    expect(leaf).not_to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("form.ask")).not_to_be_visible()
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_tree_fits_a_phone(
    told: Story, live_server: LiveServer, page: Page, complaints: list[str], theme: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    enter(page, "town-clerk")
    for address in (reverse("decision", args=[told.paid[1].pk]), FORM):
        page.goto(address)
        if address == FORM:
            page.get_by_label("出生日期").fill(date(1980, 5, 5).isoformat())
            page.get_by_role("button", name="测算并解释").click()
            expect(page.locator("#answer")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
