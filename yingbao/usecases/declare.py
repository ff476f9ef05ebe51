"""Declare collected cash and zero dues through the tax agency-collection client, and take its answer in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations as collection
from yingbao.collection.custody import queries as custody
from yingbao.collection.declaring import operations as declaring
from yingbao.collection.declaring import queries as waiting
from yingbao.collection.declaring.operations import Declared
from yingbao.collection.declaring.results import Answer
from yingbao.collection.kinds import DeclarationKind, DueState
from yingbao.kernel.errors import NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.ledger import operations as ledger
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.operations import Move
from yingbao.policy import get_policy
from yingbao.registry.rosters import confirmations
from yingbao.storage.fields import Json
from yingbao.usecases import places
from yingbao.usecases.answering import take_in
from yingbao.usecases.custody import hold_pool
from yingbao.usecases.once import once

if TYPE_CHECKING:
    from yingbao.collection.models import Declaration, Due, PaymentLine


# All that declaring asks of what was paid: a village's season is many records.
DECLARING = (
    *("amount_fen", "due_id", "payment__division_id"),
    *("due__enrolment__resident_id", "due__enrolment__subsidy_identity"),
)


def declare_cash(actor: Actor, *, year: int, on: date, key: str, at: datetime, left_out: Collection[int] = ()) -> Json:
    """Declare, oldest first, the dues whose cash has been deposited (BN-4.3.3a, BN-4.3.3d).

    The agent's own, and those of whoever handed their cash over to them: their agreement accounts are drawn on
    together. ``left_out`` are dues not to be declared now, such as those sent back and not mended yet; their money
    covers no other. Returns ``{"declaration": id, "persons": n, "amount_fen": …, "unconfirmed": n}``: of how many
    subsidised people the town has not confirmed the identity (PJ-5.2.1; no bar). Raises Refused where nothing is
    deposited.
    """
    actor.must(Right.DECLARE)

    def effect() -> Json:
        agents = custody.handed_over_to(actor.user_id, year=year)
        # Dues before accounts, as everywhere; what was refunded until both are held is not among those read then.
        picked = waiting.undeclared_cash(agents, actor.scope, year=year).values_list("due_id", flat=True)
        locked = collection.hold_dues(due_id for due_id in picked if due_id)
        held = hold_pool(actor, agents, year=year, kind=AccountKind.AGREEMENT)
        covered = covered_by(held, waiting.undeclared_cash(agents, actor.scope, year=year).only(*DECLARING))
        lines = [line for line in covered if line.due_id in locked and line.due_id not in left_out]
        declared = [Declared(line.due_id or 0, line.pk, line.amount_fen) for line in lines]
        declaration = _declare(actor, declared, DeclarationKind.CASH, year=year, on=on)
        moves = list(_moves(actor, held, by_village(lines), year=year))
        ledger.post(moves, on=on, at=at, user_id=actor.user_id, source=("declaration", declaration.pk))
        return _told(actor, declaration, dues_of(lines), on=on, at=at, key=key)

    inputs = {"year": year, "on": on, "left_out": sorted(left_out)}
    return once(actor, key=key, use_case="declare-cash", inputs=inputs, at=at, effect=effect)


def declare_zero(actor: Actor, *, year: int, on: date, key: str, at: datetime, left_out: Collection[int] = ()) -> Json:
    """Declare the enrolments of the actor's divisions whose personal part is 0 (PJ-5.2.2).

    Takes and returns as ``declare_cash``. Raises Refused where there are none.
    """
    actor.must(Right.DECLARE)

    def effect() -> Json:
        ids = waiting.undeclared_zero(actor.scope, year=year).exclude(pk__in=list(left_out))
        locked = collection.lock_dues(ids.values_list("pk", flat=True))
        # Who waited for the lock sees here what the other has declared, or has brought to more than 0, meanwhile.
        dues = [due for due in locked if due.state == DueState.OPEN and not due.amount_fen]
        declared = [Declared(due.pk, None, 0) for due in dues]
        declaration = _declare(actor, declared, DeclarationKind.ZERO, year=year, on=on)
        return _told(actor, declaration, dues, on=on, at=at, key=key)

    inputs = {"year": year, "on": on, "left_out": sorted(left_out)}
    return once(actor, key=key, use_case="declare-zero", inputs=inputs, at=at, effect=effect)


def clear_declaration(actor: Actor, *, declaration_id: int, policy_name: str, on: date, key: str, at: datetime) -> Json:
    """Take in the client's answer: the money of a declaration's lines not yet answered for reached the treasury ``on``.

    Returns ``{"cleared": n, "short": n}``; the short ones became work items. Coverage follows this day,
    not the day of collection (interpretation 7). Raises NotFound for one that is not there or is wholly answered,
    Refused for a day before the declaration or after today.
    """
    actor.must(Right.CLEAR)

    def effect() -> Json:
        policy = get_policy(policy_name)
        declaration = declaring.lock_declarations([declaration_id]).get(declaration_id)
        if declaration is None or declaration.year != policy.year:
            raise NotFound(say(N_("没有找到这批申报，或已经全部有了回执。")))
        actor.must_reach(declaration.division_id)
        check_day(declaration, on, at)
        answers = [Answer(line, True, on) for line in declaring.unanswered_lines(declaration)]
        batch = {declaration.pk: declaration}
        taken = take_in(actor, answers, batch, policy=policy, action="clear-declaration", key=key, at=at)
        return {"cleared": taken.cleared, "short": taken.short}

    inputs = {"declaration": declaration_id, "on": on, "policy": policy_name}
    return once(actor, key=key, use_case="clear-declaration", inputs=inputs, at=at, effect=effect)


def check_day(declaration: Declaration, on: date, at: datetime) -> None:
    """Raise Refused for a day on which the client cannot have answered."""
    today = timezone.localdate(at)
    if not declaration.declared_on <= on <= today:
        raise Refused(
            say(N_("日期不对，没有登记。")),
            fact=say(N_("这批申报于{declared}，今天是{today}。"), declared=declaration.declared_on, today=today),
            todo=say(N_("到账或退回的日期不能早于申报，也不能晚于今天。")),
        )


def dues_of(lines: Iterable[PaymentLine]) -> list[Due]:
    """Return the dues some parts of payments are for, each once."""
    return list({line.due_id: line.due for line in lines if line.due is not None}.values())


def covered_by(held: Mapping[tuple[int, int], int], lines: Iterable[PaymentLine]) -> list[PaymentLine]:
    """Return each village's oldest money that what is ``held`` covers; (agent id, village) → fen, pooled by village."""
    pooled: Counter[int] = Counter()
    for (_agent, village), fen in held.items():
        pooled[village] += fen
    sums: Counter[int] = Counter()
    covered = []
    for line in lines:
        village = line.payment.division_id
        sums[village] += line.amount_fen
        if sums[village] <= pooled[village]:
            covered.append(line)
    return covered


def by_village(lines: Iterable[PaymentLine]) -> Counter[int]:
    """Return village → fen: a town's clerk declares for several villages at once."""
    sums: Counter[int] = Counter()
    for line in lines:
        sums[line.payment.division_id] += line.amount_fen
    return sums


def _moves(
    actor: Actor, held: Mapping[tuple[int, int], int], declared: Mapping[int, int], *, year: int
) -> Iterator[Move]:
    """Draw what is declared from the agreement accounts: the declaring agent's own first, then who handed over."""
    left = dict(declared)
    for agent, village in sorted(held, key=lambda whose: (whose[0] != actor.user_id, whose)):
        part = min(held[agent, village], left.get(village, 0))
        if part > 0:
            left[village] -= part
            into = places.declared(actor.user_id, village, year)
            yield Move(into, places.agreement(agent, village, year), part)


def _declare(actor: Actor, declared: Sequence[Declared], kind: str, *, year: int, on: date) -> Declaration:
    if not declared:
        raise Refused(
            say(N_("没有可申报的内容。")),
            fact=say(N_("已收现金须先缴存，个人应缴为零的须先参保登记，被退回的须更正后勾上“已更正”。")),
        )
    return declaring.record_declaration(
        declared, kind=kind, division_code=actor.division_code or 0, agent_id=actor.user_id, year=year, on=on
    )


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
