"""A channel's word over HTTP: a tiny client of the standard library, as docs/channels.md shows it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, Cast, at, family, people_the_town, tiers
from tests.journeys.test_receiving import holds
from yingbao.accounts.models import User
from yingbao.api.channels import LONGEST_BODY, signature
from yingbao.collection.kinds import ONLINE_CHANNELS
from yingbao.collection.models import KeptMoney, Payment, PaymentOrder
from yingbao.storage import secrets
from yingbao.usecases.open_order import open_order
from yingbao.worklist.models import WorkItem

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "channels.md"


@pytest.fixture
def cast(db: None, settings: Settings) -> Cast:
    settings.YINGBAO_CHANNEL_SECRETS = {"wechat": get_random_secret_key(), "alipay": get_random_secret_key()}
    settings.YINGBAO_TODAY = IN_TIME.isoformat()
    return people_the_town()


@pytest.fixture
def order(cast: Cast) -> str:
    members = family()
    answer = open_order(
        cast.village_agent,
        household_id=members[0].household_id,
        tiers=tiers(members),
        due_ids=[],
        amount_fen=4 * TIER_1,
        policy_name=POLICY,
        on=IN_TIME,
        key="order",
        at=at(IN_TIME),
    )
    return str(answer["order"])


def word(order: str = "", **also: Any) -> dict[str, Any]:
    told = {
        "reference": "4200001",
        "amount_fen": 4 * TIER_1,
        "paid_at": at(IN_TIME, hour=0).isoformat(),
        "order": order,
    }
    return told | {"sent_at": timezone.now().isoformat()} | also


def send(settings: Settings, told: dict[str, Any], channel: str = "wechat", **headers: str) -> Any:
    """Sign and send, as any program could: JSON, HMAC-SHA256 of the very bytes that are sent."""
    body = json.dumps(told).encode()
    secret = settings.YINGBAO_CHANNEL_SECRETS.get(channel, "none").encode()
    signed = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    # A client of its own that asks for the token of forms: a machine has none, and needs none.
    return Client(enforce_csrf_checks=True).post(
        f"/api/channels/{channel}/payments",
        body,
        content_type="application/json",
        headers={"X-Yingbao-Signature": signed} | headers,
    )


def test_a_signed_word_pays_the_order_and_the_same_word_again_is_answered_the_same(
    cast: Cast, order: str, settings: Settings
) -> None:
    first = send(settings, word(order))
    payment = Payment.objects.get()
    assert first.status_code == 200
    assert first.json() == {"payment": payment.pk, "paid": 4, "surplus_fen": 0, "unmatched": False}
    again = send(settings, word(order))  # sent and signed anew, a moment later
    assert (again.status_code, again.json()) == (200, first.json())
    assert (PaymentOrder.objects.get().payment, Payment.objects.count()) == (payment, 1)
    assert payment.collected_by.username == "channel-wechat"
    assert not User.objects.get(username="channel-wechat").has_usable_password()
    assert holds(cast)


def test_a_wrong_signature_is_401_and_says_no_more(cast: Cast, order: str, settings: Settings) -> None:
    answers = [
        send(settings, word(order), **{"X-Yingbao-Signature": "sha256=" + "0" * 64}),
        send(settings, word(order), **{"X-Yingbao-Signature": ""}),
        send(settings, word(order), **{"X-Yingbao-Signature": "签名"}),
        send(settings, word(order), channel="yukuaiban"),  # has no secret here
        send(settings, word(order), channel="pigeon"),
        send(settings, word(order, sent_at=(timezone.now() - timedelta(minutes=6)).isoformat())),
        send(settings, word(order, sent_at=(timezone.now() + timedelta(minutes=6)).isoformat())),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert Payment.objects.count() == 0


def test_a_body_changed_on_the_way_is_not_listened_to(cast: Cast, order: str, settings: Settings) -> None:
    body = json.dumps(word(order)).encode()
    secret = settings.YINGBAO_CHANNEL_SECRETS["wechat"]
    changed = body.replace(b"140000", b"140001")
    assert changed != body
    answer = Client().post(
        "/api/channels/wechat/payments",
        changed,
        content_type="application/json",
        headers={"X-Yingbao-Signature": signature(secret, body)},
    )
    assert answer.status_code == 401


def test_one_channels_secret_does_not_speak_for_another(cast: Cast, order: str, settings: Settings) -> None:
    body = json.dumps(word(order)).encode()
    signed = signature(settings.YINGBAO_CHANNEL_SECRETS["wechat"], body)
    answer = Client().post(
        "/api/channels/alipay/payments",
        body,
        content_type="application/json",
        headers={"X-Yingbao-Signature": signed},
    )
    assert answer.status_code == 401


def test_money_for_nobody_is_404_and_kept(cast: Cast, settings: Settings) -> None:
    answer = send(settings, word("YB20221201AAAAAAAAAAAA"))
    assert (answer.status_code, answer.json()["unmatched"]) == (404, True)
    assert WorkItem.objects.get().detail["fen"] == KeptMoney.objects.get().amount_fen == 4 * TIER_1
    assert send(settings, word("YB20221201AAAAAAAAAAAA")).json() == answer.json()
    assert WorkItem.objects.count() == 1


def test_another_word_under_the_same_number_is_409(cast: Cast, order: str, settings: Settings) -> None:
    send(settings, word(order))
    answer = send(settings, word(order, amount_fen=1))
    assert answer.status_code == 409
    assert set(answer.json()) == {"code", "zh", "en"}


def test_what_is_no_word_is_told_so(cast: Cast, order: str, settings: Settings) -> None:
    assert send(settings, word(order, amount_fen=0)).status_code == 400
    assert send(settings, word(order, paid_at="2022-12-01T10:00:00")).status_code == 422  # in whose time zone?
    assert send(settings, word(order, amount_fen="viel")).status_code == 422
    assert send(settings, {}).status_code == 422
    assert Payment.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": "42\0"},
        {"reference": "42\ud800"},
        {"order": "YB\0"},
        {"people": ["5001\n"]},
        {"paid_at": "0001-01-01T00:00:00+14:00"},
        {"paid_at": "9999-12-31T23:59:59-12:00"},
    ],
)
def test_what_no_database_or_calendar_holds_is_told_so(cast: Cast, settings: Settings, wrong: dict[str, Any]) -> None:
    answer = send(settings, word(**wrong))
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "zh", "en"}
    assert not KeptMoney.objects.exists()


@pytest.mark.parametrize("fen", [True, "350", 3.0, 3.5, None])
def test_an_amount_is_a_whole_number_and_nothing_that_looks_like_one(cast: Cast, settings: Settings, fen: Any) -> None:
    assert send(settings, word(amount_fen=fen)).status_code == 422
    assert not KeptMoney.objects.exists()


@pytest.mark.parametrize("sent_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_sent_at_the_calendars_end_is_not_now(cast: Cast, settings: Settings, sent_at: str) -> None:
    assert send(settings, word(sent_at=sent_at)).status_code == 401


def test_a_channel_whose_account_is_switched_off_is_told_so_and_nothing_is_noted(
    cast: Cast, order: str, settings: Settings
) -> None:
    send(settings, word(order, reference="first"))
    User.objects.filter(username="channel-wechat").update(is_active=False)
    answer = send(settings, word(order))
    assert answer.status_code == 403 and "已停用" in answer.json()["zh"]
    assert Payment.objects.count() == 1
    User.objects.filter(username="channel-wechat").update(is_active=True)
    assert send(settings, word(order)).status_code == 200  # sent again later it is noted


def test_a_body_longer_than_any_word_is_not_read(cast: Cast, settings: Settings, monkeypatch: Any) -> None:
    def read(_request: HttpRequest) -> bytes:
        raise AssertionError("read")

    body = json.dumps(word(order="9" * (LONGEST_BODY + 1))).encode()
    with monkeypatch.context() as patched:
        patched.setattr(HttpRequest, "body", property(read))
        answer = Client().post("/api/channels/wechat/payments", body, content_type="application/json")
        lied = Client().post(
            "/api/channels/wechat/payments", b"{}", content_type="application/json", CONTENT_LENGTH="9e9"
        )
    assert (answer.status_code, lied.status_code) == (401, 401)
    assert send(settings, word(order="9" * 40_000)).status_code == 422  # long, and read


def test_two_channels_with_one_secret_stop_the_site(tmp_path: Path) -> None:
    secrets.make_secrets(tmp_path)
    held = secrets.read_file(tmp_path)
    same = {"YINGBAO_CHANNEL_WECHAT": held["YINGBAO_CHANNEL_ALIPAY"]}
    secrets.write_file(tmp_path, held | same)
    with pytest.raises(ImproperlyConfigured, match="YINGBAO_CHANNEL_WECHAT, YINGBAO_CHANNEL_ALIPAY"):
        secrets.read_channel_secrets(tmp_path)


def test_secrets_are_made_once_for_every_online_channel(tmp_path: Path) -> None:
    assert set(secrets.CHANNELS) == set(ONLINE_CHANNELS)
    secrets.make_secrets(tmp_path)
    made = secrets.read_channel_secrets(tmp_path)
    assert set(made) == set(ONLINE_CHANNELS) and len(set(made.values())) == len(made)
    secrets.make_secrets(tmp_path)
    assert secrets.read_channel_secrets(tmp_path) == made


def test_the_worked_example_of_the_document_is_right() -> None:
    text = DOCUMENT.read_text("utf-8")
    body = text.split("<!-- body -->\n```json\n")[1].split("\n```")[0].encode()
    said = text.split("X-Yingbao-Signature: ")[1].split("\n")[0].strip()
    assert signature("0123456789abcdef", body) == said
    assert json.loads(body)["amount_fen"] == 140_000
