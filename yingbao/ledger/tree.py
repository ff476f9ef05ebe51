"""The account tree from the trunk to a leaf: kinds, accounts, and one account's statement between two days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Sum, When, Window

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.models import Account, Transfer
from yingbao.ledger.queries import flows


@dataclass(frozen=True, slots=True)
class Total:
    """What came into a place and what left it, in fen."""

    came: int = 0
    went: int = 0

    @property
    def balance(self) -> int:
        """What is there: debits less credits."""
        return self.came - self.went


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an account, in fen: what was there in the morning, what came and left, what is there at night."""

    on: date
    opening: int
    came: int
    went: int

    @property
    def closing(self) -> int:
        """What is there at the end of the day."""
        return self.opening + self.came - self.went


def by_kind(actor: Actor, *, year: int, on: date | None = None) -> dict[str, Total]:
    """Return kind → total of the actor's divisions at the end of ``on``; the balances add up to 0. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    came, went = dict.fromkeys(AccountKind.values, 0), dict.fromkeys(AccountKind.values, 0)
    for (debit, credit), fen in flows(actor.scope, year=year, on=on).items():
        came[debit] += fen
        went[credit] += fen
    return {kind: Total(came[kind], went[kind]) for kind in AccountKind.values}


def accounts(actor: Actor, *, year: int, kind: str = "") -> QuerySet[Account]:
    """Return the accounts of the actor's divisions, village by village, of one kind or of all. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Account.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    found = within.filter(kind=kind) if kind else within
    return found.select_related("division").order_by("kind", "division_id", "holder")


def account(actor: Actor, account_id: int) -> Account:
    """Return one account with its division; raises NotFound outside the actor's divisions. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    found = Account.objects.select_related("division").filter(pk=account_id).first()
    if found is None or found.division_id not in actor.scope:
        raise NotFound(say(N_("没有找到这个账户，或不在您的管理范围内。")))
    return found


def totals_of(account_ids: Iterable[int], *, on: date | None = None) -> dict[int, Total]:
    """Return account id → total at the end of ``on``, in two statements. For accounts already found."""
    ids = list(account_ids)
    until = Transfer.objects.all() if on is None else Transfer.objects.filter(on__lte=on)
    came, went = (
        dict(until.filter(**{f"{side}__in": ids}).values_list(side).annotate(fen=Sum("amount_fen")))
        for side in ("debit", "credit")
    )
    return {pk: Total(came.get(pk, 0), went.get(pk, 0)) for pk in ids}


def balance_before(found: Account, *, begin_on: date) -> int:
    """Return what was in an account in the morning of a day."""
    earlier = _touching(found).filter(on__lt=begin_on)
    return earlier.aggregate(fen=Sum(_signed(found), default=0))["fen"] or 0


def movements(found: Account, *, begin_on: date, end_on: date) -> QuerySet[Any]:
    """Return an account's transfers in [begin_on, end_on) in order, each with ``fen`` and the ``running`` sum so far.

    ``fen`` is what came in, negative what went out; ``running`` counts from nothing in the morning of ``begin_on``.
    """
    within = _touching(found).filter(on__gte=begin_on, on__lt=end_on)
    running = Window(Sum(_signed(found)), order_by=[F("on").asc(), F("id").asc()])
    annotated = within.annotate(fen=_signed(found), running=running)
    return annotated.select_related("debit", "credit", "user").order_by("on", "id")


def days(found: Account, *, begin_on: date, end_on: date) -> list[Day]:
    """Return the days in [begin_on, end_on) on which an account moved, in order, with opening and closing."""
    within = _touching(found).filter(on__gte=begin_on, on__lt=end_on)
    rows = within.values_list("on").order_by("on")
    summed = rows.annotate(
        came=Sum("amount_fen", filter=Q(debit=found.pk), default=0),
        went=Sum("amount_fen", filter=Q(credit=found.pk), default=0),
    )
    opening, told = balance_before(found, begin_on=begin_on), []
    for on, came, went in summed:
        told.append(Day(on, opening, came, went))
        opening = told[-1].closing
    return told


def _touching(found: Account) -> QuerySet[Transfer]:
    return Transfer.objects.filter(Q(debit=found.pk) | Q(credit=found.pk))


def _signed(found: Account) -> Case:
    return Case(When(debit=found.pk, then=F("amount_fen")), default=-F("amount_fen"))
