"""What an institution paid, in weekly table, notice, books and lists: its people live in many houses."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from tests.journeys.cast import IN_TIME, NEXT_VILLAGE, POLICY, TIER_1, TOWN, VILLAGE, YEAR, Cast, at, household, tiers
from tests.journeys.institutions import (
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
from tests.journeys.test_welfare_institutions import kept
from yingbao.kernel.errors import BadInput, NotFound
from yingbao.kernel.periods import DAY
from yingbao.ledger import tree
from yingbao.ledger.kinds import AccountKind
from yingbao.ledger.models import Account
from yingbao.policy import get_vocabulary
from yingbao.progress.models import Target, WeeklyLine
from yingbao.progress.queries import target_persons
from yingbao.progress.weekly import standings
from yingbao.usecases.declare import clear_declaration, declare_zero
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.export_declaration import Format, export_declaration
from yingbao.usecases.extract_settlement import extract_settlement
from yingbao.usecases.papers import write_settlement_list, write_weekly_table
from yingbao.usecases.publish_notice import draw_up_notice
from yingbao.usecases.receive_payment import receive_payment
from yingbao.usecases.report_week import report_week

LOW_INCOME = get_vocabulary().low_income


def week(cast: Cast) -> dict[int, tuple[int, int]]:
    """Report this week; return division → people and fen as kept."""
    report_week(cast.town_clerk, policy_name=POLICY, cut_off_on=IN_TIME, at=at(IN_TIME))
    lines = WeeklyLine.objects.filter(cut_off_on=IN_TIME)
    return {one.division_id: (one.persons, one.amount_fen) for one in lines}


def cells(content: bytes) -> list[Any]:
    """Return the rows of an .xlsx file's first sheet."""
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def pay_for(cast: Cast, school: Campus) -> int:
    """Enrol two students of the institution's house and one of the next village; return the payment."""
    register(student(3))
    bring_in(school, students(3), on=IN_TIME)
    drawn = bill(school, on=IN_TIME)
    return int(transfer(cast.tax, drawn["order"], drawn["amount_fen"], on=IN_TIME)["payment"])


@pytest.mark.clause("PJ-8.4")
def test_everybody_an_institution_pays_for_counts_in_its_village(cast: Cast) -> None:
    pay_for(cast, campus())
    assert week(cast) == {VILLAGE: (3, 3 * STUDENT_1), NEXT_VILLAGE: (0, 0)}


def test_an_institution_of_the_town_itself_has_a_line_of_the_towns(cast: Cast) -> None:
    for code, persons in ((VILLAGE, 5), (NEXT_VILLAGE, 4), (TOWN, 9)):
        Target.objects.create(
            division_id=code,
            year=YEAR,
            households=5,
            population=12,
            persons=persons,
            amount_fen=persons * TIER_1,
            due_on=IN_TIME,
        )
    assert set(week(cast)) == {VILLAGE, NEXT_VILLAGE}  # no line for nothing
    pay_for(cast, campus(division=TOWN))
    assert week(cast) == {TOWN: (3, 3 * STUDENT_1), VILLAGE: (0, 0), NEXT_VILLAGE: (0, 0)}
    lines = standings(cast.town_clerk, year=YEAR, on=IN_TIME, low_income=LOW_INCOME)
    assert sum(line.target_persons for line in lines) == target_persons(cast.town_clerk, year=YEAR) == 9
    assert [line.persons_percent for line in lines if line.division_code == TOWN] == [None]
    table = cells(write_weekly_table(cast.town_clerk, year=YEAR, cut_off_on=IN_TIME))
    (own,) = (row for row in table if str(row[1]).endswith("（本级）"))
    (total,) = (row for row in table if row[1] == "合计")
    assert (own[2], own[3], total[2], total[3]) == (0, 3, 9, 3)
    assert standings(cast.village_agent, year=YEAR, on=IN_TIME, low_income=LOW_INCOME)[0].done.persons == 0
    whole(cast)


@pytest.mark.clause("BN-4.2.2c")
def test_a_transfer_is_in_no_notice_of_who_paid_cash(cast: Cast) -> None:
    pay_for(cast, campus())
    span: dict[str, Any] = {"year": YEAR, "begin_on": IN_TIME, "end_on": IN_TIME + DAY, "at": at(IN_TIME)}
    with pytest.raises(BadInput, match="没有现金缴费"):
        draw_up_notice(cast.village_agent, key="none", **span)
    (one,) = household(IN_TIME.replace(year=1980))
    enrol_and_pay(
        cast.village_agent,
        household_id=one.household_id,
        tiers=tiers([one]),
        channel="cash",
        amount_fen=TIER_1,
        policy_name=POLICY,
        on=IN_TIME,
        key="cash",
        at=at(IN_TIME),
    )
    assert draw_up_notice(cast.village_agent, key="one", **span)["amount_fen"] == TIER_1


def test_a_statement_holds_the_transfer_as_one_line_a_step(cast: Cast) -> None:
    payment = pay_for(cast, campus())
    treasury = Account.objects.get(kind=AccountKind.TREASURY, division_id=VILLAGE)
    (line,) = tree.movements(treasury, begin_on=IN_TIME, end_on=IN_TIME + DAY)
    assert (line.fen, line.source_kind, line.source_id) == (3 * STUDENT_1, "payment", payment)
    assert not Account.objects.filter(division_id=NEXT_VILLAGE).exists()  # one payment, one village's books


@pytest.mark.clause("BN-3.3.3")
def test_a_welfare_home_of_the_town_is_of_that_town_in_every_list(cast: Cast) -> None:
    home = campus("W1", "welfare", division=TOWN)
    checked = check(home, [kept(1, "特困人员"), kept(2, "孤儿")], on=IN_TIME)
    accept(home, checked["file_id"], on=IN_TIME, actor=cast.town_clerk)
    declared = declare_zero(cast.town_clerk, year=YEAR, on=IN_TIME, key="zero", at=at(IN_TIME))["declaration"]
    terms: dict[str, Any] = {"policy_name": POLICY, "at": at(IN_TIME)}
    sent = export_declaration(cast.tax, declaration_id=declared, file_format=Format.XLSX, at=at(IN_TIME))
    clear_declaration(cast.tax, declaration_id=declared, on=IN_TIME, key="clear", **terms)
    span: dict[str, Any] = {"begin_on": IN_TIME, "end_on": IN_TIME + DAY}
    lists = extract_settlement(cast.tax, key="settle", **span, **terms)["lists"]
    drawn = write_settlement_list(cast.tax, list_id=lists["medical_assistance"]["list"], **terms)
    town = home.institution.division.name
    assert sum(town in row for row in cells(drawn)) == 2
    assert sum(row.count(town) == 2 for row in cells(sent)) == 2  # as town and as place
    whole(cast)


def test_taking_one_persons_money_reads_nobody_elses_facts(cast: Cast) -> None:
    """One of a house of two and one of a house of forty cost the same statements: the first opens the accounts."""
    counts: list[int] = []
    for code, size in (("U0", 1), ("U1", 2), ("U2", 40)):
        school = campus(code)
        bring_in(school, [student(order + 100 * len(counts)) for order in range(size)], on=IN_TIME, key=code)
        due = dues_of(school)[0]
        with CaptureQueriesContext(connection) as queries:
            receive_payment(
                cast.wechat,
                household_id=school.institution.household_id,
                due_ids=[due.pk],
                channel="wechat",
                amount_fen=due.amount_fen,
                policy_name=POLICY,
                collected_on=IN_TIME,
                key=f"pay-{code}",
                at=at(IN_TIME),
            )
        counts.append(len(queries))
        assert [one["sql"] for one in queries if '"registry_resident"."household_id" = ' in one["sql"]] == []
    assert counts[1] == counts[2]
    whole(cast)


def test_a_due_of_another_house_is_not_taken_for_this_one(cast: Cast) -> None:
    first, second = campus("U1"), campus("U2")
    bring_in(first, students(1), on=IN_TIME, key="a")
    bring_in(second, [student(50)], on=IN_TIME, key="b")
    (theirs,) = dues_of(second)
    with pytest.raises(NotFound, match="不属于这一户"):
        receive_payment(
            cast.wechat,
            household_id=first.institution.household_id,
            due_ids=[theirs.pk],
            channel="wechat",
            amount_fen=theirs.amount_fen,
            policy_name=POLICY,
            collected_on=IN_TIME,
            key="theirs",
            at=at(IN_TIME),
        )
