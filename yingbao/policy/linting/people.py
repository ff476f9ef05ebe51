"""Facts, newborns, students and waiting: what the constructs ask of people, and whether they fit together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.policy.entries import Days, When
from yingbao.policy.format import Newborn, NewbornBand, PackFile
from yingbao.policy.linting.codes import list_whens
from yingbao.policy.linting.conditions import describe, never_holds
from yingbao.policy.linting.subject import Finding, Subject
from yingbao.policy.linting.windows import check_fixed_day, season_of_windows
from yingbao.policy.places import label_all, walk

_DAYS_A_MONTH = 31
_FACTS = {
    "disability_kind": N_("残疾类别"),
    "disability_grade": N_("残疾等级"),
    "missed_years": N_("中断参保的年数"),
    "repaired_years": N_("补缴的年数"),
    "continuous_years": N_("连续参保的年数"),
    "years_without_claims": N_("未报销的年数"),
    "enrolled_last_year": N_("上年度是否参保"),
    "addons": N_("选择的附加保险"),
    "payer_account_fen": N_("共济账户余额"),
    "snapshot_identities": N_("时点上的身份"),
}


def check_facts(subject: Subject) -> Iterator[Finding]:
    """Find facts a construct cannot do without that are not declared, and declared ones nothing uses."""
    declared = {fact.fact for fact in subject.file.facts}
    needed, useful = dict(needed_facts(subject.file)), set(_useful(subject.file))
    for fact, place in needed.items():
        if fact not in declared:
            message = say(N_("要用到“{fact}”，但没有在 facts 中声明；缺这一项的人员将无法测算"), fact=say(_FACTS[fact]))
            yield Finding("undeclared-fact", "warning", place, message)
    for fact in sorted(declared - needed.keys() - useful):
        message = say(N_("声明了“{fact}”，但没有任何规定用到；缺这一项的人员会白白被拒绝"), fact=say(_FACTS[fact]))
        yield Finding("unused-fact", "warning", f"facts.{fact}", message)


def needed_facts(file: PackFile) -> Iterator[tuple[str, str]]:
    """Yield the facts asked of people, each with the place of what asks."""
    for place, when in list_conditions(file):
        asked = {
            "disability_kind": bool(when.disability_kinds),
            "disability_grade": bool(when.disability_grades),
            "enrolled_last_year": when.enrolled_last_year is not None,
        }
        yield from ((fact, place) for fact, used in asked.items() if used)
    asking = {"missed_years": "waiting", "continuous_years": "incentive", "snapshot_identities": "snapshot"}
    yield from ((fact, part) for fact, part in asking.items() if getattr(file, part) is not None)


def _useful(file: PackFile) -> Iterator[str]:
    if file.waiting is not None and file.waiting.repair is not None:
        yield "repaired_years"
    if file.incentive is not None:
        yield "years_without_claims"
    if any(not addon.compulsory for addon in file.addons):
        yield "addons"
    if file.family_account is not None:
        yield "payer_account_fen"


def list_conditions(file: PackFile) -> Iterator[tuple[str, When]]:
    """Yield every condition of a pack with its place."""
    for place, value, *_ in walk(file):
        for field, when in list_whens(value):
            yield f"{place}.{field}", when


def check_conditions(subject: Subject) -> Iterator[Finding]:
    """Find conditions nobody can fit, and ages of which nobody says on which day they are counted."""
    by_age = []
    for place, when in list_conditions(subject.file):
        if when.age_from is not None or when.age_to is not None:
            by_age.append(place)
        if never_holds(when, subject.vocabulary):
            message = say(N_("没有人符合：“{who}”自相矛盾"), who=describe(subject, when))
            yield Finding("never-holds", "error", place, message)
    if by_age and subject.file.ages is None:
        question = say(N_("年龄按哪一天计算周岁：缴费当日，还是某个固定日期？"))
        message = say(N_("有按年龄的规定，但没有写按哪一天计算周岁，现按保险年度的第一天"))
        yield Finding("age-day-unsaid", "info", by_age[0], message, subject.ask(question))


def check_newborn(subject: Subject) -> Iterator[Finding]:
    """Find bands out of order, a first day of cover outside the year, and populations nobody has a rate for."""
    file = subject.file
    if file.newborn is None:
        return
    yield from _check_rates(subject, "newborn", file.newborn.populations)
    labels = label_all(file.newborn.bands)
    for label, band in zip(labels, file.newborn.bands, strict=True):
        rule = band.rule or file.newborn.rule
        yield from check_fixed_day(subject, band.coverage, f"newborn.bands.{label}.coverage", rule)
    for (one, earlier), (other, later) in pairwise(zip(labels, file.newborn.bands, strict=True)):
        if _length(later) <= _length(earlier):
            message = say(N_("新生儿的“{other}”排在“{one}”后面却不比它长，永远轮不到"), one=one, other=other)
            yield Finding("band-order", "error", f"newborn.bands.{other}", message)
    yield from _check_born(subject, file.newborn)


def _check_born(subject: Subject, newborn: Newborn) -> Iterator[Finding]:
    """Find newborns of another year, and whether those of the centralised period before the year count."""
    born, year, season = newborn.born, subject.file.coverage_year, season_of_windows(subject)
    if year is None:
        return
    if born is not None and not born.period.overlaps(year.period):
        yield _outside("newborn-outside-year", "newborn.born", born, year)
    if born is None and season is not None and season.begin < year.first_day:
        question = say(N_("保险年度开始前出生、在集中参保期内参保的新生儿是否按新生儿办理，从哪天起享受？"))
        names = {"first": season.begin, "last": year.first_day - DAY, "begin": year.first_day}
        message = say(N_("{begin} 起出生的才算新生儿；{first} 至 {last} 已可以参保，这时出生的按一般居民办理"), **names)
        ask = subject.ask(question, newborn.rule)
        yield Finding("newborn-born-before-year", "info", "newborn.born", message, ask)


def _outside(code: str, place: str, days: Days, year: Days) -> Finding:
    names = {"first": days.first_day, "last": days.last_day, "begin": year.first_day, "end": year.last_day}
    message = say(N_("{first} 至 {last} 与保险年度 {begin} 至 {end} 没有一天重合"), **names)
    return Finding(code, "warning", place, message)


def _length(band: NewbornBand) -> int:
    return band.within * (_DAYS_A_MONTH if band.unit == "months" else 1)


def _check_rates(subject: Subject, place: str, populations: tuple[str, ...]) -> Iterator[Finding]:
    have = {rate.population for rate in subject.file.rates}
    for code in populations:
        if have and code in subject.vocabulary.populations and code not in have:
            names = {"population": subject.population(code)}
            ask = subject.ask(say(N_("{population}的个人缴费标准是多少？"), **names))
            message = say(N_("{population}没有个人缴费标准"), **names)
            yield Finding("population-without-rate", "error", place, message, ask)


def check_students(subject: Subject) -> Iterator[Finding]:
    """Find an academic year without a rate, and graduates who would lose days."""
    students = subject.file.students
    if students is None:
        return
    yield from _check_rates(subject, "students", (students.population,))
    if students.graduates is not None and students.graduates.last_day < students.last_day:
        names = {"day": students.graduates.last_day, "last": students.last_day}
        ask = subject.ask(say(N_("毕业生的待遇到 {day}，早于学年末 {last}，以哪个为准？"), **names), students.rule)
        message = say(N_("毕业生的待遇到 {day}，反而早于学年末 {last}"), **names)
        yield Finding("graduates-end-early", "warning", "students.graduates", message, ask)


def check_waiting(subject: Subject) -> Iterator[Finding]:
    """Find parts of the waiting rules that refer to nothing or change nothing."""
    file = subject.file
    waiting = file.waiting
    if waiting is not None and waiting.repair is not None and not waiting.per_missed_year:
        message = say(N_("可以补缴断保年度，但等待期并不随断保年数增加，补缴不起作用"))
        question = say(N_("补缴断保年度的人，等待期减少几个月？"))
        ask = subject.ask(question, waiting.repair.rule or waiting.rule)
        yield Finding("repair-without-growth", "warning", "waiting.repair", message, ask)
    if file.family_account is not None:
        missing = {"repair": waiting is None or waiting.repair is None, "addons": not file.addons}
        for part in file.family_account.pays:
            if missing.get(part):
                message = say(N_("共济账户可以支付“{part}”，但本通知没有这一项"), part=part)
                yield Finding("refers-to-nothing", "warning", "family_account.pays", message)
    yield from _check_incentive(subject)
    if file.no_waiting and _needless(subject):
        message = say(N_("写了不设等待期的人，但没有任何参保时段或规定要等待"))
        yield Finding("refers-to-nothing", "info", "no_waiting", message)


def _needless(subject: Subject) -> bool:
    waits = {"next_month", "after_days", "after_full_days", "after_months", "waiting", "silent", "next_day"}
    file = subject.file
    return file.waiting is None and not any(window.coverage.starts in waits for window in file.windows)


def _check_incentive(subject: Subject) -> Iterator[Finding]:
    incentive, benefits = subject.file.incentive, subject.file.benefits
    if incentive is None:
        return
    named = [benefit for benefit in benefits if benefit.name == incentive.benefit]
    if not any(benefit.unit == "yuan/person/year" for benefit in named):
        names = {"benefit": incentive.benefit}
        question = say(N_("连续参保激励提高的是哪一项限额，限额现为多少元？"))
        message = say(N_("激励所提高的“{benefit}”不在 benefits 的金额之中"), **names)
        yield Finding("unknown-benefit", "error", "incentive.benefit", message, subject.ask(question, incentive.rule))
