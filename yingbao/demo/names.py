"""Invented names: common surnames and given-name characters put together by chance, never a name of the notices."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256

Draw = Callable[[], float]  # a number from 0 up to 1, from the town's seeded stream

# Common surnames of the south-west with rough weights; the numbers only shape the crowd.
_WEIGHTED = (
    "李88 王80 陈76 刘72 张70 杨60 周52 黄46 唐40 罗40 何38 吴36 谢30 邓30 蒋28 冉20 谭28 向22 胡26 徐24 "
    "朱22 曾22 廖22 彭20 郑18 龙16 田16 马16 赵30 游14 石14 熊14 姚14 余14 程12 付12 袁16 汪12 秦12 牟10 "
    "高14 雷12 潘10 任12 范12 魏10 夏12 文12 孙12 江10 冯12 许10 易10 钟10 蔡10 丁8 肖14 姜8 段8 殷6 贺8 "
    "古6 万8 汤8 卢8 覃6 沈8 郭12 梁10 宋10 韩6 毛8 代8 严8 邹8 陶6 章4 艾3 尹6 柏4 滕4 皮3 阳4 甘4 敖3 幸3"
)
_SPLIT = [(w[0], int(w[1:])) for w in _WEIGHTED.split()]
SURNAMES = tuple(surname for surname, _ in _SPLIT)
SURNAME_WEIGHTS = tuple(weight for _, weight in _SPLIT)

# Given-name characters by sex and by when one was born: before 1960, to 1984, to 2004, after.
_BORN_UNTIL = (1959, 1984, 2004)
_MALE = (
    "国德明成文光正兴贵云福荣华昌安学世顺清全才元发林仁开万先天朝方廷绍祥泽永继孝忠礼",
    "建军平勇强波伟兵志刚小涛斌辉华松林永东红祥毅峰亮超宏海江川洪亚春冬",
    "杰鹏浩俊磊宇鑫豪凯旭航凡帆阳锋飞龙威晨博文涛康健宁晓鸿哲翔",
    "轩涵睿泽宸梓皓浩博嘉俊铭煜辰熙昊逸瑞航诚骏翊霖韬锦佑昱",
)
_FEMALE = (
    "秀英兰珍芳玉桂淑素碧琼华清莲香菊群贞翠凤琴荣先仁昌明德朝会容富",
    "梅红霞萍艳丽燕娟玲敏琳静莉群蓉琼春华英芳平小晓利辉秋冬雪洪",
    "婷雪倩颖洁瑶璐欣莹丹娜佳佩慧怡蕾琪蓉薇媛玥晴曼思雨梦",
    "涵萱妍梓欣怡诗语可馨瑶彤萌雨桐雅琪苒芮漫沐安心悦妙希伊念禾",
)
_ONE_CHARACTER_SHARE = (0.12, 0.34, 0.30, 0.08)
_LATIN = ("MA", "RO", "TEN", "LI", "VAS", "KE", "DOR", "NI", "SAL", "BE", "RUN", "TO")

# Nobody of the demo may bear the name of an official whom the two notices name. Their names are not kept here:
# only the first 16 bits of a salted SHA-256 of each, which is enough to avoid a name and, being shared by
# thousands of other names, too little to read one back.
_SALT = b"pingjin-demo/2023:"
_HASHES = "162d2200362e38f339d547964be35b3a6ab1755b7bdc8d2193799aeeaff3b5aab6c5c4e1cb88d55edb06e973f4cbf7e0"
_AVOIDED = frozenset(_HASHES[at : at + 4] for at in range(0, len(_HASHES), 4))


def is_avoided(name: str) -> bool:
    """Return whether ``name`` may not be used: it is, or shares a short hash with, a name of the notices."""
    return sha256(_SALT + name.encode()).hexdigest()[:4] in _AVOIDED


def draw_surname(draw: Draw) -> str:
    """Return one surname, common ones more often."""
    table = _surname_table()
    return table[int(draw() * len(table))]


def draw_name(draw: Draw, *, surname: str, is_male: bool, year: int) -> str:
    """Return surname and given name for somebody born in ``year``; draws again until the name may be used."""
    while True:
        name = surname + _draw_given(draw, is_male, sum(year > last for last in _BORN_UNTIL))
        if not is_avoided(name):
            return name


def draw_latin_name(draw: Draw) -> str:
    """Return an invented name in capitals for a foreigner's permanent-residence card, e.g. ``ROTEN VASNI``."""
    first, second, third, fourth = (_LATIN[int(draw() * len(_LATIN))] for _ in range(4))
    return f"{first}{second} {third}{fourth}"


def _draw_given(draw: Draw, is_male: bool, era: int) -> str:
    pool = (_MALE if is_male else _FEMALE)[era]
    first = pool[int(draw() * len(pool))]
    second = pool[int(draw() * len(pool))]
    if second == first or draw() < _ONE_CHARACTER_SHARE[era]:
        return first
    return first + second


@cache
def _surname_table() -> tuple[str, ...]:
    return tuple(s for s, w in zip(SURNAMES, SURNAME_WEIGHTS, strict=True) for _ in range(w))
