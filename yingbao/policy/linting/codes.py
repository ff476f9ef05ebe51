"""Codes: every identity, population and department named anywhere must be a word the pack knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from yingbao.kernel.messages import N_, say
from yingbao.policy.entries import Entry, When
from yingbao.policy.format import Fact, Newborn, NoWaiting, PackIdentity, Rate, Students
from yingbao.policy.linting.subject import Finding, Subject, as_is, join
from yingbao.policy.listings import EnrolAt
from yingbao.policy.places import walk
from yingbao.policy.vocabulary import get_vocabulary

_DIVISION_DIGITS = 12


def check_codes(subject: Subject) -> Iterator[Finding]:
    """Find unknown codes, classes without a parent, departments nobody named, and words that clash."""
    if subject.word_error is not None:
        yield Finding("word-clash", "error", "words", say(N_("自定义词汇不能使用：{why}"), why=subject.word_error))
    if not is_division(subject.file.division):
        message = say(N_("行政区划代码“{division}”不是十二位数字"), division=subject.file.division)
        yield Finding("bad-division", "error", "division", message)
    for place, value, *_ in walk(subject.file):
        for field, when in list_whens(value):
            yield from _check_when(subject, f"{place}.{field}", when)
        yield from _check_identities(subject, place, _identities(value))
        yield from _check_populations(subject, place, _populations(value))
        if isinstance(value, PackIdentity):
            yield from _check_departments(subject, place, value)
    yield from _check_own_words(subject)
    yield from _check_classes(subject)


def is_division(code: str) -> bool:
    """Return whether a code has the form of a division's: twelve digits, and no quotes within."""
    return len(code) == _DIVISION_DIGITS and code.isascii() and code.isdigit()


def list_whens(value: Entry) -> Iterator[tuple[str, When]]:
    """Yield the conditions a value itself carries, with the field each stands in."""
    for field in type(value).model_fields:
        when = getattr(value, field)
        if isinstance(when, When):
            yield field, when


def _check_when(subject: Subject, place: str, when: When) -> Iterator[Finding]:
    yield from _check_identities(subject, place, (*when.identities, *when.without))
    yield from _check_populations(subject, place, when.populations)


def _identities(value: Entry) -> tuple[str, ...]:
    if isinstance(value, PackIdentity):
        return (value.code,)
    return value.identities if isinstance(value, NoWaiting | Fact) else ()


def _populations(value: Entry) -> tuple[str, ...]:
    if isinstance(value, Rate | Students | EnrolAt):
        return (value.population,)
    return value.populations if isinstance(value, Newborn) else ()


def _check_identities(subject: Subject, place: str, codes: Iterable[str]) -> Iterator[Finding]:
    for code in codes:
        if code not in subject.vocabulary.identities:
            yield Finding("unknown-identity", "error", place, say(N_("词汇表中没有身份“{code}”"), code=code))


def _check_populations(subject: Subject, place: str, codes: Iterable[str]) -> Iterator[Finding]:
    for code in codes:
        if code not in subject.vocabulary.populations:
            yield Finding("unknown-population", "error", place, say(N_("词汇表中没有人群“{code}”"), code=code))


def _check_departments(subject: Subject, place: str, identity: PackIdentity) -> Iterator[Finding]:
    questions = {
        "confirmed_by": (N_("没有写明由哪个部门认定"), N_("“{name}”由哪个部门认定？")),
        "paid_by": (N_("没有写明由哪个部门资助"), N_("“{name}”的参保资助由哪个部门出资？")),
    }
    rule = next((subsidy.rule for subsidy in identity.subsidies if subsidy.rule), None)
    for field, (missing, question) in questions.items():
        department = getattr(identity, field)
        if department is None:
            ask = subject.ask(say(question, name=subject.identity(identity.code)), rule)
            yield Finding("no-department", "error", f"{place}.{field}", say(missing), ask)
        elif department not in subject.vocabulary.departments:
            message = say(N_("词汇表中没有部门“{code}”"), code=department)
            yield Finding("no-department", "error", f"{place}.{field}", message)


def _check_own_words(subject: Subject) -> Iterator[Finding]:
    common, known = get_vocabulary(), subject.file.words
    for identity in known.identities:
        parent, dot, _ = identity.code.partition(".")
        own = {word.code for word in known.identities}
        if dot and parent not in common.identities and parent not in own:
            message = say(N_("“{code}”是“{parent}”的一类，但词汇表中没有“{parent}”"), code=identity.code, parent=parent)
            yield Finding("unknown-parent", "error", f"words.identities.{identity.code}", message)
    shared = (
        ("identities", known.identities, common.identities),
        ("departments", known.departments, common.departments),
        ("populations", known.populations, common.populations),
    )
    for kind, own_words, common_words in shared:
        for word in own_words:
            if word.code in common_words:
                message = say(N_("“{code}”在通用词汇表中已有，这里又写了一遍"), code=word.code)
                yield Finding("word-repeated", "warning", f"words.{kind}.{word.code}", message)


def _check_classes(subject: Subject) -> Iterator[Finding]:
    subsidised = [identity.code for identity in subject.file.identities]
    for parent in dict.fromkeys(code.partition(".")[0] for code in subsidised if "." in code):
        missing = [
            code
            for code in subject.vocabulary.identities
            if code.startswith(f"{parent}.") and code not in subsidised and parent not in subsidised
        ]
        names = {"name": subject.identity(parent), "classes": join(map(as_is, missing))}
        rule = next((i.subsidies[0].rule for i in subject.file.identities if _is_class(i, parent)), None)
        if parent not in subsidised:
            ask = subject.ask(say(N_("认定为“{name}”但没有注明类别的人员，按哪一类资助？"), **names), rule)
            message = say(N_("只按类别资助“{name}”：没有注明类别的人员不能测算"), **names)
            yield Finding("class-without-parent", "warning", f"identities.{parent}", message, ask)
        if missing:
            ask = subject.ask(say(N_("“{name}”中的 {classes} 是否资助、资助多少？"), **names), rule)
            message = say(N_("“{name}”中的 {classes} 没有资助标准"), **names)
            yield Finding("class-without-subsidy", "warning", f"identities.{parent}", message, ask)


def _is_class(identity: PackIdentity, parent: str) -> bool:
    return identity.code.startswith(f"{parent}.") and bool(identity.subsidies)
