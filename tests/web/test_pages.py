"""What pages say: amounts with clauses, masks, silences, and the acts behind their buttons."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from tests.journeys.cast import household, print_run
from tests.web.conftest import TODAY, WEEK_ON, Login, Story
from yingbao.collection.models import Declaration, Deposit, Receipt
from yingbao.publicity.models import PublicNotice
from yingbao.registry.models import Resident
from yingbao.worklist.models import WorkItem


def page_of(client: Client, name: str, *arguments: object, query: str = "") -> str:
    response = client.get(reverse(name, args=arguments) + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.clause("PJ-5.0")
def test_a_residents_page_explains_every_amount_with_its_clause(story: Story, login: Login) -> None:
    page = page_of(login("town-clerk"), "resident", story.paid[1].pk)
    for words in ("350.00", "−315.00", "35.00", "城乡低保对象", "低于按“城乡低保对象”的资助"):
        assert words in page
    for clause in ("PJ-3.2", "PJ-5.1.2", "PJ-5.0", "PJ-7.2a"):
        assert f"/policy/liangping-2023/rules/{clause}/" in page
    assert "2023-01-01 至 2023-12-31" in page
    assert "2022-11-21" in page and "2022-11-24" in page  # collected, cleared


def test_numbers_are_masked_wherever_they_are_shown(story: Story, login: Login) -> None:
    client, numbers = login("town-clerk"), Resident.objects.values_list("certificate_number", flat=True)
    pages = [
        page_of(client, "residents"),
        page_of(client, "resident", story.paid[0].pk),
        page_of(client, "household", story.paid[0].household_id),
        page_of(login("bureau"), "settlement", story.settlement),
    ]
    assert all(str(number) not in page for page in pages for number in numbers)
    assert all("****" in page for page in pages)


def test_who_is_not_enrolled_sees_what_it_would_cost_today(story: Story, login: Login) -> None:
    page = page_of(login("village-agent"), "resident", story.unenrolled[0].pk)
    assert "今天参保个人应缴" in page and "350.00" in page and "725.00" in page


def test_where_the_notice_is_silent_the_page_says_so(story: Story, login: Login, settings: Settings) -> None:
    settings.YINGBAO_TODAY = "2022-12-25"
    page = page_of(login("village-agent"), "resident", story.unenrolled[0].pk)
    assert "文件没有规定，系统不作推定" in page and "PJ-7.2s" in page


def test_search_finds_by_name_household_and_whole_number_only(story: Story, login: Login) -> None:
    client, person = login("town-clerk"), story.paid[0]
    Resident.objects.filter(pk=person.pk).update(name="贺兰青")
    link = reverse("resident", args=[person.pk])
    for text in ("贺兰", person.household.number, person.certificate_number):
        assert link in searched(client, text), text
    assert link not in searched(client, person.certificate_number[:-1])
    assert link not in page_of(client, "residents", query=f"?division={story.next_door[0].division_id}")


def searched(client: Client, text: str) -> str:
    """Return the page a search ends at, having looked at its address."""
    response = client.post(reverse("search-residents"), {"q": text})
    assert response["Location"] == "/residents/?found=1"
    return client.get(response["Location"]).content.decode()


def test_what_was_searched_for_stands_in_no_address_and_not_in_the_clear(story: Story, login: Login) -> None:
    client, number = login("town-clerk"), story.paid[0].certificate_number
    assert number not in client.post(reverse("search-residents"), {"q": number})["Location"]
    assert number not in str(dict(client.session))


def test_search_as_one_types_gives_the_table_alone(story: Story, login: Login) -> None:
    headers = {"HX-Request": "true"}
    response = login("town-clerk").post(reverse("search-residents"), {"q": "居民"}, headers=headers)
    page = response.content.decode()
    assert "<table>" in page and "<html" not in page
    assert response["HX-Push-Url"] == "/residents/?found=1"


def test_the_dashboard_ranks_villages_and_balances_the_money(story: Story, login: Login) -> None:
    page = page_of(login("town-clerk"), "home")
    assert page.index("东村") < page.index("西村")  # 6 of 8 before 1 of 4
    assert "账平" in page and "账不平" not in page
    assert "现金未当日缴存" in page
    assert "还剩 5 天" in page


def test_a_village_sees_only_itself(story: Story, login: Login) -> None:
    page = page_of(login("next-agent"), "home")
    assert "西村" in page and "东村" not in page


@pytest.mark.clause("BN-4.3.3d")
def test_the_days_cash_is_deposited_and_declared_on_one_page(story: Story, login: Login) -> None:
    client = login("village-agent")
    assert "须当日缴存" in page_of(client, "day")
    client.post(reverse("deposit"), {"key": "web-d", "amount": "350.00", "slip": "S77"})
    assert Deposit.objects.get(slip_number="S77").amount_fen == 35_000
    assert "已全部缴存" in page_of(client, "day")
    client.post(reverse("declare-cash"), {"key": "web-c"})
    assert Declaration.objects.filter(declared_on=TODAY).get().amount_fen == 35_000


def test_the_tax_officer_clears_a_declaration(story: Story, login: Login) -> None:
    response = login("tax").post(reverse("clear", args=[story.open_declaration]), {"key": "web-clear"})
    assert response.status_code == 302
    assert Declaration.objects.get(pk=story.open_declaration).cleared_on == TODAY


def test_a_work_item_closes_only_with_a_reason(story: Story, login: Login) -> None:
    client, act = login("town-clerk"), reverse("close-work", args=[story.work_item])
    assert client.post(act, {"key": "web-1", "reason": " "}).status_code == 400
    assert WorkItem.objects.get(pk=story.work_item).closed_at is None
    closed = client.post(f"{act}?mine=1", {"key": "web-2", "reason": "已补缴存"})
    assert (closed.status_code, closed["Location"]) == (302, f"{reverse('work')}?mine=1")  # the list as it was filtered
    assert "已补缴存" in page_of(client, "work", query="?state=closed")


def test_work_items_name_people_to_those_who_may_see_them(story: Story, login: Login) -> None:
    person = story.unenrolled[0]
    WorkItem.objects.filter(pk=story.work_item).update(subject_kind="resident", subject_id=person.pk)
    assert person.name in page_of(login("town-clerk"), "work")
    assert person.name not in page_of(login("tax"), "work")


def test_who_holds_no_receipts_learns_it_before_collecting(story: Story, login: Login) -> None:
    page = page_of(login("town-clerk"), "household", story.unenrolled[0].household_id)
    assert "您没有可用的收据" in page and reverse("receipts") in page
    assert "您没有可用的收据" not in page_of(login("village-agent"), "household", story.unenrolled[0].household_id)


def test_an_item_of_another_town_is_not_there(story: Story, login: Login) -> None:
    act = reverse("close-work", args=[story.work_item])
    assert login("outsider").post(act, {"key": "web-1", "reason": "x"}).status_code == 404
    assert WorkItem.objects.get(pk=story.work_item).closed_at is None


@pytest.mark.clause("BN-4.3.3b")
def test_receipts_are_handed_out_by_number_and_a_lost_one_is_somebodys_work(story: Story, login: Login) -> None:
    clerk, agent = login("town-clerk"), login("village-agent")
    with transaction.atomic():
        print_run("PJ9")
    book = {"agent": "next-agent", "series": "PJ9", "first": "1", "last": "50"}
    assert clerk.post(reverse("hand-receipts"), {"key": "web-h", **book}).status_code == 302
    assert "PJ9" in page_of(login("next-agent"), "day")
    assert clerk.post(reverse("hand-receipts"), {"key": "web-i", **book}).status_code == 409  # the same run again
    receipt = Receipt.objects.get(payment_id=story.payment)
    agent.post(reverse("report-missing", args=[receipt.pk]), {"key": "web-m"})
    assert "票据缺号" in page_of(clerk, "work")


def test_the_books_prove_themselves_on_a_page(story: Story, login: Login) -> None:
    page = page_of(login("auditor"), "proofs")
    assert page.count('class="chip good"') >= 14 and "不符</span>" not in page


@pytest.mark.clause("BN-4.2.2c")
def test_a_leader_approves_the_notice_its_handler_drew_up(story: Story, login: Login) -> None:
    response = login("town-clerk").post(reverse("approve-notice", args=[story.notice]), {"key": "web-n"})
    assert response.status_code == 302
    assert PublicNotice.objects.get(pk=story.notice).leader_id == story.cast.town_clerk.user_id
    assert login("village-agent").get(reverse("notice-pdf", args=[story.notice])).content.startswith(b"%PDF")


def test_an_extraction_of_nothing_new_and_of_days_backwards_says_so(story: Story, login: Login) -> None:
    client, act = login("tax"), reverse("extract")
    again = {"key": "web-e1", "first": "2022-11-01", "last": "2022-12-15"}
    assert client.post(act, again).status_code == 302
    assert client.post(act, again | {"key": "web-e2"}).status_code == 302
    assert "没有新的清册" in page_of(client, "settlements")
    assert client.post(act, {"key": "web-e3", "first": "2022-12-15", "last": "2022-11-01"}).status_code == 400


def test_weekly_tables_and_settlement_lists_are_workbooks(story: Story, login: Login) -> None:
    for client, name, argument in (
        (login("town-clerk"), "week-file", WEEK_ON.isoformat()),
        (login("bureau"), "settlement-file", story.settlement),
    ):
        response = client.get(reverse(name, args=[argument]))
        assert response.content.startswith(b"PK") and "attachment" in response["Content-Disposition"]


def test_a_register_is_checked_then_imported(story: Story, login: Login) -> None:
    client = login("town-clerk")
    csv = "户号,与户主关系,姓名,证件号码,村（社区）\nN1,户主,新来人,500155199001015,东村\n".encode()
    upload = {"key": "web-u", "kind": "register", "file": _named("register.csv", csv)}
    response = client.post(reverse("upload"), upload)
    assert response.status_code == 302
    page = client.get(response["Location"]).content.decode()
    assert "下载未通过的行" in page
    rejects = client.get(response["Location"] + "rejects.xlsx")
    assert rejects.content.startswith(b"PK")


def _named(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_themes_and_languages_are_kept_in_cookies(db: None, login: Login) -> None:
    client = login("")
    client.post("/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})
    assert 'data-theme="dark"' in client.get("/login/").content.decode()
    assert client.post("/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})["Location"] == "/"


@pytest.mark.parametrize("address", ["/", "/residents/", "resident", "/work/", "/money/"])
def test_pages_ask_the_database_a_constant_number_of_times(story: Story, login: Login, address: str) -> None:
    client = login("town-clerk")
    path = reverse("resident", args=[story.paid[1].pk]) if address == "resident" else address
    for year in range(1950, 1970):
        household(*(TODAY.replace(year=year),) * 3)  # more than one page
    before = _statements(client, path)
    for year in range(1970, 2000):
        household(*(TODAY.replace(year=year),) * 3)
    assert _statements(client, path) == before
    assert before <= 28


def _statements(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.usefixtures("story")
def test_an_id_no_database_can_hold_is_simply_not_there(login: Login) -> None:
    for page in ("", "enrol/", "pay/"):
        assert login("town-clerk").get(f"/households/{'9' * 30}/{page}").status_code == 404
