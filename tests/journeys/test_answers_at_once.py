"""Two at once, and half-way: answers by file and by hand, declaring meanwhile, cash handed over. Both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, transaction

from tests.journeys.cast import POLICY, TIER_1, YEAR, Cast, at, family, household, people_the_town
from tests.journeys.declaring_cast import (
    FRIDAY,
    TUESDAY,
    WEDNESDAY,
    accepted,
    batch_of,
    bring,
    check,
    lines_of,
    refused,
    result_file,
    send,
    take_cash,
)
from tests.journeys.test_at_once import _breaking_after, _Broken, at_once, whole
from yingbao.accounts.actors import Actor
from yingbao.accounts.operations import add_user
from yingbao.accounts.queries import actor_named
from yingbao.accounts.roles import Role
from yingbao.collection.models import Declaration, DeclarationLine, Deposit, HandOver
from yingbao.kernel.errors import NotFound, Refused
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.models import Transfer
from yingbao.ledger.queries import balance_of
from yingbao.storage.fields import Json
from yingbao.usecases.count_cash import accept_hand_over, count_cash
from yingbao.usecases.declare import clear_declaration, declare_cash
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.import_results import accept_result
from yingbao.usecases.refuse_line import refuse_line
from yingbao.worklist.models import WorkItem

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[[], Json]


@pytest.fixture
def cast() -> Cast:
    return people_the_town()


@pytest.fixture
def second_tax(cast: Cast) -> Actor:
    with transaction.atomic():
        add_user(username="second-tax", display_name="second-tax", role=Role.TAX, division_code=cast.tax.division_code)
    return actor_named("second-tax")


def letting_in(actor: Actor, file_id: int, key: str) -> Work:
    return lambda: accept_result(actor, file_id=file_id, key=key, at=at(WEDNESDAY))


def states(batch: int) -> list[str]:
    return [line.state for line in lines_of(batch)]


def test_two_officers_letting_in_different_files_on_the_same_lines_answer_each_line_once(
    cast: Cast, second_tax: Actor
) -> None:
    lines = batch_of(cast, 3)
    one = check(cast, result_file(*map(accepted, lines)))["file_id"]
    other = check(cast, result_file(*map(refused, lines), name="b.xlsx"))["file_id"]
    first, second = at_once(letting_in(cast.tax, one, "one"), letting_in(second_tax, other, "two"))
    assert isinstance(first, dict) and isinstance(second, dict)
    assert sorted([first["good_rows"], second["good_rows"]]) == [0, 3]
    assert len(set(states(lines[0].declaration_id))) == 1
    whole(cast)


def test_one_file_let_in_from_two_windows_comes_in_once(cast: Cast, second_tax: Actor) -> None:
    lines = batch_of(cast, 2)
    file_id = check(cast, result_file(*map(accepted, lines)))["file_id"]
    outcomes = at_once(letting_in(cast.tax, file_id, "one"), letting_in(second_tax, file_id, "two"))
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert Declaration.objects.get().cleared_on == TUESDAY
    whole(cast)


def test_a_file_and_a_hand_on_one_batch_leave_every_line_with_one_answer(cast: Cast, second_tax: Actor) -> None:
    lines = batch_of(cast, 2)
    file_id = check(cast, result_file(*map(refused, lines)))["file_id"]

    def by_hand() -> Json:
        return clear_declaration(
            second_tax,
            declaration_id=lines[0].declaration_id,
            policy_name=POLICY,
            on=TUESDAY,
            key="hand",
            at=at(WEDNESDAY),
        )

    file, hand = at_once(letting_in(cast.tax, file_id, "file"), by_hand)
    assert isinstance(file, dict)
    wanted = ["accepted"] * 2 if isinstance(hand, dict) else ["refused"] * 2
    assert states(lines[0].declaration_id) == wanted
    assert isinstance(hand, dict | NotFound)
    whole(cast)


def test_declaring_beside_an_import_declares_nothing_twice(cast: Cast) -> None:
    lines = batch_of(cast, 2)
    take_cash(cast.village_agent, household(date(1990, 1, 1)))
    bring(cast.village_agent, TIER_1)
    file_id = check(cast, result_file(*map(refused, lines)))["file_id"]

    def declaring() -> Json:
        return declare_cash(cast.village_agent, year=YEAR, on=WEDNESDAY, key="again", at=at(WEDNESDAY))

    file, declared = at_once(letting_in(cast.tax, file_id, "file"), declaring)
    assert isinstance(file, dict) and file["refused"] == 2
    assert isinstance(declared, dict) and declared["persons"] in (1, 3)  # the refused ones too, or not yet
    standing = DeclarationLine.objects.exclude(state="refused").values_list("payment_line_id", flat=True)
    assert len(standing) == len(set(standing))
    whole(cast)


def test_two_refusals_of_one_line_are_one(cast: Cast, second_tax: Actor) -> None:
    (line,) = batch_of(cast, 1)

    def refusing(actor: Actor) -> Work:
        common: Json = {"line_id": line.pk, "reason": "重名", "policy_name": POLICY, "on": TUESDAY}
        return lambda: refuse_line(actor, key=actor.name, at=at(TUESDAY), **common)

    outcomes = at_once(refusing(cast.tax), refusing(second_tax))
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert WorkItem.objects.count() == 1
    whole(cast)


def in_hand(actor: Actor) -> int:
    return balance_of(actor.scope, year=YEAR, kind=AccountKind.AGENT_CASH, holder=str(actor.user_id))


def test_cash_that_is_deposited_and_handed_over_at_once_goes_one_way(cast: Cast) -> None:
    agent = cast.village_agent
    take_cash(agent, family())
    told = count_cash(
        agent, pieces={100_00: 14}, note="", taken_by="town-clerk", year=YEAR, key="count", at=at(FRIDAY, 12)
    )

    def depositing() -> Json:
        return deposit_cash(
            agent, amount_fen=4 * TIER_1, slip_number="S", year=YEAR, on=FRIDAY, key="bring", at=at(FRIDAY, 13)
        )

    def taking() -> Json:
        return accept_hand_over(cast.town_clerk, count_id=told["count"], key="take", at=at(FRIDAY, 13))

    outcomes = at_once(depositing, taking)
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert in_hand(agent) == 0
    assert (Deposit.objects.count(), in_hand(cast.town_clerk)) in [(1, 0), (0, 4 * TIER_1)]
    whole(cast)


def test_taker_and_giver_declaring_at_once_declare_every_receipt_once(cast: Cast) -> None:
    agent, clerk = cast.village_agent, cast.town_clerk
    take_cash(agent, family())
    bring(agent, 2 * TIER_1, hour=11)
    told = count_cash(
        agent, pieces={100_00: 7}, note="", taken_by="town-clerk", year=YEAR, key="count", at=at(FRIDAY, 12)
    )
    accept_hand_over(clerk, count_id=told["count"], key="take", at=at(FRIDAY, 13))
    bring(clerk, 2 * TIER_1)

    def declaring(actor: Actor) -> Work:
        return lambda: declare_cash(actor, year=YEAR, on=TUESDAY, key=actor.name, at=at(TUESDAY))

    at_once(declaring(agent), declaring(clerk))
    assert DeclarationLine.objects.count() == 4
    whole(cast)


def test_a_failure_between_any_two_statements_of_an_import_leaves_nothing_behind(cast: Cast) -> None:
    lines = batch_of(cast, 2)
    file_id = check(cast, result_file(accepted(lines[0]), refused(lines[1])))["file_id"]
    before = Transfer.objects.count()
    for allowed in range(200):
        try:
            with connection.execute_wrapper(_breaking_after(allowed)):
                letting_in(cast.tax, file_id, "half-way")()
        except _Broken:
            assert states(lines[0].declaration_id) == ["sent", "sent"]
            assert (Transfer.objects.count(), WorkItem.objects.count()) == (before, 0)
            continue
        break
    assert allowed > 20
    assert states(lines[0].declaration_id) == ["accepted", "refused"]
    whole(cast)


def test_a_failure_between_any_two_statements_of_a_hand_over_leaves_the_cash_where_it_was(cast: Cast) -> None:
    take_cash(cast.village_agent, family())
    told = count_cash(
        cast.village_agent, pieces={100_00: 14}, note="", taken_by="town-clerk", year=YEAR, key="count", at=at(FRIDAY)
    )
    for allowed in range(100):
        try:
            with connection.execute_wrapper(_breaking_after(allowed)):
                accept_hand_over(cast.town_clerk, count_id=told["count"], key="half-way", at=at(FRIDAY, 13))
        except _Broken:
            assert (in_hand(cast.village_agent), in_hand(cast.town_clerk)) == (4 * TIER_1, 0)
            assert HandOver.objects.get().accepted_at is None
            continue
        break
    assert allowed > 8
    assert (in_hand(cast.village_agent), in_hand(cast.town_clerk)) == (0, 4 * TIER_1)
    whole(cast)


def test_a_failure_between_any_two_statements_of_a_declaration_leaves_nothing_declared(cast: Cast) -> None:
    take_cash(cast.village_agent, family())
    bring(cast.village_agent, 4 * TIER_1)
    for allowed in range(100):
        try:
            with connection.execute_wrapper(_breaking_after(allowed)):
                declare_cash(cast.village_agent, year=YEAR, on=TUESDAY, key="half-way", at=at(TUESDAY))
        except _Broken:
            assert (Declaration.objects.count(), DeclarationLine.objects.count()) == (0, 0)
            continue
        break
    assert allowed > 8
    with pytest.raises(Refused):
        send(cast.village_agent, on=TUESDAY)
    whole(cast)
