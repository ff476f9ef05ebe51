"""Invented certificate and telephone numbers: they hold together, and are meant never to be a living person's.

ID numbers carry the area code of Liangping: 500155 for those born since 2017, when the district had taken the
county's place, its predecessor 500228 before. Their order numbers are 900–999 only: a county of some 25 births a
day hands out order numbers from its low hundreds, so this corner is as good as empty, and a number of the demo is
known at sight. Nobody can promise more for a number that must also pass every check.

Telephone numbers are eleven digits beginning with 1002. Mobile numbers begin with 13 to 19, and the numbering plan
keeps 100 for the operators' short service numbers, so no subscriber has one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

from yingbao.kernel.certificates import check_digit

Draw = Callable[[], float]
DISTRICT_AREA, COUNTY_AREA = "500155", "500228"
DISTRICT_SINCE = date(2017, 1, 1)
PHONE_PREFIX = "1002"
FIRST_ORDER, ORDERS = 900, 100
PERMIT_AREAS = ("810000", "820000", "830000")
# Where residents with a residence permit (居住证) are registered: next-door counties outside Chongqing.
OUTSIDE_HUKOU = {"511723": "四川省开江县", "511724": "四川省大竹县", "511725": "四川省渠县", "511602": "四川省广安区"}
_NATIONS = ("XXA", "XXB", "XXC")  # XX… is kept free for private use in the list of country codes


class Numbers:
    """Hands out numbers, never one twice."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._used: Counter[tuple[str, date, bool]] = Counter()
        self._start: dict[tuple[str, date, bool], int] = {}
        self._phones: set[str] = set()

    def id_card(self, *, born_on: date, is_male: bool, area: str | None = None) -> str:
        """Return an 18-digit ID number; ``area`` only for people registered elsewhere or permit holders."""
        area = area or (DISTRICT_AREA if born_on >= DISTRICT_SINCE else COUNTY_AREA)
        first17 = f"{area}{born_on:%Y%m%d}{self._order(area, born_on, is_male):03d}"
        return first17 + check_digit(first17)

    def permanent_residence(self, *, born_on: date) -> str:
        """Return a card number of the old 15-character form, of a nationality code that no state has."""
        nation = _NATIONS[int(self._draw() * len(_NATIONS))]
        order = self._order(nation, born_on, False) % 10
        return f"{nation}5001{born_on:%y%m%d}{order}{int(self._draw() * 10)}"

    def birth_certificate(self) -> str:
        """Return a birth certificate number: a letter and nine digits, in a series (Z9…) that is not printed yet."""
        return f"Z9{self._fresh(8)}"

    def phone(self) -> str:
        """Return an eleven-digit telephone number that cannot be anybody's."""
        return PHONE_PREFIX + self._fresh(7)

    def _order(self, area: str, born_on: date, is_male: bool) -> int:
        key = (area, born_on, is_male)
        half = ORDERS // 2
        start = self._start.setdefault(key, int(self._draw() * half))
        if self._used[key] >= half:
            raise ValueError("more people of one day and sex than there are order numbers")
        position = (start + self._used[key]) % half
        self._used[key] += 1
        return FIRST_ORDER + 2 * position + is_male

    def _fresh(self, digits: int) -> str:
        while True:
            text = f"{int(self._draw() * 10**digits):0{digits}d}"
            if text not in self._phones:
                self._phones.add(text)
                return text


def damaged_by_swap(number: str) -> str:
    """Return an ID number with two neighbouring digits of its order exchanged, as a tired hand writes it."""
    place = next(n for n in (14, 15, 13, 12) if number[n] != number[n + 1])
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
