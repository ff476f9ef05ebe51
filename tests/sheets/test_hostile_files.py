"""Files made to hurt, broken on the way or simply not tables: each ends in one clear sentence."""

from __future__ import annotations

import io
import random
import re
import tracemalloc
import zipfile

import msoffcrypto
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sheets.builders import ONE_ROW, PEOPLE, SHEET1, part_of, rezip, sheet_xml, xlsx
from yingbao.kernel.errors import BadInput
from yingbao.sheets import Limits, encrypt_xlsx, encryption, guards, read_table
from yingbao.sheets.guards import column_letters, column_number

HONEST = xlsx(ONE_ROW)


def refusal(content: bytes, *, name: str = "名单.xlsx", **options: object) -> str:
    with pytest.raises(BadInput) as caught:
        read_table(content, name=name, layout=PEOPLE, **options)  # type: ignore[arg-type]
    assert caught.value.fact is not None
    assert caught.value.todo is not None
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"<html><table><tr><td>\xd0\xd5\xc3\xfb</td></tr></table></html>", "网页"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><html>", "网页"),
        (b"<?xml version='1.0'?><Workbook/>", "网页或 XML"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"MZ\x90\x00", "可执行程序"),
    ],
)
def test_other_kinds_of_file_are_told_by_their_content_not_their_name(content: bytes, found: str) -> None:
    for name in ("名单.xlsx", "名单.xls", "名单.csv"):
        assert found in refusal(content, name=name)


@pytest.mark.parametrize(
    ("part", "found"),
    [("word/document.xml", "Word"), ("xl/workbook.bin", ".xlsb"), ("content.xml", "OpenDocument"), ("a", "压缩包")],
)
def test_other_zips_are_told_apart(part: str, found: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(part, "x")
    assert found in refusal(made.getvalue())


@pytest.mark.parametrize("content", [b"", b" \r\n", HONEST[:4], HONEST[:600], HONEST[:-30], HONEST[:-200]])
def test_a_truncated_file_is_refused(content: bytes) -> None:
    assert "损坏" in refusal(content)


def test_a_flipped_byte_is_noticed_by_the_checksum() -> None:
    with zipfile.ZipFile(io.BytesIO(HONEST)) as archive:
        start = archive.getinfo(SHEET1).header_offset
    broken = bytearray(HONEST)
    broken[start + 120] ^= 0xFF
    assert "损坏" in refusal(bytes(broken))


def test_a_zip_bomb_is_refused_by_its_directory_before_it_is_inflated() -> None:
    bomb = rezip(HONEST, replace={"xl/media/filler.bin": b"\0" * (32 << 20)})
    assert len(bomb) < 1 << 20
    tracemalloc.start()
    assert "展开" in refusal(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_the_sum_of_many_parts_counts_too() -> None:
    noise = random.Random(1).randbytes(1 << 20)
    content = rezip(HONEST, replace={f"xl/media/{i}.bin": noise for i in range(4)})
    assert "展开" in refusal(content, limits=Limits(max_inflated_bytes=3 << 20))


def test_a_part_that_understates_its_size_is_refused() -> None:
    size = len(part_of(HONEST, SHEET1))
    lying = HONEST.replace(size.to_bytes(4, "little"), (size // 2).to_bytes(4, "little"))
    assert lying != HONEST
    assert "损坏" in refusal(lying)


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1'><c r='A1'><v>1</v></c><c r = 'ZZ9'><v>1</v></c></row>",
        '<row r="1"><c r="A1048576"><v>1</v></c><c r="AZ1"><v>1</v></c></row>',
        '<row r="1"><c t="n" r="xfd1"><v>1</v></c></row>',
    ],
)
def test_two_cells_far_apart_do_not_make_the_parser_lay_out_half_a_terabyte(cells: str) -> None:
    content = rezip(HONEST, replace={SHEET1: sheet_xml(cells)})
    assert "范围" in refusal(content)


def test_counts_a_file_only_claims_cannot_take_the_machines_memory() -> None:
    strings = part_of(HONEST, "xl/sharedStrings.xml").replace(b'uniqueCount="', b'uniqueCount="99999999999')
    assert "损坏" in refusal(rezip(HONEST, replace={"xl/sharedStrings.xml": strings}))
    assert "行" in refusal(rezip(HONEST, replace={SHEET1: sheet_xml('<row r="218446744073709551615"><c/></row>')}))


def test_what_kills_the_parser_does_not_kill_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "_STATED_COUNT", re.compile(b"never"))
    strings = part_of(HONEST, "xl/sharedStrings.xml").replace(b'uniqueCount="', b'uniqueCount="99999999999')
    assert "损坏" in refusal(rezip(HONEST, replace={"xl/sharedStrings.xml": strings}))


def shared(text: str, cells: str) -> bytes:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    table = f'<?xml version="1.0"?><sst xmlns="{namespace}"><si><t>x</t></si><si><t>{text}</t></si></sst>'
    return rezip(HONEST, replace={"xl/sharedStrings.xml": table.encode(), SHEET1: sheet_xml(cells)})


@pytest.mark.parametrize("cell", ['<c t="s"><v>1</v></c>', "<c t='s'><v > 1 </v></c>"])
def test_one_long_text_that_a_million_cells_share_is_refused(cell: str) -> None:
    assert "展开" in refusal(shared("长" * 30_000, f"<row>{cell * 20}</row>" * 1000))


def test_one_long_text_among_many_short_ones_is_no_bomb() -> None:
    row = '<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>'
    content = shared("长" * 30_000, row * 30_000 + '<row><c t="s"><v>1</v></c></row>')
    assert "找不到表头" in refusal(content)


def test_ten_million_rows_are_refused_before_parsing() -> None:
    content = rezip(HONEST, replace={SHEET1: sheet_xml('<row r="10000000"><c r="A10000000"><v>1</v></c></row>')})
    assert "超过 1,048,576 行" in refusal(content)
    unnumbered = rezip(HONEST, replace={SHEET1: sheet_xml("<row><c><v>1</v></c></row>" * 3000)})
    assert "超过 2,000 行" in refusal(unnumbered, limits=Limits(max_rows=2000))


@pytest.mark.parametrize("part", [SHEET1, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
def test_doctype_and_entities_are_refused_in_every_part(part: str) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    body = part_of(HONEST, part).split(b"?>", 1)[1]
    content = rezip(HONEST, replace={part: b'<?xml version="1.0"?>' + laughs.encode() + body})
    assert "实体" in refusal(content)


def test_a_doctype_on_the_edge_of_two_chunks_is_found() -> None:
    for shift in range(-12, 3):
        filler = b" " * ((4 << 20) + shift - len(b'<?xml version="1.0"?>'))
        content = rezip(HONEST, replace={SHEET1: b'<?xml version="1.0"?>' + filler + b"<!DOCTYPE x>"})
        assert "实体" in refusal(content, limits=Limits(max_ratio=10_000))


def test_utf_16_parts_in_which_a_doctype_could_hide_are_refused() -> None:
    assert "实体" in refusal(rezip(HONEST, replace={SHEET1: '<?xml version="1.0"?><!DOCTYPE x>'.encode("utf-16")}))


def test_a_file_over_the_size_limit_is_refused_unread() -> None:
    assert "超过 1 MB" in refusal(b"x" * ((1 << 20) + 1), limits=Limits(max_bytes=1 << 20))


CLOSED = encrypt_xlsx(HONEST, password="梁平-2023")


@pytest.mark.clause("BN-4.2.1b")
def test_an_encrypted_roster_opens_with_its_password_only() -> None:
    assert [row.text("name") for row in read_table(CLOSED, name="a.xlsx", layout=PEOPLE, password="梁平-2023")] == [
        "王小明"
    ]
    assert "密码不对" in refusal(CLOSED, password="梁平-2022")
    assert "没有给密码" in refusal(CLOSED)


def test_a_password_for_a_file_without_one_does_no_harm() -> None:
    assert len(read_table(HONEST, name="a.xlsx", layout=PEOPLE, password="x")) == 1


def test_what_is_inside_an_encrypted_file_is_guarded_like_any_other() -> None:
    bomb = rezip(HONEST, replace={"xl/media/filler.bin": b"\0" * (32 << 20)})
    assert "展开" in refusal(encrypt_xlsx(bomb, password="p"), password="p")


def test_a_truncated_encrypted_file_is_refused() -> None:
    for length in (600, 4096, len(CLOSED) - 2000):
        assert "名单.xlsx" in refusal(CLOSED[:length], password="梁平-2023")


def test_a_file_that_asks_for_too_many_hashes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encryption, "MAX_SPINS", 99_999)
    assert "恶意" in refusal(CLOSED, password="梁平-2023")


def test_ole_files_that_are_no_workbook_are_refused() -> None:
    assert "损坏" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, name="a.xls")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_damage_of_the_xml_ends_in_anything_but_a_sentence(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from([SHEET1, "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"]))
    text = bytearray(part_of(HONEST, part))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text) - 1))
        length = data.draw(st.integers(0, 8))
        text[start : start + length] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b'"', b"<", b"9999999", b"-1"])
        )
    try:
        list(read_table(rezip(HONEST, replace={part: bytes(text)}), name="a.xlsx", layout=PEOPLE))
    except BadInput:
        return


@settings(max_examples=25, deadline=None)
@given(st.integers(512, len(CLOSED) - 1), st.binary(min_size=1, max_size=4))
def test_no_damage_of_an_encrypted_file_ends_in_anything_but_a_sentence(place: int, noise: bytes) -> None:
    broken = CLOSED[:place] + noise + CLOSED[place + len(noise) :]
    try:
        read_table(broken, name="a.xlsx", layout=PEOPLE, password="梁平-2023")
    except BadInput:
        return


def test_columns_count_as_excel_counts() -> None:
    assert [column_letters(n) for n in (1, 26, 27, 702, 703, 16384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(column_number(column_letters(n)) == n for n in range(1, 17000))


def test_our_encryption_is_the_kind_office_programs_use() -> None:
    office = msoffcrypto.OfficeFile(io.BytesIO(CLOSED))
    assert office.is_encrypted()
    assert office.type == "agile"
