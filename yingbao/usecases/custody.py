"""The step two journeys share: what an agent holds, village by village, held still until commit."""

from __future__ import annotations

from yingbao.accounts.actors import Actor
from yingbao.ledger import operations as ledger
from yingbao.ledger import queries as balances
from yingbao.ledger.kinds import AccountKind


def hold(actor: Actor, *, year: int, kind: AccountKind) -> dict[int, int]:
    """Return village → balance in fen of the agent's own accounts of a kind; nobody else draws on them until commit.

    A town's clerk takes money for many villages, and each village's money stays in its own books.
    """
    holder = str(actor.user_id)
    locked = ledger.lock(actor.scope, year=year, kind=kind, holder=holder)
    held = balances.held_by(actor.scope, year=year, kind=kind, holder=holder)
    return {village: held[village] for village in locked}
