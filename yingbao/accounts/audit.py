"""The audit trail: every use case that changes anything says so here, in the same transaction."""

from __future__ import annotations

from datetime import datetime

from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.storage.fields import Json
from yingbao.storage.transactions import operation


@operation
def record(
    actor: Actor,
    action: str,
    *,
    subject: tuple[str, int | None],
    division_code: int | None,
    at: datetime,
    detail: Json | None = None,
    request_key: str = "",
) -> None:
    """Add one entry: ``subject`` is (kind, id). ``detail`` holds ids, counts and fen, never names or numbers."""
    AuditEntry.objects.create(
        at=at,
        user_id=actor.user_id,
        role=actor.role,
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        division_code=division_code,
        detail=detail or {},
        request_key=request_key,
    )
