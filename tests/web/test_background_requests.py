"""What a page asks for in the background: a session that ended, a refusal, nothing sent to a wrong address."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tests.web.conftest import Login, Story

ASKED = {"HX-Request": "true", "HX-Current-URL": "http://testserver/counter/7/"}


def test_after_the_session_ended_the_whole_page_goes_to_the_login(story: Story) -> None:
    till = reverse("counter-bill", args=[story.unenrolled[0].household_id])
    answer = Client().post(till, headers=ASKED)
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/login/?next=/counter/7/")
    assert Client().post(till).status_code == 302


def test_a_refusal_in_the_background_offers_nothing_to_send_again(story: Story, login: Login) -> None:
    agent, till = login("village-agent"), reverse("counter-bill", args=[story.next_door[0].household_id])
    sent = {"key": "web-1", "amount": "3"}
    told = agent.post(till, sent, headers=ASKED)
    assert told.status_code == 404
    assert "没有保存任何内容" in told.content.decode() and "再提交一次" not in told.content.decode()
    plain = agent.post(till, sent).content.decode()
    assert f'action="{till}"' in plain and 'name="amount" value="3"' in plain  # to the address that refused it


def test_a_reason_that_is_a_choice_is_not_offered_to_be_typed(story: Story, login: Login) -> None:
    agent = login("village-agent")
    till = reverse("counter-bill", args=[story.next_door[0].household_id])
    chosen = agent.post(till, {"reason": "employee"}).content.decode()
    assert '<input type="hidden" name="reason" value="employee">' in chosen and "要改填写的内容请返回上一页" in chosen
    typed = agent.post(till, {"reason": "写错了"}).content.decode()
    assert "<label" in typed[typed.index("写错了") - 300 :] and "改正后可以再提交一次" in typed
