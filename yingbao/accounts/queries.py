"""Reading users and the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import reduce
from operator import or_

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry, User
from yingbao.accounts.roles import RIGHTS, Right, Role
from yingbao.divisions.codes import NOWHERE, SIZES
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY

NOBODY = 0  # asked for as who acted: the system itself
Subjects = Mapping[str, Iterable[int]]  # kind of record → ids


def actor_of(user: User) -> Actor:
    """Return the actor a logged-in user is."""
    return Actor(
        user_id=user.pk,
        name=user.display_name,
        role=user.role,
        # Residents and administrators see no division's data, wherever they are filed.
        scope=user.division.scope
        if user.division and user.role not in (Role.RESIDENT, Role.ADMINISTRATOR)
        else NOWHERE,
        division_code=user.division_id,
        department=user.department,
    )


def actor_named(username: str) -> Actor:
    """Return the actor of an active user by login name; raises User.DoesNotExist."""
    return actor_of(User.objects.select_related("division").get(username=username, is_active=True))


def machine_named(username: str) -> Actor | None:
    """Return the machine account of that name, which nobody can log in as; None where there is none."""
    found = User.objects.select_related("division").filter(username=username, role=Role.CHANNEL, is_active=True)
    return next(map(actor_of, found), None)


def is_user(username: str) -> bool:
    """Return whether a login name is taken, by an active account or one switched off. For use cases only."""
    return User.objects.filter(username=username).exists()


def audit_trail(actor: Actor) -> QuerySet[AuditEntry]:
    """Return the audit entries of the actor's divisions, newest first. Needs SEE_AUDIT."""
    actor.must(Right.SEE_AUDIT)
    within = AuditEntry.objects.filter(division_code__gte=actor.scope.low, division_code__lt=actor.scope.high)
    return within.select_related("user").order_by("-at", "-id")


def audit_between(found: QuerySet[AuditEntry], *, first: date | None, last: date | None) -> QuerySet[AuditEntry]:
    """Return the entries of the days ``first`` to ``last``, both included; None leaves that end open."""
    if first is not None:
        found = found.filter(at__gte=_midnight(first))
    return found if last is None else found.filter(at__lt=_midnight(last + DAY))


def audit_by(found: QuerySet[AuditEntry], user_id: int) -> QuerySet[AuditEntry]:
    """Return the entries of what a user did; NOBODY asks for what the system did by itself."""
    return found.filter(user_id=user_id) if user_id != NOBODY else found.filter(user__isnull=True)


def audit_about(found: QuerySet[AuditEntry], subjects: Subjects) -> QuerySet[AuditEntry]:
    """Return the entries about some records; none where none are named."""
    about = (Q(subject_kind=kind, subject_id__in=list(ids)) for kind, ids in subjects.items())
    return found.filter(reduce(or_, about, Q(pk__in=[])))


def staff(actor: Actor) -> list[tuple[int, str]]:
    """Return (id, display name) of everybody of the actor's divisions but residents, by name. Needs SEE_AUDIT."""
    actor.must(Right.SEE_AUDIT)
    within = User.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return list(within.exclude(role=Role.RESIDENT).order_by("display_name", "id").values_list("id", "display_name"))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def owner_for(division_code: int, *, but: int = 0) -> User | None:
    """Return who answers for a division: the town officer named for it (PJ-A3), else its own agent, else who is above.

    Only who can see work items is asked; None where nobody is, up to the district. ``but`` is a user who may not be
    the one, having had the first word.
    """
    staff = User.objects.filter(role__in=(Role.VILLAGE, Role.TOWN, Role.BUREAU), is_active=True).exclude(pk=but)
    above = {division_code - division_code % SIZES[level] for level in ("village", "town", "district")}
    named = staff.filter(answerable_for=division_code).order_by("id").first()
    return named or staff.filter(division_id__in=above).order_by("-division_id", "id").first()


def who_may(right: Right, division_code: int, *, but: int = 0) -> User | None:
    """Return who sees to something that asks for a right in a division: who is nearest to it, named officers first.

    ``but`` is a user who may not be the one, having had the first word. None where nobody has the right.
    """
    roles = [role for role in (Role.VILLAGE, Role.TOWN, Role.TAX, Role.BUREAU) if right in RIGHTS[role]]
    staff = User.objects.filter(role__in=roles, is_active=True).exclude(pk=but)
    above = {division_code - division_code % SIZES[level] for level in ("village", "town", "district")}
    named = staff.filter(answerable_for=division_code).order_by("id").first()
    return named or staff.filter(division_id__in=above).order_by("-division_id", "id").first()


def tax_officer_for(division_code: int) -> User | None:
    """Return the tax officer who pays out of a division's treasury; None where there is none."""
    above = {division_code - division_code % SIZES[level] for level in ("village", "town", "district")}
    staff = User.objects.filter(role=Role.TAX, is_active=True, division_id__in=above)
    return staff.order_by("-division_id", "id").first()


def owners_for(division_codes: Iterable[int]) -> dict[int, int]:
    """Return division → id of who answers for it, as ``owner_for`` says, in one statement; nobody's is left out."""
    staff = User.objects.filter(role__in=(Role.VILLAGE, Role.TOWN, Role.BUREAU), is_active=True).order_by("-id")
    named, placed = {}, {}
    for pk, division, answerable_for in staff.values_list("pk", "division_id", "answerable_for"):
        placed[division] = pk
        named[answerable_for] = pk
    found = {}
    for code in set(division_codes):
        above = (placed.get(code - code % SIZES[level]) for level in ("village", "town", "district"))
        owner = named.get(code) or next(filter(None, above), None)
        if owner is not None:
            found[code] = owner
    return found


def answerable_for(actor: Actor) -> set[int]:
    """Return the codes of the villages the actor is named for (PJ-A3)."""
    return set(
        User.objects.filter(pk=actor.user_id, answerable_for__isnull=False).values_list("answerable_for", flat=True)
    )


def count_by_role(actor: Actor) -> list[tuple[str, int]]:
    """Return (role, number of active users). Needs MANAGE_USERS."""
    actor.must(Right.MANAGE_USERS)
    return list(User.objects.filter(is_active=True).order_by("role").values_list("role").annotate(n=Count("id")))


def users(actor: Actor) -> QuerySet[User]:
    """Return all users with their divisions, by role and login name. Needs MANAGE_USERS."""
    actor.must(Right.MANAGE_USERS)
    return User.objects.select_related("division").order_by("role", "division_id", "username")


def people_to_show_as_logins() -> list[User]:
    """Return one account per role and department that can log in, for a demonstration's login page."""
    found = User.objects.filter(is_active=True).exclude(password__startswith="!").select_related("division")
    first: dict[tuple[str, str], User] = {}
    for user in found.order_by("id"):
        first.setdefault((user.role, user.department), user)
    return list(first.values())


def latest_entry() -> int:
    """Return the number of the newest audit entry, 0 before the first: it grows with everything anybody changes."""
    return AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0


def audit_of(actor: Actor, subjects: list[tuple[str, int]]) -> list[AuditEntry]:
    """Return the audit entries about some records, newest first: subjects are (kind, id). Needs SEE_AUDIT."""
    about = reduce(or_, (Q(subject_kind=kind, subject_id=id_) for kind, id_ in subjects), Q(pk__in=[]))
    return list(audit_trail(actor).filter(about))


def count_acts(user_id: int, action: str, *, since: datetime) -> int:
    """Return how often a user has done something since a moment, by the audit trail. For use cases only."""
    return _acts(user_id, action, since).count()


def has_acted_on(user_id: int, action: str, subject: tuple[str, int], *, since: datetime) -> bool:
    """Return whether a user has done something to a record since a moment, by the audit trail. For use cases only."""
    kind, subject_id = subject
    return _acts(user_id, action, since).filter(subject_kind=kind, subject_id=subject_id).exists()


def _acts(user_id: int, action: str, since: datetime) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(user_id=user_id, action=action, at__gte=since)


def names_of(user_ids: Iterable[int]) -> dict[int, str]:
    """Return user id → display name."""
    return dict(User.objects.filter(pk__in=set(user_ids)).values_list("pk", "display_name"))


def institution_user(actor: Actor, username: str) -> User | None:
    """Return the active user of the actor's divisions who may act for an institution, by login name."""
    actor.must(Right.MANAGE_INSTITUTIONS)
    within = User.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high, is_active=True)
    return within.filter(role=Role.INSTITUTION, username=username).select_related("division").first()


def collectors(actor: Actor) -> QuerySet[User]:
    """Return the active users of the actor's divisions who take money at a counter, village by village."""
    actor.must(Right.HAND_RECEIPTS)
    within = User.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high, is_active=True)
    roles = [role for role in (Role.VILLAGE, Role.TOWN) if Right.COLLECT in RIGHTS[role]]
    return within.filter(role__in=roles).select_related("division").order_by("division_id", "id")


def agent_seen(actor: Actor, agent_id: int) -> User:
    """Return somebody of the actor's divisions whose cash the actor may see; a village's agent sees their own.

    Raises NotFound. Needs SEE_MONEY.
    """
    actor.must(Right.SEE_MONEY)
    within = User.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high, pk=agent_id)
    if actor.role == Role.VILLAGE:
        within = within.filter(pk=actor.user_id)
    found: User | None = within.select_related("division").first()
    if found is None or Right.DEPOSIT not in RIGHTS[Role(found.role)]:
        raise NotFound(say(N_("没有找到这位收款人员，或不在您的管理范围内。")))
    return found


def takers(actor: Actor) -> QuerySet[User]:
    """Return who may take an agent's cash over: others who collect and reach every village the actor reaches.

    A village's cash stays in the village's books, so whoever takes it must see them.
    """
    actor.must(Right.DEPOSIT)
    code = actor.division_code or 0
    above = {code, code - code % SIZES["town"]}
    roles = [role for role in (Role.VILLAGE, Role.TOWN) if Right.COLLECT in RIGHTS[role]]
    others = User.objects.filter(division_id__in=above, role__in=roles, is_active=True).exclude(pk=actor.user_id)
    return others.select_related("division").order_by("-division_id", "id")
