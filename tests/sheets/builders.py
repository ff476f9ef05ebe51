"""Files for the tests, honest and hostile. Every name and number is invented."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter import Workbook

from yingbao.sheets import Column, Kind, Layout

PEOPLE = Layout(
    "people",
    "人员表",
    (
        Column("name", "姓名", ("参保人姓名",)),
        Column("cert_number", "身份证号码", ("身份证号",)),
        Column("amount_fen", "金额（元）", ("金额",), required=False, kind=Kind.MONEY),
        Column("count", "人数", required=False, kind=Kind.INTEGER),
        Column("born_on", "出生日期", required=False, kind=Kind.DATE),
    ),
    key="cert_number",
)
HEADER = ("姓名", "身份证号码", "金额（元）", "人数", "出生日期")
ONE_ROW = [HEADER, ("王小明", "11010519491231002X", "350", "4", "1949-12-31")]

Grid = Sequence[Sequence[Any]]


def xlsx(grid: Grid, **others: Grid) -> bytes:
    """A workbook as another office's program would write it: numbers as numbers, dates as dates."""
    made = io.BytesIO()
    with Workbook(made, {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}) as workbook:
        for title, rows in {"Sheet1": grid, **others}.items():
            page = workbook.add_worksheet(title)
            for place, row in enumerate(rows):
                page.write_row(place, 0, row)
    return made.getvalue()


def rezip(content: bytes, *, replace: Mapping[str, bytes], drop: Sequence[str] = ()) -> bytes:
    """The same workbook with some parts replaced, added or left out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part not in replace and part not in drop:
                new.writestr(part, old.read(part))
        for part, text in replace.items():
            new.writestr(part, text)
    return made.getvalue()


def part_of(content: bytes, part: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(part)


SHEET1 = "xl/worksheets/sheet1.xml"


def sheet_xml(cells: str) -> bytes:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    text = f'<?xml version="1.0"?><worksheet xmlns="{namespace}"><sheetData>{cells}</sheetData></worksheet>'
    return text.encode()
