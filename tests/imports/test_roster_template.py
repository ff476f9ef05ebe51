"""The form a department downloads: the annex's own, closed with a password, read back by our own reader."""

from __future__ import annotations

import io
from datetime import date

import msoffcrypto
import pytest
from openpyxl import load_workbook

from tests.imports.cast import NOVEMBER, NOW, POLICY, Cast, bring_in, entry, family, new_key, number, person, send_list
from tests.imports.lists import DECEMBER, names_with
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.kernel.errors import BadInput, Forbidden
from yingbao.sheets import Table, read_table
from yingbao.sheets.layouts import MONTHLY_FULL, ROSTER
from yingbao.usecases.files_found import Upload
from yingbao.usecases.import_rosters import check_roster
from yingbao.usecases.roster_template import write_template

FATHER, MOTHER = number("19800501", 1), number("19820602", 2)
PASSWORD = "至少八个字符的密码"


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast; father has dibao by one department, mother a disability by another."""
    bring_in(cast.town_clerk, [*family(), person("冉青", "19900101", household_no="H9")])
    send_list(cast.civil_affairs, [entry("柏大树", FATHER)], cast.bureau)
    send_list(cast.disabled, [entry("艾青禾", MOTHER, "重度残疾人", disability_grade="一级")], cast.bureau)
    return cast


def write(
    actor: Actor, form: str = "changes", month: date | None = None, password: str = PASSWORD, again: str = PASSWORD
) -> bytes:
    return write_template(
        actor, form=form, month=month, password=password, password_again=again, policy_name=POLICY, at=NOW
    )


def read(content: bytes, form: str = "changes") -> Table:
    return read_table(content, name="表.xlsx", layout=[ROSTER, MONTHLY_FULL], password=PASSWORD)


def opened(content: bytes) -> bytes:
    plain = io.BytesIO()
    office = msoffcrypto.OfficeFile(io.BytesIO(content))
    office.load_key(password=PASSWORD, verify_password=True)
    office.decrypt(plain)
    return plain.getvalue()


@pytest.mark.clause("BN-A")
@pytest.mark.clause("BN-4.2.1b")
def test_the_form_is_the_annexs_own_and_closed(town: Cast) -> None:
    content = write(town.civil_affairs)
    assert msoffcrypto.OfficeFile(io.BytesIO(content)).is_encrypted()
    sheet = load_workbook(io.BytesIO(opened(content))).active
    assert sheet is not None
    rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows[0][0] == "居民医疗保险参保资助对象花名册"
    assert rows[1][0] == "填报单位（盖章）：民政"
    assert rows[2] == [
        "姓名",
        "身份证号码",
        "镇街",
        "村居",
        "居住地址",
        "人员类别",
        "新增或减少",
        "其他特殊标注信息",
        "",
        "",
        "联系电话",
    ]
    assert rows[3][7:10] == ["残疾人等级", "低保人员年龄", "低保人员重点保障情况"]
    assert "H3:J3" in {str(merged) for merged in sheet.merged_cells.ranges}
    assert str(rows[-1][0]).startswith("注：其他特殊标注信息由")


@pytest.mark.parametrize(("form", "layout"), [("changes", ROSTER), ("full", MONTHLY_FULL)])
def test_filled_it_holds_the_departments_own_people_and_nobody_elses(town: Cast, form: str, layout: object) -> None:
    table = read(write(town.civil_affairs, form, NOVEMBER))
    assert table.layout is layout
    (row,) = table
    assert [row.text(key) for key in ("name", "cert_number", "town", "village")] == ["柏大树", FATHER, "甲镇", "东村"]
    assert row.text("identity") == "城乡低保对象"
    if form == "changes":
        assert (row.text("phone"), row.text("address")) == ("", "")
    entry_of_it = AuditEntry.objects.filter(action="take-roster-template").get()
    assert entry_of_it.detail == {"form": form, "month": "2022-11-01", "rows": 1}


@pytest.mark.parametrize("form", ["changes", "full"])
def test_sent_back_as_it_is_it_changes_nothing(town: Cast, form: str) -> None:
    upload = Upload(name="表.xlsx", content=write(town.civil_affairs, form, DECEMBER), password=PASSWORD)
    checked = check_roster(town.civil_affairs, upload=upload, month=DECEMBER, policy_name=POLICY, key=new_key(), at=NOW)
    assert (checked["already"], checked["added"], checked["removed"], checked["bad_rows"]) == (1, 0, 0, 0)
    assert names_with("dibao") == {"柏大树"}


def test_who_did_not_hold_it_that_month_is_not_in_it(town: Cast) -> None:
    content = write(town.civil_affairs, "full", date(2022, 10, 1))
    with pytest.raises(BadInput, match="没有导入"):  # an empty form
        read(content)


@pytest.mark.clause("BN-4.2.1b")
@pytest.mark.parametrize(("password", "again"), [("短短的", "短短的"), (PASSWORD, "另一个密码啊啊啊")])
def test_a_short_password_or_two_that_differ_are_refused(town: Cast, password: str, again: str) -> None:
    with pytest.raises(BadInput, match="密码"):
        write(town.civil_affairs, password=password, again=again)
    assert not AuditEntry.objects.filter(action="take-roster-template").exists()


@pytest.mark.parametrize("part", ["bureau", "town_clerk", "village_agent"])
def test_only_departments_take_it(town: Cast, part: str) -> None:
    with pytest.raises(Forbidden):
        write(getattr(town, part), month=NOVEMBER)


def test_whom_a_roster_ends_with_the_month_is_not_on_its_draft(town: Cast) -> None:
    rows = [entry("柏大树", FATHER, change="减少"), entry("艾青禾", MOTHER)]
    send_list(town.civil_affairs, rows, town.bureau)
    draft = read(write(town.civil_affairs, month=NOVEMBER))
    assert [row.text("name") for row in draft] == ["艾青禾"]
