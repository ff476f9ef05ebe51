"""A roster against department and register: identities to open and to close, or problems (BN-4.2.1, BN-A)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, say
from yingbao.registry.kinds import ResidentState
from yingbao.registry.models import Identity
from yingbao.registry.recognising import matching
from yingbao.registry.recognising.matching import Held
from yingbao.registry.recognising.proposing import Candidate, Written
from yingbao.registry.rosters import guards
from yingbao.registry.rosters.checks import check_line, grade_of
from yingbao.registry.rosters.held import count_held
from yingbao.registry.rosters.people import People, find_people, say_whom
from yingbao.registry.rosters.rows import Change, Line, Terms, read_lines
from yingbao.sheets import Table


class Mark(NamedTuple):
    """One thing to be carried out: an identity to open from ``on``, or ``identity`` to close before ``on``.

    ``row`` is 0 for somebody a full list lacks.
    """

    row: int
    resident_id: int
    division_code: int
    code: str
    on: date
    identity: Identity | None = None


class Disabled(NamedTuple):
    """What a row tells of somebody's disability; ``kind`` is None where only the annex's grade is known."""

    kind: int | None
    grade: int


@dataclass(slots=True)
class RosterReading:
    """A roster read and matched. ``already`` rows ask for what is so.

    ``present`` is whom a good row names with which identity; ``doubtful`` are residents a failed row may mean, and
    ``doubtful_names`` the names of failed rows: a full list cancels none of them. ``held`` counts who holds what now,
    by (code, village); ``moved`` are residents whom the file puts elsewhere than the register.
    """

    rows: int = 0
    additions: list[Mark] = field(default_factory=list)
    removals: list[Mark] = field(default_factory=list)
    already: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    bad_rows: set[int] = field(default_factory=set)
    present: set[tuple[int, str]] = field(default_factory=set)
    doubtful: set[int] = field(default_factory=set)
    doubtful_names: set[str] = field(default_factory=set)
    spared: list[Mark] = field(default_factory=list)
    paid: set[int] = field(default_factory=set)
    several: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)
    disabled: dict[int, Disabled] = field(default_factory=dict)
    held: Counter[tuple[str, int]] = field(default_factory=Counter)
    asked: Sequence[Written] = ()
    candidates: Mapping[int, Sequence[Candidate]] = field(default_factory=dict)

    @property
    def held_by_code(self) -> Counter[str]:
        """How many people hold each identity now, by this department's word."""
        counted: Counter[str] = Counter()
        for (code, _village), count in self.held.items():
            counted[code] += count
        return counted


def read_roster(table: Table, terms: Terms) -> RosterReading:
    """Read an add/remove list, or the rows of a full one, and look everybody up. Nothing is raised for a row.

    An addition holds from the first day of the roster's month, a removal from the first day of the next: whoever
    had the identity for a part of a month has it for that month (the notices give no day; BN-4.2.1 counts months).
    Raises Refused for a list that would take an identity from more than half of those who hold it.
    """
    reading = RosterReading(held=count_held(terms.department, terms.scope))
    lines = read_lines(table, terms, reading.problems)
    reading.rows = len(lines)
    people = find_people(lines, terms)
    reading.asked, reading.candidates = people.asked, people.candidates
    elsewhere = matching.find_elsewhere({person.resident_id for person in people.held.values()})
    judge = _Judge(terms, reading, _identities(people, terms), elsewhere)
    for line in lines:
        judge.take(line, people)
    if not terms.is_full:
        removed = Counter(mark.code for mark in reading.removals)
        guards.must_not_empty(removed, reading.held_by_code, terms.name_of)
        _tell_paid(lines, reading, terms)
    return reading


def _identities(people: People, terms: Terms) -> Mapping[int, list[Identity]]:
    """Return what everybody holds; for a full list, whose identities may begin earlier, what they held before too."""
    ids = {person.resident_id for person in people.held.values()}
    return matching.find_identities(ids, after=date.min if terms.is_full else terms.month)


def _tell_paid(lines: Iterable[Line], reading: RosterReading, terms: Terms) -> None:
    by_row = {mark.row: mark.resident_id for mark in reading.removals}
    reading.paid = terms.paid(set(by_row.values()))
    for line in lines:
        if by_row.get(line.row) in reading.paid:
            line.cells.warn("change", say(N_("此人本年度已缴费：缴清时的资助不变，取消只影响以后")))


class _Judge:
    """Goes through a roster's lines in order, remembering what earlier ones of the file ask for."""

    def __init__(
        self,
        terms: Terms,
        reading: RosterReading,
        identities: Mapping[int, list[Identity]],
        elsewhere: Mapping[int, frozenset[str]],
    ) -> None:
        self.terms, self.reading, self.identities, self.elsewhere = terms, reading, identities, elsewhere
        self.first_rows: dict[tuple[int, str], int] = {}
        self.codes: defaultdict[int, set[str]] = defaultdict(set)
        for resident_id, held in identities.items():
            self.codes[resident_id] = {identity.code for identity in held if identity.end_on is None}

    def take(self, line: Line, people: People) -> None:
        """Turn a line into a mark, count it as being so already, or fail it."""
        held = say_whom(line, people)
        if held is not None:
            self._judge(line, held)
        if line.cells.is_good:
            return
        self.reading.bad_rows.add(line.row)
        self.reading.doubtful_names.add(line.name)
        meant = [one.resident_id for one in people.candidates.get(line.row, ())]
        meant += [one.resident_id for one in (held, people.named.get(line.row)) if one is not None]
        self.reading.doubtful.update(meant)

    def _judge(self, line: Line, held: Held) -> None:
        if held.state != ResidentState.PRESENT and line.change == Change.ADDED:
            line.cells.fail("cert_number", say(N_("台账中此人已死亡或迁出")))
        if self.terms.places.find(line.village, line.town) != held.division_code:
            line.cells.warn("village", say(N_("与台账中的村（社区）不同，以台账为准")))
            self.reading.moved.add(held.resident_id)
        check_line(line, held, self.terms)
        if not line.cells.is_good:
            return
        first = self.first_rows.setdefault((held.resident_id, line.code), line.row)
        if first != line.row:
            line.cells.fail("identity", say(N_("与第 {row} 行是同一人同一类别"), row=first))
        elif line.change == Change.ADDED:
            self._add(line, held)
        else:
            self._remove(line, held)

    def _add(self, line: Line, held: Held) -> None:
        codes = self.codes[held.resident_id]
        begin_on = self._begin(line, held)
        if not line.cells.is_good:
            return
        self._note(line, held)
        if line.code in codes:
            self.reading.already += 1
            return
        if codes:
            count = len(codes) + 1
            line.cells.warn("identity", say(N_("此人共有 {count} 种身份，都保留；参保时按就高身份资助"), count=count))
            self.reading.several.add(held.resident_id)
        if held.resident_id in self.elsewhere:
            line.cells.warn("cert_number", say(N_("此人已参加职工医保或在别处，资助只在本地参保时起作用，请核实")))
        codes.add(line.code)
        self.reading.additions.append(Mark(line.row, held.resident_id, held.division_code, line.code, begin_on))

    def _note(self, line: Line, held: Held) -> None:
        self.reading.present.add((held.resident_id, line.code))
        grade = grade_of(line, self.terms)
        if grade:
            kind = line.disability.kind if line.disability else None
            self.reading.disabled[held.resident_id] = Disabled(kind, grade)

    def _begin(self, line: Line, held: Held) -> date:
        """Return the month's first day, an earlier one the list tells, or the end of the same identity before that.

        纳入资助时间 is the department's own word for when somebody's identity began; packs that ask for the identities
        of a fixed day need it. It reaches back over no span the books hold, and what is locked stays as it is. Nor
        over another identity of the department: a class that changes keeps the old one's day in the column.
        """
        begin_on = self.terms.month
        if line.since is not None and line.since < held.birth_on:
            line.cells.fail("subsidised_from", say(N_("早于出生日期")))
        elif line.since is not None and line.since < begin_on:
            begin_on = self._reach_back(line, held, line.since)
        earlier = self._same(held, line.code)
        ends = (one.end_on for one in earlier if one.end_on and one.end_on > one.begin_on)
        return max([begin_on, *ends])

    def _reach_back(self, line: Line, held: Held, since: date) -> date:
        others = [one for one in self.identities.get(held.resident_id, ()) if one.code != line.code]
        if not any(
            one.department == self.terms.department
            and one.begin_on <= since
            and (one.end_on is None or since < one.end_on)
            for one in others
        ):
            return since
        if line.code not in self.codes[held.resident_id]:
            reason = N_("那时此人已是本部门认定的另一类；新的类别从名单所属月份起算，如确应更早请与区医保局核对")
            line.cells.warn("subsidised_from", say(reason))
        return self.terms.month

    def _remove(self, line: Line, held: Held) -> None:
        current = next((i for i in self._same(held, line.code) if i.end_on is None), None)
        end_on = self.terms.past_month
        if current is None:
            line.cells.fail("change", say(N_("此人现在没有这种身份，不能减少")))
        elif current.begin_on >= end_on:
            line.cells.fail("change", say(N_("这种身份在本月之后才开始，不能从本月减少")))
        else:
            self.codes[held.resident_id].discard(line.code)
            mark = Mark(line.row, held.resident_id, held.division_code, line.code, end_on, current)
            self.reading.removals.append(mark)

    def _same(self, held: Held, code: str) -> Iterable[Identity]:
        return [identity for identity in self.identities.get(held.resident_id, ()) if identity.code == code]
