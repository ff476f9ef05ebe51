"""Which rates a subsidy is measured by, and what an identity brings an ordinary resident."""

from __future__ import annotations

from decimal import Decimal

from yingbao.policy.amounts import amount_of
from yingbao.policy.format import PackFile, PackIdentity, Rate, Subsidy


def rates_of(file: PackFile, tier: int) -> list[Rate]:
    """Return the rates of a tier in the pack's order."""
    return [rate for rate in file.rates if rate.tier == tier]


def base_rates(file: PackFile, subsidy: Subsidy) -> list[Rate]:
    """Return the rates a percentage may be taken of: one, or for ``own`` all of the tier; none where there is none."""
    if subsidy.of_tier == "own":
        return rates_of(file, subsidy.tier)
    rates = rates_of(file, subsidy.of_tier) if subsidy.of_tier is not None else []
    return [next((rate for rate in rates if rate.when is None), rates[0])] if rates else []


def exact_percent(fen: int, percent: Decimal) -> Decimal:
    """Return the percentage in fen, not rounded."""
    return Decimal(fen) * percent / 100


def amount_in_tier(file: PackFile, identity: PackIdentity, tier: int) -> int | None:
    """Return what an identity brings an ordinary resident of a tier, cut at the rate; None where it has nothing."""
    subsidies = [subsidy for subsidy in identity.subsidies if subsidy.tier == tier]
    rates = rates_of(file, tier)
    if not subsidies or not rates:
        return None
    subsidy = next((one for one in subsidies if one.when is None), subsidies[0])
    rate = next((one for one in rates if one.when is None), rates[0])
    return min(amount_of(file, subsidy, rate.amount), rate.amount)
