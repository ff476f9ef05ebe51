"""A season's work at one counter as a list of requests with fixed keys: what the kill test begins again and again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, YEAR, Cast, at, family, household, mark
from yingbao.accounts.actors import Actor
from yingbao.accounts.queries import actor_named
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.declare import clear_declaration, declare_cash, declare_zero
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.receive_payment import receive_payment

ROUNDS = 45
WAYS = ("cash", "wechat", "later", "zero", "cash", "later-wechat")  # how the households of a round pay
CLEARED = IN_TIME + timedelta(days=2)
Step = Callable[[], Json]
Home = tuple[int, list[int]]  # a household's id, its members' ids


class Actors(NamedTuple):
    """Who acts."""

    agent: Actor
    town: Actor
    tax: Actor
    wechat: Actor


@dataclass
class Work:
    """Everything to do, in order. ``cash_fen`` is what passed through the agent's hands when all of it is done."""

    steps: list[Step] = field(default_factory=list)
    cash_fen: int = 0
    online_fen: int = 0
    receipts: int = 0


def people_the_village(cast: Cast) -> None:
    """Make a household per way and round, in order; those of ``zero`` are one person in extreme poverty."""
    for _round in range(ROUNDS):
        for way in WAYS:
            if way == "zero":
                (person,) = household(IN_TIME.replace(year=1950))
                mark(person, "extreme_poverty", cast)
            else:
                family()


def plan() -> Work:
    """Return the work on the households there are, the same each time it is asked for."""
    members: dict[int, list[int]] = {}
    for home, pk in Resident.objects.order_by("household_id", "pk").values_list("household_id", "pk"):
        members.setdefault(home, []).append(pk)
    actors = Actors(*map(actor_named, ("village-agent", "town-clerk", "tax", "wechat")))
    homes, work = list(members.items()), Work()
    for number in range(ROUNDS):
        _plan_round(work, actors, number, homes[number * len(WAYS) : (number + 1) * len(WAYS)])
    return work


def _plan_round(work: Work, by: Actors, number: int, homes: Sequence[Home]) -> None:
    cash_before = work.cash_fen
    for way, home in zip(WAYS, homes, strict=True):
        fen = TIER_1 * len(home[1])
        if way == "zero":
            work.steps.append(_enrol(by.town, home))
        elif way.startswith("later"):
            payer, channel = (by.wechat, "wechat") if way.endswith("wechat") else (by.agent, "cash")
            work.steps += [_enrol(by.town, home), _pay(by.town, payer, channel, home, fen)]
        else:
            work.steps.append(_enrol_and_pay(by.wechat if way == "wechat" else by.agent, way, home, fen))
        work.cash_fen += fen if way in ("cash", "later") else 0
        work.online_fen += fen if "wechat" in way else 0
        work.receipts += way in ("cash", "later")
    common: Json = {"year": YEAR, "on": IN_TIME, "at": at(IN_TIME)}
    fen = work.cash_fen - cash_before
    work.steps.append(
        lambda: deposit_cash(by.agent, amount_fen=fen, slip_number=f"S{number}", key=f"deposit-{number}", **common)
    )
    for declare, key in ((declare_cash, f"cash-{number}"), (declare_zero, f"zero-{number}")):
        work.steps += [_declare(declare, by.agent, key, common), _clear(declare, by, key, common)]


def _enrol(actor: Actor, home: Home) -> Step:
    return lambda: enrol_household(
        actor,
        household_id=home[0],
        tiers=dict.fromkeys(home[1], 1),
        policy_name=POLICY,
        on=IN_TIME,
        key=f"enrol-{home[0]}",
        at=at(IN_TIME),
    )


def _pay(town: Actor, payer: Actor, channel: str, home: Home, fen: int) -> Step:
    """Pay what was enrolled before: whoever asks with the same key is told the dues again."""
    return lambda: receive_payment(
        payer,
        household_id=home[0],
        due_ids=[row["due"] for row in _enrol(town, home)()["dues"].values()],
        channel=channel,
        amount_fen=fen,
        policy_name=POLICY,
        collected_on=IN_TIME,
        key=f"pay-{home[0]}",
        at=at(IN_TIME),
    )


def _enrol_and_pay(actor: Actor, channel: str, home: Home, fen: int) -> Step:
    return lambda: enrol_and_pay(
        actor,
        household_id=home[0],
        tiers=dict.fromkeys(home[1], 1),
        channel=channel,
        amount_fen=fen,
        policy_name=POLICY,
        on=IN_TIME,
        key=f"both-{home[0]}",
        at=at(IN_TIME),
    )


def _declare(declare: Callable[..., Json], agent: Actor, key: str, common: Json) -> Step:
    return lambda: declare(agent, key=f"declare-{key}", **common)


def _clear(declare: Callable[..., Json], by: Actors, key: str, common: Json) -> Step:
    return lambda: clear_declaration(
        by.tax,
        declaration_id=_declare(declare, by.agent, key, common)()["declaration"],
        policy_name=POLICY,
        on=CLEARED,
        key=f"clear-{key}",
        at=at(CLEARED),
    )
