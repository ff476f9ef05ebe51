"""How like two certificate numbers or two names are: pure rules for rows that name nobody of the register exactly.

GB 11643's check character catches every single wrong digit and every swap of neighbours. So a written number that
fails its check has only some twenty well-formed numbers one slip away, and they can all be looked up; one that
passes has none, and is compared only with the numbers of people of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from operator import mul

from yingbao.kernel.certificates import CHECK_CHARACTERS, WEIGHTS, Certificate, check_digit, normalise, parse
from yingbao.kernel.messages import N_, Message, say

DIGITS = "0123456789"
CHARACTERS = "0123456789X"
LETTERS_FOR_DIGITS = str.maketrans({"O": "0", "I": "1", "L": "1"})
BIRTH = slice(6, 14)
EXCEL_KEEPS = 15  # digits of a number; the rest become 0
SAME, DIFFERENT, SWAPPED = N_("号码相同"), N_("号码第{n}位不同"), N_("号码第{a}、{b}位对调")
SHORTEST_NEAR_NAME = 3  # of two characters, one shared is only the surname


def tidy_number(written: str) -> str:
    """Return a written number without blanks and full-width slips; of a disability certificate the ID number."""
    number = normalise(written)
    return number[:18] if re.fullmatch(r"\d{17}[\dX]\d{2}(B\d)?", number) else number


def canonical(written: str) -> str:
    """Return the number the register would hold for a written one: 15 digits are 18 there."""
    number = tidy_number(written)
    if _holds(number):
        return number
    found = parse(number)
    return found.number if isinstance(found, Certificate) else number


def slips(written: str) -> dict[str, Message]:
    """Return well-formed number → why ``written`` may stand for it, for every number one slip away.

    The number itself is not among them. A number Excel turned into 5.00155E+17 has none: too little is left of it.
    """
    number = tidy_number(written)
    if re.fullmatch(r"[0-9]{17}[0-9X]", number) and _holds(number):
        return _fifteen(number)
    found: dict[str, Message] = {}
    for other, reason, place in _near(number):
        if other not in found and _holds(other) and isinstance(parse(other), Certificate):
            found[other] = _said(reason, place)
    return found


def likeness(written: str, held: str, *, near: Mapping[str, Message] | None = None) -> Message | None:
    """Return how a held number is like the written one, None where it is not: also where both pass their check.

    ``near`` are the written number's slips, where the caller has them already.

    Whoever had a digit of the number corrected has two that pass: one digit differs, and with it the check.
    """
    number = tidy_number(written)
    if number == held:
        return say(SAME)
    if len(number) == len(held) == 18 and _holds(number):
        return _one_apart(number[:17], held[:17])
    return (slips(number) if near is None else near).get(held)


def birth_written(written: str) -> str:
    """Return the eight digits of birth a number of 15 or 18 characters holds, even where it fails its check; or ''."""
    number = tidy_number(written)
    born = f"19{number[6:12]}" if len(number) == 15 else number[BIRTH] if len(number) == 18 else ""
    return born if born.isascii() and born.isdigit() else ""


def is_birth_like(written: str, born_on: date) -> bool:
    """Return whether eight written digits are a birthday, or one slip away from it."""
    held = f"{born_on:%Y%m%d}"
    return bool(written) and (written == held or _one_apart(written, held) is not None)


def is_name_near(one: str, other: str) -> bool:
    """Return whether two names differ in one character, or one lacks one of the other's; the longer has three."""
    short, long = sorted((one, other), key=len)
    if one == other or len(long) < SHORTEST_NEAR_NAME or len(long) - len(short) > 1:
        return False
    if len(short) == len(long):
        return sum(a != b for a, b in zip(short, long, strict=True)) == 1
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def _said(reason: str, place: int) -> Message:
    return say(reason, a=place, b=place + 1) if reason == SWAPPED else say(reason, n=place) if place else say(reason)


def _fifteen(number: str) -> dict[str, Message]:
    short = number[:6] + number[8:17]
    return {short: say(N_("十五位旧号"))} if number[6:8] == "19" else {}


Slip = tuple[str, str, int]  # the number that may be meant, the reason's template, the place it names (0: none)


def _near(number: str) -> Iterator[Slip]:
    plain = number.translate(LETTERS_FOR_DIGITS)
    if plain != number:
        yield plain, N_("数字误写成字母"), 0
    if len(number) == 18:
        yield from _lost(number)
        yield from _swapped(number)
        yield from _substituted(number)
    elif len(number) == 17:
        yield from _completed(number)
    elif len(number) == 19:
        yield from _shortened(number)


def _lost(number: str) -> Iterator[Slip]:
    """Excel holds fifteen digits: the two of the order and the check that follow are any."""
    if number.endswith("000") and number[:EXCEL_KEEPS].isdecimal() and number.isascii():
        for order in range(100):
            first17 = f"{number[:EXCEL_KEEPS]}{order:02d}"
            yield first17 + check_digit(first17), N_("Excel 丢了末三位，前十五位相同"), 0


def _swapped(number: str) -> Iterator[Slip]:
    for i in range(17):
        if number[i] != number[i + 1]:
            yield number[:i] + number[i + 1] + number[i] + number[i + 2 :], SWAPPED, i + 1


def _substituted(number: str) -> Iterator[Slip]:
    for i, character in enumerate(number):
        for digit in CHARACTERS if i == 17 else DIGITS:
            if digit != character:
                yield number[:i] + digit + number[i + 1 :], DIFFERENT, i + 1


def _completed(number: str) -> Iterator[Slip]:
    for i in range(18):
        for digit in CHARACTERS if i == 17 else DIGITS:
            yield number[:i] + digit + number[i:], N_("号码漏写第{n}位"), i + 1


def _shortened(number: str) -> Iterator[Slip]:
    for i in range(19):
        yield number[:i] + number[i + 1 :], N_("号码多写第{n}位"), i + 1


def _one_apart(one: str, other: str) -> Message | None:
    """Return how two texts of the same length differ, where it is in one place or a swap of neighbours."""
    apart = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(apart) == 1:
        return say(DIFFERENT, n=apart[0] + 1)
    if len(apart) == 2 and apart[1] == apart[0] + 1:
        i, j = apart
        if one[i] == other[j] and one[j] == other[i]:
            return say(SWAPPED, a=i + 1, b=j + 1)
    return None


def _holds(number: str) -> bool:
    """Return whether 18 characters agree with their check character; False for anything that is no number."""
    if len(number) != 18 or not number.isascii() or not number[:17].isdecimal():
        return False
    return CHECK_CHARACTERS[sum(map(mul, WEIGHTS, map(int, number[:17]))) % 11] == number[17]
