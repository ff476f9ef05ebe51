"""Hand in the evidence that somebody is of a group that may enrol (BN-2, PJ-2); the town office looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.divisions.codes import SIZES, Scope
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import Policy, get_policy
from yingbao.registry import queries as registry
from yingbao.registry.editing import history
from yingbao.registry.editing.history import Why
from yingbao.registry.eligibility import attachments, evidence, papers
from yingbao.registry.eligibility.attachments import Scan
from yingbao.registry.eligibility.evidence import Document, Holder
from yingbao.registry.kinds import Action, Eligibility, ResidentState
from yingbao.storage.encrypted import blind_index
from yingbao.storage.fields import Json
from yingbao.usecases.custody import working_days_after
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.policy.listings import Group
    from yingbao.registry.models import EligibilityReview, Resident

WORKING_DAYS = 3


def submit_eligibility(
    actor: Actor,
    *,
    resident_id: int,
    basis: str,
    document: Document,
    scans: Sequence[Scan],
    policy_name: str,
    on: date,
    key: str,
    at: datetime,
) -> Json:
    """Hand in a document and its scans for a group of the notice; ``basis`` is the group's id, e.g. BN-2.2.

    Whoever was refused waits (PENDING) from now on. Whoever is accepted on another basis stays accepted until the
    word is spoken: handing in a paper must not keep anybody from enrolling who could a minute before.
    Returns ``{"review": id, "doubts": [sentence]}``. Raises Forbidden, NotFound, BadInput for a document that is not
    the group's, Refused for one that has expired or cannot show it, or where papers are waiting already.
    """
    actor.must(Right.SUBMIT_ELIGIBILITY)
    attachments.check(scans)
    policy = get_policy(policy_name)
    group = _group(policy, basis)
    found = registry.resident(actor, resident_id)
    doubts = evidence.check(group, document, _holder(found), on=on)

    def effect(written: list[int]) -> Json:
        person = history.lock_resident(resident_id)
        actor.must_reach(person.division_id)
        _must_be_here(person)
        review = papers.hand_in(actor, person, basis=group.id, document=document, at=at)
        attachments.add(actor, review, scans, at=at, written=written)
        if person.eligibility == Eligibility.REFUSED:
            why = Why(actor, Action.ELIGIBILITY, at, key=key)
            history.change(person, {"eligibility": Eligibility.PENDING.value}, why=why)
        _ask_for_the_word(actor, person, review, on)
        _tell(actor, person, review, len(scans), key, at)
        return {"review": review.pk, "doubts": [str(one) for one in doubts]}

    inputs = {
        "resident": resident_id,
        "basis": basis,
        "evidence": document.evidence.value,
        "number": blind_index(document.number).hex(),  # a plain hash of a number could be guessed back
        "valid_until": document.valid_until and document.valid_until.isoformat(),
        "scans": [scan.sha256 for scan in scans],
        **{"policy": policy_name, "on": on},
    }
    with attachments.nothing_left_behind() as written:
        return once(actor, key=key, use_case="submit-eligibility", inputs=inputs, at=at, effect=lambda: effect(written))


def _group(policy: Policy, basis: str) -> Group:
    found = next((one for one in policy.file.groups if one.id == basis), None)
    if found is None:
        raise BadInput(say(N_("请选择参保对象类别。")), todo=say(N_("类别以当年文件规定的参保对象为准。")))
    return found


def _holder(person: Resident) -> Holder:
    code = person.division_id - person.division_id % SIZES["city"]
    city = divisions.within(Scope(code, code + 1)).first()
    return Holder(person.birth_on, person.hukou, city.name if city else "")


def _must_be_here(person: Resident) -> None:
    if person.state != ResidentState.PRESENT:
        raise Refused(say(N_("这个人已不在册，不能提交参保资格材料。")))


def _ask_for_the_word(actor: Actor, person: Resident, review: EligibilityReview, on: date) -> None:
    """Open a work item for the town of the person's village: somebody else there must look at it."""
    owner = accounts.owner_for(person.division_id - person.division_id % SIZES["town"], but=actor.user_id)
    if owner is None:
        return
    finding = Finding(
        kind=Kind.ELIGIBILITY_TO_REVIEW,
        division_code=person.division_id,
        owner_id=owner.pk,
        subject=("resident", person.pk),
        due_on=working_days_after(on, WORKING_DAYS),
        detail={"review": review.pk, "basis": review.basis},
    )
    worklist.open_items([finding], on=on)


def _tell(actor: Actor, person: Resident, review: EligibilityReview, scans: int, key: str, at: datetime) -> None:
    audit.record(
        actor,
        "submit-eligibility",
        subject=("resident", person.pk),
        division_code=person.division_id,
        at=at,
        detail={"review": review.pk, "basis": review.basis, "evidence": review.evidence, "attachments": scans},
        request_key=key,
    )
