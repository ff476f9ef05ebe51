"""Money a channel reports for nobody we know: in the books from the first moment, taken for somebody or sent back."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from tests.journeys.cast import (
    DISTRICT,
    IN_TIME,
    NEXT_VILLAGE,
    TIER_1,
    VILLAGE,
    YEAR,
    Cast,
    at,
    family,
    household,
)
from tests.journeys.kept import FOUND_ON, ask, back, keep_for_nobody, take, withdraw
from tests.journeys.test_at_once import _breaking_after, _Broken
from tests.journeys.test_channel_words import say
from tests.journeys.test_receiving import enrol, holds, pay
from yingbao.accounts.models import AuditEntry
from yingbao.accounts.operations import add_user
from yingbao.accounts.queries import actor_named
from yingbao.accounts.roles import Role
from yingbao.collection.keeping import queries
from yingbao.collection.models import Due, KeptMoney, Payment, PaymentLine
from yingbao.coverage.models import CoveragePeriod
from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, Refused
from yingbao.ledger.models import Transfer
from yingbao.ledger.operations import reverse
from yingbao.ledger.queries import MoneyCheck, by_division, money_check, trial_balance
from yingbao.usecases.close_work_item import close_work_item
from yingbao.worklist.models import WorkItem


def check(cast: Cast, *, on: date | None = None) -> MoneyCheck:
    return money_check(cast.bureau, year=YEAR, on=on)


def items() -> list[tuple[str, str, str]]:
    rows = WorkItem.objects.filter(subject_kind="kept-money").order_by("pk")
    return list(rows.values_list("kind", "owner__username", "closed_reason"))


def test_it_is_in_the_districts_books_with_its_channel_and_owed_back(cast: Cast) -> None:
    kept = keep_for_nobody(cast, fen=12_345)
    assert (kept.state, kept.division_id, kept.year, kept.amount_fen) == ("kept", DISTRICT, YEAR, 12_345)
    told = check(cast)
    assert (told.collected, told.in_channels, told.refund_payable, told.treasury) == (12_345, 12_345, 12_345, 0)
    assert by_division(cast.bureau.scope, year=YEAR, kind="refund-payable") == {DISTRICT: -12_345}
    assert items() == [("order-unmatched", "bureau", "")]
    assert queries.waiting(cast.bureau) == (1, 12_345)
    assert holds(cast)


def test_the_same_word_again_is_answered_the_same_before_and_after_it_is_settled(cast: Cast) -> None:
    number = "YB20221201AAAAAAAAAAAA"
    kept = keep_for_nobody(cast)
    first = say(cast, number, fen=TIER_1, reference="N1")
    assert KeptMoney.objects.count() == Transfer.objects.count() == 1
    (person,) = household(date(1990, 1, 1))
    enrol(cast, [person])
    take(cast.bureau, kept, [person])
    assert say(cast, number, fen=TIER_1, reference="N1") == first
    with pytest.raises(Conflict):
        say(cast, fen=TIER_1, reference="N1", people=(person.certificate_number,))
    assert Payment.objects.count() == 1
    assert holds(cast)


def test_whoever_is_found_has_paid_on_the_day_the_channel_took_it(cast: Cast) -> None:
    kept = keep_for_nobody(cast)
    (person,) = household(date(1990, 1, 1))
    enrol(cast, [person])
    answer = take(cast.bureau, kept, [person])
    payment, due = Payment.objects.get(), Due.objects.get()
    assert answer == {"payment": payment.pk, "paid": 1, "surplus_fen": 0}
    assert (payment.channel, payment.reference, payment.collected_on) == ("wechat", "N1", IN_TIME)
    assert (due.state, due.cleared_on, CoveragePeriod.objects.count()) == ("cleared", IN_TIME, 1)
    kept.refresh_from_db()
    assert (kept.state, kept.payment, kept.settled_by_id) == ("taken", payment, cast.bureau.user_id)
    assert items() == [("order-unmatched", "bureau", "已认领入账")]
    assert AuditEntry.objects.get(action="take-kept").subject_id == kept.pk
    assert holds(cast)


def test_what_was_taken_for_somebody_was_collected_once_and_paid_back_never_on_every_day(cast: Cast) -> None:
    kept = keep_for_nobody(cast)
    (person,) = household(date(1990, 1, 1))
    enrol(cast, [person])
    take(cast.bureau, kept, [person])
    for on in (IN_TIME, date(2022, 12, 5), FOUND_ON, None):
        told = check(cast, on=on)
        figures = (told.collected, told.treasury, told.in_channels, told.refunded, told.refund_payable)
        assert figures == (TIER_1, TIER_1, 0, 0, 0), on
        assert told.holds
    undone = Transfer.objects.exclude(reverses=None).get()
    first = Transfer.objects.get(source_kind="kept-money", reverses=None)
    assert (undone.debit_id, undone.credit_id) == (first.credit_id, first.debit_id)
    assert undone.on == IN_TIME
    assert by_division(cast.bureau.scope, year=YEAR, kind="treasury") == {VILLAGE: TIER_1}


def test_nothing_is_undone_twice(cast: Cast) -> None:
    kept = keep_for_nobody(cast)
    with transaction.atomic():
        reverse(("kept-money", kept.pk), at=at(FOUND_ON), user_id=cast.bureau.user_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        reverse(("kept-money", kept.pk), at=at(FOUND_ON), user_id=cast.bureau.user_id)


def test_a_familys_money_pays_each_and_what_is_left_over_can_be_refunded(cast: Cast) -> None:
    members = family()
    enrol(cast, members[:2])
    answer = take(cast.bureau, keep_for_nobody(cast, fen=3 * TIER_1), members[:3])
    assert (answer["paid"], answer["surplus_fen"]) == (2, TIER_1)
    assert PaymentLine.objects.get(kind="surplus").resident == members[2]
    assert WorkItem.objects.get(subject_kind="payment").kind == "order-unmatched"
    assert trial_balance(cast.auditor, year=YEAR)["refund-payable"] == -TIER_1
    assert holds(cast)


def test_who_has_paid_already_has_paid_twice(cast: Cast) -> None:
    (person,) = household(date(1990, 1, 1))
    kept = keep_for_nobody(cast)
    pay(cast.village_agent, [person], enrol(cast, [person]), fen=TIER_1)
    assert take(cast.bureau, kept, [person])["surplus_fen"] == TIER_1
    assert WorkItem.objects.get(subject_kind="payment").kind == "duplicate-payment"
    assert holds(cast)


def test_one_asks_and_another_sends_it_back_by_its_channel(cast: Cast) -> None:
    kept = keep_for_nobody(cast)
    ask(cast.bureau, kept)
    assert items() == [("order-unmatched", "bureau", ""), ("refund-to-pay", "tax", "")]
    assert check(cast).refund_payable == TIER_1
    assert back(cast.tax, kept) == {"kept": kept.pk, "amount_fen": TIER_1}
    kept.refresh_from_db()
    assert (kept.state, kept.return_reference, kept.returned_on) == ("returned", "R-1", FOUND_ON)
    assert (kept.asked_by_id, kept.settled_by_id, kept.reason) == (cast.bureau.user_id, cast.tax.user_id, "查无此人")
    told = check(cast)
    assert (told.collected, told.refunded, told.in_channels, told.refund_payable) == (TIER_1, TIER_1, 0, 0)
    assert check(cast, on=date(2022, 12, 9)).in_channels == TIER_1  # until the day it went
    assert {reason for _kind, _owner, reason in items()} == {"已退回"}
    assert holds(cast)


def test_found_after_all_it_does_not_go_back(cast: Cast) -> None:
    kept = keep_for_nobody(cast)
    (person,) = household(date(1990, 1, 1))
    enrol(cast, [person])
    ask(cast.bureau, kept)
    with pytest.raises(Refused, match="先撤回退回申请"):
        take(cast.bureau, kept, [person])
    withdraw(cast.bureau, kept)
    with pytest.raises(Refused, match="待退回"):
        back(cast.tax, kept)
    assert items() == [("order-unmatched", "bureau", ""), ("refund-to-pay", "tax", "不退回，继续认领")]
    assert take(cast.bureau, kept, [person], key="again")["paid"] == 1
    with pytest.raises(Refused, match="已认领"):
        ask(cast.bureau, kept, key="late")
    assert holds(cast)


def test_nobody_sends_back_what_they_asked_to(cast: Cast) -> None:
    """Whoever may both: no role does today, so the same user changes places."""
    kept = keep_for_nobody(cast)
    ask(cast.bureau, kept)
    with transaction.atomic():
        add_user(username="bureau", display_name="bureau", role=Role.TAX, division_code=DISTRICT)
    with pytest.raises(Forbidden, match="申请退回的人"):
        back(actor_named("bureau"), kept)
    with pytest.raises(IntegrityError, match=r"kept|CHECK"), transaction.atomic():
        KeptMoney.objects.update(
            state="returned",
            settled_by=cast.bureau.user_id,
            settled_at=at(FOUND_ON),
            returned_on=FOUND_ON,
            return_reference="R",
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "returned"},
        {"state": "taken"},
        {"state": "returning"},
        {"state": "lost"},
        {"reason": "查无此人"},
        {"amount_fen": 0},
        {"reference": ""},
        {"returned_on": FOUND_ON},
    ],
)
def test_the_database_keeps_state_and_fields_together(cast: Cast, wrong: dict[str, object]) -> None:
    keep_for_nobody(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        KeptMoney.objects.update(**wrong)


def test_only_the_bureau_settles_and_only_the_tax_office_pays_back(cast: Cast) -> None:
    kept = keep_for_nobody(cast)
    (person,) = household(date(1990, 1, 1))
    for actor in (cast.tax, cast.town_clerk, cast.village_agent, cast.auditor, cast.wechat):
        with pytest.raises(Forbidden):
            take(actor, kept, [person])
        with pytest.raises(Forbidden):
            ask(actor, kept)
    ask(cast.bureau, kept)
    for actor in (cast.bureau, cast.auditor):
        with pytest.raises(Forbidden):
            back(actor, kept)
    for actor in (cast.town_clerk, cast.village_agent):  # who pay refunds, of cash in their own hands
        with pytest.raises(Forbidden):
            back(actor, kept)
        assert queries.waiting(actor) == (0, 0)
        with pytest.raises(NotFound):
            queries.one(actor, kept.pk)
    with pytest.raises(Forbidden):
        withdraw(cast.tax, kept)
    assert KeptMoney.objects.get().state == "returning"


def test_whom_it_is_for_must_be_said_and_be_of_one_household(cast: Cast) -> None:
    kept = keep_for_nobody(cast)
    (person,), (neighbour,) = household(date(1990, 1, 1)), household(date(1990, 1, 1), village=NEXT_VILLAGE)
    with pytest.raises(BadInput, match="为谁缴的"):
        take(cast.bureau, kept, [])
    with pytest.raises(BadInput, match="同一户"):
        take(cast.bureau, kept, [person, neighbour])
    with pytest.raises(NotFound, match="待认领"):
        take(cast.bureau, kept, [person], pk=kept.pk + 1)
    person.pk = 999_999
    with pytest.raises(NotFound, match="所选的人员"):
        take(cast.bureau, kept, [person])
    assert KeptMoney.objects.get().state == "kept"
    assert Transfer.objects.count() == 1


def test_of_another_year_it_can_only_go_back(cast: Cast) -> None:
    kept = keep_for_nobody(cast)
    (person,) = household(date(1990, 1, 1))
    KeptMoney.objects.update(year=YEAR - 1)
    with pytest.raises(Refused, match="2022年度"):
        take(cast.bureau, kept, [person])


def test_a_return_needs_its_reason_number_and_day(cast: Cast) -> None:
    kept = keep_for_nobody(cast)
    with pytest.raises(BadInput, match="原因"):
        ask(cast.bureau, kept, reason="  ")
    with pytest.raises(Refused, match="待认领"):
        back(cast.tax, kept)
    ask(cast.bureau, kept)
    for reference in (" ", "R\0", "9" * 65):
        with pytest.raises(BadInput, match=r"退款流水号|字符|太长"):
            back(cast.tax, kept, reference=reference)
    for returned_on in (date(2022, 11, 30), date(2022, 12, 11)):
        with pytest.raises(BadInput, match="退回日期"):
            back(cast.tax, kept, returned_on=returned_on)
    assert KeptMoney.objects.get().state == "returning"


def test_its_work_item_cannot_be_closed_by_hand(cast: Cast) -> None:
    keep_for_nobody(cast)
    with pytest.raises(Refused, match="认领或退回"):
        close_work_item(cast.bureau, item_id=WorkItem.objects.get().pk, reason="已处理", key="close", at=at(FOUND_ON))
    assert WorkItem.objects.get().closed_at is None


def test_each_act_sent_twice_happens_once(cast: Cast) -> None:
    first, second = keep_for_nobody(cast), keep_for_nobody(cast, reference="N2")
    (person,) = household(date(1990, 1, 1))
    enrol(cast, [person])
    assert take(cast.bureau, first, [person]) == take(cast.bureau, first, [person])
    assert ask(cast.bureau, second) == ask(cast.bureau, second)
    assert back(cast.tax, second) == back(cast.tax, second)
    with pytest.raises(Refused, match="已退回"):
        back(cast.tax, second, key="again")
    assert (Payment.objects.count(), check(cast).refunded) == (1, TIER_1)
    assert holds(cast)


def test_a_failure_between_any_two_statements_leaves_nothing_behind(cast: Cast) -> None:
    members = family()
    enrol(cast, members)
    kept, other = keep_for_nobody(cast, fen=4 * TIER_1), keep_for_nobody(cast, reference="N2")
    posted = Transfer.objects.count()
    for allowed in range(100):
        try:
            with connection.execute_wrapper(_breaking_after(allowed)):
                take(cast.bureau, kept, members)
        except _Broken:
            assert (Payment.objects.count(), Transfer.objects.count()) == (0, posted)
            continue
        break
    assert allowed > 12
    ask(cast.bureau, other)
    posted = Transfer.objects.count()
    for allowed in range(100):
        try:
            with connection.execute_wrapper(_breaking_after(allowed)):
                back(cast.tax, other)
        except _Broken:
            assert (KeptMoney.objects.get(pk=other.pk).state, Transfer.objects.count()) == ("returning", posted)
            continue
        break
    assert allowed > 4
    assert holds(cast)
