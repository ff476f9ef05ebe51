"""Numbers of the certificates people enrol with: what each says of its holder, and why a bad one is bad.

An 18-digit number follows GB 11643: six digits of area, eight of birth, three of order (odd: male), one
check character by ISO 7064 MOD 11-2. Residence permits of Hong Kong, Macau and Taiwan people use that form
with 810000/820000/830000 as area, permanent-residence cards issued since 2023-12-01 with a leading 9. A
reason never holds the number itself, because reasons are shown, stored and sent to departments.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from yingbao.kernel.messages import N_, Message, say

Sex = Literal["male", "female"]
CHECK_CHARACTERS = "10X98765432"
WEIGHTS = tuple(2**power % 11 for power in range(17, 0, -1))
_PROVINCES = (
    *(11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46),
    *(50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71),
)
PROVINCES = frozenset(str(code) for code in _PROVINCES)
PERMIT_AREAS = frozenset({"810000", "820000", "830000"})
EARLIEST_YEAR = 1880  # nobody older can be alive; an earlier year is a slip of the finger
OLDEST_PLAUSIBLE_YEARS = 110


class Form(StrEnum):
    """How a number is built, which says more than the national type code does."""

    ID_CARD = "id_card"
    RESIDENCE_PERMIT = "residence_permit"
    PERMANENT_RESIDENCE = "permanent_residence"
    BIRTH_CERTIFICATE = "birth_certificate"
    DISABILITY = "disability"
    OTHER = "other"


# National psn_cert_type; for the residence permits we know of no code of their own there: 99, other.
PSN_CERT_TYPES = {
    Form.ID_CARD: "01",
    Form.RESIDENCE_PERMIT: "99",
    Form.PERMANENT_RESIDENCE: "07",
    Form.BIRTH_CERTIFICATE: "990201",
    Form.DISABILITY: "01",  # its first 18 digits are the holder's ID number, and that is what is stored
    Form.OTHER: "99",
}
FORM_NAMES = {
    Form.ID_CARD: N_("居民身份证"),
    Form.RESIDENCE_PERMIT: N_("港澳台居民居住证"),
    Form.PERMANENT_RESIDENCE: N_("外国人永久居留证"),
    Form.BIRTH_CERTIFICATE: N_("出生医学证明"),
    Form.DISABILITY: N_("残疾人证"),
    Form.OTHER: N_("其他证件"),
}
_FORM_ALIASES = {
    Form.ID_CARD: ("身份证", "二代身份证", "户口簿", "户口本", "居民身份证（户口簿）", "01"),
    Form.RESIDENCE_PERMIT: ("港澳居民居住证", "台湾居民居住证", "港澳台居住证"),
    Form.PERMANENT_RESIDENCE: ("外国人永久居留身份证", "外国人永久居住证", "永久居留证", "07"),
    Form.BIRTH_CERTIFICATE: ("出生证", "出生证明", "990201"),
    Form.DISABILITY: ("残疾证", "残疾人证件"),
    Form.OTHER: ("其他", "其他身份证件", "护照", "99"),
}
_FORMS_BY_NAME = {name: form for form in Form for name in (FORM_NAMES[form], *_FORM_ALIASES[form], form.value)}


@dataclass(frozen=True, slots=True)
class Disability:
    """What the last two digits of a disabled-person certificate say."""

    kind: int  # 1 sight, 2 hearing, 3 speech, 4 limbs, 5 intellect, 6 mind, 7 several
    grade: int  # 1 (severest) … 4


@dataclass(frozen=True, slots=True)
class Certificate:
    """A number that holds together. ``kind`` is the national psn_cert_type; ``form`` how it is built."""

    kind: str
    number: str
    birth_on: date | None
    sex: Sex | None
    warnings: tuple[Message, ...] = ()
    form: Form = Form.ID_CARD
    disability: Disability | None = None


def form_named(name: str) -> Form | None:
    """Return the form a cell such as 身份证, 出生证明 or 01 names; None for a name nobody has taught us."""
    return _FORMS_BY_NAME.get(normalise(name).replace("(", "（").replace(")", "）"))


def normalise(text: str) -> str:
    """Return a number as it should have been typed: half width, capital X, no blanks or apostrophe."""
    if text.isascii() and text.isalnum():
        return text.upper()
    text = unicodedata.normalize("NFKC", text)
    kept = "".join(c for c in text if not c.isspace() and unicodedata.category(c) != "Cf")
    return kept.lstrip("'‘’`").upper().translate(_LOOKALIKES)


_LOOKALIKES = str.maketrans("×Х", "XX")  # a multiplication sign and a Cyrillic letter, typed for X


def check_digit(first17: str) -> str:
    """Return the 18th character for 17 digits (ISO 7064 MOD 11-2). Raises ValueError for anything else."""
    if len(first17) != 17 or not (first17.isascii() and first17.isdigit()):
        raise ValueError("17 digits needed")
    return CHECK_CHARACTERS[sum(w * int(d) for w, d in zip(WEIGHTS, first17, strict=True)) % 11]


def mask(number: str) -> str:
    """Return a number for screens: the first 3 and the last 4 characters stay, ``500***********1234``.

    The last 4 tell apart two people of one name, and are what people say aloud at a counter. The first 3 tell
    a local number from one of elsewhere. County and birth go: with the usual six digits in front, whoever
    knows a neighbour's birthday could read the whole number off the screen. Short ones keep their last 3.
    """
    if len(number) >= 15:
        return number[:3] + "*" * (len(number) - 7) + number[-4:]
    return "*" * max(len(number) - 3, 0) + number[-3:] if len(number) > 3 else "*" * len(number)


def parse(text: str, *, declared: Form | None = None, on: date | None = None) -> Certificate | Message:
    """Read one certificate number, or say why it cannot be one.

    ``declared`` is the kind the form names: needed only for OTHER (a passport and so on), a warning where it
    disagrees with the number. ``on`` is today: a birth after it is refused, an age past 110 warned of.
    """
    number = normalise(text)
    if declared is Form.OTHER and not re.fullmatch(r"\d{17}[\dX]", number):
        return _parse_other(number)
    found = _parse_by_form(number)
    if isinstance(found, Message):
        return found
    if on is not None and found.birth_on is not None and found.birth_on > on:
        return say(N_("号码中的出生日期晚于今天"))
    return replace(found, warnings=(*found.warnings, *_doubts(found, declared, on)))


def _parse_by_form(number: str) -> Certificate | Message:
    if not number:
        return say(N_("证件号码为空"))
    if re.fullmatch(r"\d(\.\d*)?E\+?\d+", number):
        return say(N_("Excel 已把号码变成科学计数法，末尾几位已丢失：请把该列设为“文本”后重新填写"))
    for pattern, read in _READERS:
        if re.fullmatch(pattern, number):
            return read(number)
    return _why_no_form(number)


def _why_no_form(number: str) -> Message:
    wrong = next((i for i, c in enumerate(number[:17], 1) if not (c.isascii() and c.isdigit())), None)
    if len(number) == 18 and wrong:
        return say(N_("第 {position} 位不是数字"), position=wrong)
    if len(number) == 18:
        return say(N_("末位校验码只能是数字或 X"))
    return say(N_("号码为 {length} 位，居民身份证应为 18 位"), length=len(number))


def _parse_18(number: str) -> Certificate | Message:
    birth_on = _date(number[6:10], number[10:12], number[12:14])
    if number.endswith("000") and check_digit(number[:17]) != number[17]:
        return say(N_("末三位为 000 且校验码不对：多半是 Excel 把号码当作数字，末三位已丢失，请按证件重填"))
    if birth_on is None:
        return say(N_("号码中的出生日期不存在"))
    if check_digit(number[:17]) != number[17]:
        return say(N_("校验码不对，号码中至少有一位写错"))
    form = _form_of_18(number)
    known = form is not Form.ID_CARD or number[:2] in PROVINCES
    warnings = () if known else (say(N_("地区码 {area} 不认识，请对照证件"), area=number[:6]),)
    return Certificate(PSN_CERT_TYPES[form], number, birth_on, _sex(number[16]), warnings, form)


def _form_of_18(number: str) -> Form:
    if number[0] == "9":
        return Form.PERMANENT_RESIDENCE
    return Form.RESIDENCE_PERMIT if number[:6] in PERMIT_AREAS else Form.ID_CARD


def _parse_15(number: str) -> Certificate | Message:
    longer = f"{number[:6]}19{number[6:]}"  # cards of 15 digits were issued to people born in the 1900s
    found = _parse_18(longer + check_digit(longer))
    if isinstance(found, Message):
        return found
    return replace(found, warnings=(*found.warnings, say(N_("15 位旧号码已升为 18 位，请对照新证件"))))


def _parse_disability(number: str) -> Certificate | Message:
    found = _parse_18(number[:18])
    kind, grade = int(number[18]), int(number[19])
    if isinstance(found, Message):
        return found
    if not (1 <= kind <= 7 and 1 <= grade <= 4):
        return say(N_("残疾人证第 19 位应为残疾类别 1–7，第 20 位应为等级 1–4"))
    return replace(found, form=Form.DISABILITY, disability=Disability(kind, grade))


def _parse_birth_certificate(number: str) -> Certificate:
    return Certificate(PSN_CERT_TYPES[Form.BIRTH_CERTIFICATE], number, None, None, (), Form.BIRTH_CERTIFICATE)


def _parse_old_permanent_residence(number: str) -> Certificate | Message:
    # Three letters of nationality, four digits of the place that took the application, six of birth, an order
    # and a check digit. We hold no public rule for the last, so it is not judged. These cards ended in 2023:
    # a year up to 23 may be of either century, and the nearer one is taken, with a warning.
    century = "19" if number[7:9] > "23" else "20"
    birth_on = _date(century + number[7:9], number[9:11], number[11:13])
    if birth_on is None:
        return say(N_("号码中的出生日期不存在"))
    warnings = (say(N_("旧版永久居留证只写两位出生年份，请对照证件")),) if century == "20" else ()
    form = Form.PERMANENT_RESIDENCE
    return Certificate(PSN_CERT_TYPES[form], number, birth_on, None, warnings, form)


def _parse_other(number: str) -> Certificate | Message:
    if not re.fullmatch(r"[0-9A-Z()/-]{4,30}", number):
        return say(N_("其他证件号码应为 4–30 位字母或数字"))
    return Certificate(PSN_CERT_TYPES[Form.OTHER], number, None, None, (), Form.OTHER)


_READERS = (
    (r"[0-9]{17}[0-9X]", _parse_18),
    (r"[0-9]{15}", _parse_15),
    (r"[0-9]{17}[0-9X][0-9]{2}(B[0-9])?", _parse_disability),  # B1: first copy after a loss
    (r"[A-Z][0-9]{9}", _parse_birth_certificate),
    (r"[A-Z]{3}[0-9]{12}", _parse_old_permanent_residence),
)


def _doubts(found: Certificate, declared: Form | None, on: date | None) -> list[Message]:
    doubts = []
    if declared is not None and declared is not found.form:
        names = {"declared": say(FORM_NAMES[declared]), "found": say(FORM_NAMES[found.form])}
        doubts.append(say(N_("填的是{declared}，号码是{found}的格式"), **names))
    if on and found.birth_on and on.year - found.birth_on.year > OLDEST_PLAUSIBLE_YEARS:
        doubts.append(say(N_("年龄超过 {years} 岁，请核实"), years=OLDEST_PLAUSIBLE_YEARS))
    return doubts


def _date(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found.year >= EARLIEST_YEAR else None


def _sex(order_digit: str) -> Sex:
    return "male" if int(order_digit) % 2 else "female"


# --- a whole column

_KNOWN_PROVINCE = np.isin(np.arange(100), _PROVINCES)
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_CHECKS = np.frombuffer(CHECK_CHARACTERS.encode(), dtype=np.uint8)
_ordinary = partial(Certificate, PSN_CERT_TYPES[Form.ID_CARD])


def parse_many(texts: Sequence[str], *, on: date | None = None) -> list[Certificate | Message]:
    """Read a column of numbers: per text, in the same order, exactly what ``parse`` would say of it.

    Ordinary good ID numbers are recognised together in NumPy; only the others take the slow road that knows
    reasons.
    """
    candidates = [i for i, text in enumerate(texts) if len(text) == 18 and text.isascii()]
    answers: list[Certificate | Message | None] = [None] * len(texts)
    if candidates:
        characters = np.frombuffer("".join(texts[i] for i in candidates).encode(), np.uint8).reshape(-1, 18)
        good, years, months, days = _ordinary_rows(characters, on)
        odd = characters[:, 16] & 1
        for row in np.flatnonzero(good).tolist():
            index = candidates[row]
            birth_on = date(int(years[row]), int(months[row]), int(days[row]))
            answers[index] = _ordinary(texts[index], birth_on, "male" if odd[row] else "female")
    return [parse(texts[i], on=on) if answer is None else answer for i, answer in enumerate(answers)]


_Ints = npt.NDArray[np.int64]


def _ordinary_rows(
    characters: npt.NDArray[np.uint8], on: date | None
) -> tuple[npt.NDArray[np.bool_], _Ints, _Ints, _Ints]:
    """Return which rows of an (n, 18) array of ASCII are mainland ID numbers beyond doubt, and births."""
    digits = (characters[:, :17] - np.uint8(48)).astype(np.int64)  # wraps round, so a sign before 0 is > 9
    area = np.clip(digits[:, 0] * 10 + digits[:, 1], 0, 99)
    years = digits[:, 6:10] @ np.array([1000, 100, 10, 1])
    months = digits[:, 10] * 10 + digits[:, 11]
    days = digits[:, 12] * 10 + digits[:, 13]
    good = (digits <= 9).all(axis=1) & _KNOWN_PROVINCE[area] & (years >= EARLIEST_YEAR)
    good &= _CHECKS[digits @ np.array(WEIGHTS) % 11] == characters[:, 17]
    good &= (months >= 1) & (months <= 12) & (days >= 1) & (days <= _days_in(years, np.clip(months, 0, 12)))
    if on is not None:
        good &= years * 10000 + months * 100 + days <= on.year * 10000 + on.month * 100 + on.day
        good &= on.year - years <= OLDEST_PLAUSIBLE_YEARS
    return good, years, months, days


def _days_in(years: _Ints, months: _Ints) -> _Ints:
    leap = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    return np.asarray(_MONTH_DAYS[months] + ((months == 2) & leap), dtype=np.int64)
