"""Cover that cannot begin before the insurance year is over: money paid for no day at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.policy.coverages import FixedDay
from yingbao.policy.entries import When
from yingbao.policy.format import PackFile, Window
from yingbao.policy.linting.conditions import is_narrower
from yingbao.policy.linting.subject import Finding, Subject
from yingbao.policy.season import Group, Season, Wait, wait_of


def check_lateness(subject: Subject) -> Iterator[Finding]:
    """Find windows whose last days bring no day of cover: to anybody, or to who missed a single year.

    More missed years are not looked at: whoever missed ten waits longer than any year has months.
    """
    file = subject.file
    if file.coverage_year is None:
        return
    for window in file.windows:
        found = _find_late(subject, window)
        if found is not None:
            yield _tell(subject, window, *found)


def _find_late(subject: Subject, window: Window) -> tuple[date, int, date] | None:
    """Return the first day of clearing that is too late, the fewest missed years, and when cover would begin."""
    year = subject.file.coverage_year
    assert year is not None
    if isinstance(window.coverage, FixedDay) and window.coverage.day > year.last_day:
        return None  # an error of its own
    for missed in (0, 1):
        begins = _begins(subject, window, window.last_day, missed)
        if begins is None or begins <= year.last_day:
            continue
        day = window.last_day
        while day > window.first_day and (before := _begins(subject, window, day - DAY, missed)):
            if before <= year.last_day:
                break
            day -= DAY
        first = _begins(subject, window, day, missed)
        return (day, missed, first) if first else None
    return None


def _begins(subject: Subject, window: Window, day: date, missed: int) -> date | None:
    file = subject.file.model_copy(update={"windows": (window,), "no_waiting": ()})
    group = Group(own=(), general=(0,), at_once=(), wait=_wait(subject, window, missed))
    _, begins = Season(file).answer(group, day)
    return begins


def _wait(subject: Subject, window: Window, missed: int) -> Wait:
    waiting = subject.file.waiting
    if waiting is None or _is_spared(subject.file, window.who, subject):
        return Wait()
    return wait_of(waiting, missed, 0)


def _is_spared(file: PackFile, who: When | None, subject: Subject) -> bool:
    """Return whether everybody a window is for never waits."""
    exempt = [file.waiting.exempt] if file.waiting and file.waiting.exempt else []
    for group in file.no_waiting:
        named = When(identities=group.identities) if group.identities else group.who
        exempt += [named] if named is not None and not (group.identities and group.who) else []
    return any(is_narrower(who, one, subject.vocabulary) for one in exempt)


def _tell(subject: Subject, window: Window, day: date, missed: int, begins: date) -> Finding:
    year, waiting = subject.file.coverage_year, subject.file.waiting
    assert year is not None
    names = {"day": day, "last": window.last_day, "missed": missed, "begins": begins, "end": year.last_day}
    if missed:
        message = say(
            N_("{day} 至 {last} 缴清、断保 {missed} 年的人，待遇最早 {begins} 才开始，而保险年度到 {end} 已结束"),
            **names,
        )
        question = say(
            N_(
                "{day} 至 {last} 缴清、断保 {missed} 年及以上的人，"
                "等待期满已过保险年度（到 {end}），能否参保，已缴的退不退？"
            ),
            **names,
        )
    else:
        message = say(N_("{day} 至 {last} 缴清的人，待遇最早 {begins} 才开始，而保险年度到 {end} 已结束"), **names)
        question = say(
            N_("{day} 至 {last} 缴清的人，待遇开始时保险年度（到 {end}）已结束：能否参保，已缴的是否退还？"), **names
        )
    rule = (waiting.rule if waiting and missed else None) or window.coverage_rule or window.rule
    return Finding("cover-too-late", "warning", f"windows.{window.id}", message, subject.ask(question, rule))
