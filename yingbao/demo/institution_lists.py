"""The lists an invented university and an invented welfare home send in, mistakes planted in their first try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from yingbao.demo.behaviour import NEVER
from yingbao.demo.mistakes import Kind, Planted
from yingbao.demo.names import draw_name, draw_surname
from yingbao.demo.numbers import COUNTY_AREA, DISTRICT_AREA, DISTRICT_SINCE, OUTSIDE_HUKOU, Numbers
from yingbao.demo.people import Resident
from yingbao.demo.registers import FIRST_ROW
from yingbao.demo.rosters import damaged_by_excel, wrong_check_digit
from yingbao.demo.season import Season
from yingbao.demo.town import stream
from yingbao.kernel.certificates import Form
from yingbao.sheets import sheet_of, write_xlsx
from yingbao.sheets.cells import Value
from yingbao.sheets.layouts import MEMBERS

STUDENTS, KEPT = 600, 30
FIRST_BORN, LAST_BORN = date(2000, 9, 1), date(2004, 8, 31)  # four years of students
GRADUATES_BORN_BY = date(2001, 8, 31)
UNITS = ("护理系", "机电工程系", "学前教育系", "信息工程系", "财经系")
TIER_2_SHARE, OFF_PLATFORM_SHARE = 0.06, 0.04
# How a welfare home calls whom it keeps (BN-3.3.3), and how many; a foundling and a child in hardship are as orphans.
KEPT_AS = {"特困人员": 21, "孤儿": 6, "弃儿": 1, "困境儿童": 2}
# Rows spoilt by whoever typed them: mended, they come in with the second list.
SLIPS = {
    "university": {Kind.BAD_CHECK_DIGIT: 3, Kind.EXCEL_DAMAGED: 2, Kind.UNKNOWN_TIER: 2},
    "welfare": {Kind.BAD_CHECK_DIGIT: 1, Kind.UNKNOWN_CATEGORY: 1},
}
# Rows that should not be there at all, beside the others.
TOO_MANY = {
    "university": {
        Kind.REPEATED_PERSON: 2,
        Kind.NAME_DISAGREES: 2,
        Kind.ENROLLED_ALREADY: 3,
        Kind.COVERED_ELSEWHERE: 1,
    },
    "welfare": {Kind.REPEATED_PERSON: 1},
}

Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Lists:
    """An institution's two lists, and what is planted in the first. ``known``: how many the register has already."""

    first: Path
    mended: Path
    planted: Sequence[Planted]
    known: int


def write_lists(season: Season, folder: Path) -> dict[str, Lists]:
    """Write the lists of both institutions as of the season's day; return them by kind of institution."""
    crowd = _Crowd(season)
    return {"university": _write(crowd, "university", folder), "welfare": _write(crowd, "welfare", folder)}


def _write(crowd: _Crowd, kind: str, folder: Path) -> Lists:
    good = list(crowd.students() if kind == "university" else crowd.kept())
    first = _with_mistakes(crowd, kind, good)
    paths = [folder / f"{kind}_2022-12-{name}.xlsx" for name in ("05", "05_mended")]
    for path, rows in zip(paths, ([row for row, _mistake in first], good), strict=True):
        write_xlsx(path, sheets=[sheet_of(MEMBERS, rows)])
    planted = [
        Planted(paths[0].name, FIRST_ROW + place, mistake) for place, (_row, mistake) in enumerate(first) if mistake
    ]
    known = len(crowd.staying) if kind == "university" else 0
    return Lists(paths[0], paths[1], planted, known)


def _with_mistakes(crowd: _Crowd, kind: str, good: Sequence[Row]) -> list[tuple[Row, Kind | None]]:
    """Return the good rows, some of the second half spoilt, with the rows that are too many put in there too."""
    rows: list[tuple[Row, Kind | None]] = [(row, None) for row in good]
    half = len(rows) // 2
    slips = [mistake for mistake, count in SLIPS[kind].items() for _ in range(count)]
    for step, mistake in enumerate(slips):
        place = half + step * (half // len(slips))
        rows[place] = (_spoilt(rows[place][0], mistake, crowd), mistake)
    for mistake, row in crowd.too_many(TOO_MANY[kind], good[:half]):
        rows.insert(half + int(crowd.draw() * half), (row, mistake))
    return rows


def _spoilt(row: Row, mistake: Kind, crowd: _Crowd) -> Row:
    number = str(row["cert_number"])
    match mistake:
        case Kind.BAD_CHECK_DIGIT:
            return row | {"cert_number": wrong_check_digit(number, crowd.draw)}
        case Kind.EXCEL_DAMAGED:
            return row | {"cert_number": damaged_by_excel(number)}
        case Kind.UNKNOWN_TIER:
            return row | {"tier": "三档"}
        case _:
            return row | {"identity": "低保对象"}


class _Crowd:
    """Who stands on the lists: people invented for them, and some of the town whom the season leaves to them."""

    def __init__(self, season: Season) -> None:
        town = season.town
        self.draw = stream(town.seed, "institutions")
        self.numbers = Numbers(stream(town.seed, "institution numbers"))
        self.used = {one.number for one in town.people}
        young = {n: one for n, one in enumerate(town.residents) if n in season.ids and one.form is Form.ID_CARD}
        students = {n: one for n, one in young.items() if one.population == "university_student"}
        # Who comes by themselves this season would pay a second time; these never come.
        self.staying = [one for n, one in students.items() if season.behaviour.day[n] == NEVER and one.is_eligible]
        self.enrolled = [one for n, one in students.items() if season.ids[n] in season.enrolled]
        self.coming = [
            one for n, one in students.items() if one not in self.staying and season.ids[n] not in season.enrolled
        ]
        self.employed = [
            one for one in young.values() if one.elsewhere == "employee" and FIRST_BORN <= one.born_on <= LAST_BORN
        ]

    def students(self) -> Iterator[Row]:
        """Give the university's people: invented ones, then students of the town whom it brings in."""
        for _ in range(STUDENTS - len(self.staying)):
            span = (LAST_BORN - FIRST_BORN).days + 1
            yield self._student(self._invented(FIRST_BORN + timedelta(days=int(self.draw() * span))))
        for one in self.staying:
            yield self._student(one)

    def kept(self) -> Iterator[Row]:
        """Give whom the welfare home keeps: the old, and children."""
        for word, count in KEPT_AS.items():
            for _ in range(count):
                years = 62 + self.draw() * 30 if word == "特困人员" else 1 + self.draw() * 15
                born_on = date(2022, 11, 1) - timedelta(days=int(years * 365.25))
                one = self._invented(born_on, DISTRICT_AREA if born_on >= DISTRICT_SINCE else COUNTY_AREA)
                yield {**self._person(one), "tier": "一档", "identity": word, "on_platform": "是"}

    def too_many(self, wanted: Mapping[Kind, int], good: Sequence[Row]) -> Iterator[tuple[Kind, Row]]:
        """Give rows that do not belong: somebody again, or somebody of the town who is not to be enrolled so."""
        for mistake, count in wanted.items():
            for n in range(count):
                match mistake:
                    case Kind.REPEATED_PERSON:
                        yield mistake, dict(good[int(self.draw() * len(good))])
                    case Kind.NAME_DISAGREES:
                        another = self._invented(self.coming[n].born_on)
                        yield mistake, self._student(self.coming[n]) | {"name": another.name}
                    case Kind.ENROLLED_ALREADY:
                        yield mistake, self._student(self.enrolled[n])
                    case _:
                        yield mistake, self._student(self.employed[n])

    def _student(self, one: Resident) -> Row:
        return {
            **self._person(one),
            "member_no": f"2022{int(self.draw() * 10**6):06d}",
            "unit": UNITS[int(self.draw() * len(UNITS))],
            "tier": "二档" if self.draw() < TIER_2_SHARE else "一档",
            "graduating": "是" if one.born_on <= GRADUATES_BORN_BY else "否",
            "on_platform": "否" if self.draw() < OFF_PLATFORM_SHARE else "是",
        }

    def _person(self, one: Resident) -> Row:
        return {"name": one.name, "cert_number": one.number, "phone": one.phone}

    def _invented(self, born_on: date, area: str | None = None) -> Resident:
        is_male = self.draw() < 0.5
        area = area or list(OUTSIDE_HUKOU)[int(self.draw() * len(OUTSIDE_HUKOU))]
        name = draw_name(self.draw, surname=draw_surname(self.draw), is_male=is_male, year=born_on.year)
        while (number := self.numbers.id_card(born_on=born_on, is_male=is_male, area=area)) in self.used:
            pass
        self.used.add(number)
        phone = self.numbers.phone()
        return Resident(0, 0, "other", name, is_male, born_on, Form.ID_CARD, number, phone, "")
