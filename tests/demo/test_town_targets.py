"""Annex 2 as the demo writes it says what the notice prints, wrong totals included."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from yingbao.demo.targets import COLUMNS, VILLAGES, village_code, village_name, write_annex2
from yingbao.sheets import read_table
from yingbao.sheets.layouts import TARGETS


@pytest.fixture
def annex2(tmp_path: Path) -> Path:
    """Return annex 2 written to disk."""
    path = tmp_path / "annex2.xlsx"
    write_annex2(path)
    return path


@pytest.mark.clause("PJ-A2")
def test_the_sheet_holds_the_notices_columns_rows_and_wrong_totals(annex2: Path) -> None:
    title, header, *rows = load_workbook(annex2).active.iter_rows(values_only=True)
    assert title[0] == "屏锦镇2023年度城乡居民医保参保人数及筹资指导任务表"
    assert header == COLUMNS == tuple(column.name for column in TARGETS.columns)
    assert len(rows) == 22
    assert rows[0] == (1, "新合", 1226, 3222, 1, 2731, 955850)
    assert rows[20] == (21, "新桥", 2214, 2758, 1, 1699, 594650)
    assert rows[21] == (None, "合   计", 24128, 64249, 1, 49300, 17255000)


@pytest.mark.clause("PJ-A2")
def test_the_rows_sum_to_other_households_and_people_than_printed_but_to_the_same_targets() -> None:
    assert sum(village.households for village in VILLAGES) == 23128
    assert sum(village.population for village in VILLAGES) == 59719
    assert sum(village.persons for village in VILLAGES) == 49300
    assert sum(village.yuan for village in VILLAGES) == 17255000


def test_every_villages_money_is_its_persons_at_tier_one() -> None:
    assert [village.yuan for village in VILLAGES] == [village.persons * 350 for village in VILLAGES]


def test_the_projects_own_reader_understands_it(annex2: Path) -> None:
    rows = list(read_table(annex2, name="annex2.xlsx", layout=TARGETS))
    assert not any(row.problems for row in rows)
    assert [row.integer("amount_fen") for row in rows] == [*(v.yuan * 100 for v in VILLAGES), 1725500000]


def test_writing_it_again_gives_the_same_bytes(annex2: Path, tmp_path: Path) -> None:
    write_annex2(tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == annex2.read_bytes()


def test_villages_are_numbered_in_annex_order_and_named_as_annex_three_names_them() -> None:
    assert (village_code(0), village_code(20)) == (500155113001, 500155113021)
    communities = {village_name(i) for i in range(21) if village_name(i).endswith("社区")}
    assert communities == {"万年社区", "和睦社区", "屏锦社区", "新桥社区", "兴平社区"}
    assert village_name(0) == "新合村"
