"""The list of residents: filters as chips, filters kept by name, many changed at once, files, the quality board."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.journeys.cast import NEXT_VILLAGE, TOWN, VILLAGE
from tests.web.conftest import TODAY, Login, Story
from yingbao.accounts.models import AuditEntry
from yingbao.registry.models import Resident, SavedFilter
from yingbao.worklist.models import WorkItem


def page_of(client: Client, address: str = "/residents/", **query: str | int) -> str:
    """Return a page's text."""
    response = client.get(address, query)
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode())


def key_in(page: str) -> str:
    """Return the id of a page's first form."""
    found = re.search(r'name="key" value="(web-[^"]+)"', page)
    assert found
    return found[1]


def people_in(page: str) -> set[int]:
    """Return the ids of the residents a page lists."""
    return {int(number) for number in re.findall(r'href="/residents/(\d+)/"', page)}


def test_each_condition_is_a_chip_that_can_be_taken_off(story: Story, login: Login) -> None:
    client = login("town-clerk")
    page = page_of(client, division=VILLAGE, identity="dibao", enrolled="yes")
    assert people_in(page) == {story.paid[1].pk}
    assert "镇街、村（社区）：" in page and "东村" in page and "本年度参保：" in page
    without = re.findall(r'<a href="/residents/\?([^"]*)" title="去掉这个条件"', page)
    assert without == [
        "identity=dibao&enrolled=yes",
        f"division={VILLAGE}&enrolled=yes",
        f"division={VILLAGE}&identity=dibao",
    ]


@pytest.mark.parametrize(
    ("check", "values", "form"),
    [
        ("phone", {"phone": None}, "/residents/{id}/edit/"),
        (
            "head-age",
            {"relation": "head", "birth_on": TODAY - timedelta(days=900)},
            "/households/{home}/change/?do=head",
        ),
        ("eligibility", {"eligibility": "pending"}, "/residents/{id}/eligibility/"),
    ],
)
def test_who_a_check_found_has_a_link_to_the_form_that_mends_it(
    story: Story, login: Login, check: str, values: dict[str, object], form: str
) -> None:
    head = story.next_door[0]
    Resident.objects.filter(household=head.household_id).exclude(pk=head.pk).update(relation="other")
    Resident.objects.filter(pk=head.pk).update(**values)
    address = form.format(id=head.pk, home=head.household_id)
    client = login("town-clerk")
    assert f'href="{address}">更正' in page_of(client, division=NEXT_VILLAGE, check=check)
    assert client.get(address).status_code == 200
    assert "更正</a>" not in page_of(client, division=NEXT_VILLAGE)


def test_a_searched_text_goes_with_the_filter_and_stands_in_no_address(story: Story, login: Login) -> None:
    client = login("town-clerk")
    response = client.post(reverse("search-residents"), {"q": "居民", "division": str(NEXT_VILLAGE), "enrolled": "yes"})
    assert response["Location"] == f"/residents/?found=1&division={NEXT_VILLAGE}&enrolled=yes"
    page = page_of(client, response["Location"])
    assert people_in(page) == {story.next_door[0].pk}
    assert not re.search(r'href="[^"]*居民', page)


def test_enter_leads_the_cursor_to_the_first_row_and_typing_does_not(story: Story, login: Login) -> None:
    headers = {"HX-Request": "true"}
    client = login("town-clerk")
    typed = client.post(reverse("search-residents"), {"q": "居民"}, headers=headers).content.decode()
    entered = client.post(reverse("search-residents"), {"q": "居民", "go": "1"}, headers=headers).content.decode()
    assert (typed.count("autofocus"), entered.count("autofocus")) == (0, 1)


def test_nothing_found_says_what_to_do(story: Story, login: Login) -> None:
    page = page_of(login("town-clerk"), division=VILLAGE, identity="orphan")
    assert "没有找到" in page and "在册状态" in page


def test_a_filter_is_kept_under_a_name_without_the_text(story: Story, login: Login) -> None:
    client = login("town-clerk")
    client.post(reverse("search-residents"), {"q": story.paid[0].name})
    page = page_of(client, found=1, identity="dibao", division=VILLAGE)
    form = {"key": key_in(page), "name": "东村低保", "identity": "dibao", "division": str(VILLAGE), "q": "x"}
    for _ in range(2):
        assert client.post(reverse("keep-filter"), form).status_code == 302
    kept = SavedFilter.objects.get()
    assert kept.filter == {"identity": "dibao", "division": str(VILLAGE)}
    listed = page_of(client)
    assert f'href="/residents/?division={VILLAGE}&identity=dibao">东村低保<' in listed
    assert "东村低保" not in page_of(login("bureau"))
    for name, wanted in (("", 400), ("500155198005011234", 400), ("低保", 302)):
        sent = {"key": f"{key_in(page)}-{name}", "name": name}
        assert client.post(reverse("call-filter", args=[kept.pk]), sent).status_code == wanted
    dropped = {"key": f"{key_in(page)}-drop"}
    assert login("bureau").post(reverse("drop-filter", args=[kept.pk]), dropped).status_code == 404
    assert client.post(reverse("drop-filter", args=[kept.pk]), dropped | {"key": "web-9"}).status_code == 302
    assert not SavedFilter.objects.exists()


def test_many_are_counted_confirmed_and_changed(story: Story, login: Login) -> None:
    client = login("town-clerk")
    Resident.objects.filter(pk__in=[one.pk for one in story.paid]).update(on_platform=False)
    asked = client.post(reverse("ask-bulk"), {"act": "platform", "whom": "all", "platform": "no"})
    page = unescape(asked.content.decode())
    assert "选中 4 人，其中 4 人适用此事项。" in page
    sent = {"act": "platform", "whom": "all", "platform": "no", "key": key_in(page), "reason": "平台回执"}
    assert client.post(reverse("bulk"), sent | {"counted": "3"}).status_code == 409
    done = client.post(reverse("bulk"), sent | {"counted": "4"})
    assert done["Location"] == "/residents/?platform=no"
    assert not Resident.objects.filter(on_platform=False).exists()
    again = client.post(reverse("bulk"), sent | {"counted": "4"})
    assert again.status_code == 302


def test_ticked_people_alone_are_meant(story: Story, login: Login) -> None:
    ticked = [str(one.pk) for one in story.paid[:2]]
    asked = login("town-clerk").post(reverse("ask-bulk"), {"act": "student", "resident": ticked})
    assert "选中 2 人" in unescape(asked.content.decode())


def test_a_file_is_masked_and_whole_only_as_asked(story: Story, login: Login) -> None:
    client = login("town-clerk")
    page = page_of(client, reverse("export"), division=VILLAGE)
    assert "完整号码" in page
    form = {"column": ["name", "cert_number"], "division": str(VILLAGE), "numbers": "masked"}
    plain = client.post(reverse("export-file"), form)
    assert plain.content.startswith(b"PK") and plain["Cache-Control"] == "no-store"
    whole = form | {"numbers": "whole", "reason": "核对"}
    assert client.post(reverse("export-file"), whole | {"password": "short"}).status_code == 400
    assert client.post(reverse("export-file"), whole | {"password": "long-enough-1"}).content.startswith(b"\xd0\xcf")
    told = AuditEntry.objects.filter(action="export-residents").order_by("id").values_list("detail", flat=True)
    assert [one["whole_numbers"] for one in told] == [False, True]


@pytest.mark.clause("BN-4.2.2b")
def test_the_board_counts_and_leads_to_the_list_it_counted(story: Story, login: Login) -> None:
    client = login("town-clerk")
    page = page_of(client, reverse("quality"))
    cell = re.search(rf'href="(/residents/\?division={VILLAGE}&check=phone)">(\d+)<', page)
    assert cell
    assert len(people_in(page_of(client, cell[1]))) == int(cell[2])
    assert f"division={NEXT_VILLAGE}&check=phone" in page
    assert f"division={VILLAGE}&check" not in page_of(login("outsider"), reverse("quality"))


@pytest.mark.clause("PJ-A3")
def test_a_village_is_assigned_its_day_and_overdue_shows(story: Story, login: Login, settings: object) -> None:
    client = login("town-clerk")
    page = page_of(client, reverse("quality"))
    due = TODAY + timedelta(days=5)
    form = {"key": key_in(page), "division": [str(VILLAGE)], "due_on": due.isoformat()}
    assert client.post(reverse("assign-mending"), form).status_code == 302
    item = WorkItem.objects.get(kind="register-to-mend")
    assert (item.owner.username, item.division_id, item.due_on) == ("village-agent", VILLAGE, due)
    assert due.isoformat() in page_of(client, reverse("quality"))
    assert f'href="/quality/?division={VILLAGE}"' in page_of(login("village-agent"), reverse("work"))
    settings.YINGBAO_TODAY = (due + timedelta(days=1)).isoformat()  # type: ignore[attr-defined]
    assert f"逾期 {due}" in page_of(client, reverse("quality"))
    town = form | {"key": "web-town", "division": [str(TOWN)], "due_on": (due + timedelta(days=9)).isoformat()}
    client.post(reverse("assign-mending"), town)
    assert WorkItem.objects.filter(kind="register-to-mend").count() == 2


def test_the_bureau_sees_towns_first_and_villages_of_the_one_it_opens(story: Story, login: Login) -> None:
    client = login("bureau")
    board = page_of(client, reverse("quality"))
    assert f'href="/quality/?division={TOWN}"' in board and "负责人与期限" not in board
    assert "负责人与期限" in page_of(client, reverse("quality"), division=TOWN)


def test_a_page_asks_the_same_few_questions_whoever_is_on_it(story: Story, login: Login) -> None:
    client = login("town-clerk")
    asked = []
    for village in (NEXT_VILLAGE, VILLAGE):
        with CaptureQueriesContext(connection) as queries:
            page_of(client, division=village)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 11
