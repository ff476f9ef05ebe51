"""A receipt that would be void is not issued, and no money is taken for it (BN-4.3.3c)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.journeys.cast import IN_TIME, OTHER_TOWN, TIER_1, TOWN, Cast, at, family
from tests.journeys.test_receiving import enrol, holds, pay
from yingbao.collection.models import Due, OfficeSeal, Payment, Receipt
from yingbao.collection.receipts import queries
from yingbao.collection.receipts.faults import Form, FormLine, faults
from yingbao.kernel.errors import BadInput, Forbidden, Refused
from yingbao.usecases.receipts import set_seal

LINE = FormLine("居民甲", 1, 350_00, 350_00, 350_00)
GOOD = Form("甲镇社保所", "H0001", "居民甲", "经办员乙", IN_TIME, 700_00, (LINE, LINE))
NEXT_DAY = IN_TIME + timedelta(days=1)


def told(form: Form) -> str:
    return " ".join(str(fault) for fault in faults(form))


@pytest.mark.clause("BN-4.3.3c")
def test_a_complete_and_agreeing_form_has_no_fault() -> None:
    assert faults(GOOD) == []


@pytest.mark.clause("BN-4.3.3c")
@pytest.mark.parametrize(
    ("form", "fault"),
    [
        (replace(GOOD, seal=""), "没有在用的公章"),
        (replace(GOOD, household_no=""), "缺少户号"),
        (replace(GOOD, payer=""), "缺少缴费人"),
        (replace(GOOD, handler=""), "缺少经办人"),
        (replace(GOOD, issued_on=None), "缺少开具日期"),
        (replace(GOOD, lines=(), amount_fen=0), "缺少参保人"),
        (replace(GOOD, lines=(LINE, replace(LINE, name=""))), "第 2 行：姓名、档次、金额不全"),
        (replace(GOOD, lines=(LINE, replace(LINE, tier=0))), "第 2 行：姓名、档次、金额不全"),
        (replace(GOOD, lines=(replace(LINE, due_fen=1), LINE)), "第 1 行：实收350.00元与参保登记的应缴350.00元不符"),
        (replace(GOOD, lines=(LINE, replace(LINE, payable_fen=300_00))), "应缴300.00元不符"),
        (replace(GOOD, amount_fen=1), "各行之和700.00元与收款0.01元不符"),
    ],
)
def test_each_fault_is_a_sentence(form: Form, fault: str) -> None:
    assert fault in told(form)


def test_every_fault_is_told_at_once() -> None:
    assert len(faults(replace(GOOD, seal="", payer="", amount_fen=1))) == 3


@pytest.mark.clause("BN-4.3.3c")
def test_without_a_seal_in_use_nobody_collects(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    OfficeSeal.objects.filter(division=TOWN).delete()
    with pytest.raises(Refused, match=r"没有在用的公章.*登记在用的公章"):
        pay(cast.village_agent, members, dues)
    assert (Payment.objects.count(), Receipt.objects.count()) == (0, 0)
    assert set(Due.objects.values_list("state", flat=True)) == {"open"}
    pay(cast.wechat, members, dues, channel="wechat", key="online")  # which needs no paper
    assert holds(cast)


def test_a_new_seal_ends_the_old_one_and_both_are_kept(cast: Cast) -> None:
    set_seal(cast.town_clerk, text="甲镇社会保障服务所", on=NEXT_DAY, key="seal", at=at(NEXT_DAY))
    old, new = OfficeSeal.objects.filter(division=TOWN).order_by("pk")
    assert (old.ended_on, new.begin_on, new.ended_on) == (NEXT_DAY, NEXT_DAY, None)
    assert queries.seal_on(members_village(), IN_TIME) == old.text  # what was issued that day bears the old one
    assert queries.seal_on(members_village(), NEXT_DAY) == "甲镇社会保障服务所"
    assert OfficeSeal.objects.get(division=OTHER_TOWN).ended_on is None


def members_village() -> int:
    return family()[0].division_id


def test_a_seal_that_ended_issues_nothing_from_that_day(cast: Cast) -> None:
    OfficeSeal.objects.filter(division=TOWN).update(ended_on=IN_TIME)
    members = family()
    with pytest.raises(Refused, match="公章"):
        pay(cast.village_agent, members, enrol(cast, members))


def test_only_the_office_sets_up_its_seal_and_says_what_is_on_it(cast: Cast) -> None:
    for actor in (cast.village_agent, cast.bureau, cast.auditor):
        with pytest.raises(Forbidden):
            set_seal(actor, text="某所", on=IN_TIME, key="no", at=at(IN_TIME))
    for text, said in (("  ", "公章上的文字"), ("长" * 61, "最多 60 字")):
        with pytest.raises(BadInput, match=said):
            set_seal(cast.town_clerk, text=text, on=IN_TIME, key="no", at=at(IN_TIME))


def test_a_decision_that_no_longer_agrees_stops_the_receipt(cast: Cast) -> None:
    """What is taken is decided that moment; should due and decision ever part, no form is used."""
    members = family()
    dues = enrol(cast, members)
    with pytest.raises(BadInput):
        pay(cast.village_agent, members, dues, fen=4 * TIER_1 - 1)
    assert Receipt.objects.count() == 0


def test_asking_the_rules_costs_one_statement_however_many_people_there_are(cast: Cast) -> None:
    members = family()
    dues = enrol(cast, members)
    with CaptureQueriesContext(connection) as asked:
        pay(cast.village_agent, members, dues, key="counted")
    (seal,) = (one["sql"] for one in asked if "collection_officeseal" in one["sql"])
    assert 'FROM "collection_receiptbook"' in seal  # it comes with the book
    assert sum('"registry_resident"."name"' in one["sql"] for one in asked) == 1
