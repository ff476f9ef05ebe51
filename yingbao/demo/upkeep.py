"""A morning at the town office in September: lists come in, families change, papers are handed in and looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from yingbao.accounts.actors import Actor
from yingbao.demo.desk import POLICY, SHOWN_ON
from yingbao.demo.numbers import COUNTY_AREA, DISTRICT_AREA, OUTSIDE_HUKOU, Numbers
from yingbao.demo.people import Resident
from yingbao.demo.season import Season
from yingbao.demo.targets import village_code
from yingbao.demo.town import stream
from yingbao.demo.upkeep_lists import Told, take_lists
from yingbao.kernel.certificates import Form
from yingbao.kernel.messages import N_
from yingbao.kernel.periods import DAY
from yingbao.registry import queries
from yingbao.registry.eligibility.attachments import Scan
from yingbao.registry.eligibility.evidence import Document
from yingbao.registry.finding import quality
from yingbao.registry.finding.listing import NO, Filter
from yingbao.registry.kinds import Evidence
from yingbao.storage.fields import Json
from yingbao.usecases.assign_mending import assign_mending
from yingbao.usecases.change_certificate import change_certificate
from yingbao.usecases.change_household import Asking, Place, Shown, split_household
from yingbao.usecases.confirm_identities import confirm_village
from yingbao.usecases.merge_residents import merge_residents
from yingbao.usecases.register_resident import Entry, register_resident
from yingbao.usecases.review_eligibility import Word, review_eligibility
from yingbao.usecases.save_filter import save_filter
from yingbao.usecases.submit_eligibility import submit_eligibility

MEND_WITHIN = 14 * DAY
WORST_VILLAGES = 3
PERMIT_HOLDER_BORN = date(1991, 5, 6)
BLANK_PAGE = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def keep_up(season: Season, *, folder: Path, at: datetime) -> list[Told]:
    """Do a morning's work on the register and its lists; say what was done, sentence by sentence."""
    return [*take_lists(season, folder=folder, at=at), *_change_people(season, at), *_look_after(season, at)]


def _change_people(season: Season, at: datetime) -> Iterator[Told]:
    clerk = season.desk.clerk
    numbers = Numbers(stream(season.town.seed, "upkeep"))
    yield _split(season, clerk, at)
    yield _name_a_newborn(season, clerk, numbers, at)
    yield _merge_a_twin(season, clerk, numbers, at)
    yield _review_papers(season, numbers, at)


def _split(season: Season, clerk: Actor, at: datetime) -> Told:
    """A grown child makes a household of their own."""
    home = queries.household(clerk, queries.resident(clerk, _first_grown_child(season)).household_id)
    members = {one.pk: one for one in home.members.all()}
    child = next(one for one in members.values() if one.pk == _first_grown_child(season))
    relations = {child.pk: "head"}
    shown = Shown(home.pk, {pk: one.version for pk, one in members.items()}, relations)
    asking = Asking(clerk, "子女成年成家，凭户口簿分户", "demo-upkeep-split", at)
    place = Place(home.division_id, f"{home.number}-1", home.address)
    split_household(asking, shown, moving=[child.pk], place=place)
    return N_("分户：子女成家另立一户，两户各有户主"), {}


def _first_grown_child(season: Season) -> int:
    born_by = SHOWN_ON.replace(year=SHOWN_ON.year - 22)
    found = (
        resident_id
        for person, resident_id in sorted(season.ids.items())
        if season.town.people[person].relation == "child" and season.town.people[person].born_on < born_by
    )
    return next(found)


def _name_a_newborn(season: Season, clerk: Actor, numbers: Numbers, at: datetime) -> Told:
    """A child known by the birth certificate gets an ID number and stays the same person."""
    person = next(n for n, one in _newborns(season) if one.form is Form.BIRTH_CERTIFICATE)
    child, held = season.town.people[person], queries.resident(clerk, season.ids[person])
    number = numbers.id_card(born_on=child.born_on, is_male=child.is_male, area=COUNTY_AREA)  # nobody's of that age
    change_certificate(
        clerk,
        resident_id=held.pk,
        version=held.version,
        number=number,
        birth_on=None,
        sex="",
        reason="新生儿落户，取得身份证号码",
        key="demo-upkeep-certificate",
        at=at,
    )
    return N_("新生儿取得身份证号码：仍是同一人，出生医学证明号码照样查得到"), {}


def _newborns(season: Season) -> Iterator[tuple[int, Resident]]:
    first = len(season.town.residents)
    return ((first + n, one) for n, one in enumerate(season.town.newborns) if first + n in season.ids)


def _merge_a_twin(season: Season, clerk: Actor, numbers: Numbers, at: datetime) -> Told:
    """Somebody was entered again elsewhere under a mistaken number; the two records become one."""
    person = next(n for n, one in enumerate(season.town.residents) if one.relation == "spouse" and n in season.ids)
    twin, kept = season.town.people[person], season.ids[person]
    number = numbers.id_card(born_on=twin.born_on, is_male=twin.is_male, area=DISTRICT_AREA)  # nobody's of that age
    entry = Entry(name=twin.name, number=number, relation="head", evidence=Evidence.HOUSEHOLD_BOOKLET.value)
    place = Place(village_code((twin.village + 1) % len(season.desk.agents)), "T0001", "集市1号")
    again = register_resident(
        clerk,
        entry=entry,
        home=place,
        policy_name=POLICY,
        key="demo-upkeep-twin",
        at=at,
        told_apart=[kept],
    )
    merge_residents(
        clerk,
        keep_id=kept,
        drop_id=again["resident"],
        versions={},
        reason="核对户口簿，确为同一人",
        on=SHOWN_ON,
        key="demo-upkeep-merge",
        at=at,
    )
    return N_("同一人以两个号码登记：合并为一条，两个号码都查得到"), {}


def _review_papers(season: Season, numbers: Numbers, at: datetime) -> Told:
    """Somebody from outside shows a residence permit: the village hands it in, the town office looks at it."""
    area, hukou = next(iter(OUTSIDE_HUKOU.items()))
    number = numbers.id_card(born_on=PERMIT_HOLDER_BORN, is_male=False, area=area)
    entry = Entry("竺远行", number, "head", Evidence.RESIDENCE_PERMIT.value, hukou=hukou, on_platform=True)
    agent, village = season.desk.agents[0], village_code(0)
    place = Place(village, "T0002", "新街2号")
    clerk = season.desk.clerk
    terms: Json = {"policy_name": POLICY, "at": at}
    new = register_resident(clerk, entry=entry, home=place, key="demo-upkeep-permit", **terms)
    paper = Document(Evidence.RESIDENCE_PERMIT, "500155000000000001", SHOWN_ON + timedelta(days=300))
    handed = submit_eligibility(
        agent,
        resident_id=new["resident"],
        basis="PJ-2.4",
        document=paper,
        scans=[Scan("居住证.pdf", BLANK_PAGE)],
        on=SHOWN_ON,
        key="demo-upkeep-hand-in",
        **terms,
    )
    review_eligibility(
        clerk, review_id=handed["review"], word=Word(True), on=SHOWN_ON, key="demo-upkeep-review", **terms
    )
    return N_("居住证持有人：村里提交、镇里审核，通过后方可参保（PJ-2）"), {}


def _look_after(season: Season, at: datetime) -> Iterator[Told]:
    """The town confirms a village's identities, hands out what is to be mended, keeps a filter."""
    clerk = season.desk.clerk
    terms: Json = {"on": SHOWN_ON, "at": at}
    confirmed = confirm_village(clerk, village=village_code(0), year=season.year, key="demo-upkeep-confirm", **terms)
    yield N_("镇街申报时再次确认一个村的资助身份：{confirmed}人（PJ-5.2.1）"), confirmed
    board = quality.board(clerk, on=SHOWN_ON)
    worst = sorted(board.people, key=lambda code: (-sum(board.to_mend(code).values()), code))[:WORST_VILLAGES]
    due_on = SHOWN_ON + MEND_WITHIN
    assigned = assign_mending(clerk, villages=worst, due_on=due_on, key="demo-upkeep-mend", **terms)
    told = {**assigned, "due_on": due_on}
    yield N_("台账质量：问题最多的{villages}个村交办整改，共{persons}人次，限{due_on}前"), told
    save_filter(clerk, name="未登记国家平台", wanted=Filter(platform=NO), key="demo-upkeep-filter", at=at)
