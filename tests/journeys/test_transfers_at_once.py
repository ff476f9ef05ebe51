"""Two at once on a transfer of another sum: taken back or on its way to the institution, never both. Both databases."""

from __future__ import annotations

import pytest

from tests.journeys.cast import YEAR, Cast, at, people_the_town
from tests.journeys.institutions import IN_TERM, STUDENT_1, bill, bring_in, campus, students, transfer
from tests.journeys.test_at_once import at_once, whole
from yingbao.collection.models import KeptMoney
from yingbao.kernel.errors import Refused
from yingbao.ledger.queries import money_check
from yingbao.usecases.settle_kept import ask_return
from yingbao.usecases.withdraw_transfer import withdraw_transfer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return people_the_town()


def test_taken_back_while_the_bureau_asks_for_its_return(cast: Cast) -> None:
    school = campus()
    bring_in(school, students(2))
    kept = transfer(cast.tax, bill(school)["order"], STUDENT_1, looked_again=True)["kept"]
    outcomes = at_once(
        lambda: withdraw_transfer(cast.tax, kept_id=kept, key="withdraw", at=at(IN_TERM)),
        lambda: ask_return(cast.bureau, kept_id=kept, reason="转账金额有误", key="ask", at=at(IN_TERM)),
    )
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    owed = 0 if KeptMoney.objects.get().state == "withdrawn" else STUDENT_1
    assert money_check(cast.auditor, year=YEAR).refund_payable == owed
    whole(cast)
