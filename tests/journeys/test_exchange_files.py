"""The files exchanged with the tax client: our documented columns, named and ordered as a district wants them."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.journeys.cast import DISTRICT, TIER_1, Cast, at, household, mark
from tests.journeys.declaring_cast import (
    FRIDAY,
    MONDAY,
    TUESDAY,
    accepted,
    batch_of,
    bring,
    check,
    lines_of,
    new_key,
    result_file,
    send,
    take_cash,
    take_in,
    zero_batch,
)
from tests.support.tree import ROOT
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.collection.declaring import layouts
from yingbao.collection.kinds import LayoutKind
from yingbao.collection.models import ExchangeLayout
from yingbao.divisions import operations as divisions
from yingbao.kernel.errors import BadInput, Forbidden, NotFound
from yingbao.sheets import Column, Kind, Layout, read_table
from yingbao.sheets.exchange import DECLARATION_FILE, RESULT_FILE
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.export_declaration import export_declaration
from yingbao.usecases.set_layout import reset_layout, set_layout

SENT, BACK = LayoutKind.DECLARATION, LayoutKind.RESULT
Columns = list[tuple[str, str]]


def export(actor: Actor, batch: int, form: str = "xlsx") -> bytes:
    return export_declaration(actor, declaration_id=batch, file_format=form, at=at(TUESDAY))


def rows(content: bytes, *, name: str = "a.xlsx") -> list[Json]:
    return [dict(row.values) for row in read_table(content, name=name, layout=DECLARATION_FILE)]


def keep(actor: Actor, columns: Columns, kind: LayoutKind = SENT) -> Json:
    return set_layout(actor, kind=kind, columns=columns, key=new_key("layout"), at=at(MONDAY))


@pytest.mark.clause("BN-4.3.3a")
def test_a_batch_leaves_line_by_line_with_whole_numbers_and_amounts_that_add_up(cast: Cast) -> None:
    (person,) = household(date(1950, 1, 1))
    mark(person, "dibao", cast)
    take_cash(cast.village_agent, [person], fen=3_500)
    bring(cast.village_agent, 3_500)
    (line,) = lines_of(send(cast.village_agent))
    (row,) = rows(export(cast.tax, line.declaration_id))
    assert row == {
        "number": 1,
        "batch": str(line.declaration_id),
        "line": str(line.pk),
        "kind": "现金申报",
        "name": person.name,
        "cert_kind": "99",
        "cert_number": person.certificate_number,
        "insutype": "390",
        "year": "2023",
        "tier": "1",
        "personal_fen": 3_500,
        "subsidy_fen": 31_500,
        "fiscal_fen": 61_000,
        "total_fen": TIER_1,
        "identity": "城乡低保对象",
        "household": person.household.number,
        "town": "甲镇",
        "village": "东村",
        "collected_on": FRIDAY,
        "declared_on": MONDAY,
        "agent": "village-agent",
        "receipt": "PJ0-101",
    }
    entry = AuditEntry.objects.get(action="take-declaration")
    assert (entry.subject_id, entry.detail["persons"], entry.detail["whole_numbers"]) == (line.declaration_id, 1, True)


@pytest.mark.clause("PJ-5.2.2")
def test_a_zero_declaration_leaves_with_nothing_to_pay_and_the_whole_subsidy(cast: Cast) -> None:
    (line,) = zero_batch(cast)
    (row,) = rows(export(cast.town_clerk, line.declaration_id))
    assert (row["kind"], row["personal_fen"], row["subsidy_fen"], row["total_fen"]) == ("零申报", 0, TIER_1, TIER_1)
    assert (row["collected_on"], row["receipt"]) == (MONDAY, "")


@pytest.mark.parametrize(("form", "encoding"), [("csv", "utf-8-sig"), ("csv-gb18030", "gb18030")])
def test_as_csv_amounts_have_two_decimals_and_numbers_stay_whole(cast: Cast, form: str, encoding: str) -> None:
    (line,) = batch_of(cast, 1)
    content = export(cast.village_agent, line.declaration_id, form)
    (row,) = csv.DictReader(io.StringIO(content.decode(encoding)))
    assert (row["个人应缴"], row["证件号码"]) == ("350.00", line.due.enrolment.resident.certificate_number)
    assert rows(content, name="a.csv")[0]["personal_fen"] == TIER_1


def test_columns_are_named_ordered_and_left_out_as_the_district_says(cast: Cast) -> None:
    (line,) = batch_of(cast, 1)
    keep(cast.tax, [("cert_number", "身份证件号码"), ("line", "外部流水号"), ("personal_fen", "应缴费额")])
    content = export(cast.tax, line.declaration_id, "csv").decode("utf-8-sig")
    header, row = content.splitlines()
    person = line.due.enrolment.resident
    assert header == "身份证件号码,外部流水号,应缴费额"
    assert row == f"{person.certificate_number},{line.pk},350.00"


def test_the_newest_layout_counts_and_the_older_stay_readable(cast: Cast) -> None:
    one, other = batch_of(cast, 2)
    headings = {"line": "流水号", "answer": "状态", "cleared_on": "日期", "reason": "说明"}
    keep(cast.bureau, list(headings.items()), BACK)
    named = [Column(key, headings[key], kind=RESULT_FILE.column(key).kind) for key in headings]
    waiting = result_file(accepted(one), columns=named, name="旧格式.xlsx")
    reset_layout(cast.tax, kind=BACK, key="reset", at=at(TUESDAY))
    assert layouts.current(BACK, division_code=DISTRICT).columns[0].name == "申报批次"
    assert take_in(cast, waiting)["cleared"] == 1
    assert take_in(cast, result_file(accepted(other)))["cleared"] == 1
    assert ExchangeLayout.objects.count() == 2


def test_what_a_foreign_layout_calls_otherwise_is_told_by_its_own_heading(cast: Cast) -> None:
    (line,) = batch_of(cast, 1)
    headings = {"line": "流水号", "answer": "状态", "cleared_on": "日期", "reason": "说明", "amount_fen": "费额"}
    keep(cast.tax, list(headings.items()), BACK)
    named = [Column(key, headings[key], kind=RESULT_FILE.column(key).kind) for key in headings]
    checked = check(cast, result_file(accepted(line, amount_fen=1), columns=named))
    assert checked["bad_rows"] == 1
    assert AuditEntry.objects.filter(action="set-layout").get().detail["fields"][0] == "line"


def test_another_district_keeps_its_own_columns(cast: Cast) -> None:
    with unit_of_work():
        divisions.add(code=500156000000, name="乙区", level="district", parent_code=500000000000)
    keep(cast.tax, [("line", "流水号")])
    assert layouts.current(SENT, division_code=500156000000) == DECLARATION_FILE
    assert [one.name for one in layouts.current(SENT, division_code=DISTRICT).columns] == ["流水号"]


BAD: dict[str, tuple[LayoutKind, Columns, str]] = {
    "a heading twice": (SENT, [("line", "号"), ("name", "姓名"), ("kind", "姓 名")], "“姓名”用了两次"),
    "no heading": (SENT, [("line", " ")], "都要有表头"),
    "a formula": (SENT, [("line", "=A1")], "不能以"),
    "too long": (SENT, [("line", "号" * 31)], "最多 30 个字"),
    "a field twice": (SENT, [("line", "行"), ("line", "号")], "不认识或重复"),
    "a field nobody knows": (SENT, [("line", "行"), ("phone", "电话")], "不认识或重复"),
    "nothing to find a line by": (SENT, [("name", "姓名"), ("personal_fen", "金额")], "对不上申报的人"),
    "a result without its word": (BACK, [("line", "行号"), ("reason", "为何")], "受理结果、入库日期"),
    "a heading of the rejects": (
        BACK,
        [("line", "行号"), ("answer", "结果"), ("cleared_on", "日期"), ("reason", "原因")],
        "留给未通过的行",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_layout_by_which_nothing_could_be_found_again_is_not_kept(cast: Cast, case: str) -> None:
    kind, columns, sentence = BAD[case]
    with pytest.raises(BadInput, match=sentence):
        keep(cast.tax, columns, kind)
    assert ExchangeLayout.objects.count() == 0


def test_name_and_number_do_without_a_line(cast: Cast) -> None:
    keep(cast.tax, [("name", "姓名"), ("cert_number", "号码")])
    assert ExchangeLayout.objects.get().division_id == DISTRICT


def test_who_may_take_the_file_and_set_its_columns(cast: Cast) -> None:
    (line,) = batch_of(cast, 1)
    batch = line.declaration_id
    for actor in (cast.village_agent, cast.town_clerk, cast.tax):
        assert export(actor, batch).startswith(b"PK")
    for other in (cast.outsider, cast.next_agent):
        with pytest.raises(NotFound):
            export(other, batch)
    for other in (cast.bureau, cast.auditor):
        with pytest.raises(Forbidden):
            export(other, batch)
    for other in (cast.town_clerk, cast.village_agent, cast.auditor):
        with pytest.raises(Forbidden):
            keep(other, [("line", "号")])
    with pytest.raises(BadInput):
        export(cast.tax, batch, "pdf")


def test_a_village_agent_does_not_see_what_another_of_the_village_declared(cast: Cast) -> None:
    (line,) = zero_batch(cast)  # of the town's clerk
    with pytest.raises(NotFound):
        export(cast.village_agent, line.declaration_id)


def test_the_file_takes_as_many_statements_for_many_lines_as_for_few(cast: Cast) -> None:
    few, many = batch_of(cast, 1), batch_of(cast, 12)
    with CaptureQueriesContext(connection) as small:
        export(cast.tax, few[0].declaration_id)
    with CaptureQueriesContext(connection) as large:
        export(cast.tax, many[0].declaration_id)
    assert len(large) == len(small)


@pytest.mark.parametrize("layout", [DECLARATION_FILE, RESULT_FILE], ids=lambda layout: layout.code)
def test_the_manual_tells_of_every_column_in_order(layout: Layout) -> None:
    manual = (ROOT / "docs" / "manual" / "declaring.md").read_text(encoding="utf-8")
    kinds = {Kind.TEXT: "文字", Kind.INTEGER: "整数", Kind.MONEY: "金额", Kind.DATE: "日期"}
    told = [f"| `{one.key}` | {one.name} | {kinds[one.kind]} |" for one in layout.columns]
    places = [manual.find(row) for row in told]
    assert -1 not in places and places == sorted(places)
    assert "不是税务客户端的正式格式" in manual
