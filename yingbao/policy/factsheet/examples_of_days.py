"""Worked examples of days: the borders of windows and deadlines, newborns, students, waiting, amendments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.periods import DAY
from yingbao.policy.entries import Days, When
from yingbao.policy.explaining.facts import FACT_NAMES
from yingbao.policy.facts import FACTS
from yingbao.policy.factsheet.cast import Cast
from yingbao.policy.factsheet.days import say_band
from yingbao.policy.factsheet.examples_of_money import Scene
from yingbao.policy.format import NewbornBand, Silence, Waiting, Window
from yingbao.policy.needs import find_needs
from yingbao.policy.people import Person
from yingbao.policy.saying import list_up, name_identity, say_days, say_identities, say_when
from yingbao.policy.season import add_months

INTO = DAY * 14  # days into a window on which somebody ordinary pays
_Border = tuple[str, Callable[[Days], date]]
_INSIDE: tuple[_Border, _Border] = (
    (N_("{days} 的第一天"), lambda one: one.first_day),
    (N_("{days} 的最后一天"), lambda one: one.last_day),
)
_OUTSIDE: tuple[_Border, _Border] = (
    (N_("{days} 的前一天"), lambda one: one.first_day - DAY),
    (N_("{days} 的后一天"), lambda one: one.last_day + DAY),
)


def of_windows(cast: Cast) -> Iterator[Scene]:
    """Yield an ordinary person on the days around every border, then those for whom windows of their own are."""
    file = cast.file
    general = sorted([*(one for one in file.windows if one.who is None), *file.silences], key=_begins)
    days: dict[date, list[Message]] = {}
    # A day inside a span goes by that; only where it lies in none is it the day before or after one.
    for borders in (_INSIDE, _OUTSIDE):
        known = frozenset(days)
        for one in general:
            for title, find in borders:
                if find(one) not in known and not (borders is _OUTSIDE and isinstance(one, Silence)):
                    days.setdefault(find(one), []).append(say(title, days=_name(one)))
    for day in sorted(days):
        yield list_up(days[day], ("；", "; ")), cast.ordinary(paid_on=day)
    yield from _of_own_windows(cast)


def _name(one: Days) -> Message:
    """Return what a span of days is called."""
    if isinstance(one, Window) and one.centralised:
        return say(N_("集中参保期（{days}）"), days=say_days(one))
    return say_days(one)


def _of_own_windows(cast: Cast) -> Iterator[Scene]:
    for window in (one for one in cast.file.windows if one.who is not None):
        person, who = cast.fit(cast.ordinary(), window.who), say_when(window.who, cast.words)
        for title, find in (_OUTSIDE[0], *_INSIDE, _OUTSIDE[1]):
            named = say(N_("{who}：{what}"), who=who, what=say(title, days=_name(window)))
            yield named, replace(person, paid_on=find(window))
        outside = say(N_("不属于这些人的：{what}"), what=say(_INSIDE[0][0], days=_name(window)))
        yield outside, cast.ordinary(paid_on=window.first_day)


def of_unpaid(cast: Cast) -> Iterator[tuple[Message, Person, date]]:
    """Yield who has not paid: in time, and when all windows are over."""
    past = cast.policy.season.end
    assert past is not None
    person = replace(cast.ordinary(), paid_on=None)
    yield say(N_("没有缴费，集中参保期内")), person, cast.usual_day
    yield say(N_("没有缴费，所有时段已经结束")), person, past


def of_no_waiting(cast: Cast) -> Iterator[Scene]:
    """Yield who does not wait in each later window, beside the silent days."""
    for group in cast.file.no_waiting:
        person = cast.fit(cast.ordinary(), _asks(group.identities, group.who))
        who = [say_identities(person.identities, cast.words)] if group.identities else []
        names = list_up([*who, *([say_when(group.who, cast.words)] if group.who else [])], ("；", "; "))
        for day in _later_days(cast):
            yield say(N_("{who}：{day} 缴清"), who=names, day=day), replace(person, paid_on=day)


def _asks(identities: tuple[str, ...], who: When | None) -> When | None:
    """Return a condition and identities as one condition."""
    if not identities:
        return who
    return When(identities=identities) if who is None else who.model_copy(update={"identities": identities})


def _later_days(cast: Cast) -> list[date]:
    """Return a day in each window that is not the centralised one, and in each silence."""
    late: list[Days] = [one for one in cast.file.windows if not one.centralised and one.who is None]
    return [min(one.first_day + INTO, one.last_day) for one in sorted((*late, *cast.file.silences), key=_begins)]


def _begins(days: Days) -> date:
    return days.first_day


def of_newborns(cast: Cast) -> Iterator[Scene]:
    """Yield a newborn on the last day of each band and the day after, and a child born too early to be one."""
    newborn = cast.file.newborn
    born = (newborn.born or cast.file.coverage_year) if newborn else None
    if newborn is None or born is None:
        return
    child = cast.ordinary(population=newborn.populations[0])
    births = [min(born.first_day + DAY * 40, born.last_day)]
    births += [birth] if (birth := date(born.last_day.year, 8, 31)) in born.period else []
    for birth in births:
        for band in newborn.bands:
            end, name = _end(band, birth), say_band(band)
            person = replace(child, birth_on=birth)
            yield say(N_("{band}缴清，最后一天"), band=name), replace(person, paid_on=end)
            yield say(N_("没有在{band}缴清，晚了一天"), band=name), replace(person, paid_on=end + DAY)
    early = replace(child, birth_on=born.first_day - DAY, paid_on=born.first_day + INTO)
    yield say(N_("早一天出生，不算新生儿")), early
    late = replace(child, birth_on=born.last_day, paid_on=born.last_day + INTO)
    yield say(N_("最后一天出生，{day} 缴清"), day=late.paid_on), late
    codes = list(cast.subsidised())
    if codes:
        person = replace(child, birth_on=births[0], paid_on=_end(newborn.bands[0], births[0]))
        title = say(N_("新生儿，{identity}"), identity=name_identity(codes[0], cast.words))
        yield title, cast.hold(person, frozenset({codes[0]}))


def _end(band: NewbornBand, birth: date) -> date:
    return add_months(birth, band.within) if band.unit == "months" else birth + DAY * band.within


def of_students(cast: Cast) -> Iterator[Scene]:
    """Yield a student in time, on the last day, later, graduating, and of a later first day of term."""
    students = cast.file.students
    if students is None:
        return
    person, last = cast.ordinary(population=students.population), students.term_start + DAY * students.days
    yield say(N_("学生，按时缴清")), person
    if students.graduates is not None:
        yield say(N_("学生，当年毕业")), replace(person, graduating=True)
    yield say(N_("学生，期限最后一天")), replace(person, paid_on=last)
    yield say(N_("学生，晚了一天")), replace(person, paid_on=last + DAY)
    later = students.term_start + DAY * 10
    yield say(N_("学生，晚开学 10 天")), replace(person, term_start_on=later, paid_on=last + DAY)
    general = [window for window in cast.file.windows if window.who is None]
    for window in sorted(general, key=_begins):
        title = say(N_("学生，{days} 的最后一天"), days=say_days(window))
        yield title, replace(person, paid_on=window.last_day)


def of_waiting(cast: Cast) -> Iterator[Scene]:
    """Yield who missed years, in the centralised period and later; who bought some back; and who need not wait."""
    waiting = cast.file.waiting
    if waiting is None:
        return
    floor = waiting.floor.missed_years if waiting.floor else 2
    days = [cast.usual_day, *(day for day in _later_days(cast) if day != cast.usual_day)]
    for day in days:
        for missed in sorted({0, 1, 2, floor - 1, floor, floor + 1}):
            title = say(N_("{day} 缴清，断保 {missed} 年"), day=day, missed=missed)
            yield title, _missing(cast, day, missed)
    yield from _of_repair(cast, waiting, days[-1], floor)
    if waiting.exempt is not None:
        title = say(N_("除外人员：{who}"), who=say_when(waiting.exempt, cast.words))
        yield title, cast.fit(_missing(cast, days[-1], floor), waiting.exempt)
    for group in cast.file.no_waiting:
        person = cast.fit(_missing(cast, days[-1], floor), _asks(group.identities, group.who))
        yield say(N_("无等待期人员，断保 {missed} 年"), missed=floor), person


def _missing(cast: Cast, day: date, missed: int) -> Person:
    last_year = not missed if "enrolled_last_year" in cast.policy.facts else None
    return cast.ordinary(paid_on=day, missed_years=missed, enrolled_last_year=last_year)


def _of_repair(cast: Cast, waiting: Waiting, day: date, floor: int) -> Iterator[Scene]:
    if waiting.repair is None:
        return
    for missed, repaired in dict.fromkeys(((2, 1), (2, 2), (floor, floor), (1, 2))):
        title = say(N_("断保 {missed} 年，补缴 {repaired} 年"), missed=missed, repaired=repaired)
        yield title, replace(_missing(cast, day, missed), repaired_years=repaired)


def of_facts(cast: Cast) -> Iterator[Scene]:
    """Yield who lacks a fact the pack cannot do without."""
    always, of_holders = find_needs(cast.file)
    for name in (name for name in FACTS if name in always or name in of_holders):
        unknown: dict[str, Any] = {name: None}
        if name not in always:
            code = of_holders[name][0]
            holder = cast.hold(cast.ordinary(), frozenset({cast.code_for(code)}))
            parts = {"identity": name_identity(code, cast.words), "fact": say(FACT_NAMES[name])}
            yield say(N_("{identity}，没有填写{fact}"), **parts), replace(holder, **unknown)
        yield say(N_("没有填写{fact}"), fact=say(FACT_NAMES[name])), replace(cast.ordinary(), **unknown)


def of_amendment(cast: Cast) -> Iterator[Scene]:
    """Yield ordinary people and holders of each identity either version knows, the day before it holds and on it."""
    borders = [first for first, _ in cast.policy.versions if first is not None]
    known = [entry.code for _, policy in cast.policy.versions for entry in policy.file.identities]
    for first in borders:
        for day in (first - DAY, first):
            title = say(N_("{day} 缴清"), day=day)
            yield title, cast.ordinary(paid_on=day)
            for code in dict.fromkeys(known):
                person = cast.hold(cast.ordinary(paid_on=day), frozenset({code}))
                yield list_up([name_identity(code, cast.words), title], ("，", ", ")), person
