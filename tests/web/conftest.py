"""A small town in mid-season, and a client per part of its cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pytest
from django.db import transaction
from django.test import Client
from django.utils import translation
from pytest_django.fixtures import Settings

from tests.journeys.cast import (
    NEXT_VILLAGE,
    POLICY,
    TOWN,
    VILLAGE,
    YEAR,
    Cast,
    at,
    family,
    household,
    insure_elsewhere,
    mark,
    people_the_town,
    tiers,
)
from tests.support.passwords import passwords_hashed_once
from tests.support.pictures import pictured
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import User
from yingbao.accounts.operations import add_user
from yingbao.accounts.roles import Role
from yingbao.kernel.periods import DAY
from yingbao.progress.models import Target
from yingbao.registry.models import Resident, ResidentLogin
from yingbao.usecases.declare import clear_declaration, declare_cash
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.extract_settlement import extract_settlement
from yingbao.usecases.publish_notice import draw_up_notice
from yingbao.usecases.report_week import report_week
from yingbao.usecases.watch_custody import watch_custody
from yingbao.worklist.models import WorkItem

__all__ = ["passwords_hashed_once"]
TODAY = date(2022, 12, 15)
PAID_ON, CLEARED_ON, WEEK_ON = date(2022, 11, 21), date(2022, 11, 24), date(2022, 12, 8)
BACKEND = "yingbao.accounts.backends.OfficeBackend"
Login = Callable[[str], Client]


@dataclass
class Story:
    """What the season has brought so far, by what a test asks of it."""

    cast: Cast
    paid: list[Resident]  # a family of VILLAGE: paid in cash, declared, cleared; the second has dibao
    owing: list[Resident]  # enrolled, not paid
    unenrolled: list[Resident]  # nobody has enrolled them; the second is in employee insurance
    next_door: list[Resident]  # of NEXT_VILLAGE, paid by WeChat
    payment: int
    open_declaration: int
    settlement: int
    notice: int
    work_item: int


@pytest.fixture(autouse=True)
def _in_mid_season(settings: Settings) -> Iterator[None]:
    settings.YINGBAO_TODAY = TODAY.isoformat()
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def story(db: None) -> Story:
    """Play the first weeks of a season."""
    return tell()


@pytest.fixture
def login() -> Login:
    """Give a client that has logged in as a part of the cast; the empty name gives one that has not."""

    def log_in(name: str) -> Client:
        client = Client()
        if name:
            client.force_login(User.objects.get(username=name), backend=BACKEND)
        return client

    return log_in


@pictured
def tell() -> Story:
    """Play the first weeks of a season through the use cases."""
    cast = people_the_town()
    _set_targets()
    paid, owing = family(), household(date(1975, 2, 3), date(2005, 4, 5))
    unenrolled = household(date(1990, 1, 1), date(1991, 2, 2))
    next_door = household(date(1968, 3, 3), village=NEXT_VILLAGE)
    mark(paid[1], "dibao", cast)
    mark(paid[1], "disabled_1_2", cast)
    insure_elsewhere(unenrolled[1])
    payment = _pay(cast.village_agent, paid, "cash", 108_500, PAID_ON)
    _enrol(cast.village_agent, owing)
    _pay(cast.wechat, next_door, "wechat", 35_000, PAID_ON)
    clear_declaration(
        cast.tax,
        declaration_id=_deposit_and_declare(cast.village_agent, 108_500, PAID_ON),
        policy_name=POLICY,
        on=CLEARED_ON,
        key="clear",
        at=at(CLEARED_ON),
    )
    _pay(cast.village_agent, household(date(1988, 8, 8)), "cash", 35_000, TODAY - DAY)
    waiting = _deposit_and_declare(cast.village_agent, 35_000, TODAY - DAY)
    _pay(cast.village_agent, household(date(1999, 9, 9)), "cash", 35_000, TODAY)
    for on in (WEEK_ON - 7 * DAY, WEEK_ON):
        report_week(cast.town_clerk, policy_name=POLICY, cut_off_on=on, at=at(on))
    watch_custody(cast.town_clerk, year=YEAR, on=TODAY, at=at(TODAY))
    _people_the_public(paid[0], next_door[0])
    return Story(
        cast=cast,
        paid=paid,
        owing=owing,
        unenrolled=unenrolled,
        next_door=next_door,
        payment=payment,
        open_declaration=waiting,
        settlement=_settle(cast),
        notice=_publish(cast.village_agent),
        work_item=WorkItem.objects.get().pk,
    )


def _set_targets() -> None:
    for code, persons in ((VILLAGE, 8), (NEXT_VILLAGE, 4)):
        Target.objects.create(
            division_id=code,
            year=YEAR,
            households=5,
            population=12,
            persons=persons,
            amount_fen=persons * 35_000,
            due_on=date(2022, 12, 20),
        )


def _pay(actor: Actor, residents: Sequence[Resident], channel: str, fen: int, on: date) -> int:
    answer = enrol_and_pay(
        actor,
        household_id=residents[0].household_id,
        tiers=tiers(residents),
        channel=channel,
        amount_fen=fen,
        policy_name=POLICY,
        on=on,
        key=f"pay-{residents[0].pk}",
        at=at(on),
    )
    return int(answer["payment"])


def _enrol(actor: Actor, residents: Sequence[Resident]) -> None:
    enrol_household(
        actor,
        household_id=residents[0].household_id,
        tiers=tiers(residents),
        policy_name=POLICY,
        on=PAID_ON,
        key=f"enrol-{residents[0].pk}",
        at=at(PAID_ON),
    )


def _deposit_and_declare(agent: Actor, fen: int, on: date) -> int:
    deposit_cash(agent, amount_fen=fen, slip_number=f"S{on}", year=YEAR, on=on, key=f"deposit-{on}", at=at(on))
    return int(declare_cash(agent, year=YEAR, on=on, key=f"declare-{on}", at=at(on))["declaration"])


def _settle(cast: Cast) -> int:
    answer = extract_settlement(
        cast.tax, policy_name=POLICY, begin_on=PAID_ON, end_on=TODAY, key="extract", at=at(TODAY)
    )
    return int(answer["lists"]["medical_assistance"]["list"])


def _publish(agent: Actor) -> int:
    answer = draw_up_notice(agent, year=YEAR, begin_on=PAID_ON, end_on=TODAY, key="notice", at=at(TODAY))
    return int(answer["notice"])


def _people_the_public(head: Resident, neighbour: Resident) -> None:
    with transaction.atomic():
        add_user(username="school", display_name="school", role=Role.INSTITUTION, division_code=TOWN)
        for name, resident in (("resident", head), ("neighbour", neighbour)):
            code = resident.division_id
            user = add_user(username=name, display_name=name, role=Role.RESIDENT, division_code=code)
            ResidentLogin.objects.create(user=user, resident=resident)
