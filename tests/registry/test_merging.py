"""Two records of one person become one: numbers, identities, spans lead to the kept one; money stays; all is told."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, transaction

from tests.journeys.cast import (
    IN_TIME,
    OTHER_VILLAGE,
    POLICY,
    Cast,
    at,
    household,
    insure_elsewhere,
    mark,
    people_the_town,
    tiers,
)
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.enrolment.models import Enrolment
from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, Refused
from yingbao.registry.models import (
    CoveredElsewhere,
    DifferentPeople,
    EligibilityReview,
    FormerCertificate,
    Identity,
    MatchMemory,
    RecordChange,
    Resident,
)
from yingbao.registry.recognising import matching
from yingbao.storage.encrypted import blind_index
from yingbao.storage.fields import Json
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.merge_residents import merge_residents
from yingbao.usecases.tell_apart import tell_apart
from yingbao.worklist.models import WorkItem
from yingbao.worklist.operations import Finding, open_items

BIRTH = date(1980, 5, 1)
Two = tuple[Resident, Resident]


@pytest.fixture
def cast(db: None) -> Cast:
    return people_the_town()


@pytest.fixture
def two(cast: Cast) -> Two:
    """Return two records of one man: (to keep, to drop), each alone in a household."""
    return household(BIRTH)[0], household(BIRTH)[0]


def merge(actor: Actor, keep: Resident, drop: Resident, *, reason: str = "同一人", key: str = "merge-1") -> Json:
    versions = {keep.pk: keep.version, drop.pk: drop.version}
    return merge_residents(
        actor,
        keep_id=keep.pk,
        drop_id=drop.pk,
        versions=versions,
        reason=reason,
        on=IN_TIME,
        key=key,
        at=at(IN_TIME),
    )


def enrol(agent: Actor, one: Resident, *, pay: bool = False) -> None:
    common = {"household_id": one.household_id, "tiers": tiers([one]), "policy_name": POLICY, "on": IN_TIME}
    common |= {"key": f"enrol-{one.pk}", "at": at(IN_TIME)}
    if pay:
        enrol_and_pay(agent, channel="cash", amount_fen=35_000, **common)  # type: ignore[arg-type]
    else:
        enrol_household(agent, **common)  # type: ignore[arg-type]


# --- what comes together --------------------------------------------------------------------------------------------


def test_every_number_of_either_record_finds_the_kept_one(cast: Cast, two: Two) -> None:
    keep, drop = two
    old = blind_index("an older number")
    FormerCertificate.objects.create(resident=drop, kind="01", number="x", index=old, replaced_on=IN_TIME)
    answer = merge(cast.town_clerk, keep, drop)
    assert (answer["kept"], answer["dropped"], answer["twice"]) == (keep.pk, drop.pk, [])
    indexes = [bytes(keep.certificate_index), bytes(drop.certificate_index), old]
    assert matching.find_ids(indexes) == dict.fromkeys(indexes, keep.pk)
    assert {one.resident_id for one in matching.find_people(indexes).values()} == {keep.pk}
    drop.refresh_from_db()
    assert (drop.state, drop.merged_into_id) == ("merged", keep.pk)


def test_open_identities_come_over_without_overlap_and_the_file_is_kept(cast: Cast, two: Two) -> None:
    keep, drop = two
    mark(keep, "dibao", cast)
    mark(drop, "dibao", cast)
    mark(drop, "orphan", cast, begin_on=date(2022, 3, 1))
    mark(keep, "disabled_1_2", cast, end_on=date(2022, 9, 1))
    mark(drop, "disabled_1_2", cast, begin_on=date(2022, 6, 1))
    assert merge(cast.town_clerk, keep, drop)["identities"] == 2
    spans = Identity.objects.filter(resident=keep).order_by("code", "begin_on")
    assert list(spans.values_list("code", "begin_on", "end_on", "file_id")) == [
        ("dibao", date(2022, 1, 1), None, cast.roster.pk),
        ("disabled_1_2", date(2022, 1, 1), date(2022, 9, 1), cast.roster.pk),
        ("disabled_1_2", date(2022, 9, 1), None, cast.roster.pk),
        ("orphan", date(2022, 3, 1), None, cast.roster.pk),
    ]
    assert set(Identity.objects.filter(resident=drop).values_list("end_on", flat=True)) == {IN_TIME}


def test_spans_elsewhere_come_over_too(cast: Cast, two: Two) -> None:
    keep, drop = two
    for one, kind in ((keep, "army"), (drop, "army"), (drop, "employee")):
        insure_elsewhere(one, kind)
    assert merge(cast.town_clerk, keep, drop)["elsewhere"] == 1
    held = CoveredElsewhere.objects.filter(end_on__isnull=True).order_by("kind")
    assert list(held.values_list("resident_id", "kind")) == [(keep.pk, "army"), (keep.pk, "employee")]


def test_what_the_kept_record_lacks_is_filled_and_nothing_else(cast: Cast, two: Two) -> None:
    keep, drop = two
    Resident.objects.filter(pk=drop.pk).update(
        phone="10020000002", residence="西村", bank_account="620000", bank_name="农商行"
    )
    Resident.objects.filter(pk=keep.pk).update(residence="东村", phone=None)
    assert merge(cast.town_clerk, keep, drop)["filled"] == ["bank_account", "bank_name", "phone"]
    keep.refresh_from_db()
    assert (keep.phone, keep.residence, keep.bank_account, keep.bank_name) == (
        "10020000002",
        "东村",
        "620000",
        "农商行",
    )


def test_of_a_newborns_two_records_the_kept_one_gets_the_id_number(cast: Cast, two: Two) -> None:
    keep, drop = two
    Resident.objects.filter(pk=keep.pk).update(certificate_kind="990201")
    Resident.objects.filter(pk=drop.pk).update(certificate_kind="01")
    numbers = keep.certificate_number, drop.certificate_number
    keep.refresh_from_db()
    enrol(cast.village_agent, keep)
    merge(cast.town_clerk, keep, drop)
    keep.refresh_from_db()
    drop.refresh_from_db()
    assert (keep.certificate_kind, keep.certificate_number, drop.certificate_number) == ("01", numbers[1], numbers[0])
    former = FormerCertificate.objects.get()
    assert (former.resident_id, former.kind, former.number) == (keep.pk, "990201", numbers[0])
    assert set(matching.find_ids([blind_index(number) for number in numbers]).values()) <= {keep.pk}


def test_what_was_remembered_of_the_dropped_record_holds_of_the_kept(cast: Cast, two: Two) -> None:
    keep, drop = two
    other = household(date(1990, 1, 1))[0]
    who = {"reason": "x", "decided_by_id": cast.bureau.user_id, "decided_at": at(IN_TIME)}
    MatchMemory.objects.create(key=b"k" * 16, resident=drop, **who)
    DifferentPeople.objects.create(first=drop, second=other, **who)
    first = household(BIRTH)[0]
    merge(cast.town_clerk, drop, first, key="merge-0")
    drop.refresh_from_db()
    merge(cast.town_clerk, keep, drop)
    assert MatchMemory.objects.get().resident_id == keep.pk
    assert DifferentPeople.objects.filter(first=keep, second=other).exists()
    first.refresh_from_db()
    assert first.merged_into_id == keep.pk
    assert matching.find_ids([bytes(first.certificate_index)]) == {bytes(first.certificate_index): keep.pk}


@pytest.mark.clause("BN-4.4c")
def test_the_history_of_both_tells_it_and_the_audit_trail_has_ids_only(cast: Cast, two: Two) -> None:
    keep, drop = two
    Resident.objects.filter(pk=drop.pk).update(phone="10020000002")
    Resident.objects.filter(pk=keep.pk).update(phone=None)
    merge(cast.town_clerk, keep, drop)
    told = [
        (one.resident_id, one.fields, json.loads(one.after or "{}"))
        for one in RecordChange.objects.filter(action="merged", resident__isnull=False).order_by("id")
    ]
    assert told == [
        (keep.pk, ["phone"], {"phone": "10020000002"}),
        (drop.pk, ["merged_into_id", "state"], {"state": "merged", "merged_into_id": keep.pk}),
        (keep.pk, ["merged"], {"merged": drop.pk}),
    ]
    assert set(RecordChange.objects.values_list("reason", flat=True)) == {"同一人"}
    entry = AuditEntry.objects.get(action="merge-residents")
    assert entry.detail["dropped"] == drop.pk and "10020000002" not in str(entry.detail)


def test_a_household_nobody_is_left_in_is_dissolved(cast: Cast, two: Two) -> None:
    keep, drop = two
    merge(cast.town_clerk, keep, drop)
    drop.household.refresh_from_db()
    keep.household.refresh_from_db()
    assert (drop.household.state, keep.household.state) == ("dissolved", "present")


# --- money ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pay", "kind"), [(True, "duplicate-payment"), (False, "registered-twice")])
def test_two_enrolments_of_a_year_stay_where_they_are_and_are_told(cast: Cast, two: Two, pay: bool, kind: str) -> None:
    keep, drop = two
    enrol(cast.village_agent, keep)
    enrol(cast.village_agent, drop, pay=pay)
    assert merge(cast.town_clerk, keep, drop)["twice"] == [2023]
    assert set(Enrolment.objects.values_list("resident_id", "state")) == {(keep.pk, "standing"), (drop.pk, "standing")}
    item = WorkItem.objects.get(closed_at__isnull=True)
    assert (item.kind, item.subject_kind, item.subject_id) == (kind, "resident", drop.pk)
    assert item.detail["merged_into"] == keep.pk
    assert item.detail.get("surplus_fen") == (35_000 if pay else None)


@pytest.mark.parametrize("kind", ["01", "990201"])
def test_the_record_that_is_enrolled_must_be_the_one_kept(cast: Cast, two: Two, kind: str) -> None:
    keep, drop = two
    enrol(cast.village_agent, drop)
    Resident.objects.filter(pk=keep.pk).update(certificate_kind="01")
    Resident.objects.filter(pk=drop.pk).update(certificate_kind=kind)
    with pytest.raises(Refused, match="2023") as refusal:
        merge(cast.town_clerk, keep, drop)
    assert ("自动换成居民身份证号码" in str(refusal.value)) == (kind != "01"), "told where it will be so"
    assert merge(cast.town_clerk, drop, keep, key="other-way")["twice"] == []


# --- refusals -------------------------------------------------------------------------------------------------------


def test_a_head_of_others_is_not_dropped_before_another_is_head(cast: Cast) -> None:
    keep, drop = household(BIRTH)[0], household(BIRTH, date(1982, 6, 2))[0]
    with pytest.raises(Refused, match="户主"):
        merge(cast.town_clerk, keep, drop)
    assert not RecordChange.objects.exists()


def test_papers_in_review_and_people_gone_are_decided_on_first(cast: Cast, two: Two) -> None:
    keep, drop = two
    Resident.objects.filter(pk=drop.pk).update(state="dead", gone_on=IN_TIME)
    drop.refresh_from_db()
    with pytest.raises(Refused, match="死亡或迁出"):
        merge(cast.town_clerk, keep, drop)
    Resident.objects.filter(pk=drop.pk).update(state="present", gone_on=None)
    EligibilityReview.objects.create(
        resident=drop,
        basis="PJ-2",
        evidence="residence_permit",
        submitted_by_id=cast.village_agent.user_id,
        submitted_at=at(IN_TIME),
    )
    with pytest.raises(Refused, match="待审核"):
        merge(cast.town_clerk, keep, drop)


def test_who_may_merge_what(cast: Cast, two: Two) -> None:
    keep, drop = two
    far = household(BIRTH, village=OTHER_VILLAGE)[0]
    with pytest.raises(Forbidden):
        merge(cast.village_agent, keep, drop)
    with pytest.raises(NotFound):
        merge(cast.town_clerk, keep, far)
    with pytest.raises(NotFound):
        merge(cast.outsider, keep, drop)
    with pytest.raises(BadInput):
        merge(cast.town_clerk, keep, drop, reason=" ")
    with pytest.raises(BadInput):
        merge(cast.town_clerk, keep, keep)
    assert merge(cast.bureau, keep, far)["dropped"] == far.pk


def test_twice_is_once_and_a_merged_record_is_not_merged_again(cast: Cast, two: Two) -> None:
    keep, drop = two
    assert merge(cast.town_clerk, keep, drop) == merge(cast.town_clerk, keep, drop)
    drop.refresh_from_db()
    for one, other in ((keep, drop), (drop, keep)):
        with pytest.raises(Refused, match="已并入"):
            merge(cast.town_clerk, one, other, key=f"again-{one.pk}")


def test_who_saw_an_older_record_is_told(cast: Cast, two: Two) -> None:
    keep, drop = two
    Resident.objects.filter(pk=drop.pk).update(version=drop.version + 1)
    with pytest.raises(Conflict):
        merge(cast.town_clerk, keep, drop)


@pytest.mark.django_db(transaction=True)
def test_two_merges_in_opposite_directions_leave_one_record(transactional_db: None) -> None:
    cast = people_the_town()
    one, other = household(BIRTH)[0], household(BIRTH)[0]

    def run(keep: Resident, drop: Resident) -> str:
        try:
            merge(cast.town_clerk, keep, drop, key=f"keep-{keep.pk}")
            return "merged"
        except (Refused, Conflict):
            return "told"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(run, one, other), pool.submit(run, other, one)]
        assert sorted(done.result(30) for done in both) == ["merged", "told"]
    assert sorted(Resident.objects.values_list("state", flat=True)) == ["merged", "present"]


# --- two people -----------------------------------------------------------------------------------------------------


def test_two_people_are_told_apart_once_with_a_reason_and_their_item_closes(cast: Cast, two: Two) -> None:
    one, other = two
    owner = cast.town_clerk.user_id
    with_item = Finding("registered-twice", one.division_id, owner, ("resident", one.pk), IN_TIME, {"other": other.pk})
    with transaction.atomic():
        open_items([with_item], on=IN_TIME)
    for _ in range(2):
        answer = tell_apart(
            cast.town_clerk, one_id=other.pk, other_id=one.pk, reason="堂兄弟", key="apart", at=at(IN_TIME)
        )
    assert answer == {"residents": sorted((one.pk, other.pk))}
    pair = DifferentPeople.objects.get()
    assert (pair.first_id, pair.second_id, pair.reason) == (*sorted((one.pk, other.pk)), "堂兄弟")
    assert WorkItem.objects.get().closed_reason == "已认定不是同一人"
    with pytest.raises(NotFound):
        tell_apart(cast.outsider, one_id=one.pk, other_id=other.pk, reason="x", key="far", at=at(IN_TIME))
