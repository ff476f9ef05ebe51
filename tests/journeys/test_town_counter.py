"""Cash taken at a town's counter for people of several villages: each village's money stays in its own books."""

from __future__ import annotations

from datetime import date

from tests.journeys.cast import (
    IN_TIME,
    NEXT_VILLAGE,
    POLICY,
    TIER_1,
    TOWN,
    VILLAGE,
    YEAR,
    Cast,
    at,
    give_book,
    household,
    tiers,
)
from tests.journeys.test_receiving import holds
from yingbao.accounts.actors import Actor
from yingbao.divisions.codes import Scope
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.queries import by_division, held_by, money_check
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.declare import clear_declaration, declare_cash
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.enrol_and_pay import enrol_and_pay

WHOLE_TOWN = Scope(TOWN, TOWN + 1000)


def give_town_book(clerk: Actor) -> None:
    with unit_of_work():
        give_book(clerk, series="T", first=1, last=50)


def collect(clerk: Actor, village: int) -> None:
    (person,) = household(date(1980, 1, 1), village=village)
    enrol_and_pay(
        clerk,
        household_id=person.household_id,
        tiers=tiers([person]),
        channel="cash",
        amount_fen=TIER_1,
        policy_name=POLICY,
        on=IN_TIME,
        key=f"collect-{person.pk}",
        at=at(IN_TIME),
    )


def deposit(clerk: Actor, fen: int, slip: str) -> Json:
    common: Json = {"year": YEAR, "on": IN_TIME, "key": slip, "at": at(IN_TIME)}
    return deposit_cash(clerk, amount_fen=fen, slip_number=slip, **common)


def declare(clerk: Actor, key: str) -> Json:
    return declare_cash(clerk, year=YEAR, on=IN_TIME, key=key, at=at(IN_TIME))


def test_a_towns_clerk_deposits_declares_and_clears_the_cash_of_two_villages(cast: Cast) -> None:
    clerk = cast.town_clerk
    give_town_book(clerk)
    for village in (VILLAGE, NEXT_VILLAGE, NEXT_VILLAGE):
        collect(clerk, village)
    assert deposit(clerk, 3 * TIER_1, "S1")["in_hand_fen"] == 0
    assert holds(cast)  # no place of money below nothing
    declared = declare(clerk, "declare")
    assert (declared["persons"], declared["amount_fen"]) == (3, 3 * TIER_1)
    assert holds(cast)
    clear_declaration(
        cast.tax, declaration_id=declared["declaration"], policy_name=POLICY, on=IN_TIME, key="clear", at=at(IN_TIME)
    )
    assert holds(cast)
    in_treasury = by_division(WHOLE_TOWN, year=YEAR, kind=AccountKind.TREASURY)
    assert in_treasury == {VILLAGE: TIER_1, NEXT_VILLAGE: 2 * TIER_1}
    check = money_check(cast.next_agent, year=YEAR)  # a village's own books are whole by themselves
    assert (check.collected, check.in_hand, check.treasury, check.holds) == (2 * TIER_1, 0, 2 * TIER_1, True)


def test_what_is_deposited_in_part_is_declared_in_part(cast: Cast) -> None:
    clerk = cast.town_clerk
    give_town_book(clerk)
    for village in (VILLAGE, NEXT_VILLAGE):
        collect(clerk, village)
    assert deposit(clerk, TIER_1 + 1, "S1")["in_hand_fen"] == TIER_1 - 1
    assert declare(clerk, "first")["persons"] == 1
    assert deposit(clerk, TIER_1 - 1, "S2")["in_hand_fen"] == 0
    assert declare(clerk, "second")["persons"] == 1
    held = held_by(WHOLE_TOWN, year=YEAR, kind=AccountKind.AGREEMENT, holder=str(clerk.user_id))
    assert held == {VILLAGE: 0, NEXT_VILLAGE: 0}
    assert holds(cast)
