"""The named cast and the small town the journeys play in: explicit builders, no magic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from zoneinfo import ZoneInfo

from django.db import transaction

from tests.support.pictures import pictured
from yingbao.accounts import operations as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import User
from yingbao.accounts.queries import actor_named
from yingbao.accounts.roles import Role
from yingbao.collection.receipts import stock
from yingbao.divisions import operations as divisions
from yingbao.divisions.codes import town_of
from yingbao.registry.models import CoveredElsewhere, Household, Identity, ImportedFile, Resident
from yingbao.storage.encrypted import blind_index
from yingbao.storage.fields import Json

DISTRICT, TOWN, VILLAGE, NEXT_VILLAGE = 500155000000, 500155113000, 500155113001, 500155113002
OTHER_TOWN, OTHER_VILLAGE = 500155114000, 500155114001
POLICY, YEAR = "liangping-2023", 2023
IN_TIME = date(2022, 12, 1)
TIER_1 = 35_000
_numbers = count(1)


def at(on: date, hour: int = 10) -> datetime:
    """Return a moment of a day in Beijing."""
    return datetime(on.year, on.month, on.day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass
class Cast:
    """Everyone who acts, by the name of their part."""

    bureau: Actor
    tax: Actor
    health: Actor
    town_clerk: Actor
    second_clerk: Actor
    village_agent: Actor
    next_agent: Actor
    outsider: Actor
    auditor: Actor
    administrator: Actor
    wechat: Actor
    roster: ImportedFile = field(repr=False)


@pictured
def people_the_town() -> Cast:
    """Make two towns and everyone who works there."""
    with transaction.atomic():
        divisions.add(code=500000000000, name="重庆市", level="city")
        divisions.add(code=DISTRICT, name="甲区", level="district", parent_code=500000000000)
        divisions.add(code=TOWN, name="甲镇", level="town", parent_code=DISTRICT)
        divisions.add(code=OTHER_TOWN, name="乙镇", level="town", parent_code=DISTRICT)
        for code, name, town in (
            (VILLAGE, "东村", TOWN),
            (NEXT_VILLAGE, "西村", TOWN),
            (OTHER_VILLAGE, "远村", OTHER_TOWN),
        ):
            divisions.add(code=code, name=name, level="village", parent_code=town)
        bureau = _user("bureau", Role.BUREAU, DISTRICT)
        cast = Cast(
            bureau=bureau,
            tax=_user("tax", Role.TAX, DISTRICT),
            health=_user("health", Role.DEPARTMENT, DISTRICT, department="health"),
            town_clerk=_user("town-clerk", Role.TOWN, TOWN),
            second_clerk=_user("second-clerk", Role.TOWN, TOWN),
            village_agent=_user("village-agent", Role.VILLAGE, VILLAGE),
            next_agent=_user("next-agent", Role.VILLAGE, NEXT_VILLAGE),
            outsider=_user("outsider", Role.TOWN, OTHER_TOWN),
            auditor=_user("auditor", Role.AUDITOR, DISTRICT),
            administrator=_user("administrator", Role.ADMINISTRATOR, None),
            wechat=_user("wechat", Role.CHANNEL, DISTRICT),
            roster=_roster(bureau),
        )
        for town in (TOWN, OTHER_TOWN):
            stock.set_seal(division_code=town, text=f"{town}社保所", on=date(2022, 1, 1), by_id=bureau.user_id)
        for number, agent in enumerate((cast.village_agent, cast.next_agent)):
            give_book(agent, series=f"PJ{number}", first=101, last=199)
    return cast


def print_run(series: str, *, first: int = 1, last: int = 999, town: int = TOWN) -> None:
    """Put a printed run into a town's stock: registered by the bureau and handed on. Wants a transaction."""
    run: Json = {"series": series, "first": first, "last": last, "on": date(2022, 11, 1)}
    stock.register_run(division_code=DISTRICT, **run)
    stock.hand_run(office=DISTRICT, division_code=town, **run)


def give_book(agent: Actor, *, series: str, first: int, last: int) -> None:
    """Give an agent a book of a run of its own. Wants a transaction."""
    code = agent.division_code or 0
    print_run(series, first=first, last=last, town=town_of(code))
    stock.hand_book(
        agent_id=agent.user_id, division_code=code, series=series, first=first, last=last, on=date(2022, 11, 3)
    )


def household(*births: date, village: int = VILLAGE, on_platform: bool = True) -> list[Resident]:
    """Make a household with one member per birth date, the first its head; return the members."""
    home = Household.objects.create(division_id=village, number=f"H{next(_numbers):05d}")
    return [
        _resident(home, birth_on, relation="head" if n == 0 else "other", on_platform=on_platform)
        for n, birth_on in enumerate(births)
    ]


def mark(
    resident: Resident, code: str, cast: Cast, *, begin_on: date = date(2022, 1, 1), end_on: date | None = None
) -> None:
    """Give a resident an identity, as an accepted roster would."""
    Identity.objects.create(
        resident=resident, code=code, department="civil_affairs", begin_on=begin_on, end_on=end_on, file=cast.roster
    )


def insure_elsewhere(resident: Resident, kind: str = "employee") -> None:
    """Put a resident in employee insurance, or elsewhere."""
    CoveredElsewhere.objects.create(resident=resident, kind=kind, begin_on=date(2022, 1, 1))


def family() -> list[Resident]:
    """Make the household of four of most tests: two grown-ups, a child, a grandmother."""
    return household(date(1980, 5, 1), date(1982, 6, 2), date(2012, 7, 3), date(1950, 8, 4))


def tiers(residents: Iterable[Resident], tier: int = 1) -> dict[int, int]:
    """Return what a use case takes: resident id → tier."""
    return {resident.pk: tier for resident in residents}


def _user(username: str, role: str, division: int | None, *, department: str = "") -> Actor:
    accounts.add_user(
        username=username, display_name=username, role=role, division_code=division, department=department
    )
    return actor_named(username)


def _roster(bureau: Actor) -> ImportedFile:
    return ImportedFile.objects.create(
        kind="roster",
        name="roster.xlsx",
        sha256="0" * 64,
        division_id=DISTRICT,
        rows=0,
        good_rows=0,
        uploaded_by=User.objects.get(pk=bureau.user_id),
        uploaded_at=at(IN_TIME),
    )


def _resident(home: Household, birth_on: date, *, relation: str, on_platform: bool) -> Resident:
    number = f"TEST{next(_numbers):014d}"
    return Resident.objects.create(
        household=home,
        division_id=home.division_id,
        relation=relation,
        name=f"居民{number[-4:]}",
        certificate_kind="99",
        certificate_number=number,
        certificate_index=blind_index(number),
        birth_on=birth_on,
        sex="1",
        basis="PJ-2",
        on_platform=on_platform,
    )
