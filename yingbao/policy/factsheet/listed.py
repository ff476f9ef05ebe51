"""What a pack lists beside the money: who may enrol and where, by what channel, until when, at what benefit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.factsheet.parts import Row, Section, Table
from yingbao.policy.factsheet.subject import NOT_GIVEN, Subject, make_table, say_all
from yingbao.policy.listings import Benefit
from yingbao.policy.saying import as_is, name_population
from yingbao.policy.texts import text
from yingbao.policy.wording import CHOICES, say_field, say_value

LISTS = ("groups", "excluded", "outreach", "enrol_at", "channels", "deadlines", "signatories")
_NAMES = ("code", "id", "place", "role")  # what an entry is called in files
_ELSEWHERE = frozenset((*_NAMES, "zh", "en", "rule"))
_WEEKDAYS = (N_("星期一"), N_("星期二"), N_("星期三"), N_("星期四"), N_("星期五"), N_("星期六"), N_("星期日"))


def listed(subject: Subject) -> Iterator[Section]:
    """Yield a section for each list the pack has."""
    for name in LISTS:
        entries = getattr(subject.file, name)
        if entries:
            heads = [(N_("名称"), False), (N_("代码"), False), (N_("内容"), False)]
            yield subject.section(name, (), [make_table(heads, [_row(subject, one) for one in entries])])
    if subject.file.benefits:
        yield subject.section("benefits", (), [_benefits(subject)])


def _row(subject: Subject, entry: Any) -> Row:
    fields = type(entry).model_fields
    code = next(getattr(entry, name) for name in _NAMES if name in fields)
    said = [_field(subject, name, getattr(entry, name)) for name in fields if name not in _ELSEWHERE]
    return subject.row(entry, text(entry.zh, entry.en), as_is(code), say_all(one for one in said if one))


def _field(subject: Subject, name: str, value: object) -> Message | None:
    """Return what a field says; None where it says nothing."""
    if name == "population":
        return name_population(str(value), subject.vocabulary)
    if name == "online":
        return say(N_("线上办理")) if value else say(N_("线下办理"))
    if value in (None, ()):
        return None
    if name == "weekday" and isinstance(value, int):
        return say(N_("每周{weekday}"), weekday=say(_WEEKDAYS[value - 1]))
    return say(N_("{field}：{value}"), field=say_field(name), value=say_value(name, value, subject.vocabulary))


def _benefits(subject: Subject) -> Table:
    heads = [(N_("待遇"), False), (N_("代码"), False), (N_("档次"), False), (N_("数值"), True), (N_("单位"), False)]
    return make_table(heads, [_benefit(subject, one) for one in subject.file.benefits])


def _benefit(subject: Subject, one: Benefit) -> Row:
    tier = NOT_GIVEN if one.tier is None else say(N_("{tier} 档"), tier=one.tier)
    cells = (text(one.zh, one.en), as_is(one.name), tier, as_is(f"{one.value:,}"), say(CHOICES[one.unit]))
    return subject.row(one, *cells)
