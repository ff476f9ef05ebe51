"""Amounts in Chinese capital numerals, which nobody can alter with one stroke of a pen."""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def in_capitals(fen: int) -> str:
    """Return an amount as written on receipts, e.g. 123450 → 壹仟贰佰叁拾肆元伍角整.

    Rules of the Ministry of Finance and the People's Bank: 整 after 元 or 角, never after 分; 零 where figures
    have zeros in between. Raises ValueError for a negative amount or one past the 万亿.
    """
    if not 0 <= fen < 10**18:
        raise ValueError("no capital numerals for this amount")
    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    text = _integer(yuan) + "元" if yuan else ""
    if not rest:
        return (text or "零元") + "整"
    # 零 bridges a gap: 1.05 is 壹元零伍分, 10.50 is 壹拾元零伍角 (the unit figure of the yuan is 0).
    if yuan and (not jiao or yuan % 10 == 0):
        text += "零"
    text += _DIGITS[jiao] + "角" if jiao else ""
    return text + (_DIGITS[cents] + "分" if cents else "整")


def _integer(number: int) -> str:
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < 1000 or groups[place + 1] % 10 == 0):
            text += "零"
        text, gap = text + _group(group) + _GROUPS[place], False
    return text


def _group(number: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _PLACES[place]
        gap = not digit
    return text
