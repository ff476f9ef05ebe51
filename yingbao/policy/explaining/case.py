"""What every part of an explanation looks at: one person, one decision, one pack on one day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan
from yingbao.policy.builtin import BUILTIN_RULES
from yingbao.policy.cells import find_rate
from yingbao.policy.conditions import Traits, age_day, counted_identities, met, traits_of
from yingbao.policy.entries import Tier, When
from yingbao.policy.explaining.nodes import Node, State
from yingbao.policy.format import NewbornBand, PackFile, Rate
from yingbao.policy.load import Pack, Rule
from yingbao.policy.people import Decision, Person
from yingbao.policy.saying import list_up, name_identity, say_against, say_when, split_when
from yingbao.policy.season import Group, Season, Wait, add_months, wait_of
from yingbao.policy.vocabulary import Vocabulary

TAKEN = frozenset({"assessed", "silent"})  # what has amounts


@dataclass(frozen=True)
class Case:
    """``pack`` is the version that answers for ``on``, the day of clearing or of the question.

    ``vocabulary``: the newest version's words, which all versions share.
    """

    pack: Pack
    vocabulary: Vocabulary
    person: Person
    decision: Decision
    on: date

    @property
    def file(self) -> PackFile:
        """The pack's merged content."""
        return self.pack.file

    @cached_property
    def counted(self) -> frozenset[str]:
        """The identities subsidies go by."""
        return counted_identities(self.person, self.file)

    @cached_property
    def money_traits(self) -> Traits:
        """What the conditions of rates and subsidies see."""
        return traits_of(self.person, self.file, self.vocabulary, self.on, for_money=True)

    @cached_property
    def traits(self) -> Traits:
        """What all other conditions see: the identities held now."""
        return traits_of(self.person, self.file, self.vocabulary, self.on, for_money=False)

    @property
    def age_counted_on(self) -> date:
        """The day ages are counted on."""
        return age_day(self.file, self.on)

    @cached_property
    def rate(self) -> Rate | None:
        """The rate of the person's population and tier, newborn bands aside."""
        return find_rate(self.file, self.money_traits, self.person.tier)

    @cached_property
    def season(self) -> Season:
        """The pack's windows."""
        return Season(self.file)

    @cached_property
    def wait(self) -> Wait:
        """How long the person would wait, exemptions aside."""
        waiting, person = self.file.waiting, self.person
        if waiting is None:
            return Wait()
        return wait_of(waiting, person.missed_years or 0, person.repaired_years or 0)

    @cached_property
    def group(self) -> Group:
        """The windows and the waiting that may apply to the person."""
        return self.season.group_of(self.traits, self.wait)

    @cached_property
    def is_student(self) -> bool:
        """Whether the pack gives the person's population an academic year."""
        students = self.file.students
        return students is not None and students.population == self.person.population

    @cached_property
    def in_term(self) -> bool:
        """Whether the day lies within the days after the first day of term."""
        students = self.file.students
        if students is None or not self.is_student:
            return False
        began = self.person.term_start_on or students.term_start
        return began <= self.on and (self.on - began).days <= students.days

    @cached_property
    def may_be_newborn(self) -> bool:
        """Whether the person was born when newborns are, and is of a population that can be one."""
        newborn = self.file.newborn
        if newborn is None or self.is_student or self.person.population not in newborn.populations:
            return False
        born = newborn.born or self.file.coverage_year
        return born is not None and self.person.birth_on in born.period and self.person.birth_on <= self.on

    @cached_property
    def band(self) -> NewbornBand | None:
        """The newborn band the day lies in."""
        newborn = self.file.newborn
        if newborn is None or not self.may_be_newborn:
            return None
        return next((band for band in newborn.bands if self.on <= self.end_of(band)), None)

    def end_of(self, band: NewbornBand) -> date:
        """Return the last day to pay in a newborn band; the day of birth is not counted."""
        birth = self.person.birth_on
        return add_months(birth, band.within) if band.unit == "months" else date.fromordinal(
            birth.toordinal() + band.within
        )  # fmt: skip

    @property
    def full_cost_fen(self) -> int:
        """The fiscal part the person pays by this decision."""
        fiscal, cut = self.file.fiscal, self.file.full_cost
        paid = fiscal is not None and cut is not None and self.decision.fiscal_subsidy_fen == 0
        return fiscal.amount if fiscal and paid else 0

    def rules(self, *ids: str | None) -> tuple[Rule, ...]:
        """Return the rules named, each once."""
        return tuple(self._find_rule(rule_id) for rule_id in dict.fromkeys(ids) if rule_id)

    def _find_rule(self, rule_id: str) -> Rule:
        known = self.pack.rules.get(rule_id) or BUILTIN_RULES.get(rule_id)
        return known or Rule(rule_id, say(N_("规则已不在政策包中")), say("-"), None, None, None, None, self.pack.name)

    def name(self, code: str | None) -> Message:
        """Return an identity's name; a dash for none."""
        return name_identity(code, self.vocabulary) if code else say("-")

    def holds(self, when: When | None, *, for_money: bool = False) -> bool:
        """Return whether a condition holds."""
        return met(when, self.money_traits if for_money else self.traits)

    def failing(self, when: When | None, *, for_money: bool = False) -> Message:
        """Return what a condition asks for that the person does not have; all of it where everything holds."""
        traits = self.money_traits if for_money else self.traits
        held = self.counted if for_money else self.person.identities
        missed = [one for one in split_when(when) if not met(one, traits)]
        if not missed:
            return say_when(when, self.vocabulary)
        return list_up((say_against(one, traits, held, self.vocabulary) for one in missed), ("；", "; "))

    def conditions(self, when: When | None, *, for_money: bool = False) -> tuple[Node, ...]:
        """Return a node for each single thing a condition asks for, and whether the person has it.

        None for a single one that fails: ``failing`` says it all.
        """
        traits = self.money_traits if for_money else self.traits
        asked = split_when(when)
        if len(asked) == 1 and not met(asked[0], traits):
            return ()
        return tuple(self._condition(one, traits, for_money=for_money) for one in asked)

    def _condition(self, one: When, traits: Traits, *, for_money: bool) -> Node:
        held: Iterable[str] = self.counted if for_money else self.person.identities
        good = met(one, traits)
        label = say(N_("条件：{asked}"), asked=say_when(one, self.vocabulary))
        detail = say(N_("符合")) if good else say_against(one, traits, held, self.vocabulary)
        state: State = "used" if good else "tried"
        return Node("condition", label, detail, state)


def yuan(fen: int | None) -> str:
    """Return fen as yuan; a dash for None."""
    return "-" if fen is None else format_yuan(fen)


def say_tier(tier: Tier, when: When | None = None, case: Case | None = None) -> Message:
    """Return a tier's name, with whom it is limited to (``when``, in the words of ``case``)."""
    if when is None or case is None:
        return say(N_("{tier} 档"), tier=tier)
    return say(N_("{tier} 档（{who}）"), tier=tier, who=say_when(when, case.vocabulary))
