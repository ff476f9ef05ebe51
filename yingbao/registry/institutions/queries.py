"""Reading institutions: staff see those of their divisions, whoever acts for one sees that one and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import Forbidden, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.registry.kinds import FileKind
from yingbao.registry.models import ImportedFile, Institution, InstitutionLogin, InstitutionMember
from yingbao.registry.recognising.matching import batches

# Who has to do with institutions at all: enrols for them, manages them, or clears what they pay.
SEES = (Right.ENROL_INSTITUTION, Right.MANAGE_INSTITUTIONS, Right.CLEAR)


def institutions(actor: Actor) -> QuerySet[Institution]:
    """Return the institutions the actor may see, by place and code, with place and household."""
    if not any(actor.may(right) for right in SEES):
        actor.must(Right.MANAGE_INSTITUTIONS)
    found = Institution.objects.select_related("division", "household").order_by("division_id", "code")
    if actor.role == Role.INSTITUTION:
        return found.filter(logins__user_id=actor.user_id)
    return found.filter(_within(actor.scope))


def institution(actor: Actor, institution_id: int) -> Institution:
    """Return one institution the actor may see. Raises Forbidden, NotFound."""
    found = institutions(actor).filter(pk=institution_id).first()
    if found is None:
        raise not_found()
    return found


def own(actor: Actor) -> Institution | None:
    """Return the institution the actor acts for; None where nobody has said which."""
    return institutions(actor).first() if actor.role == Role.INSTITUTION else None


def active(actor: Actor, institution_id: int) -> Institution:
    """Return an institution that the actor may enrol for. Raises NotFound, Forbidden, where it is closed too."""
    found = institution(actor, institution_id)
    if not found.is_active:
        raise Forbidden(say(N_("这个单位已停用，不能再办理参保。")), todo=say(N_("如需恢复，请联系镇街社保所。")))
    return found


def members(found: Institution, *, year: int) -> QuerySet[InstitutionMember]:
    """Return an institution's people of a year, in the order they came, with their records. For one already found."""
    return InstitutionMember.objects.filter(institution=found, year=year).select_related("resident").order_by("id")


def member_ids(found: Institution, *, year: int) -> set[int]:
    """Return the resident ids of an institution's people of a year."""
    return set(members(found, year=year).values_list("resident_id", flat=True))


def count_members(found: Iterable[Institution], *, year: int) -> dict[int, int]:
    """Return institution id → people enrolled by it for a year, in one statement."""
    rows = InstitutionMember.objects.filter(institution__in=list(found), year=year).values_list("institution_id")
    return dict(rows.annotate(n=Count("id")))


def names_by_place(resident_ids: Iterable[int], *, year: int) -> dict[int, str]:
    """Return resident id → name of the institution that enrolled them for a year. For use cases only."""
    found: dict[int, str] = {}
    for batch in batches(sorted(set(resident_ids))):
        rows = InstitutionMember.objects.filter(resident_id__in=batch, year=year)
        found.update(rows.values_list("resident_id", "institution__name"))
    return found


def numbers_of(resident_ids: Iterable[int], *, year: int) -> dict[int, InstitutionMember]:
    """Return resident id → membership of a year, with number and unit. For residents already found."""
    found = InstitutionMember.objects.filter(resident_id__in=list(resident_ids), year=year)
    return {one.resident_id: one for one in found}


def of_household(household_id: int) -> Institution | None:
    """Return the institution whose collective household this is, or None. For a household already found."""
    return Institution.objects.filter(household_id=household_id).select_related("division").first()


def lists(found: Institution) -> QuerySet[ImportedFile]:
    """Return an institution's lists, newest first. For one already found."""
    files = ImportedFile.objects.filter(kind=FileKind.MEMBERS, institution=found)
    return files.select_related("uploaded_by", "decided_by").order_by("-id")


def list_of(actor: Actor, file_id: int) -> ImportedFile:
    """Return a list of an institution the actor may see. Raises Forbidden, NotFound."""
    files = ImportedFile.objects.filter(kind=FileKind.MEMBERS, institution__in=institutions(actor))
    found = files.filter(pk=file_id).select_related("institution__division", "uploaded_by", "decided_by").first()
    if found is None:
        raise not_found()
    return found


def logins(found: Institution) -> list[InstitutionLogin]:
    """Return who acts for an institution. For one already found."""
    return list(found.logins.select_related("user").order_by("id"))


def not_found() -> NotFound:
    """Build the answer of what is not there or of somebody else: the two look alike."""
    return NotFound(say(N_("没有找到，或不在您的管理范围内。")))


def _within(scope: Scope) -> Q:
    return Q(division_id__gte=scope.low, division_id__lt=scope.high)
