"""Residents who have proved who they are may log in and see their own household."""

from __future__ import annotations

from yingbao.registry.models import ResidentLogin
from yingbao.storage.transactions import operation


@operation
def link(*, user_id: int, resident_id: int) -> None:
    """Let a user see the household of a resident; linking again moves the login to that resident."""
    ResidentLogin.objects.update_or_create(user_id=user_id, defaults={"resident_id": resident_id})
