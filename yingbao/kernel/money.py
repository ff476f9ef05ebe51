"""Money is integer fen from edge to edge; yuan exist only in what people type and read."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

FEN_PER_YUAN = 100
TOO_MUCH = 10**14  # yuan


def parse_yuan(text: str | int | Decimal) -> int:
    """Return fen for an amount in yuan, e.g. ``"1,234.50"`` → 123450.

    Raises ValueError for anything that is not a number of whole fen, or more than there is (a hundred trillion yuan).
    Floats are not accepted: 0.1 is not a tenth.
    """
    if isinstance(text, float):
        raise ValueError("money is never a float")
    try:
        yuan = Decimal(str(text).replace(",", "").replace("，", "").strip())
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {text!r}") from error
    if not yuan.is_finite() or abs(yuan) >= TOO_MUCH:  # asked first: 9e999999 would be written out digit by digit
        raise ValueError(f"not an amount: {text!r}")
    fen = yuan * FEN_PER_YUAN
    whole = int(fen)
    if fen != whole:
        raise ValueError(f"finer than one fen: {text!r}")
    return whole


def format_yuan(fen: int) -> str:
    """Return fen as yuan with thousands separators and two decimals, e.g. 123450 → ``"1,234.50"``."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // FEN_PER_YUAN:,}.{fen % FEN_PER_YUAN:02d}"


def percent_of(fen: int, percent: Decimal, *, rounding: str = ROUND_HALF_UP) -> int:
    """Return ``percent`` per cent of ``fen``, rounded to whole fen by the named decimal rounding mode."""
    return int((Decimal(fen) * percent / 100).quantize(Decimal(1), rounding=rounding))
