"""People kept by welfare institutions are subsidised like the district's own (BN-3.3.3) and owe nothing."""

from __future__ import annotations

from datetime import date

import pytest

from tests.journeys.cast import YEAR, Cast, at, mark
from tests.journeys.institutions import Campus, bring_in, campus, check, dues_of, student
from tests.journeys.test_institution_lists import register, told, whole
from yingbao.accounts.actors import Actor
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import Forbidden
from yingbao.registry.models import Identity, ImportedFile
from yingbao.storage.fields import Json
from yingbao.usecases.declare import clear_declaration, declare_zero
from yingbao.usecases.enrol_institution import accept_members

IN_SEASON = date(2022, 12, 1)


def accept_as(actor: Actor, home: Campus, checked: Json, *, key: str) -> Json:
    return accept_members(actor, file_id=checked["file_id"], policy_name="liangping-2023", key=key, at=at(IN_SEASON))


def kept(order: int, identity: str) -> Json:
    return student(order, unit="", identity=identity)


@pytest.mark.clause("BN-3.3.3")
def test_the_kept_are_enrolled_for_nothing_once_the_town_has_agreed(cast: Cast) -> None:
    home = campus("W1", "welfare")
    rows = [kept(1, "特困人员"), kept(2, "孤儿"), kept(3, "弃儿"), kept(4, "困境儿童"), kept(5, "")]
    checked = check(home, rows, on=IN_SEASON)
    assert (checked["good_rows"], checked["identities"], checked["free"]) == (5, 4, 4)
    with pytest.raises(Forbidden, match="镇街社保所人员确认"):
        accept_as(home.agent, home, checked, key="own")
    assert Enrolment.objects.count() == 0
    accept_as(cast.town_clerk, home, checked, key="town")
    dues = dues_of(home)
    assert [due.amount_fen for due in dues] == [0, 0, 0, 0, 35_000]
    assert [due.enrolment.subsidy_identity for due in dues] == ["extreme_poverty", "orphan", "orphan", "orphan", ""]
    assert {(one.begin_on, one.end_on) for one in Identity.objects.all()} == {(IN_SEASON, date(2024, 1, 1))}
    whole(cast)


@pytest.mark.clause("BN-3.3.3")
def test_their_dues_of_nothing_go_into_the_towns_zero_declaration(cast: Cast) -> None:
    home = campus("W1", "welfare")
    checked = check(home, [kept(1, "特困人员"), kept(2, "孤儿")], on=IN_SEASON)
    accept_as(cast.town_clerk, home, checked, key="town")
    declared = declare_zero(cast.town_clerk, year=YEAR, on=IN_SEASON, key="zero", at=at(IN_SEASON))
    assert declared["persons"] == 2
    clear_declaration(
        cast.tax,
        declaration_id=declared["declaration"],
        policy_name="liangping-2023",
        on=IN_SEASON,
        key="clear",
        at=at(IN_SEASON),
    )
    assert {due.state for due in dues_of(home)} == {"cleared"}
    whole(cast)


def test_who_sent_a_list_with_identities_does_not_accept_it_whoever_they_are(cast: Cast) -> None:
    home = campus("W1", "welfare")
    checked = check(home, [kept(1, "特困人员")], on=IN_SEASON, actor=cast.town_clerk)
    with pytest.raises(Forbidden):
        accept_as(cast.town_clerk, home, checked, key="own")
    accept_as(cast.second_clerk, home, checked, key="other")
    assert Identity.objects.count() == 1


def test_a_list_without_identities_is_the_institutions_own_word(cast: Cast) -> None:
    home = campus("W1", "welfare")
    bring_in(home, [kept(1, "")], on=IN_SEASON)
    assert [due.amount_fen for due in dues_of(home)] == [35_000]


def test_only_these_identities_are_taken_from_a_welfare_institution(cast: Cast) -> None:
    home = campus("W1", "welfare")
    checked = check(home, [kept(1, "城乡低保对象"), kept(2, "好人")], on=IN_SEASON)
    assert [reason.split("，")[0] for *_, reason in told(checked["file_id"])] == [
        "福利机构名单只认特困人员和孤儿（含弃儿、困境儿童）",
        "不认识这个身份名称",
    ]


def test_who_holds_the_identity_by_a_roster_does_not_hold_it_twice(cast: Cast) -> None:
    home = campus("W1", "welfare")
    one = register(kept(1, ""))
    mark(one, "extreme_poverty", cast)
    checked = check(home, [kept(1, "特困人员")], on=IN_SEASON)
    accept_as(cast.town_clerk, home, checked, key="town")
    assert Identity.objects.filter(resident=one).count() == 1
    whole(cast)


def test_pupils_pay_as_residents(cast: Cast) -> None:
    school = campus("S1", "school")
    bring_in(school, [student(1, graduating="是")], on=IN_SEASON)
    (due,) = dues_of(school)
    assert (due.amount_fen, due.enrolment.resident.population, due.enrolment.resident.graduating) == (
        35_000,
        "resident",
        False,
    )
    assert ImportedFile.objects.get(institution=school.institution).differences["new"] == 1
