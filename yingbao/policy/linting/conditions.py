"""Comparing conditions (``When``) without people: who is certainly held by both, by one only, or by nobody."""

from __future__ import annotations

from collections.abc import Iterator

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.entries import When
from yingbao.policy.linting.subject import Subject, as_is, join
from yingbao.policy.vocabulary import Vocabulary

OLDEST = 120


def is_narrower(one: When | None, other: When | None, vocabulary: Vocabulary) -> bool:
    """Return whether whoever fits ``one`` certainly fits ``other``."""
    if other is None:
        return True
    if one is None:
        return False
    return (
        _within(one.populations, other.populations)
        and ages_of(other).start <= ages_of(one).start
        and ages_of(one).stop <= ages_of(other).stop
        and _within(one.disability_kinds, other.disability_kinds)
        and _within(one.disability_grades, other.disability_grades)
        and other.enrolled_last_year in (None, one.enrolled_last_year)
        and _within(_family(vocabulary, one.identities), _family(vocabulary, other.identities))
        and _family(vocabulary, other.without) <= _family(vocabulary, one.without)
    )


def are_apart(one: When | None, other: When | None, vocabulary: Vocabulary) -> bool:
    """Return whether certainly nobody fits both."""
    if one is None or other is None:
        return False
    enrolled = {one.enrolled_last_year, other.enrolled_last_year}
    return (
        _disjoint(one.populations, other.populations)
        or not set(ages_of(one)) & set(ages_of(other))
        or _disjoint(one.disability_kinds, other.disability_kinds)
        or _disjoint(one.disability_grades, other.disability_grades)
        or enrolled == {True, False}
        or _excluded(vocabulary, one, other)
        or _excluded(vocabulary, other, one)
    )


def never_holds(when: When, vocabulary: Vocabulary) -> bool:
    """Return whether nobody can fit: every identity asked for is also excluded."""
    return _excluded(vocabulary, when, when)


def ages_of(when: When | None) -> range:
    """Return the full years a condition allows."""
    if when is None:
        return range(OLDEST + 1)
    return range(when.age_from or 0, (OLDEST if when.age_to is None else when.age_to) + 1)


def only_by_age(when: When | None, population: str) -> bool:
    """Return whether nothing but age (and belonging to ``population``) decides."""
    if when is None:
        return True
    plain = when.model_copy(update={"populations": (), "age_from": None, "age_to": None})
    return plain == When.model_construct() and (not when.populations or population in when.populations)


def only_by_population(when: When, population: str) -> bool:
    """Return whether nothing but belonging to ``population`` is asked for."""
    return population in when.populations and when == When(populations=when.populations)


def describe(subject: Subject, when: When | None) -> Message:
    """Return in words whom a condition holds for."""
    if when is None:
        return say(N_("所有人"))
    return join(_parts(subject, when))


def _parts(subject: Subject, when: When) -> Iterator[Message]:
    if when.populations:
        yield join(map(subject.population, when.populations))
    if when.age_from is not None and when.age_to is not None:
        yield say(N_("{least}至{most}周岁"), least=when.age_from, most=when.age_to)
    elif when.age_from is not None:
        yield say(N_("{least}周岁及以上"), least=when.age_from)
    elif when.age_to is not None:
        yield say(N_("{most}周岁及以下"), most=when.age_to)
    if when.identities:
        yield say(N_("身份为{names}"), names=join(map(subject.identity, when.identities)))
    if when.without:
        yield say(N_("身份不含{names}"), names=join(map(subject.identity, when.without)))
    if when.disability_kinds:
        yield say(N_("残疾类别代码 {kinds}"), kinds=join(map(as_is, when.disability_kinds)))
    if when.disability_grades:
        yield say(N_("残疾等级 {grades} 级"), grades=join(map(as_is, when.disability_grades)))
    if when.enrolled_last_year is not None:
        yield say(N_("上年度已参保")) if when.enrolled_last_year else say(N_("上年度未参保"))


def _family(vocabulary: Vocabulary, codes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(codes) | vocabulary.family(codes)


def _excluded(vocabulary: Vocabulary, one: When, other: When) -> bool:
    return bool(one.identities) and _family(vocabulary, one.identities) <= _family(vocabulary, other.without)


def _within(inner: frozenset[str] | tuple[object, ...], outer: frozenset[str] | tuple[object, ...]) -> bool:
    """Return whether ``inner`` allows no more than ``outer``; an empty one allows all."""
    return not outer or (bool(inner) and set(inner) <= set(outer))


def _disjoint(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return bool(one) and bool(other) and not set(one) & set(other)
