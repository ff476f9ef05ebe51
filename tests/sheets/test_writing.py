from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import msoffcrypto
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sheets.builders import PEOPLE, xlsx
from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import say
from yingbao.sheets import (
    Column,
    Kind,
    Sheet,
    read_table,
    sheet_of,
    write_csv,
    write_rejects,
    write_template,
    write_xlsx,
    writer,
    xlsx_bytes,
)
from yingbao.sheets.cells import Value
from yingbao.sheets.layouts import LAYOUTS, LEDGER_23, REGISTER, ROSTER, WEEKLY

PERSON: dict[str, Value] = {
    "name": "王小明", "cert_number": "11010519491231002X", "amount_fen": 35050, "count": 3,
    "born_on": date(1949, 12, 31),
}  # fmt: skip


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_what_is_written_reads_back_the_same() -> None:
    content = xlsx_bytes(sheets=[sheet_of(PEOPLE, [PERSON, {"name": "李", "cert_number": "1"}])])
    first, second = read_table(content, name="a.xlsx", layout=PEOPLE)
    assert first.values == PERSON
    assert second.values == {"name": "李", "cert_number": "1", "amount_fen": None, "count": None, "born_on": None}


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30).map(str.strip).filter(bool)
HOSTILE = st.builds(
    lambda start, rest: start + rest, st.sampled_from(["=", "+", "-", "@", "'", "''=", "=HYPERLINK("]), TEXTS
)
FEN = st.integers(-(10**14), 10**14)


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(st.tuples(TEXTS | HOSTILE, FEN), min_size=1, max_size=8))
def test_any_text_and_any_amount_survive_xlsx_and_csv(
    rows: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    written: list[dict[str, Value]] = [{"name": "甲", "cert_number": text, "amount_fen": fen} for text, fen in rows]
    xlsx_rows = read_table(xlsx_bytes(sheets=[sheet_of(PEOPLE, written)]), name="a.xlsx", layout=PEOPLE)
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_csv(path, sheet=sheet_of(PEOPLE, written))
    for table in (xlsx_rows, read_table(path, name="a.csv", layout=PEOPLE)):
        assert [(row.text("cert_number"), row.integer("amount_fen")) for row in table] == rows


@pytest.mark.parametrize("text", ["=1+1", "+86 138", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_formula_injection_stays_text_in_xlsx_without_changing_it(text: str) -> None:
    cell = opened(xlsx_bytes(sheets=[sheet_of(PEOPLE, [{"name": text}])])).active["A3"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", text, True)


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@x", "\tx", "\rx"])
def test_formula_injection_is_visible_in_csv(text: str, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", sheet=Sheet("表", [Column("a", "=名称")], [[text]]))
    content = (tmp_path / "a.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert (header, row) == (["'=名称"], ["'" + text])


def test_money_is_a_number_of_yuan_with_two_decimals_and_ids_are_text() -> None:
    content = xlsx_bytes(
        sheets=[sheet_of(PEOPLE, [{**PERSON, "cert_number": "500155199001010011", "amount_fen": 1_725_500_001}])]
    )
    page = opened(content).active
    assert page is not None
    name, number, amount, count, born = page[3]
    assert (amount.value, amount.number_format) == (17255000.01, "#,##0.00")
    assert (number.value, number.number_format) == ("500155199001010011", "@")
    assert (count.value, born.number_format) == (3, "yyyy-mm-dd")
    assert name.value == "王小明"


def test_a_percent_is_written_from_hundredths() -> None:
    rows: list[Mapping[str, Value]] = [{"division": "新合村", "percent": 9950}]
    cell = opened(xlsx_bytes(sheets=[sheet_of(WEEKLY, rows)])).active["E4"]
    assert (cell.value, cell.number_format) == (0.995, "0.00%")


def test_a_cell_too_long_for_excel_is_cut_visibly() -> None:
    cell = opened(xlsx_bytes(sheets=[sheet_of(PEOPLE, [{"name": "长" * 40_000}])])).active["A3"]
    assert len(cell.value) == 32_767
    assert cell.value.endswith("已截断）")


def test_more_rows_than_a_sheet_holds_are_an_error_not_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    assert writer.LAST_ROW == 1_048_576
    monkeypatch.setattr(writer, "LAST_ROW", 4)
    with pytest.raises(ValueError, match="4 rows"):
        xlsx_bytes(sheets=[Sheet("表", [Column("a", "甲")], [["1"]] * 4)])


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("旧")

    def rows() -> list[Sequence[Value]]:
        raise RuntimeError("broken query")

    with pytest.raises(RuntimeError):
        write_csv(path, sheet=Sheet("表", [Column("a", "甲")], (row for row in rows())))
    assert path.read_text() == "旧"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.clause("BN-A")
def test_the_roster_form_is_the_annexs_own(tmp_path: Path) -> None:
    write_template(tmp_path / "花名册.xlsx", layout=ROSTER)
    page = openpyxl.load_workbook(tmp_path / "花名册.xlsx").active
    assert page is not None
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    special = "其他特殊标注信息"
    upper = [
        "姓名",
        "身份证号码",
        "镇街",
        "村居",
        "居住地址",
        "人员类别",
        "新增或减少",
        special,
        None,
        None,
        "联系电话",
    ]
    lower = [None] * 7 + ["残疾人等级", "低保人员年龄", "低保人员重点保障情况", None]
    assert rows[0][0] == "居民医疗保险参保资助对象花名册"
    assert rows[1][0] == "填报单位（盖章）："
    assert rows[2:4] == [upper, lower]
    assert rows[4][0] == "注：其他特殊标注信息由区民政、区残联、区乡村振兴局填报。"
    merged = {str(ranged) for ranged in page.merged_cells.ranges}
    assert merged == {"A1:K1", "H3:J3", "K3:K4", *(f"{letter}3:{letter}4" for letter in "ABCDEFG")}


def test_a_number_typed_into_an_empty_form_stays_text(tmp_path: Path) -> None:
    write_template(tmp_path / "花名册.xlsx", layout=ROSTER)
    page = openpyxl.load_workbook(tmp_path / "花名册.xlsx").active
    assert page is not None
    columns = page.column_dimensions.values()
    assert {one.number_format for one in columns} == {"@"}
    assert max(one.max for one in columns) == len(ROSTER.columns)


@pytest.mark.clause("BN-A")
@pytest.mark.clause("BN-4.2.1b")
def test_a_filled_encrypted_roster_comes_back_whole(tmp_path: Path) -> None:
    person = {
        "name": "王小明", "cert_number": "11010519491231002X", "town": "屏锦镇", "village": "新合村",
        "address": "新合村 3 组", "identity": "三、四级残疾人员", "change": "新增", "disability_grade": "三级",
        "dibao_age": "", "dibao_priority": "", "phone": "13900000000",
    }  # fmt: skip
    path = tmp_path / "花名册.xlsx"
    write_xlsx(path, sheets=[sheet_of(ROSTER, [person])], password="暗号 2023")
    with path.open("rb") as file:
        assert msoffcrypto.OfficeFile(file).is_encrypted()
    assert "王小明".encode() not in path.read_bytes()
    (row,) = read_table(path, name="花名册.xlsx", layout=ROSTER, password="暗号 2023")
    assert (row.number, row.values) == (5, person)


def test_every_layout_writes_a_form_that_its_reader_finds(tmp_path: Path) -> None:
    for code, layout in LAYOUTS.items():
        row: dict[str, Value] = {column.key: None for column in layout.columns}
        row[layout.key] = "某"
        for column in layout.columns:
            if column.kind in (Kind.INTEGER, Kind.MONEY):
                row[column.key] = 7
        write_xlsx(tmp_path / f"{code}.xlsx", sheets=[sheet_of(layout, [row])])
        table = read_table(tmp_path / f"{code}.xlsx", name=code, layout=layout)
        assert table.present == {column.key for column in layout.columns}
        (found,) = table
        assert {key for key, value in found.values.items() if value == 7} == {
            key for key, value in row.items() if value == 7
        }


def test_no_label_of_a_layout_is_ambiguous_except_below_groups() -> None:
    for layout in LAYOUTS.values():
        assert {column.key for column in layout.by_label.values()} == {c.key for c in layout.columns}, layout.code


def test_the_ledger_has_its_23_columns() -> None:
    assert len(LEDGER_23.columns) == 23


def test_pages_print_on_a4_landscape_with_the_header_repeated() -> None:
    page = opened(xlsx_bytes(sheets=[sheet_of(WEEKLY, [], above=["截止时间：2022-12-01 17:00"])])).active
    assert page is not None
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert (page.print_title_rows, page.freeze_panes) == ("$3:$4", "A5")


def test_rejects_are_mended_and_come_back(tmp_path: Path) -> None:
    grid = [
        ("某镇名单",),
        ("户号", "与户主关系", "姓名", "证件号码", "村（居）", "自己加的列"),
        ("1", "户主", "王小明", "11010519491231002X", "新合村", "甲"),
        ("1", "妻子", "李小红", 440524188001010014.0, "新合村", "=乙"),
        ("2", "户主", "赵小刚", "440524188001010019", "不知村", "丙"),
    ]
    table = read_table(xlsx(grid), name="a.xlsx", layout=REGISTER)
    problems = [problem for row in table for problem in row.problems]
    problems += [
        RowProblem(3, "联系电话", "", say("没有电话"), fatal=False),
        RowProblem(5, "证件号码", "440524188001010019", say("校验码不对")),
        RowProblem(5, "村（居）", "不知村", say("没有这个村")),
    ]
    path = tmp_path / "退回.xlsx"
    assert write_rejects(path, table=table, problems=problems) == 2
    page = openpyxl.load_workbook(path).active
    assert page is not None
    header, lost, wrong = ([cell.value for cell in row] for row in page.iter_rows())
    assert header == ["户号", "与户主关系", "姓名", "证件号码", "村（居）", "自己加的列", "原行号", "问题列", "原因"]
    assert lost[3] == "4.40524E+17"
    assert lost[5] == "=乙"
    assert wrong[6:] == ["5", "证件号码；村（居）", "校验码不对；没有这个村"]

    again = read_table(path, name="退回.xlsx", layout=REGISTER)
    assert [row.text("name") for row in again] == ["李小红", "赵小刚"]
    assert [row.text("village") for row in again] == ["新合村", "不知村"]
    assert write_rejects(path, table=again, problems=[RowProblem(3, "村（居）", "不知村", say("还是不对"))]) == 1
    (row,) = read_table(path, name="退回.xlsx", layout=REGISTER)
    assert row.text("name") == "赵小刚"
