"""The tax client's answers, row by row: which line of a declaration each is about, and whether it can be believed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from yingbao.collection.kinds import AnswerState
from yingbao.collection.models import DeclarationLine
from yingbao.divisions.codes import Scope
from yingbao.kernel.certificates import normalise
from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan
from yingbao.registry.cells import tidy_name
from yingbao.registry.recognising.matching import batches, find_ids
from yingbao.sheets import Layout, Row, Table
from yingbao.sheets.cells import LOST_DIGITS
from yingbao.storage.encrypted import blind_index

YES = frozenset({"已受理", "受理", "受理成功", "申报成功", "成功", "已入库", "入库", "已到账", "到账", "通过"})
NO = frozenset({"退回", "被退回", "已退回", "申报失败", "失败", "不通过", "未通过", "不予受理", "拒绝"})
LOST = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,3}")  # as Excel writes a number it has damaged into a .csv
LONGEST_REASON = 200
SETTLED = (AnswerState.ACCEPTED, AnswerState.SHORT)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one sound row says: the money of a line reached the treasury ``on`` a day, or went back for a ``reason``."""

    line: DeclarationLine
    accepted: bool
    on: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One row as it was read, before anybody has looked for its line."""

    row: int
    line_id: int | None
    batch: int | None
    name: str
    index: bytes | None
    amount_fen: int | None
    accepted: bool
    on: date | None
    reason: str


@dataclass(slots=True)
class Reading:
    """What a file says: sound answers, rows that say what is known ``already``, and what is wrong with the others."""

    layout: Layout
    rows: int = 0
    said: list[Said] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    already: int = 0
    problems: list[RowProblem] = field(default_factory=list)

    def fail(self, row: int, keys: Sequence[str], reason: Message, value: str = "") -> None:
        """Keep a row out, for what is in the first of some columns that the file's layout has."""
        known = {column.key: column.name for column in self.layout.columns}
        column = next((known[key] for key in keys if key in known), "")
        self.problems.append(RowProblem(row, column, value, reason))

    @property
    def good_rows(self) -> int:
        """How many rows can be taken in, or have been."""
        return len(self.answers) + self.already


def read(table: Table, *, on: date) -> Reading:
    """Return the rows of a result file that can be understood; nothing is looked up. ``on``: today."""
    reading = Reading(table.layout)
    for row in table:
        reading.rows += 1
        said = _said(row, reading, on)
        if said is not None:
            reading.said.append(said)
    return reading


def find_lines(reading: Reading, *, scope: Scope, year: int) -> list[DeclarationLine]:
    """Return the lines of a scope and year that any row may be about, each with its declaration and person."""
    ids = {said.line_id for said in reading.said if said.line_id is not None}
    people = find_ids({said.index for said in reading.said if said.line_id is None and said.index is not None})
    within = DeclarationLine.objects.filter(
        declaration__year=year, declaration__division_id__gte=scope.low, declaration__division_id__lt=scope.high
    ).select_related("declaration", "due__enrolment__resident", "payment_line")
    found = {line.pk: line for batch in batches(sorted(ids)) for line in within.filter(pk__in=batch)}
    for batch in batches(sorted(set(people.values()))):
        found |= {line.pk: line for line in within.filter(due__enrolment__resident_id__in=batch)}
    return [found[pk] for pk in sorted(found)]


def judge(reading: Reading, lines: Iterable[DeclarationLine], *, on: date) -> Reading:
    """Find each row's line among ``lines`` and say what cannot be believed; a refusal without a day is of ``on``."""
    by_id = {line.pk: line for line in lines}
    by_person: defaultdict[int, list[DeclarationLine]] = defaultdict(list)
    for one in by_id.values():
        by_person[one.due.enrolment.resident_id].append(one)
    people = find_ids({said.index for said in reading.said if said.index is not None})
    meant: dict[int, Said] = {}
    for said in reading.said:
        line = _line(said, reading, by_id, by_person, people)
        if line is None or not _is_first(said, line, reading, meant):
            continue
        if not _weigh(said, line, reading, on):
            del meant[line.pk]  # a row that says the same again is weighed like it
    return reading


def _said(row: Row, reading: Reading, today: date) -> Said | None:
    values, before = row.values, len(reading.problems)
    reading.problems += row.problems
    number = normalise(str(values.get("cert_number") or ""))
    if LOST.fullmatch(number):
        reading.fail(row.number, ["cert_number"], say(LOST_DIGITS), number)
    word = str(values.get("answer") or "").replace(" ", "")
    if word not in YES | NO:
        reading.fail(row.number, ["answer"], say(N_("受理结果应写“已受理”或“退回”")), word)
    day, reason = values.get("cleared_on"), str(values.get("reason") or "")
    _check_word(row.number, reading, word, day, reason, today)
    line_id = _number(row, reading, "line")
    batch = _number(row, reading, "batch")
    if len(reading.problems) > before:
        return None
    amount = values.get("amount_fen")
    return Said(
        row=row.number,
        line_id=line_id,
        batch=batch,
        name=tidy_name(str(values.get("name") or "")),
        index=blind_index(number) if number else None,
        amount_fen=amount if isinstance(amount, int) else None,
        accepted=word in YES,
        on=day if isinstance(day, date) else None,
        reason=reason,
    )


def _check_word(row: int, reading: Reading, word: str, day: object, reason: str, today: date) -> None:
    if word in YES and day is None and not any(problem.row == row for problem in reading.problems):
        reading.fail(row, ["cleared_on"], say(N_("已受理的要写入库日期")))
    if isinstance(day, date) and day > today:
        reading.fail(row, ["cleared_on"], say(N_("日期晚于今天")), day.isoformat())
    if word in NO and not reason:
        reading.fail(row, ["reason"], say(N_("退回的要写原因")))
    if len(reason) > LONGEST_REASON:
        reading.fail(row, ["reason"], say(N_("超过 {longest} 个字"), longest=LONGEST_REASON))


def _number(row: Row, reading: Reading, key: str) -> int | None:
    text = str(row.values.get(key) or "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        reading.fail(row.number, [key], say(N_("应为申报文件中的号码")), text)
        return None
    return int(text)


def _line(
    said: Said,
    reading: Reading,
    by_id: Mapping[int, DeclarationLine],
    by_person: Mapping[int, Sequence[DeclarationLine]],
    people: Mapping[bytes, int],
) -> DeclarationLine | None:
    """Return the one line a row is about; None where there is none, or more than one, and that is told."""
    if said.line_id is None:
        return _line_of_person(said, reading, by_person, people)
    line = by_id.get(said.line_id)
    if line is None:
        reading.fail(said.row, ["line"], say(N_("没有这一行申报，或不在您的管理范围、不是本年度的")), str(said.line_id))
        return None
    person = line.due.enrolment.resident
    if said.batch is not None and said.batch != line.declaration_id:
        why = say(N_("这一行属于第 {batch} 批申报，文件写的是第 {said} 批"), batch=line.declaration_id, said=said.batch)
        reading.fail(said.row, ["batch", "line"], why, str(said.batch))
    elif said.index is not None and people.get(said.index, 0) not in {person.pk, person.merged_into_id}:
        reading.fail(said.row, ["cert_number", "line"], say(N_("证件号码不是这一行申报的人")))
    elif said.name and said.name != person.name:
        reading.fail(said.row, ["name", "line"], say(N_("姓名与这一行申报的人不同")), said.name)
    else:
        return line
    return None


def _line_of_person(
    said: Said,
    reading: Reading,
    by_person: Mapping[int, Sequence[DeclarationLine]],
    people: Mapping[bytes, int],
) -> DeclarationLine | None:
    keys = ["line", "cert_number"]
    if said.index is None or not said.name:
        reading.fail(said.row, keys, say(N_("没有行号，也没有姓名和证件号码，对不上申报的人")))
        return None
    found = [
        line
        for line in by_person.get(people.get(said.index, 0), ())
        if said.batch in (None, line.declaration_id) and line.due.enrolment.resident.name == said.name
    ]
    if len(found) == 1:
        return found[0]
    if found:
        why = say(N_("这个人有 {n} 行申报，分不清是哪一行：请写行号或申报批次"), n=len(found))
        reading.fail(said.row, keys, why)
    elif said.batch is not None:
        why = say(N_("第 {batch} 批申报里没有这个人，或不在您的管理范围"), batch=said.batch)
        reading.fail(said.row, ["batch", *keys], why, str(said.batch))
    else:
        reading.fail(said.row, ["cert_number"], say(N_("本年度的申报里没有姓名和证件号码都相同的人")))
    return None


def _is_first(said: Said, line: DeclarationLine, reading: Reading, meant: dict[int, Said]) -> bool:
    """Tell whether no earlier row is about the same line; two that say different things are both kept out."""
    earlier = meant.setdefault(line.pk, said)
    if earlier is said:
        return True
    if (earlier.accepted, earlier.on) == (said.accepted, said.on):
        reading.already += 1
        return False
    reading.fail(said.row, ["line", "cert_number"], say(N_("与第 {row} 行说的是同一人，结果却不同"), row=earlier.row))
    kept = [answer for answer in reading.answers if answer.line.pk != line.pk]
    if len(kept) < len(reading.answers):
        reading.answers[:] = kept
        why = say(N_("与第 {row} 行说的是同一人，结果却不同"), row=said.row)
        reading.fail(earlier.row, ["line", "cert_number"], why)
    return False


def _weigh(said: Said, line: DeclarationLine, reading: Reading, today: date) -> bool:
    """Take a row in, or say why not; return whether it is sound."""
    before = len(reading.problems)
    if said.amount_fen is not None and said.amount_fen != line.amount_fen:
        why = say(
            N_("申报的是{declared}元，回执写的是{said}元"),
            declared=format_yuan(line.amount_fen),
            said=format_yuan(said.amount_fen),
        )
        reading.fail(said.row, ["amount_fen"], why, format_yuan(said.amount_fen))
    elif said.on is not None and said.on < line.declaration.declared_on:
        why = say(N_("日期早于申报日期{day}"), day=line.declaration.declared_on)
        reading.fail(said.row, ["cleared_on"], why, said.on.isoformat())
    elif line.state == AnswerState.SENT:
        reading.answers.append(Answer(line, said.accepted, said.on or today, said.reason))
    elif _says_the_same(said, line):
        reading.already += 1
    else:
        _tell_answered(said, line, reading)
    return len(reading.problems) == before


def _says_the_same(said: Said, line: DeclarationLine) -> bool:
    if said.accepted:
        return line.state in SETTLED and line.answered_on == said.on
    return line.state == AnswerState.REFUSED


def _tell_answered(said: Said, line: DeclarationLine, reading: Reading) -> None:
    if line.state in SETTLED:
        why = say(N_("这一行已于{day}到账，与文件说的不同，没有改动"), day=line.answered_on)
    else:
        why = say(N_("这一行已于{day}被退回，与文件说的不同，没有改动"), day=line.answered_on)
    reading.fail(said.row, ["answer"], why)
