"""The pages of eligibility and of numbers shown in full: handed in, looked at, decided; masked, asked for, hidden."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.web.conftest import Login, Story, tell
from yingbao.accounts.models import AuditEntry
from yingbao.registry.models import Attachment, EligibilityReview, Resident

PHONE, ACCOUNT = "10055551234", "6200000000000001234"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def person(story: Story) -> Resident:
    found = story.unenrolled[0]
    Resident.objects.filter(pk=found.pk).update(
        eligibility="refused", hukou="四川省成都市", phone=PHONE, bank_account=ACCOUNT
    )
    return Resident.objects.get(pk=found.pk)


def hand_in(client: Client, person: Resident) -> EligibilityReview:
    form = {
        "key": "web-hand-in",
        "choice": "PJ-2.4:residence_permit",
        "valid_until": "2023-12-31",
        "scan": [
            SimpleUploadedFile("证.jpg", b"\xff\xd8\xff picture"),
            SimpleUploadedFile("页.pdf", b"%PDF-1.7"),
        ],
    }
    response = client.post(reverse("submit-eligibility", args=[person.pk]), form)
    assert response.status_code == 302
    return EligibilityReview.objects.get()


def text(client: Client, name: str, *args: object) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.clause("PJ-8.3.1")
def test_evidence_goes_from_the_village_to_the_town_and_back(person: Resident, login: Login) -> None:
    agent, clerk = login("village-agent"), login("town-clerk")
    assert "提交证件" in text(agent, "eligibility", person.pk)
    review = hand_in(agent, person)
    assert "提交证件" not in text(agent, "eligibility", person.pk)  # one at a time
    assert person.name in text(clerk, "reviews")
    page = text(clerk, "review", review.pk)
    assert f'<img src="{reverse("attachment", args=[Attachment.objects.order_by("id")[0].pk])}"' in page
    refusal = {"key": "web-r", "act": "refuse", "reason": "居住证不是本市签发"}
    assert clerk.post(reverse("decide-review", args=[review.pk]), refusal).status_code == 302
    assert "经镇街审核不符合参保条件：居住证不是本市签发" in text(agent, "resident", person.pk)
    assert "经镇街审核不符合参保条件：居住证不是本市签发" in text(agent, "household", person.household_id)


def test_a_scan_is_given_as_it_is_and_kept_by_no_cache(person: Resident, login: Login) -> None:
    hand_in(login("village-agent"), person)
    picture, pdf = Attachment.objects.order_by("id")
    shown = login("town-clerk").get(reverse("attachment", args=[picture.pk]))
    assert (shown.content, shown["Content-Type"]) == (b"\xff\xd8\xff picture", "image/jpeg")
    assert shown["Cache-Control"] == "no-store" and shown["X-Content-Type-Options"] == "nosniff"
    saved = login("town-clerk").get(reverse("attachment", args=[pdf.pk]))
    assert saved["Content-Disposition"].startswith("attachment")
    assert login("outsider").get(reverse("attachment", args=[pdf.pk])).status_code == 404
    assert login("tax").get(reverse("attachment", args=[pdf.pk])).status_code == 403
    assert AuditEntry.objects.filter(action="see-attachment").count() == 2


def test_who_handed_it_in_is_told_that_another_must_decide(person: Resident, login: Login) -> None:
    review = hand_in(login("town-clerk"), person)
    assert "您本人提交" in text(login("town-clerk"), "review", review.pk)
    answer = login("town-clerk").post(reverse("decide-review", args=[review.pk]), {"key": "web-x", "act": "accept"})
    assert answer.status_code == 409
    assert 'value="accept"' in text(login("second-clerk"), "review", review.pk)


# --- full numbers ---------------------------------------------------------------------------------------------------


def test_a_number_is_shown_once_for_a_reason_and_hidden_again(person: Resident, login: Login) -> None:
    clerk = login("town-clerk")
    assert PHONE not in text(clerk, "resident", person.pk)
    asking = clerk.get(reverse("reveal", args=[person.pk]), {"field": "phone"}, headers=HTMX)
    assert 'name="reason"' in asking.content.decode()
    form = {"field": "phone", "reason": "电话核实"}
    shown = clerk.post(reverse("reveal-now", args=[person.pk]), form, headers=HTMX)
    assert PHONE in shown.content.decode() and shown["Cache-Control"] == "no-store"
    hidden = clerk.get(reverse("reveal", args=[person.pk]), {"field": "phone", "hide": "1"}, headers=HTMX)
    assert PHONE not in hidden.content.decode() and "100****1234" in hidden.content.decode()
    assert AuditEntry.objects.get(action="reveal").detail == {"field": "phone", "reason": "电话核实"}


def test_a_reason_too_short_is_asked_for_again(person: Resident, login: Login) -> None:
    form = {"field": "phone", "reason": "x"}
    again = login("town-clerk").post(reverse("reveal-now", args=[person.pk]), form, headers=HTMX)
    assert again.status_code == 200 and "写明事由" in again.content.decode() and PHONE not in again.content.decode()
    assert login("town-clerk").post(reverse("reveal-now", args=[person.pk]), form).status_code == 400


def test_who_may_not_has_no_button(person: Resident, login: Login) -> None:
    assert "查看完整" not in text(login("village-agent"), "resident", person.pk)
    assert "查看完整" in text(login("auditor"), "resident", person.pk)


def test_the_trail_is_filtered_by_looks(person: Resident, login: Login) -> None:
    form = {"field": "phone", "reason": "电话核实"}
    login("town-clerk").post(reverse("reveal-now", args=[person.pk]), form)
    page = login("auditor").get(reverse("audit"), {"action": "reveal"}).content.decode()
    assert "电话核实" in page and "查看完整号码" in page and PHONE not in page


def test_pages_fit_a_phone_and_a_look_comes_and_goes(
    transactional_db: None, page: Page, live_server: LiveServer, login: Login
) -> None:
    somebody, other = tell().unenrolled
    Resident.objects.filter(pk=somebody.pk).update(eligibility="refused", hukou="四川省成都市", phone=PHONE)
    review = hand_in(login("village-agent"), somebody)
    session = login("town-clerk").cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    shown = [("eligibility", other.pk), ("eligibility", somebody.pk), ("review", review.pk), ("resident", somebody.pk)]
    for name, argument in shown:
        page.goto(reverse(name, args=[argument]))
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    phone = page.locator(".reveal").nth(1)
    phone.get_by_role("link", name="查看完整").click()
    page.get_by_label("查看事由").fill("电话核实")
    page.get_by_role("button", name="显示完整号码").click()
    page.get_by_text(PHONE).wait_for()
    page.get_by_role("link", name="隐藏").click()
    page.get_by_text("100****1234").wait_for()
    assert PHONE not in page.content()
