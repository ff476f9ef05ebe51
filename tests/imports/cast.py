"""The named cast of the imports, the files they send, and the people in them, all invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from zoneinfo import ZoneInfo

from django.db import transaction

from tests.support.pictures import pictured
from yingbao.accounts import operations as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.queries import actor_named
from yingbao.accounts.roles import Role
from yingbao.divisions import operations as divisions
from yingbao.kernel.certificates import check_digit
from yingbao.registry.models import ImportedFile
from yingbao.sheets import Layout, sheet_of, xlsx_bytes
from yingbao.sheets.layouts import REGISTER, ROSTER
from yingbao.storage.fields import Json
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_register import accept_register, check_register
from yingbao.usecases.import_rosters import accept_roster, check_roster

DISTRICT, TOWN, OTHER_TOWN = 500155000000, 500155113000, 500155114000
EAST, WEST, FAR = 500155113001, 500155113002, 500155114001
POLICY = "liangping-2023"
NOVEMBER = date(2022, 11, 1)
NOW = datetime(2022, 11, 8, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
PASSWORD = "给医保局的密码1"
Cells = dict[str, str | int | date | None]
_keys = count(1)


@dataclass(frozen=True)
class Cast:
    """Everyone who acts, by the name of their part."""

    bureau: Actor
    civil_affairs: Actor
    disabled: Actor
    town_clerk: Actor
    second_clerk: Actor
    village_agent: Actor
    outsider: Actor


@pictured
def people_the_district() -> Cast:
    """Make a district of two towns and everyone who works there."""
    with transaction.atomic():
        divisions.add(code=500000000000, name="重庆市", level="city")
        divisions.add(code=DISTRICT, name="甲区", level="district", parent_code=500000000000)
        for code, name in ((TOWN, "甲镇"), (OTHER_TOWN, "乙镇")):
            divisions.add(code=code, name=name, level="town", parent_code=DISTRICT)
        for code, name, town in ((EAST, "东村", TOWN), (WEST, "西社区", TOWN), (FAR, "远村", OTHER_TOWN)):
            divisions.add(code=code, name=name, level="village", parent_code=town)
        return Cast(
            bureau=_user("bureau", Role.BUREAU, DISTRICT),
            civil_affairs=_user("civil-affairs", Role.DEPARTMENT, DISTRICT, department="civil_affairs"),
            disabled=_user("disabled", Role.DEPARTMENT, DISTRICT, department="disabled_federation"),
            town_clerk=_user("town-clerk", Role.TOWN, TOWN),
            second_clerk=_user("second-clerk", Role.TOWN, TOWN),
            village_agent=_user("village-agent", Role.VILLAGE, EAST),
            outsider=_user("outsider", Role.TOWN, OTHER_TOWN),
        )


def _user(username: str, role: str, division: int, *, department: str = "") -> Actor:
    accounts.add_user(
        username=username, display_name=username, role=role, division_code=division, department=department
    )
    return actor_named(username)


def new_key() -> str:
    """Return a request id nobody has used."""
    return f"request-{next(_keys)}"


# --- people and files -----------------------------------------------------------------------------------------------


def number(birth: str, order: int = 1, *, area: str = "500155") -> str:
    """Return an invented ID number of somebody born ``birth`` (YYYYMMDD); an odd ``order`` is a man's."""
    first17 = f"{area}{birth}{order:03d}"
    return first17 + check_digit(first17)


def person(name: str, birth: str, order: int = 1, **cells: str | int | date | None) -> Cells:
    """Return a register row: head of household H1 in 东村 unless ``cells`` say otherwise."""
    row: Cells = {
        "household_no": "H1",
        "relation": "户主",
        "name": name,
        "cert_number": number(birth, order),
        "village": "东村",
        "address": "东村1组1号",
        "population": "城乡居民",
    }
    return row | cells


def family() -> list[Cells]:
    """Return the rows of a household of three: father, mother, daughter."""
    return [
        person("柏大树", "19800501", 1, phone="10020000001"),
        person("艾青禾", "19820602", 2, relation="配偶"),
        person("柏小苗", "20120703", 4, relation="子女", population="中小学生"),
    ]


def book(layout: Layout, rows: Iterable[Mapping[str, str | int | date | None]], password: str = "") -> bytes:
    """Return rows as an .xlsx in the form of a layout."""
    return xlsx_bytes(sheets=[sheet_of(layout, rows)], password=password or None)


def register_upload(rows: Iterable[Cells], name: str = "台账.xlsx") -> Upload:
    """Return a register file."""
    return Upload(name=name, content=book(REGISTER, rows))


def entry(name: str, cert_number: str, identity: str = "城乡低保对象", **cells: str) -> Cells:
    """Return a roster row that adds somebody of 东村 unless ``cells`` say otherwise."""
    row: Cells = {"name": name, "cert_number": cert_number, "identity": identity, "change": "新增"}
    return row | {"town": "甲镇", "village": "东村"} | cells


def roster_upload(rows: Iterable[Cells], name: str = "花名册.xlsx") -> Upload:
    """Return a roster closed with the departments' password."""
    return Upload(name=name, content=book(ROSTER, rows, PASSWORD), password=PASSWORD)


# --- the two words --------------------------------------------------------------------------------------------------


def check(actor: Actor, rows: Iterable[Cells], *, at: datetime = NOW) -> Json:
    """Check a register of these rows."""
    return check_register(actor, upload=register_upload(rows), policy_name=POLICY, key=new_key(), at=at)


def accept(actor: Actor, file_id: int, *, at: datetime = NOW) -> Json:
    """Accept a register file."""
    return accept_register(actor, file_id=file_id, key=new_key(), at=at)


def bring_in(actor: Actor, rows: Iterable[Cells]) -> Json:
    """Check and accept a register of these rows."""
    return accept(actor, check(actor, rows)["file_id"])


def check_list(actor: Actor, rows: Iterable[Cells], *, month: date = NOVEMBER) -> Json:
    """Check a roster of these rows."""
    return check_roster(actor, upload=roster_upload(rows), month=month, policy_name=POLICY, key=new_key(), at=NOW)


def send_list(sender: Actor, rows: Iterable[Cells], bureau: Actor, *, month: date = NOVEMBER) -> Json:
    """Check a roster as a department and accept it as the bureau."""
    file_id = check_list(sender, rows, month=month)["file_id"]
    return accept_roster(bureau, file_id=file_id, key=new_key(), at=NOW)


def told(file_id: int) -> list[tuple[int, str, str]]:
    """Return (row, column, reason) of a file's fatal problems."""
    return [(p["row"], p["column"], p["reason"]) for p in _problems(file_id) if p["fatal"]]


def warned(file_id: int) -> list[tuple[int, str, str]]:
    """Return (row, column, reason) of a file's warnings."""
    return [(p["row"], p["column"], p["reason"]) for p in _problems(file_id) if not p["fatal"]]


def _problems(file_id: int) -> list[Json]:
    return list(ImportedFile.objects.get(pk=file_id).problems)
