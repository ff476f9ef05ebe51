"""Register a person who is in no file: into a household that is there, or a new one; newborns by birth certificate."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.certificates import Form
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.registry.editing import entries, homes, records
from yingbao.registry.editing.entries import Papers
from yingbao.registry.editing.history import Why
from yingbao.registry.editing.homes import Home
from yingbao.registry.editing.records import Newcomer
from yingbao.registry.kinds import Action, Eligibility, Evidence, HouseholdState, Relation
from yingbao.registry.recognising import doubles
from yingbao.registry.recognising.doubles import Alike
from yingbao.storage.fields import Json
from yingbao.usecases.change_household import Place
from yingbao.usecases.groups import bases
from yingbao.usecases.once import once

if TYPE_CHECKING:
    from yingbao.registry.models import Resident


TOLD_APART = "登记时经办人核对，不是同一人"  # kept in the record, whatever language the reader's page is in


@dataclass(frozen=True, slots=True)
class Entry:
    """What the form says of a person, as text but for the day of birth; ``evidence`` names the group (Evidence)."""

    name: str
    number: str
    relation: str
    evidence: str
    form: Form | None = None
    birth_on: date | None = None
    sex: str = ""
    phone: str = ""
    hukou: str = ""
    residence: str = ""
    population: str = "resident"
    graduating: bool = False
    on_platform: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Who in the register may be the person of an entry.

    ``holder`` has the same number, where the actor may know; ``taken`` tells that somebody has it; ``alike`` have
    the same name and birth in the district.
    """

    holder: Resident | None
    taken: bool
    alike: Alike


def look_up(actor: Actor, entry: Entry, *, division_code: int, on: date) -> Known:
    """Return who may be the person of an entry already. Raises Forbidden, NotFound, BadInput as registering does."""
    actor.must(Right.EDIT_REGISTER)
    actor.must_reach(division_code)
    papers = read_papers(entry, on=on)
    holder, taken = doubles.seen_holder(actor, papers.blind)
    name = entries.read_name(entry.name)
    alike = doubles.alike(actor, name=name, birth_on=papers.birth_on, division_code=division_code)
    return Known(holder, taken, Alike() if taken else alike)


def read_papers(entry: Entry, *, on: date) -> Papers:
    """Return the certificate of an entry with birth and sex. Raises BadInput."""
    return entries.read_papers(entry.number, form=entry.form, birth_on=entry.birth_on, sex=entry.sex, on=on)


def register_resident(
    actor: Actor,
    *,
    entry: Entry,
    home: int | Place,
    policy_name: str,
    key: str,
    at: datetime,
    told_apart: Collection[int] = (),
    hidden: int = 0,
) -> Json:
    """Register a person into a household (its id) or a new one (a Place of the actor's divisions).

    Whoever has the same name and birth in the district must be told apart: ``told_apart`` are their ids, ``hidden``
    how many the actor may not see. Returns ``{"resident": id, "household": id}``. Raises Forbidden, NotFound,
    BadInput, Refused where the number is somebody's or people alike were not told apart, Conflict.
    """
    actor.must(Right.EDIT_REGISTER)
    newcomer = _newcomer(entry, policy_name, on=timezone.localdate(at))
    inputs = {
        "person": newcomer.papers.blind.hex(),
        "facts": sorted((name, str(value)) for name, value in newcomer.facts.items()),
        "name": newcomer.name,
        "relation": newcomer.relation,
        "home": repr(home),
        "told_apart": sorted(told_apart),
        "hidden": hidden,
    }

    def effect() -> Json:
        why = Why(actor, Action.REGISTERED, at, key=key)
        found = _open(actor, home, newcomer, why)
        household = found.household
        records.claim([newcomer.papers.blind])
        records.refuse_taken(newcomer.papers.blind)
        alike = _told_apart(actor, newcomer, household.division_id, told_apart, hidden)
        person = records.add_resident(newcomer, household, why=why)
        records.tell_apart(person, (one.pk for one in alike.seen), reason=TOLD_APART, why=why)
        if person.eligibility == Eligibility.PENDING:
            records.ask_review(person, entry.evidence, why=why)
        _tell(actor, person, why)
        return {"resident": person.pk, "household": household.pk}

    return once(actor, key=key, use_case="register-resident", inputs=inputs, at=at, effect=effect)


def _newcomer(entry: Entry, policy_name: str, *, on: date) -> Newcomer:
    rules = bases(get_policy(policy_name))
    evidence = entries.read_evidence(entry.evidence, rules)
    texts = {name: getattr(entry, name) for name in ("phone", "hukou", "residence", "population")}
    facts = entries.read_values(texts) | {
        "graduating": entry.graduating and entry.population == "university_student",
        "on_platform": entry.on_platform,
        "basis": rules[evidence],
        "eligibility": _eligibility(evidence),
    }
    name, relation = entries.read_name(entry.name), entries.read_relation(entry.relation)
    return Newcomer(name, read_papers(entry, on=on), relation, facts)


def _eligibility(evidence: str) -> str:
    """The booklet is looked at when somebody is registered, and so is a birth certificate: it is their number."""
    seen = (Evidence.HOUSEHOLD_BOOKLET, Evidence.BIRTH_CERTIFICATE)
    return (Eligibility.ACCEPTED if evidence in seen else Eligibility.PENDING).value


def _open(actor: Actor, home: int | Place, newcomer: Newcomer, why: Why) -> Home:
    """Return the locked household, made where it is a new one, and see that it will have one head."""
    if isinstance(home, Place):
        household = homes.add(actor, home.division_code, home.number, home.address, why=why)
        found = Home(household, {})
    else:
        (found,) = homes.lock(actor, home)
    if found.household.state == HouseholdState.DISSOLVED:
        raise Refused(say(N_("这一户已经并户或销户，不能再办理。")), todo=say(N_("请核对户号。")))
    if (newcomer.relation == Relation.HEAD) == any(one.relation == Relation.HEAD for one in found.members.values()):
        raise BadInput(
            say(N_("每一户须有且只有一位户主。")),
            todo=say(N_("新立的户，这个人就是户主；已有户主的户，请选择与户主的关系。")),
        )
    return found


def _told_apart(
    actor: Actor, newcomer: Newcomer, division_code: int, told_apart: Collection[int], hidden: int
) -> Alike:
    alike = doubles.alike(actor, name=newcomer.name, birth_on=newcomer.papers.birth_on, division_code=division_code)
    if not alike.unless(told_apart, hidden=hidden):
        raise Refused(
            say(N_("本区有同名、同一天出生的人，没有登记。")),
            todo=say(N_("请逐一核对；确实不是同一人的，勾选“不是同一人”后再提交。")),
        )
    return alike


def _tell(actor: Actor, person: Resident, why: Why) -> None:
    audit.record(
        actor,
        "register-resident",
        subject=("resident", person.pk),
        division_code=person.division_id,
        at=why.at,
        detail={"household": person.household_id},
        request_key=why.key,
    )
