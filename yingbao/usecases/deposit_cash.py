"""An agent pays cash into the account of the three-party agreement (BN-4.3.3d)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.custody import operations as custody
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.kernel.texts import clean
from yingbao.ledger import operations as ledger
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.operations import Move
from yingbao.storage.fields import Json
from yingbao.usecases import places
from yingbao.usecases.custody import hold
from yingbao.usecases.once import once

LONGEST_SLIP = 40


def deposit_cash(
    actor: Actor, *, amount_fen: int, slip_number: str, year: int, on: date, key: str, at: datetime
) -> Json:
    """Move ``amount_fen`` of the agent's cash to the agreement account, as the bank's slip says.

    Returns ``{"deposit": id, "in_hand_fen": what is left}``. Raises Refused for more than is in hand (an agent can
    never hold less than nothing) or a slip used before, BadInput for no amount, or a slip number that is none.
    """
    actor.must(Right.DEPOSIT)
    slip_number = clean(slip_number, limit=LONGEST_SLIP)
    if amount_fen <= 0 or not slip_number:
        raise BadInput(say(N_("请填写缴存金额和银行缴款单号。")))
    inputs = {"amount": amount_fen, "slip": slip_number, "year": year, "on": on}

    def effect() -> Json:
        held = hold(actor, year=year, kind=AccountKind.AGENT_CASH)
        left = sum(held.values()) - amount_fen
        if left < 0:
            raise Refused(
                say(N_("缴存金额超过您手中的现金，没有登记。")),
                fact=say(
                    N_("手中现金{held}元，缴存{given}元。"),
                    held=format_yuan(left + amount_fen),
                    given=format_yuan(amount_fen),
                ),
                todo=say(N_("请核对缴款单；如有未登记的收款，请先登记收款。")),
            )
        village = actor.division_code or 0
        deposit_id = _record(actor, village, year, on, amount_fen, slip_number)
        moves = list(_moves(actor.user_id, year, held, amount_fen))
        ledger.post(moves, on=on, at=at, user_id=actor.user_id, source=("deposit", deposit_id))
        audit.record(
            actor,
            "deposit-cash",
            subject=("deposit", deposit_id),
            division_code=village,
            at=at,
            detail={"fen": amount_fen},
            request_key=key,
        )
        return {"deposit": deposit_id, "in_hand_fen": left}

    return once(actor, key=key, use_case="deposit-cash", inputs=inputs, at=at, effect=effect)


def _moves(agent_id: int, year: int, held: Mapping[int, int], amount_fen: int) -> Iterator[Move]:
    """Return the moves of a deposit, village by village: a town's clerk pays in what came from several at once."""
    for village, fen in held.items():
        part = min(fen, amount_fen)
        amount_fen -= part
        yield Move(places.agreement(agent_id, village, year), places.agent_cash(agent_id, village, year), part)


def _record(actor: Actor, village: int, year: int, on: date, amount_fen: int, slip_number: str) -> int:
    try:
        with transaction.atomic():
            deposit = custody.record_deposit(
                agent_id=actor.user_id,
                division_code=village,
                year=year,
                on=on,
                amount_fen=amount_fen,
                slip_number=slip_number,
            )
    except IntegrityError as error:
        raise Refused(say(N_("这张缴款单已经登记过，没有重复登记。")), todo=say(N_("请核对缴款单号。"))) from error
    return deposit.pk
