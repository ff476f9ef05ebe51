"""Registers of any size for the benchmark, .xlsx and .csv. Every name and number is invented."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from yingbao.demo import targets
from yingbao.kernel.certificates import FORM_NAMES, Form, check_digit
from yingbao.sheets import sheet_of, write_csv, write_xlsx
from yingbao.sheets.cells import Value
from yingbao.sheets.layouts import REGISTER

FAMILY, GIVEN = "艾柏曹邓范高韩姜康李马聂欧潘钱任沈唐王", "安北辰丹恩飞光和江凯兰明宁平青荣山泰文雪远"
RELATIONS = ("户主", "配偶", "子女")
SPOILT_EVERY, INSURED_EVERY = 1000, 20
FIRST_BIRTH, DAYS = date(1940, 1, 1), 29_000
Row = dict[str, Value]


def write_register(path: Path, rows: int) -> None:
    """Write a register of so many people in households of three; every thousandth number has a wrong check digit."""
    sheet = sheet_of(REGISTER, people(rows))
    if path.suffix == ".csv":
        write_csv(path, sheet=sheet)
    else:
        write_xlsx(path, sheets=[sheet])


def people(rows: int) -> Iterator[Row]:
    """Give the rows, the same each time."""
    draw = random.Random(7)
    villages = [targets.village_name(place) for place in range(len(targets.VILLAGES))]
    for index in range(rows):
        home = index // len(RELATIONS)
        yield _person(index, home, villages[home % len(villages)], draw)


def _person(index: int, home: int, village: str, draw: random.Random) -> Row:
    born = FIRST_BIRTH + timedelta(days=index // 900 % DAYS)
    first17 = f"500155{born:%Y%m%d}{index % 900:03d}"
    is_spoilt = index % SPOILT_EVERY == SPOILT_EVERY - 1 and index % len(RELATIONS)
    last = check_digit(first17)
    return {
        "household_no": f"{home:08d}",
        "relation": RELATIONS[index % len(RELATIONS)],
        "name": draw.choice(FAMILY) + draw.choice(GIVEN) + draw.choice(GIVEN),
        "cert_form": FORM_NAMES[Form.ID_CARD],
        "cert_number": first17 + (("0" if last != "0" else "1") if is_spoilt else last),
        "sex": "男" if index % 2 else "女",
        "birth_on": born,
        "town": targets.TOWN_NAME,
        "village": village,
        "hukou": "重庆市梁平区",
        "address": f"{village}{home % 9 + 1}组{home % 300 + 1}号",
        "population": "城乡居民",
        "phone": f"100{index % 10**8:08d}",
        "employee_insured": "是" if index % INSURED_EVERY == 0 else "否",
        "elsewhere_insured": "否",
        "on_platform": "是",
    }
