"""The public notice of who paid cash (BN-4.2.2c): evidence, signed by two."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.journeys.cast import IN_TIME, POLICY, TIER_1, YEAR, Cast, at, family, household, tiers
from yingbao.accounts.actors import Actor
from yingbao.documents import Notice
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.publicity.models import PublicNotice
from yingbao.publicity.queries import notices
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases import papers
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.papers import print_notice
from yingbao.usecases.publish_notice import approve_notice, draw_up_notice

NEXT_DAY = IN_TIME + timedelta(days=1)


def pay(cast: Cast, members: list[Resident], channel: str) -> None:
    enrol_and_pay(
        cast.village_agent if channel == "cash" else cast.wechat,
        household_id=members[0].household_id,
        tiers=tiers(members),
        channel=channel,
        amount_fen=len(members) * TIER_1,
        policy_name=POLICY,
        on=IN_TIME,
        key=f"pay-{members[0].pk}",
        at=at(IN_TIME),
    )


def draw_up(actor: Actor, *, key: str = "notice") -> Json:
    return draw_up_notice(actor, year=YEAR, begin_on=IN_TIME, end_on=NEXT_DAY, key=key, at=at(NEXT_DAY))


@pytest.mark.clause("BN-4.2.2c")
def test_it_lists_the_cash_of_the_payment_point_and_two_people_sign(cast: Cast) -> None:
    pay(cast, family(), "cash")
    pay(cast, household(date(1990, 1, 1)), "wechat")
    drawn = draw_up(cast.village_agent)
    assert (drawn["payments"], drawn["amount_fen"]) == (1, 4 * TIER_1)
    approve_notice(cast.town_clerk, notice_id=drawn["notice"], key="approve", at=at(NEXT_DAY))
    notice = PublicNotice.objects.get()
    assert (notice.handler_id, notice.leader_id) == (cast.village_agent.user_id, cast.town_clerk.user_id)
    assert print_notice(cast.town_clerk, notice_id=notice.pk).startswith(b"%PDF")
    with pytest.raises(Refused):
        approve_notice(cast.second_clerk, notice_id=notice.pk, key="again", at=at(NEXT_DAY))


def test_who_may_sign_and_see(cast: Cast) -> None:
    pay(cast, family(), "cash")
    notice = draw_up(cast.village_agent)["notice"]
    with pytest.raises(Forbidden):
        approve_notice(cast.village_agent, notice_id=notice, key="own", at=at(NEXT_DAY))
    with pytest.raises(NotFound):
        approve_notice(cast.outsider, notice_id=notice, key="outside", at=at(NEXT_DAY))
    assert PublicNotice.objects.get().leader_id is None
    assert notices(cast.next_agent).count() == 0


def test_a_point_without_cash_has_nothing_to_publish(cast: Cast) -> None:
    pay(cast, household(date(1990, 1, 1)), "wechat")
    with pytest.raises(BadInput):
        draw_up(cast.village_agent)


def test_what_comes_in_after_it_was_drawn_up_is_not_printed_into_the_sum_that_was_signed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(cast, family(), "cash")
    noon = at(IN_TIME, 12)
    drawn = draw_up_notice(cast.village_agent, year=YEAR, begin_on=IN_TIME, end_on=NEXT_DAY, key="noon", at=noon)
    (late,) = household(date(1990, 1, 1))
    enrol_and_pay(
        cast.village_agent,
        household_id=late.household_id,
        tiers=tiers([late]),
        channel="cash",
        amount_fen=TIER_1,
        policy_name=POLICY,
        on=IN_TIME,
        key="late",
        at=at(IN_TIME, 15),
    )
    printed: list[Notice] = []
    monkeypatch.setattr(papers, "public_notice_pdf", printed.append)
    print_notice(cast.town_clerk, notice_id=drawn["notice"])
    assert sum(row.amount_fen for row in printed[0].rows) == printed[0].total_fen == 4 * TIER_1


def test_another_towns_officer_does_not_learn_that_a_notice_was_signed(cast: Cast) -> None:
    pay(cast, family(), "cash")
    notice = draw_up(cast.village_agent)["notice"]
    approve_notice(cast.town_clerk, notice_id=notice, key="approve", at=at(NEXT_DAY))
    with pytest.raises(NotFound):
        approve_notice(cast.outsider, notice_id=notice, key="outside", at=at(NEXT_DAY))
