"""Reading the register: every function takes the actor and gives only what that actor may see."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.divisions.codes import Scope
from yingbao.kernel.certificates import Certificate, normalise, parse
from yingbao.kernel.errors import NotFound, RowProblem
from yingbao.kernel.messages import N_, say
from yingbao.registry import problems
from yingbao.registry.kinds import FileKind, FileState
from yingbao.registry.models import Household, ImportedFile, Resident, ResidentLogin
from yingbao.storage.encrypted import blind_index

PAGE_SIZE = 50
# What each kind of file needs to be seen at all.
FILE_RIGHTS = {
    FileKind.TARGETS: Right.SEE_PROGRESS,
    FileKind.REGISTER: Right.SEE_RESIDENTS,
    FileKind.ROSTER: Right.SEE_ROSTERS,
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of residents, and whether there is another."""

    residents: list[Resident]
    number: int
    has_next: bool


# --- people ---------------------------------------------------------------------------------------------------------


def residents_seen(actor: Actor) -> QuerySet[Resident]:
    """Return the residents of the actor's divisions, household and village at hand. Needs SEE_RESIDENTS."""
    actor.must(Right.SEE_RESIDENTS)
    return _with_places(Resident.objects.filter(_within(actor.scope)))


def search(actor: Actor, text: str, *, village: int | None = None, page: int = 1) -> Page:
    """Find residents whose name begins with ``text``, or whose full certificate or household number it is.

    An empty ``text`` lists everyone; ``village`` is a division's code. Certificate numbers are found by their
    blind index, so only whole ones are. Raises Forbidden without SEE_RESIDENTS.
    """
    found = residents_seen(actor)
    if village is not None:
        found = found.filter(division_id=village)
    wanted = text.strip()
    if wanted:
        found = found.filter(_matching(wanted))
    page = max(page, 1)
    begin = (page - 1) * PAGE_SIZE
    rows = list(found.order_by("division_id", "household_id", "id")[begin : begin + PAGE_SIZE + 1])
    return Page(rows[:PAGE_SIZE], page, len(rows) > PAGE_SIZE)


def _matching(text: str) -> Q:
    if not any(character.isdigit() for character in text):
        return Q(name__startswith=text)
    found = parse(text)
    number = found.number if isinstance(found, Certificate) else normalise(text)
    return Q(household__number=text) | Q(certificate_index=blind_index(number))


def resident(actor: Actor, resident_id: int) -> Resident:
    """Return a resident the actor may see: staff by scope, a resident by own household. Raises NotFound."""
    found = _with_places(Resident.objects.filter(pk=resident_id, household__in=_households_seen(actor))).first()
    if found is None:
        raise _not_found()
    return found


def household(actor: Actor, household_id: int) -> Household:
    """Return a household the actor may see, its members at hand. Raises NotFound."""
    found = _with_members(_households_seen(actor).filter(pk=household_id)).first()
    if found is None:
        raise _not_found()
    return found


def own_household(actor: Actor) -> Household:
    """Return the household of a resident who has proved who they are. Needs SEE_OWN_HOUSEHOLD; raises NotFound."""
    actor.must(Right.SEE_OWN_HOUSEHOLD)
    found = _with_members(_households_seen(actor)).first()
    if found is None:
        raise _not_found()
    return found


def _households_seen(actor: Actor) -> QuerySet[Household]:
    if actor.role == Role.RESIDENT:
        logins = ResidentLogin.objects.filter(user_id=actor.user_id)
        return Household.objects.filter(pk__in=logins.values("resident__household_id"))
    actor.must(Right.SEE_RESIDENTS)
    return Household.objects.filter(_within(actor.scope))


def _with_members(households: QuerySet[Household]) -> QuerySet[Household]:
    return households.select_related("division").prefetch_related("members__identities", "members__elsewhere")


def _with_places(residents: QuerySet[Resident]) -> QuerySet[Resident]:
    return residents.select_related("household", "division")


def _within(scope: Scope) -> Q:
    return Q(division_id__gte=scope.low, division_id__lt=scope.high)


def _not_found() -> NotFound:
    return NotFound(say(N_("没有找到，或不在您的管理范围内。")))


# --- files ----------------------------------------------------------------------------------------------------------


def files(actor: Actor, kind: FileKind) -> QuerySet[ImportedFile]:
    """Return the imported files of a kind, newest first; a department sees its own only. Needs the kind's right."""
    actor.must(FILE_RIGHTS[kind])
    found = ImportedFile.objects.filter(_within(actor.scope), kind=kind)
    if actor.role == Role.DEPARTMENT:
        found = found.filter(department=actor.department)
    return found.select_related("division", "uploaded_by", "decided_by").order_by("-id")


def file(actor: Actor, file_id: int, kind: FileKind) -> ImportedFile:
    """Return one imported file the actor may see. Raises NotFound."""
    found = files(actor, kind).filter(pk=file_id).first()
    if found is None:
        raise _not_found()
    return found


def problems_of(imported: ImportedFile) -> list[RowProblem]:
    """Return what was wrong in a file, in row order, without the cells' values (those are in its rejects file)."""
    return problems.from_json(imported.problems)


def accepted_file(sha256: str, *, kind: FileKind, division_code: int) -> ImportedFile | None:
    """Return the file of the same content that has been accepted for a division, or None. For use cases only."""
    accepted = ImportedFile.objects.filter(state=FileState.ACCEPTED, kind=kind, sha256=sha256)
    return accepted.filter(division_id=division_code).first()
