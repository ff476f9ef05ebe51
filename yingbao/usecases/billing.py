"""The step counter, scan-to-pay and paying online share: who of a household enrols now, and what all of it asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.collection import operations as collection
from yingbao.kernel.errors import BadInput, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.ledger.operations import Move
from yingbao.policy import Policy
from yingbao.registry import facts as registry
from yingbao.registry.facts import Facts
from yingbao.usecases import deciding, enrolling, where_to_enrol
from yingbao.usecases.redeciding import redecide
from yingbao.usecases.top_up import missing_of, must_be_short

if TYPE_CHECKING:
    from yingbao.collection.models import Due


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be settled together: ``tiers`` of people to be enrolled (resident id → tier), dues already open."""

    household_id: int
    tiers: Mapping[int, int]
    due_ids: Sequence[int]

    def as_inputs(self) -> dict[str, object]:
        """Return it as the inputs of a request."""
        return {"household": self.household_id, "tiers": sorted(self.tiers.items()), "dues": sorted(self.due_ids)}


@dataclass(frozen=True, slots=True)
class Bill:
    """The dues of a choice, brought to what holds today; ``moves`` write down what is newly owed or owed otherwise.

    ``rest``: due id → fen that short ones lack today; they themselves stay as they were paid.
    """

    dues: list[Due]
    moves: list[Move]
    enrolled: int
    rest: Mapping[int, int]

    @property
    def asked(self) -> list[tuple[Due, int]]:
        """The dues, each with the fen it asks."""
        return [(due, self.rest.get(due.pk, due.amount_fen)) for due in self.dues]

    @property
    def amount_fen(self) -> int:
        """What all of it asks."""
        return sum(fen for _due, fen in self.asked)


def household_facts(actor: Actor, household_id: int, *, on: date) -> dict[int, Facts]:
    """Return the facts of a household of the actor's villages. Raises NotFound."""
    facts = registry.of_household(household_id, on=on)
    if not facts:
        raise NotFound(say(N_("没有找到这一户，或不在您的管理范围内。")))
    for one in facts.values():
        actor.must_reach(one.division_code)
    return facts


def draw_up(
    actor: Actor, choice: Choice, facts: Mapping[int, Facts], *, policy: Policy, on: date, at: datetime
) -> Bill:
    """Enrol whom ``choice`` names, lock the open dues it names and bring them to today; the caller asks who may.

    Raises BadInput where nobody of the household is named, NotFound for dues that are not theirs, Refused naming
    everyone who cannot be enrolled, IntegrityError where one is enrolled already.
    """
    if not (choice.tiers or choice.due_ids) or not choice.tiers.keys() <= facts.keys():
        raise BadInput(
            say(N_("所选人员不是本户成员，或没有选择任何人。")), todo=say(N_("请在本户页面勾选要参保的人员。"))
        )
    open_dues = _lock(choice.due_ids, facts, year=policy.year)
    moves = redecide(policy, open_dues, facts, on=on)
    new: list[Due] = []
    if choice.tiers:
        decided = deciding.decide_choices(policy, facts, choice.tiers, on=on)
        new = enrolling.enrol(actor, decided, policy=policy, on=on, at=at)
        moves += enrolling.owed(new, year=policy.year)
    return Bill([*open_dues, *new], moves, len(new), _rest(actor, policy, open_dues, facts, on=on))


def _rest(actor: Actor, policy: Policy, dues: Sequence[Due], facts: Mapping[int, Facts], *, on: date) -> dict[int, int]:
    """Return what short dues lack today; those that lack nothing, or for which no money is taken, are left out."""
    missing = missing_of(policy, dues, facts, on=on)
    for due in dues:
        if due.pk in missing:
            must_be_short(due)
    where_to_enrol.check_rules(actor, policy, (rule for one in missing.values() for rule in one.rules))
    return {due_id: one.fen for due_id, one in missing.items() if one.fen}


def check_amount(bill: Bill, amount_fen: int) -> None:
    """Raise BadInput where the amount the payer was shown is not what is owed now: a list came in meanwhile."""
    if bill.amount_fen != amount_fen:
        owed = format_yuan(bill.amount_fen)
        raise BadInput(
            say(N_("应缴金额刚刚变化，没有办理。")),
            fact=say(N_("现在应缴{owed}元，页面上是{shown}元。"), owed=owed, shown=format_yuan(amount_fen)),
            todo=say(N_("请刷新页面，看清变化的原因（如花名册新增了资助身份），再重新提交。")),
        )


def _lock(due_ids: Sequence[int], facts: Mapping[int, Facts], *, year: int) -> list[Due]:
    if not due_ids:
        return []
    dues = collection.lock_dues(due_ids)
    known = [
        due
        for due in dues
        if due.enrolment.resident_id in facts and due.enrolment.state == "standing" and due.enrolment.year == year
    ]
    if len(known) != len(set(due_ids)):
        raise NotFound(say(N_("没有找到这些应缴，或不属于这一户。")), todo=say(N_("请刷新本户页面后重试。")))
    return known
