"""Pages of rosters: form, differences, aliases, withdrawal, confirmation, and the identity that counts."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.imports import cast as imports
from tests.imports.lists import full_upload, listed
from tests.journeys.cast import mark
from tests.web.conftest import Login, Story
from yingbao.accounts import operations as accounts
from yingbao.accounts.roles import Role
from yingbao.kernel.certificates import mask
from yingbao.registry.models import Identity, IdentityAlias, IdentityConfirmation, ImportedFile, MatchQuestion, Resident
from yingbao.sheets import read_table
from yingbao.sheets.layouts import MONTHLY_FULL, ROSTER
from yingbao.worklist.models import WorkItem

PASSWORD = "一个够长的打开密码"
FATHER, MOTHER = imports.number("19800501", 1), imports.number("19820602", 2)


@pytest.fixture
def town(story: Story) -> Story:
    """Return the story, with a department of civil affairs and two people whose numbers are such."""
    district = imports.DISTRICT
    accounts.add_user(
        username="civil", display_name="civil", role=Role.DEPARTMENT, division_code=district, department="civil_affairs"
    )
    imports.bring_in(story.cast.town_clerk, imports.family())
    return story


def post(client: Client, url_name: str, /, *arguments: object, **fields: object) -> HttpResponse:
    return client.post(reverse(url_name, args=arguments), {"key": f"web-{url_name}-{imports.new_key()}", **fields})  # type: ignore[return-value]


def send(client: Client, rows: list[imports.Cells], month: str = "2022-12") -> ImportedFile:
    """Upload a full list and return the file."""
    content = full_upload(rows).content
    sent = SimpleUploadedFile("全量.xlsx", content)
    response = post(client, "upload", kind="roster", month=month, password=imports.PASSWORD, file=sent)
    assert response.status_code == 302, response.content.decode()
    return ImportedFile.objects.latest("pk")


def page_of(client: Client, name: str, *arguments: object, query: str = "") -> str:
    response = client.get(reverse(name, args=arguments) + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.clause("BN-4.2.1b")
def test_a_department_downloads_the_form_closed_with_its_password(town: Story, login: Login) -> None:
    client = login("civil")
    assert "花名册空表" in page_of(client, "roster-template")
    given = {"form": "full", "password": PASSWORD, "password_again": PASSWORD, "filled": "1", "month": "2022-12"}
    mark(Resident.objects.get(name="柏大树"), "dibao", town.cast)
    response = client.post(reverse("roster-template-file"), given)
    assert response["Cache-Control"] == "no-store"
    (row,) = [
        row
        for row in read_table(response.content, name="x", layout=[ROSTER, MONTHLY_FULL], password=PASSWORD)
        if row.text("name") == "柏大树"
    ]
    assert row.text("cert_number") == FATHER
    wrong = client.post(reverse("roster-template-file"), given | {"password_again": "不一样的密码呢"})
    assert wrong.status_code == 400
    assert PASSWORD not in wrong.content.decode() and "不一样的密码呢" not in wrong.content.decode()


def test_differences_are_shown_with_masked_numbers_and_can_be_taken(town: Story, login: Login) -> None:
    file = send(login("civil"), [listed("柏大树", FATHER), listed("艾青禾", MOTHER, "特困人员")])
    for part in ("civil", "bureau", "auditor"):
        page = page_of(login(part), "differences", file.pk)
        assert "柏大树" in page and mask(FATHER) in page and FATHER not in page
        assert "城乡低保对象" in page and "甲镇" in page
    taken = login("bureau").get(reverse("differences-file", args=[file.pk])).content
    assert FATHER.encode() not in taken and taken.startswith(b"PK")
    assert login("health").get(reverse("differences", args=[file.pk])).status_code == 404
    assert login("town-clerk").get(reverse("differences", args=[file.pk])).status_code == 403


def test_who_would_be_cancelled_is_told_before_it_is_accepted(town: Story, login: Login) -> None:
    first = send(login("civil"), [listed("柏大树", FATHER), listed("艾青禾", MOTHER)])
    post(login("bureau"), "accept-file", first.pk)
    second = send(login("civil"), [listed("艾青禾", MOTHER)], "2023-01")
    page = page_of(login("bureau"), "file", second.pk)
    assert "全量名单" in page and "先逐一核对取消的人员" in page
    assert "柏大树" in page_of(login("bureau"), "differences", second.pk, query="?show=removed")
    assert "柏大树" not in page_of(login("bureau"), "differences", second.pk, query="?show=added")


def test_the_bureau_withdraws_on_the_files_page(town: Story, login: Login) -> None:
    file = send(login("civil"), [listed("柏大树", FATHER)])
    post(login("bureau"), "accept-file", file.pk)
    assert "撤回这份文件" in page_of(login("bureau"), "file", file.pk)
    assert "撤回这份文件" not in page_of(login("civil"), "file", file.pk)
    assert post(login("bureau"), "withdraw-file", file.pk).status_code == 302
    page = page_of(login("bureau"), "file", file.pk)
    assert "已撤回" in page and "撤回这份文件" not in page
    resident = Resident.objects.get(name="柏大树")
    assert "已撤回" in page_of(login("bureau"), "resident", resident.pk)


def test_the_bureau_sees_how_many_rows_were_recognised_since_the_check(town: Story, login: Login) -> None:
    file = send(login("civil"), [listed("柏大叔", FATHER), listed("艾青禾", MOTHER)])
    assert "有 1 行指的是谁认不准" in page_of(login("bureau"), "file", file.pk)
    assert "认不准" not in page_of(login("civil"), "file", file.pk)
    question, father = MatchQuestion.objects.get(), Resident.objects.get(name="柏大树")
    assert post(login("bureau"), "decide-match", question.pk, answer=father.pk, reason="电话核实").status_code == 302
    page = page_of(login("bureau"), "file", file.pk)
    assert "认不准" not in page and "此后又认定了 1 行" in page
    post(login("bureau"), "accept-file", file.pk)
    assert "此后又认定了" not in page_of(login("bureau"), "file", file.pk)
    assert Identity.objects.filter(resident=father).exists()


def test_a_withdrawn_file_asks_nobody_any_more(town: Story, login: Login) -> None:
    file = send(login("civil"), [listed("柏大叔", FATHER), listed("艾青禾", MOTHER)])
    post(login("bureau"), "accept-file", file.pk)
    item = WorkItem.objects.get(kind="match-to-decide", subject_id=file.pk, closed_at__isnull=True)
    post(login("bureau"), "withdraw-file", file.pk)
    item.refresh_from_db()
    assert item.closed_reason == "文件已撤回"


def test_a_refused_file_or_password_is_not_offered_for_a_second_try(town: Story, login: Login) -> None:
    wrong = {"form": "changes", "password": PASSWORD, "password_again": PASSWORD + "了"}
    page = post(login("civil"), "roster-template-file", **wrong).content.decode()
    assert "两次填写的密码不一样" in page and "返回上一页" in page and "再提交一次" not in page
    again = post(login("bureau"), "add-alias", name="低保边缘户", code="dibao", source="other").content.decode()
    assert "再提交一次" in again


def test_what_a_register_file_changes_is_told_before_it_is_accepted(town: Story, login: Login) -> None:
    rows = [row | {"phone": "10099998888"} if row["name"] == "柏大树" else row for row in imports.family()]
    rows += [imports.person("柏小溪", "20150303", 3, relation="子女")]
    sent = SimpleUploadedFile("台账.xlsx", imports.register_upload(rows).content)
    post(login("town-clerk"), "upload", kind="register", file=sent)
    page = " ".join(page_of(login("town-clerk"), "file", ImportedFile.objects.latest("pk").pk).split())
    for label, count in (("新登记", 1), ("更新已登记的人", 1), ("更新 · 联系电话", 1)):
        assert f'<td>{label}</td><td class="num">{count}</td>' in page


def test_an_unknown_name_leads_the_bureau_to_the_table(town: Story, login: Login) -> None:
    file = send(login("civil"), [listed("柏大树", FATHER, "最低生活保障户"), listed("艾青禾", MOTHER)])
    address = f"{reverse('aliases')}?file={file.pk}"
    assert address in page_of(login("bureau"), "file", file.pk)
    assert address not in page_of(login("civil"), "file", file.pk)
    page = page_of(login("bureau"), "aliases", query=f"?file={file.pk}")
    assert 'value="最低生活保障户"' in page
    given = {"name": "最低生活保障户", "code": "dibao", "source": "other", "file": file.pk}
    assert post(login("bureau"), "add-alias", **given).status_code == 302
    assert "最低生活保障户" in page_of(login("civil"), "aliases")
    alias = IdentityAlias.objects.get()
    assert post(login("civil"), "remove-alias", alias.pk).status_code == 403
    assert post(login("bureau"), "remove-alias", alias.pk).status_code == 302
    assert not IdentityAlias.objects.exists()


@pytest.mark.clause("PJ-5.2.1")
def test_the_town_confirms_and_objects_on_its_page(town: Story, login: Login) -> None:
    client, person = login("town-clerk"), town.paid[1]
    page = page_of(client, "confirmations")
    assert person.name in page and mask(person.certificate_number) in page
    assert person.certificate_number not in page
    one, other = Identity.objects.filter(resident=person).order_by("pk").values_list("pk", flat=True)
    assert post(client, "confirm-identities", identity=[one]).status_code == 302
    assert post(client, "object-to-identity", other, reason="已康复").status_code == 302
    assert dict(IdentityConfirmation.objects.values_list("identity_id", "agrees")) == {one: True, other: False}
    assert "已康复" in page_of(client, "confirmations")
    assert person.name not in page_of(client, "confirmations", query="?open=1")
    assert "已康复" in page_of(login("bureau"), "resident", person.pk)
    assert person.name not in page_of(login("outsider"), "confirmations")
    assert post(login("outsider"), "confirm-identities", identity=[one]).status_code == 404


@pytest.mark.clause("PJ-5.0")
def test_the_identity_that_counts_is_marked_before_anybody_enrols(town: Story, login: Login) -> None:
    person, client = town.unenrolled[0], login("village-agent")
    for code in ("disabled_1_2", "dibao"):
        mark(person, code, town.cast)
    assert marked(page_of(client, "resident", person.pk)) == [("城乡低保对象", "按此资助")]
    mark(person, "old_demobilised_veteran", town.cast)  # subsidised in tier 2 only, and more
    assert marked(page_of(client, "resident", person.pk)) == [
        ("城乡低保对象", "按此资助 1 档"),
        ("在乡老复员（退伍）军人", "按此资助 2 档"),
    ]


def marked(page: str) -> list[tuple[str, str]]:
    """Return the identities that count, each with what its chip says."""
    table = page[page.index("认定部门") :]
    found = re.findall(r"<tr><td>([^<]+?) <span class=\"chip good\">([^<]+)</span>", table)
    return [(name.strip(), " ".join(chip.split())) for name, chip in found]
