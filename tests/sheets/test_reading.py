from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from tests.sheets.builders import HEADER, ONE_ROW, PEOPLE, xlsx
from yingbao.kernel.errors import BadInput
from yingbao.sheets import Column, Layout, Limits, read_table
from yingbao.sheets.layouts import TARGETS, WEEKLY


def refusal(content: bytes, *, name: str = "名单.xlsx", **options: object) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_table(content, name=name, layout=PEOPLE, **options)  # type: ignore[arg-type]
    assert name in str(caught.value)
    assert caught.value.fact is not None
    assert caught.value.todo is not None
    return caught.value


def test_a_plain_sheet_becomes_clean_values_with_the_sheets_row_numbers() -> None:
    table = read_table(xlsx(ONE_ROW), name="a.xlsx", layout=PEOPLE)
    (row,) = table
    assert (row.number, row.problems) == (2, ())
    assert row.text("cert_number") == "11010519491231002X"
    assert (row.integer("amount_fen"), row.integer("count")) == (35000, 4)
    assert row.day("born_on") == date(1949, 12, 31)
    assert (table.sheet, len(table)) == ("Sheet1", 1)
    assert list(table) == [row]  # and a second time


def test_numbers_typed_as_numbers_come_back_without_a_tail() -> None:
    grid = [HEADER, ("甲", 13800001234, 350.5, 3.0, date(2023, 1, 31)), ("乙", "1", 0.1 + 0.2, 2, "2023年1月31日")]
    first, second = read_table(xlsx(grid), name="a.xlsx", layout=PEOPLE)
    assert first.text("cert_number") == "13800001234"
    assert (first.integer("amount_fen"), first.integer("count")) == (35050, 3)
    assert first.day("born_on") == second.day("born_on") == date(2023, 1, 31)
    assert second.integer("amount_fen") == 30


def test_an_id_number_that_excel_turned_into_a_number_is_a_row_error() -> None:
    grid = [HEADER, ("甲", 500155199001010011.0), ("乙", "11010519491231002X")]
    first, second = read_table(xlsx(grid), name="a.xlsx", layout=PEOPLE)
    (problem,) = first.problems
    assert (problem.row, problem.column, problem.value) == (2, "身份证号码", "5.00155E+17")
    assert "Excel" in str(problem.reason)
    assert first.text("cert_number") == ""
    assert second.problems == ()


def test_cells_of_the_wrong_kind_are_row_errors_and_stop_nothing() -> None:
    grid = [HEADER, ("甲", "1", "三百五", "1.5", "2023-02-30"), ("乙", "2", "0.001", "x", "去年")]
    first, second = read_table(xlsx(grid), name="a.xlsx", layout=PEOPLE)
    assert [problem.column for problem in first.problems] == ["金额（元）", "人数", "出生日期"]
    assert [problem.column for problem in second.problems] == ["金额（元）", "人数", "出生日期"]
    assert first.integer("amount_fen") is None


def test_the_header_is_found_by_its_names_below_titles_and_in_any_order() -> None:
    grid = [
        ("某镇人员名单",),
        ("填报单位（盖章）：",),
        (),
        ("身份证号", " 参保人\n姓名 ", "不认识的列"),
        ("11010519491231002X", "王小明", "x"),
        (),
        ("", "李小红", ""),
        ("注：以上人员已核对。",),
    ]
    rows = list(read_table(xlsx(grid), name="a.xlsx", layout=PEOPLE))
    assert [(row.number, row.text("name")) for row in rows] == [(5, "王小明"), (7, "李小红")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_of_every_usual_encoding(encoding: str, delimiter: str) -> None:
    text = delimiter.join(HEADER) + "\r\n" + delimiter.join(ONE_ROW[1]) + "\r\n" + "𠮷小㐂".join(["", delimiter + "7"])
    first, second = read_table(text.encode(encoding), name="a.csv", layout=PEOPLE)
    assert first.integer("amount_fen") == 35000
    assert (second.text("name"), second.text("cert_number")) == ("𠮷小㐂", "7")


def test_a_csv_can_be_read_from_disk_too(tmp_path: Path) -> None:
    path = tmp_path / "人员.csv"
    path.write_text("姓名,身份证号\n王小明,7\n", "gb18030")
    assert [row.text("name") for row in read_table(path, name="人员.csv", layout=PEOPLE)] == ["王小明"]
    assert read_table(str(path), name="人员.csv", layout=PEOPLE).sheet == "人员"


def test_text_in_no_known_encoding_is_refused() -> None:
    assert "编码" in str(refusal(b"\xff\xff\xff\x80\x81 \xfe", name="a.csv"))


def test_missing_columns_are_named() -> None:
    assert "缺少列：身份证号码" in str(refusal(xlsx([("姓名", "人数"), ("甲", 1)])))


def test_without_any_header_the_expected_columns_are_named() -> None:
    error = str(refusal(xlsx([("甲", "1"), ("乙", "2")])))
    assert "找不到表头" in error
    assert "姓名、身份证号码" in error


def test_one_column_twice_is_refused_with_its_letters() -> None:
    error = str(refusal(xlsx([("姓名", "身份证号码", "身份证号"), ("甲", "1", "2")])))
    assert "（B 列和 C 列）" in error


def test_a_file_whose_id_column_is_empty_is_refused() -> None:
    assert "整列为空" in str(refusal(xlsx([HEADER, ("甲", ""), ("乙", " ")])))


def test_a_header_without_rows_is_refused() -> None:
    assert "没有数据" in str(refusal(xlsx([HEADER])))


def test_two_sheets_with_data_must_be_named() -> None:
    content = xlsx(ONE_ROW, 二月=ONE_ROW)
    assert "Sheet1、二月" in str(refusal(content))
    table = read_table(content, name="a.xlsx", layout=PEOPLE, sheet="二月")
    assert (table.sheet, table.unread) == ("二月", ("Sheet1",))
    assert "没有名为“三月”" in str(refusal(content, sheet="三月"))


def test_empty_hidden_and_explaining_sheets_are_passed_over_and_told() -> None:
    made = io.BytesIO()
    with Workbook(made) as workbook:
        for title in ("空", "旧数据", "填写说明", "名单"):
            page = workbook.add_worksheet(title)
            for place, row in enumerate(ONE_ROW if title != "空" else []):
                page.write_row(place, 0, row)
            if title == "旧数据":
                page.hide()
            if title == "名单":
                page.activate()
    table = read_table(made.getvalue(), name="a.xlsx", layout=PEOPLE)
    assert (table.sheet, table.unread) == ("名单", ("空", "旧数据", "填写说明"))


def test_a_workbook_without_content_is_refused() -> None:
    assert "有内容" in str(refusal(xlsx([])))


def test_rows_past_the_limit_are_refused_in_a_sentence() -> None:
    rows = [HEADER, *((f"人{i}", str(i)) for i in range(101))]
    text = "\n".join(",".join(row) for row in rows).encode()
    for content in (xlsx(rows), text):
        assert "超过 100 行" in str(refusal(content, limits=Limits(max_rows=100)))


def test_merged_two_row_headers_tell_equal_names_apart() -> None:
    grid = [
        ("某镇进度表",),
        ("村（社区）", "全部参保对象（人）", "", "筹资金额（元）", ""),
        ("", "目标任务", "累计完成", "目标任务", "累计完成"),
        ("新合村", 2731, 100, 955850, 35000.5),
    ]
    (row,) = read_table(xlsx(grid), name="a.xlsx", layout=WEEKLY)
    assert [row.values[key] for key in ("target", "done", "target_fen", "done_fen")] == [2731, 100, 95585000, 3500050]


def test_the_targets_of_the_notice_are_read_with_their_totals_row() -> None:
    header = (
        "序号",
        "村（社区）\n名称",
        "总户数",
        "户籍总人口数（人）",
        "缴费率",
        "参保总任务数（人）",
        "筹资金额任务数（元）",
    )
    grid = [
        ("某镇2023年度城乡居民医保参保人数及筹资指导任务表",),
        header,
        (1, "新合", 1226, 3222, "100%", 2731, 955850),
        (" 合   计", "", 24128, 64249, "100%", 49300, 17255000),
    ]
    village, total = read_table(xlsx(grid), name="附件2.xlsx", layout=TARGETS)
    assert village.values == {
        "number": "1", "division": "新合", "households": 1226, "population": 3222, "pay_rate": "100%",
        "persons": 2731, "amount_fen": 95585000,
    }  # fmt: skip
    assert total.problems == ()
    assert (total.text("number"), total.integer("amount_fen")) == ("合   计", 1_725_500_000)


def test_a_layout_of_one_column_is_found() -> None:
    layout = Layout("ids", "号码", (Column("id", "号码"),), key="id")
    assert [row.text("id") for row in read_table("号码\n1\n".encode(), name="a.csv", layout=layout)] == ["1"]


def test_formulas_in_a_csv_of_ours_come_back_as_they_were() -> None:
    text = "姓名,身份证号\n'=1+1,'@x\n''=1,2\n'普通,3\n"
    names = [row.text("name") for row in read_table(text.encode(), name="a.csv", layout=PEOPLE)]
    assert names == ["=1+1", "'=1", "'普通"]
