"""What the register says of the people of a refund, for who decides; what speaks against it is said, not barred."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.collection.kinds import LineKind, RefundReason
from yingbao.collection.refunding import queries as refunding
from yingbao.kernel.messages import N_, Message, say
from yingbao.policy import Policy
from yingbao.registry import facts as registry
from yingbao.registry.facts import Facts
from yingbao.registry.kinds import ElsewhereKind, ResidentState
from yingbao.usecases import refund_rules
from yingbao.usecases.refund_parts import covers_of

if TYPE_CHECKING:
    from yingbao.collection.models import Refund

ON_A_LIST = {
    RefundReason.EMPLOYEE: (ElsewhereKind.EMPLOYEE, N_("名单中没有此人参加职工医保的记录。")),
    RefundReason.OTHER_PLACE: (ElsewhereKind.OTHER_PLACE, N_("名单中没有此人异地参保的记录。")),
    RefundReason.SENTENCED: (ElsewhereKind.PRISON, N_("名单中没有此人服刑的记录。")),
}
# By what a decider knows what no list says. Kept in the record, whatever language the reader's page is in.
BY_WHAT = {"document": "凭本人的书面材料", "answer": "凭主管部门答复", "query": "凭经办系统查询"}
# What an approval leaves on the person, by list or not, for whoever would enrol them again (BN-2.0).
LEFT_FOR = {
    RefundReason.EMPLOYEE: N_("此人本年度因参加职工医保取消过参保（{day}批准），请先核实，再登记。"),
    RefundReason.OTHER_PLACE: N_("此人本年度因异地参保取消过参保（{day}批准），请先核实，再登记。"),
    RefundReason.SENTENCED: N_("此人本年度因服刑取消过参保（{day}批准），请先核实，再登记。"),
}
GONE = {
    RefundReason.DEATH: (ResidentState.DEAD, N_("台账上此人没有死亡登记。")),
    RefundReason.MOVED: (ResidentState.MOVED_OUT, N_("台账上此人没有迁出登记。")),
}


@dataclass(frozen=True, slots=True)
class About:
    """One person of a refund: what the register says on a day, from when they are covered, what speaks against it."""

    facts: Facts
    elsewhere: tuple[ElsewhereKind, ...]
    state: ResidentState
    cleared_on: date | None
    covered_from: date | None
    against: tuple[Message, ...]


def about(policy: Policy, case: Sequence[Refund], *, on: date) -> list[About]:
    """Return what the register says of each person of a case on a day, each once."""
    people = {one.person.pk: one for one in case}
    facts = registry.of_residents(people, on=on)
    dues = [one.of_due for one in people.values() if one.of_due is not None]
    covers = covers_of(dues)
    return [_one(policy, refund, facts[pk], covers, on) for pk, refund in people.items()]


def _one(policy: Policy, refund: Refund, facts: Facts, covers: dict[int, refund_rules.Cover], on: date) -> About:
    due, line = refund.of_due, refund.line
    cover = covers.get(due.enrolment_id) if due else None
    late = None
    if line is not None and (line.kind == LineKind.SURPLUS or refund.reason == RefundReason.TOO_MUCH):
        late = refund_rules.late_for(policy, collected_on=line.payment.collected_on, on=on)
    found = [contradiction(refund.reason, line.kind if line else "", facts), late]
    return About(
        facts,
        tuple(ElsewhereKind(kind) for kind in sorted(facts.elsewhere)),
        ResidentState(facts.state),
        due.cleared_on if due else None,
        cover.begin_on if cover else None,
        tuple(one for one in found if one is not None),
    )


def left_by(resident_ids: Iterable[int], *, year: int) -> dict[int, Message]:
    """Return resident → the reminder that an approval took them off the year's rolls as insured or kept elsewhere."""
    found = refunding.ended_for(resident_ids, LEFT_FOR, year=year)
    return {
        one: say(LEFT_FOR[RefundReason(refund.reason)], day=timezone.localdate(refund.decided_at))
        for one, refund in found.items()
    }


def verified(why: str, basis: str) -> str:
    """Return a decider's words with by what they know it before them, where that was said: one of ``BY_WHAT``."""
    return f"{BY_WHAT[basis]}：{why}" if why and basis in BY_WHAT else why


def contradiction(reason: str, line_kind: str, facts: Facts) -> Message | None:
    """Return what the register says against a reason; None where it agrees, or says nothing of it."""
    if reason in ON_A_LIST:
        kind, sentence = ON_A_LIST[RefundReason(reason)]
        return None if kind in facts.elsewhere else say(sentence)
    if reason in GONE:
        state, sentence = GONE[RefundReason(reason)]
        return None if facts.state == state else say(sentence)
    if reason == RefundReason.PAID_TWICE and line_kind != LineKind.SURPLUS and facts.state != ResidentState.MERGED:
        return say(N_("系统没有发现此人的第二笔缴费，台账上也没有并入另一条记录。"))
    return None
