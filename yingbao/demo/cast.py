"""Who logs in to the demo: one invented person per role, the town office's seven, 21 village agents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.utils.translation import override

from yingbao.accounts import operations as accounts
from yingbao.accounts.roles import Role
from yingbao.collection.kinds import CLEARING_CHANNELS, Channel
from yingbao.demo.agents import Agent
from yingbao.demo.targets import TOWN_CODE, VILLAGES, village_code, village_name
from yingbao.divisions import operations as divisions
from yingbao.policy import get_vocabulary
from yingbao.registry import logins as logins_of_residents
from yingbao.storage.transactions import operation

CITY_CODE, DISTRICT_CODE = 500_000_000_000, 500_155_000_000
PASSWORD = "yingbao-demo"
RESIDENT = "jumin"
UNIVERSITY_LOGIN, HOME_LOGIN = "gaoxiao", "fuli"
PLACES = {DISTRICT_CODE: "梁平区", TOWN_CODE: "屏锦镇", village_code(0): village_name(0)}
# Annex 3 shares the 21 villages out among seven officers, three each; the people here are invented. By annex order.
OFFICERS: tuple[tuple[str, tuple[int, int, int]], ...] = (
    ("江晓岚", (0, 3, 12)),
    ("顾明远", (17, 10, 5)),
    ("乔安宁", (6, 1, 4)),
    ("聂望舒", (18, 15, 14)),
    ("温如许", (16, 11, 7)),
    ("凌霜降", (20, 8, 13)),
    ("沐春和", (19, 2, 9)),
)
DEPARTMENTS: tuple[tuple[str, str, str], ...] = (
    ("civil_affairs", "minzheng", "宋知微"),
    ("veterans", "tuiyi", "岳临川"),
    ("disabled_federation", "canlian", "柏清扬"),
    ("rural_revitalisation", "xiangcun", "穆青山"),
    ("health", "weijian", "苏叶舟"),
)


@dataclass(frozen=True, slots=True)
class Login:
    """A demo login: who it is, in the words of the work."""

    username: str
    display_name: str
    role: str
    division_code: int | None
    department: str = ""
    answerable_for: tuple[int, ...] = ()
    logs_in: bool = True


def roster_password(department: str) -> str:
    """Return the password a department closes its rosters with."""
    return next(f"{username}-2022" for code, username, _ in DEPARTMENTS if code == department)


def logins(agents: Sequence[Agent]) -> list[Login]:
    """Return everyone who logs in, the first of each role being the one the demo prints."""
    return [*_district(), *_town(), *_villages(agents), *_institutions(), *_channels()]


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the logins the demo prints."""

    role: str
    username: str
    place: str


def demo_logins(language: str) -> list[Shown]:
    """Return one login per role, and per department, in the reader's language."""
    agents = [Agent(0, "", False)]
    shown = []
    with override("en" if language == "en" else "zh-hans"):
        resident = Login(RESIDENT, "", Role.RESIDENT, None)
        for one in [*_district(), next(_town()), *_villages(agents), *_institutions(), resident]:
            role = str(Role(one.role).label)
            department = get_vocabulary().departments.get(one.department)
            if department is not None:
                role = f"{role}（{department.en if language == 'en' else department.zh}）"
            shown.append(Shown(role, one.username, PLACES.get(one.division_code or 0, "")))
    return shown


@operation
def let_in(resident_id: int) -> None:
    """Make the demo's resident login for somebody of the register."""
    user = accounts.add_user(
        username=RESIDENT, display_name="居民", role=Role.RESIDENT, division_code=DISTRICT_CODE, password=PASSWORD
    )
    logins_of_residents.link(user_id=user.pk, resident_id=resident_id)


@operation
def found_divisions() -> None:
    """Make the tree the demo plays in: city, district, town, 21 villages."""
    divisions.add(code=CITY_CODE, name="重庆市", level="city")
    divisions.add(code=DISTRICT_CODE, name="梁平区", level="district", parent_code=CITY_CODE)
    divisions.add(code=TOWN_CODE, name="屏锦镇", level="town", parent_code=DISTRICT_CODE)
    for index, village in enumerate(VILLAGES):
        name = f"{village.name}{village.kind}"
        divisions.add(code=village_code(index), name=name, level="village", parent_code=TOWN_CODE)


@operation
def people_offices(cast: Sequence[Login]) -> None:
    """Make the demo's users; channels are machine accounts that nobody can log in as."""
    hashed = make_password(PASSWORD)  # once: hashing is slow on purpose
    for one in cast:
        accounts.add_user(
            username=one.username,
            display_name=one.display_name,
            role=one.role,
            division_code=one.division_code,
            department=one.department,
            hashed_password=hashed if one.logs_in else None,
            answerable_for=one.answerable_for,
        )


def _district() -> Iterator[Login]:
    yield Login("yibao", "陆星野", Role.BUREAU, DISTRICT_CODE)
    yield Login("shuiwu", "纪云舒", Role.TAX, DISTRICT_CODE)
    for department, username, name in DEPARTMENTS:
        yield Login(username, name, Role.DEPARTMENT, DISTRICT_CODE, department)
    yield Login("shenji", "严正清", Role.AUDITOR, DISTRICT_CODE)
    yield Login("guanli", "程序维", Role.ADMINISTRATOR, None)


def _town() -> Iterator[Login]:
    for number, (name, villages) in enumerate(OFFICERS, 1):
        answerable = tuple(village_code(index) for index in villages)
        yield Login(f"zhen{number}", name, Role.TOWN, TOWN_CODE, answerable_for=answerable)


def _villages(agents: Sequence[Agent]) -> Iterator[Login]:
    for agent in agents:
        code = village_code(agent.village)
        yield Login(f"cun{agent.village + 1:02d}", agent.name, Role.VILLAGE, code)


def _institutions() -> Iterator[Login]:
    yield Login(UNIVERSITY_LOGIN, "季书言", Role.INSTITUTION, TOWN_CODE)
    yield Login(HOME_LOGIN, "安若谷", Role.INSTITUTION, TOWN_CODE)


def _channels() -> Iterator[Login]:
    for channel in sorted(CLEARING_CHANNELS - {Channel.POS}):
        yield Login(f"channel-{channel}", str(Channel(channel).label), Role.CHANNEL, DISTRICT_CODE, logs_in=False)
