"""Late enrolment is the town office's where the notice says so (BN-3.1.4); where villages collect, they do (PJ-4.2)."""

from __future__ import annotations

from datetime import date

import pytest

from tests.journeys.cast import Cast, at, household, tiers
from tests.journeys.test_receiving import holds
from yingbao.accounts.actors import Actor
from yingbao.collection.models import Payment
from yingbao.kernel.errors import Refused
from yingbao.policy import get_policy
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.open_order import open_order
from yingbao.usecases.receive_payment import receive_payment
from yingbao.usecases.serve_household import serve_household

BANAN, LIANGPING = "banan-2022", "liangping-2023"
IN_TIME, LATE = date(2022, 2, 10), date(2022, 4, 1)


def enrol(actor: Actor, person: Resident, *, on: date, policy: str = BANAN) -> Json:
    return enrol_household(
        actor,
        household_id=person.household_id,
        tiers=tiers([person]),
        policy_name=policy,
        on=on,
        key=f"enrol-{on}",
        at=at(on),
    )


def serve(actor: Actor, person: Resident, *, on: date, fen: int, dues: list[int] | None = None, policy: str) -> Json:
    return serve_household(
        actor,
        household_id=person.household_id,
        tiers={} if dues else tiers([person]),
        due_ids=dues or [],
        channel="cash",
        amount_fen=fen,
        policy_name=policy,
        on=on,
        key=f"serve-{on}",
        at=at(on),
    )


@pytest.mark.clause("BN-3.1.4")
def test_a_village_agent_is_told_that_late_enrolment_is_the_town_offices(cast: Cast) -> None:
    (person,) = household(date(1990, 1, 1))
    with pytest.raises(Refused, match=r"镇街社保所.*BN-3\.1\.4"):
        enrol(cast.village_agent, person, on=LATE)
    with pytest.raises(Refused, match=r"BN-3\.1\.4"):
        serve(cast.village_agent, person, on=LATE, fen=32_000, policy=BANAN)
    with pytest.raises(Refused, match=r"BN-3\.1\.4"):
        open_order(
            cast.village_agent,
            household_id=person.household_id,
            tiers=tiers([person]),
            due_ids=[],
            amount_fen=32_000,
            policy_name=BANAN,
            on=LATE,
            key="order",
            at=at(LATE),
        )
    with pytest.raises(Refused) as refused:
        enrol(cast.village_agent, person, on=LATE)
    assert "town office" in refused.value.render("en")


@pytest.mark.clause("BN-3.1.4")
def test_what_was_enrolled_in_time_is_paid_late_at_the_town_office(cast: Cast) -> None:
    (person,) = household(date(1990, 1, 1))
    due = next(iter(enrol(cast.village_agent, person, on=IN_TIME)["dues"].values()))
    with pytest.raises(Refused, match=r"BN-3\.1\.4"):
        receive_payment(
            cast.village_agent,
            household_id=person.household_id,
            due_ids=[due["due"]],
            channel="cash",
            amount_fen=32_000,
            policy_name=BANAN,
            collected_on=LATE,
            key="pay",
            at=at(LATE),
        )
    assert Payment.objects.count() == 0


@pytest.mark.clause("BN-3.2.1")
def test_in_time_a_village_enrols(cast: Cast) -> None:
    (person,) = household(date(1990, 1, 1))
    assert serve(cast.village_agent, person, on=IN_TIME, fen=32_000, policy=BANAN)["payment"]


def test_the_town_office_enrols_late(cast: Cast) -> None:
    (person,) = household(date(1990, 1, 1))
    assert enrol(cast.town_clerk, person, on=LATE)["dues"]


@pytest.mark.clause("BN-3.1.3")
def test_a_newborn_in_time_is_no_late_enrolment(cast: Cast) -> None:
    (child,) = household(date(2022, 3, 20))
    assert enrol(cast.village_agent, child, on=LATE)["dues"]


@pytest.mark.clause("PJ-4.2")
def test_where_villages_collect_all_year_they_enrol_late_too(cast: Cast) -> None:
    (person,) = household(date(1990, 1, 1))
    late = date(2023, 7, 3)
    assert serve(cast.village_agent, person, on=late, fen=96_000, policy=LIANGPING)["payment"]
    assert holds(cast)


def test_the_packs_say_it() -> None:
    assert [one.window for one in get_policy(BANAN).file.enrol_at] == [None, "late", None]
    assert {one.window for one in get_policy(LIANGPING).file.enrol_at} == {None}
