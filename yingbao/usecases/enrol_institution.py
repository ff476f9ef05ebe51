"""A university, school or welfare institution enrols its people from its list (BN-3.2.2, BN-3.3.3): checked, accepted.

Everybody is enrolled at the institution's place, so that enrolment and money stay in one village's books; whoever the
register knows keeps household and village, the others are registered into the institution's collective household.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.collection import operations as collection
from yingbao.enrolment import operations as enrolment
from yingbao.enrolment import queries as enrolled
from yingbao.enrolment.operations import Decided
from yingbao.kernel.errors import Forbidden, Refused
from yingbao.kernel.messages import N_, say
from yingbao.ledger.operations import Move, post
from yingbao.policy import Policy, get_policy
from yingbao.registry import operations
from yingbao.registry.editing.history import Why
from yingbao.registry.institutions import operations as institutions
from yingbao.registry.institutions import queries, staging
from yingbao.registry.institutions.operations import Listed
from yingbao.registry.institutions.rows import EVIDENCE, POPULATIONS, Reader, Terms
from yingbao.registry.kinds import Action, FileKind, InstitutionKind
from yingbao.registry.problems import Problems
from yingbao.registry.register.staging import before_writing
from yingbao.registry.rosters import aliases
from yingbao.sheets import Table
from yingbao.sheets.layouts import MEMBERS
from yingbao.storage.fields import Json
from yingbao.usecases import deciding, enrolling, files_found, files_in, places
from yingbao.usecases.files_found import Found, Place, Unread, Upload
from yingbao.usecases.groups import bases
from yingbao.usecases.judging_members import NO_COVER, REASONS, UNLIKELY, Judgement, judge

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile, Institution


def check_members(
    actor: Actor, *, institution_id: int, upload: Upload, policy_name: str, key: str, at: datetime
) -> Json:
    """Check an institution's list row by row, against itself, the register and who is enrolled; nothing comes in yet.

    Returns ``{"file_id", "rows", "good_rows", "bad_rows", "problems", "warnings", "new", "known", "already",
    "amount_fen"}``: of the good rows ``new`` would be registered, ``known`` are of the register, ``already`` are
    enrolled by this institution and stay as they are. Raises Forbidden, NotFound, BadInput for a file that cannot be
    read, Refused for one accepted before, Conflict.
    """
    actor.must(Right.ENROL_INSTITUTION)
    institution = queries.active(actor, institution_id)
    policy = get_policy(policy_name)
    upload = replace(upload, options={"policy": policy_name})
    table = files_found.stream_rows(upload, MEMBERS)
    reader = Reader(table, _terms(institution, policy, files_in.today(at)))
    members = before_writing(reader.members())

    def look(file: ImportedFile) -> Found:
        staging.stage(file, members)
        judgement = judge(file.pk, institution, policy=policy, on=files_in.today(at))
        return _found(table, reader.problems, judgement)

    place = Place(kind=FileKind.MEMBERS, division_code=institution.division_id, institution_id=institution.pk)
    return files_in.keep_staged(actor, upload, place, look, key=key, at=at)


def accept_members(actor: Actor, *, file_id: int, policy_name: str, key: str, at: datetime) -> Json:
    """Enrol everybody a checked list names soundly, all or nobody, and raise what they owe; rows are judged again.

    Registers whom the register lacks, and in one entry of the ledger writes down what all owe. Returns check's counts
    as they are now. Raises Forbidden, NotFound, Refused where the list is decided, its rows are gone, nobody is left
    to enrol, somebody of it was enrolled at this very moment, or it says identities and who sent it accepts it.
    """
    actor.must(Right.ENROL_INSTITUTION)
    institution = queries.active(actor, queries.list_of(actor, file_id).institution_id or 0)
    policy, on = get_policy(policy_name), files_in.today(at)
    is_kept = files_in.is_waiting(actor, file_id, FileKind.MEMBERS)

    def effect(file: ImportedFile) -> Found:
        if staging.count_staged(file_id) != file.rows:
            raise files_in.bytes_gone()
        institutions.lock(institution.pk)
        judgement = judge(file_id, institution, policy=policy, on=on)
        problems = _cell_problems(actor, file_id)
        found = _found(Unread(MEMBERS, file.rows), problems, judgement)
        if not judgement.good:
            raise Refused(say(N_("名单中没有可以参保登记的人员。")), todo=say(N_("请按问题清单改正后重新上传。")))
        _check_identities(actor, file, judgement)
        operations.tell_differences(file, found.differences)
        _enrol(actor, file, institution, judgement, policy=policy, on=on, at=at, key=key)
        return found

    with enrolling.refusing_twice(), _refusing_strangers():
        told = {"policy": policy_name}
        return files_in.accept(
            actor, file_id=file_id, kind=FileKind.MEMBERS, upload=is_kept, key=key, at=at, effect=effect, told=told
        )


def discard_members(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Say that a checked list is not wanted. Raises as ``files_in.discard_file`` does."""
    queries.list_of(actor, file_id)
    return files_in.discard_file(actor, file_id=file_id, kind=FileKind.MEMBERS, key=key, at=at)


def may_accept(actor: Actor, file: ImportedFile, *, identities: int) -> bool:
    """Return whether the actor may say the second word on a list that gives so many people an identity (BN-3.3.3)."""
    return not identities or (actor.role != Role.INSTITUTION and actor.user_id != file.uploaded_by_id)


def _terms(institution: Institution, policy: Policy, on: date) -> Terms:
    students = policy.file.students
    return Terms(
        kind=institution.kind,
        on=on,
        tiers=policy.tiers,
        term_year=students.term_start.year if students else None,
        code_named=aliases.reader_with(policy.vocabulary),
    )


def _cell_problems(actor: Actor, file_id: int) -> Problems:
    problems = Problems()
    for problem in files_in.read_problems(actor, file_id=file_id, kind=FileKind.MEMBERS):
        if problem.reason.template not in REASONS:
            problems.add(problem)
    return problems


def _found(table: Table | Unread, problems: Problems, judgement: Judgement) -> Found:
    for problem in judgement.problems:
        problems.add(problem)
    good, known = len(judgement.good), sum(one.resident_id is not None for one in judgement.good)
    counts = {
        **{"new": good - known, "known": known, "already": len(judgement.already)},
        "amount_fen": sum(one.decision.payable_fen or 0 for one in judgement.good),
        "free": sum(not one.decision.payable_fen for one in judgement.good),
        "off_platform": sum(not one.facts.on_platform for one in judgement.good),
        "identities": sum(bool(one.row.identity) for one in judgement.good),
        "no_cover": judgement.count(NO_COVER),
        "unlikely": judgement.count(*UNLIKELY),
    }
    return Found(
        table=table,
        good_rows=good + len(judgement.already),
        problems=problems.told(),
        counts=problems.counts,
        rejected=frozenset(row.row for row in judgement.out),
        extra=counts,
        differences=counts,
    )


def _check_identities(actor: Actor, file: ImportedFile, judgement: Judgement) -> None:
    """BN-3.3.3: an institution's word here costs the treasury money, so the town office says the second one."""
    if not may_accept(actor, file, identities=sum(bool(one.row.identity) for one in judgement.good)):
        raise Forbidden(
            say(N_("名单中有人按特困人员或孤儿享受资助，须由上报人以外的镇街社保所人员确认。")),
            todo=say(N_("请通知镇街社保所核对后确认这份名单。")),
        )


@contextmanager
def _refusing_strangers() -> Iterator[None]:
    """Around the whole: the database's word that somebody was registered at this moment becomes a refusal."""
    try:
        yield
    except IntegrityError as error:
        if "certificate_index" not in str(error):
            raise
        raise Refused(
            say(N_("名单中有人刚刚由别处登记，没有导入任何内容。")),
            todo=say(N_("请再确认一次，会按最新情况重新核对。")),
        ) from error


def _enrol(
    actor: Actor,
    file: ImportedFile,
    institution: Institution,
    judgement: Judgement,
    *,
    policy: Policy,
    on: date,
    at: datetime,
    key: str,
) -> None:
    """Write everything by sets: a list of twenty thousand takes as many statements as one of twenty, but in batches."""
    staging.drop([row.id for row in (*judgement.already, *judgement.out)])
    population = POPULATIONS[InstitutionKind(institution.kind)].value
    staging.add_residents(institution, file, basis=_basis(institution, policy), population=population)
    listed = _listed(file, judgement)
    if institution.kind == InstitutionKind.UNIVERSITY:
        known = {one.resident_id for one in judgement.good if one.resident_id is not None}
        told = {one.resident_id: one for one in listed if one.resident_id in known}
        institutions.tell_students(told, population=population, why=Why(actor, Action.IMPORTED, at, file=file, key=key))
    institutions.add_members(file, listed, year=policy.year)
    institutions.add_identities(file, listed, begin_on=on, end_on=date(policy.year + 1, 1, 1))
    decided = [
        Decided(one.resident_id, institution.division_id, judged.row.tier, judged.decision)
        for one, judged in zip(listed, judgement.good, strict=True)
    ]
    enrolment.enrol_list(decided, basis=deciding.basis(policy, on=on), user_id=actor.user_id, at=at)
    _raise_dues(actor, file, institution, decided, policy=policy, on=on, at=at)
    staging.clear(file.pk)


def _basis(institution: Institution, policy: Policy) -> str:
    """Return the rule that makes the institution's newcomers eligible; a notice that names none takes them by hukou."""
    of_evidence = bases(policy)
    return of_evidence.get(EVIDENCE[InstitutionKind(institution.kind)]) or of_evidence["household_booklet"]


def _listed(file: ImportedFile, judgement: Judgement) -> list[Listed]:
    """Return the good rows with the ids their people now have."""
    ids = {row_id: held.resident_id for row_id, held in staging.recognise(file.pk).items()}
    rows = (one.row for one in judgement.good)
    return [Listed(ids[row.id], row.number, row.unit, row.identity, row.graduating, row.term_start_on) for row in rows]


def _raise_dues(
    actor: Actor,
    file: ImportedFile,
    institution: Institution,
    decided: Collection[Decided],
    *,
    policy: Policy,
    on: date,
    at: datetime,
) -> None:
    enrolments = enrolled.places_of((one.resident_id for one in decided), year=policy.year)
    owed = [(enrolments[one.resident_id][0], one.division_code, one.decision.payable_fen or 0) for one in decided]
    collection.raise_list(owed)
    village, year = institution.division_id, policy.year
    total = Move(places.resident_due(village, year), places.contribution(village, year), sum(fen for *_, fen in owed))
    post([total], on=on, at=at, user_id=actor.user_id, source=("file", file.pk))
