"""Residents taken away: masked unless somebody says why and closes the file; whole files come in again unchanged."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.imports.cast import NOW, POLICY, Cast, accept, bring_in, family, new_key, number, person, told
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Forbidden, Refused
from yingbao.registry.finding import exports
from yingbao.registry.finding.listing import Filter, Search
from yingbao.registry.models import RecordChange, Resident
from yingbao.sheets import is_encrypted, read_table
from yingbao.sheets.layouts import REGISTER
from yingbao.usecases import export_residents as export_module
from yingbao.usecases.export_residents import Whole, export_residents
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_register import check_register

TODAY = NOW.date()
EVERY = tuple(column.key for column in exports.COLUMNS)
SECRET = "导出的密码1234"


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast, a family in 东村, a student and a permit holder in 西社区, one far away."""
    student = person("柏远山", "20030101", village="西社区", household_no="W1", population="大学生")
    bring_in(
        cast.town_clerk,
        [
            *family(),
            student | {"graduation_year": 2023, "on_platform": "否"},
            person("夏居住", "19700101", village="西社区", household_no="W2", population="居住证持有人")
            | {"employee_insured": "是"},
        ],
    )
    bring_in(cast.outsider, [person("柏外乡", "19600101", village="远村", household_no="F1")])
    return cast


def take(actor: Actor, *, text: str = "", columns: tuple[str, ...] = EVERY, whole: Whole | None = None) -> bytes:
    """Export what a search finds."""
    search = Search(text, Filter(), TODAY, Enrolment.objects.all())
    return export_residents(actor, search=search, columns=columns, policy_name=POLICY, at=NOW, whole=whole)


def rows(content: bytes) -> list[dict[str, object]]:
    """Return a plain workbook's rows by the names of its columns."""
    cells = list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))
    head = next(place for place, row in enumerate(cells) if "姓名" in row)
    return [dict(zip(cells[head], row, strict=True)) for row in cells[head + 1 :]]


def test_masked_by_default_and_only_ones_own_divisions(town: Cast) -> None:
    found = rows(take(town.town_clerk))
    assert [row["姓名"] for row in found] == ["柏大树", "艾青禾", "柏小苗", "柏远山", "夏居住"]
    assert {str(row["证件号码"])[:3] for row in found} == {"500"}
    assert not {number("19800501", 1), "10020000001"} & {value for row in found for value in row.values()}
    assert [row["村（居）"] for row in rows(take(town.outsider))] == ["远村"]


def test_the_columns_are_those_chosen_in_the_registers_order(town: Cast) -> None:
    found = rows(take(town.town_clerk, text="柏大", columns=("age", "name", "household_no")))
    assert found == [{"户号": "H1", "姓名": "柏大树", "年龄": "42"}]


def test_whole_numbers_need_a_right_a_reason_and_a_password_and_are_told_of(town: Cast) -> None:
    for whole in (Whole("", SECRET), Whole("核对", "short")):
        with pytest.raises(BadInput):
            take(town.town_clerk, whole=whole)
    with pytest.raises(Forbidden):
        take(town.village_agent)
    content = take(town.town_clerk, text="柏大", whole=Whole("年度核对", SECRET))
    assert is_encrypted(content)
    entry = AuditEntry.objects.get(action="export-residents")
    assert entry.detail["whole_numbers"] is True and entry.detail["reason"] == "年度核对"
    assert (entry.detail["rows"], entry.detail["columns"], entry.detail["searched"]) == (1, list(EVERY), True)
    assert "柏大" not in str(entry.detail) and SECRET not in str(entry.detail)


def test_what_cannot_be_exported(town: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in ((), ("name", "bank_account")):
        with pytest.raises(BadInput):
            take(town.town_clerk, columns=columns)
    with pytest.raises(Refused):
        take(town.town_clerk, text="无此人")
    monkeypatch.setattr(export_module, "MOST_ROWS", 4)
    with pytest.raises(Refused):
        take(town.town_clerk)
    assert not AuditEntry.objects.filter(action="export-residents").exists()


@pytest.mark.clause("BN-4.4b")
def test_a_whole_file_comes_in_again_and_changes_nothing(town: Cast, tmp_path: Path) -> None:
    before = list(Resident.objects.order_by("pk").values())
    content = take(town.town_clerk, whole=Whole("迁移", SECRET))
    table = read_table(content, name="x.xlsx", layout=REGISTER, password=SECRET)
    assert len(list(table)) == 5
    upload = Upload(name="x.xlsx", content=content, password=SECRET)
    checked = check_register(town.town_clerk, upload=upload, policy_name=POLICY, key=new_key(), at=NOW)
    assert told(checked["file_id"]) == []
    accept(town.town_clerk, checked["file_id"])
    kept = ("file_id", "version", "certificate_number", "phone")
    after = list(Resident.objects.order_by("pk").values())
    assert [{k: v for k, v in row.items() if k not in kept} for row in after] == [
        {k: v for k, v in row.items() if k not in kept} for row in before
    ]
    assert not RecordChange.objects.exists()
