"""The town's register (全员信息台账) and its lists of newborns, written as the office would hold them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from yingbao.demo.mistakes import Kind, Planted
from yingbao.demo.people import SEASON_BEGIN, Household, Resident, Town
from yingbao.demo.rosters import damaged_by_excel, wrong_check_digit
from yingbao.demo.targets import INSURANCE_YEAR, TOWN_NAME, village_name
from yingbao.demo.town import LOCAL_HUKOU, stream
from yingbao.kernel.certificates import FORM_NAMES, Form
from yingbao.kernel.periods import full_years
from yingbao.sheets import sheet_of, write_xlsx
from yingbao.sheets.cells import Value
from yingbao.sheets.layouts import REGISTER

REGISTER_FILE = "register_2022-11.xlsx"
FIRST_ROW = 3  # under the title and the header
RELATION_NAMES = {
    "head": "户主",
    "spouse": "配偶",
    "child": "子女",
    "parent": "父母",
    "grandchild": "孙子女",
    "other": "其他",
}
NOTES = {"army": "服役", "prison": "服刑"}
SPOILT_ROWS = {Kind.BAD_CHECK_DIGIT: 3, Kind.EXCEL_DAMAGED: 2}

Row = dict[str, Value]


def write_register(town: Town, path: Path) -> list[Planted]:
    """Write the register, village by village, and return what is planted in it.

    Beside the town's residents it holds people a second time under a later village, and a few rows whose number is
    spoilt; every planted row is one too many, so the good rows are exactly the residents.
    """
    planted: list[Planted] = []
    rows = _with_mistakes(town, path.name, planted)
    write_xlsx(path, sheets=[sheet_of(REGISTER, rows)])
    return planted


def write_newborns(town: Town, folder: Path) -> dict[date, Path]:
    """Write the lists of newborns, one for each day on which the office gets one; return them by that day."""
    files = {}
    for on in sorted(set(town.arrivals)):
        born = [child for child, at in zip(town.newborns, town.arrivals, strict=True) if at == on]
        rows = (register_row(child, town.households[child.household], on=on) for child in born)
        files[on] = folder / f"newborns_{on}.xlsx"
        write_xlsx(files[on], sheets=[sheet_of(REGISTER, rows)])
    return files


def register_row(resident: Resident, home: Household, *, on: date = SEASON_BEGIN) -> Row:
    """Return one person's cells by column key as the register of day ``on`` shows them."""
    return {
        "household_no": home.number,
        "relation": RELATION_NAMES[resident.relation],
        "name": resident.name,
        "cert_form": FORM_NAMES[resident.form],
        "cert_number": resident.number,
        "sex": "男" if resident.is_male else "女",
        "birth_on": resident.born_on,
        "town": TOWN_NAME,
        "village": village_name(home.village),
        "hukou": resident.hukou,
        "address": home.address,
        "population": _group(resident, on),
        "phone": resident.phone,
        "employee_insured": _yes(resident.elsewhere == "employee"),
        "elsewhere_insured": _yes(resident.elsewhere == "other_place"),
        "on_platform": _yes(resident.on_platform),
        "school": "在渝高校" if resident.population == "university_student" else "",
        "graduation_year": _graduation_year(resident),
        "note": NOTES.get(resident.elsewhere, ""),
    }


def _yes(is_so: bool) -> str:
    return "是" if is_so else "否"


def _group(resident: Resident, on: date) -> str:
    """Return the group of BN-2 and PJ-2 that makes the person eligible, in the register's words."""
    if resident.form is Form.RESIDENCE_PERMIT:
        return "港澳台居民"
    if resident.form is Form.PERMANENT_RESIDENCE:
        return "外国人永久居留"
    if resident.population == "university_student":
        return "大学生"
    if resident.hukou != LOCAL_HUKOU:
        return "居住证持有人"
    if resident.born_on.year == INSURANCE_YEAR:
        return "新生儿"
    age = full_years(resident.born_on, on)
    return "城乡居民" if age < 3 or age >= 18 else "学龄前儿童" if age < 6 else "中小学生"


def _graduation_year(resident: Resident) -> int | None:
    if resident.population != "university_student":
        return None
    first = INSURANCE_YEAR if resident.graduating else INSURANCE_YEAR + 1
    return max(first, resident.born_on.year + 22)


def _with_mistakes(town: Town, file: str, planted: list[Planted]) -> Iterator[Row]:
    """Give the register's rows in order, the planted ones at the end of a household, and note where those stand."""
    extra = _extra_rows(town)
    number = FIRST_ROW
    for index, home in enumerate(town.households):
        for resident in town.residents[home.first : home.first + home.size]:
            yield register_row(resident, home)
            number += 1
        for kind, row in extra.get(index, ()):
            planted.append(Planted(file, number, kind))
            yield row
            number += 1


def _extra_rows(town: Town) -> dict[int, list[tuple[Kind, Row]]]:
    """Return the planted rows by the household after which they stand."""
    extra: dict[int, list[tuple[Kind, Row]]] = {}
    for person, household in town.twice:
        again = town.residents[person]._replace(relation="other")
        row = register_row(again, town.households[household])
        extra.setdefault(household, []).append((Kind.REPEATED_PERSON, row))
    draw = stream(town.seed, "register")
    for kind, count in SPOILT_ROWS.items():
        for _ in range(count):
            household = int(draw() * len(town.households))
            home = town.households[household]
            row = register_row(town.residents[home.first]._replace(relation="other"), home)
            number = town.residents[home.first].number
            is_slip = kind is Kind.BAD_CHECK_DIGIT
            row["cert_number"] = wrong_check_digit(number, draw) if is_slip else damaged_by_excel(number)
            extra.setdefault(household, []).append((kind, row))
    return extra
