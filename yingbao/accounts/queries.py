"""Reading users and the audit trail."""

from __future__ import annotations

from django.db.models import QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry, User
from yingbao.accounts.roles import Right, Role
from yingbao.divisions.codes import NOWHERE


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


def audit_trail(actor: Actor) -> QuerySet[AuditEntry]:
    """Return the audit entries of the actor's divisions, newest first. Needs SEE_AUDIT."""
    actor.must(Right.SEE_AUDIT)
    within = AuditEntry.objects.filter(division_code__gte=actor.scope.low, division_code__lt=actor.scope.high)
    return within.select_related("user").order_by("-id")


def owner_for(division_code: int) -> User | None:
    """Return who answers for a division: the town officer named for it (PJ-A3), else its own agent."""
    named = User.objects.filter(answerable_for=division_code, is_active=True).order_by("id").first()
    return named or User.objects.filter(division_id=division_code, is_active=True).order_by("id").first()
