"""Editing a person: what may be changed by whom, why, and what stays in the history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from tests.imports.cast import EAST, NOW, Cast, new_key, number, people_the_district
from tests.registry.editing_cast import (
    CHILD,
    FATHER,
    MOTHER,
    edit,
    entry,
    place,
    register,
    seen,
    settle_family,
    who,
)
from yingbao.accounts.models import AuditEntry, User
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, Refused
from yingbao.registry.finding.listing import Filter, Search, find
from yingbao.registry.models import (
    DifferentPeople,
    EligibilityReview,
    FormerCertificate,
    Identity,
    ImportedFile,
    RecordChange,
    Resident,
)
from yingbao.storage.fields import Json
from yingbao.usecases.change_certificate import change_certificate
from yingbao.usecases.edit_resident import edit_address
from yingbao.usecases.record_leaving import Leaving, record_death, record_moving_out, restore_resident
from yingbao.usecases.register_on_platform import register_on_platform
from yingbao.usecases.register_resident import Entry, look_up


@pytest.fixture
def cast(db: None) -> Cast:
    told = people_the_district()
    settle_family(told)
    return told


def values(name: str) -> Mapping[str, object]:
    return Resident.objects.filter(name=name).values().get()


# --- facts ----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("BN-4.4c")
def test_an_edit_keeps_who_when_why_and_what_it_was_before(cast: Cast) -> None:
    answer = edit(cast.town_clerk, FATHER, name="柏 大木", phone="100 2000 0009", reason="户口簿更正")
    person = who("柏大木")
    assert answer["fields"] == ["name", "phone"]
    assert (person.phone, person.version) == ("10020000009", 2)
    change = RecordChange.objects.get(resident=person)
    assert (change.user.username, change.at, change.reason) == ("town-clerk", NOW, "户口簿更正")
    assert change.before is not None and FATHER in change.before and "10020000001" in change.before
    told = AuditEntry.objects.get(action="edit-resident")
    assert told.detail == {"fields": ["name", "phone"]}


def test_a_form_that_changes_nothing_leaves_no_trace(cast: Cast) -> None:
    assert edit(cast.town_clerk, FATHER, name=FATHER)["fields"] == []
    assert who(FATHER).version == 1 and not RecordChange.objects.exists()


def test_what_decides_who_somebody_is_or_owes_needs_a_reason(cast: Cast) -> None:
    with pytest.raises(BadInput, match="原因"):
        edit(cast.town_clerk, FATHER, name="柏大木")
    edit(cast.town_clerk, FATHER, phone="10020000009", hukou="甲区甲镇")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "柏=大树"),
        ("name", ""),
        ("phone", "12"),
        ("bank_account", "12ab"),
        ("population", "nobody"),
        ("graduating", "1"),
        ("disability_kind", "8"),
        ("disability_kind", "3"),
        ("relation", "spouse"),
        ("state", "dead"),
        ("hukou", "长" * 61),
    ],
)
def test_a_value_that_cannot_be_is_told_and_nothing_is_saved(cast: Cast, field: str, text: str) -> None:
    with pytest.raises(BadInput):
        edit(cast.town_clerk, FATHER, version=1, **{field: text, "reason": "x"})
    assert who(FATHER).version == 1


def test_a_village_agent_edits_contacts_only_and_only_at_home(cast: Cast) -> None:
    edit(cast.village_agent, FATHER, phone="10020000009", residence="东村2组", bank_account="6200 0000 0000 0001")
    assert who(FATHER).bank_account == "6200000000000001"
    with pytest.raises(Forbidden):
        edit(cast.village_agent, FATHER, hukou="甲镇")
    with pytest.raises(NotFound):
        edit(cast.outsider, FATHER, phone="10020000009")


def test_birth_and_sex_are_what_the_certificate_says(cast: Cast) -> None:
    with pytest.raises(Refused, match="更换证件"):
        edit(cast.town_clerk, FATHER, birth_on="1980-05-02", reason="x")
    register(cast.town_clerk, _newborn(), who(FATHER).household_id)
    edit(cast.town_clerk, "柏初生", birth_on="2022-11-02", sex="2", reason="出生证明更正")
    assert who("柏初生").birth_on == date(2022, 11, 2)


def test_the_second_of_two_who_edit_one_record_is_told(cast: Cast) -> None:
    edit(cast.town_clerk, FATHER, version=1, phone="10020000009")
    with pytest.raises(Conflict, match="刷新"):
        edit(cast.second_clerk, FATHER, version=1, phone="10020000008")
    assert who(FATHER).phone == "10020000009"


def test_the_same_form_sent_twice_changes_once(cast: Cast) -> None:
    first = edit(cast.town_clerk, FATHER, version=1, phone="10020000009", key="web-same")
    assert edit(cast.town_clerk, FATHER, version=1, phone="10020000009", key="web-same") == first
    assert who(FATHER).version == 2


def test_a_group_that_needs_other_evidence_waits_for_review(cast: Cast) -> None:
    edit(cast.town_clerk, FATHER, evidence="residence_permit", reason="户口迁出，持居住证")
    assert values(FATHER)["eligibility"] == "pending"
    assert EligibilityReview.objects.get(resident=who(FATHER)).evidence == "residence_permit"
    edit(cast.town_clerk, MOTHER, evidence="household_booklet", reason="x")
    assert values(MOTHER)["eligibility"] == "accepted"


def test_an_address_is_corrected_once(cast: Cast) -> None:
    home = who(FATHER).household
    edit_address(cast.village_agent, household_id=home.pk, address="东村2组", was=home.address, key=new_key(), at=NOW)
    with pytest.raises(Conflict):
        edit_address(cast.town_clerk, household_id=home.pk, address="东村3组", was=home.address, key=new_key(), at=NOW)
    assert who(FATHER).household.address == "东村2组"


# --- registering ----------------------------------------------------------------------------------------------------


def _newborn(name: str = "柏初生", code: str = "T500123456", **given: object) -> Entry:
    facts: Json = {"number": code, "birth_on": date(2022, 11, 1), "sex": "1", "evidence": "birth_certificate"}
    return entry(name, **(facts | given))


@pytest.mark.clause("BN-4.4b")
def test_somebody_new_comes_into_a_household_with_a_first_change(cast: Cast) -> None:
    answer = register(cast.town_clerk, entry(phone="10020000007"), who(FATHER).household_id)
    person = Resident.objects.get(pk=answer["resident"])
    assert (person.sex, person.birth_on, person.division_id) == ("1", date(2020, 1, 5), who(FATHER).division_id)
    assert (person.on_platform, person.basis, person.phone) == (False, "PJ-2", "10020000007")
    assert RecordChange.objects.get(resident=person).before is None


def test_a_new_household_begins_with_its_head(cast: Cast) -> None:
    with pytest.raises(BadInput, match="户主"):
        register(cast.town_clerk, entry(), place())
    answer = register(cast.town_clerk, entry(relation="head"), place())
    assert Resident.objects.get(household_id=answer["household"]).relation == "head"
    with pytest.raises(Refused, match="户号"):
        register(cast.town_clerk, entry("柏又一", order=5, relation="head"), place())
    with pytest.raises(BadInput, match="户主"):
        register(cast.town_clerk, entry("柏又一", order=5, relation="head"), who(FATHER).household_id)


def test_a_number_is_given_to_nobody_twice_and_its_holder_is_told_within_the_scope(cast: Cast) -> None:
    one = entry("柏大叔", "19800501", 1, relation="other")
    known = look_up(cast.second_clerk, one, division_code=who(FATHER).division_id, on=NOW.date())
    assert known.holder == who(FATHER) and known.taken
    with pytest.raises(Refused, match="另一个人"):
        register(cast.town_clerk, one, who(FATHER).household_id)
    hidden = look_up(cast.outsider, one, division_code=500155114001, on=NOW.date())
    assert (hidden.holder, hidden.taken) == (None, True)


def test_people_alike_in_the_district_must_be_told_apart(cast: Cast) -> None:
    twin = entry(FATHER, "19800501", 3, relation="other")
    home, father = who(FATHER).household_id, who(FATHER).pk
    assert [one.pk for one in look_up(cast.town_clerk, twin, division_code=500155113001, on=NOW.date()).alike.seen] == [
        father
    ]
    with pytest.raises(Refused, match="同名"):
        register(cast.town_clerk, twin, home)
    answer = register(cast.town_clerk, twin, home, told_apart=[father])
    assert DifferentPeople.objects.get().second_id == answer["resident"]
    abroad = entry(FATHER, "19800501", 5, relation="head")
    assert look_up(cast.outsider, abroad, division_code=500155114001, on=NOW.date()).alike.hidden == 2
    with pytest.raises(Refused, match="同名"):
        register(cast.outsider, abroad, place(village=500155114001))
    register(cast.outsider, abroad, place(village=500155114001), hidden=2)


def test_a_newborn_needs_only_a_birth_certificate_with_birth_and_sex(cast: Cast) -> None:
    home = who(FATHER).household_id
    for missing in ({"birth_on": None}, {"sex": ""}):
        with pytest.raises(BadInput):
            register(cast.town_clerk, _newborn(**missing), home)
    register(cast.town_clerk, _newborn(), home)
    assert values("柏初生")["certificate_kind"] == "990201"
    assert values("柏初生")["eligibility"] == "accepted"


def test_only_who_edits_the_register_registers_and_only_at_home(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        register(cast.village_agent, entry(), who(FATHER).household_id)
    with pytest.raises(NotFound):
        register(cast.outsider, entry(), who(FATHER).household_id)
    with pytest.raises(NotFound):
        register(cast.outsider, entry(relation="head"), place())


# --- certificates ---------------------------------------------------------------------------------------------------


def _renew(cast: Cast, name: str, text: str, *, birth_on: date | None, sex: str, version: int | None = None) -> bool:
    person = who(name)
    answer = change_certificate(
        cast.town_clerk,
        resident_id=person.pk,
        version=version or person.version,
        number=text,
        birth_on=birth_on,
        sex=sex,
        reason="已办身份证",
        key=new_key(),
        at=NOW,
    )
    return bool(answer["changed"])


def test_a_newborn_who_gets_an_id_number_is_the_same_person_and_found_by_both(cast: Cast) -> None:
    register(cast.town_clerk, _newborn(), who(FATHER).household_id)
    before = who("柏初生").pk
    assert _renew(cast, "柏初生", number("20221101", 7), birth_on=date(2022, 11, 1), sex="1")
    person = who("柏初生")
    assert (person.pk, person.certificate_kind) == (before, "01")
    assert FormerCertificate.objects.get(resident=person).number == "T500123456"
    for text in ("T500123456", number("20221101", 7)):
        search = Search(text, Filter(), NOW.date(), Enrolment.objects.none())
        assert [row.pk for row in find(cast.town_clerk, search)] == [before]
    with pytest.raises(Refused, match="另一个人"):
        register(cast.town_clerk, _newborn("柏另生"), who(FATHER).household_id)


def test_a_new_number_must_tell_the_birth_and_sex_of_the_record(cast: Cast) -> None:
    with pytest.raises(BadInput, match="出生日期"):
        _renew(cast, FATHER, number("19800502", 1), birth_on=date(1980, 5, 1), sex="1")
    with pytest.raises(BadInput, match="性别"):
        _renew(cast, FATHER, number("19800501", 2), birth_on=date(1980, 5, 1), sex="1")
    assert _renew(cast, FATHER, number("19800502", 2), birth_on=date(1980, 5, 2), sex="2")
    assert (who(FATHER).birth_on, who(FATHER).sex) == (date(1980, 5, 2), "2")


def test_somebody_elses_number_is_refused_and_the_way_out_named(cast: Cast) -> None:
    with pytest.raises(Refused, match="合并"):
        _renew(cast, FATHER, number("19820602", 2), birth_on=None, sex="")
    assert who(FATHER).version == 1


def test_fifteen_digits_become_eighteen_and_back_and_forth_leaves_one_holder(cast: Cast) -> None:
    old, new = number("19800501", 1), number("19800501", 5)
    assert not _renew(cast, FATHER, old[:6] + old[8:17], birth_on=None, sex="")  # the same number, written short
    assert _renew(cast, FATHER, new, birth_on=None, sex="")
    assert _renew(cast, FATHER, old, birth_on=None, sex="")
    assert _renew(cast, FATHER, new, birth_on=None, sex="")
    assert FormerCertificate.objects.filter(resident=who(FATHER)).count() == 2


# --- leaving --------------------------------------------------------------------------------------------------------


def _mark(name: str, begin_on: date) -> Identity:
    file = ImportedFile.objects.create(
        kind="roster",
        name="花名册.xlsx",
        sha256="0" * 64,
        division_id=EAST,
        rows=1,
        good_rows=1,
        uploaded_by=User.objects.get(username="bureau"),
        uploaded_at=NOW,
    )
    return Identity.objects.create(
        resident=who(name), code="dibao", department="civil_affairs", begin_on=begin_on, file=file
    )


def test_a_death_ends_identities_the_day_after_and_restoring_opens_them_again(cast: Cast) -> None:
    _mark(MOTHER, date(2022, 1, 1))
    person = who(MOTHER)
    record_death(cast.town_clerk, Leaving(person.pk, 1, date(2022, 11, 3)), year=2023, key=new_key(), at=NOW)
    assert Identity.objects.get().end_on == date(2022, 11, 4)
    assert (who(MOTHER).state, who(MOTHER).gone_on) == ("dead", date(2022, 11, 3))
    restore_resident(
        cast.town_clerk,
        resident_id=person.pk,
        version=2,
        relation="spouse",
        reason="同名误登",
        year=2023,
        key=new_key(),
        at=NOW,
    )
    assert Identity.objects.get().end_on is None
    assert (who(MOTHER).state, who(MOTHER).gone_on, who(MOTHER).relation) == ("present", None, "spouse")


def test_a_head_who_dies_leaves_a_new_head_or_nothing_happens(cast: Cast) -> None:
    father = who(FATHER)
    with pytest.raises(BadInput, match="户主"):
        record_death(cast.town_clerk, Leaving(father.pk, 1, date(2022, 11, 3)), year=2023, key=new_key(), at=NOW)
    assert who(FATHER).state == "present"
    relations = {who(MOTHER).pk: "head", who(CHILD).pk: "child"}
    leaving = Leaving(father.pk, 1, date(2022, 11, 3), relations=relations)
    record_death(cast.town_clerk, leaving, year=2023, key=new_key(), at=NOW)
    assert (who(FATHER).relation, who(MOTHER).relation) == ("other", "head")


def test_the_last_to_go_dissolves_the_household_and_coming_back_opens_it(cast: Cast) -> None:
    register(cast.town_clerk, entry("柏独居", "19500101", 1, relation="head"), place())
    alone = who("柏独居")
    record_moving_out(
        cast.town_clerk, Leaving(alone.pk, 1, date(2022, 11, 3), "迁往外省"), year=2023, key=new_key(), at=NOW
    )
    assert who("柏独居").household.state == "dissolved"
    restore_resident(
        cast.town_clerk, resident_id=alone.pk, version=2, relation="", reason="误登", year=2023, key=new_key(), at=NOW
    )
    assert (who("柏独居").household.state, who("柏独居").relation) == ("present", "head")


def test_leaving_twice_tomorrow_or_without_saying_where_to_is_told(cast: Cast) -> None:
    mother = who(MOTHER).pk
    with pytest.raises(BadInput, match="日期"):
        record_death(cast.town_clerk, Leaving(mother, 1, date(2022, 11, 9)), year=2023, key=new_key(), at=NOW)
    with pytest.raises(BadInput, match="原因"):
        record_moving_out(cast.town_clerk, Leaving(mother, 1, date(2022, 11, 1)), year=2023, key=new_key(), at=NOW)
    record_death(cast.town_clerk, Leaving(mother, 1, date(2022, 11, 1)), year=2023, key=new_key(), at=NOW)
    with pytest.raises(Refused, match="已不在册"):
        record_death(cast.town_clerk, Leaving(mother, 2, date(2022, 11, 2)), year=2023, key=new_key(), at=NOW)


# --- the national platform ------------------------------------------------------------------------------------------


def test_people_are_registered_on_the_platform_together_or_not_at_all(cast: Cast) -> None:
    Resident.objects.filter(name__in=[MOTHER, CHILD]).update(on_platform=False)
    everybody = list(seen(who(FATHER).household_id))
    with pytest.raises(NotFound):
        register_on_platform(cast.outsider, resident_ids=everybody, key=new_key(), at=NOW)
    with pytest.raises(Forbidden):
        register_on_platform(cast.village_agent, resident_ids=everybody, key=new_key(), at=NOW)
    answer = register_on_platform(cast.town_clerk, resident_ids=everybody, key=new_key(), at=NOW)
    assert (len(answer["registered"]), answer["already"]) == (2, 1)
    assert not Resident.objects.filter(on_platform=False).exists()
    assert RecordChange.objects.filter(action="platform").count() == 2
