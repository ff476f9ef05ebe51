"""The steps several journeys share: what agents hold, village by village, held still until commit; days to act in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from yingbao.accounts.actors import Actor
from yingbao.kernel.periods import DAY
from yingbao.kernel.workdays import UnknownWorkdays, add_working_days
from yingbao.ledger import operations as ledger
from yingbao.ledger import queries as balances
from yingbao.ledger.kinds import AccountKind

WEEKEND = 5
LONGEST_BREAK = 10 * DAY  # longer than any the State Council has made


def hold(actor: Actor, *, year: int, kind: AccountKind) -> dict[int, int]:
    """Return village → balance in fen of the actor's own accounts of a kind; nobody else draws on them until commit.

    A town's clerk takes money for many villages, and each village's money stays in its own books.
    """
    pooled = hold_pool(actor, [actor.user_id], year=year, kind=kind)
    return {village: fen for (_agent, village), fen in pooled.items()}


def hold_pool(actor: Actor, agents: Collection[int], *, year: int, kind: AccountKind) -> dict[tuple[int, int], int]:
    """Return (agent id, village) → balance in fen of some agents' accounts of a kind in the actor's divisions, locked.

    In the order the accounts were opened and are locked in: two who draw on one pool do not wait for each other. Who
    holds dues too holds them first: declarations, dues, orders or refunds with their payments, then accounts.
    """
    holders = [str(agent) for agent in agents]
    locked = ledger.lock_held(actor.scope, year=year, kind=kind, holders=holders)
    held = balances.by_holder(actor.scope, year=year, kind=kind, holders=holders)
    return {(int(holder), village): held[holder, village] for holder, village in locked}


def working_days_after(on: date, count: int) -> date:
    """Return the ``count``-th working day after a day, by which somebody is to act.

    Before the State Council has said which days of a new year are worked, its weeks count as they are: a work item
    must have a day, and nobody is called late by it alone.
    """
    try:
        return add_working_days(on, count)
    except UnknownWorkdays:
        while count:
            on += DAY
            count -= on.weekday() < WEEKEND
        return on


def is_overdue(since: date, count: int, *, on: date) -> bool:
    """Return whether the ``count`` working days after a day, within which somebody was to act, have passed on a day.

    Before the State Council has said which days of a new year are worked, only who has let a whole break pass, too,
    is late for certain.
    """
    try:
        return add_working_days(since, count) < on
    except UnknownWorkdays:
        return working_days_after(since, count) + LONGEST_BREAK < on
