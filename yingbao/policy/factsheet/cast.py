"""The people of worked examples: ordinary ones, and ones who are just what a condition of the pack asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.periods import DAY
from yingbao.policy.conditions import age_day, met, traits_of
from yingbao.policy.entries import When
from yingbao.policy.explaining.facts import FACT_NAMES
from yingbao.policy.factsheet.parts import Example
from yingbao.policy.factsheet.subject import NOT_GIVEN, Subject, say_all, yuan
from yingbao.policy.format import PackFile
from yingbao.policy.people import Decision, Person
from yingbao.policy.saying import (
    as_is,
    list_up,
    name_disability,
    name_grade,
    name_identity,
    name_population,
    say_identities,
)

OF_AGE = 43  # years of an ordinary person, neither young nor old by any notice
STUDENT_AGE = 21
BIRTHDAY = (5, 5)
SETTLED = 19  # days after the first day of term on which an ordinary student pays
_EXTRAS = {
    "addon_fen": N_("附加保险 {yuan}"),
    "repair_fen": N_("补缴 {yuan}"),
    "account_fen": N_("家庭共济可支付 {yuan}"),
    "incentive_fen": N_("连续参保激励 {yuan}"),
}


class Cast:
    """Makes people for a pack, has the engine decide about them, and puts both in words."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.policy, self.words = subject, subject.policy, subject.vocabulary

    @property
    def file(self) -> PackFile:
        """The merged content of the newest version."""
        return self.subject.file

    @cached_property
    def populations(self) -> tuple[str, ...]:
        """The populations with a rate, in the pack's order."""
        return tuple(dict.fromkeys(rate.population for rate in self.file.rates))

    @property
    def usual_day(self) -> date:
        """The day ordinary people pay on: the last one of the centralised period."""
        return self.policy.default_as_of

    def ordinary(self, **facts: Any) -> Person:
        """Return somebody without anything particular, changed by ``facts``, who knows all the pack asks for."""
        population = facts.get("population", self.populations[0])
        tiers = [rate.tier for rate in self.file.rates if rate.population == population]
        known = {"population": population, "tier": tiers[0] if tiers else 1, **self._known(facts), **facts}
        person = Person(**{"birth_on": self._birth(population), **known})
        return person if "paid_on" in facts else replace(person, paid_on=self._pays_on(person))

    def _known(self, facts: dict[str, Any]) -> dict[str, Any]:
        neutral = {
            "missed_years": 0,
            "continuous_years": 1,
            "enrolled_last_year": True,
            "disability_kind": 0,
            "disability_grade": 0,
            "snapshot_identities": facts.get("identities", frozenset()),
        }
        return {name: value for name, value in neutral.items() if name in self.policy.facts}

    def _birth(self, population: str) -> date:
        students = self.file.students
        age = STUDENT_AGE if students and students.population == population else OF_AGE
        return date(self.file.year - age, *BIRTHDAY)

    def _pays_on(self, person: Person) -> date:
        """Return a day on which such a person can pay and is covered, if there is one."""
        students = self.file.students
        days = [self.usual_day, *sorted(window.first_day for window in self.file.windows)]
        if students and students.population == person.population:
            days.insert(0, students.term_start + DAY * min(students.days, SETTLED))
        for wanted in ("assessed", "silent"):
            for day in days:
                if self.policy.assess(replace(person, paid_on=day)).status == wanted:
                    return day
        return days[0]

    def fit(self, person: Person, when: When | None) -> Person:
        """Return ``person`` changed into one for whom a condition holds."""
        if when is None:
            return person
        changes: dict[str, Any] = {}
        if when.populations and person.population not in when.populations:
            changes["population"] = when.populations[0]
        if when.disability_kinds or when.disability_grades:
            changes["disability_kind"] = (when.disability_kinds or (4,))[0]
            changes["disability_grade"] = (when.disability_grades or (2,))[0]
        if when.enrolled_last_year is not None:
            changes["enrolled_last_year"] = when.enrolled_last_year
        if (when.age_from is not None or when.age_to is not None) and not self._of_age(person, when):
            age = when.age_from if when.age_from is not None else when.age_to
            changes["birth_on"] = self.born_for(age or 0, person.paid_on or self.usual_day)
        fitted = self.hold(replace(person, **changes), self._held(person.identities, when))
        return fitted if "population" not in changes else self._moved(fitted, when)

    def _held(self, held: frozenset[str], when: When) -> frozenset[str]:
        """Return identities that a condition asks for, without those it excludes."""
        kept = held - self.words.family(when.without)
        if not when.identities or self.words.family(when.identities) & kept:
            return kept
        return kept | {self.code_for(when.identities[0])}

    def _moved(self, person: Person, when: When) -> Person:
        """Return a person of another population paying when those do; the age stays if it is asked for."""
        tiers = [rate.tier for rate in self.file.rates if rate.population == person.population]
        tier = person.tier if person.tier in tiers or not tiers else tiers[0]
        aged = when.age_from is not None or when.age_to is not None
        birth = person.birth_on if aged else self._birth(person.population)
        moved = replace(person, tier=tier, birth_on=birth)
        return replace(moved, paid_on=self._pays_on(moved))

    def _of_age(self, person: Person, when: When) -> bool:
        only = When(age_from=when.age_from, age_to=when.age_to)
        on = person.paid_on or self.usual_day
        return met(only, traits_of(person, self.file, self.words, on, for_money=True))

    def code_for(self, code: str) -> str:
        """Return an identity as a row may hold it: a class where the pack subsidises only classes of it."""
        own = [entry.code for entry in self.file.identities]
        classes = [one for one in own if one.partition(".")[0] == code]
        return classes[0] if classes and code not in own else code

    def hold(self, person: Person, identities: frozenset[str]) -> Person:
        """Return ``person`` holding identities, since before the snapshot where the pack takes one."""
        snapshot = identities if "snapshot_identities" in self.policy.facts else person.snapshot_identities
        return replace(person, identities=identities, snapshot_identities=snapshot)

    def born_for(self, age: int, on: date) -> date:
        """Return a birth of who is ``age`` on the day the pack counts ages on for who pays ``on``."""
        counted = age_day(self.file, on)
        birth = date(counted.year - age, *BIRTHDAY)
        return birth if birth <= _years_before(counted, age) else birth.replace(year=birth.year - 1)

    def turning(self, age: int, on: date) -> date:
        """Return the birth of who becomes ``age`` on that very day."""
        return _years_before(age_day(self.file, on), age)

    def subsidised(self) -> Iterator[str]:
        """Yield the identities the pack subsidises, in its order."""
        return (entry.code for entry in self.file.identities if entry.subsidies)

    def show(self, title: Message, person: Person, as_of: date | None = None) -> Example:
        """Return an example with the engine's decision."""
        decision = self.policy.assess(person, as_of)
        return Example(
            title,
            self._say_facts(person, as_of),
            person,
            decision,
            self._say_subsidy(person, decision),
            self._say_others(decision),
            self.subject.rules(*decision.reasons),
        )

    def _say_subsidy(self, person: Person, decision: Decision) -> Message:
        """Return the subsidy, with its identity where there is a choice."""
        held = person.identities | (person.snapshot_identities or frozenset())
        if decision.subsidy_identity is None or len(held) < 2:
            return yuan(decision.subsidy_fen)
        name = name_identity(decision.subsidy_identity, self.words)
        return say(N_("{yuan}（{how}）"), yuan=yuan(decision.subsidy_fen), how=name)

    def _say_others(self, decision: Decision) -> Message:
        shares = {f"fiscal_{share.code}_fen": share for share in (self.file.fiscal.shares if self.file.fiscal else ())}
        said = []
        for name, fen in decision.extras.items():
            if name in _EXTRAS:
                said.append(say(_EXTRAS[name], yuan=yuan(fen)))
            elif name in shares:
                said.append(say(N_("{who} {yuan}"), who=shares[name].name, yuan=yuan(fen)))
        return say_all(said) if said else NOT_GIVEN

    def _say_facts(self, person: Person, as_of: date | None) -> Message:
        unpaid = say(N_("未缴费（按 {day} 测算）"), day=as_of or self.policy.default_as_of)
        parts = [
            say(N_("{day} 出生"), day=person.birth_on),
            name_population(person.population, self.words),
            say(N_("{tier} 档"), tier=person.tier),
            *([say_identities(person.identities, self.words)] if person.identities else []),
            *self._say_further(person),
            say(N_("{day} 缴清"), day=person.paid_on) if person.paid_on else unpaid,
        ]
        return list_up(parts, ("，", "; "))

    def _say_further(self, person: Person) -> Iterator[Message]:
        if person.graduating:
            yield say(N_("当年毕业"))
        if person.term_start_on:
            yield say(N_("{day} 开学"), day=person.term_start_on)
        looked_at = self.policy.facts
        if {"disability_kind", "disability_grade"} & looked_at and (person.disability_kind or person.disability_grade):
            kind, grade = person.disability_kind or 0, person.disability_grade or 0
            yield list_up([name_disability(kind), name_grade(grade)], ("", " "))
        for name in ("missed_years", "repaired_years", "continuous_years", "years_without_claims"):
            value = getattr(person, name)
            if name in looked_at and value is not None and (value or name == "missed_years"):
                yield say(N_("{fact} {value}"), fact=say(FACT_NAMES[name]), value=value)
        if "enrolled_last_year" in looked_at and person.enrolled_last_year is not None:
            yield say(N_("上年已参保")) if person.enrolled_last_year else say(N_("上年未参保"))
        yield from self._say_chosen(person)

    def _say_chosen(self, person: Person) -> Iterator[Message]:
        looked_at = self.policy.facts
        if person.addons and "addons" in looked_at:
            names = {addon.code: addon.name for addon in self.file.addons}
            yield list_up(names.get(code, as_is(code)) for code in sorted(person.addons))
        if person.payer_account_fen is not None and "payer_account_fen" in looked_at:
            yield say(N_("共济账户余额 {yuan} 元"), yuan=yuan(person.payer_account_fen))
        then = person.snapshot_identities
        if "snapshot_identities" in looked_at and then is not None and then != person.identities:
            yield say(N_("认定日持有：{identities}"), identities=say_identities(then, self.words))


def _years_before(day: date, years: int) -> date:
    """Return the same day so many years earlier; who is born on 29 February is a year older on 1 March."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)
