"""Who on an institution's list may be enrolled today, what each would owe, and why the others may not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from yingbao.divisions import queries as divisions
from yingbao.enrolment import queries as enrolment
from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.periods import full_years
from yingbao.policy import Decision, Policy
from yingbao.policy.explaining.cover import TOO_LATE
from yingbao.registry import facts as registry
from yingbao.registry.facts import Facts
from yingbao.registry.institutions import queries as institutions
from yingbao.registry.institutions import staging
from yingbao.registry.institutions.rows import POPULATIONS
from yingbao.registry.institutions.staging import Known, Row
from yingbao.registry.kinds import InstitutionKind, Population, Relation, ResidentState
from yingbao.sheets.layouts import MEMBERS
from yingbao.usecases import deciding, refund_facts

if TYPE_CHECKING:
    from yingbao.registry.models import Institution

REPEATED = N_("与第 {row} 行的证件号码相同，同一人只能报一次")
ANOTHER_NAME = N_("证件号码在台账中登记的是另一个姓名，请核对；确已改名的，请本人到镇街社保所更改")
ENROLLED_BY = N_("本年度已由“{institution}”参保登记")
ENROLLED_AT = N_("本年度已在{place}参保登记")
NO_WINDOW = N_("今天不在这类人员的参保缴费时段内")
NO_AMOUNT = N_("政策不能给出应缴金额（{reasons}）")
NO_COVER = N_(
    "按规定推算的待遇起始日晚于待遇截止日，本年度没有可享受的日子，不为其登记和开单；请向医保局请示，或报下一年度"
)
# Reminders: the row may come in, and somebody should look first.
OLDER_THAN = 45
NOT_YOUNG = N_("台账中是超过{years}岁的普通居民，请核对是否报错；确认后此人改按大学生缴费")
A_HEAD = N_("台账中是户主、普通居民，请核对是否报错；确认后此人改按大学生缴费")
UNLIKELY = frozenset({NOT_YOUNG, A_HEAD})
# What this look finds, anew at acceptance; the reading of a row finds none of it.
REASONS = frozenset({REPEATED, ANOTHER_NAME, ENROLLED_BY, ENROLLED_AT, NO_WINDOW, NO_AMOUNT, NO_COVER, *UNLIKELY}) | {
    *deciding.WHY_NOT.values(),
    *deciding.INELIGIBLE.values(),
    *deciding.GONE.values(),
    deciding.UNBORN,
    *refund_facts.LEFT_FOR.values(),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A row that may come in: its person as the register would then say, and what the policy decides."""

    row: Row
    resident_id: int | None
    facts: Facts
    decision: Decision


@dataclass(slots=True)
class Judgement:
    """What a look at a staged list gave. ``already`` are rows of people the institution has enrolled before."""

    good: list[Judged] = field(default_factory=list)
    already: list[Row] = field(default_factory=list)
    out: list[Row] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    def keep_out(self, row: Row, key: str, reason: Message) -> None:
        """Say why a row does not come in."""
        self.out.append(row)
        self.problems.append(RowProblem(row.row, MEMBERS.column(key).name, "", reason, True))

    def remind(self, row: Row, key: str, reason: Message | None) -> None:
        """Say what somebody should look at first, if anything, of a row that may come in."""
        if reason is not None:
            self.problems.append(RowProblem(row.row, MEMBERS.column(key).name, "", reason, False))

    def count(self, *templates: str) -> int:
        """Return of how many rows one of these was said."""
        return sum(one.reason.template in templates for one in self.problems)


def judge(file_id: int, institution: Institution, *, policy: Policy, on: date) -> Judgement:
    """Hold a list's sound rows against each other, the register, who is enrolled and the policy of today."""
    judgement = Judgement()
    known = staging.recognise(file_id)
    rows = _named_once(staging.sound_rows(file_id), known, judgement)
    rows = _not_enrolled(rows, known, institution, policy.year, judgement)
    _decide(rows, known, institution, judgement, policy=policy, on=on)
    return judgement


def _named_once(rows: Iterable[Row], known: Mapping[int, Known], judgement: Judgement) -> list[Row]:
    """Keep each person's first row; two numbers of one person are the same person."""
    first: dict[object, int] = {}
    once = []
    for row in rows:
        held = known.get(row.id)
        person: object = held.resident_id if held else row.blind
        if person in first:
            judgement.keep_out(row, "cert_number", say(REPEATED, row=first[person]))
            continue
        first[person] = row.row
        if held is not None and held.name != row.name:
            judgement.keep_out(row, "name", say(ANOTHER_NAME))
        else:
            once.append(row)
    return once


def _not_enrolled(
    rows: Iterable[Row], known: Mapping[int, Known], institution: Institution, year: int, judgement: Judgement
) -> list[Row]:
    """One person, one year, one standing enrolment: tell where it is, and leave alone whom this list has brought."""
    rows = list(rows)
    ids = [known[row.id].resident_id for row in rows if row.id in known]
    places = enrolment.places_of(ids, year=year)
    by_whom = institutions.names_by_place(places, year=year)
    own = institutions.member_ids(institution, year=year) if places else set()
    names = {code: divisions.get(code).name for code in {code for _pk, code in places.values()}}
    free = []
    for row in rows:
        held = known.get(row.id)
        if held is None or held.resident_id not in places:
            free.append(row)
        elif held.resident_id in own:
            judgement.already.append(row)
        elif held.resident_id in by_whom:
            judgement.keep_out(row, "cert_number", say(ENROLLED_BY, institution=by_whom[held.resident_id]))
        else:
            place = names[places[held.resident_id][1]]
            judgement.keep_out(row, "cert_number", say(ENROLLED_AT, place=place))
    return free


def _decide(
    rows: Sequence[Row],
    known: Mapping[int, Known],
    institution: Institution,
    judgement: Judgement,
    *,
    policy: Policy,
    on: date,
) -> None:
    held = registry.of_residents((known[row.id].resident_id for row in rows if row.id in known), on=on)
    people = [
        _facts(row, held.get(known[row.id].resident_id) if row.id in known else None, institution, on=on)
        for row in rows
    ]
    decisions = deciding.decide_all(
        policy, [(one, row.tier) for one, row in zip(people, rows, strict=True)], paid_on=on
    )
    left = refund_facts.left_by(held, year=policy.year)
    for row, facts, decision in zip(rows, people, decisions, strict=True):
        why = deciding.why_not(facts, on=on) or _no_money(decision)
        if why is None:
            judgement.good.append(Judged(row, facts.resident_id or None, facts, decision))
            judgement.remind(row, "cert_number", left.get(facts.resident_id))
            if institution.kind == InstitutionKind.UNIVERSITY and row.id in known:
                judgement.remind(row, "cert_number", _no_student(held[facts.resident_id], known[row.id], on=on))
        else:
            judgement.keep_out(row, "cert_number", why)


def _facts(row: Row, held: Facts | None, institution: Institution, *, on: date) -> Facts:
    """Return what the register will say of somebody once the list is in."""
    population = POPULATIONS[InstitutionKind(institution.kind)].value
    if held is None:
        held = Facts(
            resident_id=0,
            household_id=institution.household_id,
            division_code=institution.division_id,
            birth_on=row.birth_on,
            population=population,
            graduating=row.graduating,
            on_platform=row.on_platform,
            state=ResidentState.PRESENT,
            term_start_on=row.term_start_on,
        )
    elif institution.kind == InstitutionKind.UNIVERSITY:
        term = row.term_start_on or held.term_start_on
        held = replace(held, population=population, graduating=row.graduating, term_start_on=term)
    if row.identity and row.identity not in held.identities:
        spans = (*held.spans, (row.identity, on, None))
        held = replace(held, identities=held.identities | {row.identity}, spans=spans)
    return held


def _no_student(held: Facts, known: Known, *, on: date) -> Message | None:
    """A list's word changes whose rate and calendar apply: say where the register knows somebody no college has."""
    if held.population != Population.RESIDENT:
        return None
    if full_years(held.birth_on, on) > OLDER_THAN:
        return say(NOT_YOUNG, years=OLDER_THAN)
    return say(A_HEAD) if known.relation == Relation.HEAD else None


def _no_money(decision: Decision) -> Message | None:
    if decision.status == "closed":
        return say(NO_WINDOW)
    if TOO_LATE in decision.reasons:
        return say(NO_COVER)
    if decision.status not in deciding.TAKEN or decision.payable_fen is None:
        return say(NO_AMOUNT, reasons="、".join(decision.reasons))
    return None
