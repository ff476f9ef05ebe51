"""The page of sliders: what it shows, that it answers a moving slider, and that it works without JavaScript."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.web.conftest import Login, Story, tell
from tests.web.test_browser import enter
from yingbao.usecases.simulate_policy import forget_snapshots
from yingbao.web.bars import MOST_STEPS, WIDTH, draw_pairs, draw_steps

RATE = "rates.resident.1.amount"
DIBAO = "identities.dibao.subsidies.1.percent"
SLIDING = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    forget_snapshots()
    yield
    forget_snapshots()


def ask(client: Client, **values: str) -> str:
    response = client.get(reverse("simulate"), values)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_says_what_is_and_that_it_is_a_hypothesis(story: Story, login: Login) -> None:
    page = ask(login("bureau"))
    assert "假设测算，不是决定" in page and "没有人改变选择" in page
    assert page.count('type="range"') == 36
    assert f'name="{RATE}" min="0" max="700" step="10" value="350"' in page
    assert "/policy/liangping-2023/rules/PJ-3.2/" in page
    assert "没有人多缴或少缴" in page
    assert "居民0" not in page  # nobody's name


def test_a_dearer_rate_is_added_up_and_explained(story: Story, login: Login) -> None:
    page = ask(login("bureau"), **{RATE: "400", DIBAO: "80"})
    # Nine are enrolled: eight without a subsidy pay 50 more; dibao 80% of 400 is 320 instead of 315, so 45 more.
    assert "+445" in page and "+5</dd>" in page
    assert "多缴 50</text>" in page and "多缴 45</text>" in page
    assert "320.00 元（1 档的 80%）" in page and "随标准变动" in page  # the others follow
    assert 'class="turned"' in page


def test_a_moving_slider_gets_the_answer_alone(story: Story, login: Login) -> None:
    client = login("bureau")
    page = ask(client)
    stamp = re.search(r'name="at" id="stamp" value="([^"]+)"', page)
    assert stamp
    response = client.get(reverse("simulate"), {RATE: "400", "at": stamp[1]}, headers=SLIDING)
    part = response.content.decode()
    assert part.lstrip().startswith('<div id="answer"') and "<html" not in part and 'type="range"' not in part
    assert part.count("hx-swap-oob") == 36 + 2
    assert f'value="{stamp[1]}"' in part


def test_everyone_counts_who_has_not_enrolled_too(story: Story, login: Login) -> None:
    client = login("bureau")
    enrolled, everyone = ask(client, whom="enrolled"), ask(client, whom="everyone")
    assert "9 人</span>" in enrolled and "10 人</span>" in everyone  # one of the two others is insured elsewhere


def test_the_workbook_holds_the_same_figures(story: Story, login: Login) -> None:
    response = login("health").get(reverse("simulate-file"), {RATE: "400", "whom": "enrolled"})
    assert response.headers["Content-Disposition"] == 'attachment; filename="simulate-liangping-2023.xlsx"'
    book = load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["合计", "按身份", "按档次", "按部门", "按区划", "每人增减", "改动"]
    total = list(book["合计"].iter_rows(values_only=True))
    assert any("假设测算，不是决定" in str(row[0]) for row in total)
    assert total[-1][:3] == ("合计", 9, 8 * 350 + 35)
    assert total[-1][6] == 8 * 400 + 40
    assert ("多" not in str(book["按区划"].cell(7, 1).value)) and "甲镇" in [c.value for c in book["按区划"]["A"]]


@pytest.mark.parametrize(
    "given",
    [
        {RATE: "cheap"},
        {RATE: "-1"},
        {RATE: "701"},
        {RATE: "NaN"},
        {RATE: "1e2000"},
        {RATE: "0.001"},
        {RATE: ""},
        {DIBAO: "101"},
        {"whom": "nobody"},
    ],
)
def test_odd_values_are_refused_with_a_sentence(story: Story, login: Login, given: dict[str, str]) -> None:
    for name in ("simulate", "simulate-file"):
        assert login("bureau").get(reverse(name), given).status_code == 400


def test_a_pack_that_is_only_a_base_or_is_none(story: Story, login: Login) -> None:
    client = login("bureau")
    assert client.get(reverse("simulate"), {"policy": "chongqing-2023"}).status_code == 409
    assert client.get(reverse("simulate"), {"policy": "nowhere-2023"}).status_code == 404
    assert "banan-2022" in ask(client, policy="banan-2022")


def test_the_page_speaks_english(story: Story, login: Login) -> None:
    client = login("bureau")
    client.cookies["django_language"] = "en"
    page = ask(client, **{RATE: "400"})
    assert "A hypothesis, not a decision" in page and "Pays more" in page


def test_bars_keep_to_their_scale() -> None:
    pairs = draw_pairs([("a", 100, 50), ("b", 0, 200)])
    assert [(row.before_width, row.after_width) for row in pairs.rows] == [(240.0, 120.0), (0.0, 480.0)]
    assert all(row.before_width <= WIDTH for row in draw_pairs([("a", 10**15, 1)]).rows)
    assert draw_pairs([("a", 0, 0)]).rows[0].after_width == 0


def test_steps_go_left_and_right_and_the_smallest_are_counted_only() -> None:
    chart = draw_steps({-500: 10, 500: 20} | {1000 + n: 1 for n in range(20)})
    assert len(chart.rows) == MOST_STEPS and chart.rest == 10
    left, right = chart.rows[0], chart.rows[1]
    assert not left.loses and left.x + left.width == chart.middle
    assert right.loses and right.x == chart.middle and right.width == 2 * left.width


# ---------------------------------------------------------------- in Chromium


@pytest.fixture
def told(transactional_db: None) -> Story:
    return tell()


def test_moving_a_slider_changes_the_answer(told: Story, live_server: LiveServer, page: Page) -> None:
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    enter(page, "bureau")
    page.goto("/simulate/")
    slider = page.locator(f'input[name="{RATE}"]')
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#figures")).to_contain_text("+405")
    expect(page.locator(f"output[for={slider.get_attribute('id')}]")).to_contain_text("400 元")
    expect(page.locator("#answer")).to_contain_text("多缴 50")
    expect(slider).to_be_focused()
    assert heard == []


def test_sliders_work_without_javascript(told: Story, live_server: LiveServer, context: BrowserContext) -> None:
    assert context.browser is not None
    page = context.browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN").new_page()
    enter(page, "bureau")
    page.goto("/simulate/")
    page.locator(f'input[name="{RATE}"]').focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="测算").click()
    expect(page.locator("#answer")).to_contain_text("多缴 10")
    with page.expect_download() as download:
        page.get_by_role("button", name=".xlsx").click()
    assert download.value.suggested_filename == "simulate-liangping-2023.xlsx"
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_no_wider_than_a_phone(told: Story, live_server: LiveServer, page: Page, theme: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    enter(page, "bureau")
    page.goto(f"/simulate/?{RATE}=400")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
