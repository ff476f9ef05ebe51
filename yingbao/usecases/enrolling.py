"""The step two journeys share: enrol people of one household and raise what they owe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError

from yingbao.accounts.actors import Actor
from yingbao.collection import operations as collection
from yingbao.enrolment import operations as enrolment
from yingbao.enrolment.operations import Decided
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, say
from yingbao.ledger.operations import Move
from yingbao.policy import Policy
from yingbao.usecases import deciding, places, where_to_enrol

if TYPE_CHECKING:
    from yingbao.collection.models import Due

# The constraint as PostgreSQL names it; SQLite names its columns.
ONE_STANDING = "enrolment_one_standing_per_year"


def enrol(actor: Actor, decided: Sequence[Decided], *, policy: Policy, on: date, at: datetime) -> list[Due]:
    """Enrol people as decided and raise their dues.

    Raises IntegrityError where one is enrolled already, Refused where the notice wants it done elsewhere.
    """
    where_to_enrol.check_decided(actor, policy, decided)
    enrolments = enrolment.enrol(decided, basis=deciding.basis(policy, on=on), user_id=actor.user_id, at=at)
    return collection.raise_dues(enrolments)


@contextmanager
def refusing_twice() -> Iterator[None]:
    """Around the whole journey: the database's word that somebody is enrolled already becomes a refusal."""
    try:
        yield
    except IntegrityError as error:
        if ONE_STANDING not in str(error) and "enrolment_enrolment.resident_id" not in str(error):
            raise
        raise Refused(
            say(N_("其中有人本年度已经参保登记。")),
            fact=say(N_("一人一年只能有一条有效参保登记。")),
            todo=say(N_("请刷新本户页面，查看已登记的人员。")),
        ) from error


def owed(dues: Sequence[Due], *, year: int) -> list[Move]:
    """Return the moves that write down what people owe."""
    return [
        Move(places.resident_due(due.division_id, year), places.contribution(due.division_id, year), due.amount_fen)
        for due in dues
    ]
