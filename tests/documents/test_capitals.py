from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingbao.documents import in_capitals

VALUES = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (50, "伍角整"),
        (105, "壹元零伍分"),
        (1050, "壹拾元零伍角整"),
        (35000, "叁佰伍拾元整"),
        (123450, "壹仟贰佰叁拾肆元伍角整"),
        (123456, "壹仟贰佰叁拾肆元伍角陆分"),
        (100500, "壹仟零伍元整"),
        (1_000_100, "壹万零壹元整"),
        (10_500_000, "壹拾万零伍仟元整"),
        (1_725_500_000, "壹仟柒佰贰拾伍万伍仟元整"),
        (10_000_000_000, "壹亿元整"),
        (1_000_000_000_100, "壹佰亿零壹元整"),
        (142_600, "壹仟肆佰贰拾陆元整"),
        (10_700_053, "壹拾万零柒仟元零伍角叁分"),
    ],
)
def test_amounts_as_the_cashiers_manual_writes_them(fen: int, text: str) -> None:
    assert in_capitals(fen) == text


@pytest.mark.parametrize("fen", [-1, 10**18])
def test_what_has_no_capitals(fen: int) -> None:
    with pytest.raises(ValueError, match="capital"):
        in_capitals(fen)


def spoken(text: str) -> int:
    """Read capital numerals back by adding up, an independent way round."""
    total = section = digit = yuan = 0
    for character in text:
        if character in VALUES:
            digit = VALUES[character]
        elif character in PLACES:
            section, digit = section + digit * PLACES[character], 0
        elif character in "万亿元":
            section, digit = section + digit, 0
            if character == "万":
                total, section = total + section * 10**4, 0
            elif character == "亿":
                total, section = (total + section) * 10**8, 0
            else:
                yuan, section = total + section, 0
        elif character in "角分":
            section, digit = section + digit * (10 if character == "角" else 1), 0
    return yuan * 100 + section


@given(st.integers(0, 10**14 - 1))
def test_capitals_read_back_as_the_amount(fen: int) -> None:
    text = in_capitals(fen)
    assert spoken(text) == fen
    assert "零零" not in text
    assert text.endswith(("整", "分"))
