"""When one may pay and from when one is covered: windows, newborns, students, who waits and who does not."""

from __future__ import annotations

from collections.abc import Iterator

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.factsheet.parts import Point, Row, Section, Table
from yingbao.policy.factsheet.subject import Subject, make_table, say_all, say_years, span, with_years, yuan
from yingbao.policy.format import NewbornBand, NoWaiting, Silence, Waiting, Window
from yingbao.policy.saying import (
    THEN,
    as_is,
    list_up,
    name_population,
    say_identities,
    say_span,
    say_start,
    say_waiting,
)


def days(subject: Subject) -> Iterator[Section]:
    """Yield when one may pay and from when one is covered."""
    file = subject.file
    if file.windows or file.silences:
        yield subject.section("windows", _last_day(subject), [_calendar(subject)])
    if file.no_waiting:
        yield subject.section("no_waiting", [Point(_AT_ONCE)], [_no_waiting(subject)])
    if file.waiting is not None:
        yield subject.section("waiting", _waiting(subject, file.waiting))
    if file.newborn is not None:
        yield subject.section("newborn", _newborn(subject), [_bands(subject)])
    if file.students is not None:
        yield subject.section("students", _students(subject))


_AT_ONCE = say(N_("集中参保期结束以后缴清的，从缴清当日起享受待遇，不早于保险年度第一天"))
_UNSAID = say(N_("通知没有规定，不作推定；金额可以计算"))


def _calendar(subject: Subject) -> Table:
    """Return windows and silences in the order of their days."""
    file = subject.file
    entries: list[Window | Silence] = sorted((*file.windows, *file.silences), key=lambda one: one.first_day)
    heads = [(N_("缴清日期"), False), (N_("时段"), False), (N_("适用对象"), False), (N_("待遇开始"), False)]
    return make_table([*heads, (N_("适用年度"), False)], [_window(subject, one) for one in entries])


def _window(subject: Subject, one: Window | Silence) -> Row:
    if isinstance(one, Silence):
        return subject.row(one, span(one), say(N_("未作规定")), subject.say_when(None), _UNSAID, subject.say_when(None))
    kind = say(N_("集中参保期")) if one.centralised else say(N_("其他时段"))
    start = _UNSAID if one.coverage.starts == "silent" else say_start(one.coverage)
    cells = (span(one), kind, subject.say_when(one.who), start, say_years(one))
    return subject.row(one, *cells, ids=[one.coverage_rule])


def _last_day(subject: Subject) -> Iterator[Point]:
    year, students = subject.file.coverage_year, subject.file.students
    if year is not None:
        yield subject.point(year, say(N_("待遇享受到 {day}"), day=year.last_day))
    if students is not None:
        name = name_population(students.population, subject.vocabulary)
        yield subject.point(students, say(N_("{who}的待遇享受到 {day}"), who=name, day=students.last_day))
    if any(window.who is not None for window in subject.file.windows):
        yield Point(say(N_("专为某些人开放的时段优先；时段重叠的，以开始较早的为准")))
    yield Point(say(N_("在所有时段之外不能缴费")))


def _no_waiting(subject: Subject) -> Table:
    rows = [subject.row(group, _who(subject, group), say_years(group)) for group in subject.file.no_waiting]
    return make_table([(N_("适用对象"), False), (N_("适用年度"), False)], rows)


def _who(subject: Subject, group: NoWaiting) -> Message:
    named = [say_identities(group.identities, subject.vocabulary)] if group.identities else []
    return say_all([*named, subject.say_when(group.who)])


def _waiting(subject: Subject, waiting: Waiting) -> Iterator[Point]:
    yield subject.point(waiting, list_up(with_years(say_waiting(waiting), waiting), THEN))
    yield Point(say(N_("在待遇“等待期满后”开始的时段缴清的都要等待；在其他时段缴清的，断保过的才等待")))
    if waiting.repair is not None:
        repair = say(
            N_("断保的年度可以按本年度本人的标准补缴，每补 1 年少等 {months} 个月，固定部分不减"),
            months=waiting.repair.months,
        )
        yield subject.point(waiting.repair, repair)
    if waiting.floor is not None:
        floor = waiting.floor
        text = N_("断保 {years} 年及以上的，不论是否补缴，至少等待 {months} 个月")
        yield subject.point(floor, say(text, years=floor.missed_years, months=floor.months))
    if waiting.exempt is not None:
        yield Point(say(N_("除外人员：{who}"), who=subject.say_when(waiting.exempt)))


def _newborn(subject: Subject) -> Iterator[Point]:
    newborn = subject.file.newborn
    assert newborn is not None
    born = newborn.born or subject.file.coverage_year
    named = list_up(name_population(code, subject.vocabulary) for code in newborn.populations)
    days = say_span(born.first_day, born.last_day) if born else as_is("–")
    yield subject.point(newborn, say(N_("{days} 出生的{who}；出生当日不计入期限"), days=days, who=named))
    yield Point(say(N_("超过最长期限的，按一般时段办理")))


def _bands(subject: Subject) -> Table:
    newborn = subject.file.newborn
    assert newborn is not None
    heads = [(N_("缴清期限"), False), (N_("待遇开始"), False), (N_("应缴（元），代替个人缴费标准"), True)]
    return make_table(
        heads,
        [subject.row(band, say_band(band), say_start(band.coverage), yuan(band.amount)) for band in newborn.bands],
    )


def say_band(band: NewbornBand) -> Message:
    """Return the time a newborn band gives."""
    unit = N_("出生后 {within} 天内") if band.unit == "days" else N_("出生后 {within} 个月内")
    return say(unit, within=band.within)


def _students(subject: Subject) -> Iterator[Point]:
    one = subject.file.students
    assert one is not None
    name = name_population(one.population, subject.vocabulary)
    year = N_("{who}按学年参保：{begin} 至 {end}")
    yield subject.point(one, say(year, who=name, begin=one.first_day, end=one.last_day))
    term = N_("开学之日（没有填写的按 {day}）起 {days} 天内缴清的，享受整个学年的待遇；开学当日不计")
    yield Point(say(term, day=one.term_start, days=one.days))
    yield Point(say(N_("更晚缴清的，待遇按一般时段开始，仍到学年结束")))
    if one.graduates is not None:
        yield subject.point(one.graduates, say(N_("当年毕业的，待遇享受到 {day}"), day=one.graduates.last_day))
