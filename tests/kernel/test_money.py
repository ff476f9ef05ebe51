from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingbao.kernel.money import format_yuan, parse_yuan, percent_of

FEN = st.integers(-(10**15), 10**15)


@pytest.mark.parametrize(
    ("text", "fen"),
    [("350", 35000), ("1,234.50", 123450), ("1，234.5", 123450), (" 0.01 ", 1), (725, 72500),
     (Decimal("0.5"), 50), ("-3.20", -320), ("1e3", 100000)],
)  # fmt: skip
def test_yuan_become_fen(text: str | int | Decimal, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize("text", ["", "三百五十", "0.001", "NaN", "Infinity", "12 34", "350元"])
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not an amount|finer than"):
        parse_yuan(text)


def test_floats_are_refused() -> None:
    with pytest.raises(ValueError, match="never a float"):
        parse_yuan(0.1)  # type: ignore[arg-type]


def test_fen_are_shown_as_yuan() -> None:
    assert format_yuan(1_725_500_000) == "17,255,000.00"
    assert format_yuan(-5) == "-0.05"
    assert format_yuan(0) == "0.00"


@given(FEN)
def test_what_is_shown_reads_back(fen: int) -> None:
    assert parse_yuan(format_yuan(fen)) == fen


def test_the_notices_own_percentages() -> None:
    assert percent_of(35000, Decimal(90)) == 31500
    assert percent_of(35000, Decimal(70)) == 24500


def test_rounding_is_named() -> None:
    assert percent_of(1, Decimal(50)) == 1
    assert percent_of(1, Decimal(50), rounding=ROUND_HALF_EVEN) == 0
    assert percent_of(199, Decimal(50), rounding=ROUND_DOWN) == 99


@given(st.integers(0, 10**12), st.decimals(0, 100, places=4))
def test_a_share_never_exceeds_the_whole(fen: int, percent: Decimal) -> None:
    assert 0 <= percent_of(fen, percent) <= fen
