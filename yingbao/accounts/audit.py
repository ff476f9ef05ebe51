"""The audit trail: every use case that changes anything says so here, in the same transaction."""

from __future__ import annotations

from datetime import datetime

from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.storage.bulk import insert_rows
from yingbao.storage.fields import Json
from yingbao.storage.transactions import operation

ENTRY = (
    "at",
    "user",
    "role",
    "action",
    "subject_kind",
    "subject_id",
    "division_code",
    "detail",
    "request_key",
)


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
    entry = (at, actor.user_id, actor.role, action, *subject, division_code, detail or {}, request_key)
    insert_rows(AuditEntry, ENTRY, [entry])
