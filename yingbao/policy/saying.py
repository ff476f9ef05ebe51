"""What a pack writes, as sentences in both languages: conditions, starts of cover, windows, waiting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from yingbao.kernel.messages import N_, SOURCE_LANGUAGE, Message, say
from yingbao.policy.conditions import Traits
from yingbao.policy.coverages import Coverage, NewbornCoverage
from yingbao.policy.entries import Days, When
from yingbao.policy.format import Waiting
from yingbao.policy.texts import text
from yingbao.policy.vocabulary import Vocabulary

AND, OR, THEN = ("、", ", "), ("或", " or "), ("；", "; ")

_STARTS = {
    "birth": N_("从出生之日起"),
    "fixed_day": N_("从 {day} 起"),
    "same_day": N_("缴清当日起"),
    "next_day": N_("缴清次日起"),
    "next_month": N_("缴清次月 1 日起"),
    "after_days": N_("缴清日加 {days} 日起"),
    "after_full_days": N_("缴清满 {days} 日后"),
    "after_months": N_("缴清 {months} 个月后"),
    "waiting": N_("等待期满后"),
    "silent": N_("通知未规定"),
}
# Categories of the Classification and grading criteria of disability (GB/T 26341), in its order.
_DISABILITIES = (
    *(N_("无残疾"), N_("视力残疾"), N_("听力残疾"), N_("言语残疾")),
    *(N_("肢体残疾"), N_("智力残疾"), N_("精神残疾"), N_("多重残疾")),
)
_COUNTED_FROM = {
    "clearing": N_("自缴清之日起算"),
    "next_month": N_("自缴清次月 1 日起算"),
    "cover": N_("自无等待期时待遇开始之日起算"),
}


@dataclass(frozen=True, slots=True)
class Listed(Message):
    """Several sentences or names in a row; ``between`` is what stands between two, in Chinese and in English."""

    parts: tuple[Message, ...] = ()
    between: tuple[str, str] = AND

    def render(self, language: str) -> str:
        """Return the row in ``language`` ("zh…" or "en")."""
        mark = self.between[0 if language.startswith(SOURCE_LANGUAGE) else 1]
        return mark.join(part.render(language) for part in self.parts)

    def __str__(self) -> str:
        return self.render(SOURCE_LANGUAGE)


def list_up(parts: Iterable[Message], between: tuple[str, str] = AND) -> Message:
    """Return several sentences or names as one message."""
    return Listed("", {}, tuple(parts), between)


def as_is(value: object) -> Message:
    """Return what reads the same in every language, such as a code or a day."""
    return text(str(value), str(value))


def say_start(coverage: Coverage | NewbornCoverage) -> Message:
    """Return from when a way of beginning covers."""
    return say(_STARTS[coverage.starts], **coverage.model_dump(exclude={"starts"}))


def say_days(days: Days) -> Message:
    """Return a span of days, both ends included."""
    return say_span(days.first_day, days.last_day)


def say_span(first: date, last: date | None) -> Message:
    """Return from the first to the last day, or an open end."""
    if last is None:
        return say(N_("从 {day} 起"), day=first)
    return say(N_("{begin} 至 {end}"), begin=first, end=last)


def say_identities(codes: Iterable[str], vocabulary: Vocabulary, between: tuple[str, str] = AND) -> Message:
    """Return the names of identities, in the vocabulary's order; "none" where there are none."""
    order = {code: place for place, code in enumerate(vocabulary.identities)}
    named = sorted(codes, key=lambda code: (order.get(code, len(order)), code))
    return list_up((name_identity(code, vocabulary) for code in named), between) if named else say(N_("无"))


def name_identity(code: str, vocabulary: Vocabulary) -> Message:
    """Return an identity's name; the code itself for an unknown one."""
    known = vocabulary.identities.get(code)
    return known.name if known else as_is(code)


def name_population(code: str, vocabulary: Vocabulary) -> Message:
    """Return a population's name; the code itself for an unknown one."""
    known = vocabulary.populations.get(code)
    return known.name if known else as_is(code)


def name_department(code: str | None, vocabulary: Vocabulary) -> Message:
    """Return a department's name; the code itself for an unknown one, a dash for none."""
    known = vocabulary.departments.get(code or "")
    return known.name if known else as_is(code or "-")


def name_disability(kind: int) -> Message:
    """Return the name of a kind of disability (0: none)."""
    return say(_DISABILITIES[kind]) if 0 <= kind < len(_DISABILITIES) else as_is(kind)


def name_grade(grade: int) -> Message:
    """Return the name of a grade of disability (0: none)."""
    return say(N_("{grade} 级"), grade=grade) if grade else say(_DISABILITIES[0])


def split_when(when: When | None) -> tuple[When, ...]:
    """Return the single things a condition asks for: it holds where all of them hold."""
    if when is None:
        return ()
    blank = When.model_construct()
    names = [name for name in type(when).model_fields if getattr(when, name) != getattr(blank, name)]
    return tuple(blank.model_copy(update={name: getattr(when, name)}) for name in names)


def say_when(when: When | None, vocabulary: Vocabulary) -> Message:
    """Return all a condition asks for in one sentence; "everybody" where it asks for nothing."""
    parts = [part for one in split_when(when) for part in _say_each(one, vocabulary)]
    return list_up(parts, THEN) if parts else say(N_("所有人"))


def say_against(one: When, traits: Traits, held: Iterable[str], vocabulary: Vocabulary) -> Message:
    """Return what a single condition asks for and what the person with ``traits`` has instead."""
    return say(
        N_("要求{asked}；本人{own}"),
        asked=say_when(one, vocabulary),
        own=_say_own(one, traits, frozenset(held), vocabulary),
    )


def _say_each(one: When, vocabulary: Vocabulary) -> Iterator[Message]:
    if one.populations:
        yield list_up((name_population(code, vocabulary) for code in one.populations), OR)
    if one.age_from is not None:
        yield say(N_("年满 {age} 周岁"), age=one.age_from)
    if one.age_to is not None:
        yield say(N_("年龄不超过 {age} 周岁"), age=one.age_to)
    if one.disability_kinds:
        yield list_up((name_disability(kind) for kind in one.disability_kinds), OR)
    if one.disability_grades:
        yield say(N_("残疾等级{grades}"), grades=list_up((name_grade(grade) for grade in one.disability_grades), OR))
    if one.enrolled_last_year is not None:
        yield say(N_("上年已参保")) if one.enrolled_last_year else say(N_("上年未参保"))
    if one.identities:
        yield say(N_("具有{names}身份"), names=say_identities(one.identities, vocabulary, OR))
    if one.without:
        yield say(N_("没有{names}身份"), names=say_identities(one.without, vocabulary, OR))


def _say_own(one: When, traits: Traits, held: frozenset[str], vocabulary: Vocabulary) -> Message:
    if one.populations:
        return say(N_("为{name}"), name=name_population(traits.population, vocabulary))
    if one.age_from is not None or one.age_to is not None:
        return say(N_("为 {age} 周岁"), age=traits.age)
    if one.disability_kinds:
        return say(N_("为{name}"), name=name_disability(traits.disability_kind))
    if one.disability_grades:
        return say(N_("为{name}"), name=name_grade(traits.disability_grade))
    if one.enrolled_last_year is not None:
        if traits.enrolled_last_year is None:
            return say(N_("上年是否参保不详"))
        return say(N_("上年已参保")) if traits.enrolled_last_year else say(N_("上年未参保"))
    return say(N_("的身份：{names}"), names=say_identities(held, vocabulary))


def say_waiting(waiting: Waiting) -> Message:
    """Return how long a pack makes people wait, and from when that counts."""
    parts = [say(N_("固定等待 {months} 个月"), months=waiting.months)]
    if waiting.per_missed_year:
        parts.append(say(N_("每断保 1 年增加 {months} 个月"), months=waiting.per_missed_year))
    if waiting.repair:
        parts.append(say(N_("每补缴 1 年减少 {months} 个月"), months=waiting.repair.months))
    if waiting.floor:
        floor = waiting.floor
        parts.append(
            say(N_("断保 {years} 年及以上的至少 {months} 个月"), years=floor.missed_years, months=floor.months)
        )
    return list_up([*parts, say(_COUNTED_FROM[waiting.counted_from])], THEN)
