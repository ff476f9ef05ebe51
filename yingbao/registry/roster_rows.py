"""Rows of a department's roster (BN-A) against vocabulary, department and register: marks to make, or problems."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from yingbao.divisions.codes import Scope
from yingbao.kernel.certificates import Certificate, parse_many
from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.periods import first_of_next_month
from yingbao.registry import matching
from yingbao.registry.cells import Cells
from yingbao.registry.kinds import ResidentState
from yingbao.registry.matching import Held
from yingbao.registry.models import Identity
from yingbao.registry.places import Places, tidy
from yingbao.sheets import Row, Table
from yingbao.storage.encrypted import blind_index


class Change(StrEnum):
    """新增或减少."""

    ADDED = "added"
    REMOVED = "removed"


CHANGES: Mapping[str, str] = {
    **dict.fromkeys(("新增", "增加", "新增人员"), Change.ADDED.value),
    **dict.fromkeys(("减少", "取消", "减少人员"), Change.REMOVED.value),
}
GRADES = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4, "I": 1, "II": 2, "III": 3, "IV": 4}
GRADES_OF = {"disabled_1_2": (1, 2), "disabled_3_4": (3, 4)}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a roster is read against. ``code_named`` gives an identity's code for any known name, else None;
    ``confirmed_by`` the department whose roster may say so, or None where the year's policy names none."""

    department: str
    month: date
    on: date
    scope: Scope
    places: Places
    code_named: Callable[[str], str | None]
    confirmed_by: Callable[[str], str | None]


class Mark(NamedTuple):
    """One row to be carried out: an identity to open from ``on``, or ``identity`` to close before ``on``."""

    row: int
    resident_id: int
    code: str
    on: date
    identity: Identity | None = None


@dataclass(slots=True)
class RosterReading:
    """A roster read and matched. ``already`` rows ask for what is so."""

    rows: int = 0
    additions: list[Mark] = field(default_factory=list)
    removals: list[Mark] = field(default_factory=list)
    already: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    bad_rows: set[int] = field(default_factory=set)


class _Line(NamedTuple):
    cells: Cells
    town: str
    village: str
    name: str
    blind: bytes
    code: str
    change: str


def read_roster(table: Table, terms: Terms) -> RosterReading:
    """Read every row of a roster and look its person up. Nothing is raised for a row.

    An addition holds from the first day of the roster's month, a removal from the first day of the next: whoever
    had the identity for a part of a month has it for that month (the notices give no day; BN-4.2.1 counts months).
    """
    reading = RosterReading()
    lines = _read_lines(table, terms, reading)
    held = matching.find_people({line.blind for line in lines if line.blind})
    identities = matching.find_identities({person.resident_id for person in held.values()}, after=terms.month)
    judge = _Judge(terms, reading, identities)
    for line in lines:
        judge.take(line, held.get(line.blind))
        if not line.cells.is_good:
            reading.bad_rows.add(line.cells.number)
    return reading


def _read_lines(table: Table, terms: Terms, reading: RosterReading) -> list[_Line]:
    rows = list(table)
    reading.rows = len(rows)
    certificates = parse_many([row.text("cert_number") for row in rows], on=terms.on)
    found = zip(rows, certificates, strict=True)
    return [_line(row, certificate, table, terms, reading) for row, certificate in found]


def _line(row: Row, certificate: Certificate | Message, table: Table, terms: Terms, reading: RosterReading) -> _Line:
    cells = Cells(row, table.layout, reading.problems)
    name, code = cells.name("name"), _code(cells, terms)
    change = cells.choose("change", CHANGES)
    if isinstance(certificate, Message):
        cells.fail_unless_failed("cert_number", certificate)
        index = b""
    else:
        index = blind_index(certificate.number)
        _check_grade(cells, code, certificate)
    return _Line(cells, row.text("town"), row.text("village"), name, index, code, change)


def _code(cells: Cells, terms: Terms) -> str:
    word = cells.word("identity")
    code = terms.code_named(word) if word else None
    if code is None:
        cells.fail("identity", say(N_("不认识这个人员类别；请填规范名称，或请区医保局把它加入别名表")))
        return ""
    confirmed_by = terms.confirmed_by(code)
    if confirmed_by is None:
        cells.fail("identity", say(N_("本年度政策没有规定这类人员由哪个部门确认")))
    elif confirmed_by != terms.department:
        cells.fail("identity", say(N_("这类人员不由本部门确认")))
    return code


def _check_grade(cells: Cells, code: str, certificate: Certificate) -> None:
    word = tidy(cells.word("disability_grade")).removesuffix("级").upper()
    grade = GRADES.get(word)
    if word and grade is None:
        cells.warn("disability_grade", say(N_("看不出是哪一级")))
    if certificate.disability and grade and certificate.disability.grade != grade:
        cells.warn("disability_grade", say(N_("与残疾人证号末位的等级不符")))
    grade = certificate.disability.grade if certificate.disability else grade
    if grade and code in GRADES_OF and grade not in GRADES_OF[code]:
        cells.warn("disability_grade", say(N_("残疾等级与人员类别不符")))


class _Judge:
    """Goes through a roster's lines in order, remembering what earlier ones of the file ask for."""

    def __init__(self, terms: Terms, reading: RosterReading, identities: Mapping[int, list[Identity]]) -> None:
        self.terms, self.reading, self.identities = terms, reading, identities
        self.first_rows: dict[tuple[int, str], int] = {}
        self.codes: defaultdict[int, set[str]] = defaultdict(set)
        for resident_id, held in identities.items():
            self.codes[resident_id] = {identity.code for identity in held if identity.end_on is None}

    def take(self, line: _Line, held: Held | None) -> None:
        """Turn a line into a mark, count it as being so already, or fail it."""
        if not line.blind or not self._is_known(line, held) or held is None or not line.cells.is_good:
            return
        first = self.first_rows.setdefault((held.resident_id, line.code), line.cells.number)
        if first != line.cells.number:
            line.cells.fail("identity", say(N_("与第 {row} 行是同一人同一类别"), row=first))
        elif line.change == Change.ADDED:
            self._add(line, held)
        else:
            self._remove(line, held)

    def _is_known(self, line: _Line, held: Held | None) -> bool:
        if held is None or held.division_code not in self.terms.scope:
            line.cells.fail("cert_number", say(N_("台账中没有这个人")))
            return False
        if held.name != line.name:
            line.cells.fail("name", say(N_("姓名与证件号码不是同一人")))
        elif held.state != ResidentState.PRESENT and line.change == Change.ADDED:
            line.cells.fail("cert_number", say(N_("台账中此人已死亡或迁出")))
        if self.terms.places.find(line.village, line.town) != held.division_code:
            line.cells.warn("village", say(N_("与台账中的村（社区）不同，以台账为准")))
        return True

    def _add(self, line: _Line, held: Held) -> None:
        codes = self.codes[held.resident_id]
        if line.code in codes:
            self.reading.already += 1
            return
        if codes:
            count = len(codes) + 1
            line.cells.warn("identity", say(N_("此人共有 {count} 种身份，都保留；参保时按就高身份资助"), count=count))
        codes.add(line.code)
        self.reading.additions.append(Mark(line.cells.number, held.resident_id, line.code, self._begin(held, line)))

    def _begin(self, held: Held, line: _Line) -> date:
        """Return the month's first day, or the end of the same identity where that reaches into the month."""
        earlier = self._same(held, line.code)
        return max([self.terms.month, *(identity.end_on for identity in earlier if identity.end_on)])

    def _remove(self, line: _Line, held: Held) -> None:
        current = next((i for i in self._same(held, line.code) if i.end_on is None), None)
        end_on = first_of_next_month(self.terms.month)
        if current is None:
            line.cells.fail("change", say(N_("此人现在没有这种身份，不能减少")))
        elif current.begin_on >= end_on:
            line.cells.fail("change", say(N_("这种身份在本月之后才开始，不能从本月减少")))
        else:
            self.codes[held.resident_id].discard(line.code)
            self.reading.removals.append(Mark(line.cells.number, held.resident_id, line.code, end_on, current))

    def _same(self, held: Held, code: str) -> Iterable[Identity]:
        return [identity for identity in self.identities.get(held.resident_id, ()) if identity.code == code]


def month_named(text: str) -> date | None:
    """Return the first day of the month ``2022-11`` names, None for anything else."""
    try:
        year, month = tidy(text).split("-")
        return date(int(year), int(month), 1)
    except ValueError:
        return None
