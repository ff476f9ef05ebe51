"""Days against each other: deadlines, snapshots, amendments and full cost against the season and the year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import Period
from yingbao.policy.linting.subject import Finding, Subject
from yingbao.policy.linting.windows import season_of_windows


def check_days(subject: Subject) -> Iterator[Finding]:
    """Find days that can never matter, or that come before what they build on."""
    season = season_of_windows(subject)
    if season is not None:
        yield from _check_until(subject, season)
        yield from _check_snapshot(subject, season)
        yield from _check_amendment(subject, season)
        yield from _check_full_cost(subject, season)
    yield from _check_year(subject)
    yield from _check_rate_days(subject)
    for deadline in subject.file.deadlines:
        if deadline.day is None and deadline.weekday is None and deadline.working_days is None:
            message = say(N_("没有写日期、星期几或工作日数"))
            yield Finding("empty-deadline", "error", f"deadlines.{deadline.id}", message)


def _check_until(subject: Subject, season: Period) -> Iterator[Finding]:
    for identity in subject.file.identities:
        until = identity.until
        if until is None:
            continue
        names = {"name": subject.identity(identity.code), "day": until.before, **_ends(season)}
        question = say(N_("“{name}”在 {day} 前参保的才资助，但参保时段是 {first} 至 {last}，期限是否有误？"), **names)
        if until.before <= season.begin:
            message = say(N_("“{name}”只在 {day} 前资助，而参保时段从 {first} 才开始：永远得不到资助"), **names)
        elif season.end is not None and until.before >= season.end:
            message = say(N_("“{name}”在 {day} 前资助，而参保时段到 {last} 已结束：这个期限不起作用"), **names)
        else:
            continue
        ask = subject.ask(question, until.rule)
        yield Finding("until-outside-season", "warning", f"identities.{identity.code}.until", message, ask)


def _check_snapshot(subject: Subject, season: Period) -> Iterator[Finding]:
    snapshot = subject.file.snapshot
    if snapshot is not None and snapshot.day >= season.begin:
        names = {"day": snapshot.day, "first": season.begin}
        question = say(N_("{first} 至 {day} 参保缴费的人，身份以哪一天的为准？"), **names)
        message = say(N_("身份以 {day} 的为准，但 {first} 已开始参保：此前缴费的人还不知道身份"), **names)
        yield Finding("snapshot-after-opening", "warning", "snapshot", message, subject.ask(question, snapshot.rule))


def _check_amendment(subject: Subject, season: Period) -> Iterator[Finding]:
    amends = subject.pack.files[0].amends if subject.pack.files else subject.file.amends
    if amends is not None and amends.first_day not in season:
        names = {"day": amends.first_day, **_ends(season)}
        question = say(N_("修订自 {day} 起执行，但参保时段是 {first} 至 {last}，已参保的是否重新计算？"), **names)
        message = say(N_("修订的生效日 {day} 不在参保时段 {first} 至 {last} 之内"), **names)
        yield Finding("amendment-outside-season", "warning", "amends", message, subject.ask(question, amends.rule))


def _check_full_cost(subject: Subject, season: Period) -> Iterator[Finding]:
    cost = subject.file.full_cost
    if cost is None:
        return
    ask = None
    if cost.last_day is not None and cost.last_day < cost.first_day:
        message = say(N_("全额缴费的 {last} 早于 {first}"), last=cost.last_day, first=cost.first_day)
        yield Finding("days-reversed", "error", "full_cost", message)
    elif season.end is not None and cost.first_day >= season.end:
        names = {"day": cost.first_day, **_ends(season)}
        ask = subject.ask(say(N_("{day} 起不享受财政补助，但 {last} 已停止参保，日期是否有误？"), **names), cost.rule)
        message = say(N_("{day} 起由本人承担财政补助部分，但参保时段到 {last} 已结束"), **names)
        yield Finding("full-cost-outside-season", "warning", "full_cost", message, ask)


def _check_year(subject: Subject) -> Iterator[Finding]:
    year = subject.file.coverage_year
    if year is not None and subject.file.year not in (year.first_day.year, year.last_day.year):
        names = {"year": subject.file.year, "first": year.first_day, "last": year.last_day}
        message = say(N_("政策包是 {year} 年度的，保险年度却是 {first} 至 {last}"), **names)
        yield Finding("year-mismatch", "error", "coverage_year", message)


def _check_rate_days(subject: Subject) -> Iterator[Finding]:
    file = subject.file
    if file.coverage_year is None:
        return
    for rate in file.rates:
        own = file.students if file.students and file.students.population == rate.population else file.coverage_year
        if not rate.period.overlaps(own.period):
            names = {"first": rate.first_day, "last": rate.last_day, "begin": own.first_day, "end": own.last_day}
            place = f"rates.{rate.population}.{rate.tier}"
            message = say(N_("缴费标准的期间 {first} 至 {last} 与保险年度 {begin} 至 {end} 没有一天重合"), **names)
            yield Finding("rate-outside-year", "warning", place, message)


def _ends(season: Period) -> dict[str, date | None]:
    return {"first": season.begin, "last": season.last_day}
