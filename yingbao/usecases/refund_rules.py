"""What a refund rests on: the notice's deadline where it has one, and how its silence is read where it has none.

Neither shipped notice speaks of refunds. The reading is: before benefits begin money goes back for the fixed reasons,
after that not; what never bought cover (paid twice, paid beyond what was owed) goes back at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.workdays import add_working_days
from yingbao.policy import Policy

SILENT = "refund.silent"
BEFORE_COVER = "refund.before_cover"
NEVER_COVERED = "refund.never_covered"
LATE_ROSTER = "refund.late_roster"
COVER_UNKNOWN = "refund.cover_unknown"
NOTHING_PAID = "refund.nothing_paid"
NEVER_ENTITLED = "refund.never_entitled"
READINGS = {
    SILENT: N_("通知没有规定退费的条件和期限；以下按系统的解释办理，有疑问请书面请示区医疗保障局和区税务局。"),
    BEFORE_COVER: N_(
        "待遇开始前，因重复、职工或异地参保、死亡、迁出、服刑、应资助、档次年度人员有误的可以退费；开始后一般不退。"
    ),
    NEVER_COVERED: N_("重复缴纳和超过应缴的部分没有换得待遇，任何时候都可以退。"),
    LATE_ROSTER: N_("到账当日已有资助身份、只是花名册来迟的，按到账当日更正决定，差额退还，待遇不变。"),
    COVER_UNKNOWN: N_("通知没有规定待遇从哪一天开始，不能断定待遇是否已经开始，请审批人核实。"),
    NOTHING_PAID: N_("个人没有缴过费，没有可退的钱；取消后资助和财政补助不再申报，已作的申报须在税务客户端更正。"),
    NEVER_ENTITLED: N_("待遇开始那天已经死亡、在别处参保、服刑，或者登错了人的，本来不应享受，待遇开始后也可以取消。"),
}


@dataclass(frozen=True, slots=True)
class Cover:
    """Whether a person's benefits have begun. ``begin_on`` None: not cleared, or the notice does not say."""

    cleared: bool
    begin_on: date | None
    died_on: date | None

    def has_begun(self, on: date) -> bool:
        """Return whether benefits have begun on a day: who died before never had them."""
        if self.begin_on is None or self.begin_on > on:
            return False
        return self.died_on is None or self.died_on >= self.begin_on


def check_deadline(policy: Policy, *, collected_on: date, on: date) -> list[str]:
    """Return the rules of the notice's refund deadlines. Raises Refused where one has passed.

    It ends what bought cover; of what never did, who decides is told that it is late (``late_for``).
    """
    for rule, last_day in _deadlines(policy, collected_on):
        if on > last_day:
            raise Refused(
                say(N_("已过退费期限，没有申请。")),
                fact=say(N_("通知规定最迟{day}（{rule}）。"), day=last_day, rule=rule),
                todo=say(N_("确有特殊情况的，请书面请示区医疗保障局和区税务局。")),
            )
    return deadline_rules(policy)


def late_for(policy: Policy, *, collected_on: date, on: date) -> Message | None:
    """Return that a deadline of the notice has passed, for who decides on money that bought no cover."""
    passed = [(rule, day) for rule, day in _deadlines(policy, collected_on) if on > day]
    if not passed:
        return None
    rule, day = passed[0]
    return say(N_("通知的退费期限已过（最迟{day}，{rule}）；这笔钱没有换得待遇，仍可退。"), day=day, rule=rule)


def deadline_rules(policy: Policy) -> list[str]:
    """Return the ids of the notice's rules on when refunds end; the silence itself where there are none."""
    found = [one.rule or "" for one in policy.file.deadlines if one.id.startswith("refund")]
    return [rule for rule in found if rule] or [SILENT]


def check_cover(cover: Cover, *, on: date) -> list[str]:
    """Return the rules by which money that bought cover goes back. Raises Refused once benefits have begun."""
    if cover.has_begun(on):
        raise Refused(
            say(N_("待遇已经开始，一般不退费，没有申请。")),
            fact=say(N_("待遇自{begin}起。{rule}"), begin=cover.begin_on, rule=say(READINGS[BEFORE_COVER])),
            todo=say(N_("重复缴费、多缴的部分仍可申请；其他情形请书面请示区医疗保障局和区税务局。")),
        )
    unknown = cover.cleared and cover.begin_on is None
    return [BEFORE_COVER, *([COVER_UNKNOWN] if unknown else [])]


def reading(rule_id: str) -> Message | None:
    """Return how this system reads the notice's silence; None for a rule of the notice itself."""
    return say(READINGS[rule_id]) if rule_id in READINGS else None


def readings(rule_ids: Iterable[str]) -> Sequence[tuple[str, Message | None]]:
    """Return (rule, what it says where it is a reading of ours) in order, each once."""
    return [(rule, reading(rule)) for rule in dict.fromkeys(rule_ids)]


def _deadlines(policy: Policy, collected_on: date) -> list[tuple[str, date]]:
    """Return (rule, last day) of the notice's refund deadlines: a fixed day, or working days after collection."""
    found = []
    for one in policy.file.deadlines:
        if one.id.startswith("refund") and one.day is not None:
            found.append((one.rule or one.id, one.day))
        elif one.id.startswith("refund") and one.working_days is not None:
            found.append((one.rule or one.id, add_working_days(collected_on, one.working_days)))
    return found
