"""What people type is kept as they typed it, and what no keyboard types is not kept at all."""

from __future__ import annotations

import pytest

from yingbao.kernel.errors import BadInput
from yingbao.kernel.texts import clean


@pytest.mark.parametrize("text", ["工行 2022-12-01/77", "王·买买提", "第一行\n第二行\t（附）", "𠮷野家👨‍👩‍👧", ""])
def test_what_is_typed_stays(text: str) -> None:
    assert clean(f"  {text}\n", limit=40) == text


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\x7f", "\x85", "\u202e", "\ud800"])
def test_what_no_keyboard_types_is_refused(sign: str) -> None:
    with pytest.raises(BadInput, match="不应有的字符"):
        clean(f"A{sign}1", limit=40)


def test_what_there_is_no_room_for_is_refused_with_how_much_there_is() -> None:
    assert clean("字" * 40, limit=40) == "字" * 40
    with pytest.raises(BadInput, match="40"):
        clean("字" * 41, limit=40)
