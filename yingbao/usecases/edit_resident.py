"""Change what the register says of a person, or of where a household lives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.certificates import Certificate, parse
from yingbao.kernel.errors import BadInput, Conflict, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.registry.editing import entries, homes, records
from yingbao.registry.editing.history import Why, change
from yingbao.registry.kinds import Action, Eligibility, Evidence, Population, Relation
from yingbao.storage.fields import Json
from yingbao.usecases.groups import bases
from yingbao.usecases.once import once

if TYPE_CHECKING:
    from yingbao.registry.models import Resident

UNCHANGED = ""


def edit_resident(
    actor: Actor,
    *,
    resident_id: int,
    version: int,
    sent: Mapping[str, str],
    policy_name: str,
    key: str,
    at: datetime,
    evidence: str = UNCHANGED,
    reason: str = "",
) -> Json:
    """Give a person's fields the values of a form: ``sent`` is field → text, fields not sent stay as they are.

    ``evidence`` (Evidence) names the group of the notice anew; any but the household booklet waits for the town
    office's review. Returns ``{"resident": id, "fields": [changed]}``. With EDIT_CONTACT only phone, residence and
    bank account may be sent, or Forbidden. Raises NotFound, BadInput for a value or a missing reason, Refused for a
    birth or sex that the certificate tells otherwise, Conflict where somebody changed the record in between.
    """
    contact_only = sent.keys() <= entries.CONTACT and evidence == UNCHANGED
    actor.must(Right.EDIT_CONTACT if contact_only else Right.EDIT_REGISTER)
    inputs = {"resident": resident_id, "version": version, "sent": dict(sent), "evidence": evidence, "reason": reason}
    inputs |= {"policy": policy_name}

    def effect() -> Json:
        person = records.lock(actor, resident_id, version=version)  # first: a stale form holds stale masks
        values = _read(sent, evidence, policy_name)
        _check(person, values, reason)
        why = Why(actor, Action.EDITED, at, reason.strip(), key=key)
        changed = sorted(field for field, value in values.items() if getattr(person, field) != value)
        change(person, values, why=why)
        if "eligibility" in values:
            records.ask_review(person, evidence, why=why)
        _tell(actor, "edit-resident", ("resident", person.pk), person.division_id, {"fields": changed}, key, at)
        return {"resident": person.pk, "fields": changed}

    return once(actor, key=key, use_case="edit-resident", inputs=inputs, at=at, effect=effect)


def _read(sent: Mapping[str, str], evidence: str, policy_name: str) -> dict[str, object]:
    """Return field → value of what a form sent. Raises BadInput."""
    values: dict[str, object] = dict(entries.read_values(sent))
    if evidence != UNCHANGED:
        rules = bases(get_policy(policy_name))
        values["basis"] = rules[entries.read_evidence(evidence, rules)]
    if evidence not in (UNCHANGED, Evidence.HOUSEHOLD_BOOKLET):
        values["eligibility"] = Eligibility.PENDING.value
    return values


def _check(person: Resident, values: Mapping[str, object], reason: str) -> None:
    changed = {field for field, value in values.items() if getattr(person, field) != value}
    if changed & entries.NEEDS_REASON:
        entries.read_reason(reason)
    if "relation" in changed and Relation.HEAD in (person.relation, values["relation"]):
        raise BadInput(say(N_("户主不能在这里更改。")), todo=say(N_("请在本户页面办理“变更户主”。")))
    after = {field: values.get(field, getattr(person, field)) for field in ("population", "graduating")}
    if after["graduating"] and after["population"] != Population.STUDENT:
        raise BadInput(say(N_("只有大学生可以标为当年毕业。")))
    grades = [values.get(field, getattr(person, field)) for field in ("disability_kind", "disability_grade")]
    if (grades[0] is None) != (grades[1] is None):
        raise BadInput(say(N_("残疾类别和等级要么都填，要么都不填。")))
    _check_against_certificate(person, values, changed)


def _check_against_certificate(person: Resident, values: Mapping[str, object], changed: set[str]) -> None:
    if not changed & {"birth_on", "sex"}:
        return
    told = told_by_certificate(person.certificate_number)
    if changed & told:
        raise Refused(
            say(N_("出生日期和性别由证件号码决定，没有修改。")),
            fact=say(N_("本人证件号码中写明了出生日期或性别。")),
            todo=say(N_("如证件号码登记有误，请办理“更换证件”，一并更正。")),
        )


def told_by_certificate(number: str) -> frozenset[str]:
    """Return which of ``birth_on`` and ``sex`` a number itself tells."""
    found = parse(number)
    if not isinstance(found, Certificate):
        return frozenset()
    return frozenset(name for name, value in (("birth_on", found.birth_on), ("sex", found.sex)) if value is not None)


def edit_address(actor: Actor, *, household_id: int, address: str, was: str, key: str, at: datetime) -> Json:
    """Give a household another address; ``was`` is the one the form showed.

    Returns ``{"household": id}``. Raises Forbidden, NotFound, BadInput, Conflict where it is another by now.
    """
    actor.must(Right.EDIT_CONTACT)
    text = entries.short_text(120)(address)
    if not text:
        raise BadInput(say(N_("没有填写地址。")), todo=say(N_("请填写这一户现在的地址。")))
    inputs = {"household": household_id, "address": text, "was": was}

    def effect() -> Json:
        (home,) = homes.lock(actor, household_id)
        if home.household.address != was:
            raise Conflict(say(N_("地址刚刚被别人修改过，您的修改没有保存。")), todo=say(N_("请刷新页面后再改。")))
        change(home.household, {"address": text}, why=Why(actor, Action.EDITED, at, key=key))
        village = home.household.division_id
        _tell(actor, "edit-household", ("household", household_id), village, {"fields": ["address"]}, key, at)
        return {"household": household_id}

    return once(actor, key=key, use_case="edit-household", inputs=inputs, at=at, effect=effect)


def _tell(
    actor: Actor, action: str, subject: tuple[str, int], division_code: int, detail: Json, key: str, at: datetime
) -> None:
    audit.record(actor, action, subject=subject, division_code=division_code, at=at, detail=detail, request_key=key)
