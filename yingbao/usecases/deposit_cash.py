"""An agent pays cash into the account of the three-party agreement (BN-4.3.3d)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import operations as collection
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.ledger import operations as ledger
from yingbao.ledger import queries as balances
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.operations import Move
from yingbao.storage.fields import Json
from yingbao.usecases import places
from yingbao.usecases.once import once


def deposit_cash(
    actor: Actor, *, amount_fen: int, slip_number: str, year: int, on: date, key: str, at: datetime
) -> Json:
    """Move ``amount_fen`` of the agent's cash to the agreement account, as the bank's slip says.

    Returns ``{"deposit": id, "in_hand_fen": what is left}``. Raises Refused for more than is in hand (an agent can
    never hold less than nothing) or a slip used before, BadInput for no amount or no slip number.
    """
    actor.must(Right.DEPOSIT)
    if amount_fen <= 0 or not slip_number.strip():
        raise BadInput(say(N_("请填写缴存金额和银行缴款单号。")))
    inputs = {"amount": amount_fen, "slip": slip_number, "year": year, "on": on}

    def effect() -> Json:
        village = actor.division_code or 0
        cash = places.agent_cash(actor.user_id, village, year)
        left = in_hand(actor, village, year) - amount_fen
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
        deposit_id = _record(actor, village, year, on, amount_fen, slip_number.strip())
        move = Move(places.agreement(actor.user_id, village, year), cash, amount_fen)
        ledger.post([move], on=on, at=at, user_id=actor.user_id, source=("deposit", deposit_id))
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


def in_hand(actor: Actor, division_code: int, year: int) -> int:
    """Return the cash in the agent's hands in fen, held still until commit."""
    ledger.lock(places.agent_cash(actor.user_id, division_code, year))
    return balances.balance_of(actor.scope, year=year, kind=AccountKind.AGENT_CASH, holder=str(actor.user_id))


def _record(actor: Actor, village: int, year: int, on: date, amount_fen: int, slip_number: str) -> int:
    try:
        with transaction.atomic():
            deposit = collection.record_deposit(
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
