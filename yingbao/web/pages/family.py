"""A resident's own family, a card per person: the state, who paid what by which clause, the cover, what comes next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from yingbao.policy import Rule
from yingbao.registry.facts import of_residents
from yingbao.web import policies
from yingbao.web.explaining import explain_enrolment


@dataclass(frozen=True, slots=True)
class Card:
    """One member: the row of the household, and of an enrolled one who pays what and when it covers.

    ``rules`` are the clauses by which a department pays; ``locked`` tells that the amount changes no more.
    """

    row: Mapping[str, Any]
    payer: str = ""
    rules: tuple[Rule, ...] = ()
    coverage: Any = None

    @property
    def locked(self) -> bool:
        """Whether the decision stands whatever day it is."""
        due = self.row["due"]
        return due is not None and due.enrolment.locked_on is not None


def cards_of(rows: Iterable[Mapping[str, Any]]) -> list[Card]:
    """Return a card for each member; facts are asked for once per day on which somebody was judged."""
    members = list(rows)
    by_day: defaultdict[Any, list[int]] = defaultdict(list)
    for row in members:
        if row["due"]:
            one = row["due"].enrolment
            by_day[one.locked_on or one.decided_on].append(row["person"].pk)
    facts = {pk: found for on, ids in by_day.items() for pk, found in of_residents(ids, on=on).items()}
    return [_card(row, facts) if row["due"] else Card(row) for row in members]


def _card(row: Mapping[str, Any], facts: Mapping[int, Any]) -> Card:
    enrolment = row["due"].enrolment
    coverage = getattr(enrolment, "coverage", None)
    if not enrolment.subsidy_fen:
        return Card(row, coverage=coverage)
    explained = explain_enrolment(enrolment, facts[row["person"].pk], coverage)
    rules = tuple(rule for step in explained.steps if step.won for rule in step.rules)
    payer = policies.department_name(policies.payer_of(enrolment.subsidy_identity))
    return Card(row, payer, rules, coverage)
