"""Windows: days nobody knows the answer for, windows that quarrel, and when cover begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.periods import DAY, Period
from yingbao.policy.coverages import AfterWaiting, Coverage, FixedDay, NewbornCoverage, Unsaid
from yingbao.policy.format import Silence, Window
from yingbao.policy.linting.conditions import are_apart, describe, is_narrower, only_by_population
from yingbao.policy.linting.subject import Finding, Severity, Subject


@dataclass(frozen=True, slots=True)
class Line:
    """The windows of some people, one after another: ``who`` they are, in words."""

    who: Message
    everybody: bool
    windows: tuple[Window, ...]


def check_windows(subject: Subject) -> Iterator[Finding]:
    """Find gaps, overlaps and unsaid beginnings in the windows of every group of people."""
    yield from _check_overlaps(subject)
    reported: list[Period] = []
    for line in list_lines(subject):
        for gap in _gaps(line.windows):
            if not any(_covers(known, gap) for known in reported):
                reported.append(gap)
                yield _uncovered(subject, line, gap)
    yield from _check_populations(subject)
    yield from _check_silences(subject)
    for window in subject.file.windows:
        yield from _check_beginning(subject, window)
    yield from _check_places(subject)


def _check_places(subject: Subject) -> Iterator[Finding]:
    known = {window.id for window in subject.file.windows}
    for where in subject.file.enrol_at:
        if where.window is not None and where.window not in known:
            place = f"enrol_at.{where.population}.{where.place}"
            yield Finding("unknown-window", "error", place, say(N_("没有参保时段“{window}”"), window=where.window))


def list_lines(subject: Subject) -> list[Line]:
    """Return the windows of everybody, of each population with own ones, and of each other group with own ones."""
    windows, vocabulary = subject.file.windows, subject.vocabulary
    general = tuple(window for window in windows if window.who is None)
    lines = [Line(describe(subject, None), True, general)] if general else []
    for who in dict.fromkeys(window.who for window in windows if window.who is not None):
        own = [w for w in windows if w.who is None or is_narrower(who, w.who, vocabulary)]
        lines.append(Line(describe(subject, who), False, tuple(own)))
    return lines


def season_of_windows(subject: Subject) -> Period | None:
    """Return from the first to the last day on which any window is open; None where there is no window."""
    windows = subject.file.windows
    if not windows:
        return None
    return Period(min(window.first_day for window in windows), max(window.last_day for window in windows) + DAY)


def _gaps(windows: Sequence[Window]) -> Iterator[Period]:
    ordered = sorted(windows, key=lambda window: window.first_day)
    reached = ordered[0].last_day + DAY if ordered else date.min
    for window in ordered[1:]:
        if window.first_day > reached:
            yield Period(reached, window.first_day)
        reached = max(reached, window.last_day + DAY)


def _covers(outer: Period, inner: Period) -> bool:
    assert outer.end is not None and inner.end is not None
    return outer.begin <= inner.begin and inner.end <= outer.end


def _uncovered(subject: Subject, line: Line, gap: Period) -> Finding:
    days = {"first": gap.begin, "last": gap.last_day, "who": line.who}
    question = say(N_("{first} 至 {last} 缴清的（{who}），能否参保？待遇从哪一天开始？"), **days)
    silences = [silence for silence in subject.file.silences if silence.period.overlaps(gap)]
    if _fill(silences, gap):
        message = say(N_("{first} 至 {last} 不在任何参保时段内（{who}）：通知未规定待遇何时开始"), **days)
        ask = subject.ask(question, silences[0].rule)
        return Finding("uncovered-days", "warning", "silences", message, ask)
    message = say(N_("{first} 至 {last} 不在任何参保时段内（{who}），也未注明通知未作规定"), **days)
    rule = max(line.windows, key=lambda window: window.first_day <= gap.begin and window.last_day < gap.begin).rule
    return Finding("uncovered-days", "error", "windows", message, subject.ask(question, rule))


def _fill(silences: Sequence[Silence], gap: Period) -> bool:
    reached = gap.begin
    for silence in sorted(silences, key=lambda one: one.first_day):
        if silence.first_day <= reached:
            reached = max(reached, silence.last_day + DAY)
    return gap.end is not None and reached >= gap.end


def _check_overlaps(subject: Subject) -> Iterator[Finding]:
    windows = sorted(subject.file.windows, key=lambda window: window.first_day)  # among equals the pack's order
    for earlier, later in combinations(windows, 2):
        if not earlier.period.overlaps(later.period) or (earlier.who is None) != (later.who is None):
            continue
        names = {"one": earlier.id, "other": later.id}
        if earlier.who == later.who:
            message = say(N_("参保时段“{one}”与“{other}”重叠"), **names)
            question = say(N_("{first} 至 {last} 缴清的，按哪一个参保时段确定待遇起始日？"), **_shared(earlier, later))
            ask = subject.ask(question, later.rule)
            yield Finding("overlapping-windows", "error", f"windows.{later.id}", message, ask)
        elif earlier.coverage != later.coverage and not are_apart(earlier.who, later.who, subject.vocabulary):
            yield _ambiguous(subject, earlier, later)


def _ambiguous(subject: Subject, earlier: Window, later: Window) -> Finding:
    names = {
        "one": earlier.id,
        "other": later.id,
        "first_who": describe(subject, earlier.who),
        "second_who": describe(subject, later.who),
    }
    days = _shared(earlier, later)
    question = say(
        N_("{first} 至 {last} 缴清、既符合“{first_who}”又符合“{second_who}”的人，待遇从哪一天开始？"), **days, **names
    )
    message = say(
        N_("参保时段“{one}”（{first_who}）与“{other}”（{second_who}）可能同时适用，现按先开始的执行"), **names
    )
    ask = subject.ask(question, later.rule)
    return Finding("ambiguous-windows", "warning", f"windows.{later.id}", message, ask)


def _shared(earlier: Window, later: Window) -> dict[str, date]:
    return {"first": later.first_day, "last": min(earlier.last_day, later.last_day)}


def _check_populations(subject: Subject) -> Iterator[Finding]:
    """Find a population with a rate and no window that an ordinary one of them may use."""
    file = subject.file
    if not file.windows:
        return
    own_year = file.students.population if file.students else None
    for code in dict.fromkeys(rate.population for rate in file.rates):
        open_to = [w for w in file.windows if w.who is None or only_by_population(w.who, code)]
        if not open_to and code != own_year:
            rule = next(rate.rule for rate in file.rates if rate.population == code)
            names = {"population": subject.population(code)}
            question = say(N_("{population}在哪些日子可以参保缴费，待遇从哪一天开始？"), **names)
            message = say(N_("没有一个参保时段适用于一般的{population}"), **names)
            yield Finding("no-window-for", "error", "windows", message, subject.ask(question, rule))


def _check_silences(subject: Subject) -> Iterator[Finding]:
    general = [window for window in subject.file.windows if window.who is None]
    for silence in subject.file.silences:
        for window in general:
            if silence.period.overlaps(window.period):
                days = {"first": silence.first_day, "last": silence.last_day, "window": window.id}
                message = say(N_("注明未作规定的 {first} 至 {last} 与参保时段“{window}”重叠"), **days)
                yield Finding("silence-in-window", "warning", f"silences.{silence.first_day}", message)


def _check_beginning(subject: Subject, window: Window) -> Iterator[Finding]:
    place = f"windows.{window.id}.coverage"
    days = {"first": window.first_day, "last": window.last_day}
    if isinstance(window.coverage, Unsaid):
        message = say(N_("{first} 至 {last} 可以参保，但通知未规定待遇何时开始"), **days)
        question = say(N_("{first} 至 {last} 参保缴费的，待遇从哪一天开始？"), **days)
        ask = subject.ask(question, window.coverage_rule or window.rule)
        yield Finding("missing-coverage-rule", "warning", place, message, ask)
    if isinstance(window.coverage, AfterWaiting) and subject.file.waiting is None:
        question = say(N_("{first} 至 {last} 参保缴费的，等待期是几个月，从哪一天算起？"), **days)
        message = say(N_("写明等待期满后享受待遇，但没有写等待期"))
        yield Finding("waiting-without-rule", "error", place, message, subject.ask(question, window.rule))
    yield from check_fixed_day(subject, window.coverage, place, window.coverage_rule or window.rule)


def check_fixed_day(
    subject: Subject, coverage: Coverage | NewbornCoverage, place: str, rule: str | None
) -> Iterator[Finding]:
    """Find a fixed first day of cover outside the insurance year."""
    year = subject.file.coverage_year
    if isinstance(coverage, FixedDay) and year is not None and coverage.day not in year.period:
        names = {"day": coverage.day, "first": year.first_day, "last": year.last_day}
        question = say(N_("待遇从 {day} 开始，但保险年度是 {first} 至 {last}，以哪个为准？"), **names)
        message = say(N_("待遇起始日 {day} 不在保险年度 {first} 至 {last} 之内"), **names)
        # Before the year somebody would be covered by a contribution that is not for those days; after it by nothing.
        severity: Severity = "error" if coverage.day > year.last_day else "warning"
        yield Finding("cover-outside-year", severity, place, message, subject.ask(question, rule))
