"""A declared enrolment that owes nothing ends too: dead before cover, covered elsewhere, enrolled in error."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.journeys.cast import POLICY, YEAR, Cast, at, household, insure_elsewhere, mark, people_the_town, tiers
from tests.journeys.declaring_cast import FRIDAY, MONDAY, TUESDAY, new_key
from tests.journeys.refunds import BORN, approve, ask, due_of, lines_of, one_paid, refuse
from tests.journeys.test_at_once import at_once
from tests.journeys.test_receiving import holds
from tests.journeys.test_refunds_at_once import everything, half_way
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.collection.models import DeclarationLine, Refund
from yingbao.coverage.queries import periods
from yingbao.divisions.codes import Scope
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.ledger.queries import trial_balance
from yingbao.registry.models import CoveredElsewhere, Resident
from yingbao.storage.fields import Json
from yingbao.usecases.ask_ending import ask_ending
from yingbao.usecases.cancel_enrolment import cancel_enrolment
from yingbao.usecases.declare import clear_declaration, declare_zero
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.extract_settlement import extract_settlement
from yingbao.usecases.print_refund import print_refund
from yingbao.usecases.refund_rules import BEFORE_COVER, NEVER_ENTITLED, NOTHING_PAID
from yingbao.usecases.refuse_line import refuse_line
from yingbao.usecases.verify import verify
from yingbao.worklist.models import WorkItem

ALL = Scope(0, 10**12)
COVERED = date(2023, 1, 10)


def enrolled(cast: Cast, *, on: date = FRIDAY) -> Resident:
    """Enrol somebody who owes nothing."""
    (person,) = household(date(1950, 1, 1))
    mark(person, "extreme_poverty", cast)
    enrol_household(
        cast.village_agent,
        household_id=person.household_id,
        tiers=tiers([person]),
        policy_name=POLICY,
        on=on,
        key=new_key("enrol"),
        at=at(on),
    )
    return person


def declared(cast: Cast, *, by: Actor | None = None, on: date = MONDAY) -> Resident:
    """Let somebody who owes nothing be declared."""
    person = enrolled(cast, on=on)
    declare_zero(by or cast.town_clerk, year=YEAR, on=on, key=new_key("zero"), at=at(on))
    return person


def cleared(cast: Cast, *, by: Actor | None = None, on: date = TUESDAY) -> Resident:
    """Let the tax client accept it."""
    person = declared(cast, by=by, on=on)
    batch = DeclarationLine.objects.get(due=due_of(person)).declaration_id
    clear_declaration(cast.tax, declaration_id=batch, policy_name=POLICY, on=on, key=new_key("clear"), at=at(on))
    return person


def ask_end(
    actor: Actor, person: Resident, reason: str = "employee", *, on: date = TUESDAY, key: str = "", note: str = ""
) -> Json:
    return ask_ending(
        actor,
        due_id=due_of(person).pk,
        reason=reason,
        note=note,
        policy_name=POLICY,
        on=on,
        key=key or new_key("end"),
        at=at(on),
    )


def die(person: Resident, on: date) -> None:
    Resident.objects.filter(pk=person.pk).update(state="dead", gone_on=on)


def extract(cast: Cast) -> Json:
    end_on = TUESDAY + timedelta(days=90)
    lists: Json = extract_settlement(
        cast.tax, policy_name=POLICY, begin_on=FRIDAY, end_on=end_on, key=new_key("extract"), at=at(TUESDAY)
    )["lists"]
    return lists


def test_it_ends_without_money_and_nobody_owes_or_covers_anything_for_it(cast: Cast) -> None:
    person = cleared(cast)
    before = trial_balance(cast.auditor, year=YEAR)
    assert (before["department-due"], before["fiscal-due"]) == (35_000, 61_000)
    asked = ask_end(cast.village_agent, person)
    assert (asked["amount_fen"], asked["ends"]) == (0, 1)
    assert Refund.objects.get().rules == [NOTHING_PAID, BEFORE_COVER]
    assert holds(cast)
    approve(cast.town_clerk, asked, on=TUESDAY)
    kept = Enrolment.objects.get()
    assert (kept.state, kept.cancelled_why) == ("cancelled", "取消参保：参加职工医保；已核实")
    assert (due_of(person).state, Refund.objects.get().state) == ("cancelled", "ended")
    after = trial_balance(cast.auditor, year=YEAR)
    assert not any(after.values())
    assert periods(ALL, year=YEAR).count() == 0
    assert extract(cast) == {}  # the department is not billed
    assert holds(cast)


def test_who_declared_it_is_told_to_correct_that_in_the_tax_client(cast: Cast) -> None:
    person = cleared(cast)
    approve(cast.second_clerk, ask_end(cast.village_agent, person), on=TUESDAY)
    item = WorkItem.objects.get(closed_at=None)
    assert (item.kind, item.owner_id) == ("declaration-to-correct", cast.town_clerk.user_id)
    line = DeclarationLine.objects.get()
    assert (item.detail["declaration"], item.detail["line"]) == (line.declaration_id, line.pk)
    assert item.due_on == date(2022, 12, 8)  # two working days


def test_where_a_village_declared_it_somebody_who_can_close_the_item_is_told(cast: Cast) -> None:
    person = cleared(cast, by=cast.village_agent)
    approve(cast.bureau, ask_end(cast.village_agent, person), on=TUESDAY)
    assert WorkItem.objects.get(kind="declaration-to-correct").owner_id == cast.town_clerk.user_id


def test_who_was_billed_already_is_told_of(cast: Cast) -> None:
    person = cleared(cast)
    assert extract(cast)["medical_assistance"]["amount_fen"] == 35_000
    approve(cast.town_clerk, ask_end(cast.village_agent, person), on=TUESDAY)
    assert WorkItem.objects.get(kind="billed-and-refunded").subject_id == person.pk
    assert holds(cast)


def test_the_person_may_be_enrolled_and_declared_anew(cast: Cast) -> None:
    person = cleared(cast)
    approve(cast.town_clerk, ask_end(cast.village_agent, person, "wrong-tier"), on=TUESDAY)
    enrol_household(
        cast.village_agent,
        household_id=person.household_id,
        tiers={person.pk: 2},
        policy_name=POLICY,
        on=TUESDAY,
        key="anew",
        at=at(TUESDAY),
    )
    assert sorted(Enrolment.objects.values_list("state", "tier")) == [("cancelled", 1), ("standing", 2)]
    assert holds(cast)


def test_what_was_declared_waits_for_the_answer_and_refused_is_cancelled_at_once(cast: Cast) -> None:
    person = declared(cast)
    with pytest.raises(Refused, match=r"尚未回执.*直接取消登记"):
        ask_end(cast.village_agent, person)
    line = DeclarationLine.objects.get()
    refuse_line(
        cast.tax, line_id=line.pk, reason="人员已死亡", policy_name=POLICY, on=MONDAY, key="back", at=at(MONDAY)
    )
    with pytest.raises(Refused, match=r"还没有申报.*直接取消"):
        ask_end(cast.village_agent, person)
    terms: Json = {"year": YEAR, "on": TUESDAY, "key": "cancel", "at": at(TUESDAY)}
    cancel_enrolment(cast.village_agent, due_id=due_of(person).pk, reason="死亡", **terms)
    assert holds(cast)


class TestAfterBenefitsHaveBegun:
    """Cover ends only for who should not have had it on its first day: there is no money to argue about, but cover."""

    def test_who_died_before_never_had_it(self, cast: Cast) -> None:
        person = cleared(cast)
        die(person, date(2022, 12, 20))
        approve(cast.town_clerk, ask_end(cast.village_agent, person, "death", on=COVERED), on=COVERED)
        assert due_of(person).state == "cancelled"
        assert holds(cast)

    def test_who_died_later_was_rightly_covered(self, cast: Cast) -> None:
        person = cleared(cast)
        die(person, date(2023, 1, 5))
        with pytest.raises(Refused, match=r"待遇已经开始.*2023-01-01.*请示"):
            ask_end(cast.village_agent, person, "death", on=COVERED)

    def test_who_was_insured_elsewhere_on_the_first_day_was_not(self, cast: Cast) -> None:
        person, other = cleared(cast), cleared(cast)
        insure_elsewhere(person)
        asked = ask_end(cast.village_agent, person, on=COVERED)
        assert Refund.objects.get().rules == [NOTHING_PAID, NEVER_ENTITLED]
        approve(cast.town_clerk, asked, on=COVERED)
        with pytest.raises(Refused, match="待遇已经开始"):
            ask_end(cast.village_agent, other, on=COVERED)
        assert holds(cast)

    @pytest.mark.clause("PJ-7.3a")
    def test_who_has_no_waiting_period_and_was_enrolled_in_error_can_be_ended(self, cast: Cast) -> None:
        """Covered from the day of clearing: before that there would be no day on which to end it."""
        person = cleared(cast, on=date(2023, 3, 6))
        approve(cast.town_clerk, ask_end(cast.village_agent, person, "wrong-person", on=COVERED_LATE), on=COVERED_LATE)
        assert due_of(person).state == "cancelled"

    def test_the_second_record_of_one_person_and_who_moved(self, cast: Cast) -> None:
        person, kept = cleared(cast), cleared(cast)
        Resident.objects.filter(pk=person.pk).update(state="merged", merged_into=kept)
        assert ask_end(cast.village_agent, person, "paid-twice", on=COVERED)["ends"] == 1
        with pytest.raises(Refused, match="待遇已经开始"):
            ask_end(cast.village_agent, kept, "moved", on=COVERED)


COVERED_LATE = date(2023, 3, 20)


def test_who_paid_asks_for_the_money_instead(cast: Cast) -> None:
    with pytest.raises(Refused, match="申请退费"):
        ask_end(cast.village_agent, one_paid(cast))


def test_who_paid_and_got_all_of_it_back_ends_so(cast: Cast) -> None:
    """Paid in full, then found to owe nothing: what was too much went back, and no line is left to ask for."""
    (person,) = household(BORN)
    one_paid(cast, person=person)
    mark(person, "extreme_poverty", cast)
    asked = ask(cast.village_agent, lines_of(person), "subsidised")
    with pytest.raises(Refused, match="缴过费"):
        ask_end(cast.village_agent, person, on=MONDAY)
    approve(cast.town_clerk, asked)
    assert due_of(person).amount_fen == 0
    approve(cast.town_clerk, ask_end(cast.village_agent, person, on=MONDAY), on=MONDAY, key="end")
    assert due_of(person).state == "cancelled"
    assert not WorkItem.objects.filter(kind="declaration-to-correct").exists()  # came online: nobody declared it
    assert holds(cast)


def test_reasons_of_money_alone_and_unknown_ones_are_none(cast: Cast) -> None:
    person = cleared(cast)
    for reason in ("too-much", "subsidised", "because", ""):
        with pytest.raises(BadInput, match="原因"):
            ask_end(cast.village_agent, person, reason)
    with pytest.raises(BadInput, match="不应有的字符"):
        ask_end(cast.village_agent, person, note="好\0")


def test_one_asks_another_decides(cast: Cast) -> None:
    person = cleared(cast)
    asked = ask_end(cast.town_clerk, person)
    item = WorkItem.objects.get(kind="refund-to-decide")
    assert (item.subject_id, item.owner_id) == (asked["refund"], cast.second_clerk.user_id)
    with pytest.raises(Forbidden, match="申请人不能审批"):
        approve(cast.town_clerk, asked, on=TUESDAY)
    with pytest.raises(IntegrityError, match="collection_refund_decided_by_another"), transaction.atomic():
        Refund.objects.update(state="ended", decided_by=cast.town_clerk.user_id)
    approve(cast.second_clerk, asked, on=TUESDAY)
    with pytest.raises(Refused, match="取消参保没有退款"):
        print_refund(cast.town_clerk, refund_id=asked["refund"])
    assert sorted(AuditEntry.objects.filter(action__in=("ask-ending", "approve-refund")).values_list("action")) == [
        ("approve-refund",),
        ("ask-ending",),
    ]


def test_what_was_refused_stands_and_may_be_asked_anew(cast: Cast) -> None:
    person = cleared(cast)
    refuse(cast.town_clerk, ask_end(cast.village_agent, person), on=TUESDAY)
    assert (due_of(person).state, Refund.objects.get().state) == ("cleared", "refused")
    assert ask_end(cast.village_agent, person)["ends"] == 1


def test_what_changed_since_it_was_asked_is_looked_at_again(cast: Cast) -> None:
    person = cleared(cast)
    insure_elsewhere(person)
    asked = ask_end(cast.village_agent, person, on=COVERED)
    CoveredElsewhere.objects.all().delete()
    with pytest.raises(Refused, match="待遇已经开始"):
        approve(cast.town_clerk, asked, on=COVERED)
    assert Refund.objects.get().state == "asked"


def test_twice_elsewhere_and_without_the_right(cast: Cast) -> None:
    person = cleared(cast)
    first = ask_end(cast.village_agent, person, key="one")
    assert ask_end(cast.village_agent, person, key="one") == first
    with pytest.raises(Refused, match="已经申请取消参保"):
        ask_end(cast.town_clerk, person)
    for actor, refusal in ((cast.next_agent, NotFound), (cast.outsider, NotFound), (cast.bureau, Forbidden)):
        with pytest.raises(refusal):
            ask_end(actor, person)
    approve(cast.town_clerk, first, on=TUESDAY)
    with pytest.raises(NotFound, match="已经取消"):
        ask_end(cast.village_agent, person)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_ask_once_and_decide_once() -> None:
    cast = people_the_town()
    person = cleared(cast)
    asked = at_once(lambda: ask_end(cast.village_agent, person), lambda: ask_end(cast.town_clerk, person))
    assert sorted(isinstance(one, Refused) for one in asked) == [False, True]
    refund = Refund.objects.get()
    outcomes = at_once(
        lambda: approve(cast.second_clerk, {"refund": refund.pk}, on=TUESDAY, key="second"),
        lambda: approve(cast.bureau, {"refund": refund.pk}, on=TUESDAY, key="bureau"),
    )
    assert sorted(isinstance(one, Refused) for one in outcomes) == [False, True]
    assert holds(cast)


@pytest.mark.django_db(transaction=True)
def test_broken_half_way_nothing_has_ended() -> None:
    cast = people_the_town()
    person = cleared(cast)
    assert half_way(lambda: ask_end(cast.village_agent, person, key="ask"), everything) > 6
    asked = {"refund": Refund.objects.get().pk}
    assert half_way(lambda: approve(cast.town_clerk, asked, on=TUESDAY), everything) > 10
    assert holds(cast)


@pytest.mark.parametrize("wrong", ["one word", "still standing"])
def test_verify_finds_what_ended_on_one_word_and_what_should_have_ended(cast: Cast, wrong: str) -> None:
    person = cleared(cast)
    due = due_of(person)
    if wrong == "still standing":
        Refund.objects.filter(pk=ask_end(cast.village_agent, person)["refund"]).update(
            state="ended", decided_by=cast.town_clerk.user_id
        )
    else:
        type(due).objects.update(state="cancelled")
    broken = {check.name: check.broken for check in verify(cast.auditor, year=YEAR)}
    assert broken["cancelled-refunded"] == [due.pk]
