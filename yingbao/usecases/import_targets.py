"""Import what divisions are to reach (BN-1, PJ-1, annex 2 of the Pingjin notice): checked, then by a second word.

PJ-A2: the annex's own totals of households and population are not the sums of its rows. Such a table is taken as
it is printed: every row becomes a village's target, the totals row the town's, and the user is told both figures.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions import queries as divisions
from yingbao.divisions.kinds import Level
from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan
from yingbao.progress import operations
from yingbao.progress.operations import Aim
from yingbao.registry.kinds import FileKind
from yingbao.registry.places import Places, tidy
from yingbao.registry.problems import FILE_ROW
from yingbao.sheets import Row, Table
from yingbao.sheets.layouts import TARGETS
from yingbao.storage.fields import Json
from yingbao.usecases import files_found, files_in
from yingbao.usecases.files_found import Found, Place, Upload

if TYPE_CHECKING:
    from yingbao.registry.models import ImportedFile

TOTALS = frozenset({"合计", "总计", "全镇合计", "全区合计"})
FIGURES = ("households", "population", "persons", "amount_fen")
NEEDED = frozenset({"persons", "amount_fen"})
BELOW = {Level.DISTRICT: Level.TOWN, Level.TOWN: Level.VILLAGE}


@dataclass(slots=True)
class _Reading:
    aims: dict[int, Aim] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)  # division code → the row that names it
    total: tuple[int, Aim] | None = None
    problems: list[RowProblem] = field(default_factory=list)
    bad_rows: set[int] = field(default_factory=set)

    def fail(self, row: Row, key: str, reason: Message) -> None:
        self.bad_rows.add(row.number)
        self.problems.append(RowProblem(row.number, TARGETS.column(key).name, row.text(key), reason))

    def warn(self, row: int, key: str, reason: Message, value: str = "") -> None:
        self.problems.append(RowProblem(row, TARGETS.column(key).name, value, reason, fatal=False))


def check_targets(
    actor: Actor, *, upload: Upload, division_code: int, year: int, due_on: date, key: str, at: datetime
) -> Json:
    """Check a table of targets of the villages of a town, or of the towns of a district; nothing is set yet.

    Returns ``{"file_id", "rows", "good_rows", "bad_rows", "problems", "warnings", "targets", "replaced"}``. Raises
    Forbidden, NotFound outside the actor's scope, BadInput for a file that cannot be read, Refused, Conflict.
    """
    actor.must(Right.IMPORT_TARGETS)
    actor.must_reach(division_code)
    upload = replace(upload, options={"year": year, "due_on": due_on.isoformat()})
    table = files_found.open_table(upload, TARGETS)
    found = _found(table, _read(table, division_code, year), division_code, year)
    place = Place(kind=FileKind.TARGETS, division_code=division_code)
    return files_in.keep_checked(actor, upload, place, found, key=key, at=at)


def accept_targets(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Set the targets of a checked table's good rows, all or none, replacing earlier ones of the year.

    Returns check's counts. Raises Forbidden, NotFound outside the actor's scope, Refused where the file is decided.
    """
    actor.must(Right.IMPORT_TARGETS)
    upload = files_in.find_waiting(actor, file_id, FileKind.TARGETS)

    def effect(file: ImportedFile) -> Found:
        assert upload is not None
        year, due_on = int(upload.options["year"]), date.fromisoformat(str(upload.options["due_on"]))
        table = files_found.open_table(upload, TARGETS)
        reading = _read(table, file.division_id, year)
        found = _found(table, reading, file.division_id, year)
        operations.set_targets(_all_aims(reading), year=year, due_on=due_on)
        return found

    return files_in.accept(actor, file_id=file_id, kind=FileKind.TARGETS, upload=upload, key=key, at=at, effect=effect)


def discard_targets(actor: Actor, *, file_id: int, key: str, at: datetime) -> Json:
    """Say that a checked table is not wanted. Raises as ``files_in.discard_file`` does."""
    return files_in.discard_file(actor, file_id=file_id, kind=FileKind.TARGETS, key=key, at=at)


def _read(table: Table, division_code: int, year: int) -> _Reading:
    division = divisions.get(division_code)
    places = Places(division.scope, BELOW.get(Level(division.level), Level.VILLAGE))
    reading = _Reading()
    for row in table:
        reading.problems += row.problems
        if any(problem.fatal for problem in row.problems):
            reading.bad_rows.add(row.number)
        if tidy(row.text("division")) in TOTALS:
            aim = _aim(reading, row, division_code)
            reading.total = (row.number, aim) if aim else None
        else:
            _take(reading, row, places)
    _check_totals(reading)
    _check_missing(reading, places)
    _check_replaced(reading, operations.find_aims(division.scope, year=year))
    return reading


def _take(reading: _Reading, row: Row, places: Places) -> None:
    code = places.find(row.text("division"))
    if isinstance(code, Message):
        reading.fail(row, "division", code)
        code = 0
    aim = _aim(reading, row, code)
    if code and reading.rows.setdefault(code, row.number) != row.number:
        reading.fail(row, "division", say(N_("与第 {row} 行是同一个地方"), row=reading.rows[code]))
    elif code and aim:
        reading.aims[code] = aim


def _aim(reading: _Reading, row: Row, code: int) -> Aim | None:
    figures = {key: row.integer(key) for key in FIGURES}
    unread = {problem.column for problem in row.problems}
    for key, figure in figures.items():
        if figure is None and key in NEEDED and TARGETS.column(key).name not in unread:
            reading.fail(row, key, say(N_("没有填写")))
        elif figure is not None and figure < 0:
            reading.fail(row, key, say(N_("不能是负数")))
    if row.number in reading.bad_rows:
        return None
    return Aim(code, **{key: figure or 0 for key, figure in figures.items()})


def _check_totals(reading: _Reading) -> None:
    """PJ-A2: say both figures where the printed total is not the sum of the rows; keep both."""
    if reading.total is None:
        return
    row, printed = reading.total
    for key in FIGURES:
        total, shown = sum(getattr(aim, key) for aim in reading.aims.values()), getattr(printed, key)
        if total != shown:
            reason = N_("合计栏印的是 {printed}，各行相加是 {total}；各行和合计都照原样保留")
            figures = {"printed": _figure(key, shown), "total": _figure(key, total)}
            reading.warn(row, key, say(reason, **figures), _figure(key, shown))


def _figure(key: str, number: int) -> str:
    return format_yuan(number) if key == "amount_fen" else f"{number:,}"


def _check_missing(reading: _Reading, places: Places) -> None:
    missing = [name for code, name in places.names.items() if code not in reading.rows]
    if missing:
        reading.warn(FILE_ROW, "division", say(N_("表中没有：{names}"), names="、".join(missing)))


def _check_replaced(reading: _Reading, earlier: dict[int, Aim]) -> None:
    for code, aim in reading.aims.items():
        held = earlier.get(code)
        if held is not None and held != aim:
            reason = N_("将替换原来的任务：{persons} 人、{amount} 元")
            amount = format_yuan(held.amount_fen)
            reading.warn(reading.rows[code], "division", say(reason, persons=held.persons, amount=amount))


def _all_aims(reading: _Reading) -> list[Aim]:
    return [*reading.aims.values(), *([reading.total[1]] if reading.total else [])]


def _found(table: Table, reading: _Reading, division_code: int, year: int) -> Found:
    earlier = operations.find_aims(divisions.get(division_code).scope, year=year)
    replaced = sum(code in earlier and earlier[code] != aim for code, aim in reading.aims.items())
    return Found(
        table=table,
        good_rows=len(table) - len(reading.bad_rows),
        problems=reading.problems,
        extra={"targets": len(reading.aims), "replaced": replaced},
    )
