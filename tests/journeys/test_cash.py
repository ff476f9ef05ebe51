"""Cash on its way: in hand, deposited, declared, cleared; and who is late (BN-4.3.3d)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.journeys.cast import POLICY, TIER_1, YEAR, Cast, at, family, household, mark, tiers
from tests.journeys.test_receiving import holds
from yingbao.collection.models import Due, Payment
from yingbao.coverage.models import CoveragePeriod
from yingbao.kernel.errors import Forbidden, NotFound, Refused
from yingbao.ledger.queries import money_check, trial_balance
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.declare import clear_declaration, declare_cash, declare_zero
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.print_receipts import print_receipt
from yingbao.usecases.watch_custody import watch_custody
from yingbao.worklist.models import WorkItem

FRIDAY = date(2022, 12, 2)
MONDAY, TUESDAY, WEDNESDAY = (FRIDAY + timedelta(days=n) for n in (3, 4, 5))


def collect(cast: Cast, members: list[Resident], *, on: date = FRIDAY) -> None:
    enrol_and_pay(
        cast.village_agent,
        household_id=members[0].household_id,
        tiers=tiers(members),
        channel="cash",
        amount_fen=len(members) * TIER_1,
        policy_name=POLICY,
        on=on,
        key=f"collect-{members[0].pk}",
        at=at(on),
    )


def deposit(cast: Cast, fen: int, *, on: date = FRIDAY, slip: str = "S1") -> Json:
    return deposit_cash(
        cast.village_agent,
        amount_fen=fen,
        slip_number=slip,
        year=YEAR,
        on=on,
        key=f"deposit-{slip}-{fen}",
        at=at(on, 18),
    )


def declare(cast: Cast, *, on: date = MONDAY, key: str = "declare") -> Json:
    return declare_cash(cast.village_agent, year=YEAR, on=on, key=key, at=at(on))


@pytest.mark.clause("BN-4.3.3d")
def test_the_whole_way_of_a_days_cash(cast: Cast) -> None:
    collect(cast, family())
    assert deposit(cast, 4 * TIER_1)["in_hand_fen"] == 0
    declared = declare(cast)
    assert (declared["persons"], declared["amount_fen"]) == (4, 4 * TIER_1)
    clear_declaration(
        cast.tax, declaration_id=declared["declaration"], policy_name=POLICY, on=TUESDAY, key="clear", at=at(TUESDAY)
    )
    due = Due.objects.first()
    assert due is not None
    assert (due.collected_on, due.declared_on, due.cleared_on) == (FRIDAY, MONDAY, TUESDAY)
    check = money_check(cast.auditor, year=YEAR)
    assert (check.cash, check.deposited, check.declared, check.treasury) == (4 * TIER_1,) * 4
    assert holds(cast)


def test_coverage_follows_the_clearing_date_not_the_collection(cast: Cast) -> None:
    """Collected on 28 February, cleared on 2 March: 90 full days instead of the first of next month."""
    collected, cleared = date(2023, 2, 28), date(2023, 3, 2)
    collect(cast, household(date(1990, 1, 1)), on=collected)
    deposit(cast, TIER_1, on=collected)
    declared = declare(cast, on=collected)
    clear_declaration(
        cast.tax, declaration_id=declared["declaration"], policy_name=POLICY, on=cleared, key="clear", at=at(cleared)
    )
    assert CoveragePeriod.objects.get().begin_on == cleared + timedelta(days=91)


def test_a_deadline_passed_on_the_way_leaves_the_due_short_and_somebody_to_see_to_it(cast: Cast) -> None:
    collected, cleared = date(2023, 6, 30), date(2023, 7, 3)
    collect(cast, household(date(1990, 1, 1)), on=collected)
    deposit(cast, TIER_1, on=collected)
    declared = declare(cast, on=collected)
    answer = clear_declaration(
        cast.tax, declaration_id=declared["declaration"], policy_name=POLICY, on=cleared, key="clear", at=at(cleared)
    )
    assert answer == {"cleared": 0, "short": 1}
    item = WorkItem.objects.get()
    assert (item.kind, item.detail["owed_fen"]) == ("paid-too-little", 96_000)
    assert CoveragePeriod.objects.count() == 0
    assert holds(cast)


def test_an_identity_that_came_in_on_the_way_clears_and_what_was_paid_too_much_is_owed_back(cast: Cast) -> None:
    (person,) = household(date(1950, 1, 1))
    collect(cast, [person])
    deposit(cast, TIER_1)
    declared = declare(cast)
    mark(person, "dibao", cast, begin_on=MONDAY)
    answer = clear_declaration(
        cast.tax, declaration_id=declared["declaration"], policy_name=POLICY, on=TUESDAY, key="clear", at=at(TUESDAY)
    )
    assert answer == {"cleared": 1, "short": 0}
    assert list(Due.objects.values_list("state", "amount_fen")) == [("cleared", 3_500)]
    assert CoveragePeriod.objects.get().begin_on == date(2023, 1, 1)
    item = WorkItem.objects.get()
    assert (item.kind, item.detail["collected_fen"], item.detail["owed_fen"]) == ("paid-too-much", TIER_1, 3_500)
    balance = trial_balance(cast.auditor, year=YEAR)
    assert (balance["treasury"], balance["refund-payable"]) == (TIER_1, -31_500)
    assert (balance["department-due"], balance["declared"], sum(balance.values())) == (31_500, 0, 0)
    assert holds(cast)
    payment = Payment.objects.get()
    assert print_receipt(cast.village_agent, payment_id=payment.pk).startswith(b"%PDF")


def test_an_agent_cannot_deposit_more_than_is_in_hand(cast: Cast) -> None:
    collect(cast, family())
    with pytest.raises(Refused, match=r"1,400\.00.*1,400\.01"):
        deposit(cast, 4 * TIER_1 + 1)
    deposit(cast, TIER_1)
    with pytest.raises(Refused):
        deposit(cast, 3 * TIER_1)  # the slip number was used
    assert money_check(cast.auditor, year=YEAR).in_hand == 3 * TIER_1
    assert holds(cast)


def test_only_deposited_cash_is_declared_oldest_first(cast: Cast) -> None:
    collect(cast, family())
    collect(cast, household(date(1991, 1, 1)), on=MONDAY)
    deposit(cast, 4 * TIER_1)
    assert declare(cast)["persons"] == 4
    with pytest.raises(Refused, match="缴存"):
        declare(cast, key="again")


@pytest.mark.clause("PJ-5.2.2")
def test_who_owes_nothing_gets_a_zero_declaration_and_coverage(cast: Cast) -> None:
    (person,) = household(date(1950, 1, 1))
    mark(person, "extreme_poverty", cast)
    enrol_household(
        cast.town_clerk,
        household_id=person.household_id,
        tiers=tiers([person]),
        policy_name=POLICY,
        on=FRIDAY,
        key="enrol",
        at=at(FRIDAY),
    )
    declared = declare_zero(cast.town_clerk, year=YEAR, on=FRIDAY, key="zero", at=at(FRIDAY))
    assert (declared["persons"], declared["amount_fen"]) == (1, 0)
    clear_declaration(
        cast.tax, declaration_id=declared["declaration"], policy_name=POLICY, on=MONDAY, key="clear", at=at(MONDAY)
    )
    assert CoveragePeriod.objects.get().begin_on == date(2023, 1, 1)
    assert holds(cast)


def test_late_deposits_and_late_declarations_are_work_items_with_agent_and_amount(cast: Cast) -> None:
    collect(cast, family())
    assert watch_custody(cast.town_clerk, year=YEAR, on=FRIDAY, at=at(FRIDAY, 20)) == 1
    item = WorkItem.objects.get()
    assert (item.kind, item.subject_id, item.detail["fen"]) == (
        "late-deposit",
        cast.village_agent.user_id,
        4 * TIER_1,
    )
    deposit(cast, 4 * TIER_1)
    watch_custody(cast.town_clerk, year=YEAR, on=TUESDAY, at=at(TUESDAY, 20))
    assert WorkItem.objects.count() == 1  # two working days are Monday and Tuesday
    watch_custody(cast.town_clerk, year=YEAR, on=WEDNESDAY, at=at(WEDNESDAY, 20))
    watch_custody(cast.town_clerk, year=YEAR, on=WEDNESDAY, at=at(WEDNESDAY, 20))
    assert list(WorkItem.objects.values_list("kind", flat=True)) == ["late-deposit", "late-declaration"]


def test_an_agent_who_catches_up_has_no_open_item_and_the_record_stays(cast: Cast) -> None:
    collect(cast, family())
    watch_custody(cast.town_clerk, year=YEAR, on=FRIDAY, at=at(FRIDAY, 20))
    deposit(cast, 4 * TIER_1, on=MONDAY)
    watch_custody(cast.town_clerk, year=YEAR, on=MONDAY, at=at(MONDAY, 20))
    item = WorkItem.objects.get()
    assert (item.closed_reason, item.closed_by_id) == ("已补缴存", cast.town_clerk.user_id)
    collect(cast, household(date(1992, 1, 1)), on=TUESDAY)
    watch_custody(cast.town_clerk, year=YEAR, on=TUESDAY, at=at(TUESDAY, 20))
    assert WorkItem.objects.filter(closed_at__isnull=True).get().detail["fen"] == TIER_1


def test_an_answer_is_taken_in_once_and_by_the_tax_officer(cast: Cast) -> None:
    collect(cast, family())
    deposit(cast, 4 * TIER_1)
    declaration = declare(cast)["declaration"]
    common: Json = {"declaration_id": declaration, "policy_name": POLICY, "on": TUESDAY, "at": at(TUESDAY)}
    with pytest.raises(Forbidden):
        clear_declaration(cast.village_agent, key="a", **common)
    assert clear_declaration(cast.tax, key="b", **common) == clear_declaration(cast.tax, key="b", **common)
    with pytest.raises(NotFound):
        clear_declaration(cast.tax, key="c", **common)
