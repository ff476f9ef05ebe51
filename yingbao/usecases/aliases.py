"""The bureau's table of other names for identities: added and removed by hand, each change in the audit trail."""

from __future__ import annotations

from datetime import datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.policy.vocabulary import Vocabulary
from yingbao.registry.kinds import AliasSource
from yingbao.registry.rosters import aliases
from yingbao.storage.fields import Json
from yingbao.usecases.once import once

LONGEST = 60


def add_alias(actor: Actor, *, name: str, code: str, source: str, policy_name: str, key: str, at: datetime) -> Json:
    """Let a name stand for an identity in every roster from now on. Returns ``{"alias": id}``.

    Raises BadInput for an empty or too long name, a code the vocabulary does not have or an unknown source; Refused
    where the vocabulary or another alias knows the name already, whatever it stands for there.
    """
    actor.must(Right.MANAGE_ALIASES)
    vocabulary = get_policy(policy_name).vocabulary
    _must_be_sound(name, code, source, vocabulary)

    def effect() -> Json:
        found = aliases.find_alias(name)
        if found is not None:
            raise Refused(
                say(N_("这个名称已经是“{identity}”的别名。"), identity=vocabulary.identities[found.code].name)
                if found.code in vocabulary.identities
                else say(N_("这个名称已在别名表中。")),
                todo=say(N_("如需改指别的身份，请先删除原来的别名。")),
            )
        added = aliases.add_alias(name=name, code=code, source=source, by_id=actor.user_id, at=at)
        _record(actor, "add-alias", added.pk, {"code": code, "source": source}, at, key)
        return {"alias": added.pk}

    inputs = {"name": name, "code": code, "source": source, "policy": policy_name}
    return once(actor, key=key, use_case="add-alias", inputs=inputs, at=at, effect=effect)


def remove_alias(actor: Actor, *, alias_id: int, key: str, at: datetime) -> Json:
    """Forget an alias; identities that rosters marked by it stay. Returns ``{"alias": id}``. Raises NotFound."""
    actor.must(Right.MANAGE_ALIASES)

    def effect() -> Json:
        removed = aliases.remove_alias(alias_id)
        _record(actor, "remove-alias", alias_id, {"code": removed.code, "source": removed.source}, at, key)
        return {"alias": alias_id}

    return once(actor, key=key, use_case="remove-alias", inputs={"alias": alias_id}, at=at, effect=effect)


def _must_be_sound(name: str, code: str, source: str, vocabulary: Vocabulary) -> None:
    if not name.strip() or len(name) > LONGEST:
        raise BadInput(say(N_("请填写别名，最多 {longest} 字。"), longest=LONGEST))
    if code not in vocabulary.identities or source not in AliasSource.values:
        raise BadInput(say(N_("请选择这个名称所指的身份和名称来源。")))
    known = vocabulary.identity_named(name)
    if known is not None:
        raise Refused(
            say(N_("规范名称表中这个名称就是“{identity}”。"), identity=vocabulary.identities[known].name),
            todo=say(N_("不需要加别名；规范名称不能改指别的身份。")),
        )


def _record(actor: Actor, action: str, alias_id: int, detail: Json, at: datetime, key: str) -> None:
    audit.record(
        actor,
        action,
        subject=("alias", alias_id),
        division_code=actor.division_code,
        at=at,
        detail=detail,
        request_key=key,
    )
