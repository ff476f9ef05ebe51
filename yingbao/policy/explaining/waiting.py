"""The waiting period, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.periods import DAY
from yingbao.policy.explaining.case import Case
from yingbao.policy.explaining.nodes import Node
from yingbao.policy.format import Waiting
from yingbao.policy.saying import say_span, say_waiting
from yingbao.policy.season import add_months

MOST_SHOWN = 24  # months one by one; whoever waits longer needs the last day, not a page of months


def waiting_node(case: Case, months: int, counted_from: date) -> Node:
    """Return how long the person waits and how that comes about; ``months`` 0: not at all, and why."""
    waiting = case.file.waiting
    assert waiting is not None
    label = say(N_("待遇等待期"))
    if not months:
        shown = tuple(_exempt(case, waiting))
        return Node("waiting", label, _why_none(case, waiting), "not_applicable", rules=(), children=shown)
    over = add_months(counted_from, months)
    detail = say(N_("等待 {months} 个月：自 {begin} 起算，{end} 期满"), months=months, begin=counted_from, end=over)
    children = (*_parts(case, waiting, months), *_months(counted_from, months))
    return Node("waiting", label, detail, "used", rules=case.rules(waiting.rule), children=children)


def _why_none(case: Case, waiting: Waiting) -> Message:
    if case.in_term or case.band is not None:
        return say(N_("按专门规定缴清的，不设等待期"))
    if case.group.at_once:
        return say(N_("属于不设等待期的人员"))
    if waiting.exempt is not None and case.holds(waiting.exempt):
        return say(N_("属于除外人员"))
    if case.season.window_on(case.group, case.on) is None:
        return say(N_("不在参保时段内，不计等待期"))
    return say(N_("没有断保，所在时段不设等待期"))


def _exempt(case: Case, waiting: Waiting) -> Iterator[Node]:
    if waiting.exempt is not None:
        yield from case.conditions(waiting.exempt)


def _parts(case: Case, waiting: Waiting, months: int) -> Iterator[Node]:
    """Yield the rule, the fixed part, what missed years add, what repaired ones take off, and the floor."""
    missed, repaired = case.person.missed_years or 0, case.person.repaired_years or 0
    yield Node("working", say(N_("规则")), say_waiting(waiting), rules=case.rules(waiting.rule))
    yield Node("working", say(N_("固定部分")), say(N_("{months} 个月"), months=waiting.months))
    grown = say(
        N_("断保 {missed} 年 × {each} 个月 = {months} 个月"),
        missed=missed,
        each=waiting.per_missed_year,
        months=missed * waiting.per_missed_year,
    )
    yield Node("working", say(N_("断保增加")), grown)
    if waiting.repair is not None:
        taken = say(
            N_("补缴 {repaired} 年 × {each} 个月 = 减 {months} 个月，最多减完断保增加的部分"),
            repaired=repaired,
            each=waiting.repair.months,
            months=repaired * waiting.repair.months,
        )
        yield Node("working", say(N_("补缴减少")), taken, rules=case.rules(waiting.repair.rule))
    if waiting.floor is not None:
        holds = missed >= waiting.floor.missed_years
        floor = say(N_("至少 {months} 个月"), months=waiting.floor.months)
        no = say(N_("断保不满 {years} 年，不适用"), years=waiting.floor.missed_years)
        rules = case.rules(waiting.floor.rule)
        detail, state = (floor, "used") if holds else (no, "not_applicable")
        yield Node("working", say(N_("最低等待")), detail, state, rules=rules)  # type: ignore[arg-type]
    yield Node("working", say(N_("合计")), say(N_("{months} 个月"), months=months))


def _months(counted_from: date, months: int) -> Iterator[Node]:
    for place in range(min(months, MOST_SHOWN)):
        begin, end = add_months(counted_from, place), add_months(counted_from, place + 1) - DAY
        label = say(N_("第 {number} 个月"), number=place + 1)
        yield Node("month", label, say_span(begin, end), "used")
    if months > MOST_SHOWN:
        begin, end = add_months(counted_from, MOST_SHOWN), add_months(counted_from, months) - DAY
        label = say(N_("第 {first} 至 {last} 个月"), first=MOST_SHOWN + 1, last=months)
        yield Node("month", label, say_span(begin, end), "used")
