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
from yingbao.collection.declaring import operations as declaring
from yingbao.collection.declaring import queries as waiting
from yingbao.collection.declaring.operations import Declared
from yingbao.collection.kinds import AnswerState, DeclarationKind, DueState
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
    from yingbao.collection.models import Declaration, DeclarationLine, Due, PaymentLine


def declare_cash(actor: Actor, *, year: int, on: date, key: str, at: datetime) -> Json:
    """Declare, oldest first, the dues whose cash the agent has deposited (BN-4.3.3a, BN-4.3.3d).

    Returns ``{"declaration": id, "persons": n, "amount_fen": …, "unconfirmed": n}``: of how many subsidised people of
    the batch the town has not confirmed the identity (PJ-5.2.1; no bar). Raises Refused where nothing is deposited.
    """
    actor.must(Right.DECLARE)
    agent_id = actor.user_id

    def effect() -> Json:
        held = hold(actor, year=year, kind=AccountKind.AGREEMENT)
        lines = _covered_by(held, waiting.undeclared_cash(agent_id, actor.scope, year=year))
        declared = [Declared(line.due_id or 0, line.pk, line.amount_fen) for line in lines]
        declaration = _declare(actor, declared, DeclarationKind.CASH, year=year, on=on)
        moves = [
            Move(places.declared(agent_id, village, year), places.agreement(agent_id, village, year), fen)
            for village, fen in _by_village((line.payment.division_id, line.amount_fen) for line in lines).items()
        ]
        ledger.post(moves, on=on, at=at, user_id=agent_id, source=("declaration", declaration.pk))
        return _told(actor, declaration, dues_of(lines), on=on, at=at, key=key)

    inputs = {"year": year, "on": on}
    return once(actor, key=key, use_case="declare-cash", inputs=inputs, at=at, effect=effect)


def declare_zero(actor: Actor, *, year: int, on: date, key: str, at: datetime) -> Json:
    """Declare the enrolments of the actor's divisions whose personal part is 0 (PJ-5.2.2).

    Returns as ``declare_cash``. Raises Refused where there are none.
    """
    actor.must(Right.DECLARE)

    def effect() -> Json:
        ids = waiting.undeclared_zero(actor.scope, year=year).values_list("pk", flat=True)
        locked = collection.lock_dues(ids)
        # Who waited for the lock sees here what the other has declared, or has brought to more than 0, meanwhile.
        dues = [due for due in locked if due.state == DueState.OPEN and not due.amount_fen]
        declared = [Declared(due.pk, None, 0) for due in dues]
        declaration = _declare(actor, declared, DeclarationKind.ZERO, year=year, on=on)
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
        declaration = declaring.lock_declaration(declaration_id)
        policy = get_policy(policy_name)
        if declaration is None or declaration.year != policy.year:
            raise NotFound(say(N_("没有找到这批申报，或已经到账。")))
        actor.must_reach(declaration.division_id)
        lines = declaring.unanswered_lines(declaration)
        dues = collection.lock_dues(line.due_id for line in lines)
        settled = _settled(declaration, dues, lines)  # as declared; what clears may cost less
        facts = registry.of_residents((due.enrolment.resident_id for due in dues), on=on)
        cleared = clear(policy, dues, facts, cleared_on=on, at=at)
        short = set(cleared.short_due_ids)
        for state, is_short in ((AnswerState.ACCEPTED, False), (AnswerState.SHORT, True)):
            answered = [line.pk for line in lines if (line.due_id in short) == is_short]
            declaring.answer_lines(answered, state=state, on=on)
        declaring.close_declaration(declaration, on=on)
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


def dues_of(lines: Iterable[PaymentLine]) -> list[Due]:
    """Return the dues some parts of payments are for, each once."""
    return list({line.due_id: line.due for line in lines if line.due is not None}.values())


def _covered_by(held: Mapping[int, int], lines: Iterable[PaymentLine]) -> list[PaymentLine]:
    """Return each village's oldest money that its agreement account covers: what is in hand is not declared."""
    sums: Counter[int] = Counter()
    covered = []
    for line in lines:
        village = line.payment.division_id
        sums[village] += line.amount_fen
        if sums[village] <= held.get(village, 0):
            covered.append(line)
    return covered


def _by_village(amounts: Iterable[tuple[int, int]]) -> Counter[int]:
    """Return village → fen: a town's clerk declares for several villages at once."""
    sums: Counter[int] = Counter()
    for village, fen in amounts:
        sums[village] += fen
    return sums


def _declare(actor: Actor, declared: Sequence[Declared], kind: str, *, year: int, on: date) -> Declaration:
    if not declared:
        raise Refused(say(N_("没有可申报的内容。")), fact=say(N_("已收现金须先缴存；个人应缴为零的须先参保登记。")))
    return declaring.record_declaration(
        declared, kind=kind, division_code=actor.division_code or 0, agent_id=actor.user_id, year=year, on=on
    )


def _settled(declaration: Declaration, dues: Iterable[Due], lines: Iterable[DeclarationLine]) -> list[Move]:
    agent_id, year = declaration.agent_id, declaration.year
    village_of = {due.pk: due.division_id for due in dues}
    sums = _by_village((village_of[line.due_id], line.amount_fen) for line in lines)
    return [
        Move(places.treasury(village, year), places.declared(agent_id, village, year), fen)
        for village, fen in sums.items()
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
