"""Numbers are masked unless somebody who may says why they need one; each look is in the trail, the value never."""

from __future__ import annotations

from datetime import date

import pytest

from tests.journeys.cast import Cast, at, household, people_the_town
from yingbao.accounts.models import AuditEntry
from yingbao.kernel.errors import BadInput, Forbidden, NotFound
from yingbao.registry.models import Resident
from yingbao.usecases.reveal import reveal

ON = at(date(2022, 12, 1))
PHONE, ACCOUNT, WHY = "10055551234", "6200000000000001234", "核对银行卡"


@pytest.fixture
def cast(db: None) -> Cast:
    return people_the_town()


@pytest.fixture
def person(cast: Cast) -> Resident:
    (found,) = household(date(1990, 1, 1))
    found.phone, found.bank_account = PHONE, ACCOUNT
    found.save(update_fields=["phone", "bank_account"])
    return found


def test_a_reason_shows_a_field_once_and_leaves_a_trace(cast: Cast, person: Resident) -> None:
    asked = {"phone": PHONE, "bank_account": ACCOUNT, "certificate_number": person.certificate_number}
    for field, value in asked.items():
        assert reveal(cast.town_clerk, resident_id=person.pk, field=field, reason=f" {WHY}\n", at=ON) == value
    entries = AuditEntry.objects.filter(action="reveal").order_by("id")
    assert [one.detail for one in entries] == [{"field": field, "reason": WHY} for field in asked]
    assert {(one.subject_kind, one.subject_id, one.user_id) for one in entries} == {
        ("resident", person.pk, cast.town_clerk.user_id)
    }


@pytest.mark.parametrize("reason", ["", "   ", "看一下", "x" * 101])
def test_without_a_reason_nothing_is_shown(cast: Cast, person: Resident, reason: str) -> None:
    with pytest.raises(BadInput, match="事由"):
        reveal(cast.town_clerk, resident_id=person.pk, field="phone", reason=reason, at=ON)
    assert not AuditEntry.objects.filter(action="reveal").exists()


def test_a_reason_holds_no_number(cast: Cast, person: Resident) -> None:
    with pytest.raises(BadInput, match="不要写号码"):
        reveal(cast.town_clerk, resident_id=person.pk, field="phone", reason=f"核对 {PHONE}", at=ON)


def test_only_who_has_the_right_and_only_at_home(cast: Cast, person: Resident) -> None:
    for actor in (cast.village_agent, cast.tax, cast.health, cast.administrator, cast.wechat):
        with pytest.raises(Forbidden):
            reveal(actor, resident_id=person.pk, field="phone", reason=WHY, at=ON)
    with pytest.raises(NotFound):
        reveal(cast.outsider, resident_id=person.pk, field="phone", reason=WHY, at=ON)
    assert reveal(cast.auditor, resident_id=person.pk, field="phone", reason=WHY, at=ON) == PHONE


def test_only_these_fields_and_only_where_there_is_something(cast: Cast, person: Resident) -> None:
    with pytest.raises(BadInput):
        reveal(cast.town_clerk, resident_id=person.pk, field="name", reason=WHY, at=ON)
    with pytest.raises(NotFound):
        reveal(cast.town_clerk, resident_id=person.pk, field="document_number", reason=WHY, at=ON)
