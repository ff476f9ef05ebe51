"""The demo's first days: offices and villages are set up, the office's files come in through its own importers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.demo import cast
from yingbao.demo.agents import Agent
from yingbao.demo.mistakes import Kind, Planted
from yingbao.demo.people import SEASON_BEGIN, Town
from yingbao.demo.registers import REGISTER_FILE, write_newborns, write_register
from yingbao.demo.rosters import roster_file_name, write_rosters
from yingbao.demo.targets import TOWN_CODE, write_annex2
from yingbao.kernel.errors import RowProblem
from yingbao.policy import get_policy
from yingbao.registry.kinds import FileKind
from yingbao.registry.queries import file, problems_of
from yingbao.registry.recognising.matching import find_people
from yingbao.registry.uploads import Upload
from yingbao.storage.encrypted import blind_index
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.import_register import accept_register, check_register
from yingbao.usecases.import_rosters import accept_roster, check_roster
from yingbao.usecases.import_targets import accept_targets, check_targets
from yingbao.usecases.receipts import hand_receipts, hand_receipts_to_town, register_receipts, set_seal

BEIJING = ZoneInfo("Asia/Shanghai")
POLICY = "liangping-2023"
MONTH = date(2022, 11, 1)
# The demo is shown on a Thursday two days before late enrolment closes: there is still somebody to enrol.
SHOWN_ON = date(2023, 9, 28)
BOOK_SIZE = 1500
SEAL = "屏锦镇社会保障服务所"
ANNEX_2 = "annex2_targets.xlsx"
Check = Callable[..., Json]


@dataclass(frozen=True, slots=True)
class Taken:
    """One file that came in: what the check said, and of each kind of problem how many and the first two."""

    name: str
    answer: Json
    problems: Sequence[tuple[int, Sequence[RowProblem]]] = ()


@dataclass(frozen=True)
class Desk:
    """Who acts in the demo, and where its files lie."""

    folder: Path
    bureau: Actor
    tax: Actor
    clerk: Actor
    second_clerk: Actor
    departments: Mapping[str, Actor]
    agents: Sequence[Actor]
    channels: Mapping[str, Actor]


def moment(on: date, at: time) -> datetime:
    """Return a time of day in Beijing."""
    return datetime.combine(on, at, BEIJING)


OPENING = moment(SEASON_BEGIN, time(8, 30))


def set_up(folder: Path, agents: Sequence[Agent]) -> Desk:
    """Make the divisions and users of the demo and return who acts in it."""
    everyone = cast.logins(agents)
    with unit_of_work():
        cast.found_divisions()
        cast.people_offices(everyone)
    departments = {one.department: accounts.actor_named(one.username) for one in everyone if one.department}
    return Desk(
        folder=folder,
        bureau=accounts.actor_named("yibao"),
        tax=accounts.actor_named("shuiwu"),
        clerk=accounts.actor_named("zhen1"),
        second_clerk=accounts.actor_named("zhen2"),
        departments=departments,
        agents=[accounts.actor_named(f"cun{agent.village + 1:02d}") for agent in agents],
        channels={
            one.username.removeprefix("channel-"): accounts.actor_named(one.username)
            for one in everyone
            if not one.logs_in
        },
    )


def hand_out_receipts(desk: Desk) -> None:
    """The bureau hands the town a printed run; the town sets up its seal and gives every village agent a book."""
    run: Json = {"series": "2023", "first": 1, "last": len(desk.agents) * BOOK_SIZE, "on": SEASON_BEGIN, "at": OPENING}
    register_receipts(desk.bureau, key="demo-print", **run)
    hand_receipts_to_town(desk.bureau, town=TOWN_CODE, key="demo-run", **run)
    set_seal(desk.clerk, text=SEAL, on=SEASON_BEGIN, key="demo-seal", at=OPENING)
    for number, agent in enumerate(desk.agents):
        first = 1 + number * BOOK_SIZE
        book = {**run, "first": first, "last": first + BOOK_SIZE - 1}
        hand_receipts(desk.clerk, agent=f"cun{number + 1:02d}", key=f"demo-book-{agent.user_id}", **book)


@dataclass(frozen=True, slots=True)
class Files:
    """The files an office would hold, and the mistakes planted in them."""

    newborns: Mapping[date, Path]
    planted: Sequence[Planted]
    passwords: Mapping[str, str]

    def planted_rows(self, *, rosters: bool) -> int:
        """Return how many rows must come back as errors from the rosters, or from the register."""
        mistakes = (one for one in self.planted if one.kind is not Kind.TWO_IDENTITIES)
        return sum(one.file.startswith("roster") == rosters for one in mistakes)


def write_files(town: Town, folder: Path) -> Files:
    """Write annex 2, the register, the newborn lists and five encrypted rosters into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    write_annex2(folder / ANNEX_2)
    planted = write_register(town, folder / REGISTER_FILE)
    passwords = {code: cast.roster_password(code) for code, _, _ in cast.DEPARTMENTS}
    planted += write_rosters(town, folder, passwords=passwords)
    return Files(write_newborns(town, folder), planted, passwords)


def take_targets(desk: Desk) -> Taken:
    """Import annex 2 as the bureau would."""
    due_on = get_policy(POLICY).default_as_of
    upload = Upload(name=ANNEX_2, content=(desk.folder / ANNEX_2).read_bytes())
    checked = check_targets(
        desk.bureau,
        upload=upload,
        division_code=TOWN_CODE,
        year=get_policy(POLICY).year,
        due_on=due_on,
        key="demo-check-targets",
        at=OPENING,
    )
    accept_targets(desk.bureau, file_id=checked["file_id"], key="demo-accept-targets", at=OPENING)
    return Taken(ANNEX_2, checked, problems_by_reason(desk.bureau, checked["file_id"], FileKind.TARGETS))


def take_register(desk: Desk, path: Path, *, at: datetime = OPENING) -> Taken:
    """Import a register file as the town office would: the good rows only, by its second word."""
    upload = Upload(name=path.name, content=path.read_bytes())
    checked = check_register(desk.clerk, upload=upload, policy_name=POLICY, key=f"demo-check-{path.name}", at=at)
    accept_register(desk.clerk, file_id=checked["file_id"], key=f"demo-accept-{path.name}", at=at)
    return Taken(path.name, checked, problems_by_reason(desk.clerk, checked["file_id"], FileKind.REGISTER))


def take_rosters(desk: Desk, files: Files) -> list[Taken]:
    """Import the five rosters: each department brings its own, the bureau accepts them."""
    taken = []
    for department, password in files.passwords.items():
        name = roster_file_name(department)
        upload = Upload(name=name, content=(desk.folder / name).read_bytes(), password=password)
        officer = desk.departments[department]
        checked = check_roster(
            officer, upload=upload, month=MONTH, policy_name=POLICY, key=f"demo-check-{name}", at=OPENING
        )
        accept_roster(desk.bureau, file_id=checked["file_id"], key=f"demo-accept-{name}", at=OPENING)
        taken.append(Taken(name, checked, problems_by_reason(desk.bureau, checked["file_id"], FileKind.ROSTER)))
    return taken


def let_a_resident_in(town: Town, ids: Mapping[int, int]) -> None:
    """Give the first person with two identities a login, so that there is something to explain to a resident."""
    person = min(person for person, codes in town.codes_by_person().items() if len(codes) > 1 and person in ids)
    with unit_of_work():
        cast.let_in(ids[person])


def find_ids(town: Town, persons: Sequence[int]) -> dict[int, int]:
    """Return person number → resident id of those of ``persons`` whom the register holds."""
    indexes = {blind_index(town.people[person].number): person for person in persons}
    return {indexes[index]: held.resident_id for index, held in find_people(indexes).items()}


def problems_by_reason(actor: Actor, file_id: int, kind: FileKind) -> list[tuple[int, list[RowProblem]]]:
    """Return of each kind of problem in a file how many there are and the first two."""
    found: defaultdict[str, list[RowProblem]] = defaultdict(list)
    for problem in problems_of(file(actor, file_id, kind)):
        found[problem.reason.template].append(problem)
    return [(len(alike), alike[:2]) for alike in found.values()]
