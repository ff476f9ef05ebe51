"""What unbroken enrolment adds to a benefit's ceiling (the national rule of 2024), as a table over years."""

from __future__ import annotations

from functools import cached_property

from yingbao.kernel.money import FEN_PER_YUAN, percent_of
from yingbao.policy.format import PackFile

YEARS = 128


class Incentives:
    """The distinct amounts in fen, and which of them somebody gets by years insured and years without claims."""

    def __init__(self, file: PackFile) -> None:
        self._file = file

    @cached_property
    def amounts(self) -> tuple[int, ...]:
        """The distinct amounts, nothing first."""
        return tuple(dict.fromkeys([0, *self._all]))

    @property
    def classes(self) -> list[int]:
        """The place in ``amounts`` for each continuous × YEARS + claimless."""
        places = {amount: place for place, amount in enumerate(self.amounts)}
        return [places[amount] for amount in self._all]

    def amount(self, continuous: int, claimless: int) -> int:
        """Return the amount for years insured without a break and years without claims."""
        rule = self._file.incentive
        if rule is None:
            return 0
        years = max(0, continuous - rule.after_years)
        earned = years * rule.per_year + claimless * rule.per_year_without_claims
        return min(earned, self._most) if self._most is not None else earned

    @cached_property
    def _most(self) -> int | None:
        rule = self._file.incentive
        if rule is None or rule.most_percent is None:
            return None
        values = [benefit.value for benefit in self._file.benefits if benefit.name == rule.benefit]
        return percent_of(values[0] * FEN_PER_YUAN, rule.most_percent) if values else None

    @cached_property
    def _all(self) -> list[int]:
        if self._file.incentive is None:
            return [0]
        return [self.amount(continuous, claimless) for continuous in range(YEARS) for claimless in range(YEARS)]
