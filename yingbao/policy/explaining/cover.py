"""From when to when the person is covered: which exceptions and windows were tried, and how the waiting counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.periods import DAY, first_of_next_month
from yingbao.policy.explaining.case import Case
from yingbao.policy.explaining.checks import find_first_day, find_last_day
from yingbao.policy.explaining.nodes import Node, State
from yingbao.policy.explaining.waiting import waiting_node
from yingbao.policy.format import NewbornBand, NoWaiting, Silence, Window
from yingbao.policy.saying import list_up, say_days, say_identities, say_start, say_when

TOO_LATE = "coverage.too_late"
CLOSED = ("window.closed", "window.gap", TOO_LATE)


def coverage_node(case: Case) -> Node:
    """Return the days of cover, with everything that was tried to find them."""
    decision = case.decision
    children = [*_exceptions(case), _windows(case), *_at_once(case), *_waits(case), *_end(case)]
    named = {rule.id for child in children if child.state in ("won", "used") for rule in child.rules}
    for child in children:
        named |= {rule.id for node in child.children if node.state in ("won", "silent") for rule in node.rules}
    rules = [reason for reason in decision.reasons if reason in named or reason in CLOSED or _is_closed(case, reason)]
    return Node(
        "coverage", say(N_("待遇享受期")), _detail(case), _state(case), None, case.rules(*rules), tuple(children)
    )


def _is_closed(case: Case, reason: str) -> bool:
    """Return whether a reason is the window named beside ``window.closed``."""
    return "window.closed" in case.decision.reasons and reason in {window.rule for window in case.file.windows}


def _state(case: Case) -> State:
    if "window.closed" in case.decision.reasons or TOO_LATE in case.decision.reasons:
        return "problem"
    return "silent" if case.decision.status == "silent" else "used"


def _detail(case: Case) -> Message:
    decision = case.decision
    if decision.covered_from is not None:
        return say(N_("{begin} 至 {end}"), begin=decision.covered_from, end=decision.covered_to)
    if "window.closed" in decision.reasons:
        return say(N_("不在参保时段内，不能参保"))
    if TOO_LATE in decision.reasons:
        return say_too_late(case)
    if decision.status == "silent":
        return say(N_("通知未规定从哪一天起享受待遇，不作推定，请向医保局请示"))
    return say(N_("缴清后确定"))


def say_too_late(case: Case) -> Message:
    """Return that cover would begin after it ends, with both days; without them where the pack has changed since."""
    begins, ends = find_first_day(case), find_last_day(case)
    if begins is None or ends is None or begins <= ends:
        return say(N_("按规定推算的待遇起始日晚于待遇截止日，请向医保局请示"))
    said = N_("按通知应从 {begin} 起，已晚于待遇截止日 {end}，本年度没有可享受的日子，请向医保局请示")
    return say(said, begin=begins, end=ends)


def _exceptions(case: Case) -> Iterator[Node]:
    """Yield the rules that go before the windows: the academic year and the bands of newborns."""
    students, newborn = case.file.students, case.file.newborn
    if students is not None and case.is_student:
        began = case.person.term_start_on or students.term_start
        until, ids = began + DAY * students.days, case.rules(students.rule)
        label = say(N_("学生：开学后 {days} 日内缴清"), days=students.days)
        days = {"begin": began, "end": until, "on": case.on}
        if case.in_term:
            detail = say(N_("{begin} 至 {end}，{on} 在其内：从 {first} 起"), first=students.first_day, **days)
            yield Node("students", label, detail, "won", rules=ids)
        else:
            yield Node("students", label, say(N_("{begin} 至 {end}，{on} 不在其内"), **days), "tried", rules=ids)
    elif newborn is not None:
        children = tuple(_band(case, band) for band in newborn.bands) if case.may_be_newborn else ()
        state: State = "won" if case.band else "tried" if case.may_be_newborn else "not_applicable"
        ids = case.rules(newborn.rule) if case.band else ()
        yield Node("newborn", say(N_("新生儿")), _say_newborn(case), state, rules=ids, children=children)


def _say_newborn(case: Case) -> Message:
    newborn, birth = case.file.newborn, case.person.birth_on
    if case.band is not None:
        return say(N_("{birth} 出生，在规定时限内"), birth=birth)
    if case.may_be_newborn:
        return say(N_("{birth} 出生，已超过规定时限，按一般时段办理"), birth=birth)
    born = newborn.born or case.file.coverage_year if newborn else None
    days = say_days(born) if born else say("-")
    return say(N_("只适用于 {days} 出生的人员"), days=days)


def _band(case: Case, band: NewbornBand) -> Node:
    unit = N_("出生后 {within} 日内缴清") if band.unit == "days" else N_("出生后 {within} 个月内缴清")
    label, end = say(unit, within=band.within), case.end_of(band)
    start = say_start(band.coverage)
    if band is case.band:
        state: State = "silent" if band.coverage.starts == "silent" else "won"
        detail = say(N_("截止 {end}，{on} 在其内：{start}"), end=end, on=case.on, start=start)
    elif case.on <= end:
        state, detail = "lost", say(N_("已适用时限更短的一档"))
    else:
        state, detail = "tried", say(N_("截止 {end}，{on} 已超过"), end=end, on=case.on)
    return Node("window", label, detail, state, band.amount, case.rules(band.rule))


def _windows(case: Case) -> Node:
    """Return every window and silence in the order of their days, and which of them holds the day."""
    label = say(N_("参保时段"))
    if case.in_term or case.band is not None:
        return Node("windows", label, say(N_("已按上面的专门规定确定，不看参保时段")), "not_applicable")
    windows = sorted(case.file.windows, key=lambda window: window.first_day)
    chosen = case.season.window_on(case.group, case.on)
    children = [_window(case, window, chosen) for window in windows]
    children += [_silence(case, silence, chosen) for silence in case.file.silences]
    state: State = "problem" if "window.closed" in case.decision.reasons else "used" if chosen else "silent"
    return Node("windows", label, _say_windows(case, chosen), state, children=tuple(children))


def _say_windows(case: Case, chosen: Window | None) -> Message:
    if chosen is not None:
        return say(N_("{on} 在 {days} 之内"), on=case.on, days=say_days(chosen))
    if "window.closed" in case.decision.reasons:
        return say(N_("{on} 在对本人开放的所有时段之外"), on=case.on)
    return say(N_("{on} 不在任何时段内，通知没有规定"), on=case.on)


def _window(case: Case, window: Window, chosen: Window | None) -> Node:
    conditions, ids = case.conditions(window.who), [window.rule]
    state: State = "tried"
    if not case.holds(window.who):
        state, detail = "not_applicable", case.failing(window.who)
    elif window is chosen:
        state = "silent" if window.coverage.starts == "silent" else "won"
        detail, ids = _say_start(case, window), [window.rule, window.coverage_rule]
    elif case.on in window.period:
        state, detail = "lost", say(N_("由专为本人所属人员开放的时段或较早的时段代替"))
    elif case.on < window.first_day:
        detail = say(N_("{on} 时尚未开始"), on=case.on)
    else:
        detail = say(N_("{on} 时已经结束"), on=case.on)
    return Node("window", _name(case, window), detail, state, None, case.rules(*ids), conditions, window.id)


def _say_start(case: Case, window: Window) -> Message:
    """Return from when the window covers, and which day that is when cleared on this one, before any waiting."""
    own = case.season.first_covered(window.coverage, case.on)
    if own is None or window.coverage.starts in ("fixed_day", "waiting"):
        return say_start(window.coverage)
    return say(N_("{start}，即 {day}"), start=say_start(window.coverage), day=own)


def _name(case: Case, window: Window) -> Message:
    kind = N_("{days}（集中参保期）") if window.centralised else N_("{days}（其他时段）")
    if window.who is None:
        return say(kind, days=say_days(window))
    return say(N_("{days}（{who}）"), days=say_days(window), who=say_when(window.who, case.vocabulary))


def _silence(case: Case, silence: Silence, chosen: Window | None) -> Node:
    label = say(N_("{days}（通知未作规定）"), days=say_days(silence))
    inside = case.on in silence.period and chosen is None
    state: State = "silent" if inside and "window.closed" not in case.decision.reasons else "tried"
    detail = say(N_("{on} 在其内，不作推定"), on=case.on) if inside else say(N_("{on} 不在其内"), on=case.on)
    return Node("window", label, detail, state, None, case.rules(silence.rule))


def _at_once(case: Case) -> Iterator[Node]:
    """Yield the groups that do not wait when late, and whether that changed anything."""
    if case.in_term or case.band is not None:
        return
    answer, _ = case.season.answer(case.group, case.on)
    window = case.season.window_on(case.group, case.on)
    waits = window is not None and window.coverage.starts == "waiting"
    for group in case.file.no_waiting:
        spared = waits and group.rule in answer.rules  # whoever does not wait is covered in such a window at once
        yield _no_waiting(case, group, used=spared or answer.kind == "no_waiting")


def _no_waiting(case: Case, group: NoWaiting, *, used: bool) -> Node:
    named = not group.identities or case.traits.holds(group.identities)
    belongs = named and case.holds(group.who)
    asked = [say_identities(group.identities, case.vocabulary)] if group.identities else []
    asked += [say_when(group.who, case.vocabulary)] if group.who else []
    label = say(N_("不设等待期的人员"))
    who = list_up(asked, ("；", "; "))
    if not belongs:
        return Node("no_waiting", label, say(N_("本人不属于：{who}"), who=who), "tried", rules=case.rules(group.rule))
    if used:
        detail = say(N_("本人属于：{who}；从缴清之日起享受"), who=who)
        return Node("no_waiting", label, detail, "won", rules=case.rules(group.rule))
    detail = say(N_("本人属于：{who}；按参保时段已不晚于此"), who=who)
    return Node("no_waiting", label, detail, "not_applicable", rules=case.rules(group.rule))


def _waits(case: Case) -> Iterator[Node]:
    waiting = case.file.waiting
    if waiting is None:
        return
    window = None if case.in_term or case.band else case.season.window_on(case.group, case.on)
    months = case.season.months_waited(case.group, window) if window else 0
    own = case.season.first_covered(window.coverage, case.on) if window else None
    yield waiting_node(case, months if own else 0, _counted_from(case, own))


def _counted_from(case: Case, own: date | None) -> date:
    waiting = case.file.waiting
    if waiting is None or waiting.counted_from == "clearing":
        return case.on
    return first_of_next_month(case.on) if waiting.counted_from == "next_month" else own or case.on


def _end(case: Case) -> Iterator[Node]:
    """Yield the last day of cover: of the insurance year, of the academic year, or of graduates."""
    students, year = case.file.students, case.file.coverage_year
    if case.decision.status not in ("assessed", "silent") or year is None:
        return
    label = say(N_("待遇截止"))
    if students is None or not case.is_student:
        yield Node("end", label, say(N_("保险年度最后一天 {day}"), day=year.last_day), rules=case.rules(year.rule))
        return
    graduates = students.graduates if case.person.graduating else None
    if graduates is not None:
        detail, ids = say(N_("当年毕业的到 {day}"), day=graduates.last_day), (students.rule, graduates.rule)
    else:
        detail, ids = say(N_("学年最后一天 {day}"), day=students.last_day), (students.rule, None)
    yield Node("end", label, detail, rules=case.rules(*ids))
