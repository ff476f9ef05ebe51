"""Other names offices use for identities: kept by the bureau beside the policy's own vocabulary (DOMAIN, files)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.policy.vocabulary import Vocabulary, fold_name
from yingbao.registry.models import IdentityAlias
from yingbao.storage import transactions
from yingbao.storage.transactions import operation


def reader_with(vocabulary: Vocabulary) -> Callable[[str], str | None]:
    """Return what tells the code for a name: the vocabulary's word first, then the bureau's aliases, else None.

    The aliases are read once, here. One whose code the vocabulary no longer has names nothing.
    """
    added = dict(IdentityAlias.objects.values_list("name", "code"))

    def code_named(name: str) -> str | None:
        code = vocabulary.identity_named(name) or added.get(fold_name(name))
        return code if code in vocabulary.identities else None

    return code_named


def aliases(actor: Actor) -> QuerySet[IdentityAlias]:
    """Return all aliases with who added them, by code and name. Needs SEE_ROSTERS."""
    actor.must(Right.SEE_ROSTERS)
    return IdentityAlias.objects.select_related("added_by").order_by("code", "name")


@operation
def find_alias(name: str) -> IdentityAlias | None:
    """Return the alias of a name, if there is one; nobody else adds one until the transaction ends."""
    transactions.take_turns("yingbao-aliases")
    return IdentityAlias.objects.filter(name=fold_name(name)).first()


@operation
def add_alias(*, name: str, code: str, source: str, by_id: int, at: datetime) -> IdentityAlias:
    """Keep a name as it is compared. The caller has seen to it that it stands for nothing else."""
    return IdentityAlias.objects.create(name=fold_name(name), code=code, source=source, added_by_id=by_id, added_at=at)


@operation
def remove_alias(alias_id: int) -> IdentityAlias:
    """Forget a name and return what it was, its id kept. Raises NotFound."""
    found = IdentityAlias.objects.select_for_update().filter(pk=alias_id).first()
    if found is None:
        raise NotFound(say(N_("没有找到这个别名，可能已被删除。")))
    found.delete()
    found.pk = alias_id
    return found
