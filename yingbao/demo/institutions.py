"""A university and a welfare home of the town enrol their people from lists, on two days of the season.

5 December 2022 is a day of the residents' season, which is open to students too (PJ-6, PJ-7.2a). Both enrol at the
town itself, not in a village: no village's figures move, and the town's own line in the tables has no target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple

from yingbao.accounts.actors import Actor
from yingbao.accounts.queries import actor_named
from yingbao.collection.institutional import queries as institutional
from yingbao.demo.cast import HOME_LOGIN, UNIVERSITY_LOGIN
from yingbao.demo.desk import POLICY, Taken, moment, problems_by_reason
from yingbao.demo.institution_lists import Lists, write_lists
from yingbao.demo.season import Season
from yingbao.demo.targets import TOWN_CODE
from yingbao.demo.upkeep_lists import Told
from yingbao.kernel.messages import N_
from yingbao.kernel.money import format_yuan
from yingbao.registry.institutions import queries
from yingbao.registry.kinds import FileKind
from yingbao.registry.uploads import Upload
from yingbao.storage.fields import Json
from yingbao.usecases.bill_institution import open_bill
from yingbao.usecases.enrol_institution import accept_members, check_members
from yingbao.usecases.manage_institutions import add_institution, give_login, register_members_on_platform
from yingbao.usecases.note_transfer import Arrived, note_transfer

LIST_DAY, TRANSFER_DAY = date(2022, 12, 5), date(2022, 12, 7)
MORNING, AFTERNOON = time(9), time(14)
REFERENCE = "20221207000600"


class Founding(NamedTuple):
    """How an institution is set up; ``kind`` is an InstitutionKind."""

    kind: str
    code: str
    name: str
    login: str


UNIVERSITY = Founding("university", "PJ-U1", "屏锦职业学院", UNIVERSITY_LOGIN)
HOME = Founding("welfare", "PJ-W1", "屏锦福利院", HOME_LOGIN)


@dataclass
class Institutions:
    """What came of it: the first lists with how many rows were planted in each, and what was done, in order."""

    taken: list[tuple[Taken, int]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    bill: Json = field(default_factory=dict)

    def days(self, season: Season, folder: Path) -> dict[date, Callable[[], None]]:
        """Return what is to be done on which day of the season; ``folder``: where the lists are written."""
        return {LIST_DAY: lambda: _enrol(self, season, folder), TRANSFER_DAY: lambda: _take_transfer(self, season)}


def _enrol(made: Institutions, season: Season, folder: Path) -> None:
    for founding in (UNIVERSITY, HOME):
        made.ids[founding.kind] = _found(season.desk.clerk, founding)
    lists = write_lists(season, folder)
    university, home = actor_named(UNIVERSITY.login), actor_named(HOME.login)
    made.told += _send(made, UNIVERSITY, lists[UNIVERSITY.kind], university, second_word=university)
    made.told.append(_bill(made, season, university))
    # What a welfare home says of its people costs the treasury money: the town says the second word (BN-3.3.3).
    made.told += _send(made, HOME, lists[HOME.kind], home, second_word=season.desk.clerk)


def _found(clerk: Actor, founding: Founding) -> int:
    at = moment(LIST_DAY, MORNING)
    added = add_institution(
        clerk,
        code=founding.code,
        name=founding.name,
        kind=founding.kind,
        division_code=TOWN_CODE,
        key=f"demo-found-{founding.code}",
        at=at,
    )
    institution = int(added["institution"])
    give_login(clerk, institution_id=institution, username=founding.login, key=f"demo-login-{founding.code}", at=at)
    return institution


def _send(made: Institutions, founding: Founding, lists: Lists, agent: Actor, *, second_word: Actor) -> Iterator[Told]:
    """Send a list with its mistakes, and in the afternoon the whole of it again with the slips mended."""
    institution = made.ids[founding.kind]
    first = _take(agent, institution, lists.first, second_word, moment(LIST_DAY, MORNING))
    made.taken.append((first, len(lists.planted)))
    again = _take(agent, institution, lists.mended, second_word, moment(LIST_DAY, AFTERNOON)).answer
    told = {"name": founding.name, "already": again["already"], "added": again["good_rows"] - again["already"]}
    yield N_("{name}更正后整份再报：已登记的{already}人不重复登记，补上{added}人"), told


def _take(agent: Actor, institution: int, path: Path, second_word: Actor, at: datetime) -> Taken:
    upload = Upload(name=path.name, content=path.read_bytes())
    terms: Json = {"policy_name": POLICY, "at": at}
    checked = check_members(agent, institution_id=institution, upload=upload, key=f"demo-check-{path.name}", **terms)
    accept_members(second_word, file_id=checked["file_id"], key=f"demo-accept-{path.name}", **terms)
    return Taken(path.name, checked, problems_by_reason(second_word, checked["file_id"], FileKind.MEMBERS))


def _bill(made: Institutions, season: Season, university: Actor) -> Told:
    """The town registers on the national platform who is not there yet (PJ-4.3), the university draws up one bill."""
    institution, at = made.ids[UNIVERSITY.kind], moment(LIST_DAY, AFTERNOON)
    registered = register_members_on_platform(
        season.desk.clerk, institution_id=institution, year=season.year, key="demo-members-platform", at=at
    )
    made.bill = open_bill(university, institution_id=institution, policy_name=POLICY, key="demo-bill", at=at)
    told = {**registered, "persons": made.bill["persons"], "yuan": format_yuan(made.bill["amount_fen"])}
    return N_("国家平台补登记{registered}人（PJ-4.3），全院{persons}人开出一张缴费通知单，{yuan}元"), told


def _take_transfer(made: Institutions, season: Season) -> None:
    arrived = Arrived(made.bill["amount_fen"], TRANSFER_DAY, REFERENCE)
    noted = note_transfer(
        season.desk.tax,
        order_id=made.bill["order"],
        arrived=arrived,
        policy_name=POLICY,
        key="demo-transfer",
        at=moment(TRANSFER_DAY, MORNING),
    )
    season.counted["payments"] += 1
    season.counted["persons"] += noted["cleared"]
    sentence = N_("两天后一笔对公转账到账：{cleared}人当天缴清，待遇到学年末止，应届毕业的到年底（PJ-7.4）")
    made.told.append((sentence, noted))


def look_back(made: Institutions, season: Season, *, at: datetime) -> list[Told]:
    """Return what was done, and what stands at the end of the season."""
    institution = queries.institution(season.desk.clerk, made.ids[HOME.kind])
    sums = institutional.totals(institution, year=season.year, at=at)
    home = {"name": HOME.name, "cleared": sums[institutional.CLEARED].persons}
    persons = made.bill["persons"] + sum(part.persons for part in sums.values())
    return [
        *made.told,
        (N_("{name}{cleared}人按特困、孤儿资助，个人应缴为零，随镇街零申报到账（BN-3.3.3）"), home),
        (N_("这{persons}人由单位在镇本级参保：没有分配任务，不计入任何村的完成数"), {"persons": persons}),
    ]
