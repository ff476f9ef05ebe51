"""What a bill asks of people who pay the same, and why: rate, less subsidy, and the fiscal part they bear (PJ-7.2e)."""

from __future__ import annotations

from dataclasses import dataclass

from yingbao.collection.institutional import queries as institutional
from yingbao.policy import Policy, get_policy


@dataclass(frozen=True, slots=True)
class BillPart:
    """People of a tier who pay the same: each is ``rate − subsidy + fiscal`` while what was billed still holds.

    ``fiscal_fen`` is 0, and its ``fiscal_clause`` empty, for who bears none of it, and where something else has been
    decided since.
    """

    tier: int
    rate_fen: int
    subsidy_fen: int
    fiscal_fen: int
    fiscal_clause: str
    each_fen: int
    persons: int
    fen: int


def parts_of(order_id: int) -> list[BillPart]:
    """Return a bill's parts; the caller has found the bill for an actor."""
    return [_part(**row) for row in institutional.by_tier(order_id)]


def fiscal_clause(policy: Policy) -> str:
    """Return the rule by which a person pays the fiscal part too (PJ-7.2e)."""
    cut = policy.file.full_cost
    return (cut.rule or "") if cut else ""


def _part(
    *,
    tier: int,
    rate_fen: int,
    subsidy_fen: int,
    payable_fen: int,
    policy: str,
    population: str,
    each_fen: int,
    persons: int,
    fen: int,
) -> BillPart:
    stands = payable_fen == each_fen
    fiscal = max(0, each_fen - rate_fen + subsidy_fen) if stands else 0
    return BillPart(
        tier=tier,
        rate_fen=rate_fen,
        subsidy_fen=subsidy_fen if stands else 0,
        fiscal_fen=fiscal,
        fiscal_clause=fiscal_clause(get_policy(policy)) if fiscal else "",
        each_fen=each_fen,
        persons=persons,
        fen=fen,
    )
