"""Monthly full lists: who is missing is cancelled, of the classes it names, never by a slip of the pen."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.cast import (
    NOVEMBER,
    NOW,
    PASSWORD,
    POLICY,
    Cast,
    Cells,
    book,
    bring_in,
    check_list,
    entry,
    family,
    new_key,
    number,
    send_list,
    told,
    warned,
)
from tests.imports.lists import (
    DECEMBER,
    JANUARY,
    check_full,
    differences,
    full_upload,
    listed,
    names_with,
    send_full,
    villagers,
)
from yingbao.kernel.errors import BadInput, Refused
from yingbao.registry.models import Identity, ImportedFile, Resident
from yingbao.sheets.layouts import MONTHLY_FULL, ROSTER
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_rosters import check_roster

FATHER, MOTHER, DAUGHTER = number("19800501", 1), number("19820602", 2), number("20120703", 4)


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast, with a family of three and thirty villagers in the register."""
    bring_in(cast.town_clerk, [*family(), *villagers(30)])
    return cast


def everybody(count: int = 30, identity: str = "城乡低保对象") -> list[Cells]:
    """Return a full list's rows of the first villagers."""
    return [listed(str(row["name"]), str(row["cert_number"]), identity) for row in villagers(count)]


def ids(*names: str) -> list[int]:
    return sorted(Resident.objects.filter(name__in=names).values_list("pk", flat=True))


# --- what it says ---------------------------------------------------------------------------------------------------


@pytest.mark.clause("BN-4.2.1a")
def test_who_is_missing_from_a_full_list_is_cancelled_from_its_month_on(town: Cast) -> None:
    send_full(town.civil_affairs, [listed("柏大树", FATHER), listed("艾青禾", MOTHER)], town.bureau)
    checked = check_full(town.civil_affairs, [listed("艾青禾", MOTHER)], month=DECEMBER)
    assert ImportedFile.objects.get(pk=checked["file_id"]).is_full
    assert (checked["added"], checked["removed"], checked["already"]) == (0, 1, 1)
    assert names_with("dibao") == {"柏大树", "艾青禾"}  # nobody yet
    answer = send_full(
        town.civil_affairs, [listed("艾青禾", MOTHER), listed("柏小苗", DAUGHTER)], town.bureau, month=DECEMBER
    )
    assert (answer["added"], answer["removed"]) == (1, 1)
    ended = Identity.objects.get(resident__name="柏大树")
    assert (ended.end_on, ended.closed_by_id) == (DECEMBER, answer["file_id"])
    assert names_with("dibao") == {"艾青禾", "柏小苗"}


def test_a_list_of_one_class_ends_no_other(town: Cast) -> None:
    send_full(town.civil_affairs, [listed("柏大树", FATHER), listed("艾青禾", MOTHER, "特困人员")], town.bureau)
    answer = send_full(town.civil_affairs, [listed("柏小苗", DAUGHTER, "特困人员")], town.bureau, month=DECEMBER)
    assert (names_with("dibao"), names_with("extreme_poverty")) == ({"柏大树"}, {"柏小苗"})
    assert (0, "", "本部门另有 {kinds} 类 {count} 人次不在这份名单的类别之内，没有取消") in warned(answer["file_id"])


def test_a_full_list_never_touches_what_other_departments_confirm(town: Cast) -> None:
    send_list(town.disabled, [entry("柏大树", FATHER, "重度残疾人", disability_grade="一级")], town.bureau)
    send_full(town.civil_affairs, [listed("艾青禾", MOTHER)], town.bureau)
    assert names_with("disabled_1_2") == {"柏大树"}


def test_since_when_somebody_is_subsidised_may_begin_earlier_and_never_before_an_earlier_end(town: Cast) -> None:
    rows = [listed("柏大树", FATHER, subsidised_from=date(2022, 3, 15)), listed("艾青禾", MOTHER)]
    send_full(town.civil_affairs, rows, town.bureau)
    begun = dict(Identity.objects.values_list("resident__name", "begin_on"))
    assert begun == {"柏大树": date(2022, 3, 15), "艾青禾": NOVEMBER}
    send_full(town.civil_affairs, [listed("艾青禾", MOTHER)], town.bureau, month=DECEMBER)
    again = listed("柏大树", FATHER, subsidised_from=date(2022, 5, 1))
    send_full(town.civil_affairs, [again, listed("艾青禾", MOTHER)], town.bureau, month=JANUARY)
    spans = Identity.objects.filter(resident__name="柏大树").order_by("begin_on").values_list("begin_on", "end_on")
    assert list(spans) == [(date(2022, 3, 15), DECEMBER), (DECEMBER, None)]


def test_a_class_that_changes_begins_with_the_list_and_not_on_the_old_classes_day(town: Cast) -> None:
    since = date(2022, 3, 15)
    rows = [listed("柏大树", FATHER, subsidised_from=since), listed("艾青禾", MOTHER)]
    send_full(town.civil_affairs, rows, town.bureau)
    changed = listed("柏大树", FATHER, "特困人员", subsidised_from=since)
    answer = send_full(town.civil_affairs, [changed, listed("艾青禾", MOTHER)], town.bureau, month=DECEMBER)
    assert [column for _, column, _ in warned(answer["file_id"])].count("纳入资助时间") == 1
    spans = Identity.objects.filter(resident__name="柏大树").order_by("begin_on")
    assert [(one.code, one.begin_on) for one in spans] == [("dibao", since), ("extreme_poverty", DECEMBER)]


def test_a_day_after_the_month_or_before_birth_is_told(town: Cast) -> None:
    rows = [
        listed("柏大树", FATHER, subsidised_from=DECEMBER),
        listed("柏小苗", DAUGHTER, subsidised_from=date(2011, 1, 1)),
    ]
    checked = check_full(town.civil_affairs, rows)
    assert [reason for _, _, reason in told(checked["file_id"])] == ["晚于名单所属月份", "早于出生日期"]


# --- never by a slip of the pen -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "slip",
    [
        listed("柏大树", FATHER[:16] + FATHER[17] + FATHER[16]),  # two digits changed places
        listed("柏大村", FATHER),  # a wrong name
        listed("柏大树", FATHER, "困难群众"),  # a category nobody knows
        listed("柏大树", number("19990101", 3)),  # another number altogether: the name still speaks
    ],
)
def test_nobody_is_cancelled_whom_a_failed_row_may_mean(town: Cast, slip: Cells) -> None:
    send_full(town.civil_affairs, [listed("柏大树", FATHER), listed("艾青禾", MOTHER)], town.bureau)
    answer = send_full(town.civil_affairs, [slip, listed("艾青禾", MOTHER)], town.bureau, month=DECEMBER)
    assert (answer["removed"], answer["spared"], answer["bad_rows"]) == (0, 1, 1)
    assert names_with("dibao") == {"柏大树", "艾青禾"}
    assert differences(answer["file_id"])["spared"] == [[ids("柏大树")[0], "dibao"]]


@pytest.mark.clause("BN-A")
def test_a_list_of_fewer_than_half_of_last_months_people_is_refused_whole(town: Cast) -> None:
    send_full(town.civil_affairs, everybody(30), town.bureau)
    with pytest.raises(Refused, match="只有 14 人，不到现有 30 人的一半"):
        check_full(town.civil_affairs, everybody(14), month=DECEMBER)
    assert check_full(town.civil_affairs, everybody(15), month=DECEMBER)["removed"] == 15


def test_each_class_is_counted_by_itself(town: Cast) -> None:
    rows = [*everybody(30)[:18], *everybody(30, "特困人员")[18:]]
    send_full(town.civil_affairs, rows, town.bureau)
    short = [*everybody(30)[:18], *everybody(30, "特困人员")[25:]]
    with pytest.raises(Refused, match=r"特困人员.*只有 5 人，不到现有 12 人的一半"):
        check_full(town.civil_affairs, short, month=DECEMBER)


def test_rows_without_a_number_count_for_nobody(town: Cast) -> None:
    send_full(town.civil_affairs, everybody(30), town.bureau)
    emptied = [row if n < 10 else row | {"cert_number": ""} for n, row in enumerate(everybody(30))]
    with pytest.raises(Refused, match="只有 10 人"):
        check_full(town.civil_affairs, emptied, month=DECEMBER)


@pytest.mark.clause("BN-A")
def test_an_empty_number_column_is_refused_whole(town: Cast) -> None:
    with pytest.raises(BadInput) as refused:
        check_full(town.civil_affairs, [row | {"cert_number": ""} for row in everybody(3)])
    assert "整列为空" in str(refused.value.fact)


def test_a_list_for_an_earlier_month_than_the_newest_is_refused(town: Cast) -> None:
    send_full(town.civil_affairs, [listed("柏大树", FATHER)], town.bureau, month=DECEMBER)
    with pytest.raises(Refused, match="已有 2022-12 的花名册导入，2022-11 的全量名单没有接收"):
        check_full(town.civil_affairs, [listed("艾青禾", MOTHER)])
    check_full(town.disabled, [listed("柏大树", FATHER, "重度残疾人")])  # another department's months are its own


def test_an_add_remove_list_that_empties_a_class_is_refused_whole(town: Cast) -> None:
    send_full(town.civil_affairs, everybody(30), town.bureau)
    leaving = [entry(str(r["name"]), str(r["cert_number"]), change="减少") for r in villagers(16)]
    with pytest.raises(Refused, match="16 人，超过现有 30 人的一半"):
        check_list(town.civil_affairs, leaving, month=DECEMBER)
    assert check_list(town.civil_affairs, leaving[:15], month=DECEMBER)["removed"] == 15


def test_what_was_refused_is_looked_at_again_when_it_is_accepted(town: Cast) -> None:
    waiting = check_full(town.civil_affairs, everybody(12), month=NOVEMBER)
    send_full(town.civil_affairs, everybody(30), town.bureau)
    from_now = check_full(town.civil_affairs, everybody(15), month=DECEMBER)
    assert waiting["removed"] == 0 and from_now["removed"] == 15


# --- which kind of list ---------------------------------------------------------------------------------------------


def test_a_roster_without_additions_or_removals_is_never_taken_for_a_full_list(town: Cast) -> None:
    columns = [column for column in ROSTER.columns if column.key != "change"]
    plain = book(type(ROSTER)("x", ROSTER.title, tuple(columns)), [entry("柏大树", FATHER)], PASSWORD)
    upload = Upload(name="花名册.xlsx", content=plain, password=PASSWORD)
    with pytest.raises(BadInput, match="分不清"):
        check_roster(town.civil_affairs, upload=upload, month=NOVEMBER, policy_name=POLICY, key=new_key(), at=NOW)


@pytest.mark.clause("BN-4.2.1b")
def test_a_full_list_without_a_password_is_refused(town: Cast) -> None:
    plain = Upload(name="全量.xlsx", content=book(MONTHLY_FULL, [listed("柏大树", FATHER)]))
    with pytest.raises(BadInput, match="没有加密"):
        check_roster(town.civil_affairs, upload=plain, month=NOVEMBER, policy_name=POLICY, key=new_key(), at=NOW)


# --- differences ----------------------------------------------------------------------------------------------------


def test_the_differences_hold_counts_and_ids_and_no_names(town: Cast) -> None:
    send_full(town.civil_affairs, [listed("柏大树", FATHER), listed("艾青禾", MOTHER)], town.bureau)
    rows = [
        listed("柏大树", FATHER, "特困人员", village="西社区"),
        listed("艾青禾", MOTHER),
        listed("柏小苗", DAUGHTER),
    ]
    kept = differences(check_full(town.civil_affairs, rows, month=DECEMBER)["file_id"])
    father, daughter = ids("柏大树")[0], ids("柏小苗")[0]
    assert kept["added"] == [[father, "extreme_poverty"], [daughter, "dibao"]]
    assert kept["removed"] == [[father, "dibao"]]
    assert (kept["changed"], kept["moved"]) == ([father], [father])
    assert kept["by_identity"] == {"dibao": [2, 1, 1], "extreme_poverty": [0, 1, 0]}
    assert kept["by_town"] == {"500155113000": [2, 2, 1]}
    assert "柏" not in str(kept) and FATHER not in str(kept)


def test_a_full_list_takes_a_fixed_number_of_statements(town: Cast) -> None:
    bring_in(town.town_clerk, [row | {"household_no": f"W{n}"} for n, row in enumerate(villagers(330)[30:])])
    everyone = [listed(str(row["name"]), str(row["cert_number"])) for row in villagers(330)]
    send_full(town.civil_affairs, everyone[:20], town.bureau)
    few = _statements(town, everyone[2:22], month=DECEMBER)
    assert _statements(town, everyone[12:320], month=JANUARY) == few


def _statements(cast: Cast, rows: list[Cells], *, month: date) -> int:
    with CaptureQueriesContext(connection) as statements:
        send_full(cast.civil_affairs, rows, cast.bureau, month=month)
    return len(statements)


def test_the_same_list_twice_is_known_by_its_content(town: Cast) -> None:
    upload = full_upload([listed("柏大树", FATHER)])
    first = check_roster(town.civil_affairs, upload=upload, month=NOVEMBER, policy_name=POLICY, key="k", at=NOW)
    again = check_roster(town.civil_affairs, upload=upload, month=NOVEMBER, policy_name=POLICY, key="k", at=NOW)
    assert first == again
    assert ImportedFile.objects.filter(kind="roster").count() == 1
