"""An approved refund: enrolment, cover, what others owe, receipt, work items follow; a refused one changes nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, YEAR, Cast, at, family, household, insure_elsewhere, mark
from tests.journeys.refunds import (
    BORN,
    NEXT_DAY,
    approve,
    ask,
    clear_cash,
    declare,
    deposit,
    due_of,
    lines_of,
    one_paid,
    refuse,
)
from tests.journeys.test_receiving import enrol, holds, pay
from yingbao.accounts.models import AuditEntry
from yingbao.collection.declaring.queries import undeclared_cash
from yingbao.collection.models import Receipt, Refund
from yingbao.collection.standing import standing_of
from yingbao.coverage.models import CoveragePeriod
from yingbao.coverage.queries import periods, starts_by_month
from yingbao.divisions.codes import Scope
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.ledger.queries import money_check, of_source, trial_balance
from yingbao.registry.models import Resident
from yingbao.settlement.models import SettlementLine
from yingbao.storage.fields import Json
from yingbao.usecases.decide_refund import approve_refund
from yingbao.usecases.extract_settlement import extract_settlement
from yingbao.usecases.find_missed import find_missed
from yingbao.usecases.watch_register import watch_register
from yingbao.worklist.models import WorkItem

ALL = Scope(0, 10**12)


def extract(cast: Cast) -> Json:
    lists: Json = extract_settlement(
        cast.tax,
        policy_name=POLICY,
        begin_on=IN_TIME,
        end_on=IN_TIME + timedelta(days=30),
        key=f"extract-{Enrolment.objects.filter(subsidy_fen__gt=0).count()}",
        at=at(IN_TIME),
    )["lists"]
    return lists


class TestApproving:
    def test_the_enrolment_ends_and_with_it_cover_and_what_others_owe(self, cast: Cast) -> None:
        (person,) = household(BORN)
        mark(person, "dibao", cast)
        one_paid(cast, fen=3_500, person=person)
        before = trial_balance(cast.auditor, year=YEAR)
        assert (before["department-due"], before["fiscal-due"]) == (31_500, FISCAL)
        approve(cast.town_clerk, ask(cast.village_agent, lines_of(person)))
        one = Enrolment.objects.get()
        assert (one.state, one.cancelled_why) == ("cancelled", "退费：参加职工医保；已核实")
        assert due_of(person).state == "cancelled"
        after = trial_balance(cast.auditor, year=YEAR)
        assert (after["department-due"], after["fiscal-due"], after["contribution"]) == (0, 0, 0)
        assert (after["refund-payable"], after["treasury"]) == (-3_500, 3_500)
        assert holds(cast)

    def test_nobody_who_asks_for_the_covered_finds_them_any_more(self, cast: Cast) -> None:
        person = one_paid(cast)
        approve(cast.town_clerk, ask(cast.village_agent, lines_of(person)))
        assert CoveragePeriod.objects.count() == 1  # kept, as it was
        assert periods(ALL, year=YEAR).count() == 0
        assert starts_by_month(cast.auditor, year=YEAR) == {}
        assert standing_of(Resident.objects.values_list("pk", flat=True), ALL, year=YEAR) == []

    def test_the_person_is_missed_again_and_may_enrol_anew(self, cast: Cast) -> None:
        (person,) = household(BORN)
        mark(person, "dibao", cast)
        one_paid(cast, fen=3_500, person=person)
        approve(cast.town_clerk, ask(cast.village_agent, lines_of(person), "wrong-tier"))
        told = find_missed(cast.town_clerk, policy_name=POLICY, on=NEXT_DAY, at=at(NEXT_DAY))
        assert told["missing"] == 1
        pay(cast.wechat, [person], enrol(cast, [person], key="anew"), channel="wechat", fen=3_500, key="paid anew")
        assert Enrolment.objects.filter(state="standing").count() == 1
        assert holds(cast)

    def test_undeclared_cash_of_it_is_declared_no_more(self, cast: Cast) -> None:
        person, other = one_paid(cast, "cash"), one_paid(cast, "cash")
        approve(cast.town_clerk, ask(cast.village_agent, lines_of(person)))
        waiting = undeclared_cash([cast.village_agent.user_id], ALL, year=YEAR)
        assert [line.resident_id for line in waiting] == [other.pk]
        assert holds(cast)

    def test_its_postings_lead_back_to_it(self, cast: Cast) -> None:
        person = one_paid(cast)
        asked = ask(cast.village_agent, lines_of(person))
        approve(cast.town_clerk, asked)
        posted = of_source(cast.auditor, kind="refund", source_id=asked["refund"])
        assert sorted((one.debit.kind, one.credit.kind, one.amount_fen) for one in posted) == [
            ("contribution", "fiscal-due", FISCAL),
            ("contribution", "refund-payable", TIER_1),
        ]

    def test_who_has_it_in_hand_or_in_the_treasury_is_told_to_pay(self, cast: Cast) -> None:
        cash, online = one_paid(cast, "cash"), one_paid(cast)
        for n, person in enumerate((cash, online)):
            approve(cast.town_clerk, ask(cast.village_agent, lines_of(person), key=f"a{n}"), key=f"b{n}")
        items = WorkItem.objects.filter(kind="refund-to-pay").order_by("pk")
        assert [item.owner_id for item in items] == [cast.village_agent.user_id, cast.tax.user_id]
        assert not WorkItem.objects.filter(kind="refund-to-decide", closed_at=None).exists()

    def test_the_items_that_led_to_it_close(self, cast: Cast) -> None:
        person = one_paid(cast)
        insure_elsewhere(person)
        watch_register(cast.town_clerk, year=YEAR, on=NEXT_DAY, at=at(NEXT_DAY))
        approve(cast.town_clerk, ask(cast.village_agent, lines_of(person)))
        closed = WorkItem.objects.get(kind="paid-but-covered-elsewhere")
        assert closed.closed_reason == "已批准退费，另立退款事项"

    def test_the_item_of_money_paid_twice_closes_with_its_last_part(self, cast: Cast) -> None:
        members = family()
        dues = enrol(cast, members)
        for key in ("one", "two"):
            pay(cast.wechat, members, dues, channel="wechat", key=key)
        lines = [lines_of(one, "surplus")[0] for one in members]
        approve(cast.town_clerk, ask(cast.village_agent, lines[:1], "paid-twice"))
        assert WorkItem.objects.get(kind="duplicate-payment").closed_at is None
        approve(cast.town_clerk, ask(cast.village_agent, lines[1:], "paid-twice", key="rest"), key="rest approved")
        assert WorkItem.objects.get(kind="duplicate-payment").closed_at is not None
        assert holds(cast)


FISCAL = 61_000


class TestBilled:
    def test_a_billed_person_is_told_of_and_the_list_stays_what_went_out(self, cast: Cast) -> None:
        (person,) = household(BORN)
        mark(person, "dibao", cast)
        one_paid(cast, fen=3_500, person=person)
        extract(cast)
        approve(cast.town_clerk, ask(cast.village_agent, lines_of(person)))
        item = WorkItem.objects.get(kind="billed-and-refunded")
        assert (item.subject_id, item.detail["fen"]) == (person.pk, 31_500)
        assert SettlementLine.objects.count() == 1
        assert holds(cast)

    def test_who_ended_before_is_not_billed(self, cast: Cast) -> None:
        (person,) = household(BORN)
        mark(person, "dibao", cast)
        one_paid(cast, fen=3_500, person=person)
        approve(cast.town_clerk, ask(cast.village_agent, lines_of(person)))
        assert extract(cast) == {}
        assert not WorkItem.objects.filter(kind="billed-and-refunded").exists()


class TestCorrecting:
    @pytest.mark.clause("PJ-5.0")
    def test_the_locked_decision_is_mended_as_of_the_clearing_day(self, cast: Cast) -> None:
        person = one_paid(cast)
        mark(person, "dibao", cast)
        covered = CoveragePeriod.objects.values().get()
        approve(cast.town_clerk, ask(cast.village_agent, lines_of(person), "subsidised"))
        one = Enrolment.objects.get()
        assert (one.state, one.locked_on, one.subsidy_identity) == ("standing", IN_TIME, "dibao")
        assert (one.payable_fen, due_of(person).amount_fen, due_of(person).state) == (3_500, 3_500, "cleared")
        assert CoveragePeriod.objects.values().get() == covered
        balance = trial_balance(cast.auditor, year=YEAR)
        assert (balance["department-due"], balance["fiscal-due"]) == (31_500, FISCAL)
        assert balance["refund-payable"] == -31_500
        (change,) = AuditEntry.objects.get(action="approve-refund").detail["corrected"]
        assert (change["before"]["payable_fen"], change["after"]["payable_fen"]) == (TIER_1, 3_500)
        assert holds(cast)

    def test_the_department_is_billed_for_it_from_then_on(self, cast: Cast) -> None:
        person = one_paid(cast)
        mark(person, "dibao", cast)
        assert extract(cast) == {}
        approve(cast.town_clerk, ask(cast.village_agent, lines_of(person), "subsidised"))
        assert extract(cast)["medical_assistance"]["amount_fen"] == 31_500
        assert holds(cast)

    def test_a_better_identity_than_the_billed_one_is_told(self, cast: Cast) -> None:
        (person,) = household(BORN)
        mark(person, "dibao", cast)
        one_paid(cast, fen=3_500, person=person)
        extract(cast)
        mark(person, "extreme_poverty", cast)
        approve(cast.town_clerk, ask(cast.village_agent, lines_of(person), "subsidised"))
        assert WorkItem.objects.get(kind="billed-and-refunded").detail["enrolment"] == Enrolment.objects.get().pk
        assert holds(cast)


class TestReceipts:
    def test_a_form_comes_back_with_all_its_money(self, cast: Cast) -> None:
        person = one_paid(cast, "cash")
        approve(cast.town_clerk, ask(cast.village_agent, lines_of(person)))
        assert list(Receipt.objects.values_list("state", "ended_by")) == [("taken-back", cast.village_agent.user_id)]

    def test_where_only_the_difference_goes_back_the_form_stays(self, cast: Cast) -> None:
        person = one_paid(cast, "pos")
        mark(person, "dibao", cast)
        approve(cast.town_clerk, ask(cast.village_agent, lines_of(person), "subsidised"))
        assert Receipt.objects.get().state == "issued"


class TestRefusing:
    def test_nothing_changes_but_the_answer(self, cast: Cast) -> None:
        person = one_paid(cast)
        before = trial_balance(cast.auditor, year=YEAR)
        refuse(cast.town_clerk, ask(cast.village_agent, lines_of(person)))
        assert list(Refund.objects.values_list("state", "decided_why")) == [("refused", "名单已更正")]
        assert due_of(person).state == "cleared"
        assert trial_balance(cast.auditor, year=YEAR) == before
        assert not WorkItem.objects.filter(closed_at=None).exists()
        assert holds(cast)

    def test_it_needs_a_reason(self, cast: Cast) -> None:
        person = one_paid(cast)
        asked = ask(cast.village_agent, lines_of(person))
        from_form = {"refund": asked["refund"]}
        with pytest.raises(BadInput, match="原因"):
            _approve_without_reason(cast, from_form)


def _approve_without_reason(cast: Cast, asked: Json) -> None:
    from_door: Json = {"policy_name": POLICY, "on": NEXT_DAY, "key": "empty", "at": at(NEXT_DAY)}
    approve_refund(cast.town_clerk, refund_id=asked["refund"], why=" ", **from_door)


class TestWhoDecides:
    def test_nobody_decides_what_they_asked_for(self, cast: Cast) -> None:
        person = one_paid(cast)
        asked = ask(cast.town_clerk, lines_of(person))
        with pytest.raises(Forbidden, match="申请人不能审批"):
            approve(cast.town_clerk, asked)
        with pytest.raises(Forbidden, match="申请人不能审批"):
            refuse(cast.town_clerk, asked)
        approve(cast.second_clerk, asked, key="other")

    def test_the_bureau_may_and_village_tax_and_auditor_may_not(self, cast: Cast) -> None:
        person = one_paid(cast)
        asked = ask(cast.village_agent, lines_of(person))
        for actor in (cast.village_agent, cast.tax, cast.auditor):
            with pytest.raises(Forbidden):
                approve(actor, asked)
        approve(cast.bureau, asked)

    def test_elsewhere_it_is_not_there(self, cast: Cast) -> None:
        person = one_paid(cast)
        with pytest.raises(NotFound):
            approve(cast.outsider, ask(cast.village_agent, lines_of(person)))

    def test_deciding_twice_is_told_with_who_did(self, cast: Cast) -> None:
        person = one_paid(cast)
        asked = ask(cast.village_agent, lines_of(person))
        assert approve(cast.town_clerk, asked) == approve(cast.town_clerk, asked)
        with pytest.raises(Refused, match=r"已经审批过.*town-clerk"):
            approve(cast.second_clerk, asked, key="second")
        with pytest.raises(Refused, match="已经审批过"):
            refuse(cast.second_clerk, asked)


class TestChangedMeanwhile:
    def test_what_was_declared_since_waits_for_the_answer(self, cast: Cast) -> None:
        person = one_paid(cast, "cash")
        asked = ask(cast.village_agent, lines_of(person))
        deposit(cast, TIER_1)
        declare(cast)
        with pytest.raises(Refused, match="尚未回执"):
            approve(cast.town_clerk, asked)
        assert Refund.objects.get().state == "asked"
        assert holds(cast)

    def test_what_cleared_for_less_since_still_goes_back_whole(self, cast: Cast) -> None:
        person = one_paid(cast, "cash")
        asked = ask(cast.village_agent, lines_of(person))
        mark(person, "dibao", cast)
        clear_cash(cast, TIER_1)
        approve(cast.town_clerk, asked, on=date(2022, 12, 6))
        assert money_check(cast.auditor, year=YEAR).refund_payable == TIER_1
        assert not WorkItem.objects.filter(kind="paid-too-much", closed_at=None).exists()
        assert holds(cast)

    def test_asked_before_cover_and_decided_after_holds_as_of_the_asking(self, cast: Cast) -> None:
        person = one_paid(cast)
        asked = ask(cast.village_agent, lines_of(person), on=date(2022, 12, 30))
        approve(cast.town_clerk, asked, on=date(2023, 1, 4))
        assert due_of(person).state == "cancelled"
