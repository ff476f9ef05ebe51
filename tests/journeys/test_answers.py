"""The tax client's answers: money to the treasury on the row's own day, or back where it can be declared again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.journeys.cast import (
    NEXT_VILLAGE,
    POLICY,
    TIER_1,
    YEAR,
    Cast,
    at,
    household,
)
from tests.journeys.declaring_cast import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    accepted,
    batch_of,
    bring,
    check,
    lines_of,
    new_key,
    plain_file,
    refused,
    result_file,
    send,
    take_cash,
    take_in,
    zero_batch,
)
from tests.journeys.test_receiving import holds
from yingbao.accounts.models import AuditEntry
from yingbao.collection.models import Declaration, DeclarationLine, Due
from yingbao.coverage.models import CoveragePeriod
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.ledger.models import Transfer
from yingbao.ledger.queries import money_check
from yingbao.registry.kinds import FileKind
from yingbao.sheets import Column, Kind, read_table
from yingbao.sheets.exchange import RESULT_FILE
from yingbao.storage.fields import Json
from yingbao.usecases.declare import clear_declaration, declare_zero
from yingbao.usecases.files_in import read_problems, read_rejects
from yingbao.usecases.import_results import accept_result, check_result
from yingbao.usecases.refuse_line import refuse_line
from yingbao.worklist.models import WorkItem

ACCOUNTS = ("in_hand", "in_agreement", "in_transit", "treasury")


def where(cast: Cast) -> tuple[int, ...]:
    """Say where the money is: in hand, in the agreement account, declared, in the treasury."""
    money = money_check(cast.auditor, year=YEAR)
    return tuple(getattr(money, name) for name in ACCOUNTS)


def reasons(cast: Cast, file_id: int) -> dict[int, str]:
    """Return row → why it stays out."""
    found = read_problems(cast.tax, file_id=file_id, kind=FileKind.RESULT)
    return {problem.row: problem.reason.render("zh") for problem in found if problem.fatal}


def send_back(cast: Cast, line: DeclarationLine, *, on: date = TUESDAY, **changed: Any) -> Json:
    common: Json = {
        "reason": "姓名与证件号码不符",
        "policy_name": POLICY,
        "on": on,
        "key": new_key("back"),
        "at": at(on),
    }
    return refuse_line(cast.tax, line_id=line.pk, **{**common, **changed})


def clear_batch(cast: Cast, batch: int, *, on: date = TUESDAY, today: date | None = None) -> Json:
    return clear_declaration(
        cast.tax, declaration_id=batch, policy_name=POLICY, on=on, key=new_key("clear"), at=at(today or on)
    )


@pytest.mark.clause("BN-4.3.3a")
@pytest.mark.clause("PJ-5.2.2")
def test_each_line_clears_on_the_day_its_row_says_and_coverage_follows(cast: Cast) -> None:
    early, late = batch_of(cast, 2)
    answer = take_in(cast, result_file(accepted(late, THURSDAY), accepted(early, TUESDAY)), on=THURSDAY)
    assert (answer["good_rows"], answer["cleared"], answer["refused"]) == (2, 2, 0)
    assert list(Due.objects.order_by("pk").values_list("declared_on", "cleared_on")) == [
        (MONDAY, TUESDAY),
        (MONDAY, THURSDAY),
    ]
    assert Declaration.objects.get().cleared_on == THURSDAY
    assert set(CoveragePeriod.objects.values_list("begin_on", flat=True)) == {date(2023, 1, 1)}
    assert where(cast) == (0, 0, 0, 2 * TIER_1)
    assert holds(cast)


def test_rows_on_two_sides_of_a_deadline_are_decided_each_by_its_own_day(cast: Cast) -> None:
    """Who clears on 30 June pays as collected; a day later the same sum is not enough (PJ-7.2e)."""
    collected, in_time, late = date(2023, 6, 29), date(2023, 6, 30), date(2023, 7, 1)
    for _ in range(2):
        take_cash(cast.village_agent, household(date(1990, 1, 1)), on=collected)
    bring(cast.village_agent, 2 * TIER_1, on=collected)
    one, other = lines_of(send(cast.village_agent, on=collected))
    answer = take_in(cast, result_file(accepted(other, late), accepted(one, in_time)), on=late)
    assert (answer["cleared"], answer["short"]) == (1, 1)
    assert [line.state for line in lines_of(one.declaration_id)] == ["accepted", "short"]
    assert list(Due.objects.order_by("pk").values_list("state", flat=True)) == ["cleared", "short"]
    assert CoveragePeriod.objects.get().begin_on == in_time + timedelta(days=91)
    assert where(cast) == (0, 0, 0, 2 * TIER_1)  # a short line's money is in the treasury all the same
    assert holds(cast)


def test_refused_money_goes_back_and_somebody_has_two_working_days_to_mend_it(cast: Cast) -> None:
    good, bad = batch_of(cast, 2)
    answer = take_in(cast, result_file(accepted(good), refused(bad)))
    assert (answer["cleared"], answer["refused"]) == (1, 1)
    assert where(cast) == (0, TIER_1, 0, TIER_1)
    assert money_check(cast.auditor, year=YEAR).declared == TIER_1  # what came back counts as not declared
    bad.refresh_from_db()
    assert (bad.state, bad.reason, bad.answered_on) == ("refused", "证件号码有误", WEDNESDAY)
    assert (bad.due.state, bad.due.declared_on, bad.due.collected_on) == ("collected", None, FRIDAY)
    item = WorkItem.objects.get()
    assert (item.kind, item.subject_id) == ("declaration-refused", bad.due.enrolment.resident_id)
    assert (item.owner.username, item.due_on) == ("village-agent", date(2022, 12, 9))
    assert item.detail == {"fen": TIER_1, "declaration": bad.declaration_id, "line": bad.pk}  # no reason: it may name
    assert Declaration.objects.get().cleared_on == WEDNESDAY
    assert holds(cast)


def test_what_was_mended_is_declared_again_and_its_item_closes_by_itself(cast: Cast) -> None:
    (line,) = batch_of(cast, 1)
    send_back(cast, line)
    again = send(cast.village_agent, on=WEDNESDAY)
    assert WorkItem.objects.get().closed_at is None  # sent is not yet accepted
    clear_batch(cast, again, on=THURSDAY)
    item = WorkItem.objects.get()
    assert (item.closed_reason, item.closed_by_id) == ("更正后重新申报，已受理", cast.tax.user_id)
    states = DeclarationLine.objects.order_by("pk").values_list("state", "answered_on")
    assert list(states) == [("refused", TUESDAY), ("accepted", THURSDAY)]
    assert where(cast) == (0, 0, 0, TIER_1)
    assert holds(cast)


def test_what_waits_to_be_mended_is_left_out_and_its_money_covers_nobody_else(cast: Cast) -> None:
    (line,) = batch_of(cast, 1)
    send_back(cast, line)
    take_cash(cast.village_agent, household(date(1990, 1, 1)), on=TUESDAY)
    with pytest.raises(Refused, match="没有可申报"):  # the second household's cash is still in hand
        send(cast.village_agent, on=TUESDAY, left_out=[line.due_id])
    bring(cast.village_agent, TIER_1, on=TUESDAY)
    (other,) = lines_of(send(cast.village_agent, on=TUESDAY, left_out=[line.due_id]))
    assert other.due_id != line.due_id
    assert where(cast) == (0, TIER_1, TIER_1, 0)
    assert holds(cast)


def test_a_refused_zero_declaration_is_open_again(cast: Cast) -> None:
    (line,) = zero_batch(cast)
    send_back(cast, line)
    due = Due.objects.get()
    assert (due.state, due.declared_on, due.collected_on) == ("open", None, None)
    with pytest.raises(Refused, match="没有可申报"):
        zero: Json = {"year": YEAR, "on": WEDNESDAY, "at": at(WEDNESDAY)}
        declare_zero(cast.town_clerk, key="without", left_out=[due.pk], **zero)
    again = declare_zero(cast.town_clerk, key="again", **zero)["declaration"]
    assert clear_batch(cast, again, on=THURSDAY) == {"cleared": 1, "short": 0}
    assert WorkItem.objects.get().closed_reason
    assert holds(cast)


def test_a_batch_answered_in_parts_closes_with_its_last_line(cast: Cast) -> None:
    first, second, third = batch_of(cast, 3)
    send_back(cast, first)
    take_in(cast, result_file(accepted(second)))
    assert Declaration.objects.get().cleared_on is None
    assert clear_batch(cast, third.declaration_id, on=TUESDAY, today=THURSDAY) == {"cleared": 1, "short": 0}
    assert Declaration.objects.get().cleared_on == TUESDAY  # of the three days the latest
    with pytest.raises(NotFound, match="全部有了回执"):
        clear_batch(cast, third.declaration_id, on=THURSDAY)
    assert holds(cast)


# --- rows that cannot be believed -----------------------------------------------------------------------------------


def _other_amount(lines: list[DeclarationLine]) -> Json:
    return accepted(lines[0], amount_fen=TIER_1 - 1)


BAD_ROWS: dict[str, tuple[Callable[[list[DeclarationLine]], Json], str]] = {
    "no such line": (lambda lines: accepted(lines[0], line="999999999"), "没有这一行申报"),
    "no line, no person": (lambda lines: accepted(lines[0], line="", name="", cert_number=""), "对不上申报的人"),
    "somebody else's line": (lambda lines: accepted(lines[0], line=str(lines[1].pk)), "不是这一行申报的人"),
    "unknown number": (lambda lines: accepted(lines[0], cert_number="TEST99999999999999"), "不是这一行申报的人"),
    "another name": (lambda lines: accepted(lines[0], name="别人"), "姓名与这一行"),
    "a number without its name": (
        lambda lines: accepted(lines[0], line="", name="别人", batch=""),
        "姓名和证件号码都相同",
    ),
    "another batch": (lambda lines: accepted(lines[0], batch="777"), "不是|属于第"),
    "not in that batch": (lambda lines: accepted(lines[0], batch="777", line=""), "第 777 批申报里没有这个人"),
    "another amount": (_other_amount, "申报的是350.00元，回执写的是349.99元"),
    "before it was declared": (lambda lines: accepted(lines[0], FRIDAY), "早于申报日期2022-12-05"),
    "tomorrow": (lambda lines: accepted(lines[0], THURSDAY), "日期晚于今天"),
    "no day": (lambda lines: accepted(lines[0], cleared_on=None), "要写入库日期"),
    "no reason": (lambda lines: refused(lines[0], ""), "要写原因"),
    "an essay": (lambda lines: refused(lines[0], "错" * 201), "超过 200 个字"),
    "a word nobody knows": (lambda lines: accepted(lines[0], answer="也许"), "应写“已受理”或“退回”"),
    "nonsense for a line": (lambda lines: accepted(lines[0], line="第一行"), "应为申报文件中的号码"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_row_that_cannot_be_believed_is_told_and_changes_nothing(cast: Cast, case: str) -> None:
    make, sentence = BAD_ROWS[case]
    lines = batch_of(cast, 2)
    before = Transfer.objects.count()
    checked = check(cast, result_file(make(lines)))
    assert (checked["good_rows"], checked["bad_rows"]) == (0, 1)
    ((row, reason),) = reasons(cast, checked["file_id"]).items()
    assert row == 2
    assert any(part in reason for part in sentence.split("|")), reason
    accept_result(cast.tax, file_id=checked["file_id"], key="accept", at=at(WEDNESDAY))
    assert {line.state for line in lines_of(lines[0].declaration_id)} == {"sent"}
    assert Transfer.objects.count() == before
    assert holds(cast)


def test_good_rows_come_in_beside_bad_ones_which_come_back_as_a_file(cast: Cast) -> None:
    good, bad, unheard = batch_of(cast, 3)
    answer = take_in(cast, result_file(accepted(good), _other_amount([bad])))
    assert (answer["good_rows"], answer["bad_rows"], answer["cleared"]) == (1, 1, 1)
    states = [line.state for line in lines_of(good.declaration_id)]
    assert (states, unheard.state) == (["accepted", "sent", "sent"], "sent")
    content = read_rejects(cast.tax, file_id=answer["file_id"], kind=FileKind.RESULT)
    assert content is not None
    (row,) = read_table(content, name="rejects.xlsx", layout=RESULT_FILE)
    assert row.text("line") == str(bad.pk)
    assert holds(cast)


@pytest.mark.parametrize("broken", ["5.00101E+17", "5.00101e17"])
def test_a_number_excel_broke_is_told_as_such(cast: Cast, broken: str) -> None:
    (line,) = batch_of(cast, 1)
    checked = check(cast, plain_file(accepted(line, cert_number=broken)))
    assert "设为“文本”" in reasons(cast, checked["file_id"])[2]


def test_a_number_that_is_a_number_in_excel_is_told_as_such(cast: Cast) -> None:
    (line,) = batch_of(cast, 1)
    columns = [
        Column(one.key, one.name, kind=Kind.INTEGER if one.key == "cert_number" else one.kind)
        for one in RESULT_FILE.columns
    ]
    checked = check(cast, result_file(accepted(line, cert_number=500101199001011234), columns=columns))
    assert "设为“文本”" in reasons(cast, checked["file_id"])[2]


def test_by_name_and_number_alone_a_line_is_found_where_there_is_one(cast: Cast) -> None:
    (line,) = batch_of(cast, 1)
    send_back(cast, line)
    again = lines_of(send(cast.village_agent, on=WEDNESDAY))[0]
    alone: Json = {"line": "", "batch": ""}
    checked = check(cast, result_file(accepted(again, WEDNESDAY, **alone)))
    assert "2 行申报" in reasons(cast, checked["file_id"])[2]
    answer = take_in(cast, result_file(accepted(again, WEDNESDAY, line="")))  # the batch tells them apart
    assert answer["cleared"] == 1
    assert holds(cast)


def test_two_rows_on_one_line_count_once_where_they_agree_and_not_at_all_where_they_differ(cast: Cast) -> None:
    one, other = batch_of(cast, 2)
    rows = (accepted(one), accepted(one), accepted(other), refused(other))
    answer = take_in(cast, result_file(*rows))
    assert (answer["cleared"], answer["good_rows"], answer["bad_rows"]) == (1, 2, 2)
    told = reasons(cast, answer["file_id"])
    assert {row: "结果却不同" in reason for row, reason in told.items()} == {4: True, 5: True}
    assert [line.state for line in lines_of(one.declaration_id)] == ["accepted", "sent"]


def test_a_line_answered_already_is_left_as_it_is_and_told_where_the_file_says_otherwise(cast: Cast) -> None:
    same, other = batch_of(cast, 2)
    clear_batch(cast, same.declaration_id)
    before = Transfer.objects.count()
    answer = take_in(cast, result_file(accepted(same), accepted(other, WEDNESDAY)))
    assert (answer["already"], answer["bad_rows"], answer["cleared"]) == (1, 1, 0)
    assert "已于2022-12-06到账" in reasons(cast, answer["file_id"])[3]
    answer = take_in(cast, result_file(refused(same), accepted(other)))
    assert "没有改动" in reasons(cast, answer["file_id"])[2]
    assert Transfer.objects.count() == before


# --- twice, who, when -----------------------------------------------------------------------------------------------


def test_the_same_file_twice_changes_nothing(cast: Cast) -> None:
    lines = batch_of(cast, 2)
    upload = result_file(accepted(lines[0]), refused(lines[1]))
    file_id = check(cast, upload)["file_id"]
    first = accept_result(cast.tax, file_id=file_id, key="accept", at=at(WEDNESDAY))
    moved = Transfer.objects.count()
    assert accept_result(cast.tax, file_id=file_id, key="accept", at=at(WEDNESDAY)) == first
    with pytest.raises(Refused, match="不会再次导入"):
        check(cast, upload)
    again = take_in(cast, result_file(accepted(lines[0]), refused(lines[1]), name="又一份.xlsx", columns=_reordered()))
    assert (again["already"], again["cleared"], again["refused"]) == (2, 0, 0)
    assert (Transfer.objects.count(), WorkItem.objects.count()) == (moved, 1)
    assert holds(cast)


def _reordered() -> list[Column]:
    return list(reversed(RESULT_FILE.columns))


def test_only_the_tax_office_answers_and_only_for_its_own_divisions(cast: Cast) -> None:
    (line,) = batch_of(cast, 1)
    upload = result_file(accepted(line))
    for other in (cast.town_clerk, cast.village_agent, cast.bureau, cast.auditor):
        with pytest.raises(Forbidden):
            check_result(other, upload=upload, policy_name=POLICY, key=new_key("no"), at=at(WEDNESDAY))
        with pytest.raises(Forbidden):
            refuse_line(other, line_id=line.pk, reason="x", policy_name=POLICY, on=TUESDAY, key="no", at=at(TUESDAY))
    assert {line.state for line in lines_of(line.declaration_id)} == {"sent"}


@pytest.mark.parametrize("on", [FRIDAY, THURSDAY])
def test_a_day_before_the_declaration_or_after_today_is_none(cast: Cast, on: date) -> None:
    (line,) = batch_of(cast, 1)
    with pytest.raises(Refused, match=r"2022-12-05.*2022-12-07"):
        clear_batch(cast, line.declaration_id, on=on, today=WEDNESDAY)
    with pytest.raises(Refused, match=r"2022-12-05.*2022-12-07"):
        send_back(cast, line, on=on, at=at(WEDNESDAY))
    assert clear_batch(cast, line.declaration_id, on=MONDAY, today=WEDNESDAY)["cleared"] == 1


def test_a_line_is_refused_by_hand_once_and_with_a_reason(cast: Cast) -> None:
    (line,) = batch_of(cast, 1)
    with pytest.raises(BadInput, match="原因"):
        send_back(cast, line, reason="  ")
    assert send_back(cast, line, key="same") == send_back(cast, line, key="same")
    with pytest.raises(Refused, match="已经有了回执"):
        send_back(cast, line)
    with pytest.raises(NotFound):
        refuse_line(cast.tax, line_id=0, reason="x", policy_name=POLICY, on=TUESDAY, key="none", at=at(TUESDAY))
    assert where(cast) == (0, TIER_1, 0, 0)


def test_the_audit_trail_tells_of_every_batch_a_file_answers_without_naming_anybody(cast: Cast) -> None:
    (one,) = batch_of(cast, 1)
    (other,) = batch_of(cast, 1, agent=cast.next_agent, village=NEXT_VILLAGE)
    take_in(cast, result_file(accepted(one), refused(other)))
    told = AuditEntry.objects.filter(action="take-in-result").order_by("subject_id")
    assert list(told.values_list("subject_id", "detail__cleared", "detail__refused")) == [
        (one.declaration_id, 1, 0),
        (other.declaration_id, 0, 1),
    ]
    assert not any("证件号码有误" in str(entry.detail) for entry in AuditEntry.objects.all())
    assert holds(cast)


def test_statements_do_not_grow_with_the_lines_of_a_batch_nor_with_the_register(cast: Cast) -> None:
    few = batch_of(cast, 2)
    with CaptureQueriesContext(connection) as small:
        take_in(cast, result_file(accepted(few[0]), refused(few[1])))
    many = batch_of(cast, 14)
    with CaptureQueriesContext(connection) as large:
        take_in(cast, result_file(*map(accepted, many[1:]), refused(many[0])))
    assert len(large) <= len(small)
