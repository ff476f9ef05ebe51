"""A large sheet is parsed piece by piece and must read exactly as if it had been parsed whole."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from xlsxwriter import Workbook

from tests.sheets.builders import HEADER, ONE_ROW, SHEET1, part_of, rezip, sheet_xml, xlsx
from yingbao.sheets import isolated

GRID = [HEADER, *((f"人{n % 7}", f"{n:018d}", n / 2, n, date(1950, 1, 1 + n % 28)) for n in range(60))]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "CUT_FROM", 0)
    monkeypatch.setattr(isolated, "PIECE", 700)


def rows_of(content: bytes, wanted: str | None = None) -> list[list[list[Any]]]:
    """Return the rows of every sheet wanted, without the empty cells at the end of a row."""
    sheets = isolated.read_sheets(io.BytesIO(content), wanted)
    return [[_trimmed(row) for row in sheet.rows] for sheet in sheets if sheet.rows is not None]


def _trimmed(row: list[Any]) -> list[Any]:
    while row and row[-1] == "":
        row = row[:-1]
    return row


def whole(content: bytes, monkeypatch: pytest.MonkeyPatch) -> list[list[list[Any]]]:
    with monkeypatch.context() as patch:
        patch.setattr(isolated, "CUT_FROM", 1 << 40)
        return rows_of(content)


def as_excel(grid: list[Any]) -> bytes:
    """A workbook with shared texts, as Excel, WPS and openpyxl write them."""
    book, made = openpyxl.Workbook(), io.BytesIO()
    for row in grid:
        book.active.append(row)
    book.save(made)
    return made.getvalue()


def as_stream(grid: list[Any]) -> bytes:
    """A workbook with its texts in the cells, as programs write that hold little in memory."""
    made = io.BytesIO()
    with Workbook(made, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as workbook:
        page = workbook.add_worksheet("Sheet1")
        for place, row in enumerate(grid):
            page.write_row(place, 0, row)
    return made.getvalue()


@pytest.mark.parametrize("write", [xlsx, as_excel, as_stream])
def test_texts_numbers_and_days_are_those_of_the_whole(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write(GRID)
    (cut,) = rows_of(content)
    assert cut == whole(content, monkeypatch)[0]
    assert len(cut) == 61


def test_gaps_of_rows_and_columns_keep_their_places() -> None:
    cells = "".join(
        f'<row r="{n * 5}"><c r="C{n * 5}"><v>{n}</v></c><c r="E{n * 5}"><v>{-n}</v></c></row>' for n in range(1, 90)
    )
    (rows,) = rows_of(rezip(xlsx(ONE_ROW), replace={SHEET1: sheet_xml(cells)}))
    assert {n: row for n, row in enumerate(rows, 1) if row} == {n * 5: ["", "", n, "", -n] for n in range(1, 90)}


def test_rows_that_do_not_say_their_number_are_counted() -> None:
    cells = "".join(f"<row><c><v>{n}</v></c></row>" for n in range(200))
    content = rezip(xlsx(ONE_ROW), replace={SHEET1: sheet_xml(cells)})
    assert rows_of(content) == [[[n] for n in range(200)]]


def test_only_the_sheet_wanted_has_rows() -> None:
    content = xlsx(GRID, 二月=ONE_ROW)
    (rows,) = rows_of(content, "二月")
    assert rows == [list(row) for row in ONE_ROW]
    assert len(rows_of(content)) == 2


def test_a_shared_text_written_in_a_way_we_do_not_know_is_never_taken_for_another() -> None:
    sheet = part_of(xlsx(GRID), SHEET1).replace(b"<v>", b"<f>1</f><v>", 1)
    with pytest.raises(ValueError, match="shared text"):
        rows_of(rezip(xlsx(GRID), replace={SHEET1: sheet}))


def test_rows_out_of_order_are_refused() -> None:
    cells = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(300, 1, -1))
    with pytest.raises(ValueError, match="order"):
        rows_of(rezip(xlsx(ONE_ROW), replace={SHEET1: sheet_xml(cells)}))


@pytest.mark.parametrize("name", ["prefixed", "small"])
def test_what_is_small_or_written_otherwise_is_parsed_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = xlsx(ONE_ROW)
    if name == "small":
        monkeypatch.setattr(isolated, "CUT_FROM", 1 << 40)
    else:
        text = part_of(content, SHEET1).replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"<x:?", b"<?")
        content = rezip(content, replace={SHEET1: text.replace(b"xmlns=", b"xmlns:x=")})
    assert isolated._Cuttable.of(io.BytesIO(content)) is None
