"""What people of a household would pay together today: who may choose what, what is chosen, what it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Role
from yingbao.collection import queries as collection
from yingbao.collection.kinds import DueState
from yingbao.enrolment import queries as enrolment
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry.facts import Facts
from yingbao.registry.kinds import ResidentState
from yingbao.usecases import where_to_enrol
from yingbao.web import policies
from yingbao.web.explaining import Choice, choice_for, offer_for
from yingbao.web.requests import WebRequest, parse_number, read_numbers

PREFIX = "tier_"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was chosen in a form: ``tiers`` of people to be enrolled (resident id → tier), open dues to be paid."""

    tiers: Mapping[int, int]
    due_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a bill. ``due`` is this year's, where they are enrolled; ``why_not`` why they cannot pay today.

    ``rest_fen``: what a due that came out short lacks today.
    """

    person: Any
    due: Any
    why_not: Message | None
    choices: list[Choice]
    chosen: Choice | None
    waits: bool = False
    rest_fen: int | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing is to be done any more: paid, or declared where nothing was owed."""
        return self.due is not None and (self.due.state not in (DueState.OPEN, DueState.SHORT) or not self.choices)

    @property
    def fen(self) -> int:
        """What the person pays with this bill."""
        return (self.asks_fen or 0) if self.chosen else 0

    @property
    def asks_fen(self) -> int | None:
        """What is asked of them in the tier that is chosen, or that they are enrolled in."""
        if self.rest_fen is not None:
            return self.rest_fen
        choice = self.chosen or next(iter(self.choices), None)
        return choice.payable_fen if choice else None

    @property
    def changed_from(self) -> int | None:
        """What an open due was when it was raised, where it is another sum today."""
        if self.due is None or self.chosen is None or self.rest_fen is not None:
            return None
        if self.due.amount_fen == self.chosen.payable_fen:
            return None
        return int(self.due.amount_fen)


@dataclass(frozen=True, slots=True)
class Bill:
    """Everybody of a household, and what is chosen of it."""

    rows: list[Row]

    @property
    def chosen(self) -> list[Row]:
        """Those who enrol or pay with this bill."""
        return [row for row in self.rows if row.chosen]

    @property
    def fen(self) -> int:
        """What it comes to."""
        return sum(row.fen for row in self.rows)

    @property
    def open(self) -> bool:
        """Whether anything can be chosen at all."""
        return any(row.choices for row in self.rows)

    @property
    def enrols(self) -> bool:
        """Whether somebody is enrolled with it who was not."""
        return any(row.due is None for row in self.chosen)


def read_asked(request: WebRequest) -> Asked | None:
    """Return what a posted form chose; None where there is no form yet. Raises BadInput for what is no choice."""
    if request.method != "POST":
        return None
    sent = {name: request.POST.get(name, "") for name in request.POST if name.startswith(PREFIX)}
    tiers = {parse_number(name.removeprefix(PREFIX)): parse_number(tier) for name, tier in sent.items() if tier}
    chosen = {resident_id: tier for resident_id, tier in tiers.items() if tier}
    return Asked(chosen, frozenset(read_numbers(request, "due")))


def must_choose(asked: Asked | None) -> Asked:
    """Return what was chosen. Raises BadInput where nobody was."""
    if asked is None or not (asked.tiers or asked.due_ids):
        raise BadInput(say(N_("没有选择任何人。")), todo=say(N_("请为要参保的成员选择档次，再提交。")))
    return asked


def bill_for(
    actor: Actor,
    people: Iterable[Any],
    facts: Mapping[int, Facts],
    *,
    division_code: int,
    asked: Asked | None,
    today: date,
) -> Bill:
    """Return the bill of people of one household; ``asked`` None: last year's tier where known, else the first.

    ``people`` have pk, state, relation and birth_on; a due of another village (somebody moved since) is left out.
    """
    everybody = list(people)
    ids, year = [one.pk for one in everybody], policies.current().year
    dues, last = collection.dues_of(ids, year=year), enrolment.tiers_of(ids, year=year - 1)
    present = [one for one in everybody if one.state == ResidentState.PRESENT or one.pk in dues]
    rows = []
    for one in sorted(present, key=lambda person: (person.relation != "head", person.birth_on)):
        held = facts[one.pk]
        due = dues.get(one.pk)
        if due is None:
            rows.append(_newcomer(actor, one, held, asked=asked, last_tier=last.get(one.pk), today=today))
        else:
            rows.append(_debtor(actor, one, due, held, division_code=division_code, asked=asked, today=today))
    return Bill(rows)


def _newcomer(
    actor: Actor, person: Any, facts: Facts, *, asked: Asked | None, last_tier: int | None, today: date
) -> Row:
    offered = offer_for(facts, today)
    choices = [one for one in offered.choices if one.payable_fen is not None]
    why_not = offered.why_not or (say(N_("今天不在参保缴费时段内")) if not choices else _elsewhere(actor, choices[0]))
    if why_not is not None:
        return Row(person, None, why_not, [], None)
    if not facts.on_platform:  # PJ-4.3: no payment before registering
        return Row(person, None, None, [], None, waits=True)
    tier = (last_tier or 1) if asked is None else asked.tiers.get(person.pk)
    chosen = next((one for one in choices if one.tier == tier), None)
    if chosen is None and asked is None:
        chosen = choices[0]
    return Row(person, None, None, choices, chosen)


def _debtor(
    actor: Actor, person: Any, due: Any, facts: Facts, *, division_code: int, asked: Asked | None, today: date
) -> Row:
    if due.state != DueState.OPEN and (due.state != DueState.SHORT or actor.role != Role.RESIDENT):
        return Row(person, due, None, [], None)  # at the counter the rest is paid on the household's page
    if due.division_id != division_code:
        return Row(person, due, say(N_("迁移前在原村（社区）登记，应缴在那里缴纳")), [], None)
    choice = choice_for(facts, due.enrolment.tier, today)
    if choice.payable_fen is None:
        return Row(person, due, say(N_("今天不在参保缴费时段内")), [], None)
    why_not = _elsewhere(actor, choice) if actor.role == Role.VILLAGE else None
    if why_not is not None or not facts.on_platform:
        return Row(person, due, why_not, [], None, waits=why_not is None)
    chosen = choice if asked is None or due.pk in asked.due_ids else None
    if due.state == DueState.SHORT:
        rest = choice.payable_fen - due.amount_fen
        return Row(person, due, None, [choice] if rest > 0 else [], chosen if rest > 0 else None, rest_fen=rest)
    if not choice.payable_fen:  # enrolled and owes nothing: it waits for its zero declaration
        return Row(person, due, None, [], None)
    return Row(person, due, None, [choice], chosen)


def _elsewhere(actor: Actor, choice: Choice) -> Message | None:
    if actor.role not in where_to_enrol.AWAY_FROM_THE_OFFICE:
        return None
    return where_to_enrol.closed(policies.current(), choice.explained.decision.reasons)
