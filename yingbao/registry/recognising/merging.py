"""Making one record of two that are one person: the dropped one stays, says into which, and its numbers lead there.

What was booked on a record stays booked on it: enrolments, dues and payments are not the register's to move.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from yingbao.kernel.certificates import PSN_CERT_TYPES, Form
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.registry.editing.history import Change, Why, change, record
from yingbao.registry.kinds import Eligibility, HouseholdState, Relation, ResidentState
from yingbao.registry.models import (
    CoveredElsewhere,
    DifferentPeople,
    EligibilityReview,
    FormerCertificate,
    Household,
    Identity,
    MatchMemory,
    Resident,
    ResidentLogin,
)
from yingbao.storage.bulk import insert_rows
from yingbao.storage.encrypted import blind_index
from yingbao.storage.transactions import operation

BIRTH_CERTIFICATE, ID_CARD = PSN_CERT_TYPES[Form.BIRTH_CERTIFICATE], PSN_CERT_TYPES[Form.ID_CARD]
CERTIFICATE = ("certificate_kind", "certificate_number", "certificate_index")
# What the kept record takes over where it says nothing; the bank's name goes with the account.
FILLED = ("phone", "residence", "hukou", "bank_account", "disability_grade")
WITH = {"bank_account": "bank_name", "disability_grade": "disability_kind"}
IDENTITY = ("resident", "code", "department", "begin_on", "end_on", "file", "closed_by")
Span = tuple[date, date | None]  # first day, day after the last
ELSEWHERE = ("resident", "kind", "begin_on", "end_on", "place", "file", "closed_by")


@dataclass(frozen=True, slots=True)
class Merged:
    """What came over: spans opened on the kept record, and the fields it had not filled itself."""

    identities: int
    elsewhere: int
    filled: Sequence[str]


@operation
def refuse_unfit(keep: Resident, drop: Resident) -> None:
    """Raise Refused where the dropped record still carries what only a person may decide on first."""
    if drop.relation == Relation.HEAD and _others(drop).exists():
        raise Refused(
            say(N_("要并入的记录是户主，同户还有其他人。")), todo=say(N_("请先在该户页面变更户主，再来合并。"))
        )
    if drop.state != ResidentState.PRESENT and keep.state == ResidentState.PRESENT:
        raise Refused(
            say(N_("要并入的记录已登记死亡或迁出，保留的记录还在册。")),
            todo=say(N_("请先核实此人是否在世、在册，更正其中一条，再来合并。")),
        )
    if EligibilityReview.objects.filter(resident=drop, state=Eligibility.PENDING).exists():
        raise Refused(say(N_("要并入的记录有待审核的参保资格材料。")), todo=say(N_("请先办结审核，再来合并。")))


@operation
def merge(keep: Resident, drop: Resident, *, on: date, why: Why) -> Merged:
    """Merge a locked record into another locked one; ``on`` is the day the dropped one's spans end."""
    if swaps(keep, drop):
        _swap_certificates(keep, drop, why)
    _lead_numbers_to(keep, drop, on, why)
    filled = _fill(keep, drop, why)
    identities = _move_identities(keep, drop, on)
    elsewhere = _move_elsewhere(keep, drop, on)
    _lead_answers_to(keep, drop, why)
    change(drop, {"state": ResidentState.MERGED.value, "merged_into_id": keep.pk}, why=why)
    record([Change(keep, {}, {"merged": drop.pk})], why=why)
    _dissolve_empty(drop, why)
    return Merged(identities, elsewhere, filled)


def swaps(keep: Resident, drop: Resident) -> bool:
    """Return whether merging gives the kept record, known by a birth certificate, the other one's ID number."""
    return keep.certificate_kind == BIRTH_CERTIFICATE and drop.certificate_kind == ID_CARD


def _others(person: Resident) -> QuerySet[Resident]:
    here = Resident.objects.filter(household_id=person.household_id, state=ResidentState.PRESENT)
    return here.exclude(pk=person.pk)


def _swap_certificates(keep: Resident, drop: Resident, why: Why) -> None:
    """Give the newborn's record, which is enrolled or simply kept, the ID number the other one was made with."""
    ours, theirs = ({name: _plain(getattr(one, name)) for name in CERTIFICATE} for one in (keep, drop))
    nobodys = blind_index(f"merged-{drop.pk}")  # for a moment: a number is held once
    Resident.objects.filter(pk=drop.pk).update(certificate_index=nobodys)
    change(keep, theirs, why=why)
    change(drop, ours, why=why)


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def _lead_numbers_to(keep: Resident, drop: Resident, on: date, why: Why) -> None:
    """Let every number of the dropped record find the kept one. Its own stays in its row, which is found no more."""
    FormerCertificate.objects.filter(resident=drop).update(resident=keep)
    values = {"resident": keep, "kind": drop.certificate_kind, "number": drop.certificate_number, "replaced_on": on}
    FormerCertificate.objects.update_or_create(index=bytes(drop.certificate_index), defaults=values)
    for one in Resident.objects.select_for_update().filter(merged_into=drop).order_by("pk"):
        change(one, {"merged_into_id": keep.pk}, why=why)


def _lead_answers_to(keep: Resident, drop: Resident, why: Why) -> None:
    """Let what was remembered of the dropped record hold of the kept one: matches, other people, logins."""
    MatchMemory.objects.filter(resident=drop).update(resident=keep)
    ResidentLogin.objects.filter(resident=drop).update(resident=keep)
    pairs = DifferentPeople.objects.filter(Q(first=drop) | Q(second=drop)).values_list("first_id", "second_id")
    others = {one for pair in pairs for one in pair} - {keep.pk, drop.pk}
    who = {"reason": why.reason, "decided_by_id": why.actor.user_id, "decided_at": why.at}
    apart = [DifferentPeople(first_id=min(one, keep.pk), second_id=max(one, keep.pk), **who) for one in sorted(others)]
    DifferentPeople.objects.bulk_create(apart, ignore_conflicts=True)


def _fill(keep: Resident, drop: Resident, why: Why) -> list[str]:
    values: dict[str, object] = {}
    for name in FILLED:
        if not getattr(keep, name) and getattr(drop, name):
            values[name] = getattr(drop, name)
            if name in WITH:
                values[WITH[name]] = getattr(drop, WITH[name])
    change(keep, values, why=why)
    return sorted(values)


def _move_identities(keep: Resident, drop: Resident, on: date) -> int:
    moved = []
    held = list(Identity.objects.filter(resident=keep))
    for one in Identity.objects.select_for_update().filter(resident=drop).order_by("pk"):
        same = [(other.begin_on, other.end_on) for other in held if other.code == one.code]
        for begin_on, end_on in _uncovered(one.begin_on, _living(one, keep), same):
            closed_by = one.closed_by_id if end_on == one.end_on else None
            moved.append((keep.pk, one.code, one.department, begin_on, end_on, one.file_id, closed_by))
        _end(one, on)
    return insert_rows(Identity, IDENTITY, moved)


def _move_elsewhere(keep: Resident, drop: Resident, on: date) -> int:
    moved = []
    held = list(CoveredElsewhere.objects.filter(resident=keep))
    for one in CoveredElsewhere.objects.select_for_update().filter(resident=drop).order_by("pk"):
        same = [(other.begin_on, other.end_on) for other in held if other.kind == one.kind]
        for begin_on, end_on in _uncovered(one.begin_on, one.end_on, same):
            closed_by = one.closed_by_id if end_on == one.end_on else None
            moved.append((keep.pk, one.kind, begin_on, end_on, one.place, one.file_id, closed_by))
        _end(one, on)
    return insert_rows(CoveredElsewhere, ELSEWHERE, moved)


def _uncovered(begin_on: date, end_on: date | None, held: Iterable[Span]) -> Iterator[Span]:
    """Yield the days of a span that the kept record has not yet: a notice may ask for a day that has gone by."""
    for begins, ends in sorted((span for span in held if span[0] != span[1]), key=lambda span: span[0]):
        if end_on is not None and begins >= end_on:
            break
        if begin_on < begins:
            yield begin_on, begins
        if ends is None:
            return
        begin_on = max(begin_on, ends)
    if end_on is None or begin_on < end_on:
        yield begin_on, end_on


def _living(one: Identity, keep: Resident) -> date | None:
    """Return when an identity ends on the kept record: the dead and those who have left have none without an end."""
    return one.end_on if one.end_on or keep.gone_on is None else max(one.begin_on, keep.gone_on + DAY)


def _end(one: Identity | CoveredElsewhere, on: date) -> None:
    if one.end_on is None or one.end_on > on:
        one.end_on = max(one.begin_on, on)
        one.save(update_fields=["end_on"])


def _dissolve_empty(drop: Resident, why: Why) -> None:
    if not _others(drop).exists():
        home = Household.objects.select_for_update().get(pk=drop.household_id)
        change(home, {"state": HouseholdState.DISSOLVED.value}, why=why)
