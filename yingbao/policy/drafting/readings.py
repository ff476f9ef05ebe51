"""What an officer types as an answer, read: days, money, names of identities and departments, when cover begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import parse_yuan
from yingbao.policy.entries import Named
from yingbao.policy.linting.codes import is_division
from yingbao.policy.vocabulary import fold_name, get_vocabulary

_DAY = re.compile(r"(\d{4})\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})\s*日?")
_SEPARATORS = re.compile(r"[;；,，、\s]+")
_LEVELS = {"中央": "centre", "省": "province", "市": "city", "县": "county", "区": "county"}
_OWN_WORD = "words: {identities: [{code: dibao.a, zh: 低保A类, en: Dibao class A}]}"
_YES = {"y", "yes", "是", "有", "1", "true"}
_NO = {"n", "no", "否", "无", "没有", "0", "false"}
COVERS = ("same_day", "next_day", "next_month", "waiting", "silent", "birth")
COUNTED_COVERS = ("after_days", "after_full_days", "after_months")


class Unreadable(ValueError):
    """An answer that cannot be read; ``message`` says what is expected."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def read_text(text: str) -> str:
    """Return the answer as it is."""
    return text


def read_name(text: str) -> str:
    """Return the name of a pack, which is also that of its file."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", text):
        raise Unreadable(say(N_("名称只用小写英文字母、数字和 -，如 qingshi-2026")))
    return text


def read_division(text: str) -> str:
    """Return the code of a division, twelve digits."""
    if not is_division(text):
        raise Unreadable(say(N_("行政区划代码是十二位数字，不加引号；写的有 {count} 位"), count=len(text)))
    return text


def read_day(text: str) -> date:
    """Return a day: 2026-01-31, 2026年1月31日, 2026.1.31."""
    found = _DAY.fullmatch(text)
    if found is None:
        raise Unreadable(say(N_("日期写作 2026-01-31 或 2026年1月31日")))
    year, month, day = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Unreadable(say(N_("没有“{text}”这一天"), text=text)) from error


def read_number(text: str) -> int:
    """Return a whole number."""
    if not text.isdigit():
        raise Unreadable(say(N_("请写整数")))
    return int(text)


def read_yuan(text: str) -> int | str:
    """Return an amount in yuan as packs write it: whole, or as a text with decimals."""
    try:
        fen = parse_yuan(text.removesuffix("元"))
    except ValueError as error:
        raise Unreadable(say(N_("金额写元，如 400 或 157.50"))) from error
    return fen // 100 if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


def read_yes(text: str) -> bool:
    """Return whether the answer is yes."""
    folded = text.strip().lower()
    if folded not in _YES | _NO:
        raise Unreadable(say(N_("请答 y（是）或 n（否）")))
    return folded in _YES


def read_choice(*choices: str) -> Callable[[str], str]:
    """Return a reader that takes one of ``choices``."""

    def read(text: str) -> str:
        if text not in choices:
            raise Unreadable(say(N_("请写其中之一：{choices}"), choices="、".join(choices)))
        return text

    return read


def read_identity(text: str) -> str:
    """Return the code of an identity named by code or any of its names."""
    code = get_vocabulary().identity_named(text)
    if code is None:
        template = N_("词汇表中没有身份“{text}”；名称见 yingbao policy identities liangping-2023")
        own = say(N_("本地特有的身份或类别先按 Ctrl-D 保存答卷，在其中写 {example}"), example=_OWN_WORD)
        raise Unreadable(say(N_("{one}；{other}"), one=say(template, text=text), other=own))
    return code


def read_identities(text: str) -> list[str]:
    """Return the codes of identities, names separated by ; or 、."""
    return [read_identity(name) for name in _SEPARATORS.split(text) if name]


def read_department(text: str) -> str:
    """Return the code of a department named by code or name."""
    return _named(text, get_vocabulary().departments)


def read_population(text: str) -> str:
    """Return the code of a population named by code or name."""
    return _named(text, get_vocabulary().populations)


def _named(text: str, words: Mapping[str, Named]) -> str:
    for code, word in words.items():
        if fold_name(text) in (fold_name(code), fold_name(word.zh), fold_name(word.en)):
            return code
    known = "、".join(f"{word.zh}（{code}）" for code, word in words.items())
    raise Unreadable(say(N_("没有“{text}”；可用：{known}"), text=text, known=known))


def read_cover(text: str) -> date | str:
    """Return when cover begins: a day, a word, or a word and a number (``after_full_days 90``)."""
    if _DAY.fullmatch(text):
        return read_day(text)
    word, _, number = text.partition(" ")
    if (word in COVERS and not number) or (word in COUNTED_COVERS and number.strip().isdigit()):
        return text
    known = "、".join((*COVERS, *(f"{word} N" for word in COUNTED_COVERS)))
    raise Unreadable(say(N_("写一个日期，或：{known}"), known=known))


def read_within(text: str) -> str:
    """Return a length: “90 日”, “3 个月”."""
    if not re.fullmatch(r"\d+\s*(days|months|日|天|个月|月)", text):
        raise Unreadable(say(N_("写作 90日 或 3个月")))
    return text


def read_amounts(text: str) -> dict[int, Any]:
    """Return amounts by tier: ``1: 200; 2: 50%; 3: 90% of 1``."""
    amounts: dict[int, Any] = {}
    for part in re.split(r"[;；]", text):
        tier, colon, amount = part.replace("：", ":").partition(":")
        if not colon or not tier.strip().isdigit():
            raise Unreadable(say(N_("写作 1: 200; 2: 50%（档次: 元，或百分比；90% of 1 为一档标准的90%）")))
        amounts[int(tier)] = amount.strip() if "%" in amount else read_yuan(amount.strip())
    return amounts


def read_shares(text: str) -> list[dict[str, Any]]:
    """Return the shares of the fiscal subsidy: ``中央 420; 省 180; 县 100``."""
    shares = []
    for number, part in enumerate(re.split(r"[;；]", text), 1):
        name, _, amount = part.strip().rpartition(" ")
        if not name:
            raise Unreadable(say(N_("写作 中央 420; 省 180; 县 100")))
        code = _LEVELS.get(name.strip(), f"level-{number}")
        shares.append({"code": code, "zh": name.strip(), "amount": read_yuan(amount)})
    return shares


def read_pays(text: str) -> list[str]:
    """Return what a relative's account may pay."""
    return [read_choice("personal", "repair", "addons")(word) for word in _SEPARATORS.split(text) if word]
