"""From what a pack writes of a subsidy to fen."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal

from yingbao.policy.format import PackFile, Subsidy

_MODES = {"half_up": ROUND_HALF_UP, "up": ROUND_UP, "down": ROUND_DOWN}
_UNITS = {"fen": 1, "jiao": 10, "yuan": 100}


def amount_of(file: PackFile, subsidy: Subsidy, own_rate_fen: int = 0) -> int:
    """Return a subsidy in fen before the cut at the rate: the stated amount, else the percentage of the rate named.

    ``own_rate_fen``: the person's own rate, for percentages of that.
    """
    if subsidy.amount is not None:
        return subsidy.amount
    base = own_rate_fen if subsidy.of_tier == "own" else base_rate(file, subsidy.of_tier)
    if base is None or subsidy.percent is None:
        return 0
    return round_money(file, Decimal(base) * subsidy.percent / 100)


def base_rate(file: PackFile, tier: int | None) -> int | None:
    """Return the rate percentages "of a tier" are of: the tier's first without a condition, else its first."""
    rates = sorted((rate for rate in file.rates if rate.tier == tier), key=lambda rate: rate.when is not None)
    return rates[0].amount if rates else None


def round_money(file: PackFile, fen: Decimal) -> int:
    """Return an exact amount as the pack rounds it (``rounding``): without a rule to whole fen, half a fen up."""
    unit = _UNITS[file.rounding.to] if file.rounding else 1
    mode = _MODES[file.rounding.mode] if file.rounding else ROUND_HALF_UP
    return int((fen / unit).quantize(Decimal(1), rounding=mode)) * unit
