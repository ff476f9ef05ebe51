"""What no form of ours sends is told so in a sentence, on both databases: never a server error, never half done."""

from __future__ import annotations

import pytest

from tests.web.conftest import Login, Story
from yingbao.collection.models import Deposit, ReceiptBook
from yingbao.publicity.models import PublicNotice

DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("who", "address", "fields"),
    [
        ("village-agent", "/day/deposit/", {"amount": "1", "slip": "A\0"}),
        ("village-agent", "/day/deposit/", {"amount": DIGITS, "slip": "A"}),
        ("town-clerk", "/receipts/hand/", {"agent": "village-agent", "series": "A\0", "first": "1", "last": "2"}),
        ("town-clerk", "/receipts/hand/", {"agent": "\0", "series": "A", "first": "1", "last": "2"}),
        ("village-agent", "/notices/draw-up/", {"first": "2022-11-01", "last": "9999-12-31"}),
        ("tax", "/settlements/extract/", {"first": "0001-01-01", "last": "9999-12-31"}),
    ],
)
def test_a_field_that_means_nothing_is_a_bad_form(
    who: str, address: str, fields: dict[str, str], story: Story, login: Login
) -> None:
    before = Deposit.objects.count(), ReceiptBook.objects.count(), PublicNotice.objects.count()
    assert login(who).post(address, fields | {"key": "web-odd"}).status_code == 400
    assert (Deposit.objects.count(), ReceiptBook.objects.count(), PublicNotice.objects.count()) == before


def test_a_reason_or_an_id_with_a_byte_no_database_takes(story: Story, login: Login) -> None:
    town = login("town-clerk")
    assert town.post("/work/1/close/", {"key": "web-odd", "reason": "好\0"}).status_code == 400
    assert town.post("/work/1/close/", {"key": "web-\0", "reason": "好"}).status_code == 400
    assert login("auditor").get("/audit/", {"kind": "\0", "id": "1"}).status_code == 200


def test_an_agent_cannot_post_that_a_household_paid_online(story: Story, login: Login) -> None:
    household = story.owing[0].household_id
    due = story.owing[0].enrolments.get().due.pk
    fields = {"key": "web-online", "due": due, "channel": "wechat", "amount_fen": "35000"}
    assert login("village-agent").post(f"/households/{household}/pay/", fields).status_code == 403


@pytest.mark.parametrize(
    "after", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
@pytest.mark.parametrize("switch", ["language", "theme"])
def test_switching_never_leads_away_from_the_site(switch: str, after: str, story: Story, login: Login) -> None:
    assert login("town-clerk").post(f"/{switch}/", {switch: "en", "next": after}).headers["Location"] == "/"
