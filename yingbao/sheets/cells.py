"""From what the parser gives for a cell to clean text, whole numbers, fen and dates."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import parse_yuan
from yingbao.sheets.layout import Kind

Raw = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
Value = str | int | dt.date | None

# A double holds 15 decimal digits. A longer number in a cell has lost its end, whatever it shows.
EXACT_DIGITS = 10**15
LOST_DIGITS = N_("Excel 已把这串号码当作数字，第 15 位以后已丢失：请把该列设为“文本”后重新填写")
NOT_WHOLE = N_("应为整数")
NOT_MONEY = N_("应为金额（元），最多两位小数")
NOT_A_DATE = N_("应为日期，如 2023-01-31")


def clean(raw: Raw) -> str | Message:
    """Return a cell as the text a person sees: integers without ".0", dates as 2023-01-31, blanks stripped.

    A Message says why the cell's content can no longer be known.
    """
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, int | float):
        return _clean_number(raw)
    if isinstance(raw, dt.datetime):
        return raw.date().isoformat() if raw.time() == dt.time() else raw.isoformat(" ", "seconds")
    if isinstance(raw, dt.date | dt.time):
        return raw.isoformat()
    return str(raw)


def _clean_number(raw: float) -> str | Message:
    if not abs(raw) < EXACT_DIGITS:  # and so for what is not a number at all (NaN)
        return say(LOST_DIGITS)
    if raw == int(raw):
        return str(int(raw))
    return format(Decimal(format(raw, ".15g")), "f")  # what Excel shows: 0.30000000000000004 is 0.3


def convert(text: str, kind: Kind) -> Value | Message:
    """Return clean text as what a column of ``kind`` holds (None when empty), or say why it is not that."""
    if kind is Kind.TEXT or kind is Kind.PERCENT:
        return text
    if not text:
        return None
    if kind is Kind.DATE:
        return _to_date(text)
    return _to_fen(text) if kind is Kind.MONEY else _to_integer(text)


def _to_integer(text: str) -> int | Message:
    try:
        number = Decimal(text.replace(",", "").replace("，", ""))
        return int(number) if number == int(number) else say(NOT_WHOLE)
    except (InvalidOperation, OverflowError, ValueError):
        return say(NOT_WHOLE)


def _to_fen(text: str) -> int | Message:
    try:
        return parse_yuan(text.removesuffix("元"))
    except ValueError:
        return say(NOT_MONEY)


_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})")


def _to_date(text: str) -> dt.date | Message:
    found = _DATE.fullmatch(text)
    if not found:
        return say(NOT_A_DATE)
    year, month, day = (int(group) for group in found.groups() if group)
    try:
        return dt.date(year, month, day)
    except ValueError:
        return say(N_("这一天不存在"))
