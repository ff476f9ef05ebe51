"""A staged register file against itself and the register: who is new, who is there, who must wait, and why.

Every look is one statement over the whole file; only what is wrong comes back. What was found before is forgotten
first, because the register may have learnt since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry.kinds import ResidentState
from yingbao.registry.problems import Problems
from yingbao.registry.register import staging
from yingbao.registry.register.staging import Staged, hold
from yingbao.sheets.layouts import REGISTER
from yingbao.storage.encrypted import unseal
from yingbao.storage.transactions import operation

DIFFERS = N_("与台账现有内容不同；更改请在人员页面办理")
OUTSIDE = N_("该证件号码已在您管理范围以外登记，请与区医保局核对")
GONE = {
    ResidentState.DEAD: N_("台账中此人已登记为死亡，没有导入；如有误请在人员页面恢复"),
    ResidentState.MOVED_OUT: N_("台账中此人已登记为迁出，没有导入；如已迁回请在人员页面恢复"),
}
REPEATED = N_("与第 {row} 行的证件号码相同，同一人只能登记一次")
ALIKE = N_("与第 {row} 行姓名、出生日期、性别都相同，请核实是否同一人")
SAME = N_("与第 {row} 行是台账中的同一个人，同一人只能登记一次")
HAS_HEAD = N_("台账中这一户已有户主")
NO_HEAD = N_("这一户没有户主，整户暂不导入")
SECOND_HEAD = N_("这一户的户主已在第 {row} 行")
BAD_HEAD = N_("户主所在的第 {row} 行有问题，整户暂不导入")
BEHIND = N_("户主迁出后原户没有户主，请先在人员页面变更户主")
GONE_HOME = N_("这一户在台账中已并户或销户")
# What this look finds anew at acceptance; a reading of a row finds none of it.
REASONS = frozenset({DIFFERS, OUTSIDE, *GONE.values(), REPEATED, SAME}) | {
    *(HAS_HEAD, NO_HEAD, SECOND_HEAD, BAD_HEAD, BEHIND, GONE_HOME),
}
MOST_PASSES = 20  # each keeps at least one more person out; a file that needs more is no register


class Finding(NamedTuple):
    """A problem of one staged row."""

    id: int
    key: str
    value: str
    reason: Message
    fatal: bool = True

    def problem(self) -> RowProblem:
        """Return it as a file's problems are kept."""
        row = self.id % staging.ROWS_PER_FILE
        return RowProblem(row, REGISTER.column(self.key).name, self.value, self.reason, self.fatal)


@operation
def match(file_id: int, scope: Scope, problems: Problems, *, warns: bool = True) -> None:
    """Hold back every staged row that may not come in, know again whom the register has, and tell what is wrong.

    Without ``warns``, rows of the file that are merely like one another are not told again: they stay what they were.
    """
    staged = Staged(file_id)
    with staging.roomy_sorts():
        _forget(staged)
        _take(_repeats(staged), problems)
        if warns:
            _take(_alike(staged), problems)
        _recognise(staged)
        _take(_same_person(staged), problems)
        _take(_disagreements(staged, scope), problems)
        for _ in range(MOST_PASSES):
            held = _take(_households(staged), problems)
            if not _concerns_others(staged, held):
                break


def _take(findings: Iterable[Finding], problems: Problems) -> list[int]:
    """Tell findings and hold the rows of fatal ones back, so that the next look knows; return their ids."""
    held = []
    for finding in findings:
        problems.add(finding.problem())
        if finding.fatal:
            held.append(finding.id)
    hold(held)
    return held


def _forget(staged: Staged) -> None:
    staged.run(
        "UPDATE {staged} AS s SET is_held = %s, resident_id = NULL WHERE {of} AND (is_held OR resident_id IS NOT NULL)",
        False,
    )


# --- the file against itself ----------------------------------------------------------------------------------------


def _repeats(staged: Staged) -> Iterator[Finding]:
    rows = staged.rows(
        """
        SELECT s.id, s.certificate_number, d.first FROM {staged} s JOIN (
            SELECT s.certificate_index, min(s.row) AS first FROM {staged} s
            WHERE {of} AND s.certificate_kind <> '' GROUP BY s.certificate_index HAVING count(*) > 1
        ) d ON d.certificate_index = s.certificate_index
        WHERE {of} AND s.certificate_kind <> '' AND s.row <> d.first
        """
    )
    return (Finding(id, "cert_number", unseal(bytes(number)), say(REPEATED, row=first)) for id, number, first in rows)


def _alike(staged: Staged) -> Iterator[Finding]:
    rows = staged.rows(
        """
        SELECT s.id, s.name, d.first FROM {staged} s JOIN (
            SELECT s.name, s.birth_on, s.sex, min(s.row) AS first FROM {staged} s
            WHERE {of} AND s.certificate_kind <> '' AND NOT s.is_held
            GROUP BY s.name, s.birth_on, s.sex HAVING count(*) > 1
        ) d ON d.name = s.name AND d.birth_on = s.birth_on AND d.sex = s.sex
        WHERE {of} AND s.certificate_kind <> '' AND NOT s.is_held AND s.row <> d.first
        """
    )
    return (Finding(id, "name", name, say(ALIKE, row=first), fatal=False) for id, name, first in rows)


# --- the file against the register ----------------------------------------------------------------------------------


def _recognise(staged: Staged) -> None:
    """Note whom the register knows by a row's number: now, or by one they had before (a merged record's too)."""
    staged.run(
        """
        UPDATE {staged} AS s SET resident_id = r.id FROM {resident} r
        WHERE {of} AND r.certificate_index = s.certificate_index AND s.certificate_kind <> '' AND r.state <> 'merged'
        """
    )
    staged.run(
        """
        UPDATE {staged} AS s SET resident_id = f.resident_id FROM {former} f
        WHERE {of} AND f.index = s.certificate_index AND s.certificate_kind <> '' AND s.resident_id IS NULL
        """.replace("f.index", 'f."index"')
    )


def _same_person(staged: Staged) -> Iterator[Finding]:
    rows = staged.rows(
        """
        SELECT s.id, s.certificate_number, d.first FROM {staged} s JOIN (
            SELECT s.resident_id, min(s.row) AS first FROM {staged} s
            WHERE {of} AND s.resident_id IS NOT NULL AND NOT s.is_held GROUP BY s.resident_id HAVING count(*) > 1
        ) d ON d.resident_id = s.resident_id
        WHERE {of} AND NOT s.is_held AND s.row <> d.first
        """
    )
    return (Finding(id, "cert_number", unseal(bytes(number)), say(SAME, row=first)) for id, number, first in rows)


def _disagreements(staged: Staged, scope: Scope) -> Iterator[Finding]:
    """What a file may not change: a record elsewhere, of somebody gone, or who a number says somebody is."""
    rows = staged.rows(
        """
        SELECT s.id, s.certificate_number, s.name, s.birth_on, s.division_code, r.division_id, r.state,
            r.name <> s.name, r.birth_on <> s.birth_on, r.sex <> s.sex,
            r.certificate_kind <> s.certificate_kind AND r.certificate_index = s.certificate_index
        FROM {staged} s JOIN {resident} r ON r.id = s.resident_id
        WHERE {of} AND s.is_sound AND NOT s.is_held AND (
            r.division_id < %s OR r.division_id >= %s OR r.state <> 'present' OR r.name <> s.name
            OR r.birth_on <> s.birth_on OR r.sex <> s.sex
            OR (r.certificate_kind <> s.certificate_kind AND r.certificate_index = s.certificate_index))
        """,
        scope.low,
        scope.high,
    )
    return (finding for row in rows for finding in _disagreement(row, scope))


def _disagreement(row: tuple[Any, ...], scope: Scope) -> list[Finding]:
    id, number, name, birth_on, _division, held_in, state, *differ = row
    if held_in not in scope:
        return [Finding(id, "cert_number", unseal(bytes(number)), say(OUTSIDE))]
    if state != ResidentState.PRESENT:
        return [Finding(id, "cert_number", unseal(bytes(number)), say(GONE[ResidentState(state)]))]
    values = {"name": name, "birth_on": str(birth_on), "sex": "", "cert_form": ""}
    return [Finding(id, key, values[key], say(DIFFERS)) for key, is_so in zip(values, differ, strict=True) if is_so]


# --- households -----------------------------------------------------------------------------------------------------

# ``here``: the rows that tell who will live in a household: everybody the register does not know, the wrong ones too,
# and of those it knows the ones that come in. ``kept``: heads of the register whom the file leaves as they are.
HOUSEHOLDS = """
    WITH here AS (
        SELECT s.id, s.row, s.division_code, s.household_no, s.relation, s.resident_id,
            s.is_sound AND NOT s.is_held AS is_good
        FROM {staged} s
        WHERE {of} AND s.division_code <> 0 AND s.household_no <> ''
            AND (s.resident_id IS NULL OR (s.is_sound AND NOT s.is_held))
    ), homes AS (
        SELECT division_code, household_no, count(CASE WHEN relation = 'head' THEN 1 END) AS heads,
            min(CASE WHEN relation = 'head' THEN row END) AS head,
            min(CASE WHEN relation = 'head' AND NOT is_good THEN row END) AS bad_head
        FROM here GROUP BY division_code, household_no
    ), kept AS (
        SELECT h.division_id, h.number FROM {household} h JOIN {resident} r ON r.household_id = h.id
        WHERE r.relation = 'head' AND h.division_id IN (SELECT DISTINCT division_code FROM homes)
            AND NOT EXISTS (SELECT 1 FROM here WHERE here.resident_id = r.id AND (here.relation <> 'head'
                OR here.division_code <> h.division_id OR here.household_no <> h.number))
    ), troubled AS (
        SELECT homes.*, kept.number IS NOT NULL AS has_head
        FROM homes LEFT JOIN kept ON kept.division_id = division_code AND kept.number = household_no
        WHERE kept.number IS NOT NULL OR heads <> 1 OR head = bad_head
    )
    SELECT here.id, here.household_no, here.relation = 'head', here.row, here.is_good,
        troubled.has_head, troubled.head, troubled.head = troubled.bad_head
    FROM troubled JOIN here
        ON here.division_code = troubled.division_code AND here.household_no = troubled.household_no
    LEFT JOIN {resident} r ON r.id = here.resident_id
    LEFT JOIN {household} h ON h.id = r.household_id
    WHERE (here.relation = 'head' OR NOT troubled.has_head) AND (r.id IS NULL
        OR (r.relation <> here.relation AND (r.relation = 'head' OR here.relation = 'head'))
        OR h.division_id <> here.division_code OR h.number <> here.household_no)
    ORDER BY here.row
"""
LEFT_BEHIND = """
    SELECT s.id, s.household_no FROM {staged} s
    JOIN {resident} r ON r.id = s.resident_id JOIN {household} h ON h.id = r.household_id
    WHERE {of} AND s.is_sound AND NOT s.is_held AND r.relation = 'head'
        AND (h.division_id <> s.division_code OR h.number <> s.household_no)
        AND NOT EXISTS (SELECT 1 FROM {staged} n WHERE n.id >= %s AND n.id < %s AND n.division_code = h.division_id
            AND n.household_no = h.number AND n.relation = 'head' AND n.is_sound AND NOT n.is_held)
        AND EXISTS (SELECT 1 FROM {resident} m WHERE m.household_id = h.id AND m.id <> r.id AND m.state = 'present'
            AND NOT EXISTS (SELECT 1 FROM {staged} n WHERE n.id >= %s AND n.id < %s AND n.resident_id = m.id
                AND n.is_sound AND NOT n.is_held AND (n.division_code <> h.division_id OR n.household_no <> h.number)))
"""
DISSOLVED = """
    SELECT s.id, s.household_no FROM {staged} s
    JOIN {household} h ON h.division_id = s.division_code AND h.number = s.household_no
    LEFT JOIN {resident} r ON r.id = s.resident_id
    WHERE {of} AND s.is_sound AND NOT s.is_held AND h.state <> 'present' AND (r.id IS NULL OR r.household_id <> h.id)
"""


def _households(staged: Staged) -> Iterator[Finding]:
    """A household has one head: from the register or from the file, and a good one."""
    bounds = (staged.low, staged.high, staged.low, staged.high)
    for row in staged.rows(HOUSEHOLDS):
        yield from _household_finding(*row)
    for id, number in staged.rows(LEFT_BEHIND, *bounds):
        yield Finding(id, "household_no", number, say(BEHIND))
    for id, number in staged.rows(DISSOLVED):
        yield Finding(id, "household_no", number, say(GONE_HOME))


def _household_finding(
    id: int, number: str, is_head: bool, row: int, is_good: bool, has_head: bool, head: int | None, is_bad: bool | None
) -> list[Finding]:
    """Return what is wrong with one row of a household in trouble; ``is_bad`` is of the row that names its head."""
    if has_head:
        return [Finding(id, "relation", "", say(HAS_HEAD))]
    if head is None:
        return [Finding(id, "relation", "", say(NO_HEAD))]
    if is_head and row != head:
        return [Finding(id, "relation", "", say(SECOND_HEAD, row=head))]
    if is_bad and is_good and row != head:
        return [Finding(id, "household_no", number, say(BAD_HEAD, row=head))]
    return []


def _concerns_others(staged: Staged, ids: list[int]) -> bool:
    """Whether somebody the register knows has just been kept out: then their old household is not as it seemed."""
    batches = (ids[begin : begin + staging.MANY] for begin in range(0, len(ids), staging.MANY))
    return any(_knows_one(staged, batch) for batch in batches)


def _knows_one(staged: Staged, ids: list[int]) -> bool:
    marks = ", ".join(["%s"] * len(ids))
    return bool(
        staged.count(f"SELECT count(*) FROM {{staged}} s WHERE s.id IN ({marks}) AND s.resident_id IS NOT NULL", *ids)
    )
