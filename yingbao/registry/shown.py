"""What pages show of people already found: each function takes ids that the caller was allowed to see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet

from yingbao.registry.models import CoveredElsewhere, Identity, IdentityConfirmation, Resident
from yingbao.storage.questions import Question


def identities_of(resident_id: int) -> list[Identity]:
    """Return a resident's identities, ended ones too, with their rosters."""
    return list(Identity.objects.filter(resident_id=resident_id).select_related("file").order_by("begin_on", "id"))


def objections_to(identities: Iterable[Identity], *, year: int) -> dict[int, str]:
    """Return identity id → why the town objects to it for a year, where it does (PJ-5.2.1)."""
    said = IdentityConfirmation.objects.filter(identity__in=list(identities), year=year, agrees=False)
    return dict(said.values_list("identity_id", "reason"))


def elsewhere_of(resident_id: int) -> list[CoveredElsewhere]:
    """Return where else a resident is or was covered, with the lists that say so; not what was taken back."""
    spans = CoveredElsewhere.objects.filter(resident_id=resident_id).exclude(end_on=F("begin_on"))
    return list(spans.select_related("file").order_by("begin_on", "id"))


def heads_of(household_ids: Iterable[int]) -> dict[int, str]:
    """Return household id → name of its head."""
    heads = Resident.objects.filter(household_id__in=set(household_ids), relation="head")
    return dict(heads.values_list("household_id", "name"))


class Named(NamedTuple):
    """What a receipt calls a household and its people: the payer is the head, or the first person."""

    household_no: str
    payer: str
    people: dict[int, str]


def named(household_id: int, resident_ids: Iterable[int]) -> Named:
    """Return how a receipt names a household and some of its people, in one statement."""
    rows = _NAMED.ask(household=household_id, people=sorted(set(resident_ids)))
    head = next((row for row in rows if row[2] == "head" and row[3] == household_id), rows[0] if rows else None)
    number = next((row[4] for row in rows if row[3] == household_id), "")
    return Named(number, head[1] if head else "", {row[0]: row[1] for row in rows})


def _named(*, household: int, people: Sequence[int]) -> QuerySet[Any, Any]:
    wanted = Q(household_id=household, relation="head") | Q(pk__in=people)
    return Resident.objects.filter(wanted).order_by("pk").values_list(*NAMED)


NAMED = ("pk", "name", "relation", "household_id", "household__number")
_NAMED = Question(_named)


def identity_codes_on(resident_ids: Iterable[int], on: date) -> dict[int, list[str]]:
    """Return resident id → the identity codes held on a day; who has none is not in the answer."""
    held: defaultdict[int, list[str]] = defaultdict(list)
    rows = Identity.objects.filter(_in_force(on), resident_id__in=list(resident_ids)).order_by("id")
    for resident_id, code in rows.values_list("resident_id", "code"):
        held[resident_id].append(code)
    return dict(held)


def elsewhere_on(resident_ids: Iterable[int], on: date) -> dict[int, str]:
    """Return resident id → why they are covered elsewhere on a day (BN-2.0); who is not is not in the answer."""
    rows = CoveredElsewhere.objects.filter(_in_force(on), resident_id__in=list(resident_ids)).order_by("-id")
    return dict(rows.values_list("resident_id", "kind"))


def all_elsewhere_on(resident_ids: Iterable[int], on: date) -> dict[int, frozenset[str]]:
    """Return resident id → every reason of being covered elsewhere on a day; who is not is not in the answer."""
    held: defaultdict[int, set[str]] = defaultdict(set)
    rows = CoveredElsewhere.objects.filter(_in_force(on), resident_id__in=list(resident_ids))
    for resident_id, kind in rows.values_list("resident_id", "kind"):
        held[resident_id].add(kind)
    return {resident_id: frozenset(kinds) for resident_id, kinds in held.items()}


def _in_force(on: date) -> Q:
    return Q(begin_on__lte=on) & (Q(end_on__isnull=True) | Q(end_on__gt=on))
