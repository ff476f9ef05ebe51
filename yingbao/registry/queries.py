"""Reading the register: every function takes the actor and gives only what that actor may see."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch, Q, QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.divisions.codes import SIZES, Scope
from yingbao.kernel.errors import NotFound, RowProblem
from yingbao.kernel.messages import N_, say
from yingbao.registry import problems
from yingbao.registry.kinds import FileKind, FileState
from yingbao.registry.models import Household, ImportedFile, Resident, ResidentLogin

# What each kind of file needs to be seen at all.
FILE_RIGHTS = {
    FileKind.TARGETS: Right.SEE_PROGRESS,
    FileKind.REGISTER: Right.SEE_RESIDENTS,
    FileKind.ROSTER: Right.SEE_ROSTERS,
    FileKind.ELSEWHERE: Right.SEE_RESIDENTS,
    FileKind.DEATHS: Right.SEE_RESIDENTS,
    FileKind.MEMBERS: Right.ENROL_INSTITUTION,
    FileKind.RESULT: Right.SEE_MONEY,
}

NAMESAKES = 100  # households of one number that a search takes in, each of another village


# --- people ---------------------------------------------------------------------------------------------------------


def residents_seen(actor: Actor) -> QuerySet[Resident]:
    """Return the residents of the actor's divisions, household and village at hand. Needs SEE_RESIDENTS."""
    actor.must(Right.SEE_RESIDENTS)
    return _with_places(Resident.objects.filter(_within(actor.scope)))


def resident(actor: Actor, resident_id: int) -> Resident:
    """Return a resident the actor may see: staff by scope, a resident by own household. Raises NotFound."""
    people = Resident.objects.filter(_seen_by(actor), pk=resident_id, household__in=_households_seen(actor))
    found = _with_places(people).first()
    if found is None:
        raise _not_found()
    return found


def household(actor: Actor, household_id: int) -> Household:
    """Return a household the actor may see, its members at hand. Raises NotFound."""
    found = _with_members(_households_seen(actor).filter(pk=household_id), actor).first()
    if found is None:
        raise _not_found()
    return found


def households(actor: Actor, ids: Iterable[int]) -> list[Household]:
    """Return the households among ``ids`` that the actor may see, a family's members at hand, an institution's not."""
    found = _households_seen(actor).filter(pk__in=list(ids))
    members = Prefetch("members", Resident.objects.filter(household__institution__isnull=True))
    return list(found.select_related("division").prefetch_related(members))


def households_numbered(actor: Actor, number: str) -> list[int]:
    """Return the ids of the households the actor may see with a number; a number is one village's."""
    return list(_households_seen(actor).filter(number=number).values_list("id", flat=True)[:NAMESAKES])


def household_numbers(actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    """Return id → number of the households among ``ids`` that the actor may see."""
    return dict(_households_seen(actor).filter(pk__in=set(ids)).values_list("id", "number"))


def ids_of_members(household_ids: Iterable[int]) -> set[int]:
    """Return the ids of the residents of some households. For use cases only."""
    return set(Resident.objects.filter(household_id__in=set(household_ids)).values_list("id", flat=True))


def own_household(actor: Actor) -> Household:
    """Return the household of a resident who has proved who they are. Needs SEE_OWN_HOUSEHOLD; raises NotFound."""
    actor.must(Right.SEE_OWN_HOUSEHOLD)
    found = _with_members(_households_seen(actor), actor).first()
    if found is None:
        raise _not_found()
    return found


def _households_seen(actor: Actor) -> QuerySet[Household]:
    if actor.role == Role.RESIDENT:
        logins = ResidentLogin.objects.filter(user_id=actor.user_id)
        return Household.objects.filter(pk__in=logins.values("resident__household_id"))
    actor.must(Right.SEE_RESIDENTS)
    return Household.objects.filter(_within(actor.scope))


def _seen_by(actor: Actor) -> Q:
    """In an institution's collective household nobody sees the others; in a family's the members see each other."""
    if actor.role != Role.RESIDENT:
        return Q()
    own = ResidentLogin.objects.filter(user_id=actor.user_id).values("resident_id")
    return Q(household__institution__isnull=True) | Q(pk__in=own)


def _with_members(households: QuerySet[Household], actor: Actor) -> QuerySet[Household]:
    members = Prefetch("members", Resident.objects.filter(_seen_by(actor)))
    found = households.select_related("division").prefetch_related(members)
    return found.prefetch_related("members__identities", "members__elsewhere")


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
    if actor.role == Role.INSTITUTION:
        found = found.filter(institution__logins__user_id=actor.user_id)
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


def accepted_after(imported: ImportedFile) -> ImportedFile | None:
    """Return a list of the same sort for any of the same people that came into the books later. For use cases only."""
    code = imported.division_id
    scope = imported.division.scope
    above = {code - code % size for size in SIZES.values()}
    same = ImportedFile.objects.filter(kind=imported.kind, about=imported.about, state=FileState.ACCEPTED)
    near = same.filter(_within(scope) | Q(division_id__in=above)).exclude(pk=imported.pk)
    later = Q(decided_at__gt=imported.decided_at) | Q(decided_at=imported.decided_at, pk__gt=imported.pk)
    return near.filter(later).order_by("decided_at", "pk").first()
