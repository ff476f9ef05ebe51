"""Before anybody pays: another tier, or no enrolment at all; afterwards only a refund undoes it."""

from __future__ import annotations

import pytest

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, YEAR, Cast, at, household, insure_elsewhere, mark
from tests.journeys.refunds import BORN, due_of, one_paid
from tests.journeys.test_receiving import enrol, holds, pay
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.collection.models import PaymentOrder
from yingbao.collection.orders.operations import open_order
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.ledger.queries import trial_balance
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.cancel_enrolment import cancel_enrolment
from yingbao.usecases.change_tier import change_tier
from yingbao.usecases.watch_register import watch_register
from yingbao.worklist.models import WorkItem

TIER_2 = 72_500


@pytest.fixture
def person(cast: Cast) -> Resident:
    (one,) = household(BORN)
    enrol(cast, [one])
    return one


def change(actor: Actor, person: Resident, tier: int = 2, key: str = "tier") -> Json:
    due = due_of(person)
    return change_tier(actor, due_id=due.pk, tier=tier, policy_name=POLICY, on=IN_TIME, key=key, at=at(IN_TIME))


def cancel(actor: Actor, person: Resident, reason: str = "本人要求", key: str = "cancel") -> Json:
    due = due_of(person)
    return cancel_enrolment(actor, due_id=due.pk, reason=reason, year=YEAR, on=IN_TIME, key=key, at=at(IN_TIME))


@pytest.mark.django_db
class TestTier:
    def test_the_decision_is_made_anew_and_the_books_corrected_by_the_difference(
        self, cast: Cast, person: Resident
    ) -> None:
        answer = change(cast.village_agent, person)
        assert (answer["before_fen"], answer["amount_fen"]) == (TIER_1, TIER_2)
        one = Enrolment.objects.get()
        assert (one.tier, one.rate_fen, one.payable_fen) == (2, TIER_2, TIER_2)
        assert trial_balance(cast.auditor, year=YEAR)["resident-due"] == TIER_2
        assert holds(cast)
        pay(cast.village_agent, [person], [due_of(person).pk], channel="pos", fen=TIER_2)
        assert holds(cast)

    def test_back_again_leaves_the_books_as_they_were(self, cast: Cast, person: Resident) -> None:
        change(cast.village_agent, person)
        change(cast.village_agent, person, 1, key="back")
        assert trial_balance(cast.auditor, year=YEAR)["resident-due"] == TIER_1
        assert AuditEntry.objects.filter(action="change-tier").count() == 2
        assert holds(cast)

    def test_the_same_request_twice_changes_it_once(self, cast: Cast, person: Resident) -> None:
        assert change(cast.village_agent, person) == change(cast.village_agent, person)
        assert holds(cast)

    def test_the_tier_there_is_already_is_told(self, cast: Cast, person: Resident) -> None:
        with pytest.raises(BadInput, match="已经是这个档次"):
            change(cast.village_agent, person, 1)

    def test_a_tier_there_is_not_is_refused(self, cast: Cast, person: Resident) -> None:
        with pytest.raises(Refused):
            change(cast.village_agent, person, 7)
        assert Enrolment.objects.get().tier == 1

    def test_who_has_paid_is_sent_to_a_refund(self, cast: Cast) -> None:
        paid = one_paid(cast, "cash")
        with pytest.raises(Refused, match=r"已收款.*退费"):
            change(cast.village_agent, paid)

    def test_an_order_for_the_old_amount_closes(self, cast: Cast, person: Resident) -> None:
        with unit_of_work():
            due, when = due_of(person), at(IN_TIME)
            open_order(
                [(due, due.amount_fen)],
                household_id=person.household_id,
                year=YEAR,
                opened_by_id=cast.village_agent.user_id,
                at=when,
                expires_at=at(IN_TIME, 20),
            )
        change(cast.village_agent, person)
        assert PaymentOrder.objects.get().state == "closed"

    def test_elsewhere_it_is_not_there_and_an_auditor_may_not(self, cast: Cast, person: Resident) -> None:
        with pytest.raises(NotFound):
            change(cast.next_agent, person)
        with pytest.raises(Forbidden):
            change(cast.auditor, person)


@pytest.mark.django_db
class TestCancelling:
    def test_nothing_is_owed_any_more_and_the_person_may_enrol_anew(self, cast: Cast, person: Resident) -> None:
        cancel(cast.village_agent, person)
        one = Enrolment.objects.get()
        assert (one.state, one.cancelled_why, due_of(person).state) == ("cancelled", "本人要求", "cancelled")
        assert trial_balance(cast.auditor, year=YEAR)["resident-due"] == 0
        assert holds(cast)
        enrol(cast, [person], key="anew")
        assert Enrolment.objects.count() == 2
        assert holds(cast)

    def test_a_due_of_nothing_can_be_cancelled_too(self, cast: Cast) -> None:
        (poor,) = household(BORN)
        mark(poor, "extreme_poverty", cast)
        enrol(cast, [poor])
        cancel(cast.village_agent, poor)
        assert due_of(poor).state == "cancelled"
        assert holds(cast)

    def test_a_reason_is_needed(self, cast: Cast, person: Resident) -> None:
        with pytest.raises(BadInput, match="原因"):
            cancel(cast.village_agent, person, reason="  ")
        with pytest.raises(BadInput, match="200"):
            cancel(cast.village_agent, person, reason="长" * 201)
        assert Enrolment.objects.get().state == "standing"

    def test_twice_is_told_and_the_same_request_is_one(self, cast: Cast, person: Resident) -> None:
        assert cancel(cast.village_agent, person) == cancel(cast.village_agent, person)
        with pytest.raises(NotFound, match="已经取消"):
            cancel(cast.village_agent, person, key="again")

    def test_who_has_paid_is_sent_to_a_refund(self, cast: Cast) -> None:
        paid = one_paid(cast)
        with pytest.raises(Refused, match=r"已到账.*退费"):
            cancel(cast.village_agent, paid)

    def test_the_item_that_asked_for_it_closes(self, cast: Cast, person: Resident) -> None:
        insure_elsewhere(person)
        watch_register(cast.town_clerk, year=YEAR, on=IN_TIME, at=at(IN_TIME))
        assert WorkItem.objects.get().kind == "paid-but-covered-elsewhere"
        cancel(cast.village_agent, person)
        assert WorkItem.objects.get().closed_reason == "参保登记已取消"

    def test_elsewhere_it_is_not_there(self, cast: Cast, person: Resident) -> None:
        with pytest.raises(NotFound):
            cancel(cast.outsider, person)
