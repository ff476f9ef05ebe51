"""What a decision key means: amounts, identity, last day and reasons, worked out once per key and then looked up.

A population of millions shows only some thousands of keys, so reasons cost nothing per person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from yingbao.policy.cells import Award, Cell
from yingbao.policy.conditions import Traits, met
from yingbao.policy.facts import Problem
from yingbao.policy.format import Addon, OnlyTier, PackFile, PackIdentity, Until
from yingbao.policy.people import NO_DAY, Status
from yingbao.policy.season import Answer, Kind
from yingbao.policy.sets import Codes, find_classless, find_entries, find_unsubsidised, group_codes
from yingbao.policy.tables import Tables

_STATUS: dict[Kind, Status] = {
    Kind.CLOSED_BEFORE: "closed",
    Kind.CLOSED_AFTER: "closed",
    Kind.TOO_LATE: "silent",
    Kind.GAP: "silent",
    Kind.SILENT: "silent",
}
_COVERED = {Kind.NEWBORN, Kind.TERM, Kind.NO_WAITING, Kind.WINDOW}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything of a decision but its first day. None: not known. ``extras`` as ``list_extras`` names them.

    ``account_fen``: what a relative's account may pay at most; None where it may pay nothing.
    """

    status: Status
    rate_fen: int | None = None
    subsidy_fen: int | None = None
    subsidy_identity: str | None = None
    payable_fen: int | None = None
    fiscal_subsidy_fen: int | None = None
    ends: int = NO_DAY
    reasons: tuple[str, ...] = ()
    extras: tuple[int | None, ...] = ()
    account_fen: int | None = None


def list_extras(file: PackFile) -> tuple[str, ...]:
    """Return the names of the further amounts of a pack: ``fiscal_<level>_fen`` … but the family account's."""
    names = [f"fiscal_{share.code}_fen" for share in (file.fiscal.shares if file.fiscal else ())]
    names += ["addon_fen"] if file.addons else []
    names += ["repair_fen"] if file.waiting and file.waiting.repair else []
    names += ["incentive_fen"] if file.incentive else []
    return tuple(names)


@dataclass(frozen=True, slots=True)
class _Key:
    cell: Cell
    award: Award | None
    highest: Award | None
    notes: int
    several: bool
    answer: Answer
    ends: int
    graduating: bool
    repaired: int
    addons: int
    incentive_fen: int


@dataclass(frozen=True, slots=True)
class _Fiscal:
    fen: int | None  # None: the notice does not say
    full_cost: int  # what the person pays of it
    rule: str | None
    exempting: str | None = None  # the rule that spares the person the full cost


class OutcomeMaker:
    """Works out what a key means."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._file = tables.pack.file
        self._sets = tables.sets
        self._extras = list_extras(self._file)

    def make(self, key: int) -> Outcome:
        """Return the outcome of a key; a negative one holds Problem flags."""
        if key < 0:
            return _invalid(*(problem.reason for problem in Problem if problem & -key))
        parts = self._read_key(key)
        refused = [reason for reason in self._refusals(parts) if reason]
        if refused:
            return _invalid(*refused)
        kind = parts.answer.kind
        if kind in (Kind.CLOSED_BEFORE, Kind.CLOSED_AFTER):
            return Outcome("closed", reasons=parts.answer.rules)
        found = self._find_money(parts)
        reasons = dict.fromkeys([*found.reasons, *self._cover_reasons(parts)])
        return replace(
            found,
            status=_STATUS.get(kind, "assessed"),
            ends=parts.ends if kind in _COVERED else NO_DAY,
            reasons=tuple(reason for reason in reasons if reason),
        )

    def _read_key(self, key: int) -> _Key:
        tables, sizes = self._tables, self._tables.parts
        key, graduating = divmod(key, 2)
        key, several = divmod(key, 2)
        key, answer = divmod(key, sizes["answers"])
        key, incentive = divmod(key, sizes["incentives"])
        key, addons = divmod(key, sizes["addon_sizes"])
        key, repaired = divmod(key, sizes["repaired_sizes"])
        key, notes = divmod(key, sizes["note_sets"])
        key, best = divmod(key, sizes["rank_count"]) if sizes["ranked"] else (key, 0)
        number, rank = divmod(key, sizes["rank_count"])
        cell = tables.cells[number]
        population = list(tables.pack.vocabulary.populations).index(cell.population)
        return _Key(
            cell=cell,
            award=cell.ranking[rank] if rank < len(cell.ranking) else None,
            highest=cell.highest[best] if sizes["ranked"] and best < len(cell.highest) else None,
            notes=notes,
            several=bool(several),
            answer=tables.answers[answer],
            ends=int(sizes["ends"][population * 2 + graduating]),
            graduating=bool(graduating),
            repaired=repaired,
            addons=addons,
            incentive_fen=tables.incentives.amounts[incentive],
        )

    def _refusals(self, parts: _Key) -> Iterator[str | None]:
        """Yield the reasons why such a row makes no sense under this notice."""
        if parts.cell.rate is None:
            yield Problem.TIER.reason
        for only, codes in self._only_tiers.items():
            refuses = only.otherwise == "refuse" and only.tier != parts.cell.tier
            if refuses and self._sets.counts(parts.notes, codes):
                yield only.rule or Problem.TIER.reason
        for parent, classes in self._classless.items():
            bare = self._sets.counts(parts.notes, frozenset({parent}))
            if bare and not self._sets.counts(parts.notes, classes):
                yield Problem.IDENTITY_CLASS.reason
        traits = self._traits_now(parts)
        for place, addon in enumerate(self._file.addons):
            if parts.addons >> place & 1 and not met(addon.who, traits):
                yield Problem.ADDONS.reason

    def _traits_now(self, parts: _Key) -> Traits:
        """Return what conditions see that go by the identities held now."""
        family = self._sets.vocabulary.family
        return replace(parts.cell.traits, holds=lambda codes: self._sets.holds(parts.notes, family(codes)))

    def _find_money(self, parts: _Key) -> Outcome:
        rate, award = parts.cell.rate_fen, parts.award
        fiscal = self._find_fiscal(parts)
        repair = parts.repaired * rate
        chosen = list(self._list_addons(parts))
        addon = sum(one.amount for one in chosen)
        subsidy = award.fen if award else 0
        personal = rate - subsidy + fiscal.full_cost
        amounts = {"addon_fen": addon, "repair_fen": repair, "incentive_fen": parts.incentive_fen}
        amounts |= self._split_fiscal(fiscal.fen or 0)
        reasons = [parts.cell.rate_rule, self._band_rule(parts), award.subsidy.rule if award else None]
        reasons += self._identity_reasons(parts)
        reasons += [fiscal.rule, fiscal.exempting, *(one.rule for one in chosen), *self._extra_reasons(parts)]
        return Outcome(
            status="assessed",
            rate_fen=rate,
            subsidy_fen=subsidy,
            subsidy_identity=award.identity.code if award else None,
            payable_fen=personal + repair + addon,
            fiscal_subsidy_fen=fiscal.fen,
            reasons=tuple(reason for reason in reasons if reason),
            extras=tuple(amounts[name] for name in self._extras),
            account_fen=self._account(personal=personal, repair=repair, addons=addon),
        )

    def _band_rule(self, parts: _Key) -> str | None:
        """Return the rule of a newborn's band where it sets an amount of its own."""
        newborn, band = self._file.newborn, parts.answer.band
        entry = newborn.bands[band] if newborn and band is not None else None
        return entry.rule if entry and entry.amount is not None else None

    def _account(self, **parts: int) -> int | None:
        account = self._file.family_account
        return sum(parts[name] for name in account.pays) if account else None

    def _find_fiscal(self, parts: _Key) -> _Fiscal:
        fiscal, rule, begins = self._file.fiscal, self._file.full_cost, parts.cell.begins
        if fiscal is None:
            return _Fiscal(None, 0, None)
        if rule is None or begins is None or begins < rule.first_day:
            return _Fiscal(fiscal.amount, 0, fiscal.rule)
        if rule.last_day is not None and begins > rule.last_day:
            return _Fiscal(fiscal.amount, 0, fiscal.rule)
        newborn = rule.newborns == "exempt" and parts.answer.band is not None
        if newborn or (rule.exempt is not None and met(rule.exempt, self._traits_now(parts))):
            return _Fiscal(fiscal.amount, 0, fiscal.rule, rule.rule)
        return _Fiscal(0, fiscal.amount, rule.rule)

    def _split_fiscal(self, fen: int) -> dict[str, int]:
        """Return what each level of government bears of the fiscal subsidy; the last one bears what is left over."""
        shares = self._file.fiscal.shares if self._file.fiscal else ()
        found: dict[str, int] = {}
        for place, share in enumerate(shares):
            part = share.amount if share.amount is not None else _percent(fen, share.percent)
            rest = fen - sum(found.values())
            found[f"fiscal_{share.code}_fen"] = rest if place == len(shares) - 1 else min(part, rest)
        return found

    def _list_addons(self, parts: _Key) -> Iterator[Addon]:
        traits = self._traits_now(parts)
        for place, addon in enumerate(self._file.addons):
            if (addon.compulsory or parts.addons >> place & 1) and met(addon.who, traits):
                yield addon

    def _identity_reasons(self, parts: _Key) -> Iterator[str | None]:
        several, cap, award = self._file.several, self._file.cap, parts.award
        if parts.several and several:
            yield several.rule
        if award and parts.highest and award.fen < parts.highest.fen:
            yield "identity.ranked_lower"
        if cap and award and award.stated_fen > award.fen:
            yield cap.rule
        for until, codes in self._deadlines.items():
            passed = parts.cell.begins is not None and parts.cell.begins >= until.before
            if passed and self._sets.counts(parts.notes, codes):
                yield until.rule
        for only, codes in self._only_tiers.items():
            if only.tier != parts.cell.tier and self._sets.counts(parts.notes, codes):
                yield only.rule
        if self._sets.counts(parts.notes, self._unsubsidised):
            yield "identity.unsubsidised"

    def _extra_reasons(self, parts: _Key) -> Iterator[str | None]:
        waiting, incentive, account = self._file.waiting, self._file.incentive, self._file.family_account
        if waiting and waiting.repair and parts.repaired:
            yield waiting.repair.rule
        if incentive and parts.incentive_fen:
            yield incentive.rule
        if account:
            yield account.rule
        if self._file.snapshot and parts.award:
            yield self._file.snapshot.rule

    def _cover_reasons(self, parts: _Key) -> list[str]:
        kind = parts.answer.kind
        reasons = list(parts.answer.rules)
        students = self._file.students
        if students and parts.cell.population == students.population and kind in _COVERED | {Kind.TOO_LATE}:
            reasons += [students.rule] if students.rule else []
            if parts.graduating and students.graduates and students.graduates.rule:
                reasons.append(students.graduates.rule)
        return reasons

    @cached_property
    def _entries(self) -> dict[str, PackIdentity]:
        return find_entries(self._file, self._sets.vocabulary)

    @cached_property
    def _deadlines(self) -> dict[Until, Codes]:
        return group_codes({code: entry.until for code, entry in self._entries.items()})

    @cached_property
    def _only_tiers(self) -> dict[OnlyTier, Codes]:
        return group_codes({code: entry.only_tier for code, entry in self._entries.items()})

    @cached_property
    def _classless(self) -> dict[str, Codes]:
        return find_classless(self._file, self._sets.vocabulary)

    @cached_property
    def _unsubsidised(self) -> Codes:
        return find_unsubsidised(self._file, self._sets.vocabulary)


def _invalid(*reasons: str) -> Outcome:
    return Outcome("invalid", reasons=tuple(dict.fromkeys(reasons)))


def _percent(fen: int, percent: Decimal | None) -> int:
    return int((Decimal(fen) * (percent or 0) / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
