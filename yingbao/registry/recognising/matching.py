"""Looking up many people of the register at once, for imports. Sees the whole register: callers judge the scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeVar

from django.db.models import Q

from yingbao.registry.kinds import Relation, ResidentState
from yingbao.registry.models import CoveredElsewhere, FormerCertificate, Household, Identity, Resident

T = TypeVar("T", bytes, int, str)
LOOKUP_BATCH = 900  # SQLite takes 999 parameters a statement, Django believes


class Held(NamedTuple):
    """What the register holds of one person: what another row of a file may agree with or not."""

    resident_id: int
    division_code: int
    household_no: str
    address: str
    relation: str
    name: str
    certificate_kind: str
    birth_on: date
    sex: str
    phone: str
    hukou: str
    basis: str
    population: str
    graduating: bool
    on_platform: bool
    state: str
    is_former: bool = False  # found by a number they had before


HELD = (
    *("pk", "division_id", "household__number", "household__address", "relation"),
    *("name", "certificate_kind", "birth_on", "sex", "phone", "hukou", "basis", "population"),
    *("graduating", "on_platform", "state"),
)


class Home(NamedTuple):
    """A household of the register."""

    household_id: int
    has_head: bool


def find_people(indexes: Iterable[bytes]) -> dict[bytes, Held]:
    """Return blind index → what the register holds of that person, known by this number now or before.

    A record that was merged is not found: its number leads to the record it was merged into.
    """
    held: dict[bytes, Held] = {}
    for batch in batches(sorted(indexes)):
        former = FormerCertificate.objects.filter(index__in=batch)
        rows = former.values_list("index", *(f"resident__{name}" for name in HELD))
        held.update((bytes(index), _held(facts, is_former=True)) for index, *facts in rows)
        now = Resident.objects.filter(certificate_index__in=batch).exclude(state=ResidentState.MERGED)
        held.update((bytes(index), _held(facts)) for index, *facts in now.values_list("certificate_index", *HELD))
    return held


def find_held(resident_ids: Iterable[int]) -> dict[int, Held]:
    """Return resident id → what the register holds of that person."""
    held: dict[int, Held] = {}
    for batch in batches(sorted(set(resident_ids))):
        held.update((facts[0], _held(facts)) for facts in Resident.objects.filter(pk__in=batch).values_list(*HELD))
    return held


def _held(facts: Iterable[Any], *, is_former: bool = False) -> Held:
    person = Held(*facts)
    return person._replace(phone=person.phone or "", is_former=is_former)


def find_ids(indexes: Iterable[bytes]) -> dict[bytes, int]:
    """Return blind index → resident id, for numbers held now or before."""
    held: dict[bytes, int] = {}
    for batch in batches(sorted(indexes)):
        former = FormerCertificate.objects.filter(index__in=batch).values_list("index", "resident_id")
        held.update((bytes(index), resident_id) for index, resident_id in former)
        now = Resident.objects.filter(certificate_index__in=batch).exclude(state=ResidentState.MERGED)
        held.update((bytes(index), pk) for index, pk in now.values_list("certificate_index", "pk"))
    return held


def find_homes(division_codes: Iterable[int]) -> dict[tuple[int, str], Home]:
    """Return (village, household number) → household, of every household of these villages."""
    codes = sorted(set(division_codes))
    heads = Resident.objects.filter(household__division_id__in=codes, relation=Relation.HEAD)
    with_head = set(heads.values_list("household_id", flat=True))
    rows = Household.objects.filter(division_id__in=codes).values_list("division_id", "number", "pk")
    return {(code, number): Home(pk, pk in with_head) for code, number, pk in rows}


def find_elsewhere(resident_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Return resident id → kinds of cover elsewhere that have no end yet."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for batch in batches(sorted(resident_ids)):
        rows = CoveredElsewhere.objects.filter(resident_id__in=batch, end_on__isnull=True)
        for resident_id, kind in rows.values_list("resident_id", "kind"):
            found[resident_id].add(kind)
    return {resident_id: frozenset(kinds) for resident_id, kinds in found.items()}


def find_identities(resident_ids: Iterable[int], *, after: date) -> dict[int, list[Identity]]:
    """Return resident id → identities that have no end yet, or one later than ``after``."""
    found: defaultdict[int, list[Identity]] = defaultdict(list)
    lasting = Q(end_on__isnull=True) | Q(end_on__gt=after)
    for batch in batches(sorted(resident_ids)):
        for identity in Identity.objects.filter(lasting, resident_id__in=batch):
            found[identity.resident_id].append(identity)
    return dict(found)


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield values as many at a time as a statement may take."""
    for begin in range(0, len(values), LOOKUP_BATCH):
        yield values[begin : begin + LOOKUP_BATCH]
