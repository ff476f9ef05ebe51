"""A pack's fact sheet as a page: what the sheet holds, for anybody, in both languages, and fit to print."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from yingbao.policy import get_policy, list_packs
from yingbao.policy.factsheet import make_sheet


def read(name: str, language: str = "zh-hans") -> str:
    client = Client()
    client.cookies["django_language"] = language
    response = client.get(f"/policy/{name}/sheet/")
    assert response.status_code == 200
    return response.content.decode()


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


@pytest.mark.clause("PJ-8.3.2")
@pytest.mark.parametrize("name", list_packs())
@pytest.mark.parametrize(("language", "code"), [("zh-hans", "zh"), ("en", "en")])
def test_the_page_holds_every_part_of_the_sheet(name: str, language: str, code: str, db: None) -> None:
    page, sheet = read(name, language), make_sheet(get_policy(name))
    for section in sheet.sections:
        assert f'id="part-{section.code}"' in page
        assert section.title.render(code) in page
    assert page.count("<tr>") >= sum(len(chapter.examples) for chapter in sheet.chapters)
    assert len(re.findall(r'<dt id="', page)) == len(sheet.clauses)


def test_every_clause_cited_stands_on_the_page(db: None) -> None:
    page = read("liangping-2023")
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))


def test_examples_show_amounts_cover_and_what_is_not_said(db: None) -> None:
    rows = [plain(row) for row in re.findall(r"<tr>.*?</tr>", read("liangping-2023"), re.DOTALL)]
    full_cost = next(row for row in rows if "城乡居民，1 档，2023-07-01 缴清" in row)
    assert "960" in full_cost and "2023-09-30" in full_cost and "PJ-7.2e" in full_cost
    silent = next(row for row in rows if "城乡居民，1 档，2022-12-21 缴清" in row)
    assert "通知未作规定" in silent and "PJ-7.2s" in silent and "2023-12-31" not in silent


def test_a_day_is_never_broken_over_two_lines(db: None) -> None:
    page = read("liangping-2023")
    tables = " ".join(re.findall(r"<td.*?</td>", page, re.DOTALL))
    assert re.findall(r'(?<!class="tight">)\b\d{4}-\d{2}-\d{2}', tables) == []


def test_the_policy_page_leads_to_the_sheet_of_a_base_too(db: None) -> None:
    assert "/policy/chongqing-2023/sheet/" in Client().get("/policy/chongqing-2023/").content.decode()
    assert 'id="examples"' not in read("chongqing-2023")


def test_no_sheet_of_a_pack_that_is_none(db: None) -> None:
    assert Client().get("/policy/nowhere-2023/sheet/").status_code == 404
