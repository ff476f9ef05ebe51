"""A list of deaths against the register: who died when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from yingbao.divisions.codes import Scope
from yingbao.kernel.messages import N_, say
from yingbao.registry import counts
from yingbao.registry.elsewhere.listed import Line, Listed, read_listed
from yingbao.registry.kinds import ResidentState
from yingbao.sheets import Table


class Death(NamedTuple):
    """Somebody of the register who has died."""

    resident_id: int
    died_on: date


@dataclass(slots=True)
class DeathReading:
    """A list read and matched. ``already`` rows tell of deaths the register knows."""

    listed: Listed
    deaths: list[Death] = field(default_factory=list)
    already: int = 0


def read_deaths(table: Table, *, scope: Scope, on: date) -> DeathReading:
    """Read every row of a list of deaths and look its person up; nothing is raised for a row."""
    listed = read_listed(table, scope=scope, on=on)
    reading = DeathReading(listed)
    dead = [line.held for line in listed.lines if line.held and line.held.state == ResidentState.DEAD]
    known = counts.died(held.resident_id for held in dead)
    told: dict[int, int] = {}
    for line in listed.lines:
        died_on = _day_of_death(line, on)
        if line.held is None or died_on is None or not line.cells.is_good:
            continue
        first = told.setdefault(line.held.resident_id, line.row.number)
        if first != line.row.number:
            line.cells.fail("cert_number", say(N_("与第 {row} 行是同一人"), row=first))
        elif line.held.resident_id in known:
            _compare(line, died_on, known[line.held.resident_id])
            reading.already += 1
        else:
            reading.deaths.append(Death(line.held.resident_id, died_on))
    return reading


def _day_of_death(line: Line, on: date) -> date | None:
    died_on = line.row.day("died_on")
    if died_on is None:
        line.cells.fail_unless_failed("died_on", say(N_("没有填写")))
    elif died_on > on:
        line.cells.fail("died_on", say(N_("死亡时间在今天之后")))
    elif line.held is not None and died_on < line.held.birth_on:
        line.cells.fail("died_on", say(N_("死亡时间早于出生日期")))
    return died_on


def _compare(line: Line, died_on: date, known: date) -> None:
    if died_on != known:
        line.cells.warn("died_on", say(N_("台账登记的死亡日期是 {day}，没有改动"), day=known))
