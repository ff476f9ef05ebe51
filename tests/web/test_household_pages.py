"""A household's forms in pages: another household is shown first, an address is asked anew, the past stays told."""

from __future__ import annotations

from django.urls import reverse

from tests.journeys.cast import NEXT_VILLAGE, VILLAGE
from tests.web.conftest import Login, Story
from tests.web.test_editing import REASON, members, post, show
from yingbao.registry.models import Household, Resident


def test_a_household_that_is_not_there_is_told_beside_the_form(story: Story, login: Login) -> None:
    home = story.owing[0].household_id
    sent = {"do": "join", "village": VILLAGE, "household_no": "没有", "reason": REASON}
    status, page = post(login("town-clerk"), "save-household", home, **sent, **members(home))
    assert status == 404 and "没有这个户号" in page and 'value="没有"' in page


def test_a_village_agent_corrects_the_address_and_nothing_else(story: Story, login: Login) -> None:
    client, home = login("village-agent"), story.owing[0].household_id
    page = show(client, "change-household", home, query="?do=split")
    assert 'name="address"' in page and "分户" not in page
    assert post(client, "save-household", home, do="address", was="", address="东村9组")[0] == 302
    sent = {"do": "split", "village": VILLAGE, "household_no": "X1", "reason": REASON}
    assert post(client, "save-household", home, **sent, **members(home))[0] == 403


def test_the_other_household_is_shown_before_anybody_moves(story: Story, login: Login) -> None:
    client, (head, mover), other = login("town-clerk"), story.owing, story.next_door[0]
    home, into = head.household_id, other.household
    Household.objects.filter(pk=into.pk).update(address="西村7组")
    form = members(home, **{f"p{mover.pk}": "other"})
    sent = {"do": "move", "moving": mover.pk, "village": NEXT_VILLAGE, "household_no": into.number, "reason": REASON}
    for given in ({}, {"into": story.paid[0].household_id}):  # not asked yet; asked of another number
        status, page = post(client, "save-household", home, **sent, **form, **given)
        assert status == 200 and Resident.objects.get(pk=mover.pk).household_id == home
        assert f'name="into" value="{into.pk}"' in page and "确认办理" in page
        assert all(word in page for word in (into.number, other.name, "西村7组", "1 人", REASON))
    status, page = post(client, "save-household", home, **sent, **form, into=into.pk)
    assert status == 302 and mover.name in page
    history = show(client, "household-history", home)
    assert "迁出人员" in history and mover.name in history and into.number in history


def test_a_dissolved_household_says_where_its_people_went(story: Story, login: Login) -> None:
    client, other = login("town-clerk"), story.next_door[0]
    home, into = other.household_id, story.owing[0].household
    sent = {"do": "join", "village": VILLAGE, "household_no": into.number, "reason": REASON, "into": into.pk}
    assert post(client, "save-household", home, **sent, **members(home, **{f"p{other.pk}": "other"}))[0] == 302
    for name in ("household", "household-history"):
        page = show(client, name, home)
        assert "这一户的人迁到了" in page and f'href="{reverse("household", args=[into.pk])}"' in page
    abroad = show(login("next-agent"), "household", home)
    assert "这一户的人迁到了" in abroad and f'href="{reverse("household", args=[into.pk])}"' not in abroad


def test_the_address_is_asked_anew_where_the_village_changes(story: Story, login: Login) -> None:
    client, home = login("town-clerk"), story.owing[0].household
    Household.objects.filter(pk=home.pk).update(address="东村3组")
    there = show(client, "next-number", query=f"?village={NEXT_VILLAGE}&leaves={home.pk}")
    assert "新地址" in there and "required" in there and "东村3组" not in there
    assert "东村3组" in show(client, "next-number", query=f"?village={VILLAGE}&leaves={home.pk}")
    assert 'name="address"' not in show(client, "next-number", query=f"?village={VILLAGE}")
    sent = {"do": "place", "village": NEXT_VILLAGE, "household_no": "N1", "address": "东村3组", "reason": REASON}
    status, page = post(client, "save-household", home.pk, **sent, **members(home.pk))
    assert status == 400 and "地址不能沿用" in page and "新地址" in page


def test_an_empty_address_is_refused_with_a_sentence(story: Story, login: Login) -> None:
    home = story.owing[0].household_id
    status, page = post(login("village-agent"), "save-household", home, do="address", was="", address=" ")
    assert status == 400 and "没有填写地址" in page


def test_who_moved_owes_where_they_enrolled_and_the_page_says_so(story: Story, login: Login) -> None:
    client, (head, mover) = login("town-clerk"), story.owing
    into = story.next_door[0].household
    form = members(head.household_id, **{f"p{mover.pk}": "other"})
    sent = {"do": "move", "moving": mover.pk, "village": NEXT_VILLAGE, "household_no": into.number, "reason": REASON}
    assert "任务和资金仍记在登记时的村" in show(client, "change-household", head.household_id, query="?do=move")
    assert post(client, "save-household", head.household_id, **sent, **form, into=into.pk)[0] == 302
    assert "350.00" in show(client, "household", into.pk)
    assert "请到原村（社区）缴纳" in show(login("next-agent"), "household", into.pk)
