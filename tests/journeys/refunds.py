"""What the tests of refunds share: people who have paid in each way, asking, deciding and paying out in one line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, YEAR, Cast, at, household
from tests.journeys.test_receiving import enrol, pay
from yingbao.accounts.actors import Actor
from yingbao.collection.models import Due, PaymentLine
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.ask_refund import ask_refund
from yingbao.usecases.decide_refund import approve_refund, refuse_refund
from yingbao.usecases.declare import clear_declaration, declare_cash
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.pay_refund import pay_refund

BORN = date(1990, 1, 1)
NEXT_DAY = date(2022, 12, 2)
CLEARED_ON = date(2022, 12, 5)


def one_paid(cast: Cast, channel: str = "wechat", *, fen: int = TIER_1, person: Resident | None = None) -> Resident:
    """Let one person of the village pay, online unless said otherwise."""
    person = person or household(BORN)[0]
    collector = cast.wechat if channel == "wechat" else cast.village_agent
    pay(collector, [person], enrol(cast, [person], key=f"e{person.pk}"), channel=channel, fen=fen, key=f"p{person.pk}")
    return person


def due_of(person: Resident) -> Due:
    """Return somebody's newest due."""
    return Due.objects.filter(enrolment__resident=person).latest("pk")


def lines_of(person: Resident, kind: str = "due") -> list[PaymentLine]:
    """Return the parts of payments that were for somebody."""
    return list(PaymentLine.objects.filter(resident=person, kind=kind).order_by("pk"))


def ask(
    actor: Actor, lines: Sequence[PaymentLine], reason: str = "employee", *, on: date = NEXT_DAY, key: str = "ask"
) -> Json:
    """Ask for the money of some lines of one payment."""
    return ask_refund(
        actor,
        payment_id=lines[0].payment_id,
        line_ids=[line.pk for line in lines],
        reason=reason,
        note="",
        policy_name=POLICY,
        on=on,
        key=key,
        at=at(on),
    )


def approve(actor: Actor, asked: Json, *, on: date = NEXT_DAY, key: str = "approve") -> Json:
    """Approve what was asked."""
    return approve_refund(
        actor, refund_id=asked["refund"], why="已核实", policy_name=POLICY, on=on, key=key, at=at(on, 11)
    )


def refuse(actor: Actor, asked: Json, *, on: date = NEXT_DAY, key: str = "refuse") -> Json:
    """Refuse what was asked."""
    return refuse_refund(actor, refund_id=asked["refund"], why="名单已更正", on=on, key=key, at=at(on, 11))


def pay_out(
    actor: Actor, ids: Sequence[int], way: str, reference: str = "", *, on: date = NEXT_DAY, key: str = "pay out"
) -> Json:
    """Pay out approved refunds."""
    return pay_refund(actor, refund_ids=ids, way=way, reference=reference, on=on, key=key, at=at(on, 12))


def deposit(cast: Cast, fen: int, *, on: date = IN_TIME, slip: str = "S1") -> None:
    """Let the village's agent deposit cash."""
    deposit_cash(cast.village_agent, amount_fen=fen, slip_number=slip, year=YEAR, on=on, key=slip, at=at(on))


def declare(cast: Cast, *, on: date = IN_TIME, key: str = "declare") -> int:
    """Let the village's agent declare what was deposited."""
    return int(declare_cash(cast.village_agent, year=YEAR, on=on, key=key, at=at(on))["declaration"])


def clear(cast: Cast, declaration: int, *, on: date = CLEARED_ON, key: str = "clear") -> Json:
    """Take the tax client's answer in."""
    return clear_declaration(cast.tax, declaration_id=declaration, policy_name=POLICY, on=on, key=key, at=at(on))


def clear_cash(cast: Cast, fen: int, *, on: date = CLEARED_ON) -> None:
    """Bring the agent's cash to the treasury."""
    deposit(cast, fen)
    clear(cast, declare(cast), on=on)
