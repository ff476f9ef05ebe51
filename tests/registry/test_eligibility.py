"""Who may enrol: evidence handed in, looked at by somebody else, refused with a reason (BN-2, PJ-2, PJ-8.3.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.db import IntegrityError, transaction

from tests.imports.cast import number
from tests.journeys.cast import POLICY, Cast, at, household, insure_elsewhere, people_the_town
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import AuditEntry
from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, Refused
from yingbao.kernel.periods import DAY
from yingbao.policy import get_policy
from yingbao.registry.eligibility import papers
from yingbao.registry.eligibility.attachments import Scan, tidy_name
from yingbao.registry.eligibility.evidence import Document, telling
from yingbao.registry.facts import of_residents
from yingbao.registry.kinds import Eligibility, Evidence
from yingbao.registry.models import Attachment, EligibilityReview, RecordChange, Resident
from yingbao.usecases.deciding import why_not
from yingbao.usecases.review_eligibility import Word, read_attachment, review_eligibility
from yingbao.usecases.submit_eligibility import submit_eligibility
from yingbao.worklist.models import WorkItem

ON = date(2022, 12, 1)
BORN = date(2022, 10, 1)
BANAN = "banan-2022"
JPEG = Scan("照片.jpg", b"\xff\xd8\xff\xe0 a picture")
PDF = Scan("scan.PDF", b"%PDF-1.7 a page")
YES, NO = Word(accepted=True), Word(accepted=False, reason="居住证不是本市签发，请补本市居住证")
HMT = number("19900101", 7, area="810000")
NUMBERS = {
    Evidence.RESIDENCE_PERMIT_HMT: HMT,
    Evidence.PERMANENT_RESIDENCE_CARD: number("19850505", 3, area="911500"),
    Evidence.BIRTH_CERTIFICATE: "T500000001",
    Evidence.RESIDENCE_PERMIT: number("19900101", 9, area="510100"),
}


@pytest.fixture
def cast(db: None) -> Cast:
    return people_the_town()


@pytest.fixture
def person(cast: Cast) -> Resident:
    """Somebody from elsewhere who was refused once: not eligible until a review says so."""
    (found,) = household(date(1990, 1, 1))
    Resident.objects.filter(pk=found.pk).update(eligibility=Eligibility.REFUSED, hukou="四川省成都市")
    return Resident.objects.get(pk=found.pk)


def document(evidence: Evidence = Evidence.RESIDENCE_PERMIT) -> Document:
    return Document(evidence, NUMBERS.get(evidence, ""), ON + 365 * DAY)


def submit(actor: Actor, person: Resident, **changed: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        **{"resident_id": person.pk, "basis": "BN-2.2", "document": document(), "scans": [JPEG, PDF]},
        **{"policy_name": BANAN, "on": ON, "key": f"submit-{person.pk}", "at": at(ON)},
    }
    return submit_eligibility(actor, **asked | changed)


def review(actor: Actor, review_id: int, word: Word = YES, **changed: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"policy_name": BANAN, "on": ON, "key": f"review-{review_id}", "at": at(ON)}
    return review_eligibility(actor, review_id=review_id, word=word, **asked | changed)


def now(person: Resident) -> Resident:
    return Resident.objects.get(pk=person.pk)


def obstacle(person: Resident) -> str | None:
    found = why_not(of_residents([person.pk], on=ON)[person.pk], on=ON)
    return None if found is None else str(found)


# --- the groups -----------------------------------------------------------------------------------------------------

GROUPS = [
    *(pytest.param(BANAN, f"BN-2.{n}", marks=pytest.mark.clause(f"BN-2.{n}")) for n in range(1, 7)),
    *(pytest.param(POLICY, f"PJ-2.{n}", marks=pytest.mark.clause("PJ-2")) for n in range(1, 8)),
]


@pytest.mark.parametrize(("policy", "basis"), GROUPS)
def test_every_group_of_both_notices_can_be_shown_and_then_enrols(cast: Cast, policy: str, basis: str) -> None:
    (newborn,) = household(BORN)
    Resident.objects.filter(pk=newborn.pk).update(eligibility=Eligibility.REFUSED, basis="")
    group = next(one for one in get_policy(policy).file.groups if one.id == basis)
    for evidence in telling(group):
        asked = {"basis": basis, "policy_name": policy, "document": document(evidence)}
        found = submit(cast.village_agent, newborn, key=f"{basis}-{evidence}", **asked)
        assert obstacle(newborn) == "参保资格待镇街审核" or now(newborn).eligibility == Eligibility.ACCEPTED
        review(cast.town_clerk, found["review"], policy_name=policy)
        assert obstacle(newborn) is None
        assert now(newborn).basis == (group.rule or group.id)


@pytest.mark.clause("PJ-2")
@pytest.mark.parametrize(
    ("basis", "wanted"),
    [
        ("PJ-2.6", [Evidence.TALENT_LETTER]),
        ("PJ-2.7", [Evidence.RESIDENCE_PERMIT_HMT, Evidence.SCHOOL_REGISTER]),
        ("PJ-2.2", [Evidence.SCHOOL_REGISTER]),
        ("PJ-2.3", [Evidence.BIRTH_CERTIFICATE]),
        ("PJ-2.1", [Evidence.HOUSEHOLD_BOOKLET]),
    ],
)
def test_a_group_is_shown_by_what_only_it_asks_for(
    cast: Cast, person: Resident, basis: str, wanted: list[Evidence]
) -> None:
    for evidence in set(Evidence) - set(wanted):
        with pytest.raises(BadInput, match="不能证明"):
            submit(cast.village_agent, person, basis=basis, policy_name=POLICY, document=document(evidence))
    group = next(one for one in get_policy(POLICY).file.groups if one.id == basis)
    assert list(telling(group)) == wanted


# --- what a document must be ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("basis", "evidence", "wrong"),
    [
        ("BN-2.6", Evidence.RESIDENCE_PERMIT_HMT, number("19900101", 7)),
        ("BN-2.6", Evidence.RESIDENCE_PERMIT_HMT, HMT[:-1] + ("0" if HMT[-1] != "0" else "1")),
        ("BN-2.5", Evidence.PERMANENT_RESIDENCE_CARD, HMT),
        ("BN-2.4", Evidence.BIRTH_CERTIFICATE, "5000000001"),
    ],
)
def test_a_number_of_another_form_is_not_taken(
    cast: Cast, person: Resident, basis: str, evidence: Evidence, wrong: str
) -> None:
    with pytest.raises(BadInput) as caught:
        submit(cast.village_agent, person, basis=basis, document=replace(document(evidence), number=wrong))
    assert wrong not in str(caught.value) and caught.value.todo
    assert not EligibilityReview.objects.exists()


def test_an_expired_permit_is_refused_today_and_not_on_its_last_day(cast: Cast, person: Resident) -> None:
    with pytest.raises(Refused, match="已过期"):
        submit(cast.village_agent, person, document=replace(document(), valid_until=ON - DAY))
    with pytest.raises(BadInput, match="有效期"):
        submit(cast.village_agent, person, document=replace(document(), valid_until=None))
    found = submit(cast.village_agent, person, document=replace(document(), valid_until=ON))
    with pytest.raises(Refused, match="已过期"):
        review(cast.town_clerk, found["review"], on=ON + DAY)
    assert now(person).eligibility == Eligibility.PENDING


@pytest.mark.clause("BN-2.2")
def test_a_residence_permit_is_for_hukou_of_elsewhere(cast: Cast, person: Resident) -> None:
    Resident.objects.filter(pk=person.pk).update(hukou="重庆市甲区")
    with pytest.raises(Refused, match="户籍在本市"):
        submit(cast.village_agent, person)
    Resident.objects.filter(pk=person.pk).update(hukou="")
    assert submit(cast.village_agent, person)["doubts"] == ["台账没有户籍地，无法核对是否市外户籍。"]


@pytest.mark.clause("BN-2.4")
def test_a_birth_certificate_is_for_newborns(cast: Cast, person: Resident) -> None:
    with pytest.raises(Refused, match="不再是新生儿"):
        submit(cast.village_agent, person, basis="BN-2.4", document=document(Evidence.BIRTH_CERTIFICATE))


# --- two people -----------------------------------------------------------------------------------------------------


@pytest.mark.clause("PJ-8.3.1")
def test_handed_in_by_the_village_decided_by_the_town(cast: Cast, person: Resident) -> None:
    found = submit(cast.village_agent, person)
    assert now(person).eligibility == Eligibility.PENDING
    item = WorkItem.objects.get(kind="eligibility-to-review", closed_at=None)
    assert (item.owner_id, item.subject_id) == (cast.town_clerk.user_id, person.pk)
    assert item.due_on == date(2022, 12, 6)  # three working days, a weekend between
    review(cast.town_clerk, found["review"])
    assert (now(person).eligibility, now(person).basis) == (Eligibility.ACCEPTED, "BN-2.2")
    assert WorkItem.objects.get(pk=item.pk).closed_by_id == cast.town_clerk.user_id
    assert [one.fields for one in RecordChange.objects.order_by("id")] == [["eligibility"], ["basis", "eligibility"]]


def test_nobody_decides_what_they_handed_in(cast: Cast, person: Resident) -> None:
    found = submit(cast.town_clerk, person)
    assert WorkItem.objects.get().owner_id == cast.second_clerk.user_id
    with pytest.raises(Refused, match="本人提交"):
        review(cast.town_clerk, found["review"])
    held = EligibilityReview.objects.filter(pk=found["review"])
    with pytest.raises(IntegrityError), transaction.atomic():
        held.update(state=Eligibility.ACCEPTED, reviewed_by=cast.town_clerk.user_id, reviewed_at=at(ON))
    assert review(cast.second_clerk, found["review"])["eligibility"] == Eligibility.ACCEPTED


@pytest.mark.clause("PJ-8.3.1")
def test_a_refusal_says_why_and_keeps_from_enrolling(cast: Cast, person: Resident) -> None:
    found = submit(cast.village_agent, person)
    with pytest.raises(BadInput, match="原因"):
        review(cast.town_clerk, found["review"], Word(accepted=False, reason=" "))
    review(cast.town_clerk, found["review"], NO)
    assert obstacle(person) == "经镇街审核不符合参保条件"
    assert papers.why_refused([person.pk]) == {person.pk: NO.reason}
    submit(cast.village_agent, person, key="again")
    assert now(person).eligibility == Eligibility.PENDING
    assert papers.why_refused([person.pk]) == {}


def test_who_is_accepted_stays_so_until_the_word_and_after_a_refusal_on_another_group(cast: Cast) -> None:
    (local,) = household(date(1990, 1, 1))
    Resident.objects.filter(pk=local.pk).update(basis="BN-2.1", hukou="四川省")
    found = submit(cast.village_agent, local)
    assert obstacle(local) is None
    review(cast.town_clerk, found["review"], NO)
    assert obstacle(local) is None
    assert now(local).basis == "BN-2.1"


def test_a_refusal_ends_what_rested_on_the_same_group(cast: Cast, person: Resident) -> None:
    review(cast.town_clerk, submit(cast.village_agent, person)["review"])
    renewed = submit(cast.village_agent, person, key="renewed")
    review(cast.town_clerk, renewed["review"], NO)
    assert obstacle(person) == "经镇街审核不符合参保条件"


@pytest.mark.clause("BN-2.0")
def test_the_employee_insured_are_not_accepted(cast: Cast, person: Resident) -> None:
    found = submit(cast.village_agent, person)
    insure_elsewhere(person)
    with pytest.raises(Refused, match=r"职工医保.*BN-2\.0"):
        review(cast.town_clerk, found["review"])
    assert now(person).eligibility == Eligibility.PENDING
    assert review(cast.town_clerk, found["review"], NO)["eligibility"] == Eligibility.REFUSED


def test_a_review_without_papers_cannot_be_accepted_and_gets_them_later(cast: Cast, person: Resident) -> None:
    asked = EligibilityReview.objects.create(
        resident=person,
        basis="BN-2.2",
        evidence=Evidence.RESIDENCE_PERMIT,
        submitted_by_id=cast.second_clerk.user_id,
        submitted_at=at(ON),
    )
    with pytest.raises(Refused, match="没有提交证件"):
        review(cast.town_clerk, asked.pk)
    assert submit(cast.village_agent, person)["review"] == asked.pk
    with pytest.raises(Refused, match="等待审核"):
        submit(cast.second_clerk, person, key="another")
    assert review(cast.town_clerk, asked.pk)["eligibility"] == Eligibility.ACCEPTED


# --- who may --------------------------------------------------------------------------------------------------------


def test_rights_and_scope(cast: Cast, person: Resident) -> None:
    for actor in (cast.auditor, cast.tax, cast.administrator):
        with pytest.raises(Forbidden):
            submit(actor, person)
    with pytest.raises(NotFound):
        submit(cast.next_agent, person)
    found = submit(cast.village_agent, person)
    with pytest.raises(Forbidden):
        review(cast.village_agent, found["review"])
    with pytest.raises(NotFound):
        review(cast.outsider, found["review"])


def test_the_queue_is_the_towns_own(cast: Cast, person: Resident) -> None:
    submit(cast.village_agent, person)
    assert [one.resident_id for one in papers.waiting(cast.town_clerk)] == [person.pk]
    assert not papers.waiting(cast.outsider)


# --- once -----------------------------------------------------------------------------------------------------------


def test_the_same_request_twice_is_one_review(cast: Cast, person: Resident) -> None:
    assert submit(cast.village_agent, person) == submit(cast.village_agent, person)
    assert Attachment.objects.count() == 2
    with pytest.raises(Conflict):
        submit(cast.village_agent, person, scans=[PDF])
    found = EligibilityReview.objects.get().pk
    assert review(cast.town_clerk, found) == review(cast.town_clerk, found)
    with pytest.raises(Refused, match="已经审核过"):
        review(cast.second_clerk, found, key="later")
    assert len(kept()) == 2


def test_the_trail_has_no_number(cast: Cast, person: Resident) -> None:
    review(cast.town_clerk, submit(cast.village_agent, person)["review"], NO)
    told = str(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert NUMBERS[Evidence.RESIDENCE_PERMIT] not in told and person.name not in told
    assert {"submit-eligibility", "review-eligibility"} <= set(AuditEntry.objects.values_list("action", flat=True))


# --- scans ----------------------------------------------------------------------------------------------------------


def kept() -> list[Path]:
    return sorted((Path(site.YINGBAO_UPLOADS) / "attachments").glob("*"))


def test_a_scan_lies_sealed_and_is_shown_to_who_may_see_the_person(cast: Cast, person: Resident) -> None:
    submit(cast.village_agent, person)
    assert len(kept()) == 2
    assert all(b"a picture" not in path.read_bytes() and path.stat().st_mode & 0o777 == 0o600 for path in kept())
    first = Attachment.objects.order_by("id")[0]
    shown = read_attachment(cast.town_clerk, attachment_id=first.pk, at=at(ON))
    assert (shown.name, shown.media_type, shown.content) == ("照片.jpg", "image/jpeg", JPEG.content)
    looked = AuditEntry.objects.get(action="see-attachment")
    assert looked.detail == {"attachment": first.pk, "review": first.review_id}
    for actor in (cast.outsider, cast.next_agent):
        with pytest.raises(NotFound):
            read_attachment(actor, attachment_id=first.pk, at=at(ON))


@pytest.mark.parametrize(
    ("scans", "match"),
    [
        ([], "没有附上"),
        ([Scan("a.jpg", b"MZ not a picture")], "第 1 个附件不是"),
        ([JPEG, Scan("b.pdf", b"<html>")], "第 2 个附件不是"),
        ([JPEG] * 11, "最多 10 个"),
        ([Scan("big.jpg", b"\xff\xd8\xff" + bytes(10 * 1024 * 1024))], "太大"),
    ],
)
def test_what_is_no_scan_is_not_taken(cast: Cast, person: Resident, scans: list[Scan], match: str) -> None:
    with pytest.raises(BadInput, match=match):
        submit(cast.village_agent, person, scans=scans)
    assert not EligibilityReview.objects.exists()


@pytest.mark.parametrize(
    ("name", "tidy"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\x\\证件\r\n.exe", "证件.jpg"),
        ("", "scan.jpg"),
        (".jpg", "jpg.jpg"),
    ],
)
def test_a_scans_name_is_tidied(name: str, tidy: str) -> None:
    assert tidy_name(name, ".jpg") == tidy


def test_what_failed_leaves_no_bytes_behind(cast: Cast, person: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yingbao.worklist.operations.open_items", _fail)
    with pytest.raises(RuntimeError):
        submit(cast.village_agent, person)
    assert kept() == []
    assert not Attachment.objects.exists()
    assert now(person).eligibility == Eligibility.REFUSED


def _fail(*_args: object, **_named: object) -> None:
    raise RuntimeError


def test_half_a_word_is_none(cast: Cast, person: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    found = submit(cast.village_agent, person)
    monkeypatch.setattr("yingbao.worklist.operations.close_about", _fail)
    with pytest.raises(RuntimeError):
        review(cast.town_clerk, found["review"])
    assert now(person).eligibility == Eligibility.PENDING
    assert EligibilityReview.objects.get().state == Eligibility.PENDING


def test_a_scan_that_was_exchanged_is_noticed(cast: Cast, person: Resident) -> None:
    submit(cast.village_agent, person)
    first, second = kept()
    first.write_bytes(second.read_bytes())
    with pytest.raises(BadInput, match="不一致"):
        read_attachment(cast.town_clerk, attachment_id=int(first.stem), at=at(ON))
