"""A district says how its tax client names and orders the columns of the exchanged files; the newest word counts."""

from __future__ import annotations

from datetime import datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.declaring import layouts
from yingbao.collection.declaring import operations as declaring
from yingbao.collection.declaring.layouts import Columns
from yingbao.collection.kinds import LayoutKind
from yingbao.storage.fields import Json
from yingbao.usecases.once import once


def set_layout(actor: Actor, *, kind: LayoutKind, columns: Columns, key: str, at: datetime) -> Json:
    """Keep the (field, heading) columns of a file in their order, for the actor's district from now on.

    Returns ``{"layout": id}``. Raises BadInput for a heading given twice or a layout by which a line could not be
    found again; earlier layouts stay, and files made by them can still be read.
    """
    actor.must(Right.SET_LAYOUT)
    columns = [(field, heading.strip()) for field, heading in columns]
    layouts.check(kind, columns)
    district = layouts.district_of(actor.division_code or 0)

    def effect() -> Json:
        kept = declaring.keep_layout(kind, columns, division_code=district, user_id=actor.user_id, at=at)
        audit.record(
            actor,
            "set-layout",
            subject=("layout", kept.pk),
            division_code=district,
            at=at,
            detail={"kind": kind.value, "fields": [field for field, _heading in columns]},
            request_key=key,
        )
        return {"layout": kept.pk}

    inputs = {"kind": kind.value, "columns": [list(column) for column in columns]}
    return once(actor, key=key, use_case="set-layout", inputs=inputs, at=at, effect=effect)


def reset_layout(actor: Actor, *, kind: LayoutKind, key: str, at: datetime) -> Json:
    """Go back to our own columns, as one more layout; returns and raises as ``set_layout``."""
    return set_layout(actor, kind=kind, columns=layouts.ours(kind), key=key, at=at)
