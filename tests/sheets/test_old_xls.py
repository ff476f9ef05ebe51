from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sheets.builders import HEADER, PEOPLE
from tests.sheets.old_xls import xls
from yingbao.kernel.errors import BadInput
from yingbao.sheets import read_table

GOOD = xls([list(HEADER), ["王小明", "11010519491231002X", 350.0, 4.0, "1949-12-31"], ["李小红", 5e17, 1.5, 2.0, ""]])


def test_an_old_xls_reads_like_any_other() -> None:
    first, second = read_table(GOOD, name="a.xls", layout=PEOPLE)
    assert (first.text("name"), first.integer("amount_fen"), first.integer("count")) == ("王小明", 35000, 4)
    assert (second.number, second.integer("amount_fen")) == (3, 150)
    assert "Excel" in str(second.problems[0].reason)


def test_a_word_document_called_xls_is_told() -> None:
    name, other = "Workbook".encode("utf-16-le"), "WordDocument".encode("utf-16-le")
    word = GOOD.replace(name.ljust(64, b"\0") + b"\x12", other.ljust(64, b"\0") + b"\x1a")
    with pytest.raises(BadInput, match="Word 文档"):
        read_table(word, name="a.xls", layout=PEOPLE)


@pytest.mark.parametrize("length", [9, 100, 512, 600, 1100, 1600])
def test_a_truncated_xls_is_refused(length: int) -> None:
    with pytest.raises(BadInput):
        read_table(GOOD[:length], name="a.xls", layout=PEOPLE)


def test_sizes_a_file_only_claims_cannot_take_the_machines_memory() -> None:
    extent, cell = struct.pack("<IIHHH", 0, 3, 0, 5, 0), struct.pack("<HHHHH", 0x0203, 14, 1, 2, 0)
    assert extent in GOOD
    assert cell in GOOD
    vast = GOOD.replace(extent, struct.pack("<IIHHH", 0, 0xFFFFFFF0, 0, 0xFFFF, 0))
    far = GOOD.replace(cell, struct.pack("<HHHHH", 0x0203, 14, 0xFFFF, 0xFFFF, 0))
    for hostile in (vast, far):
        with pytest.raises(BadInput, match="损坏"):
            read_table(hostile, name="a.xls", layout=PEOPLE)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(8, 2200), st.binary(min_size=1, max_size=4)), min_size=1, max_size=3))
def test_no_damage_ends_in_anything_but_a_sentence(damage: list[tuple[int, bytes]]) -> None:
    broken = bytearray(GOOD)
    for place, noise in damage:
        broken[place : place + len(noise)] = noise
    try:
        list(read_table(bytes(broken), name="a.xls", layout=PEOPLE))
    except BadInput:
        return
