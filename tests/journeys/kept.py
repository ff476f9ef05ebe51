"""What the tests of money kept for nobody share: a word for nobody, and settling what it left in one line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tests.journeys.cast import POLICY, TIER_1, Cast, at
from tests.journeys.test_channel_words import say
from yingbao.accounts.actors import Actor
from yingbao.collection.models import KeptMoney
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.settle_kept import ask_return, give_back, keep_on, take_kept

FOUND_ON = date(2022, 12, 10)


def keep_for_nobody(cast: Cast, *, fen: int = TIER_1, reference: str = "N1") -> KeptMoney:
    """Let a channel report money for an order that is none."""
    say(cast, "YB20221201AAAAAAAAAAAA", fen=fen, reference=reference)
    return KeptMoney.objects.get(reference=reference)


def take(
    actor: Actor, kept: KeptMoney, people: Sequence[Resident], *, on: date = FOUND_ON, key: str = "take", pk: int = 0
) -> Json:
    """Book it for people who were found."""
    ids = [one.pk for one in people]
    return take_kept(actor, kept_id=pk or kept.pk, resident_ids=ids, policy_name=POLICY, key=key, at=at(on))


def ask(actor: Actor, kept: KeptMoney, *, reason: str = "查无此人", on: date = FOUND_ON, key: str = "ask") -> Json:
    """Ask that it go back."""
    return ask_return(actor, kept_id=kept.pk, reason=reason, key=key, at=at(on))


def withdraw(actor: Actor, kept: KeptMoney, *, on: date = FOUND_ON, key: str = "withdraw") -> Json:
    """Take that back."""
    return keep_on(actor, kept_id=kept.pk, key=key, at=at(on))


def back(
    actor: Actor,
    kept: KeptMoney,
    *,
    reference: str = "R-1",
    on: date = FOUND_ON,
    returned_on: date = FOUND_ON,
    key: str = "back",
) -> Json:
    """Note that it went back."""
    return give_back(actor, kept_id=kept.pk, reference=reference, returned_on=returned_on, on=on, key=key, at=at(on))
