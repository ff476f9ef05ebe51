"""Posting: the only way money is written down."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from yingbao.divisions.codes import Scope
from yingbao.ledger.models import Account, Transfer
from yingbao.storage.bulk import insert_rows
from yingbao.storage.questions import Question
from yingbao.storage.transactions import operation


@dataclass(frozen=True, slots=True)
class Place:
    """Which account: a kind, a division, a year, and the holder (agent id, channel, department) where there is one."""

    kind: str
    division_code: int
    year: int
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """An amount in fen that leaves ``credit`` and comes into ``debit``; a move of 0 is left out when posted."""

    debit: Place
    credit: Place
    amount_fen: int


TRANSFER = ("entry", "debit", "credit", "amount_fen", "on", "at", "user", "source_kind", "source_id")


@operation
def post(moves: Sequence[Move], *, on: date, at: datetime, user_id: int, source: tuple[str, int]) -> uuid.UUID:
    """Write the moves of one event as transfers of one entry; ``source`` is the (kind, id) they come from.

    Raises IntegrityError for a negative amount or a move from an account to itself.
    """
    entry = uuid.uuid4()
    real = [move for move in moves if move.amount_fen]
    accounts = _accounts({place for move in real for place in (move.debit, move.credit)})
    insert_rows(
        Transfer,
        TRANSFER,
        (
            (entry, accounts[move.debit], accounts[move.credit], move.amount_fen, on, at, user_id, *source)
            for move in real
        ),
    )
    return entry


@operation
def reverse(source: tuple[str, int], *, at: datetime, user_id: int) -> uuid.UUID:
    """Undo what a record posted: each of its transfers again the other way round, joined to it.

    It counts on the day of what it undoes: on no day does money seem to be in two places. Raises IntegrityError where
    it is undone already.
    """
    entry = uuid.uuid4()
    posted = Transfer.objects.filter(source_kind=source[0], source_id=source[1], reverses__isnull=True).order_by("pk")
    insert_rows(
        Transfer,
        (*TRANSFER, "reverses"),
        ((entry, one.credit_id, one.debit_id, one.amount_fen, one.on, at, user_id, *source, one.pk) for one in posted),
    )
    return entry


@operation
def lock_held(scope: Scope, *, year: int, kind: str, holders: Iterable[str]) -> list[tuple[str, int]]:
    """Hold some holders' accounts of a kind until commit: nobody else draws on them; more may come in meanwhile.

    Posting takes no lock of its own and waits for nobody here. Returns whose they are: (holder, division code), in
    the order the accounts were opened and are locked in.
    """
    names = sorted(set(holders))
    return _HELD.ask(year=year, kind=kind, names=names, low=scope.low, high=scope.high) if names else []


def _held(*, year: int, kind: str, names: Sequence[str], low: int, high: int) -> QuerySet[Any, Any]:
    accounts = Account.objects.filter(
        year=year, kind=kind, holder__in=names, division_id__gte=low, division_id__lt=high
    )
    return accounts.select_for_update(no_key=True).order_by("pk").values_list("holder", "division_id")


_HELD = Question(_held)

# Accounts never change and are never deleted, so a process may remember their ids once they are committed.
_known: dict[Place, int] = {}


def forget_accounts() -> None:
    """Forget the remembered ids: after the database was emptied under a running process, as tests do."""
    _known.clear()


def _accounts(places: set[Place]) -> dict[Place, int]:
    """Return the id of each place's account, opening those that are new."""
    held = {place: _known[place] for place in places if place in _known}
    if len(held) == len(places):
        return held
    held |= _find(places - held.keys())
    missing = sorted(places - held.keys(), key=lambda p: (p.year, p.kind, p.division_code, p.holder))
    if missing:
        # Two clerks may open the same account at once: whoever is second finds the first one's.
        Account.objects.bulk_create(
            (Account(kind=p.kind, division_id=p.division_code, year=p.year, holder=p.holder) for p in missing),
            ignore_conflicts=True,
        )
        held |= _find(missing)
    # Only what is committed is remembered: an account opened by a transaction that fails is not there.
    transaction.on_commit(lambda: _known.update(held))
    return held


def _find(places: Iterable[Place]) -> dict[Place, int]:
    """Return the accounts there are; asks for a superset, as one short condition is quicker than one per place."""
    wanted = set(places)
    if not wanted:
        return {}
    rows = Account.objects.filter(
        year__in={place.year for place in wanted},
        division_id__in={place.division_code for place in wanted},
        kind__in={place.kind for place in wanted},
        holder__in={place.holder for place in wanted},
    ).values_list("kind", "division_id", "year", "holder", "pk")
    return {place: row[4] for row in rows if (place := Place(*row[:4])) in wanted}
