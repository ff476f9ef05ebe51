"""Filters a user keeps under a name of the user's own. They hold codes, never a searched text."""

from __future__ import annotations

from collections.abc import Mapping

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.registry.models import SavedFilter
from yingbao.storage.transactions import operation


def filters_of(actor: Actor) -> list[SavedFilter]:
    """Return the actor's own filters by name. Needs SEE_RESIDENTS."""
    actor.must(Right.SEE_RESIDENTS)
    return list(SavedFilter.objects.filter(user_id=actor.user_id).order_by("name"))


@operation
def keep(actor: Actor, *, name: str, codes: Mapping[str, str]) -> int:
    """Keep a filter under a name, in the place of the one that had it; return its id."""
    kept, _new = SavedFilter.objects.update_or_create(
        user_id=actor.user_id, name=name, defaults={"filter": dict(codes)}
    )
    return kept.pk


@operation
def rename(actor: Actor, filter_id: int, *, name: str) -> bool:
    """Give one of the actor's filters another name; False where another of them has it. Raises NotFound."""
    own = SavedFilter.objects.filter(user_id=actor.user_id)
    held = own.select_for_update().filter(pk=filter_id).first()
    if held is None:
        raise _not_found()
    if own.exclude(pk=filter_id).filter(name=name).exists():
        return False
    held.name = name
    held.save(update_fields=["name"])
    return True


@operation
def forget(actor: Actor, filter_id: int) -> None:
    """Remove one of the actor's filters. Raises NotFound."""
    removed, _of = SavedFilter.objects.filter(user_id=actor.user_id, pk=filter_id).delete()
    if not removed:
        raise _not_found()


def _not_found() -> NotFound:
    return NotFound(say(N_("没有找到这个筛选方案，可能已经删除。")))
