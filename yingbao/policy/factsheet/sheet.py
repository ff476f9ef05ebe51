"""From a pack to its fact sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.builtin import BUILTIN_RULES
from yingbao.policy.factsheet import examples_of_days as of_days
from yingbao.policy.factsheet import examples_of_money as of_money
from yingbao.policy.factsheet.about import about
from yingbao.policy.factsheet.cast import Cast
from yingbao.policy.factsheet.days import days
from yingbao.policy.factsheet.listed import listed
from yingbao.policy.factsheet.money import money
from yingbao.policy.factsheet.parts import Chapter, Example, FactSheet, Section
from yingbao.policy.factsheet.subject import Subject
from yingbao.policy.lint import Finding, lint
from yingbao.policy.load import Rule
from yingbao.policy.people import Person
from yingbao.policy.policy import Policy

_CHAPTERS: tuple[tuple[str, str, Callable[[Cast], Iterable[tuple[Message, Person]]]], ...] = (
    ("rates", N_("个人缴费标准"), of_money.of_rates),
    ("identities", N_("特殊人员资助"), of_money.of_identities),
    ("several", N_("多种身份"), of_money.of_several),
    ("deadlines", N_("资助期限"), of_money.of_deadlines),
    ("snapshot", N_("身份认定日"), of_money.of_snapshot),
    ("windows", N_("参保时段"), of_days.of_windows),
    ("no_waiting", N_("无等待期人员"), of_days.of_no_waiting),
    ("waiting", N_("待遇等待期"), of_days.of_waiting),
    ("newborn", N_("新生儿"), of_days.of_newborns),
    ("students", N_("在校大学生"), of_days.of_students),
    ("full_cost", N_("全额缴费"), of_money.of_full_cost),
    ("addons", N_("附加保险"), of_money.of_addons),
    ("family_account", N_("家庭共济"), of_money.of_account),
    ("incentive", N_("连续参保激励"), of_money.of_incentive),
    ("amends", N_("修订前后"), of_days.of_amendment),
    ("facts", N_("信息不全"), of_days.of_facts),
)


def make_sheet(policy: Policy) -> FactSheet:
    """Return the fact sheet of a pack. A base, and a pack with errors (``lint``), has no examples."""
    findings = lint(policy.pack)
    usable = policy.file.assessable and not any(finding.severity == "error" for finding in findings)
    chapters = tuple(_chapters(Cast(Subject(policy)))) if usable else ()
    rules = tuple(policy.pack.rules.values())
    return FactSheet(
        name=policy.name,
        hash=policy.hash,
        year=policy.year,
        assessable=policy.file.assessable,
        title=policy.title,
        documents=policy.file.documents,
        layers=policy.pack.layers,
        sections=tuple(list_sections(policy)),
        chapters=chapters,
        questions=tuple(_list_questions(rules, findings)),
        findings=tuple(_worth_telling(findings)),
        readings=tuple(rule for rule in rules if rule.interpretation),
        clauses=(*rules, *_builtin_used(chapters)),
    )


def list_sections(policy: Policy) -> Iterator[Section]:
    """Yield what a pack says, part by part."""
    subject = Subject(policy)
    for part in (about, money, days, listed):
        yield from part(subject)


def _worth_telling(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield what lint finds wrong or silent; readings have a part of their own."""
    return (finding for finding in findings if finding.severity != "info")


def _list_questions(rules: Iterable[Rule], findings: Iterable[Finding]) -> Iterator[Rule]:
    """Yield the rules with a question of their own that no finding puts already."""
    asked = "".join(str(finding.ask) for finding in _worth_telling(findings) if finding.ask)
    return (rule for rule in rules if rule.ask and str(rule.ask) not in asked)


def _chapters(cast: Cast) -> Iterator[Chapter]:
    for code, title, scenes in _CHAPTERS:
        examples = tuple(_play(cast, ((name, person, None) for name, person in scenes(cast))))
        if examples:
            yield Chapter(code, say(title), examples)
    unpaid = tuple(_play(cast, of_days.of_unpaid(cast)))
    yield Chapter("unpaid", say(N_("没有缴费")), unpaid)


def _play(cast: Cast, scenes: Iterable[tuple[Message, Person, date | None]]) -> Iterator[Example]:
    """Yield an example of each scene, of two with the same facts the first."""
    seen = set()
    for title, person, as_of in scenes:
        if (person, as_of) not in seen:
            seen.add((person, as_of))
            yield cast.show(title, person, as_of)


def _builtin_used(chapters: Iterable[Chapter]) -> Iterator[Rule]:
    used = {rule.id for chapter in chapters for example in chapter.examples for rule in example.rules}
    return (rule for rule in BUILTIN_RULES.values() if rule.id in used)
