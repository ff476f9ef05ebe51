"""Annex 2 of the Pingjin notice (PJ-1, PJ-A2): its own figures, as the workbook the town office would hold."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import xlsxwriter

TOWN_CODE = 500155113000
TOWN_NAME = "屏锦镇"
DISTRICT_NAME = "梁平区"
INSURANCE_YEAR = 2023
TITLE = "屏锦镇2023年度城乡居民医保参保人数及筹资指导任务表"
COLUMNS = (
    "序号",
    "村（社区）名称",
    "总户数",
    "户籍总人口数（人）",
    "缴费率",
    "参保总任务数（人）",
    "筹资金额任务数（元）",
)
WRITTEN_AT = datetime(2022, 11, 4)  # the notice was printed that day; a fixed stamp keeps the bytes the same


class Village(NamedTuple):
    """One row of annex 2; money in yuan as printed. ``kind`` is 村 or 社区, as annex 3 names them."""

    name: str
    kind: str
    households: int
    population: int
    persons: int
    yuan: int


VILLAGES = (
    Village("新合", "村", 1226, 3222, 2731, 955850),
    Village("笋沟", "村", 1108, 2874, 2417, 845950),
    Village("龙河", "村", 1016, 1502, 1255, 439250),
    Village("柏树", "村", 1022, 3124, 2518, 881300),
    Village("楠木", "村", 1189, 3139, 2687, 940450),
    Village("腰塘", "村", 898, 3389, 2736, 957600),
    Village("横梁", "村", 462, 2580, 2263, 792050),
    Village("芋禾", "村", 978, 3358, 2957, 1034950),
    Village("龙溪", "村", 874, 2848, 2402, 840700),
    Village("四方", "村", 1397, 3095, 2533, 886550),
    Village("桂湾", "村", 971, 3472, 2879, 1007650),
    Village("湖洋", "村", 773, 2628, 2176, 761600),
    Village("七桥", "村", 997, 2077, 1886, 660100),
    Village("明月", "村", 608, 1671, 1319, 461650),
    Village("天生", "村", 743, 1689, 1323, 463050),
    Village("竹海", "村", 946, 2622, 2104, 736400),
    Village("屏锦", "社区", 1445, 3421, 3163, 1107050),
    Village("万年", "社区", 1063, 3932, 3479, 1217650),
    Village("和睦", "社区", 820, 2747, 2407, 842450),
    Village("兴平", "社区", 2378, 3571, 2366, 828100),
    Village("新桥", "社区", 2214, 2758, 1699, 594650),
)
# As printed under the table. Households and population are not the sums of the rows (23,128 and 59,719).
PRINTED_HOUSEHOLDS, PRINTED_POPULATION, PRINTED_PERSONS, PRINTED_YUAN = 24128, 64249, 49300, 17255000


def village_code(index: int) -> int:
    """Return the 12-digit code of the village at ``index`` (0–20): the demo's own numbering in annex order."""
    return TOWN_CODE + index + 1


def village_name(index: int) -> str:
    """Return a village's full name, e.g. 新合村 or 万年社区."""
    return VILLAGES[index].name + VILLAGES[index].kind


def write_annex2(path: Path) -> None:
    """Write annex 2 as .xlsx: title, header, 21 rows and the printed totals, columns and figures the notice's."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        book.set_properties({"title": TITLE, "created": WRITTEN_AT})
        sheet = book.add_worksheet("附件2")
        heading = book.add_format({"bold": True, "align": "center", "font_size": 14})
        bold = book.add_format({"bold": True, "border": 1, "align": "center"})
        plain = book.add_format({"border": 1})
        percent = book.add_format({"border": 1, "num_format": "0%"})
        sheet.set_column(1, len(COLUMNS) - 1, 18)
        sheet.merge_range(0, 0, 0, len(COLUMNS) - 1, TITLE, heading)
        sheet.write_row(1, 0, COLUMNS, bold)
        for line, cells in enumerate(_rows(), 2):
            sheet.write_row(line, 0, cells, plain)
            sheet.write_number(line, 4, 1, percent)


def _rows() -> list[tuple[int | str | None, ...]]:
    rows: list[tuple[int | str | None, ...]] = [
        (i, v.name, v.households, v.population, None, v.persons, v.yuan) for i, v in enumerate(VILLAGES, 1)
    ]
    totals = (PRINTED_HOUSEHOLDS, PRINTED_POPULATION, None, PRINTED_PERSONS, PRINTED_YUAN)
    return [*rows, ("", "合   计", *totals)]
