"""Writing institutions: founded with their collective household, renamed, closed; and who is on their lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yingbao.registry.editing.history import Change, Why, plain, record
from yingbao.registry.models import (
    Household,
    Identity,
    ImportedFile,
    Institution,
    InstitutionLogin,
    InstitutionMember,
    Resident,
)
from yingbao.registry.recognising.matching import batches
from yingbao.storage.bulk import insert_rows, take_statistics, update_rows
from yingbao.storage.transactions import operation

MANY = 1000  # rows at once after which PostgreSQL should look at a table anew
DEPARTMENT = "welfare_institution"  # who says so: no department's roster holds them, so none ends them (BN-3.3.3)


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list says of somebody who is enrolled by it."""

    resident_id: int
    number: str
    unit: str
    identity: str
    graduating: bool
    term_start_on: date | None


@operation
def found(*, code: str, name: str, kind: str, division_code: int) -> Institution:
    """Make an institution and its collective household. Raises IntegrityError where the code is taken."""
    home = Household.objects.create(division_id=division_code, number=f"集体户-{code}"[:30], address=name)
    return Institution.objects.create(code=code, name=name, kind=kind, division_id=division_code, household=home)


@operation
def lock(institution_id: int) -> Institution:
    """Return an institution, held until commit."""
    return Institution.objects.select_for_update(of=("self",)).select_related("household").get(pk=institution_id)


@operation
def rename(institution: Institution, name: str) -> None:
    """Give an institution another name; its household's address is that name."""
    institution.name = institution.household.address = name
    institution.save(update_fields=["name"])
    institution.household.save(update_fields=["address"])


@operation
def set_active(institution: Institution, *, active: bool) -> None:
    """Close an institution, or open it again. What it has enrolled stays."""
    institution.is_active = active
    institution.save(update_fields=["is_active"])


@operation
def link(institution: Institution, user_id: int) -> None:
    """Let a user act for an institution, and for no other any more."""
    InstitutionLogin.objects.update_or_create(user_id=user_id, defaults={"institution": institution})


@operation
def add_members(file: ImportedFile, listed: Sequence[Listed], *, year: int) -> None:
    """Write down whom a list enrols; who was on another institution's list of the year, and left it, is on this."""
    for batch in batches(sorted(one.resident_id for one in listed)):
        InstitutionMember.objects.filter(resident_id__in=batch, year=year).delete()
    insert_rows(
        InstitutionMember,
        ("institution", "resident", "year", "number", "unit", "file"),
        ((file.institution_id, one.resident_id, year, one.number, one.unit, file.pk) for one in listed),
    )
    if len(listed) >= MANY:
        take_statistics(InstitutionMember, ("institution", "resident", "year"))
        take_statistics(Resident, ("household", "division", "on_platform"))


@operation
def add_identities(file: ImportedFile, listed: Iterable[Listed], *, begin_on: date, end_on: date) -> int:
    """Write down as what a welfare institution keeps people (BN-3.3.3), where the register does not say so already."""
    kept = {one.resident_id: one.identity for one in listed if one.identity}
    held: set[tuple[int, str]] = set()
    for batch in batches(sorted(kept)):
        found_ = Identity.objects.filter(resident_id__in=batch, end_on__isnull=True) | Identity.objects.filter(
            resident_id__in=batch, end_on__gt=begin_on
        )
        held.update(found_.values_list("resident_id", "code"))
    return insert_rows(
        Identity,
        ("resident", "code", "department", "begin_on", "end_on", "file"),
        (
            (resident_id, code, DEPARTMENT, begin_on, end_on, file.pk)
            for resident_id, code in kept.items()
            if (resident_id, code) not in held
        ),
    )


@operation
def tell_students(known: Mapping[int, Listed], *, population: str, why: Why) -> int:
    """Give people of the register what the list says of their studies, kept in their history; return of how many."""
    changes: list[tuple[Resident, dict[str, object]]] = []
    for batch in batches(sorted(known)):
        people = Resident.objects.only("pk", "population", "graduating", "term_start_on", "version")
        for one in people.select_for_update().filter(pk__in=batch).order_by("pk"):
            listed = known[one.pk]
            said = {
                "population": population,
                "graduating": listed.graduating,
                "term_start_on": listed.term_start_on or one.term_start_on,
            }
            changed = {name: value for name, value in said.items() if getattr(one, name) != value}
            if changed:
                changes.append((one, changed))
    record((_change(one, changed) for one, changed in changes), why=why)
    columns = ("population", "graduating", "term_start_on", "version")
    return update_rows(Resident, columns, (_values(one, changed) for one, changed in changes))


def _change(one: Resident, changed: Mapping[str, object]) -> Change:
    before = {name: plain(getattr(one, name)) for name in changed}
    return Change(one, before, {name: plain(value) for name, value in changed.items()})


def _values(one: Resident, changed: Mapping[str, object]) -> tuple[object, ...]:
    kept = {"population": one.population, "graduating": one.graduating, "term_start_on": one.term_start_on, **changed}
    return (one.pk, kept["population"], kept["graduating"], kept["term_start_on"], one.version + 1)
