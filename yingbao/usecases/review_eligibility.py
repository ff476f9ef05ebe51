"""The town office's word on evidence handed in (PJ-8.3.1), by somebody else than handed it in; and a look at a scan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import Policy, get_policy
from yingbao.registry import queries as registry
from yingbao.registry.editing import history
from yingbao.registry.editing.history import Why
from yingbao.registry.eligibility import attachments, evidence, papers
from yingbao.registry.facts import of_residents
from yingbao.registry.kinds import Action, Eligibility, ElsewhereKind
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind

if TYPE_CHECKING:
    from yingbao.registry.models import EligibilityReview, Resident

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Word:
    """What the town office says of evidence; a refusal says why."""

    accepted: bool
    reason: str = ""


def review_eligibility(
    actor: Actor, *, review_id: int, word: Word, policy_name: str, on: date, key: str, at: datetime
) -> Json:
    """Accept or refuse the evidence of a waiting review.

    Accepted: the person may enrol on the group's rule. Refused: they may not, unless they were accepted before on
    another group, which the refusal leaves as it is. Returns ``{"review": id, "resident": id, "eligibility": state}``.
    Raises Forbidden, NotFound, BadInput for a refusal without reason, Refused for whoever handed the evidence in,
    for an accepted document that has expired or has no scan, and for the employee-insured (BN-2.0).
    """
    actor.must(Right.REVIEW_ELIGIBILITY)
    policy, reason = get_policy(policy_name), _reason(word)
    resident_id = papers.review(actor, review_id).resident_id

    def effect() -> Json:
        person = history.lock_resident(resident_id)
        actor.must_reach(person.division_id)
        review = papers.lock_waiting(review_id)
        _must_be_another(actor, review)
        if word.accepted:
            _must_stand(policy, review, person, on)
        state = Eligibility.ACCEPTED if word.accepted else Eligibility.REFUSED
        values = _outcome(policy, review, person, state)
        papers.decide(actor, review, state=state, reason=reason, at=at)
        history.change(person, values, why=Why(actor, Action.ELIGIBILITY, at, reason, key=key))
        done = say(N_("参保资格已审核：{state}"), state=str(state.label))
        worklist.close_about(
            Kind.ELIGIBILITY_TO_REVIEW, "resident", [person.pk], by_id=actor.user_id, reason=str(done), at=at
        )
        _tell(actor, person, review, state, key, at)
        return {"review": review.pk, "resident": person.pk, "eligibility": person.eligibility}

    inputs = {"review": review_id, "accepted": word.accepted, "reason": reason, "policy": policy_name, "on": on}
    return once(actor, key=key, use_case="review-eligibility", inputs=inputs, at=at, effect=effect)


def _reason(word: Word) -> str:
    reason = word.reason.strip()
    if not word.accepted and not reason:
        raise BadInput(say(N_("不予通过必须写明原因。")), todo=say(N_("请写明缺什么、应补什么，居民会看到。")))
    if len(reason) > LONGEST_REASON:
        raise BadInput(say(N_("填写的内容太长（最多 {limit} 字）。"), limit=LONGEST_REASON))
    return reason


def _must_be_another(actor: Actor, review: EligibilityReview) -> None:
    if review.submitted_by_id == actor.user_id:
        raise Refused(say(N_("材料是您本人提交的，不能由您审核。")), todo=say(N_("请由社保所另一位同事审核。")))


def _must_stand(policy: Policy, review: EligibilityReview, person: Resident, on: date) -> None:
    if not review.attachments.exists():
        raise Refused(say(N_("还没有提交证件，不能通过。")), todo=say(N_("请先在居民页面提交参保资格材料。")))
    evidence.must_be_valid(papers.document_of(review), on=on)
    if ElsewhereKind.EMPLOYEE in of_residents([person.pk], on=on)[person.pk].elsewhere:
        rule = next((one.rule for one in policy.file.excluded if one.code == "employee_insurance"), None)
        raise Refused(
            say(N_("已参加职工医保，不属于参保对象。")),
            fact=say(N_("依据 {rule}。"), rule=rule) if rule else None,
            todo=say(N_("停保后再审核；现在可以不予通过，写明原因。")),
        )


def _outcome(policy: Policy, review: EligibilityReview, person: Resident, state: Eligibility) -> Json:
    group = evidence.group_of(policy, review.basis, review.evidence)
    rule = (group.rule or group.id) if group else review.basis
    if state == Eligibility.ACCEPTED:
        return {"eligibility": state.value, "basis": rule}
    if person.eligibility == Eligibility.ACCEPTED:
        shared = sum((one.rule or one.id) == rule for one in policy.file.groups) > 1
        names = [review.basis] if shared else [review.basis, rule]
        if not papers.rests_on(person, names, but=review.pk):
            return {}
    return {"eligibility": state.value}


def _tell(
    actor: Actor, person: Resident, review: EligibilityReview, state: Eligibility, key: str, at: datetime
) -> None:
    audit.record(
        actor,
        "review-eligibility",
        subject=("resident", person.pk),
        division_code=person.division_id,
        at=at,
        detail={"review": review.pk, "basis": review.basis, "state": state.value},
        request_key=key,
    )


@dataclass(frozen=True, slots=True)
class Scanned:
    """An attachment to show or save."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def read_attachment(actor: Actor, *, attachment_id: int, at: datetime) -> Scanned:
    """Return a scan to whoever may see the person, and write down that they looked. Raises NotFound."""
    found = papers.attachment(attachment_id)
    person = registry.resident(actor, found.review.resident_id)
    content = attachments.read(found)
    with unit_of_work():
        audit.record(
            actor,
            "see-attachment",
            subject=("resident", person.pk),
            division_code=person.division_id,
            at=at,
            detail={"attachment": found.pk, "review": found.review_id},
        )
    return Scanned(found.name, found.media_type, content)
