"""An institution pays for its people in one sum: bill, transfer, clearing, and what does not match (BN-3.2.2)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.journeys.cast import POLICY, YEAR, Cast, at, mark
from tests.journeys.institutions import (
    IN_TERM,
    STUDENT_1,
    Campus,
    accept,
    bill,
    bring_in,
    campus,
    check,
    dues_of,
    student,
    students,
    transfer,
)
from tests.journeys.test_institution_lists import register, whole
from yingbao.accounts.actors import Actor
from yingbao.collection.institutional import queries as institutional
from yingbao.collection.models import Due, KeptMoney, Payment, PaymentLine, PaymentOrder
from yingbao.coverage.models import CoveragePeriod
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.kernel.periods import DAY
from yingbao.ledger.queries import money_check
from yingbao.registry.models import Resident
from yingbao.usecases.bill_institution import close_bill, open_bill
from yingbao.usecases.manage_institutions import register_members_on_platform
from yingbao.usecases.note_transfer import Arrived, note_transfer
from yingbao.usecases.receive_payment import receive_payment
from yingbao.worklist.models import WorkItem


def states(school: Campus) -> dict[str, int]:
    sums = institutional.totals(school.institution, year=YEAR, at=at(IN_TERM))
    return {state: part.persons for state, part in sums.items() if part.persons}


def pay_online(cast: Cast, due: Due, *, on: date = IN_TERM) -> None:
    receive_payment(
        cast.wechat,
        household_id=due.enrolment.resident.household_id,
        due_ids=[due.pk],
        channel="wechat",
        amount_fen=due.amount_fen,
        policy_name=POLICY,
        collected_on=on,
        key=f"wechat-{due.pk}",
        at=at(on),
    )


@pytest.mark.clause("BN-3.2.2")
@pytest.mark.clause("PJ-7.4")
def test_the_exact_amount_clears_everybody_with_cover_of_the_academic_year(cast: Cast) -> None:
    school = campus()
    bring_in(school, [*students(3), student(4, graduating="是")])
    drawn = bill(school)
    assert (drawn["persons"], drawn["amount_fen"]) == (4, 4 * STUDENT_1)
    answer = transfer(cast.tax, drawn["order"], 4 * STUDENT_1)
    assert (answer["cleared"], answer["surplus_fen"], answer["matched"]) == (4, 0, True)
    payment = Payment.objects.get()
    assert (payment.channel, payment.reference, payment.household_id) == (
        "transfer",
        "B1",
        school.institution.household_id,
    )
    periods = list(CoveragePeriod.objects.order_by("enrolment_id").values_list("begin_on", "end_on"))
    assert periods == [(date(2022, 9, 1), date(2023, 9, 1))] * 3 + [(date(2022, 9, 1), date(2024, 1, 1))]
    assert PaymentOrder.objects.get().payment == payment
    assert money_check(cast.auditor, year=YEAR).treasury == 4 * STUDENT_1
    assert states(school) == {"cleared": 4}
    whole(cast)


def test_people_of_other_households_are_paid_for_in_the_same_payment(cast: Cast) -> None:
    school = campus()
    villager = register(student(1))
    bring_in(school, students(2))
    drawn = bill(school)
    transfer(cast.town_clerk, drawn["order"], 2 * STUDENT_1)
    assert PaymentLine.objects.filter(resident=villager, payment__household=school.institution.household).exists()
    whole(cast)


def test_another_amount_is_kept_whole_and_becomes_work(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(3))
    drawn = bill(school)
    answer = transfer(cast.tax, drawn["order"], 2 * STUDENT_1, looked_again=True)
    assert (answer["matched"], answer["surplus_fen"], answer["cleared"]) == (False, 2 * STUDENT_1, 0)
    item = WorkItem.objects.get()
    assert (item.kind, item.subject_kind, item.subject_id) == ("order-unmatched", "kept-money", answer["kept"])
    kept = KeptMoney.objects.get()
    assert (kept.channel, kept.reference, kept.order_id, kept.noted_by_id) == (
        *("transfer", "B1"),
        *(drawn["order"], cast.tax.user_id),
    )
    assert not PaymentLine.objects.exists()  # it is none of the students'
    assert PaymentOrder.objects.get().state == "open"
    assert money_check(cast.auditor, year=YEAR).refund_payable == 2 * STUDENT_1
    whole(cast)
    # The right sum may still come.
    assert transfer(cast.tax, drawn["order"], 3 * STUDENT_1, reference="B2")["cleared"] == 3
    whole(cast)


def test_who_paid_otherwise_meanwhile_is_found_and_the_rest_clears(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(3))
    drawn = bill(school)
    pay_online(cast, dues_of(school)[1])
    answer = transfer(cast.tax, drawn["order"], 3 * STUDENT_1)
    assert (answer["cleared"], answer["surplus_fen"], answer["matched"]) == (2, STUDENT_1, True)
    (line,) = PaymentLine.objects.filter(kind="surplus")
    assert line.resident_id == dues_of(school)[1].enrolment.resident_id
    assert [item.kind for item in WorkItem.objects.all()] == ["duplicate-payment"]
    assert {due.state for due in dues_of(school)} == {"cleared"}
    whole(cast)


def test_a_second_transfer_for_a_paid_bill_is_kept(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(2))
    drawn = bill(school)
    transfer(cast.tax, drawn["order"], 2 * STUDENT_1)
    with pytest.raises(Refused, match="已经缴清，没有登记"):
        transfer(cast.tax, drawn["order"], 2 * STUDENT_1, reference="B2", key="in-haste")
    answer = transfer(cast.tax, drawn["order"], 2 * STUDENT_1, reference="B2", looked_again=True)
    assert (answer["matched"], answer["surplus_fen"]) == (False, 2 * STUDENT_1)
    whole(cast)


def test_one_reference_is_one_transfer(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(2))
    drawn = bill(school)
    first = transfer(cast.tax, drawn["order"], 2 * STUDENT_1)
    assert transfer(cast.tax, drawn["order"], 2 * STUDENT_1) == first  # the same request
    with pytest.raises(Refused, match="已经登记过"):
        transfer(cast.town_clerk, drawn["order"], 2 * STUDENT_1, key="another")
    assert Payment.objects.count() == 1


def test_a_bill_that_was_taken_back_is_still_paid_by_its_transfer(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(2))
    first = bill(school)
    close_bill(school.agent, order_id=first["order"], key="close", at=at(IN_TERM))
    second = bill(school, key="second")
    assert transfer(cast.tax, first["order"], 2 * STUDENT_1)["cleared"] == 2
    answer = transfer(cast.tax, second["order"], 2 * STUDENT_1, reference="B2")
    assert (answer["cleared"], answer["surplus_fen"]) == (0, 2 * STUDENT_1)
    whole(cast)
    with pytest.raises(Refused, match="缴清或作废"):
        close_bill(school.agent, order_id=first["order"], key="again", at=at(IN_TERM))


def test_only_some_may_be_paid_for_and_nobody_is_on_two_bills(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(4))
    ids = [due.pk for due in dues_of(school)]
    first = bill(school, due_ids=ids[:1])
    assert states(school) == {"billed": 1, "owed": 3}
    with pytest.raises(Refused, match="1人现在不能缴费"):
        bill(school, due_ids=ids[:2], key="overlap")
    rest = bill(school, key="rest")
    assert (first["amount_fen"], rest["persons"]) == (STUDENT_1, 3)
    with pytest.raises(Refused, match="没有待缴的人员"):
        bill(school, key="more")
    with pytest.raises(BadInput, match="没有选择任何人"):
        bill(school, due_ids=[], key="none")


def test_a_bill_that_nobody_paid_in_time_frees_its_people(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(1))
    bill(school)
    later = IN_TERM + 31 * DAY
    with pytest.raises(Refused):  # a month on, outside the students' sixty days and before the residents' season …
        bill(school, key="too-late", on=date(2022, 11, 2))
    assert bill(school, key="later", on=later)["persons"] == 1  # … within which it is their window too


@pytest.mark.clause("PJ-4.3")
def test_nobody_is_billed_before_the_town_has_registered_them_on_the_platform(cast: Cast) -> None:
    school = campus()
    bring_in(school, [student(1), student(2, on_platform=""), student(3, on_platform="否")])
    assert states(school) == {"owed": 1, "waiting": 2}
    with pytest.raises(Refused, match="2人现在不能缴费"):
        bill(school, due_ids=[due.pk for due in dues_of(school)])
    with pytest.raises(Forbidden):
        register_members_on_platform(school.agent, institution_id=school.id, year=YEAR, key="own", at=at(IN_TERM))
    done = register_members_on_platform(
        cast.town_clerk, institution_id=school.id, year=YEAR, key="platform", at=at(IN_TERM)
    )
    assert done == {"registered": 2, "elsewhere": 0}
    assert Resident.objects.filter(on_platform=False).count() == 0
    assert bill(school)["persons"] == 3


def test_payer_and_strangers_note_no_transfers(cast: Cast) -> None:
    school, other = campus("U1"), campus("U2")
    bring_in(school, students(1))
    drawn = bill(school)
    for actor in (school.agent, cast.village_agent, cast.auditor):
        with pytest.raises(Forbidden, match="只有区税务局、区医保局或镇街社保所"):
            transfer(actor, drawn["order"], STUDENT_1, key=f"x{actor.user_id}")
    with pytest.raises(NotFound):
        transfer(cast.outsider, drawn["order"], STUDENT_1, key="outsider")
    with pytest.raises(NotFound):
        close_bill(other.agent, order_id=drawn["order"], key="stranger", at=at(IN_TERM))
    with pytest.raises(NotFound):
        open_bill(other.agent, institution_id=school.id, policy_name=POLICY, key="s", at=at(IN_TERM))
    with pytest.raises(NotFound):
        bill(other, due_ids=[due.pk for due in dues_of(school)], key="theirs")
    assert Payment.objects.count() == 0


@pytest.mark.parametrize("who", ["second_clerk", "bureau", "tax"])
def test_who_drew_the_bill_up_does_not_say_that_it_is_paid(cast: Cast, who: str) -> None:
    """A clerk alone could say that hundreds of thousands have come, and nobody would look at the bank's statement."""
    school = campus()
    bring_in(school, students(2))
    drawn = open_bill(cast.town_clerk, institution_id=school.id, policy_name=POLICY, key="bill", at=at(IN_TERM))
    for fen, reference in ((2 * STUDENT_1, "B1"), (STUDENT_1, "B2")):  # nor that another amount has come
        with pytest.raises(Forbidden, match=r"您开的.*不能是同一人.*银行流水"):
            transfer(cast.town_clerk, drawn["order"], fen, reference=reference, key=f"own-{reference}")
    assert Payment.objects.count() == 0
    another: Actor = getattr(cast, who)
    assert transfer(another, drawn["order"], 2 * STUDENT_1)["cleared"] == 2
    order = PaymentOrder.objects.get()
    assert (order.opened_by_id, order.noted_by_id) == (cast.town_clerk.user_id, another.user_id)
    whole(cast)


def test_the_database_says_so_too(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(1))
    drawn = bill(school)
    transfer(cast.tax, drawn["order"], STUDENT_1)
    with pytest.raises(IntegrityError, match="collection_order_noted_by_another"), transaction.atomic():
        PaymentOrder.objects.update(noted_by=school.agent.user_id)


def test_days_and_amounts_that_cannot_be_are_refused(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(1))
    drawn = bill(school)
    for fen, on, reference in (
        (0, IN_TERM, "B1"),
        (STUDENT_1, IN_TERM + DAY, "B1"),
        (STUDENT_1, IN_TERM - DAY, "B1"),
        (STUDENT_1, IN_TERM, ""),
    ):
        with pytest.raises(BadInput):
            note_transfer(
                cast.tax,
                order_id=drawn["order"],
                arrived=Arrived(fen, on, reference),
                policy_name=POLICY,
                key="bad",
                at=at(IN_TERM),
            )


def test_money_that_comes_when_it_costs_more_is_kept_short(cast: Cast) -> None:
    """After 30 June the person bears the fiscal part too (PJ-7.2e): what was billed in June is not enough in July."""
    school = campus()
    june = date(2023, 6, 20)
    bring_in(school, [student(1, graduating="是"), student(2, graduating="是")], on=june)  # the others get no cover
    drawn = bill(school, on=june)
    answer = transfer(cast.tax, drawn["order"], drawn["amount_fen"], on=date(2023, 7, 3))
    assert (answer["cleared"], answer["short"]) == (0, 2)
    assert {due.state for due in dues_of(school)} == {"short"}


def test_a_subsidy_that_came_in_on_the_way_is_owed_back(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(2))
    drawn = bill(school)
    mark(dues_of(school)[0].enrolment.resident, "dibao", cast)
    answer = transfer(cast.tax, drawn["order"], 2 * STUDENT_1)
    assert answer["cleared"] == 2
    assert money_check(cast.auditor, year=YEAR).refund_payable > 0
    whole(cast)


def test_statements_stay_as_many_for_two_hundred_people_as_for_ten(cast: Cast) -> None:
    counts: list[int] = []
    for code, size in (("U1", 10), ("U2", 200)):
        school = campus(code)
        rows = [student(order + len(counts) * 300) for order in range(size)]
        with CaptureQueriesContext(connection) as queries:
            checked = check(school, rows, key=f"check-{code}")
            accept(school, checked["file_id"])
            drawn = bill(school, key=f"bill-{code}")
            transfer(cast.tax, drawn["order"], drawn["amount_fen"], reference=code)
        counts.append(len(queries))
    few, many = counts
    assert many <= few + 4
