"""Users, the audit trail, and the requests already answered."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from yingbao.accounts.roles import Role
from yingbao.divisions.models import Division
from yingbao.storage.fields import one_of


class User(AbstractBaseUser):
    """Someone who logs in: a role (what), a division (where), and for a department officer the department."""

    username = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=60)
    role = models.CharField(max_length=20, choices=Role.choices)
    division = models.ForeignKey(Division, models.PROTECT, null=True)
    department = models.CharField(max_length=30, blank=True)
    is_active = models.BooleanField(default=True)
    answerable_for = models.ManyToManyField(Division, related_name="answerable_users")

    USERNAME_FIELD = "username"
    objects: ClassVar[BaseUserManager[Any]] = BaseUserManager()

    class Meta:
        constraints = (
            one_of("role", Role),
            models.CheckConstraint(
                condition=models.Q(role=Role.ADMINISTRATOR) | models.Q(division__isnull=False),
                name="accounts_user_has_division",
            ),
            models.CheckConstraint(
                condition=~models.Q(role=Role.DEPARTMENT) | ~models.Q(department=""),
                name="accounts_department_officer_has_department",
            ),
        )

    def __str__(self) -> str:
        return self.display_name


class AuditEntry(models.Model):
    """Who did what to which record, when, in which division. Append-only; no names or numbers of residents."""

    at = models.DateTimeField()
    user = models.ForeignKey(User, models.PROTECT, null=True)  # null: the system itself, e.g. a nightly job
    role = models.CharField(max_length=20)
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField(null=True)
    division_code = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)
    request_key = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["subject_kind", "subject_id"], name="accounts_audit_subject"),
            models.Index(fields=["division_code", "id"], name="accounts_audit_division"),
            # The trail is read newest first: all of it, one action's, one user's.
            models.Index(fields=["at", "id"], name="accounts_audit_at"),
            models.Index(fields=["action", "at", "id"], name="accounts_audit_action"),
            models.Index(fields=["user", "at", "id"], name="accounts_audit_user"),
        )


class AnsweredRequest(models.Model):
    """A request id the system has answered, with the hash of its input and the answer. Append-only."""

    key = models.CharField(max_length=80, unique=True)
    use_case = models.CharField(max_length=40)
    input_hash = models.CharField(max_length=64)
    answer = models.JSONField()
    at = models.DateTimeField()
