"""`verify` finds what is broken: each proof is broken on purpose and must name the record."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Model

from tests.journeys.cast import IN_TIME, NEXT_VILLAGE, POLICY, TIER_1, YEAR, Cast, at, family, household, mark, tiers
from tests.journeys.institutions import STUDENT_1, bill, bring_in, campus, students, transfer
from tests.journeys.kept import keep_for_nobody
from yingbao.collection.models import (
    Declaration,
    DeclarationLine,
    Deposit,
    Due,
    HandOver,
    KeptMoney,
    Payment,
    PaymentLine,
    PaymentOrder,
    Receipt,
    ReceiptBook,
    Refund,
)
from yingbao.collection.orders.operations import open_order
from yingbao.coverage.models import CoveragePeriod
from yingbao.enrolment.models import Enrolment
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.models import Account, Transfer
from yingbao.ledger.operations import Move, Place, post
from yingbao.registry.models import CoveredElsewhere, Household, Identity, ImportedFile, Resident
from yingbao.settlement.models import SettlementLine
from yingbao.storage.append_only import set_aside
from yingbao.storage.fields import Json
from yingbao.usecases import places
from yingbao.usecases.count_cash import accept_hand_over, count_cash
from yingbao.usecases.declare import declare_cash
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.extract_settlement import extract_settlement
from yingbao.usecases.verify import verify

VILLAGE = 500155113001


def take_money(cast: Cast) -> None:
    """One household pays cash, one person with a subsidy pays by WeChat and is billed."""
    members, (poor,) = family(), household(date(1950, 1, 1))
    mark(poor, "dibao", cast)
    common: Json = {"policy_name": POLICY, "on": IN_TIME, "at": at(IN_TIME)}
    enrol_and_pay(
        cast.village_agent,
        household_id=members[0].household_id,
        tiers=tiers(members),
        channel="cash",
        amount_fen=4 * TIER_1,
        key="cash",
        **common,
    )
    enrol_and_pay(
        cast.wechat,
        household_id=poor.household_id,
        tiers=tiers([poor]),
        channel="wechat",
        amount_fen=3_500,
        key="online",
        **common,
    )
    extract_settlement(
        cast.tax,
        policy_name=POLICY,
        begin_on=IN_TIME,
        end_on=IN_TIME + timedelta(days=1),
        key="extract",
        at=at(IN_TIME),
    )


def smuggle(cast: Cast, debit: Place, credit: Place) -> None:
    move = Move(debit, credit, 1_00)
    post([move], on=IN_TIME, at=at(IN_TIME), user_id=cast.bureau.user_id, source=("smuggled", 0))


def smuggle_abroad(cast: Cast) -> None:
    smuggle(cast, places.treasury(NEXT_VILLAGE, YEAR), places.treasury(VILLAGE, YEAR))


def overdraw(cast: Cast) -> None:
    agent = cast.next_agent.user_id
    smuggle(cast, places.agreement(agent, NEXT_VILLAGE, YEAR), places.agent_cash(agent, NEXT_VILLAGE, YEAR))


def orphan_money(cast: Cast) -> None:
    smuggle(cast, Place(AccountKind.AGENT_CASH, VILLAGE, YEAR), places.treasury(VILLAGE, YEAR))


def raise_a_departments_due(cast: Cast) -> None:
    smuggle(cast, places.department_due("health", VILLAGE, YEAR), places.contribution(VILLAGE, YEAR))


def raise_the_fiscal_due(cast: Cast) -> None:
    smuggle(cast, places.fiscal_due(VILLAGE, YEAR), places.contribution(VILLAGE, YEAR))


def raise_a_residents_due(cast: Cast) -> None:
    smuggle(cast, places.resident_due(VILLAGE, YEAR), places.contribution(VILLAGE, YEAR))


def owe_back_too_much(cast: Cast) -> None:
    smuggle(cast, places.contribution(VILLAGE, YEAR), places.refund_payable(VILLAGE, YEAR))


def go_back(cast: Cast, *, amount_fen: int) -> None:
    line = PaymentLine.objects.filter(payment__channel="cash")[0]
    Refund.objects.create(
        case=uuid.uuid4(),
        line=line,
        division_id=VILLAGE,
        year=YEAR,
        amount_fen=amount_fen,
        reason="employee",
        asked_by_id=cast.village_agent.user_id,
        asked_at=at(IN_TIME),
    )


def end_without_refund() -> None:
    Due.objects.filter(pk=Due.objects.filter(state="collected")[0].pk).update(state="cancelled")


def cleared() -> Due:
    return Due.objects.get(state="cleared")


def overlap_an_identity(cast: Cast) -> None:
    held = Identity.objects.get()
    mark(held.resident, held.code, cast, begin_on=date(2022, 2, 1), end_on=date(2022, 3, 1))


def overlap_elsewhere(cast: Cast) -> None:
    for month in (1, 2):
        CoveredElsewhere.objects.create(
            resident_id=Resident.objects.values_list("pk", flat=True)[0],
            kind="army",
            begin_on=date(2022, month, 1),
            end_on=date(2022, 6, 1),
        )


def an_order_of_too_much(cast: Cast) -> None:
    due = Due.objects.filter(amount_fen=TIER_1)[0]
    order = open_order(
        [(due, due.amount_fen)],
        household_id=due.enrolment.resident.household_id,
        year=YEAR,
        opened_by_id=cast.village_agent.user_id,
        at=at(IN_TIME),
        expires_at=at(IN_TIME, 11),
    )
    PaymentOrder.objects.filter(pk=order.pk).update(amount_fen=TIER_1 + 1)


def note_ones_own_bill(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(1))
    transfer(cast.tax, bill(school)["order"], STUDENT_1)
    PaymentOrder.objects.update(opened_by=cast.tax.user_id, noted_by=None)


def accept_ones_own_roster(cast: Cast) -> None:
    roster = cast.roster
    roster.state, roster.decided_by_id, roster.decided_at = "accepted", roster.uploaded_by_id, roster.uploaded_at
    roster.save()


def misplace_a_household(cast: Cast) -> None:
    school = campus()
    Household.objects.filter(institution=school.institution).update(division_id=NEXT_VILLAGE)


def accept_ones_own_list(cast: Cast) -> None:
    accept_ones_own_roster(cast)
    ImportedFile.objects.update(kind="members")


def falsify(model: type[Model], wanted: Json, **values: object) -> None:
    """Change what only grows, as one would who owns the database."""
    connection.check_constraints()  # a table cannot be altered while some of it waits for the commit
    with set_aside(model._meta.db_table):
        model._default_manager.filter(**wanted).update(**values)
        connection.check_constraints()


def bring_and_send(cast: Cast) -> bool:
    """Deposit the household's cash and declare it."""
    agent = cast.village_agent
    terms: Json = {"year": YEAR, "on": IN_TIME, "at": at(IN_TIME)}
    deposit_cash(agent, amount_fen=4 * TIER_1, slip_number="S", key="bring", **terms)
    declare_cash(agent, key="send", **terms)
    return True


def hand_over_to_the_clerk(cast: Cast) -> bool:
    """Let the town's clerk take the household's cash over."""
    told = count_cash(
        cast.village_agent,
        pieces={100_00: 14},
        note="",
        taken_by="town-clerk",
        year=YEAR,
        key="count",
        at=at(IN_TIME, 12),
    )
    accept_hand_over(cast.town_clerk, count_id=told["count"], key="take", at=at(IN_TIME, 13))
    return True


def lose_cash(cast: Cast) -> None:
    """A fen of what was collected goes to the treasury past every declaration."""
    agent = cast.village_agent.user_id
    smuggle(cast, places.treasury(VILLAGE, YEAR), places.agent_cash(agent, VILLAGE, YEAR))


BREAKS: dict[str, Callable[[Cast], object]] = {
    "own-books": smuggle_abroad,
    "books-balance": smuggle_abroad,
    "no-negative": overdraw,
    "somebodys-money": orphan_money,
    "payments-posted": lambda _: falsify(Payment, {"channel": "cash"}, amount_fen=1),
    "lines-add-up": lambda _: falsify(PaymentLine, {"payment__channel": "wechat"}, amount_fen=1),
    "unpaid-posted": raise_a_residents_due,
    "cleared-has-money": lambda _: falsify(PaymentLine, {"payment__channel": "wechat"}, kind="surplus"),
    "refunds": owe_back_too_much,
    "kept-money": lambda cast: keep_for_nobody(cast) and KeptMoney.objects.update(amount_fen=1),
    "refund-lines": lambda cast: go_back(cast, amount_fen=TIER_1 + 1),
    "cancelled-refunded": lambda _: end_without_refund(),
    "receipts": lambda _: Receipt.objects.all().delete(),
    "orders": an_order_of_too_much,
    "transfers-by-two": note_ones_own_bill,
    "everybody-owes": lambda _: Due.objects.filter(pk=cleared().pk).update(state="cancelled"),
    "receipt-runs": lambda cast: ReceiptBook.objects.filter(agent=cast.next_agent.user_id).update(last=200),
    "books-written-off": lambda cast: ReceiptBook.objects.filter(agent=cast.next_agent.user_id).update(
        state="written-off"
    ),
    "due-is-decision": lambda _: Due.objects.filter(pk=cleared().pk).update(amount_fen=1),
    "locked-when-cleared": lambda _: Enrolment.objects.filter(due=cleared()).update(locked_on=None),
    "department-due": raise_a_departments_due,
    "fiscal-due": raise_the_fiscal_due,
    "coverage": lambda _: CoveragePeriod.objects.all().delete(),
    "settlement-lists": lambda _: SettlementLine.objects.update(amount_fen=1),
    "one-head": lambda _: Resident.objects.filter(relation="head").update(relation="other"),
    "own-village": lambda _: Resident.objects.update(division_id=NEXT_VILLAGE),
    "here-or-gone": lambda _: Resident.objects.update(state="dead"),
    "identity-periods": overlap_an_identity,
    "elsewhere-periods": overlap_elsewhere,
    "rosters-by-two": accept_ones_own_roster,
    "collective-households": misplace_a_household,
    "institutions-by-two": accept_ones_own_list,
    "eligibility-reviewed": lambda _: Resident.objects.update(eligibility="pending"),
    "deposits-posted": lambda cast: bring_and_send(cast) and Deposit.objects.update(amount_fen=1),
    "hand-overs-posted": lambda cast: hand_over_to_the_clerk(cast) and HandOver.objects.update(moved_fen=1),
    "collected-is-there": lose_cash,
    "declared-posted": lambda cast: bring_and_send(cast) and DeclarationLine.objects.update(amount_fen=1),
    "declared-in-step": lambda cast: (
        bring_and_send(cast) and Due.objects.filter(state="declared").update(state="collected")
    ),
    "declarations-add-up": lambda cast: bring_and_send(cast) and Declaration.objects.update(persons=9),
}


def broken(cast: Cast) -> dict[str, list[int]]:
    return {check.name: check.broken for check in verify(cast.auditor, year=YEAR) if not check.holds}


def test_a_days_work_breaks_nothing(cast: Cast) -> None:
    take_money(cast)
    assert broken(cast) == {}


def test_there_is_a_break_for_every_proof(cast: Cast) -> None:
    assert [check.name for check in verify(cast.auditor, year=YEAR)] == list(BREAKS)


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found_and_named(cast: Cast, name: str) -> None:
    take_money(cast)
    BREAKS[name](cast)
    assert broken(cast).get(name)


def test_accounts_and_transfers_are_what_the_breaks_broke(cast: Cast) -> None:
    """The breaks go through the ledger's own door: nothing can be changed or deleted in it (see test_storage)."""
    take_money(cast)
    before = Transfer.objects.count(), Account.objects.count()
    smuggle_abroad(cast)
    assert Transfer.objects.count() == before[0] + 1
