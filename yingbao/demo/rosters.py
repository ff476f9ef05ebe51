"""What five departments send: their people of the town in the form of annex BN-A, some rows with mistakes.

Categories are written as departments write them, so the policy vocabulary's aliases have something to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from yingbao.demo.identities import QUOTAS
from yingbao.demo.mistakes import Kind, Planted
from yingbao.demo.names import draw_name, draw_surname
from yingbao.demo.numbers import Numbers
from yingbao.demo.people import SEASON_BEGIN, Mark, Resident, Town
from yingbao.demo.targets import TOWN_NAME, VILLAGES, village_name
from yingbao.demo.town import stream
from yingbao.kernel.certificates import CHECK_CHARACTERS, Form
from yingbao.kernel.periods import full_years
from yingbao.sheets import sheet_of, write_xlsx
from yingbao.sheets.layouts import ROSTER

Draw = Callable[[], float]
FIRST_ROW = 5  # under the title, the line of the department and the header's two rows

# Whose roster confirms which identity (PJ-5.1, PJ-5.2.1), in the order in which the files are taken in.
DEPARTMENTS: Mapping[str, tuple[str, ...]] = {
    "civil_affairs": ("extreme_poverty", "orphan", "dibao", "dibao_marginal"),
    "veterans": ("entitled_group", "old_demobilised_veteran"),
    "disabled_federation": ("disabled_1_2",),
    "rural_revitalisation": (
        "returned_to_poverty",
        "unstable_lifted",
        "marginal_prone",
        "sudden_hardship",
        "stable_lifted",
    ),
    "health": (
        "family_planning_reward",
        "family_planning_special",
        "only_child_disability",
        "family_planning_complication",
    ),
}
DEPARTMENT_NAMES = {
    "civil_affairs": "梁平区民政局",
    "veterans": "梁平区退役军人事务局",
    "disabled_federation": "梁平区残疾人联合会",
    "rural_revitalisation": "梁平区乡村振兴局",
    "health": "梁平区卫生健康委员会",
}
# What the departments call each identity; a second name is that of the communities (社区).
CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "extreme_poverty": ("特困人员",),
    "orphan": ("孤儿",),
    "dibao": ("农村低保", "城市低保"),
    "dibao_marginal": ("低保边缘户",),
    "entitled_group": ("重点优抚对象",),
    "old_demobilised_veteran": ("在乡老复员军人",),
    "disabled_1_2": ("重度残疾人",),
    "returned_to_poverty": ("返贫致贫人口",),
    "unstable_lifted": ("脱贫不稳定户",),
    "marginal_prone": ("边缘易致贫户",),
    "sudden_hardship": ("突发严重困难户",),
    "stable_lifted": ("稳定脱贫人口",),
    "family_planning_reward": ("计生奖扶",),
    "family_planning_special": ("计生特扶",),
    "only_child_disability": ("农村独生子女四级残疾家庭扶助对象",),
    "family_planning_complication": ("计划生育手术并发症人员",),
}
ADDED = "新增"
GRADES = {"1": "一级", "2": "二级"}
UNKNOWN_CATEGORIES = ("困难群众", "临时救助对象")
# How many rows of each kind are put into every roster beside the good ones.
PLANTED_PER_FILE = {
    Kind.BAD_CHECK_DIGIT: 3,
    Kind.UNKNOWN_PERSON: 3,
    Kind.UNKNOWN_CATEGORY: 2,
    Kind.EXCEL_DAMAGED: 2,
    Kind.NAME_DISAGREES: 3,
}


class RosterRow(NamedTuple):
    """One row of annex BN-A as text, and the mistake planted in it if any."""

    name: str
    number: str | int  # an int is a cell that Excel holds as a quantity, its last digits lost
    village: str
    address: str
    category: str
    grade: str = ""
    age: str = ""
    focus: str = ""
    phone: str = ""
    mistake: Kind | None = None


def draw_rosters(town: Town) -> dict[str, list[RosterRow]]:
    """Return the rows of every department's roster by department code.

    Everyone with a mark stands in the rosters with it. Mistakes are extra rows about people without identities.
    """
    draw = stream(town.seed, "rosters")
    strangers = _Strangers(town, draw)
    seen: set[int] = set()
    rosters = {}
    for department, codes in DEPARTMENTS.items():
        rows = [_row(town, mark, seen) for mark in town.marks if mark.code in codes]
        for wrong in _wrong_rows(strangers, CATEGORIES[max(codes, key=QUOTAS.__getitem__)][0], draw):
            rows.insert(int(draw() * (len(rows) + 1)), wrong)
        rosters[department] = rows
    return rosters


def write_rosters(town: Town, folder: Path, *, passwords: Mapping[str, str]) -> list[Planted]:
    """Write every department's roster, closed with its password (BN-4.2.1b), and return what is planted in them.

    ``passwords`` by department code; the files are named by ``roster_file_name``.
    """
    planted = []
    for department, rows in draw_rosters(town).items():
        name = roster_file_name(department)
        above = [ROSTER.heading + DEPARTMENT_NAMES[department]]
        sheet = sheet_of(ROSTER, (_cells(row) for row in rows), above=above)
        write_xlsx(folder / name, sheets=[sheet], password=passwords[department])
        planted += [
            Planted(name, FIRST_ROW + place, row.mistake) for place, row in enumerate(rows) if row.mistake is not None
        ]
    return planted


def roster_file_name(department: str) -> str:
    """Return the name of a department's file, e.g. ``roster_health_2022-11.xlsx``."""
    return f"roster_{department}_2022-11.xlsx"


def _cells(row: RosterRow) -> dict[str, str | int]:
    return {
        "name": row.name,
        "cert_number": row.number,
        "town": TOWN_NAME,
        "village": row.village,
        "address": row.address,
        "identity": row.category,
        "change": ADDED,
        "disability_grade": row.grade,
        "dibao_age": row.age,
        "dibao_priority": row.focus,
        "phone": row.phone,
    }


def _row(town: Town, mark: Mark, seen: set[int]) -> RosterRow:
    mistake = Kind.TWO_IDENTITIES if mark.person in seen else None
    seen.add(mark.person)
    resident = town.residents[mark.person]
    row = _of(town, resident, category_of(mark.code, resident))
    age = str(full_years(resident.born_on, SEASON_BEGIN)) if mark.code == "dibao" else ""
    grade = GRADES[mark.disability[1]] if mark.disability else ""
    return row._replace(grade=grade, age=age, focus=mark.focus, mistake=mistake)


def category_of(code: str, resident: Resident) -> str:
    """Return what the department calls an identity of a resident."""
    names = CATEGORIES[code]
    return names[-1] if VILLAGES[resident.village].kind == "社区" else names[0]


def _of(town: Town, resident: Resident, category: str) -> RosterRow:
    address = town.households[resident.household].address
    return RosterRow(
        resident.name, resident.number, village_name(resident.village), address, category, phone=resident.phone
    )


class _Strangers:
    """People without identities, none twice, for the rows that must not come in."""

    def __init__(self, town: Town, draw: Draw) -> None:
        self.town, self.draw = town, draw
        marked = {mark.person for mark in town.marks}
        self.left = [i for i, r in enumerate(town.residents) if i not in marked and r.form is Form.ID_CARD]
        self.used = {person.number for person in town.people}
        self.numbers = Numbers(stream(town.seed, "strangers"))

    def next_resident(self) -> Resident:
        place = int(self.draw() * len(self.left))
        self.left[place], self.left[-1] = self.left[-1], self.left[place]
        return self.town.residents[self.left.pop()]

    def unknown_number(self, resident: Resident) -> str:
        """Return a number that holds together and is nobody's, for somebody born the same day."""
        while (number := self.numbers.id_card(born_on=resident.born_on, is_male=resident.is_male)) in self.used:
            pass
        self.used.add(number)
        return number


def _wrong_rows(strangers: _Strangers, category: str, draw: Draw) -> Iterator[RosterRow]:
    for kind, count in PLANTED_PER_FILE.items():
        for order in range(count):
            resident = strangers.next_resident()
            row = _of(strangers.town, resident, category)._replace(mistake=kind)
            yield _spoilt(row, resident, order, strangers, draw)


def _spoilt(row: RosterRow, resident: Resident, order: int, strangers: _Strangers, draw: Draw) -> RosterRow:
    match row.mistake:
        case Kind.BAD_CHECK_DIGIT:
            return row._replace(number=wrong_check_digit(resident.number, draw))
        case Kind.EXCEL_DAMAGED:
            text, quantity = damaged_by_excel(resident.number), int(resident.number[:17] + "0")
            return row._replace(number=quantity if order % 2 else text)
        case Kind.UNKNOWN_CATEGORY:
            return row._replace(category=UNKNOWN_CATEGORIES[order % len(UNKNOWN_CATEGORIES)])
        case Kind.UNKNOWN_PERSON:
            return row._replace(name=_other_name(row.name, resident, draw), number=strangers.unknown_number(resident))
        case _:
            return row._replace(name=_other_name(row.name, resident, draw))


def _other_name(name: str, resident: Resident, draw: Draw) -> str:
    while True:
        other = draw_name(draw, surname=draw_surname(draw), is_male=resident.is_male, year=resident.born_on.year)
        if other != name:
            return other


def wrong_check_digit(number: str, draw: Draw) -> str:
    """Return the number with another last character, as a slip of the finger would leave it."""
    wrong = [c for c in CHECK_CHARACTERS if c != number[17]]
    return number[:17] + wrong[int(draw() * len(wrong))]


def damaged_by_excel(number: str) -> str:
    """Return what Excel shows of a number taken for a quantity: 500155199001011234 → ``5.00155E+17``."""
    return f"{int(number[:6]) / 100000:.5f}E+17"
