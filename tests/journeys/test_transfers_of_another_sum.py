"""A transfer of another sum than its bill asks: asked about, kept for the institution, taken back when mistyped."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from tests.journeys.cast import POLICY, YEAR, Cast, at
from tests.journeys.institutions import IN_TERM, STUDENT_1, Campus, bill, bring_in, campus, students, transfer
from tests.journeys.test_institution_lists import whole
from yingbao.accounts.models import AuditEntry
from yingbao.collection.models import KeptMoney, Payment, PaymentOrder
from yingbao.kernel.errors import Forbidden, NotFound, Refused
from yingbao.kernel.periods import DAY
from yingbao.ledger.models import Transfer
from yingbao.ledger.queries import money_check
from yingbao.storage.fields import Json
from yingbao.usecases.settle_kept import ask_return, give_back, take_kept
from yingbao.usecases.verify import verify
from yingbao.usecases.withdraw_transfer import withdraw_transfer
from yingbao.worklist.models import WorkItem

ASKED, TYPED = 3 * STUDENT_1, 3 * STUDENT_1 - 900  # 960.00, typed as 951.00


@pytest.fixture
def school(cast: Cast) -> Campus:
    """A college that has enrolled three students."""
    made = campus()
    bring_in(made, students(3))
    return made


@pytest.fixture
def order(school: Campus) -> int:
    """The bill of all three."""
    drawn: int = bill(school)["order"]
    return drawn


def noted(cast: Cast, order: int, *, reference: str = "B1") -> int:
    """Note the mistyped sum in spite of the question; return the kept money."""
    kept: int = transfer(cast.town_clerk, order, TYPED, reference=reference, looked_again=True)["kept"]
    return kept


def withdraw(cast: Cast, kept: int, *, who: str = "town_clerk", key: str = "withdraw") -> Json:
    return withdraw_transfer(getattr(cast, who), kept_id=kept, key=key, at=at(IN_TERM))


def test_another_sum_is_asked_about_before_it_is_booked(cast: Cast, order: int) -> None:
    with pytest.raises(Refused) as refusal:
        transfer(cast.town_clerk, order, TYPED)
    said = refusal.value
    assert str(said.what) == "到账金额与通知单不符，没有登记。"
    assert str(said.fact) == "通知单960.00元，填写的到账金额951.00元。"
    assert not KeptMoney.objects.exists() and not Payment.objects.exists() and not WorkItem.objects.exists()
    assert transfer(cast.town_clerk, order, ASKED, key="right")["cleared"] == 3  # the same bank reference
    whole(cast)


def test_looking_again_changes_nothing_about_the_exact_sum(cast: Cast, order: int) -> None:
    assert transfer(cast.town_clerk, order, ASKED, looked_again=True)["matched"]
    assert not KeptMoney.objects.exists()


def test_a_mistyped_sum_is_taken_back_and_the_reference_is_free_again(cast: Cast, order: int) -> None:
    kept = noted(cast, order)
    assert money_check(cast.auditor, year=YEAR).refund_payable == TYPED
    with pytest.raises(Refused, match="已经登记过"):
        transfer(cast.town_clerk, order, ASKED, key="in-vain")
    assert withdraw(cast, kept) == withdraw(cast, kept) == {"kept": kept, "order": order}  # twice, one effect
    assert money_check(cast.auditor, year=YEAR).refund_payable == 0
    came, undone = Transfer.objects.filter(source_kind="kept-money").order_by("pk")
    assert (undone.reverses_id, undone.amount_fen, undone.on) == (came.pk, came.amount_fen, came.on)
    assert WorkItem.objects.get().closed_at is not None
    assert AuditEntry.objects.filter(action="withdraw-transfer", subject_id=kept).count() == 1
    whole(cast)
    assert transfer(cast.town_clerk, order, ASKED, key="again")["cleared"] == 3
    whole(cast)
    assert money_check(cast.auditor, year=YEAR).treasury == ASKED
    # mistyped twice is withdrawn twice: each stays on record
    other = transfer(cast.town_clerk, order, TYPED, reference="B2", looked_again=True)["kept"]
    withdraw(cast, other, key="once")
    withdraw(cast, noted_again(cast, order), key="twice")
    assert KeptMoney.objects.filter(reference="B2", state="withdrawn").count() == 2
    whole(cast)


def noted_again(cast: Cast, order: int) -> int:
    again: int = transfer(cast.town_clerk, order, TYPED, reference="B2", key="again-B2", looked_again=True)["kept"]
    return again


def test_only_who_noted_it_takes_it_back(cast: Cast, school: Campus, order: int) -> None:
    kept = noted(cast, order)
    for who in ("tax", "bureau", "second_clerk"):
        with pytest.raises(Forbidden, match="不是您登记的"):
            withdraw(cast, kept, who=who, key=who)
    for actor in (school.agent, cast.village_agent):
        with pytest.raises(Forbidden, match="只有区税务局"):
            withdraw_transfer(actor, kept_id=kept, key=f"x{actor.user_id}", at=at(IN_TERM))
    with pytest.raises(NotFound):
        withdraw(cast, kept, who="outsider", key="outsider")
    assert KeptMoney.objects.get().state == "kept"


def test_what_really_came_goes_back_to_the_institution_by_two(cast: Cast, order: int) -> None:
    kept = noted(cast, order)
    with pytest.raises(Refused, match="不能为某个人认领"):
        student = PaymentOrder.objects.get().lines.all()[0].due.enrolment.resident_id
        take_kept(cast.bureau, kept_id=kept, resident_ids=[student], policy_name=POLICY, key="take", at=at(IN_TERM))
    ask_return(cast.bureau, kept_id=kept, reason="转账金额有误", key="ask", at=at(IN_TERM))
    with pytest.raises(Refused, match="没有办理"):
        withdraw(cast, kept)
    whole(cast)
    on = IN_TERM + DAY
    for actor in (cast.town_clerk, cast.village_agent):  # it is not in their hands, though in their place
        with pytest.raises(Forbidden):
            give_back(actor, kept_id=kept, reference="R1", returned_on=on, on=on, key=f"x{actor.user_id}", at=at(on))
    give_back(cast.tax, kept_id=kept, reference="R1", returned_on=on, on=on, key="back", at=at(on))
    assert money_check(cast.auditor, year=YEAR).refund_payable == 0
    whole(cast)


def test_the_database_keeps_a_transfer_with_its_bill(cast: Cast, order: int) -> None:
    noted(cast, order)
    with pytest.raises(IntegrityError, match="collection_kept_of_a_bill"), transaction.atomic():
        KeptMoney.objects.update(order=None)
    with pytest.raises(IntegrityError, match="collection_kept_state_agrees"), transaction.atomic():
        KeptMoney.objects.update(state="withdrawn")


def test_the_proofs_find_a_sum_noted_by_who_drew_the_bill_up(cast: Cast, school: Campus, order: int) -> None:
    noted(cast, order)
    KeptMoney.objects.update(noted_by=school.agent.user_id)
    assert [one.name for one in verify(cast.auditor, year=YEAR) if not one.holds] == ["transfers-by-two"]
