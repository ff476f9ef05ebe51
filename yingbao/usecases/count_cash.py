"""An agent's cash is counted against the ledger at any moment, and handed over to another who accepts (BN-4.3.3d)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.custody import operations as custody
from yingbao.collection.custody import queries as counts
from yingbao.collection.receipts import queries as receipts
from yingbao.kernel.errors import BadInput, NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.kernel.texts import clean
from yingbao.ledger import operations as ledger
from yingbao.ledger import queries as balances
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.operations import Move
from yingbao.ledger.queries import Flows
from yingbao.storage.fields import Json
from yingbao.usecases import places
from yingbao.usecases.custody import working_days_after
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

if TYPE_CHECKING:
    from yingbao.collection.models import HandOver

DENOMINATIONS = (100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10)  # fen; the notes and coins in use
MOST_PIECES = 100_000
LONGEST_NOTE = 200


def sum_of(pieces: Mapping[int, int]) -> int:
    """Return what notes and coins add up to, in fen: {denomination in fen: how many}. Raises BadInput."""
    if not set(pieces) <= set(DENOMINATIONS) or any(not 0 <= n <= MOST_PIECES for n in pieces.values()):
        raise BadInput(
            say(N_("张数填写不正确。")), todo=say(N_("每种面额填写 0 到 {most} 之间的整数。"), most=MOST_PIECES)
        )
    return sum(denomination * n for denomination, n in pieces.items())


def count_cash(
    actor: Actor, *, pieces: Mapping[int, int], note: str, taken_by: str, year: int, key: str, at: datetime
) -> Json:
    """Keep the actor's count of the cash in hand beside what the ledger expects at this moment.

    ``taken_by`` is the login name of who is to take the cash over, empty for a count alone. Returns ``{"count": id,
    "expected_fen", "counted_fen"}``. A difference needs a ``note`` and becomes a work item. Raises BadInput for
    pieces nobody can have, Refused without a note, NotFound for a taker who is none, Refused where that is oneself.
    """
    actor.must(Right.DEPOSIT)
    counted_fen, note = sum_of(pieces), clean(note, limit=LONGEST_NOTE)

    def effect() -> Json:
        taker_id = _taker(actor, taken_by)
        flows = _flows(actor, actor.user_id, year)
        _check(sum(flows.held().values()), counted_fen, note)
        count = custody.record_count(
            agent_id=actor.user_id,
            division_code=actor.division_code or 0,
            year=year,
            at=at,
            pieces=pieces,
            flows=flows,
            books=receipts.books_of(actor.user_id),
            counted_fen=counted_fen,
            note=note,
            taken_by_id=taker_id,
        )
        _ask_about_difference(count, at)
        figures = {"expected_fen": count.expected_fen, "counted_fen": counted_fen}
        _tell(actor, "count-cash", count, {**figures, "taker": taker_id}, key=key, at=at)
        return {"count": count.pk, **figures}

    inputs = {"pieces": {str(k): v for k, v in pieces.items()}, "note": note, "taken_by": taken_by, "year": year}
    return once(actor, key=key, use_case="count-cash", inputs=inputs, at=at, effect=effect)


def accept_hand_over(actor: Actor, *, count_id: int, key: str, at: datetime) -> Json:
    """Take over the cash that another has counted for the actor: it is in the actor's hands from now on.

    What was counted moves, no more than the ledger expected then, village by village; what the giver collected
    meanwhile stays with them. Returns ``{"moved_fen": …}``. Raises NotFound for a count that is not for the actor,
    Refused where it is accepted, out of date, or money has left the giver's hands since.
    """
    actor.must(Right.DEPOSIT)

    def effect() -> Json:
        count = custody.lock_count(count_id, taken_by_id=actor.user_id)
        if count is None:
            raise NotFound(say(N_("没有找到这次盘点，或不是交给您的。")))
        flows = _flows(actor, count.agent_id, count.year)
        _must_wait(count)
        _must_be_untouched(count, flows)
        moves = list(_moves(actor, count, flows.held()))
        moved = sum(move.amount_fen for move in moves)
        ledger.post(moves, on=timezone.localdate(at), at=at, user_id=actor.user_id, source=("hand-over", count.pk))
        custody.mark_taken(count, moved_fen=moved, at=at)
        _tell(actor, "accept-hand-over", count, {"fen": moved, "giver": count.agent_id}, key=key, at=at)
        return {"moved_fen": moved}

    return once(actor, key=key, use_case="accept-hand-over", inputs={"count": count_id}, at=at, effect=effect)


def _taker(actor: Actor, username: str) -> int | None:
    if not username:
        return None
    taker = accounts.takers(actor).filter(username=username).first()
    if taker is None:
        raise NotFound(
            say(N_("没有找到可以接收的收款人员。")),
            todo=say(N_("现金只能交给本村或镇街的另一位收款人员，不能交给自己。")),
        )
    return taker.pk


def _check(expected_fen: int, counted_fen: int, note: str) -> None:
    if counted_fen != expected_fen and not note:
        raise Refused(
            say(N_("盘点与账面不符，没有登记。")),
            fact=say(
                N_("账面{expected}元，清点{counted}元。"),
                expected=format_yuan(expected_fen),
                counted=format_yuan(counted_fen),
            ),
            todo=say(N_("请再点一遍；仍不符的，写明原因后登记，转为待办事项。")),
        )


def _ask_about_difference(count: HandOver, at: datetime) -> None:
    """Somebody other than the agent sees to a difference."""
    difference = count.counted_fen - count.expected_fen
    owner = accounts.owner_for(count.division_id, but=count.agent_id)
    if not difference or owner is None:
        return
    on = timezone.localdate(at)
    finding = Finding(
        kind=Kind.CASH_MISMATCH,
        division_code=count.division_id,
        owner_id=owner.pk,
        subject=("hand-over", count.pk),
        due_on=working_days_after(on, 1),
        detail={
            "difference_fen": difference,
            "expected_fen": count.expected_fen,
            "counted_fen": count.counted_fen,
            "agent": count.agent_id,
            "on": on.isoformat(),
        },
    )
    worklist.open_items([finding], on=on)


def _must_wait(count: HandOver) -> None:
    if count.accepted_at is not None:
        raise Refused(say(N_("这笔现金已经接收过，没有重复登记。")))
    if not counts.is_newest(count):
        raise Refused(say(N_("交出人后来又盘点过，这一次已经作废。")), todo=say(N_("请按最近一次盘点接收。")))


def _flows(actor: Actor, agent_id: int, year: int) -> Flows:
    """Return what came into an agent's hands and went, of which nothing goes until commit."""
    terms: Json = {"year": year, "kind": AccountKind.AGENT_CASH}
    ledger.lock_held(actor.scope, holders=[str(agent_id)], **terms)
    return balances.flows_of(actor.scope, holder=str(agent_id), **terms)


def _must_be_untouched(count: HandOver, flows: Flows) -> None:
    """Money that left the giver's hands since may have been what was counted; then what came in since would move."""
    went = sum(flows.went.values()) - sum(count.counts["went"].values())
    if went:
        raise Refused(
            say(N_("盘点之后交出人又缴存或退出过现金，没有接收。")),
            fact=say(N_("盘点后支出{fen}元。"), fen=format_yuan(went)),
            todo=say(N_("请交出人重新盘点后再接收。")),
        )


def _moves(actor: Actor, count: HandOver, held: Mapping[int, int]) -> Iterator[Move]:
    left = min(count.counted_fen, count.expected_fen)
    for code, expected in sorted(count.counts["villages"].items()):
        village = int(code)
        part = min(expected, held.get(village, 0), left)
        left -= part
        if part > 0:
            into = places.agent_cash(actor.user_id, village, count.year)
            yield Move(into, places.agent_cash(count.agent_id, village, count.year), part)


def _tell(actor: Actor, action: str, count: HandOver, detail: Json, *, key: str, at: datetime) -> None:
    audit.record(
        actor,
        action,
        subject=("hand-over", count.pk),
        division_code=count.division_id,
        at=at,
        detail=detail,
        request_key=key,
    )
