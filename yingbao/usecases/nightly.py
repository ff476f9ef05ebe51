"""What a site does every night: look through every town, open and close work items, then prove the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import operations as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Role
from yingbao.divisions import queries as divisions
from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import YingbaoError
from yingbao.kernel.messages import N_, Message, say
from yingbao.policy import Policy, get_policy
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.assign_mending import close_mended
from yingbao.usecases.find_missed import find_missed
from yingbao.usecases.stubs import watch_stubs
from yingbao.usecases.verify import Check, verify
from yingbao.usecases.watch_custody import watch_custody
from yingbao.usecases.watch_register import watch_register

if TYPE_CHECKING:
    from yingbao.accounts.models import User

EVERYWHERE = Scope(0, 10**12)


@dataclass(frozen=True, slots=True)
class Round:
    """One look at one town: who looks, by which policy, at the end of which day."""

    actor: Actor
    policy: Policy
    on: date
    at: datetime


def _custody(one: Round) -> Mapping[str, int]:
    return {"late": watch_custody(one.actor, year=one.policy.year, on=one.on, at=one.at)}


def _stubs(one: Round) -> Mapping[str, int]:
    return {"late": watch_stubs(one.actor, year=one.policy.year, on=one.on, at=one.at)}


def _register(one: Round) -> Mapping[str, int]:
    return watch_register(one.actor, year=one.policy.year, on=one.on, at=one.at)


def _mended(one: Round) -> Mapping[str, int]:
    return {"closed_items": close_mended(one.actor, on=one.on, at=one.at)}


def _missed(one: Round) -> Mapping[str, int]:
    return find_missed(one.actor, policy_name=one.policy.name, on=one.on, at=one.at)


# In this order, each in a transaction of its own: what one cannot do keeps no other from its work.
WATCHES: tuple[tuple[Message, Callable[[Round], Mapping[str, int]]], ...] = (
    (say(N_("缴存和申报")), _custody),
    (say(N_("POS存根归档")), _stubs),
    (say(N_("不应参保的人和疑似重复")), _register),
    (say(N_("已完善的台账资料")), _mended),
    (say(N_("享受资助未参保的人")), _missed),
)


@dataclass(slots=True)
class Night:
    """What the night brought: counts by watch, what could not be done, and the proofs."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    failed: list[tuple[str, Message, YingbaoError]] = field(default_factory=list)
    proofs: list[Check] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether every watch was done and every proof holds."""
        return not self.failed and all(check.holds for check in self.proofs)


def run_night(*, policy_name: str, on: date, at: datetime) -> Night:
    """Look through every town at the end of ``on`` and prove the whole site's books.

    A watch that raises one of our errors is told in ``failed`` and the others go on. Twice in a night opens and
    closes nothing more.
    """
    policy, night = get_policy(policy_name), Night()
    with unit_of_work():
        watchman = accounts.night_watch()
    for actor in _rounds(watchman):
        for name, watch in WATCHES:
            _look(night, name, watch, Round(actor, policy, on, at))
    auditor = Actor(user_id=watchman.pk, name=watchman.display_name, role=Role.AUDITOR, scope=EVERYWHERE)
    night.proofs = verify(auditor, year=policy.year)
    return night


def _rounds(watchman: User) -> Iterator[Actor]:
    """Give the watchman as each town's officer: with their rights, and nowhere else."""
    for town in divisions.towns(EVERYWHERE):
        yield Actor(watchman.pk, watchman.display_name, Role.TOWN, town.scope, town.code)


def _look(night: Night, name: Message, watch: Callable[[Round], Mapping[str, int]], one: Round) -> None:
    counted = night.counts.setdefault(name.template, Counter())
    try:
        counted.update(watch(one))
    except YingbaoError as error:
        night.failed.append((str(one.actor.division_code), name, error))
