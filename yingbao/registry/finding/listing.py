"""Finding people among a million: by name, number or household, within a filter, page after page.

A page begins after the last row of the one before it and so costs the same wherever it is; nothing is skipped over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions.codes import SIZES, Scope
from yingbao.registry import counts
from yingbao.registry.finding import quality
from yingbao.registry.finding.bytewise import Bytewise, NotAfter, NotBefore
from yingbao.registry.finding.numbers import written
from yingbao.registry.kinds import Eligibility, ElsewhereKind, Population, ResidentState
from yingbao.registry.models import CoveredElsewhere, FormerCertificate, Resident
from yingbao.storage.encrypted import blind_index

PAGE_SIZE = 50
MOST_COUNTED = 5_000  # beyond it a page says "more than": an exact count would read everybody
EVERY_STATE, ANY = "all", "any"
YES, NO = "yes", "no"
SILENT = "silent"  # enrolled, and the notice does not say from when that covers
CODE = re.compile(r"[a-z0-9_.-]{1,40}")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "population": tuple(Population.values),
    "elsewhere": (ANY, *ElsewhereKind.values),
    "state": (EVERY_STATE, *ResidentState.values),
    "platform": (YES, NO),
    "eligibility": tuple(Eligibility.values),
    "enrolled": (YES, NO, SILENT),
    "check": tuple(quality.CHECKS),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What narrows a list of residents, in codes; an empty field narrows nothing. It holds no name and no number.

    ``division`` is a town's or village's code. An empty ``state`` means people present, unless a number is asked
    for: that finds its holder dead or gone too.
    """

    division: int | None = None
    identity: str = ""
    population: str = ""
    elsewhere: str = ""
    state: str = ""
    platform: str = ""
    eligibility: str = ""
    enrolled: str = ""
    check: str = ""

    def codes(self) -> dict[str, str]:
        """Return the fields that narrow, as a query string or a saved filter holds them."""
        return {name: str(value) for name, value in asdict(self).items() if value}


def read_filter(codes: Mapping[str, Any]) -> Filter:
    """Return the filter that ``codes`` write; a field that cannot be read narrows nothing."""
    fields: dict[str, Any] = {}
    division = str(codes.get("division", ""))
    if re.fullmatch(r"[1-9][0-9]{11}", division, re.ASCII):
        fields["division"] = int(division)
    if CODE.fullmatch(str(codes.get("identity", ""))):
        fields["identity"] = codes["identity"]
    for name, known in CHOICES.items():
        if codes.get(name) in known:
            fields[name] = codes[name]
    return Filter(**fields)


@dataclass(frozen=True, slots=True)
class Page:
    """Some residents in order, whether others stand before and after, and how many there are in all.

    ``total`` stops at MOST_COUNTED + 1; it is None where nobody has asked and counting would take longer than finding.
    """

    residents: list[Resident]
    has_previous: bool
    has_next: bool
    total: int | None

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.total is not None and self.total > MOST_COUNTED


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: a text as typed, a filter, the day it is meant for.

    ``enrolled`` holds the standing enrolments of the year, or anything else with a ``resident_id`` and a ``status``.
    """

    text: str
    filter: Filter
    on: date
    enrolled: QuerySet[Any]

    @property
    def name(self) -> str:
        """The words of the text without a digit: the beginning of a name."""
        return " ".join(word for word in self.text.split() if not _has_digit(word))

    @property
    def number(self) -> str:
        """The words with digits, joined: a whole certificate number or a household's."""
        return "".join(word for word in self.text.split() if _has_digit(word))


def seen(actor: Actor) -> QuerySet[Resident]:
    """Return the residents of the actor's divisions, ready for every filter. Needs SEE_RESIDENTS."""
    actor.must(Right.SEE_RESIDENTS)
    return quality.measured(Resident.objects.filter(_within(actor.scope)))


def find(actor: Actor, search: Search) -> QuerySet[Resident]:
    """Return everybody of the actor's divisions a search means, in no order. Needs SEE_RESIDENTS."""
    found = seen(actor).filter(_in_state(search), *_conditions(search, actor.scope))
    if search.name:
        found = found.filter(name__startswith=search.name)
    return found.filter(pk__in=_numbered(search.number)) if search.number else found


def search(
    actor: Actor, wanted: Search, *, after: int | None = None, before: int | None = None, counted: bool = False
) -> Page:
    """Return a page: the first, or the one after or before a resident (by id) who stood on another page.

    Found by name, people stand in the order of names, else by village and household. A resident nobody may see, or
    who is not there, means the first page. What lies within a town is counted, the rest if ``counted``. Raises
    Forbidden without SEE_RESIDENTS.
    """
    found = find(actor, wanted)
    counted = counted or _is_of_a_town(actor.scope, wanted.filter)
    by_name = bool(wanted.name)
    edge = _edge(actor, after or before)
    backwards = edge is not None and after is None
    beyond = found if edge is None else found.filter(_past(edge, by_name=by_name, backwards=backwards))
    ordered = beyond.select_related("household", "division").order_by(*_order(by_name=by_name, backwards=backwards))
    rows = list(ordered[: PAGE_SIZE + 1])
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    total = len(rows) if edge is None and not more else count(found) if counted else None
    if backwards:
        return Page(rows[::-1], more, True, total)
    return Page(rows, edge is not None, more, total)


def count(found: QuerySet[Resident]) -> int:
    """Return how many were found, at most MOST_COUNTED + 1."""
    return found.order_by().values("pk")[: MOST_COUNTED + 1].count()


def in_order(found: QuerySet[Resident]) -> QuerySet[Resident]:
    """Return people village by village and household by household."""
    return found.order_by(*_order(by_name=False, backwards=False))


# --- who is meant ---------------------------------------------------------------------------------------------------


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _within(scope: Scope) -> Q:
    return Q(division_id__gte=scope.low, division_id__lt=scope.high)


def _in_state(search: Search) -> Q:
    state = search.filter.state
    if state == EVERY_STATE or (not state and search.number):
        return Q()
    return Q(state=state or ResidentState.PRESENT)


def _numbered(number: str) -> QuerySet[Any]:
    """Return the ids of whom a number names: by certificate, by a former one, by the household's number.

    A union, because alternatives in one condition would read the whole table.
    """
    indexes = [blind_index(one) for one in written(number)]
    own = Resident.objects.filter(certificate_index__in=indexes).values_list("pk")
    former = FormerCertificate.objects.filter(index__in=indexes).values_list("resident_id")
    at_home = Resident.objects.filter(household__number=number).values_list("pk")
    return own.union(former, at_home)


def _conditions(search: Search, scope: Scope) -> list[Any]:
    wanted = search.filter
    found: list[Any] = []
    if wanted.division is not None:
        found.append(_within(_range_of(wanted.division)))
    if wanted.identity:
        found.append(Q(pk__in=counts.holders(codes=[wanted.identity], on=search.on)))
    if wanted.elsewhere:
        found.append(Q(pk__in=_elsewhere(wanted.elsewhere, search.on)))
    if wanted.platform:
        found.append(Q(on_platform=wanted.platform == YES))
    if wanted.enrolled:
        narrow = {"status": SILENT} if wanted.enrolled == SILENT else {}
        enrolled = Exists(search.enrolled.filter(resident_id=OuterRef("pk"), **narrow))
        found.append(~enrolled if wanted.enrolled == NO else enrolled)
    if wanted.check:
        found.append(quality.CHECKS[wanted.check].condition(search.on, scope))
    same = {name: getattr(wanted, name) for name in ("population", "eligibility") if getattr(wanted, name)}
    return [*found, Q(**same)]


def _range_of(code: int) -> Scope:
    level = "village" if code % SIZES["town"] else "town" if code % SIZES["district"] else "district"
    return Scope(code, code + SIZES[level])


def _is_of_a_town(scope: Scope, wanted: Filter) -> bool:
    narrow = scope if wanted.division is None else _range_of(wanted.division)
    return min(scope.high - scope.low, narrow.high - narrow.low) <= SIZES["town"]


def _elsewhere(kind: str, on: date) -> QuerySet[CoveredElsewhere, Any]:
    found = counts.covered_elsewhere(on=on)
    return found if kind == ANY else found.filter(kind=kind)


# --- page after page ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Edge:
    """Where a page ends: what a resident is ordered by."""

    id: int
    division: int
    household: int
    name: str


def _edge(actor: Actor, resident_id: int | None) -> _Edge | None:
    if resident_id is None:
        return None
    row = Resident.objects.filter(_within(actor.scope), pk=resident_id)
    found = row.values_list("pk", "division_id", "household_id", "name").first()
    return None if found is None else _Edge(*found)


def _past(edge: _Edge, *, by_name: bool, backwards: bool) -> Any:
    """Return what stands beyond the edge. The first part is a plain range, which an index can begin at."""
    beyond = "lt" if backwards else "gt"
    if by_name:
        begin = NotAfter(F("name"), edge.name) if backwards else NotBefore(F("name"), edge.name)
        return Q(begin) & (~Q(name=edge.name) | Q(**{f"id__{beyond}": edge.id}))
    same_home = Q(household_id=edge.household) & Q(**{f"id__{beyond}": edge.id})
    same_village = Q(division_id=edge.division) & (Q(**{f"household_id__{beyond}": edge.household}) | same_home)
    return Q(**{f"division_id__{beyond}e": edge.division}) & (
        Q(**{f"division_id__{beyond}": edge.division}) | same_village
    )


def _order(*, by_name: bool, backwards: bool) -> tuple[Any, ...]:
    sign = "-" if backwards else ""
    if by_name:
        return Bytewise("name", descending=backwards), f"{sign}id"
    return f"{sign}division_id", f"{sign}household_id", f"{sign}id"
