"""Declare collected cash and zero dues through the tax agency-collection client, and take its answer in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations as collection
from yingbao.collection import queries as collected
from yingbao.collection.kinds import DeclarationKind, DueState
from yingbao.kernel.errors import NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.ledger import operations as ledger
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.operations import Move
from yingbao.policy import get_policy
from yingbao.registry import facts as registry
from yingbao.registry.rosters import confirmations
from yingbao.storage.fields import Json
from yingbao.usecases import places
from yingbao.usecases.clearing import clear
from yingbao.usecases.custody import hold
from yingbao.usecases.once import once

if TYPE_CHECKING:
    from yingbao.collection.models import Declaration, Due


def declare_cash(actor: Actor, *, year: int, on: date, key: str, at: datetime) -> Json:
    """Declare, oldest first, the dues whose cash the agent has deposited (BN-4.3.3a, BN-4.3.3d).

    Returns ``{"declaration": id, "persons": n, "amount_fen": …, "unconfirmed": n}``: of how many subsidised people of
    the batch the town has not confirmed the identity (PJ-5.2.1; no bar). Raises Refused where nothing is deposited.
    """
    actor.must(Right.DECLARE)
    agent_id = actor.user_id

    def effect() -> Json:
        held = hold(actor, year=year, kind=AccountKind.AGREEMENT)
        dues = _covered_by(held, collected.undeclared_cash(agent_id, actor.scope, year=year))
        declaration = _declare(actor, dues, DeclarationKind.CASH, actor.division_code or 0, year, on)
        moves = [
            Move(places.declared(agent_id, village, year), places.agreement(agent_id, village, year), fen)
            for village, fen in _by_village(dues).items()
        ]
        ledger.post(moves, on=on, at=at, user_id=agent_id, source=("declaration", declaration.pk))
        return _told(actor, declaration, dues, on=on, at=at, key=key)

    inputs = {"year": year, "on": on}
    return once(actor, key=key, use_case="declare-cash", inputs=inputs, at=at, effect=effect)


def declare_zero(actor: Actor, *, year: int, on: date, key: str, at: datetime) -> Json:
    """Declare the enrolments of the actor's divisions whose personal part is 0 (PJ-5.2.2).

    Returns as ``declare_cash``. Raises Refused where there are none.
    """
    actor.must(Right.DECLARE)

    def effect() -> Json:
        waiting = collection.lock_dues(collected.undeclared_zero(actor.scope, year=year).values_list("pk", flat=True))
        # Who waited for the lock sees here what the other has declared, or has brought to more than 0, meanwhile.
        dues = [due for due in waiting if due.state == DueState.OPEN and not due.amount_fen]
        declaration = _declare(actor, dues, DeclarationKind.ZERO, actor.division_code or 0, year, on)
        return _told(actor, declaration, dues, on=on, at=at, key=key)

    inputs = {"year": year, "on": on}
    return once(actor, key=key, use_case="declare-zero", inputs=inputs, at=at, effect=effect)


def clear_declaration(actor: Actor, *, declaration_id: int, policy_name: str, on: date, key: str, at: datetime) -> Json:
    """Take in the client's answer: the declaration's money reached the treasury on ``on``.

    Returns ``{"cleared": n, "short": n}``; the short ones became work items. Coverage follows this day, not the
    day of collection (interpretation 7). Raises NotFound for one that is not there or is cleared already.
    """
    actor.must(Right.CLEAR)

    def effect() -> Json:
        declaration = collection.lock_declaration(declaration_id)
        policy = get_policy(policy_name)
        if declaration is None or declaration.year != policy.year:
            raise NotFound(say(N_("没有找到这批申报，或已经到账。")))
        actor.must_reach(declaration.division_id)
        dues = collection.lock_dues(declaration.lines.values_list("due_id", flat=True))
        settled = _settled(declaration, dues)  # as collected; what clears may cost less
        facts = registry.of_residents((due.enrolment.resident_id for due in dues), on=on)
        cleared = clear(policy, dues, facts, cleared_on=on, at=at)
        collection.close_declaration(declaration, on=on)
        ledger.post(
            [*settled, *cleared.moves],
            on=on,
            at=at,
            user_id=actor.user_id,
            source=("declaration", declaration.pk),
        )
        answer = {"cleared": len(cleared.due_ids), "short": len(cleared.short_due_ids)}
        _tell(actor, "clear-declaration", declaration, answer, at=at, key=key)
        return answer

    inputs = {"declaration": declaration_id, "on": on, "policy": policy_name}
    return once(actor, key=key, use_case="clear-declaration", inputs=inputs, at=at, effect=effect)


def _covered_by(held: Mapping[int, int], dues: Iterable[Due]) -> list[Due]:
    """Return each village's oldest dues whose sum its agreement account covers: what is in hand is not declared."""
    sums: Counter[int] = Counter()
    covered = []
    for due in dues:
        sums[due.division_id] += due.amount_fen
        if sums[due.division_id] <= held.get(due.division_id, 0):
            covered.append(due)
    return covered


def _by_village(dues: Iterable[Due]) -> Counter[int]:
    """Return village → fen: a town's clerk declares for several villages at once."""
    sums: Counter[int] = Counter()
    for due in dues:
        sums[due.division_id] += due.amount_fen
    return sums


def _declare(actor: Actor, dues: Sequence[Due], kind: str, division_code: int, year: int, on: date) -> Declaration:
    if not dues:
        raise Refused(say(N_("没有可申报的内容。")), fact=say(N_("已收现金须先缴存；个人应缴为零的须先参保登记。")))
    return collection.record_declaration(
        dues, kind=kind, division_code=division_code, agent_id=actor.user_id, year=year, on=on
    )


def _settled(declaration: Declaration, dues: Iterable[Due]) -> list[Move]:
    agent_id, year = declaration.agent_id, declaration.year
    return [
        Move(places.treasury(village, year), places.declared(agent_id, village, year), fen)
        for village, fen in _by_village(dues).items()
    ]


def count_unconfirmed(dues: Iterable[Due], *, year: int, on: date) -> int:
    """Return how many subsidised people of some dues the town has not confirmed for the year (PJ-5.2.1)."""
    enrolled = (due.enrolment for due in dues)
    held = ((one.resident_id, one.subsidy_identity) for one in enrolled if one.subsidy_identity)
    return confirmations.count_unconfirmed(held, year=year, on=on)


def _told(actor: Actor, declaration: Declaration, dues: Sequence[Due], *, on: date, at: datetime, key: str) -> Json:
    unconfirmed = count_unconfirmed(dues, year=declaration.year, on=on)
    answer = {"persons": declaration.persons, "amount_fen": declaration.amount_fen, "unconfirmed": unconfirmed}
    _tell(actor, f"declare-{declaration.kind}", declaration, answer, at=at, key=key)
    return answer | {"declaration": declaration.pk}


def _tell(actor: Actor, action: str, declaration: Declaration, detail: Json, *, at: datetime, key: str) -> None:
    audit.record(
        actor,
        action,
        subject=("declaration", declaration.pk),
        division_code=declaration.division_id,
        at=at,
        detail=detail,
        request_key=key,
    )
