"""Reading the ledger: balances, and whether every fen is accounted for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions.codes import Scope
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.models import Account, Transfer
from yingbao.storage.questions import Question

# Places where money is.
HELD = (
    AccountKind.AGENT_CASH,
    AccountKind.AGREEMENT,
    AccountKind.CHANNEL,
    AccountKind.DECLARED,
    AccountKind.TREASURY,
)


@dataclass(frozen=True, slots=True)
class MoneyCheck:
    """Every fen on its way, in fen. ``holds`` proves that nothing was lost between two places."""

    collected: int  # taken from residents, by cash and by channels, surplus included
    channels: int  # of that, by online channels and POS
    cash: int  # of that, by agents in cash
    in_hand: int
    deposited: int
    in_agreement: int
    declared: int  # what was sent back is not
    in_transit: int
    in_channels: int
    treasury: int
    refund_payable: int
    refunded: int  # paid back to payers, from wherever it was

    @property
    def holds(self) -> bool:
        """Whether collected = in hand + agreement account + in transit + with channels + treasury + paid back."""
        places = self.in_hand + self.in_agreement + self.in_transit + self.in_channels + self.treasury + self.refunded
        return self.collected == self.cash + self.channels == places and min(self.parts()) >= 0

    def parts(self) -> tuple[int, ...]:
        """Return the places where a fen can be; none may hold less than nothing."""
        return (self.in_hand, self.in_agreement, self.in_transit, self.in_channels, self.treasury, self.refund_payable)


def trial_balance(actor: Actor, *, year: int, on: date | None = None) -> dict[str, int]:
    """Return kind → balance in fen (debits less credits) of the actor's divisions, at the end of ``on``.

    The balances of all kinds add up to 0. Needs SEE_MONEY.
    """
    actor.must(Right.SEE_MONEY)
    return balances(actor.scope, year=year, on=on)


def balances(scope: Scope, *, year: int, on: date | None = None) -> dict[str, int]:
    """Return kind → balance in fen of a scope's accounts, in one statement: payments may come in meanwhile."""
    return _balances(flows(scope, year=year, on=on))


def _balances(moved: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Add up flows. No transfer leaves its division (``audits.crossing_transfers``), so one side finds them all."""
    totals: Counter[str] = Counter({kind: 0 for kind in AccountKind.values})
    for (debit, credit), fen in moved.items():
        totals[debit] += fen
        totals[credit] -= fen
    return dict(totals)


def money_check(actor: Actor, *, year: int, on: date | None = None) -> MoneyCheck:
    """Return where every fen collected in the actor's divisions is at the end of ``on``. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    moved = _net(_sums(actor.scope, year=year, on=on))
    balance = _balances(moved)
    kind = AccountKind
    sources = (kind.RESIDENT_DUE, kind.REFUND_PAYABLE)
    cash = sum(moved[(kind.AGENT_CASH, source)] for source in sources)
    channels = sum(moved[(kind.CHANNEL, source)] for source in sources)
    return MoneyCheck(
        collected=cash + channels,
        channels=channels,
        cash=cash,
        in_hand=balance[kind.AGENT_CASH],
        deposited=moved[(kind.AGREEMENT, kind.AGENT_CASH)],
        in_agreement=balance[kind.AGREEMENT],
        declared=moved[(kind.DECLARED, kind.AGREEMENT)] - moved[(kind.AGREEMENT, kind.DECLARED)],
        in_transit=balance[kind.DECLARED],
        in_channels=balance[kind.CHANNEL],
        treasury=balance[kind.TREASURY],
        refund_payable=-balance[kind.REFUND_PAYABLE],
        refunded=sum(moved[(kind.REFUND_PAYABLE, place)] for place in HELD),
    )


def flows(scope: Scope, *, year: int, on: date | None) -> Counter[tuple[str, str]]:
    """Return (debit kind, credit kind) → fen moved."""
    return Counter({(debit, credit): fen for debit, credit, fen, _undone in _sums(scope, year=year, on=on)})


def _sums(scope: Scope, *, year: int, on: date | None) -> Iterable[tuple[str, str, int, int]]:
    """Return debit kind, credit kind, fen moved, and how much of it only undoes an earlier move, in one statement."""
    rows = _until(on).filter(_accounts_of(scope, "debit", year)).values_list("debit__kind", "credit__kind")
    undone = Sum("amount_fen", filter=Q(reverses__isnull=False), default=0)
    return rows.annotate(fen=Sum("amount_fen"), undone=undone)


def _net(sums: Iterable[tuple[str, str, int, int]]) -> Counter[tuple[str, str]]:
    """Return flows as if what was undone had never moved: it was neither collected nor paid back."""
    moved: Counter[tuple[str, str]] = Counter()
    for debit, credit, fen, undone in sums:
        moved[debit, credit] += fen - undone
        moved[credit, debit] -= undone
    return moved


def _accounts_of(scope: Scope, side: str, year: int) -> Q:
    return Q(**{f"{side}__year": year, f"{side}__division_id__gte": scope.low, f"{side}__division_id__lt": scope.high})


def _until(on: date | None) -> QuerySet[Transfer]:
    return Transfer.objects.all() if on is None else Transfer.objects.filter(on__lte=on)


def balance_of(scope: Scope, *, year: int, kind: str, holder: str) -> int:
    """Return the balance in fen of one holder's accounts of one kind, of all villages together."""
    return sum(held_by(scope, year=year, kind=kind, holder=holder).values())


def held_by(scope: Scope, *, year: int, kind: str, holder: str) -> dict[int, int]:
    """Return division code → balance in fen of one holder's accounts of one kind, read through those alone.

    A town's clerk takes money for many villages, and each village's money stays in its own books.
    """
    accounts = Account.objects.filter(
        year=year, kind=kind, holder=holder, division_id__gte=scope.low, division_id__lt=scope.high
    )
    villages = dict(accounts.order_by("division_id").values_list("pk", "division_id"))
    came, went = (
        dict(Transfer.objects.filter(**{f"{side}__in": list(villages)}).values_list(side).annotate(Sum("amount_fen")))
        for side in ("debit", "credit")
    )
    return {code: came.get(pk, 0) - went.get(pk, 0) for pk, code in villages.items()}


def transfers(actor: Actor, *, year: int, kind: str = "", on: date | None = None) -> QuerySet[Transfer]:
    """Return the transfers of the actor's divisions, newest first; ``kind`` keeps those that touch such an account.

    ``on`` keeps those until the end of a day.
    """
    actor.must(Right.SEE_MONEY)
    found = _until(on).filter(_accounts_of(actor.scope, "debit", year))
    if kind:
        found = found.filter(Q(debit__kind=kind) | Q(credit__kind=kind))
    return found.select_related("debit__division", "credit__division", "user").order_by("-id")


def by_division(scope: Scope, *, year: int, kind: str) -> dict[int, int]:
    """Return division code → balance in fen of the accounts of one kind."""
    totals: Counter[int] = Counter()
    for side, sign in (("debit", 1), ("credit", -1)):
        condition = _accounts_of(scope, side, year) & Q(**{f"{side}__kind": kind})
        rows = Transfer.objects.filter(condition).values_list(f"{side}__division_id").annotate(fen=Sum("amount_fen"))
        for code, fen in rows:
            totals[code] += sign * fen
    return {code: fen for code, fen in totals.items() if fen}


def by_holder(
    scope: Scope, *, year: int, kind: str, on: date | None = None, holders: Iterable[str] | None = None
) -> dict[tuple[str, int], int]:
    """Return (holder, division code) → balance in fen of one kind, at the end of ``on``, of all holders or of some.

    The holder is an agent's id, a channel or a department. Read account by account, so quick for a few accounts.
    """
    if holders is not None and on is None:
        names = sorted(set(holders))
        within: dict[str, Any] = {"year": year, "kind": kind, "names": names, "low": scope.low, "high": scope.high}
        came, went = (_CAME.ask(**within), _WENT.ask(**within)) if names else ([], [])
    else:
        accounts = Account.objects.filter(year=year, kind=kind, division_id__gte=scope.low, division_id__lt=scope.high)
        if holders is not None:
            accounts = accounts.filter(holder__in=list(holders))
        came, went = (list(_moved(accounts, side, on=on)) for side in ("debits", "credits"))
    balance = Counter({(holder, division): fen for holder, division, fen in came})
    balance.subtract({(holder, division): fen for holder, division, fen in went})
    return dict(balance)


def _moved(accounts: QuerySet[Account], side: str, *, on: date | None = None) -> QuerySet[Any, Any]:
    until = Q(**{f"{side}__on__lte": on}) if on else None
    return accounts.values_list("holder", "division_id").annotate(
        fen=Sum(f"{side}__amount_fen", default=0, filter=until)
    )


def _of_some(side: str, *, year: int, kind: str, names: Sequence[str], low: int, high: int) -> QuerySet[Any, Any]:
    accounts = Account.objects.filter(year=year, kind=kind, division_id__gte=low, division_id__lt=high)
    return _moved(accounts.filter(holder__in=names), side)


_CAME, _WENT = Question(partial(_of_some, "debits")), Question(partial(_of_some, "credits"))


def taken_by_source(scope: Scope, *, year: int, source_kind: str, into: Iterable[str]) -> dict[int, int]:
    """Return source id → fen that came into accounts of the kinds ``into``."""
    condition = _accounts_of(scope, "debit", year) & Q(debit__kind__in=list(into), source_kind=source_kind)
    return dict(Transfer.objects.filter(condition).values_list("source_id").annotate(fen=Sum("amount_fen")))


def through_by_source(scope: Scope, *, year: int, source_kind: str, kind: str) -> dict[int, tuple[int, int]]:
    """Return source id → (fen that came into accounts of a kind by it, fen that left them)."""
    came, went = (
        dict(
            Transfer.objects.filter(_accounts_of(scope, side, year), source_kind=source_kind, **{f"{side}__kind": kind})
            .values_list("source_id")
            .annotate(fen=Sum("amount_fen"))
        )
        for side in ("debit", "credit")
    )
    return {source: (came.get(source, 0), went.get(source, 0)) for source in came.keys() | went.keys()}


def entry(actor: Actor, entry_id: UUID) -> list[Transfer]:
    """Return the transfers of one entry that touch the actor's divisions; empty outside. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Transfer.objects.filter(entry=entry_id)
    within = within.filter(debit__division_id__gte=actor.scope.low, debit__division_id__lt=actor.scope.high)
    return list(within.select_related("debit__division", "credit__division", "user").order_by("id"))


def of_source(actor: Actor, *, kind: str, source_id: int) -> list[Transfer]:
    """Return the transfers a record (kind, id) led to in the actor's divisions, in order. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Transfer.objects.filter(source_kind=kind, source_id=source_id)
    within = within.filter(debit__division_id__gte=actor.scope.low, debit__division_id__lt=actor.scope.high)
    return list(within.select_related("debit__division", "credit__division", "user").order_by("id"))


@dataclass(frozen=True, slots=True)
class Flows:
    """All that ever came into a holder's accounts and went from them: (division code, the other side's kind) → fen."""

    came: Mapping[tuple[int, str], int]
    went: Mapping[tuple[int, str], int]

    def held(self) -> dict[int, int]:
        """Return division code → what is there."""
        balance: Counter[int] = Counter()
        for (code, _kind), fen in self.came.items():
            balance[code] += fen
        for (code, _kind), fen in self.went.items():
            balance[code] -= fen
        return dict(balance)


def flows_of(scope: Scope, *, year: int, kind: str, holder: str) -> Flows:
    """Return what came and went of one holder's accounts of one kind; of locked ones nothing goes meanwhile.

    What goes is read first: money may come in at any moment, and none may seem to be missing.
    """
    mine = Account.objects.filter(
        year=year, kind=kind, holder=holder, division_id__gte=scope.low, division_id__lt=scope.high
    )
    went = Transfer.objects.filter(credit__in=mine).values_list("credit__division_id", "debit__kind")
    came = Transfer.objects.filter(debit__in=mine).values_list("debit__division_id", "credit__kind")
    gone = {(code, other): fen for code, other, fen in went.annotate(fen=Sum("amount_fen"))}
    return Flows({(code, other): fen for code, other, fen in came.annotate(fen=Sum("amount_fen"))}, gone)


class Evenings:
    """What holders held at the end of days, all villages together: asked of a page of records, read once."""

    def __init__(self, changes: Mapping[tuple[str, int], Sequence[tuple[date, int]]]) -> None:
        self._changes = changes

    def before(self, holder: str, year: int, day: date) -> int:
        """Return what a holder had at the end of the day before ``day``, in fen."""
        return sum(fen for on, fen in self._changes.get((holder, year), ()) if on < day)


def evenings(years: Collection[int], *, kind: str, holders: Collection[str]) -> Evenings:
    """Return what some holders held of one kind of money, evening by evening. For holders already found."""
    changes: defaultdict[tuple[str, int], list[tuple[date, int]]] = defaultdict(list)
    for side, sign in (("debit", 1), ("credit", -1)):
        mine = {f"{side}__kind": kind, f"{side}__holder__in": list(holders), f"{side}__year__in": list(years)}
        rows = Transfer.objects.filter(**mine).values_list(f"{side}__holder", f"{side}__year", "on")
        for holder, year, on, fen in rows.annotate(fen=Sum("amount_fen")):
            changes[holder, year].append((on, sign * fen))
    return Evenings(changes)
