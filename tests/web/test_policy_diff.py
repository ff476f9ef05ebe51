"""Two packs side by side on a page: both values, each with its clause as a link and the pack it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from tests.policy.small import small_pack, write_pack
from tests.policy.test_versions import first_amendment
from yingbao.policy import Policy
from yingbao.web.pages import policy_diff

ADDRESS = "/policy/banan-2022/diff/liangping-2023/"
pytestmark = pytest.mark.django_db


def read(address: str, language: str = "zh-hans") -> str:
    client = Client()
    client.cookies["django_language"] = language
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_both_sides_stand_with_their_clauses_and_origins() -> None:
    page = read(ADDRESS)
    for part in ("320.00 元", "350.00 元", "城乡低保对象 · 1 档资助", "来自 chongqing-2022", "来自 liangping-2023"):
        assert part in page
    assert "/policy/banan-2022/rules/BN-3.3.1/" in page and "/policy/liangping-2023/rules/PJ-3.2/" in page


def test_every_clause_on_the_page_leads_to_its_text() -> None:
    client, page = Client(), read(ADDRESS)
    links = {part.split('"')[0] for part in page.split('href="') if "/rules/" in part.split('"')[0]}
    assert len(links) > 40
    assert {client.get(link).status_code for link in links} == {200}


def test_the_page_speaks_english() -> None:
    page = read(ADDRESS, "en")
    for part in ("What the policy changes", "320.00 yuan", "Personal contribution", "from chongqing-2022"):
        assert part in page


def test_the_same_pack_has_no_differences() -> None:
    assert "两个政策包没有差别" in read("/policy/liangping-2023/diff/liangping-2023/")


@pytest.mark.parametrize("address", ["/policy/banan-2022/diff/nowhere-2023/", "/policy/nowhere-2023/diff/banan-2022/"])
def test_an_unknown_pack_is_not_there(address: str) -> None:
    assert Client().get(address).status_code == 404


def test_two_packs_chosen_in_the_form_lead_to_their_page() -> None:
    choose = reverse("choose-policy-diff")
    chosen = Client().get(choose, {"before": "banan-2022", "after": "liangping-2023"})
    assert (chosen.status_code, chosen["Location"]) == (302, ADDRESS)
    for wrong in ({}, {"before": "banan-2022"}, {"before": "banan-2022", "after": "//elsewhere"}):
        assert Client().get(choose, wrong).status_code == 404
    assert f'action="{choose}"' in read("/policy/")


def test_an_amendment_says_from_which_day_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packs: dict[str, Policy] = {
        "small-2030": write_pack(tmp_path, small_pack()),
        "first-2030": write_pack(tmp_path, first_amendment()),
    }
    monkeypatch.setattr(policy_diff, "get_policy", packs.__getitem__)
    monkeypatch.setattr(policy_diff, "list_packs", lambda: list(packs))
    page = read("/policy/small-2030/diff/first-2030/")
    assert "适用于 2029-11-15 起缴清的" in page and "300.00 元" in page


def test_the_page_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(ADDRESS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    first, second = page.locator(".change .sides").first.locator("> div").all()
    one, other = first.bounding_box(), second.bounding_box()
    assert one and other and other["y"] >= one["y"] + one["height"]
