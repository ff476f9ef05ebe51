"""Whom the rows of another office's list mean: people of ours, people who may be ours, and the many who are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from yingbao.divisions.codes import Scope
from yingbao.kernel.certificates import parse_many
from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry.cells import Cells
from yingbao.registry.recognising import matching, proposing
from yingbao.registry.recognising.matching import Held
from yingbao.registry.recognising.proposing import Candidate, Written
from yingbao.sheets import Row, Table
from yingbao.storage.encrypted import blind_index

TO_DECIDE = N_("可能是台账中的人，请先认定是不是同一人")


@dataclass(slots=True)
class Line:
    """One row: its cells, whom it names, and its number's blind index, or why there is none."""

    cells: Cells
    row: Row
    name: str
    number: bytes | Message
    held: Held | None = None

    @property
    def blind(self) -> bytes:
        """Return the number's blind index; nobody's where it cannot be read."""
        return b"" if isinstance(self.number, Message) else self.number

    @property
    def written(self) -> Written:
        """Return whom the row names, as recognising takes it."""
        row = self.row
        return Written(row.number, row.text("cert_number"), row.text("name"), row.text("town"), row.text("village"))


@dataclass(slots=True)
class Listed:
    """A list read and matched. A line with ``held`` means that person; ``outside`` rows are nobody of the scope's.

    ``named`` are the residents whom any row may mean, those kept out included; ``names`` the names of rows whose
    number cannot be read: whoever bears one may be meant too.
    """

    lines: list[Line] = field(default_factory=list)
    outside: int = 0
    named: set[int] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    questions: list[Written] = field(default_factory=list)
    proposed: dict[int, list[Candidate]] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    def bad_rows(self) -> int:
        """Return how many rows were kept out."""
        return sum(not line.cells.is_good for line in self.lines)


def read_listed(table: Table, *, scope: Scope, on: date) -> Listed:
    """Read the names and numbers of a list and find its people among a scope's; nothing is raised for a row.

    A row whose number is nobody's is no fault: an employee list holds many who were never of the register. Where it
    is like somebody (number, name and village), or the number is another name's, it is kept out and asked about.
    """
    listed = Listed()
    rows = list(table)
    certificates = parse_many([row.text("cert_number") for row in rows], on=on)
    for row, certificate in zip(rows, certificates, strict=True):
        cells = Cells(row, table.layout, listed.problems)
        number = certificate if isinstance(certificate, Message) else blind_index(certificate.number)
        listed.lines.append(Line(cells, row, cells.name("name"), number))
    _recognise(listed, scope)
    return listed


def _recognise(listed: Listed, scope: Scope) -> None:
    found = matching.find_people({line.blind for line in listed.lines if line.blind})
    unsettled = []
    for line in listed.lines:
        held = found.get(line.blind)
        if held is not None and held.division_code in scope:
            listed.named.add(held.resident_id)
            if held.name == line.name:
                line.held = held
                continue
        unsettled.append(line)
    _settle(listed, _by_memory(listed, unsettled, scope), found, scope)


def _by_memory(listed: Listed, unsettled: Sequence[Line], scope: Scope) -> list[Line]:
    """Give rows the people somebody has said they mean; return the lines nobody was asked about."""
    answers = proposing.recall(line.written for line in unsettled)
    people = matching.find_held(answer for answer in answers.values() if answer is not None)
    asked_never = []
    for line in unsettled:
        if line.row.number not in answers:
            asked_never.append(line)
            continue
        held = people.get(answers[line.row.number] or 0)
        if held is None or held.division_code not in scope:
            listed.outside += line.cells.is_good
        else:
            line.held = held
            listed.named.add(held.resident_id)
    return asked_never


def _settle(listed: Listed, unsettled: Iterable[Line], found: Mapping[bytes, Held], scope: Scope) -> None:
    """Ask about the rows that may mean somebody; the others are not of our register."""
    written = {line.row.number: line.written for line in unsettled}
    proposed = proposing.propose(list(written.values()), scope=scope)
    for line in unsettled:
        held = found.get(line.blind)
        namesake = held is not None and held.division_code in scope
        candidates = proposed.get(line.row.number, [])
        if held is not None and namesake and not candidates:
            candidates = [Candidate(held.resident_id, (say(N_("号码相同，姓名不同")),))]
        _keep_out(listed, line, candidates, namesake=namesake)
        listed.outside += line.cells.is_good
        if candidates:
            listed.questions.append(written[line.row.number])
            listed.proposed[line.row.number] = list(candidates)
            listed.named.update(one.resident_id for one in candidates)


def _keep_out(listed: Listed, line: Line, candidates: Sequence[Candidate], *, namesake: bool) -> None:
    if isinstance(line.number, Message):
        line.cells.fail_unless_failed("cert_number", line.number)
        listed.names.add(line.name)
    elif namesake:
        line.cells.fail("name", say(N_("姓名与证件号码不是同一人")))
    elif candidates:
        line.cells.fail("cert_number", say(TO_DECIDE))
