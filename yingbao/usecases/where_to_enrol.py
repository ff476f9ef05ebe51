"""Where a notice lets people enrol in a window: late enrolment may be the town office's alone (BN-3.1.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Role
from yingbao.enrolment.operations import Decided
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, Message, say
from yingbao.policy import Policy
from yingbao.policy.texts import text

if TYPE_CHECKING:
    from yingbao.collection.models import Due

VILLAGE = "village"
AWAY_FROM_THE_OFFICE = frozenset({Role.VILLAGE, Role.RESIDENT})


def check_decided(actor: Actor, policy: Policy, decided: Sequence[Decided]) -> None:
    """Raise Refused where somebody would be enrolled in a village or online whom only the town office enrols."""
    if actor.role in AWAY_FROM_THE_OFFICE:
        _refuse(closed(policy, (rule for one in decided for rule in one.decision.reasons)))


def check_dues(actor: Actor, policy: Policy, dues: Iterable[Due]) -> None:
    """Raise Refused where a village agent would take what has to be paid at the town office."""
    check_rules(actor, policy, (rule for due in dues for rule in due.enrolment.reasons))


def check_rules(actor: Actor, policy: Policy, rules: Iterable[str]) -> None:
    """Raise Refused where a village agent would take what by the rules of its decision is the town office's."""
    if actor.role == Role.VILLAGE:
        _refuse(closed(policy, rules))


def closed(policy: Policy, rules: Iterable[str]) -> Message | None:
    """Return where people must go instead of their village, with the clause; None where the village will do.

    ``rules`` are those a decision rests on: a newborn enrolled in time is no late enrolment, whatever the day.
    """
    resting = set(rules)
    windows = {window.id for window in policy.file.windows if window.rule in resting}
    named = [where for where in policy.file.enrol_at if where.window in windows]
    if not named or any(where.place == VILLAGE for where in named):
        return None
    rule, place = policy.explain(named[0].rule or ""), text(named[0].zh, named[0].en)
    return say(N_("{window}须到{place}办理（{rule}）"), window=rule.title, place=place, rule=rule.id)


def _refuse(why: Message | None) -> None:
    if why is not None:
        raise Refused(
            say(N_("村（社区）和网上不能办理：{why}。"), why=why),
            todo=say(N_("请居民带上证件到镇街社保所办理；没有登记，也没有收款。")),
        )
