"""What of a payment can go back, and how much: a surplus, what was paid beyond a due, or a due and all paid for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from yingbao.collection.kinds import DueState, LineKind, RefundReason
from yingbao.collection.refunding import queries as refunding
from yingbao.collection.refunding.operations import Part
from yingbao.coverage import queries as coverage
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import Decision, Policy, get_policy
from yingbao.registry import counts
from yingbao.registry import facts as registry
from yingbao.registry.facts import Facts
from yingbao.registry.kinds import ResidentState
from yingbao.usecases import deciding, refund_rules
from yingbao.usecases.refund_rules import Cover

if TYPE_CHECKING:
    from yingbao.collection.models import Due, PaymentLine


@dataclass(frozen=True, slots=True)
class Asked:
    """What goes back for one wish: parts of lines, the rules it rests on, the dues that end by it."""

    parts: tuple[Part, ...]
    rules: tuple[str, ...]
    ending: tuple[int, ...] = ()

    @property
    def amount_fen(self) -> int:
        """What all of it comes to."""
        return sum(part.amount_fen for part in self.parts)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks: which lines of one payment, for which reason, judged on which day.

    ``but`` are refunds left out when it is asked what went back already: those being decided on.
    """

    lines: Sequence[PaymentLine]
    reason: str
    on: date
    but: tuple[int, ...] = ()


def find_parts(policy: Policy, wish: Wish, dues: Mapping[int, Due]) -> Asked:
    """Return what goes back for a wish; ``dues`` are those of its lines, locked by the caller.

    Raises Refused where a line is asked for or went back already, is with the tax client, has begun to cover or is
    not more than was owed; BadInput for a reason that does not fit.
    """
    surplus = [line for line in wish.lines if line.kind == LineKind.SURPLUS]
    chosen = [dues[line.due_id] for line in wish.lines if line.due_id is not None]
    chosen = list({due.pk: due for due in chosen}.values())
    money = _Money(refunding.lines_of_dues([due.pk for due in chosen]), surplus, wish)
    money.check_free()
    check_answered(chosen)
    found = [_surplus(policy, surplus, money)] if surplus else []
    if chosen and wish.reason == RefundReason.TOO_MUCH:
        found.append(_too_much(policy, chosen, money))
    elif chosen and wish.reason == RefundReason.SUBSIDISED:
        found += [_subsidised(due, money) for due in chosen]
    elif chosen:
        found.append(_whole(policy, chosen, money))
    if not any(one.parts for one in found):
        raise BadInput(say(N_("没有可退的金额。")), todo=say(N_("请选择要退的项目和符合的原因。")))
    return Asked(
        tuple(part for one in found for part in one.parts),
        tuple(dict.fromkeys(rule for one in found for rule in one.rules)),
        tuple(due_id for one in found for due_id in one.ending),
    )


class _Money:
    """The lines a wish is about and what of them is left."""

    def __init__(
        self, of_dues: Mapping[int, Sequence[PaymentLine]], surplus: Iterable[PaymentLine], wish: Wish
    ) -> None:
        self.of_dues, self.wish = of_dues, wish
        self.lines = [*surplus, *(line for lines in of_dues.values() for line in lines)]
        self.gone = refunding.going_back([line.pk for line in self.lines], but=wish.but)

    def left(self, line: PaymentLine) -> int:
        """Return what of a line has not gone back and is not to."""
        fen: int = line.amount_fen - self.gone.get(line.pk, 0)
        return fen

    def paid(self, due: Due) -> int:
        """Return what is left of all that was paid for a due."""
        return sum(self.left(line) for line in self.of_dues.get(due.pk, ()))

    def check_free(self) -> None:
        """Raise Refused where a line is being asked for, or all of what was named went back."""
        if refunding.waiting_lines([line.pk for line in self.lines], but=self.wish.but):
            raise Refused(
                say(N_("所选项目已经申请退费，尚未审批。")), todo=say(N_("请到“退费”页面查看，不要重复申请。"))
            )
        if any(self.left(line) <= 0 for line in self.lines if line in self.wish.lines):
            raise Refused(
                say(N_("所选项目已经退费或已批准退费，不能再退。")), todo=say(N_("请到“退费”页面查看这笔退费。"))
            )

    def take(self, due: Due, amount_fen: int) -> list[Part]:
        """Return parts of a due's lines that come to an amount: of what was paid last first."""
        parts = []
        for line in reversed(self.of_dues.get(due.pk, ())):
            part = min(amount_fen, self.left(line))
            if part > 0:
                parts.append(Part(line.pk, part))
                amount_fen -= part
        return parts


def check_answered(dues: Iterable[Due]) -> None:
    """Raise Refused for a due that waits for the tax client's answer, or whose enrolment has ended."""
    if any(due.state == DueState.DECLARED for due in dues):
        raise Refused(
            say(N_("所选人员的缴费已申报，税务客户端尚未回执，现在不能退费。")),
            fact=say(N_("已申报的钱在途，不在经办员手中，也未入国库。")),
            todo=say(N_("请等回执导入（到账或退回）后再办理。")),
        )
    if any(due.state == DueState.CANCELLED for due in dues):
        raise Refused(say(N_("所选人员的参保登记已经取消。")), todo=say(N_("请到“退费”页面查看这笔退费。")))


def _surplus(policy: Policy, lines: Sequence[PaymentLine], money: _Money) -> Asked:
    parts = tuple(Part(line.pk, money.left(line)) for line in lines)
    return Asked(parts, (*refund_rules.deadline_rules(policy), refund_rules.NEVER_COVERED))


def _too_much(policy: Policy, dues: Sequence[Due], money: _Money) -> Asked:
    """What was paid beyond a due that cleared for less."""
    parts = []
    for due in dues:
        over = money.paid(due) - due.amount_fen if due.state == DueState.CLEARED else 0
        if over <= 0:
            raise Refused(
                say(N_("所选人员没有多缴。")),
                fact=say(N_("缴纳的金额没有超过到账时的应缴金额。")),
                todo=say(N_("要退全部缴费的，请选择符合的原因。")),
            )
        parts += money.take(due, over)
    return Asked(tuple(parts), (*refund_rules.deadline_rules(policy), refund_rules.NEVER_COVERED))


def _whole(policy: Policy, dues: Sequence[Due], money: _Money) -> Asked:
    """A due and all that was paid for it, later parts too: the enrolment ends by it."""
    wish = money.wish
    covers = covers_of(dues)
    merged = _merged(dues, wish) if wish.reason == RefundReason.PAID_TWICE else frozenset()
    parts: list[Part] = []
    rules: list[str] = []
    for due in dues:
        if due.enrolment.resident_id in merged:
            rules += [*refund_rules.deadline_rules(policy), refund_rules.NEVER_COVERED]
        else:
            collected_on = due.collected_on or wish.on
            rules += refund_rules.check_deadline(policy, collected_on=collected_on, on=wish.on)
            rules += refund_rules.check_cover(covers[due.enrolment_id], on=wish.on)
        parts += money.take(due, money.paid(due))
    return Asked(tuple(parts), tuple(dict.fromkeys(rules)), tuple(due.pk for due in dues))


def _merged(dues: Sequence[Due], wish: Wish) -> frozenset[int]:
    """Return who of some people is another record of somebody: what was paid for them bought no second cover."""
    facts = registry.of_residents([due.enrolment.resident_id for due in dues], on=wish.on)
    return frozenset(one.resident_id for one in facts.values() if one.state == ResidentState.MERGED)


def covers_of(dues: Sequence[Due]) -> dict[int, Cover]:
    """Return enrolment id → whether its benefits have begun, as far as the register tells."""
    periods = coverage.of_enrolments([due.enrolment_id for due in dues])
    died = counts.died({due.enrolment.resident_id for due in dues})
    return {
        due.enrolment_id: Cover(
            due.state == DueState.CLEARED,
            period.begin_on if (period := periods.get(due.enrolment_id)) else None,
            died.get(due.enrolment.resident_id),
        )
        for due in dues
    }


def _subsidised(due: Due, money: _Money) -> Asked:
    decision, rules = corrected(due, on=money.wish.on)
    less = due.amount_fen - (decision.payable_fen or 0)
    return Asked(tuple(money.take(due, less)), rules)


def corrected(due: Due, *, on: date) -> tuple[Decision, tuple[str, ...]]:
    """Return the decision of a cleared due as it should have been, and the rules that say so (PJ-5.0).

    The identity of the clearing day counts, known then or not. One that began later changes what the policy's
    ``later_identity`` says: nothing in both shipped notices. Raises Refused where the person owes no less.
    """
    enrolment = due.enrolment
    if due.state != DueState.CLEARED or enrolment.locked_on is None:
        raise Refused(
            say(N_("这笔缴费尚未到账，身份还没有锁定。")),
            fact=say(N_("到账时按当日的身份重新决定，多收的自动列为多缴。")),
            todo=say(N_("请等到账后按“多缴”申请。")),
        )
    policy = get_policy(enrolment.policy)
    decision = _as_of(policy, due, enrolment.locked_on)
    if _less(decision, due):
        return decision, (*refund_rules.deadline_rules(policy), refund_rules.LATE_ROSTER, *_rule_of(policy))
    later = _as_of(policy, due, on)
    several = policy.file.several
    if _less(later, due) and several is not None and several.later_identity == "refund_difference":
        return later, (*refund_rules.deadline_rules(policy), *_rule_of(policy))
    raise Refused(
        say(N_("按到账当日的身份，应缴金额不变，没有差额可退。")),
        fact=say(
            N_("到账日{day}；此后取得的身份不影响已锁定的决定（{rule}）。"),
            day=enrolment.locked_on,
            rule="、".join(_rule_of(policy)) or refund_rules.SILENT,
        ),
        todo=say(N_("如身份起始日登记有误，请先由主管部门更正花名册，再申请。")),
    )


def _as_of(policy: Policy, due: Due, identities_on: date) -> Decision:
    """Decide as of the clearing day with the identities of a day."""
    facts: Facts = registry.of_residents([due.enrolment.resident_id], on=identities_on)[due.enrolment.resident_id]
    return deciding.decide(policy, facts, tier=due.enrolment.tier, paid_on=due.enrolment.locked_on or identities_on)


def _less(decision: Decision, due: Due) -> bool:
    return (
        decision.status in deciding.TAKEN and decision.payable_fen is not None and decision.payable_fen < due.amount_fen
    )


def _rule_of(policy: Policy) -> tuple[str, ...]:
    several = policy.file.several
    return (several.rule,) if several is not None and several.rule else ()
