"""Changing people of the register one by one: their facts, their certificates, their coming and going."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from yingbao.accounts.actors import Actor
from yingbao.kernel.errors import BadInput, NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.registry import queries
from yingbao.registry.editing.entries import Papers
from yingbao.registry.editing.history import Change, Why, change, lock_resident, plain, record, wait_for_files
from yingbao.registry.kinds import Eligibility, FileKind, ResidentState
from yingbao.registry.models import (
    DifferentPeople,
    EligibilityReview,
    FormerCertificate,
    Household,
    Identity,
    Resident,
)
from yingbao.registry.recognising import doubles
from yingbao.storage import transactions
from yingbao.storage.encrypted import blind_index
from yingbao.storage.transactions import operation

BATCH = 500


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person who is not in the register yet. ``facts`` are model fields beside those of name and papers."""

    name: str
    papers: Papers
    relation: str
    facts: Mapping[str, object] = field(default_factory=dict)


@operation
def lock(actor: Actor, resident_id: int, *, version: int | None) -> Resident:
    """Return a resident of the actor's divisions, locked until the transaction ends.

    Raises NotFound outside the scope, Conflict where somebody changed the record since it was shown, Refused for
    one that was merged into another.
    """
    queries.resident(actor, resident_id)
    person = lock_resident(resident_id, version=version)
    actor.must_reach(person.division_id)
    if person.state == ResidentState.MERGED:
        raise Refused(say(N_("这条记录已并入另一条，不能再修改。")), todo=say(N_("请在并入后的记录上办理。")))
    return person


# --- numbers --------------------------------------------------------------------------------------------------------


@operation
def claim(numbers: Iterable[bytes]) -> None:
    """Wait until nobody else gives one of these numbers (blind indexes) to somebody: each looks first, then writes."""
    for index in sorted(set(numbers)):
        transactions.take_turns(f"yingbao-number-{index.hex()}")


@operation
def add_resident(newcomer: Newcomer, household: Household, *, why: Why) -> Resident:
    """Add a person to a household. The caller has claimed the number. Raises Refused where somebody holds it."""
    papers = newcomer.papers
    values = {
        "household_id": household.pk,
        "division_id": household.division_id,
        "relation": newcomer.relation,
        "name": newcomer.name,
        "certificate_kind": papers.kind,
        "certificate_number": papers.number,
        "birth_on": papers.birth_on,
        "sex": papers.sex,
        **newcomer.facts,
    }
    refuse_taken(papers.blind)
    try:
        with transaction.atomic():
            person = Resident.objects.create(certificate_index=papers.blind, **values)
    except IntegrityError:  # a file that was being accepted at the same time brought the same number
        raise _taken() from None
    record([Change(person, {}, {name: plain(value) for name, value in values.items()})], why=why)
    return person


@operation
def replace_certificate(person: Resident, papers: Papers, *, on: date, why: Why) -> bool:
    """Give a locked person a new certificate; the old number goes on finding them. False where nothing differs.

    The caller has claimed both numbers. Raises Refused where somebody else holds the new one.
    """
    refuse_taken(papers.blind, unless=person.pk)
    old = (person.certificate_kind, person.certificate_number, bytes(person.certificate_index))
    values = {
        "certificate_kind": papers.kind,
        "certificate_number": papers.number,
        "certificate_index": papers.blind,
        "birth_on": papers.birth_on,
        "sex": papers.sex,
    }
    person.certificate_index = old[2]
    merged = Resident.objects.select_for_update().filter(certificate_index=papers.blind, merged_into=person).first()
    if merged is not None:
        set_aside_number(merged)
    if not change(person, values, why=why):
        return False
    if merged is not None:  # the record that was merged into theirs held it: it keeps the one they give up
        given_up = {"certificate_kind": old[0], "certificate_number": old[1], "certificate_index": old[2]}
        change(merged, given_up, why=why)
    if old[2] != papers.blind:
        FormerCertificate.objects.update_or_create(
            index=old[2],
            defaults={"resident_id": person.pk, "kind": old[0], "number": old[1], "replaced_on": on},
        )
    return True


@operation
def set_aside_number(merged: Resident) -> None:
    """Let a record's number be nobody's for a moment: a number is held once, and two records are to exchange theirs."""
    Resident.objects.filter(pk=merged.pk).update(certificate_index=blind_index(f"merged-{merged.pk}"))


@operation
def refuse_taken(index: bytes, *, unless: int | None = None) -> None:
    """Raise Refused where somebody other than ``unless`` holds or held a number."""
    holder = doubles.holder_of(index)
    if holder is not None and holder != unless:
        raise _taken()


def _taken() -> Refused:
    return Refused(
        say(N_("这个证件号码已经属于台账中的另一个人，没有办理。")),
        todo=say(N_("请先核对证件，打开已登记的此人办理；如果那是同一个人的另一条记录，请到“疑似重复”页面合并。")),
    )


@operation
def tell_apart(person: Resident, others: Iterable[int], *, reason: str, why: Why) -> None:
    """Keep that somebody has found people alike to be different people."""
    DifferentPeople.objects.bulk_create(
        (
            DifferentPeople(
                first_id=min(person.pk, other),
                second_id=max(person.pk, other),
                reason=reason,
                decided_by_id=why.actor.user_id,
                decided_at=why.at,
            )
            for other in others
        ),
        ignore_conflicts=True,
    )


# --- the group of the notice, and the platform ----------------------------------------------------------------------


@operation
def ask_review(person: Resident, evidence: str, *, why: Why) -> None:
    """Ask the town office to look at the evidence for a locked person's group, who is held back (PENDING) until then.

    One review at a time: a waiting one is about the new group from now on.
    """
    asked = {"basis": person.basis, "evidence": evidence}
    waiting = EligibilityReview.objects.filter(resident=person, state=Eligibility.PENDING)
    if not waiting.update(**asked):
        by = {"submitted_by_id": why.actor.user_id, "submitted_at": why.at}
        EligibilityReview.objects.create(resident=person, **asked, **by)


@operation
def register_on_platform(resident_ids: Sequence[int], *, why: Why) -> list[int]:
    """Mark people as registered on the national platform (PJ-4.3); return whom, without those who were already.

    As many statements for a thousand as for one. Raises NotFound where one of them is not of the actor's divisions.
    """
    wait_for_files()
    people = list(Resident.objects.select_for_update().filter(pk__in=resident_ids).order_by("pk"))
    if len(people) != len(resident_ids) or any(one.division_id not in why.actor.scope for one in people):
        raise NotFound(say(N_("没有找到，或不在您的管理范围内。")))
    waiting = [one for one in people if not one.on_platform]
    for batch in (waiting[begin : begin + BATCH] for begin in range(0, len(waiting), BATCH)):
        found = Resident.objects.filter(pk__in=[one.pk for one in batch])
        found.update(on_platform=True, version=F("version") + 1)
    record((Change(one, {"on_platform": False}, {"on_platform": True}) for one in waiting), why=why)
    return [one.pk for one in waiting]


# --- leaving and coming back ----------------------------------------------------------------------------------------


@operation
def leave(person: Resident, state: ResidentState, *, on: date, why: Why) -> int:
    """Mark a locked person as dead or moved out on a day; identities without an end, end the day after.

    Returns how many did. The caller sees to the household's head. Raises Refused where they have left already,
    BadInput for a day that cannot be.
    """
    if person.state != ResidentState.PRESENT:
        raise Refused(say(N_("这个人已不在册，没有重复登记。")), todo=say(N_("如登记有误，请先办理恢复在册。")))
    if not person.birth_on <= on <= timezone.localdate(why.at):
        raise BadInput(say(N_("日期应在出生之后、今天或以前。")))
    change(person, {"state": state.value, "gone_on": on}, why=why)
    open_ones = list(Identity.objects.filter(resident=person, end_on__isnull=True))
    for identity in open_ones:
        identity.end_on = max(identity.begin_on, on + DAY)
        identity.save(update_fields=["end_on"])
    return len(open_ones)


@operation
def come_back(person: Resident, *, why: Why) -> int:
    """Undo a leaving that was recorded wrongly, by hand or by a list of deaths.

    Identities that it ended go on, unless a list has spoken since; returns how many.
    """
    if person.state not in (ResidentState.DEAD, ResidentState.MOVED_OUT) or person.gone_on is None:
        raise Refused(say(N_("这个人现在就在册，不需要恢复。")))
    by_leaving = Q(closed_by__isnull=True) | Q(closed_by__kind=FileKind.DEATHS)
    ended = Identity.objects.filter(by_leaving, resident=person, end_on__gt=person.gone_on)
    open_codes = set(Identity.objects.filter(resident=person, end_on__isnull=True).values_list("code", flat=True))
    resumed = 0
    for identity in ended.order_by("-end_on", "-pk"):
        if identity.code not in open_codes and identity.end_on == max(identity.begin_on, person.gone_on + DAY):
            identity.end_on, identity.closed_by = None, None
            identity.save(update_fields=["end_on", "closed_by"])
            open_codes.add(identity.code)
            resumed += 1
    change(person, {"state": ResidentState.PRESENT.value, "gone_on": None}, why=why)
    return resumed
