"""Enrolling a household: who, at which tier, owing what, and why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.journeys.cast import (
    IN_TIME,
    POLICY,
    TIER_1,
    YEAR,
    Cast,
    at,
    family,
    household,
    insure_elsewhere,
    mark,
    tiers,
)
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.accounts.queries import audit_trail
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, Refused
from yingbao.ledger.queries import trial_balance
from yingbao.policy import get_policy
from yingbao.registry.models import Resident
from yingbao.storage.fields import Json
from yingbao.usecases.enrol_household import enrol_household


def enrol(actor: Actor, members: list[Resident], *, tier: int = 1, on: date = IN_TIME, key: str = "k1") -> Json:
    return enrol_household(
        actor,
        household_id=members[0].household_id,
        tiers=tiers(members, tier),
        policy_name=POLICY,
        on=on,
        key=key,
        at=at(on),
    )


@pytest.mark.clause("PJ-3.2")
def test_everyone_owes_the_rate_of_their_tier(cast: Cast) -> None:
    members = family()
    answer = enrol(cast.village_agent, members, tier=2)
    assert {row["amount_fen"] for row in answer["dues"].values()} == {72_500}


@pytest.mark.clause("PJ-5.0")
def test_the_highest_subsidy_counts_and_is_kept_with_its_reasons(cast: Cast) -> None:
    (person,) = household(date(1950, 1, 1))
    mark(person, "dibao", cast)
    mark(person, "stable_lifted", cast)
    enrol(cast.village_agent, [person])
    kept = Enrolment.objects.get()
    assert (kept.subsidy_identity, kept.subsidy_fen, kept.payable_fen) == ("dibao", 31_500, 3_500)
    assert "PJ-5.1.2" in " ".join(kept.reasons)
    assert kept.policy_hash == get_policy(POLICY).hash


@pytest.mark.clause("BN-2.0")
def test_whoever_is_in_employee_insurance_is_named_and_nobody_is_enrolled(cast: Cast) -> None:
    members = family()
    insure_elsewhere(members[1])
    with pytest.raises(Refused) as refused:
        enrol(cast.village_agent, members)
    assert str(members[1].pk) in str(refused.value) and "职工医保" in str(refused.value)
    assert Enrolment.objects.count() == 0


def test_an_identity_that_begins_later_does_not_count_yet(cast: Cast) -> None:
    (person,) = household(date(1950, 1, 1))
    mark(person, "dibao", cast, begin_on=date(2023, 1, 1))
    answer = enrol(cast.village_agent, [person])
    assert answer["dues"][str(person.pk)]["amount_fen"] == TIER_1


def test_what_is_owed_is_in_the_ledger(cast: Cast) -> None:
    enrol(cast.village_agent, family())
    assert trial_balance(cast.town_clerk, year=YEAR)["resident-due"] == 4 * TIER_1


def test_the_same_request_twice_enrols_once_and_answers_the_same(cast: Cast) -> None:
    members = family()
    first = enrol(cast.village_agent, members)
    assert enrol(cast.village_agent, members) == first
    assert Enrolment.objects.count() == 4
    assert AuditEntry.objects.filter(action="enrol-household").count() == 1


def test_the_same_request_id_with_other_input_is_a_conflict(cast: Cast) -> None:
    members = family()
    enrol(cast.village_agent, members)
    with pytest.raises(Conflict):
        enrol(cast.village_agent, members, tier=2)


@pytest.mark.clause("BN-4.4a")
def test_one_person_has_one_standing_enrolment_a_year(cast: Cast) -> None:
    members = family()
    enrol(cast.village_agent, members)
    with pytest.raises(Refused):
        enrol(cast.town_clerk, members[:1], key="k2")
    assert Enrolment.objects.count() == 4


@pytest.mark.parametrize(("part", "error"), [("outsider", NotFound), ("next_agent", NotFound), ("auditor", Forbidden)])
def test_who_may_not(cast: Cast, part: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        enrol(getattr(cast, part), family())
    assert Enrolment.objects.count() == 0


def test_somebody_of_another_household_is_refused(cast: Cast) -> None:
    members, stranger = family(), household(date(1990, 1, 1))[0]
    with pytest.raises(BadInput):
        enrol_household(
            cast.village_agent,
            household_id=members[0].household_id,
            tiers={stranger.pk: 1},
            policy_name=POLICY,
            on=IN_TIME,
            key="k",
            at=at(IN_TIME),
        )


def test_a_day_outside_every_window_is_refused_with_that_reason(cast: Cast) -> None:
    with pytest.raises(Refused, match="时段"):
        enrol(cast.village_agent, family(), on=date(2023, 10, 8))


@pytest.mark.clause("BN-4.4c")
def test_the_audit_trail_tells_who_did_it_to_whom_without_names(cast: Cast) -> None:
    members = family()
    enrol(cast.village_agent, members)
    (entry,) = audit_trail(cast.auditor)
    assert (entry.user_id, entry.action, entry.subject_id) == (
        cast.village_agent.user_id,
        "enrol-household",
        members[0].household_id,
    )
    assert members[0].name not in str(entry.detail)
    with pytest.raises(Forbidden):
        audit_trail(replace(cast.village_agent))
