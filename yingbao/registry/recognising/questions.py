"""Rows that wait for somebody to say whom they mean: reading them, and writing the answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.certificates import Certificate, normalise, parse
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry import problems
from yingbao.registry.kinds import FileState
from yingbao.registry.models import MatchMemory, MatchQuestion, Resident
from yingbao.registry.recognising import matching
from yingbao.storage.encrypted import blind_index
from yingbao.storage.transactions import operation

WAITING = (FileState.CHECKED, FileState.ACCEPTED)  # a question of a file nobody wants any more is no question


@dataclass(frozen=True, slots=True)
class Proposed:
    """A candidate as a page shows one."""

    resident: Resident
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a page shows it: what the file has written, and who it may be, likeliest first."""

    question: MatchQuestion
    name: str
    number: str
    place: str
    candidates: tuple[Proposed, ...]


def open_questions(actor: Actor) -> QuerySet[MatchQuestion]:
    """Return the open questions of the actor's files, newest file first. Needs DECIDE_MATCH."""
    found = _seen(actor).filter(answered_at__isnull=True, file__state__in=WAITING)
    return found.order_by("-file_id", "row")


def answered(actor: Actor) -> QuerySet[MatchQuestion]:
    """Return the decided questions of the actor's files, the last decided first. Needs DECIDE_MATCH."""
    found = _seen(actor).filter(answered_at__isnull=False).select_related("resident__division", "answered_by")
    return found.order_by("-answered_at", "-id")


def _seen(actor: Actor) -> QuerySet[MatchQuestion]:
    actor.must(Right.DECIDE_MATCH)
    within = Q(file__division_id__gte=actor.scope.low, file__division_id__lt=actor.scope.high)
    return MatchQuestion.objects.filter(within).select_related("file__division")


def shown(actor: Actor, questions: Iterable[MatchQuestion]) -> list[Asked]:
    """Return questions with what was written and their candidates of the actor's divisions, in two statements.

    An answer given for another office's file may be somebody beyond them: to this actor that is nobody of theirs.
    """
    asked = list(questions)
    for question in asked:
        if question.resident is not None and question.resident.division_id not in actor.scope:
            question.resident = None
    ids = {one["resident"] for question in asked for one in question.candidates}
    people = _people(actor, ids)
    return [_asked(question, people) for question in asked]


def _people(actor: Actor, ids: Iterable[int]) -> dict[int, Resident]:
    """Return candidate's id → person of the actor's divisions; who has been merged since is the one merged into."""
    held = {one.pk: one for one in Resident.objects.filter(pk__in=set(ids)).select_related("division")}
    into = {one.merged_into_id for one in held.values() if one.merged_into_id}
    kept = {one.pk: one for one in Resident.objects.filter(pk__in=into).select_related("division")} if into else {}
    now = {pk: kept[one.merged_into_id] if one.merged_into_id else one for pk, one in held.items()}
    return {pk: one for pk, one in now.items() if one.division_id in actor.scope}


def _asked(question: MatchQuestion, people: dict[int, Resident]) -> Asked:
    written = json.loads(question.written)
    proposed = {
        people[one["resident"]].pk: Proposed(
            people[one["resident"]], tuple(problems.reason_from_json(why) for why in one["reasons"])
        )
        for one in reversed(question.candidates)
        if one["resident"] in people
    }
    place = " ".join(filter(None, (written["town"], written["village"])))
    return Asked(question, written["name"], written["number"], place, tuple(reversed(proposed.values())))


def person_of(actor: Actor, number: str) -> int:
    """Return the id of the person of the actor's divisions with a certificate number. Raises NotFound."""
    found = parse(number)
    index = blind_index(found.number if isinstance(found, Certificate) else normalise(number))
    person = matching.find_people([index]).get(index)
    if person is None or person.division_code not in actor.scope:
        raise NotFound(say(N_("您的管理范围内没有这个证件号码的人。")))
    return person.resident_id


# --- answering ------------------------------------------------------------------------------------------------------


@operation
def lock_alike(actor: Actor, question_id: int) -> tuple[MatchQuestion, list[MatchQuestion]]:
    """Return a question the actor may decide, and all of the same number and name, locked. Raises NotFound."""
    key = _seen(actor).filter(pk=question_id).values_list("key", flat=True).first()
    if key is None:
        raise NotFound(say(N_("没有找到，或不在您的管理范围内。")))
    locked = MatchQuestion.objects.select_for_update(of=("self",)).filter(key=key)
    alike = list(locked.select_related("file").order_by("pk"))
    return next(one for one in alike if one.pk == question_id), alike


@operation
def answer(actor: Actor, alike: Sequence[MatchQuestion], resident_id: int | None, *, at: datetime) -> None:
    """Write one answer into questions of the same number and name."""
    ids = [one.pk for one in alike]
    MatchQuestion.objects.filter(pk__in=ids).update(
        resident_id=resident_id, answered_by_id=actor.user_id, answered_at=at
    )


@operation
def remember(actor: Actor, key: bytes, resident_id: int | None, *, reason: str, at: datetime) -> None:
    """Keep an answer for the files that come; an earlier one about the same number and name gives way."""
    values = {"resident_id": resident_id, "reason": reason, "decided_by_id": actor.user_id, "decided_at": at}
    MatchMemory.objects.update_or_create(key=key, defaults=values)


@operation
def forget(key: bytes) -> None:
    """Drop what is remembered of a number and name."""
    MatchMemory.objects.filter(key=key).delete()


def reasons_of(keys: Iterable[bytes]) -> dict[bytes, str]:
    """Return key → the reason given for what is remembered."""
    rows = MatchMemory.objects.filter(key__in=[bytes(key) for key in keys]).values_list("key", "reason")
    return {bytes(key): reason for key, reason in rows}


def files_done(file_ids: Iterable[int]) -> set[int]:
    """Return which of some files have no open question left."""
    asked = set(file_ids)
    waiting = MatchQuestion.objects.filter(file_id__in=asked, answered_at__isnull=True)
    return asked - set(waiting.values_list("file_id", flat=True))
