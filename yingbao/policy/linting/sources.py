"""Sources: every value rests on a rule, every rule on a document and a clause, every reading on a yes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.entries import Entry
from yingbao.policy.format import Fact, PackFile, PackIdentity
from yingbao.policy.linting.subject import Finding, Subject, as_is
from yingbao.policy.places import label_all
from yingbao.policy.wording import SECTIONS

_RULE_FIELDS = ("rule", "coverage_rule")
_IDS: tuple[tuple[str, Callable[[Any], object]], ...] = (
    ("documents", lambda one: one.id),
    ("rules", lambda one: one.id),
    ("windows", lambda one: one.id),
    ("identities", lambda one: one.code),
    ("facts", lambda one: one.fact),
    ("addons", lambda one: one.code),
    ("groups", lambda one: one.id),
    ("excluded", lambda one: one.code),
    ("outreach", lambda one: one.code),
    ("enrol_at", lambda one: (one.population, one.place, one.window)),
    ("channels", lambda one: one.code),
    ("deadlines", lambda one: one.id),
    ("benefits", lambda one: (one.name, one.tier)),
)

_LAST = N_("后写的一条有效，先写的不起作用")
_HIGHEST = N_("金额取两条中较高的，认定和出资部门却取后写的一条")
_RANKED = N_("金额取先写的一条，认定和出资部门却取后写的一条")
_BOTH = N_("两条都会执行或列出，凡是提到这个名称的地方分不清是哪一条")


def check_rules(subject: Subject) -> Iterator[Finding]:
    """Find values without a rule, rules that do not exist, and rules without document and clause."""
    pack = subject.pack
    for place, rule_id, needed in _walk_rules(pack.file, "", covered=False):
        if rule_id is None and needed:
            yield Finding("no-clause", "error", place, say(N_("没有写明依据的条款")))
        elif rule_id is not None and rule_id not in pack.rules:
            message = say(N_("所依据的规则“{rule}”不存在"), rule=rule_id)
            yield Finding("unknown-rule", "error", place, message)
    for rule in pack.rules.values():
        if rule.clause is None:
            yield Finding("no-clause", "error", f"rules.{rule.id}", say(N_("没有写明文件和条款")))
        elif rule.document is None:
            yield Finding("unknown-document", "error", f"rules.{rule.id}", say(N_("所引的文件没有列出")))
        elif not str(rule.text).strip():
            yield Finding("no-sentence", "warning", f"rules.{rule.id}", say(N_("没有抄录通知的原句")))


def _walk_rules(entry: Entry, place: str, *, covered: bool) -> Iterator[tuple[str, str | None, bool]]:
    """Yield place, rule id and whether one is needed; what is part of an entry with a rule may rest on that one."""
    named = covered or getattr(entry, "rule", None) is not None
    for field in type(entry).model_fields:
        value = getattr(entry, field)
        here = f"{place}.{field}".lstrip(".")
        if field in _RULE_FIELDS:
            # A fact is asked because another value needs it: that one's clause is the reason.
            yield here, value, field == "rule" and not covered and not isinstance(entry, Fact)
        elif isinstance(value, Entry):
            yield from _walk_rules(value, here, covered=named)
        elif isinstance(value, tuple):
            items = [item for item in value if isinstance(item, Entry)]
            for label, item in zip(label_all(items), items, strict=True):
                yield from _walk_rules(item, f"{here}.{label}", covered=named)


def list_interpretations(subject: Subject) -> Iterator[Finding]:
    """List every reading of a sentence that leaves room, to be confirmed."""
    for rule in subject.pack.rules.values():
        if rule.interpretation is not None:
            question = say(
                N_("“{title}”一条，我们理解为：{reading}是否妥当？"), title=rule.title, reading=rule.interpretation
            )
            ask = subject.ask(question, rule.id)
            yield Finding("interpretation", "info", f"rules.{rule.id}", rule.interpretation, ask)


def check_repeats(subject: Subject) -> Iterator[Finding]:
    """Find two entries of one name in one file, and say which counts. Of two rates the second is ``never-reached``."""
    for file in subject.pack.files or (subject.file,):
        for field, key in _IDS:
            for label, item in _repeated(getattr(file, field), key):
                message = say(
                    N_("政策包“{pack}”的“{part}”中“{name}”写了两遍：{effect}"),
                    pack=file.pack, part=say(SECTIONS[field]), name=_name(subject, item, label),
                    effect=say(_effect(subject, field)),
                )  # fmt: skip
                yield Finding("duplicate-id", "error", f"{field}.{label}", message)


def _name(subject: Subject, item: Entry, label: str) -> Message:
    if isinstance(item, PackIdentity):
        return subject.identity(item.code)
    return as_is(getattr(item, "code", None) or getattr(item, "id", None) or label)


def _effect(subject: Subject, field: str) -> str:
    """Return what becomes of two entries of one name."""
    if field == "identities":
        several = subject.file.several
        return _RANKED if several is not None and several.choose == "ranked" else _HIGHEST
    return _LAST if field in ("documents", "rules") else _BOTH


def _repeated(items: Sequence[Entry], key: Callable[[Any], object]) -> Iterator[tuple[str, Entry]]:
    seen: set[object] = set()
    for label, item in zip(label_all(items), items, strict=True):
        name = (key(item), getattr(item, "years", None))  # one for each year is no repetition
        if name in seen:
            yield label, item
        seen.add(name)


def check_years(subject: Subject) -> Iterator[Finding]:
    """Find entries limited to insurance years of which the pack's is none. Bases serve other years too."""
    file = subject.pack.files[0] if subject.pack.files else subject.file
    for place, years in _walk_years(file, ""):
        if file.year not in years:
            message = say(
                N_("只适用于 {years} 年度，在 {year} 年度从不适用"), years="、".join(map(str, years)), year=file.year
            )
            yield Finding("years-never-apply", "info", place, message)


def _walk_years(entry: PackFile | Entry, place: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    for field in type(entry).model_fields:
        value = getattr(entry, field)
        here = f"{place}.{field}".lstrip(".")
        if field == "years" and value is not None:
            yield place, value
        for label, item in _entries(value):
            yield from _walk_years(item, f"{here}.{label}".rstrip("."))


def _entries(value: object) -> Iterator[tuple[str, Entry]]:
    if isinstance(value, Entry):
        yield "", value
    elif isinstance(value, tuple):
        items = [item for item in value if isinstance(item, Entry)]
        yield from zip(label_all(items), items, strict=True)
