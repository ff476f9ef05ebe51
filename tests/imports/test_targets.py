"""Targets come in as printed: every row kept, and totals that do not add up are told (PJ-1, PJ-A2, BN-1)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import transaction

from tests.imports.cast import DISTRICT, EAST, NOW, OTHER_TOWN, TOWN, WEST, Cast, Cells, book, new_key, told, warned
from yingbao.demo import targets as annex2
from yingbao.divisions import operations as divisions
from yingbao.kernel.errors import Forbidden, NotFound, Refused
from yingbao.progress.models import Target
from yingbao.registry import queries
from yingbao.registry.kinds import FileKind
from yingbao.sheets.layouts import TARGETS
from yingbao.storage.fields import Json
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_targets import accept_targets, check_targets, discard_targets

FIRST = 3
DUE_ON = date(2022, 12, 20)


def line(name: str, persons: int | None = 100, fen: int | None = 3_500_000, **cells: int) -> Cells:
    """Return one row of a targets table."""
    row: Cells = {"division": name, "households": 40, "population": 120, "persons": persons, "amount_fen": fen}
    return row | cells


def check(cast: Cast, rows: list[Cells], *, division: int = TOWN) -> Json:
    """Check a table as the bureau."""
    upload = Upload(name="附件2.xlsx", content=book(TARGETS, rows))
    return check_targets(
        cast.bureau, upload=upload, division_code=division, year=2023, due_on=DUE_ON, key=new_key(), at=NOW
    )


def accept(cast: Cast, file_id: int) -> Json:
    """Accept a table as the bureau."""
    return accept_targets(cast.bureau, file_id=file_id, key=new_key(), at=NOW)


@pytest.mark.clause("PJ-A2")
def test_annex_2_of_the_notice_comes_in_whole_and_both_pairs_of_totals_are_told(cast: Cast, tmp_path: Path) -> None:
    with transaction.atomic():
        for index in range(2, len(annex2.VILLAGES)):
            divisions.add(
                code=annex2.village_code(index),
                name=annex2.village_name(index),
                level="village",
                parent_code=TOWN,
            )
        for index, code in enumerate((EAST, WEST)):
            divisions.add(code=code, name=annex2.village_name(index), level="village", parent_code=TOWN)
    annex2.write_annex2(tmp_path / "annex2.xlsx")
    upload = Upload(name="附件2.xlsx", content=(tmp_path / "annex2.xlsx").read_bytes())
    checked = check_targets(
        cast.bureau, upload=upload, division_code=TOWN, year=2023, due_on=DUE_ON, key=new_key(), at=NOW
    )
    assert (checked["rows"], checked["targets"], checked["bad_rows"]) == (22, 21, 0)
    file = queries.file(cast.bureau, checked["file_id"], FileKind.TARGETS)
    found = {p.column: p.reason.params for p in queries.problems_of(file)}
    assert found == {
        "总户数": {"printed": "24,128", "total": "23,128"},
        "户籍总人口数（人）": {"printed": "64,249", "total": "59,719"},
    }

    accept(cast, checked["file_id"])

    villages = Target.objects.filter(year=2023, division__level="village")
    assert sum(t.households for t in villages) == 23_128
    assert sum(t.population for t in villages) == 59_719
    assert sum(t.persons for t in villages) == 49_300
    assert sum(t.amount_fen for t in villages) == 1_725_500_000
    town = Target.objects.get(division_id=TOWN)
    assert (town.households, town.population, town.persons, town.amount_fen) == (24_128, 64_249, 49_300, 1_725_500_000)
    assert {t.due_on for t in villages} == {DUE_ON}


@pytest.mark.clause("BN-1")
def test_a_district_sets_its_towns_targets(cast: Cast) -> None:
    checked = check(cast, [line("甲镇", 300, 9_600_000), line("乙镇", 200, 6_400_000)], division=DISTRICT)
    accept(cast, checked["file_id"])
    assert dict(Target.objects.values_list("division_id", "persons")) == {TOWN: 300, OTHER_TOWN: 200}


def test_totals_that_add_up_say_nothing(cast: Cast) -> None:
    rows = [line("东"), line("西社区"), line("合 计", 200, 7_000_000, households=80, population=240)]
    assert warned(check(cast, rows)["file_id"]) == []


def test_wrong_rows_are_told_and_the_others_come_in(cast: Cast) -> None:
    rows = [line("东村"), line("北村"), line("西社区", None), line("东"), line("西", -1), line("远村", fen=None)]
    checked = check(cast, rows)
    assert told(checked["file_id"]) == [
        (FIRST + 1, "村（社区）名称", "您的管理范围内没有这个地方"),
        (FIRST + 2, "参保总任务数（人）", "没有填写"),
        (FIRST + 3, "村（社区）名称", "与第 {row} 行是同一个地方"),
        (FIRST + 4, "参保总任务数（人）", "不能是负数"),
        (FIRST + 4, "村（社区）名称", "与第 {row} 行是同一个地方"),
        (FIRST + 5, "村（社区）名称", "您的管理范围内没有这个地方"),
        (FIRST + 5, "筹资金额任务数（元）", "没有填写"),
    ]
    accept(cast, checked["file_id"])
    assert list(Target.objects.values_list("division_id", flat=True)) == [EAST]


def test_a_village_left_out_is_a_warning_that_names_it(cast: Cast) -> None:
    checked = check(cast, [line("东村")])
    assert warned(checked["file_id"]) == [(0, "村（社区）名称", "表中没有：{names}")]


def test_a_new_table_replaces_the_years_targets_and_says_which(cast: Cast) -> None:
    accept(cast, check(cast, [line("东村"), line("西社区")])["file_id"])
    checked = check(cast, [line("东村", 110), line("西社区")])
    assert checked["replaced"] == 1
    assert warned(checked["file_id"]) == [(FIRST, "村（社区）名称", "将替换原来的任务：{persons} 人、{amount} 元")]
    accept(cast, checked["file_id"])
    assert dict(Target.objects.values_list("division_id", "persons")) == {EAST: 110, WEST: 100}


def test_only_the_bureau_sets_targets_and_only_of_its_district(cast: Cast) -> None:
    upload = Upload(name="附件2.xlsx", content=book(TARGETS, [line("东村")]))
    for actor, error in ((cast.town_clerk, Forbidden), (cast.civil_affairs, Forbidden)):
        with pytest.raises(error):
            check_targets(actor, upload=upload, division_code=TOWN, year=2023, due_on=DUE_ON, key="k", at=NOW)
    with pytest.raises(NotFound):
        check(cast, [line("东村")], division=500156000000)


def test_a_discarded_table_sets_nothing(cast: Cast) -> None:
    checked = check(cast, [line("东村")])
    discard_targets(cast.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
    with pytest.raises(Refused):
        accept(cast, checked["file_id"])
    assert Target.objects.count() == 0
