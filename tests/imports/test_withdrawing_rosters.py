"""An accepted roster is taken back: what it opened and closed is as before, unless something rests on it."""

from __future__ import annotations

from datetime import date

import pytest

from tests.imports.cast import (
    DISTRICT,
    NOVEMBER,
    NOW,
    POLICY,
    Cast,
    bring_in,
    check_list,
    entry,
    family,
    new_key,
    number,
    send_list,
)
from tests.imports.lists import DECEMBER, JANUARY, listed, names_with, send_full
from yingbao.accounts import operations as accounts
from yingbao.accounts.models import AuditEntry, User
from yingbao.accounts.queries import actor_of
from yingbao.accounts.roles import Role
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import Forbidden, Refused
from yingbao.registry import facts
from yingbao.registry.models import Identity, ImportedFile, Resident
from yingbao.storage.fields import Json
from yingbao.usecases.import_rosters import accept_roster
from yingbao.usecases.withdraw_roster import withdraw_roster

FATHER, MOTHER = number("19800501", 1), number("19820602", 2)


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Return the cast, with the family of three in the register."""
    bring_in(cast.town_clerk, family())
    return cast


def take_back(cast: Cast, sent: Json, key: str = "") -> Json:
    return withdraw_roster(cast.bureau, file_id=sent["file_id"], key=key or new_key(), at=NOW)


def held(name: str, on: date) -> frozenset[str]:
    resident_id = Resident.objects.get(name=name).pk
    return facts.of_residents([resident_id], on=on)[resident_id].identities


def test_what_a_list_opened_and_closed_is_as_before(town: Cast) -> None:
    send_full(town.civil_affairs, [listed("柏大树", FATHER)], town.bureau)
    later = send_full(town.civil_affairs, [listed("艾青禾", MOTHER)], town.bureau, month=DECEMBER)
    assert names_with("dibao") == {"艾青禾"}
    answer = take_back(town, later)
    assert (answer["opened"], answer["closed"]) == (1, 1)
    assert names_with("dibao") == {"柏大树"}
    assert held("艾青禾", DECEMBER) == frozenset()
    assert Identity.objects.count() == 2  # nothing is deleted
    file = ImportedFile.objects.get(pk=later["file_id"])
    assert (file.state, file.withdrawn_by_id) == ("withdrawn", town.bureau.user_id)
    entry_of_it = AuditEntry.objects.get(action="withdraw-file")
    assert {name: entry_of_it.detail[name] for name in ("kind", "opened", "closed")} == {
        "kind": "roster",
        "opened": 1,
        "closed": 1,
    }


def test_a_disability_told_by_the_list_goes_with_it(town: Cast) -> None:
    sent = send_list(town.disabled, [entry("柏大树", FATHER + "41", "重度残疾人")], town.bureau)
    take_back(town, sent)
    person = Resident.objects.get(name="柏大树")
    assert (person.disability_kind, person.disability_grade, person.version) == (None, None, 3)


def test_the_corrected_list_may_come_again(town: Cast) -> None:
    sent = send_list(town.civil_affairs, [entry("柏大树", FATHER)], town.bureau)
    take_back(town, sent)
    send_list(town.civil_affairs, [entry("柏大树", FATHER), entry("艾青禾", MOTHER)], town.bureau)
    assert names_with("dibao") == {"柏大树", "艾青禾"}


def test_a_later_list_that_closed_or_opened_again_stands_in_the_way(town: Cast) -> None:
    first = send_list(town.civil_affairs, [entry("柏大树", FATHER)], town.bureau)
    second = send_list(town.civil_affairs, [entry("柏大树", FATHER, change="减少")], town.bureau, month=DECEMBER)
    with pytest.raises(Refused, match="它新增的身份中有 1 个已被后来的名单取消"):
        take_back(town, first)
    again = [entry("柏大树", FATHER, phone="10020000009")]
    third = send_list(town.civil_affairs, again, town.bureau, month=JANUARY)
    with pytest.raises(Refused, match="它取消的身份中有 1 个已被后来的名单重新新增"):
        take_back(town, second)
    for sent in (third, second, first):
        take_back(town, sent)
    assert names_with("dibao") == set()


def test_a_cleared_subsidy_stands_in_the_way(town: Cast) -> None:
    sent = send_list(town.civil_affairs, [entry("柏大树", FATHER)], town.bureau)
    enrol(town, "柏大树", locked_on=date(2022, 11, 20))
    with pytest.raises(Refused, match="有 1 人已凭它新增的身份享受资助并缴清"):
        take_back(town, sent)
    assert names_with("dibao") == {"柏大树"}


def test_an_enrolment_that_is_not_cleared_stands_in_nobodys_way(town: Cast) -> None:
    sent = send_list(town.civil_affairs, [entry("柏大树", FATHER)], town.bureau)
    enrol(town, "柏大树", locked_on=None)
    assert take_back(town, sent)["opened"] == 1


def enrol(cast: Cast, name: str, *, locked_on: date | None) -> None:
    """Enrol somebody with dibao's subsidy."""
    resident = Resident.objects.get(name=name)
    Enrolment.objects.create(
        resident=resident,
        division_id=resident.division_id,
        year=2023,
        tier=1,
        status="assessed",
        rate_fen=35_000,
        subsidy_fen=31_500,
        subsidy_identity="dibao",
        payable_fen=3_500,
        policy=POLICY,
        policy_hash="0" * 64,
        decided_on=NOVEMBER,
        locked_on=locked_on,
        enrolled_by_id=cast.village_agent.user_id,
        enrolled_at=NOW,
    )


# --- who, and once --------------------------------------------------------------------------------------------------


def test_only_the_bureau_withdraws_and_not_who_brought_it(town: Cast) -> None:
    sent = send_list(town.civil_affairs, [entry("柏大树", FATHER)], town.bureau)
    with pytest.raises(Forbidden):
        withdraw_roster(town.civil_affairs, file_id=sent["file_id"], key=new_key(), at=NOW)
    accounts.add_user(username="civil-affairs", display_name="civil-affairs", role=Role.BUREAU, division_code=DISTRICT)
    promoted = actor_of(User.objects.get(username="civil-affairs"))
    with pytest.raises(Refused, match="不能自己撤回"):
        withdraw_roster(promoted, file_id=sent["file_id"], key=new_key(), at=NOW)


def test_the_same_request_twice_answers_the_same_and_another_is_told(town: Cast) -> None:
    sent = send_list(town.civil_affairs, [entry("柏大树", FATHER)], town.bureau)
    assert take_back(town, sent, "once") == take_back(town, sent, "once")
    with pytest.raises(Refused, match="已经撤回"):
        take_back(town, sent)


def test_a_list_that_only_waits_cannot_be_withdrawn_nor_a_withdrawn_one_accepted(town: Cast) -> None:
    checked = check_list(town.civil_affairs, [entry("柏大树", FATHER)])
    with pytest.raises(Refused, match="没有导入"):
        take_back(town, checked)
    accept_roster(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
    take_back(town, checked)
    with pytest.raises(Refused, match="已被撤回"):
        accept_roster(town.bureau, file_id=checked["file_id"], key=new_key(), at=NOW)
