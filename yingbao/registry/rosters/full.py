"""A full list cancels whoever it lacks (BN-A, the monthly list): of the identities it speaks of, and with care."""

from __future__ import annotations

from collections import Counter

from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry.models import Identity
from yingbao.registry.problems import FILE_ROW
from yingbao.registry.rosters import guards
from yingbao.registry.rosters.held import find_held, newest_month
from yingbao.registry.rosters.reading import Mark, RosterReading, read_roster
from yingbao.registry.rosters.rows import Terms
from yingbao.sheets import Table


def read_full_list(table: Table, terms: Terms, *, division_code: int) -> RosterReading:
    """Read a full list, and end on the month's first day what it lacks.

    It speaks for this department's identities of its scope, and only for the codes it holds: a list of 特困人员 alone
    ends no 低保. Nobody is cancelled whom a failed row may mean, by number, likeness or name. Raises Refused for a
    list of fewer than half of last month's people, or for a month before the newest roster accepted.
    """
    guards.must_not_be_older(terms.month, newest_month(terms.department, division_code))
    reading = read_roster(table, terms)
    named = _count_named(table, terms)
    guards.must_not_shrink(named, reading.held_by_code, terms.name_of)
    for identity in find_held(terms.department, terms.scope, named):
        _judge(identity, reading, terms)
    reading.paid = terms.paid({mark.resident_id for mark in reading.removals})
    _tell(reading, named)
    return reading


def _count_named(table: Table, terms: Terms) -> Counter[str]:
    """Return code → people the file names with it; rows without a number count for nobody."""
    named: set[tuple[str, str]] = set()
    for row in table:
        number, code = row.text("cert_number"), terms.code_named(row.text("identity"))
        if number and code and terms.confirmed_by(code) == terms.department:
            named.add((code, number))
    return Counter(code for code, _number in named)


def _judge(identity: Identity, reading: RosterReading, terms: Terms) -> None:
    person = identity.resident
    if (person.pk, identity.code) in reading.present:
        return
    end_on = max(terms.month, identity.begin_on)  # one that began in this very month has not been at all
    mark = Mark(FILE_ROW, person.pk, person.division_id, identity.code, end_on, identity)
    is_doubtful = person.pk in reading.doubtful or person.name in reading.doubtful_names
    (reading.spared if is_doubtful else reading.removals).append(mark)


def _tell(reading: RosterReading, named: Counter[str]) -> None:
    """Say of the file what no row of it can say."""
    absent = {code: n for code, n in reading.held_by_code.items() if code not in named}
    if reading.removals:
        _warn(
            reading, say(N_("名单上没有的 {count} 人次将取消身份，请逐一核对“与上月相比”"), count=len(reading.removals))
        )
    if reading.paid:
        message = N_("取消的人员中有 {count} 人本年度已缴费：缴清时的资助不变，取消只影响以后")
        _warn(reading, say(message, count=len(reading.paid)))
    if reading.spared:
        message = N_("有 {count} 人次可能就是未通过的行所指的人，没有取消；请改正这些行后重新报送")
        _warn(reading, say(message, count=len(reading.spared)))
    if absent:
        message = N_("本部门另有 {kinds} 类 {count} 人次不在这份名单的类别之内，没有取消")
        _warn(reading, say(message, kinds=len(absent), count=sum(absent.values())))


def _warn(reading: RosterReading, reason: Message) -> None:
    reading.problems.append(RowProblem(FILE_ROW, "", "", reason, False))
