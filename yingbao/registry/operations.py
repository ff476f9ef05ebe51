"""Writing the register: files, and the people and identities that come in with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from yingbao.accounts.actors import Actor
from yingbao.kernel.errors import NotFound, RowProblem
from yingbao.kernel.messages import N_, say
from yingbao.registry import matching, problems
from yingbao.registry.kinds import FileKind, FileState, ResidentState
from yingbao.registry.matching import Home
from yingbao.registry.models import CoveredElsewhere, Household, ImportedFile, Resident
from yingbao.registry.register_rows import Person
from yingbao.storage import transactions
from yingbao.storage.bulk import insert_rows
from yingbao.storage.fields import Json
from yingbao.storage.transactions import operation

RESIDENT_COLUMNS = (
    *("household", "division", "relation", "name", "certificate_kind", "certificate_number", "certificate_index"),
    *("birth_on", "sex", "phone", "hukou", "basis", "population", "graduating", "on_platform", "state"),
)


@operation
def add_file(
    actor: Actor,
    *,
    kind: FileKind,
    name: str,
    sha256: str,
    division_code: int,
    rows: int,
    good_rows: int,
    found: Sequence[RowProblem],
    at: datetime,
    department: str = "",
    month: date | None = None,
    about: str = "",
    is_full: bool = False,
    differences: Json | None = None,
) -> ImportedFile:
    """Record a file that has been checked; nothing of it is in the books."""
    return ImportedFile.objects.create(
        kind=kind,
        name=name[:200],
        sha256=sha256,
        division_id=division_code,
        department=department,
        month=month,
        about=about,
        is_full=is_full,
        differences=differences or {},
        rows=rows,
        good_rows=good_rows,
        problems=problems.to_json(found),
        uploaded_by_id=actor.user_id,
        uploaded_at=at,
    )


@operation
def take_turns() -> None:
    """Wait until no other transaction brings a file in: two files may hold the same person, and each looks first."""
    transactions.take_turns("yingbao-imports")


@operation
def lock_file(actor: Actor, file_id: int, kind: FileKind) -> ImportedFile:
    """Return a file of the actor's scope, locked until the transaction ends. Raises NotFound."""
    files = ImportedFile.objects.select_for_update().filter(pk=file_id, kind=kind)
    found = files.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high).first()
    if found is None:
        raise NotFound(say(N_("没有找到，或不在您的管理范围内。")))
    return found


@operation
def accept_file(actor: Actor, file: ImportedFile, *, good_rows: int, found: Sequence[RowProblem], at: datetime) -> None:
    """Mark a file's good rows as taken into the books, with the problems found on that second look."""
    file.good_rows, file.problems = good_rows, problems.to_json(found)
    _decide(actor, file, FileState.ACCEPTED, at, "good_rows", "problems")


@operation
def tell_differences(file: ImportedFile, differences: Json) -> None:
    """Add to what a file changes, or has changed: counts, ids and days, no names."""
    file.differences = {**file.differences, **differences}
    file.save(update_fields=["differences"])


@operation
def discard_file(actor: Actor, file: ImportedFile, *, at: datetime) -> None:
    """Mark a file as not wanted."""
    _decide(actor, file, FileState.DISCARDED, at)


@operation
def withdraw_file(actor: Actor, file: ImportedFile, *, at: datetime, reason: str = "") -> None:
    """Mark an accepted file as taken back; the caller has put back what it changed. ``reason``: a WithdrawReason."""
    if reason:
        file.differences = {**file.differences, "withdrawn": reason}
    file.state, file.withdrawn_by_id, file.withdrawn_at = FileState.WITHDRAWN, actor.user_id, at
    file.save(update_fields=["state", "withdrawn_by", "withdrawn_at", "differences"])


def _decide(actor: Actor, file: ImportedFile, state: FileState, at: datetime, *also: str) -> None:
    file.state, file.decided_by_id, file.decided_at = state, actor.user_id, at
    file.save(update_fields=["state", "decided_by", "decided_at", *also])


@operation
def add_people(
    people: Sequence[Person], *, homes: Mapping[tuple[int, str], Home], file: ImportedFile, begin_on: date
) -> int:
    """Add people who are not in the register yet, and their households where these are new; return how many households.

    ``homes`` are the households the register has in their villages. Cover elsewhere that a row tells of is open
    from ``begin_on``, because a flag has no date of its own.
    """
    addresses: dict[tuple[int, str], str] = {}
    for person in people:
        if person.home not in homes:
            addresses[person.home] = addresses.get(person.home) or person.address
    insert_rows(Household, ("division", "number", "address"), ((*home, text) for home, text in addresses.items()))
    ids = {home: held.household_id for home, held in matching.find_homes(home[0] for home in _homes(people)).items()}
    insert_rows(Resident, RESIDENT_COLUMNS, (_resident_values(person, ids[person.home]) for person in people))
    _add_elsewhere([person for person in people if person.elsewhere], file, begin_on)
    return len(addresses)


def _homes(people: Iterable[Person]) -> Iterator[tuple[int, str]]:
    return (person.home for person in people)


def _resident_values(person: Person, household_id: int) -> tuple[Any, ...]:
    return (
        *(household_id, person.division_code, person.relation, person.name),
        *(person.certificate_kind, person.number, person.blind, person.birth_on, person.sex, person.phone or None),
        *(person.hukou, person.basis, person.population, person.graduating, person.on_platform),
        ResidentState.PRESENT.value,
    )


def _add_elsewhere(people: Sequence[Person], file: ImportedFile, begin_on: date) -> None:
    ids = matching.find_ids(person.blind for person in people)
    insert_rows(
        CoveredElsewhere,
        ("resident", "kind", "begin_on", "file"),
        ((ids[person.blind], kind, begin_on, file.pk) for person in people for kind in person.elsewhere),
    )
