"""From the register's facts to the policy's decision; and who may not be enrolled at all, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from yingbao.enrolment.operations import Basis, Decided
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, Message, say
from yingbao.policy import Decision, Person, Policy, get_policy
from yingbao.registry.facts import Facts
from yingbao.registry.kinds import Eligibility, ElsewhereKind, ResidentState

if TYPE_CHECKING:
    from yingbao.enrolment.models import Enrolment

# In force on the day, each of these keeps a person out (BN-2.0 and the fixed reasons for not enrolling).
WHY_NOT = {
    ElsewhereKind.EMPLOYEE: N_("已参加职工医保"),
    ElsewhereKind.OTHER_PLACE: N_("已在异地参保"),
    ElsewhereKind.PRISON: N_("服刑"),
    ElsewhereKind.ARMY: N_("服役"),
}
INELIGIBLE = {
    Eligibility.PENDING: N_("参保资格待镇街审核"),
    Eligibility.REFUSED: N_("经镇街审核不符合参保条件"),
}
UNBORN = N_("尚未出生")
GONE = {
    ResidentState.DEAD: N_("已死亡"),
    ResidentState.MOVED_OUT: N_("户籍已迁出"),
    ResidentState.MERGED: N_("与另一条记录是同一人，已合并"),
}
FOR_THE_DISABLED = frozenset({"disabled_1_2", "disabled_3_4"})
FEW = 20
# What assess answers when money can be taken: with dates, or without where the notice is silent on them.
TAKEN = frozenset({"assessed", "silent"})


def decide(policy: Policy, facts: Facts, *, tier: int, paid_on: date) -> Decision:
    """Return what the policy says of a person who takes ``tier`` and whose money clears on ``paid_on``."""
    return policy.assess(person(policy, facts, tier=tier, paid_on=paid_on))


def decide_all(policy: Policy, chosen: Sequence[tuple[Facts, int]], *, paid_on: date) -> list[Decision]:
    """Return the decisions of many (facts, tier) at once, in the same order: one call costs little more than one."""
    people = tuple(person(policy, facts, tier=tier, paid_on=paid_on) for facts, tier in chosen)
    return list(_decide_few(policy, people)) if len(people) <= FEW else policy.assess_all(people)


@lru_cache(maxsize=256)
def _decide_few(policy: Policy, people: tuple[Person, ...]) -> tuple[Decision, ...]:
    """Decide on a household: asked again when its money clears the same day, of the same facts, it is the same."""
    return tuple(policy.assess_all(people))


def person(policy: Policy, facts: Facts, *, tier: int, paid_on: date | None) -> Person:
    """Return the policy's view of a person of the register.

    Who holds no identity for the disabled and has no certificate is not disabled; who holds one without certificate
    is left for the pack to ask. Identities of a fixed day are those the rosters say.
    """
    snapshot = policy.file.snapshot
    unknown = None if facts.identities & FOR_THE_DISABLED else 0
    return Person(
        birth_on=facts.birth_on,
        population=facts.population,
        tier=tier,
        identities=facts.identities,
        paid_on=paid_on,
        graduating=facts.graduating,
        term_start_on=_term_start(policy, facts),
        disability_kind=unknown if facts.disability_kind is None else facts.disability_kind,
        disability_grade=unknown if facts.disability_grade is None else facts.disability_grade,
        snapshot_identities=facts.identities_on(snapshot.day) if snapshot else None,
    )


def _term_start(policy: Policy, facts: Facts) -> date | None:
    """Return the first day of term of a student, where it is of this policy's academic year; None: the usual one."""
    students, day = policy.file.students, facts.term_start_on
    return day if students and day and day.year == students.term_start.year else None


def decide_choices(
    policy: Policy, facts: Mapping[int, Facts], choices: Mapping[int, int], *, on: date
) -> list[Decided]:
    """Return the decision for each (resident id → tier) chosen; raises Refused naming everyone who cannot enrol."""
    chosen = [(facts[resident_id], tier) for resident_id, tier in sorted(choices.items())]
    decisions = decide_all(policy, chosen, paid_on=on)
    decided, refusals = [], []
    for (one, tier), decision in zip(chosen, decisions, strict=True):
        why = why_not(one, on=on)
        if why is None and decision.status in TAKEN and decision.payable_fen is not None:
            decided.append(Decided(one.resident_id, one.division_code, tier, decision))
        else:
            refusals.append(_refusal(one.resident_id, why, decision))
    if refusals:
        raise Refused(join(refusals), todo=say(N_("请去掉这些人员后重新提交；没有登记任何人。")))
    return decided


def must_be_taken(resident_id: int, decision: Decision) -> None:
    """Raise Refused where the decision is that no money can be taken that day."""
    if decision.status not in TAKEN or decision.payable_fen is None:
        raise Refused(_refusal(resident_id, None, decision))


def payer_of(policy: Policy, identity: str, *, on: date) -> str:
    """Return who pays an identity's subsidy by the version that answers for what is cleared ``on`` a day.

    A pack that subsidises an identity names its payer; lint sees to it.
    """
    payer = policy.version_on(on).identity(identity).paid_by
    if payer is None:
        raise ValueError(f"{policy.name} names no payer for {identity}")
    return payer


def locked_payer(enrolment: Enrolment) -> str:
    """Return who pays by the policy that decided when the decision was locked: a later amendment changes nothing."""
    assert enrolment.locked_on is not None  # only locked decisions are billed
    return payer_of(get_policy(enrolment.policy), enrolment.subsidy_identity, on=enrolment.locked_on)


def basis(policy: Policy, *, on: date) -> Basis:
    """Return the policy's name, version and year for an enrolment's record."""
    return Basis(policy=policy.name, policy_hash=policy.hash, year=policy.year, decided_on=on)


def why_not(facts: Facts, *, on: date) -> Message | None:
    """Return why a person of the register cannot be enrolled on a day; None where nothing stands against it."""
    if facts.state in GONE:
        return say(GONE[ResidentState(facts.state)])
    if facts.birth_on > on:
        return say(UNBORN)
    if facts.eligibility != Eligibility.ACCEPTED:
        return say(INELIGIBLE[Eligibility(facts.eligibility)])
    return next((say(WHY_NOT[ElsewhereKind(kind)]) for kind in sorted(facts.elsewhere)), None)


def join(messages: Iterable[Message]) -> Message:
    """Return several sentences as one message."""
    parts = {f"part{n}": message for n, message in enumerate(messages)}
    return Message(" ".join(f"{{{name}}}" for name in parts), parts)


def _refusal(resident_id: int, why: Message | None, decision: Decision) -> Message:
    if why is None and decision.status == "closed":
        why = say(N_("这一天不在任何参保缴费时段内"))
    if why is None:
        why = say(N_("政策不能给出应缴金额（{reasons}）"), reasons="、".join(decision.reasons))
    # The person is named by id here: a refusal may be logged, and residents' names never are.
    return say(N_("人员{resident}不能参保：{why}。"), resident=resident_id, why=why)
