"""The help card: what a village agent reads from and hands out, by the channels of the year's own notice."""

from __future__ import annotations

import pytest
from django.conf import settings as site
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from tests.web.conftest import Login, Story
from tests.web.test_english import chinese_left
from yingbao.collection.channels.guides import GUIDES
from yingbao.policy import get_policy


def card(client: Client, language: str = "zh-hans") -> str:
    client.cookies[site.LANGUAGE_COOKIE_NAME] = language
    response = client.get(reverse("pay-guide"))
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.clause("BN-4.3.1")
@pytest.mark.parametrize("name", ["banan-2022", "liangping-2023"])
def test_a_village_agent_finds_every_online_channel_of_the_notice_step_by_step(
    story: Story, login: Login, settings: Settings, name: str
) -> None:
    settings.YINGBAO_POLICY = name
    text = card(login("village-agent"))
    online = [channel for channel in get_policy(name).file.channels if channel.online]
    assert {"wechat", "alipay"} <= {channel.code for channel in online}
    for channel in online:
        assert f"/rules/{channel.rule}/" in text
        steps = GUIDES[channel.code].steps
        body = text[text.index(f"<h2>{channel.zh}</h2>") :]
        places = [body.index(step) for step in steps]
        assert places == sorted(places) and len(steps) >= 4
    for channel in get_policy(name).file.channels:
        assert channel.online or f"<h2>{channel.zh}</h2>" not in text


@pytest.mark.clause("BN-4.3.1")
def test_the_card_is_whole_in_english_too(story: Story, login: Login) -> None:
    text = card(login("village-agent"), "en")
    assert chinese_left(text) <= {"中文"}
    assert "Open WeChat" in text and "Open Alipay" in text


@pytest.mark.clause("BN-4.3.1")
def test_agents_find_the_card_from_the_counter_and_residents_from_paying_online(story: Story, login: Login) -> None:
    address = reverse("pay-guide")
    assert address in login("village-agent").get(reverse("counter")).content.decode()
    assert address in login("resident").get(reverse("online")).content.decode()
