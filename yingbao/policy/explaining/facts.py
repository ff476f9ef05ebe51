"""The facts a decision went by: each with its value, and where the person lacks one, that it is so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.explaining.case import Case, say_tier, yuan
from yingbao.policy.explaining.nodes import Node
from yingbao.policy.facts import FACTS
from yingbao.policy.load import Pack
from yingbao.policy.needs import list_looked_at
from yingbao.policy.saying import as_is, list_up, name_disability, name_grade, name_population, say_identities

FACT_NAMES = {
    "birth_date": N_("出生日期"),
    "population": N_("人群"),
    "tier": N_("档次"),
    "identities": N_("身份"),
    "paid_on": N_("缴清日期"),
    "graduating": N_("是否当年毕业"),
    "term_start": N_("开学日期"),
    "disability_kind": N_("残疾类别"),
    "disability_grade": N_("残疾等级"),
    "missed_years": N_("断保年数"),
    "repaired_years": N_("补缴年数"),
    "continuous_years": N_("连续参保年数"),
    "years_without_claims": N_("未报销年数"),
    "enrolled_last_year": N_("上年是否参保"),
    "addons": N_("所选附加保险"),
    "payer_account_fen": N_("家庭共济账户余额"),
    "snapshot_identities": N_("锁定日持有的身份"),
}
COMMON = ("birth_date", "population", "tier", "identities", "paid_on")
DAYS = frozenset({"birth_date", "paid_on", "term_start"})
STUDENTS = ("graduating", "term_start")


def list_facts(case: Case) -> tuple[str, ...]:
    """Return the names of the facts this pack looks at in such a person, in the order people are asked for them."""
    students = STUDENTS if case.is_student else ()
    looked_at = _looked_at(_ByHash(case.pack))
    return (*COMMON, *students, *(name for name in FACTS if name in looked_at))


@dataclass(frozen=True)
class _ByHash:
    """A pack that equals another with the same hash."""

    pack: Pack = field(compare=False)
    hash: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "hash", self.pack.hash)


@lru_cache(maxsize=64)
def _looked_at(one: _ByHash) -> frozenset[str]:
    """Return the facts a pack looks at; finding out reads every condition in it."""
    return list_looked_at(one.pack.file)


def facts_node(case: Case) -> Node:
    """Return the facts, each a node; a wrong or lacking one has the state ``problem`` and the rule that says so."""
    children = tuple(_fact(case, name) for name in list_facts(case))
    label = say(N_("依据的事实"))
    wrong = any(child.state == "problem" for child in children)
    detail = say(N_("有资料缺失或有误")) if wrong else say(N_("共 {count} 项"), count=len(children))
    return Node("facts", label, detail, "problem" if wrong else "used", children=children)


def problem_nodes(case: Case) -> Iterator[Node]:
    """Yield why a row of facts makes no sense under this notice."""
    for rule in case.rules(*case.decision.reasons):
        yield Node("problem", rule.title, rule.text, "problem", rules=(rule,))


def show_given(tree: Node, given: Mapping[str, str]) -> Node:
    """Return ``tree`` with what was written, by column, at the facts that could not be read: they are not lacking."""
    return replace(tree, children=tuple(_read_by(given, one) if one.part == "facts" else one for one in tree.children))


def _read_by(given: Mapping[str, str], facts: Node) -> Node:
    return replace(facts, children=tuple(replace(one, detail=_say_unread(one, given)) for one in facts.children))


def _say_unread(fact: Node, given: Mapping[str, str]) -> Message:
    written = given.get(fact.code, "").strip()
    if fact.state != "problem" or not written:
        return fact.detail
    if fact.code in DAYS:
        return say(N_("“{written}”不是可以识别的日期，请写作 1980-05-05 这样的形式"), written=written)
    return say(N_("填写的是“{written}”，不能采用"), written=written)


def _fact(case: Case, name: str) -> Node:
    reason = f"input.{name}"
    label = say(FACT_NAMES[name])
    if reason in case.decision.reasons:
        return Node("fact", label, _value(case, name), "problem", rules=case.rules(reason), code=name)
    rules = [fact.rule for fact in case.file.facts if fact.fact == name]
    snapshot = case.file.snapshot
    rules += [snapshot.rule] if snapshot and name == "snapshot_identities" else []
    rules += [case.file.ages.rule] if case.file.ages and name == "birth_date" else []
    return Node("fact", label, _value(case, name), rules=case.rules(*rules), code=name)


def _value(case: Case, name: str) -> Message:
    common = _common(case, name)
    if common is not None:
        return common
    value = getattr(case.person, name)
    if value is None:
        lacks = f"input.{name}" in case.decision.reasons
        return say(N_("未提供")) if lacks else say(N_("未提供，按没有计"))
    match name:
        case "disability_kind":
            return name_disability(value)
        case "disability_grade":
            return name_grade(value)
        case "enrolled_last_year":
            return say(N_("是")) if value else say(N_("否"))
        case "addons":
            return list_up(_addon_name(case, code) for code in sorted(value)) if value else say(N_("无"))
        case "payer_account_fen":
            return say(N_("{amount} 元"), amount=yuan(value))
        case "snapshot_identities":
            return say_identities(value, case.vocabulary)
    return say(N_("{years} 年"), years=value)


def _common(case: Case, name: str) -> Message | None:
    person = case.person
    match name:
        case "birth_date" if person.birth_on == date.min:
            return say(N_("未提供"))
        case "birth_date":
            when = N_("{birth}（{on} 时 {age} 周岁）")
            return say(when, birth=person.birth_on, on=case.age_counted_on, age=case.traits.age)
        case "population":
            return name_population(person.population, case.vocabulary)
        case "tier":
            return say_tier(person.tier)
        case "identities":
            return say_identities(person.identities, case.vocabulary)
        case "paid_on":
            unpaid = say(N_("未缴，按 {day} 缴清测算"), day=case.on)
            return unpaid if person.paid_on is None else as_is(person.paid_on)
        case "graduating":
            return say(N_("是")) if person.graduating else say(N_("否"))
        case "term_start":
            usual = case.file.students.term_start if case.file.students else "-"
            return as_is(person.term_start_on) if person.term_start_on else say(N_("{day}（默认）"), day=usual)
    return None


def _addon_name(case: Case, code: str) -> Message:
    return next((addon.name for addon in case.file.addons if addon.code == code), as_is(code))
