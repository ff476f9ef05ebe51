"""Identities as a pack sees them: who confirms, who pays, how much and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from yingbao.policy.amounts import amount_of
from yingbao.policy.format import PackFile, PackIdentity, Subsidy
from yingbao.policy.texts import Text
from yingbao.policy.vocabulary import vocabulary_with
from yingbao.policy.words import Identity


@dataclass(frozen=True, slots=True)
class IdentitySubsidy:
    """What an identity brings in one tier, before the cap at the person's rate."""

    tier: int
    amount_fen: int
    rule: str | None
    entry: Subsidy


@dataclass(frozen=True, slots=True)
class PolicyIdentity:
    """An identity as a pack sees it; without ``subsidies`` the pack gives it nothing."""

    code: str
    name: Text
    national: str | None
    confirmed_by: str | None
    paid_by: str | None
    subsidies: tuple[IdentitySubsidy, ...]
    before: date | None  # subsidised when cleared before this day; None: all year
    before_rule: str | None
    only_tier: int | None
    only_tier_rule: str | None

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return self.name.zh

    @property
    def en(self) -> str:
        """The English name."""
        return self.name.en

    def amount_fen(self, tier: int) -> int | None:
        """Return the amount in ``tier``, None where the pack has none."""
        return next((s.amount_fen for s in self.subsidies if s.tier == tier), None)


def collect_identities(file: PackFile) -> Mapping[str, PolicyIdentity]:
    """Return every identity of the common words and the pack's own by code, those it subsidises first, in its order.

    One that is in neither is left out: lint tells of it.
    """
    words = vocabulary_with(file.words).identities
    own = {entry.code: entry for entry in file.identities if entry.code in words}
    codes = [*own, *(code for code in words if code not in own)]
    return {code: _make_identity(file, words[code], own.get(code)) for code in codes}


def _make_identity(file: PackFile, word: Identity, entry: PackIdentity | None) -> PolicyIdentity:
    subsidies = entry.subsidies if entry else ()
    until, only_tier = (entry.until, entry.only_tier) if entry else (None, None)
    return PolicyIdentity(
        code=word.code,
        name=word.name,
        national=word.national,
        confirmed_by=entry.confirmed_by if entry else None,
        paid_by=entry.paid_by if entry else None,
        subsidies=tuple(IdentitySubsidy(s.tier, amount_of(file, s), s.rule, s) for s in subsidies),
        before=until.before if until else None,
        before_rule=until.rule if until else None,
        only_tier=only_tier.tier if only_tier else None,
        only_tier_rule=only_tier.rule if only_tier else None,
    )
