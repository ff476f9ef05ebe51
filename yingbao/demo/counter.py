"""A quarter of an hour at a village's counter: one order paid by phone, one closed, a resident pays for a neighbour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from yingbao.accounts.actors import Actor
from yingbao.accounts.queries import actor_named
from yingbao.collection import queries as collection
from yingbao.collection.orders import queries as orders
from yingbao.demo.desk import POLICY
from yingbao.demo.season import Season
from yingbao.demo.targets import village_code
from yingbao.demo.upkeep_lists import Told
from yingbao.kernel.messages import N_
from yingbao.kernel.money import format_yuan
from yingbao.policy import get_policy
from yingbao.registry import queries as registry
from yingbao.registry.facts import Facts, of_household
from yingbao.usecases import deciding
from yingbao.usecases.channels import machine_of
from yingbao.usecases.open_order import close_order, open_order
from yingbao.usecases.pay_online import find_payee, order_for_another
from yingbao.usecases.receive_payment import receive_payment
from yingbao.usecases.take_word import Word, take_word

Open = tuple[Facts, int]  # somebody who could still enrol today, and what the first tier costs them


def play(season: Season, *, at: datetime, resident: str = "resident") -> list[Told]:
    """Play three orders on the day of ``at``; say what was done, sentence by sentence.

    ``resident`` is the login of the resident who pays for a neighbour.
    """
    clerk = season.desk.clerk
    free = can_enrol(season, clerk, at)
    return [
        _scan(clerk, next(free), at),
        _give_up(season, next(free), at),
        _pay_for_neighbour(actor_named(resident), clerk, next(free), at),
    ]


def can_enrol(season: Season, clerk: Actor, at: datetime) -> Iterator[Open]:
    """Yield people, one per household, who are not enrolled, could be today, and would pay something."""
    policy, seen = get_policy(POLICY), set()
    for resident_id in sorted(season.ids.values()):
        person = registry.residents_seen(clerk).filter(pk=resident_id).first()
        if person is None or person.household_id in seen:
            continue
        seen.add(person.household_id)
        if collection.dues_of([resident_id], year=policy.year):
            continue
        facts = of_household(person.household_id, on=at.date())[resident_id]
        if deciding.why_not(facts, on=at.date()) is None and facts.on_platform:
            decision = deciding.decide(policy, facts, tier=1, paid_on=at.date())
            if decision.status in deciding.TAKEN and decision.payable_fen:
                yield facts, decision.payable_fen


def _order(clerk: Actor, one: Open, at: datetime, key: str) -> str:
    facts, fen = one
    answer = open_order(
        clerk,
        household_id=facts.household_id,
        tiers={facts.resident_id: 1},
        due_ids=[],
        amount_fen=fen,
        policy_name=POLICY,
        on=at.date(),
        key=f"demo-order-{key}",
        at=at,
    )
    return str(answer["order"])


def _paid(number: str, channel: str, at: datetime) -> str:
    """Let a channel say that an order is paid; return the sum in yuan."""
    order = orders.find(number)
    assert order is not None
    word = Word(channel, f"DEMO-{number}", order.amount_fen, at, order=number)
    take_word(machine_of(channel, get_policy(POLICY)), word, policy_name=POLICY, at=at)
    return format_yuan(order.amount_fen)


def _scan(clerk: Actor, one: Open, at: datetime) -> Told:
    yuan = _paid(_order(clerk, one, at, "scanned"), "wechat", at)
    return N_("窗口扫码：一人晚参保，微信付清{yuan}元，当场到账"), {"yuan": yuan}


def _give_up(season: Season, one: Open, at: datetime) -> Told:
    """Somebody has no phone with them after all: the order is closed, the village agent takes cash."""
    facts, fen = one
    number = _order(season.desk.clerk, one, at, "closed")
    order = orders.find(number)
    assert order is not None
    close_order(season.desk.clerk, number=number, key="demo-order-close", at=at)
    receive_payment(
        season.desk.agents[facts.division_code - village_code(0)],
        household_id=facts.household_id,
        due_ids=[line.due_id for line in order.lines.all()],
        channel="cash",
        amount_fen=fen,
        policy_name=POLICY,
        collected_on=at.date(),
        key="demo-order-cash",
        at=at,
    )
    return N_("窗口扫码：另一人没带手机，订单关闭，改付现金{yuan}元并开收据"), {"yuan": format_yuan(fen)}


def _pay_for_neighbour(payer: Actor, clerk: Actor, one: Open, at: datetime) -> Told:
    facts, fen = one
    person = registry.resident(clerk, facts.resident_id)
    find_payee(payer, name=person.name, number=person.certificate_number, key="demo-find-payee", at=at)
    answer = order_for_another(
        payer,
        resident_id=facts.resident_id,
        tier=1,
        due_ids=[],
        amount_fen=fen,
        policy_name=POLICY,
        on=at.date(),
        key="demo-order-another",
        at=at,
    )
    yuan = _paid(answer["order"], "alipay", at)
    return N_("网上代缴：一位居民凭姓名和证件号码替邻居付了{yuan}元，只看得到打码的姓名"), {"yuan": yuan}
