"""What a register file changes of people the register knows: found stretch by stretch, counted, and written.

An empty cell changes nothing: it is not known, and no reason to forget what is. Who somebody is (name, number, birth,
sex) is no change that a file may make (see ``register_match``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef

from yingbao.kernel.errors import Conflict
from yingbao.kernel.messages import N_, say
from yingbao.registry.editing import history
from yingbao.registry.editing.history import Change, Value, Why
from yingbao.registry.kinds import HouseholdState, Relation, ResidentState
from yingbao.registry.models import Household, Resident
from yingbao.registry.recognising import matching
from yingbao.registry.register.staging import GOOD, TABLES, Staged
from yingbao.storage.encrypted import seal, unseal
from yingbao.storage.fields import Json
from yingbao.storage.transactions import operation

# What a change is called in history, and the column that tells it.
COLUMNS = {
    "division_id": "village",
    "household": "household_no",
    "relation": "relation",
    "phone": "phone",
    "hukou": "hukou",
    "basis": "population",
    "population": "population",
    "graduating": "graduation_year",
    "on_platform": "on_platform",
}
# A column whose being empty leaves these facts alone.
SILENT = {"basis": "population", "population": "population", "graduating": "graduation_year"}
ELSEWHERE_COLUMNS = {
    "employee": "employee_insured",
    "other_place": "elsewhere_insured",
    "army": "note",
    "prison": "note",
}
PAIRS = f"""
    SELECT s.id, s.unsaid, s.elsewhere, r.id, r.version, r.household_id, h.address, s.address,
        r.division_id, h.number, r.relation, r.phone, r.hukou, r.basis, r.population, r.graduating, r.on_platform,
        s.division_code, s.household_no, s.relation, s.phone, s.hukou, s.basis, s.population, s.graduating,
        s.on_platform
    FROM {{staged}} s JOIN {{resident}} r ON r.id = s.resident_id JOIN {{household}} h ON h.id = r.household_id
    WHERE s.id >= %s AND s.id < %s AND s.resident_id IS NOT NULL AND {GOOD}
    ORDER BY s.id
"""


@dataclass(frozen=True, slots=True)
class Changed:
    """One known person whom the file changes. Facts go by the names of ``COLUMNS``, "household" is its number."""

    resident_id: int
    version: int
    household_id: int
    names: tuple[str, ...]  # of the facts that differ
    held: Mapping[str, Value]
    told: Mapping[str, Value]  # every fact as it will be
    old_address: str
    address: str  # the household's new one; "" where it does not change
    elsewhere: tuple[str, ...]  # kinds that are new

    @property
    def keys(self) -> set[str]:
        """The columns that differ."""
        address = {"address"} if self.address else set()
        return {COLUMNS[name] for name in self.names} | address | {ELSEWHERE_COLUMNS[kind] for kind in self.elsewhere}


@dataclass(slots=True)
class Differences:
    """What accepting a file would do, in numbers."""

    new: int = 0
    known: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    missing: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> Json:
        """Return it as ``ImportedFile.differences`` keeps it; ``missing_in`` counts by village."""
        return {
            **{"new": self.new, "changed": self.changed, "unchanged": self.known - self.changed},
            **{"fields": dict(self.fields), "missing": sum(self.missing.values()), "missing_in": dict(self.missing)},
        }


def find_differences(file_id: int) -> Differences:
    """Count what a matched file would do, and the people of its villages who are not in it."""
    staged, found = Staged(file_id), Differences()
    found.new = staged.count(f"SELECT count(*) FROM {{staged}} s WHERE {GOOD} AND s.resident_id IS NULL")
    for changes in find_changes(file_id):
        found.changed += len(changes)
        found.fields.update(key for change in changes for key in change.keys)
    found.known = staged.count(f"SELECT count(*) FROM {{staged}} s WHERE {GOOD} AND s.resident_id IS NOT NULL")
    found.missing = {str(code): number for code, number in staged.rows(MISSING, staged.low, staged.high)}
    return found


MISSING = """
    SELECT r.division_id, count(*) FROM {resident} r
    WHERE r.state = 'present' AND r.division_id IN (SELECT DISTINCT s.division_code FROM {staged} s WHERE {of})
        AND NOT EXISTS (SELECT 1 FROM {staged} n WHERE n.id >= %s AND n.id < %s AND n.resident_id = r.id)
    GROUP BY r.division_id ORDER BY r.division_id
"""


def find_changes(file_id: int, stepped: Collection[int] = ()) -> Iterator[list[Changed]]:
    """Give the known people whom a matched file changes, a stretch of rows at a time.

    ``stepped`` are people who were heads until a moment ago (``_step_down``).
    """
    staged = Staged(file_id)
    if not staged.count(f"SELECT count(*) FROM {{staged}} s WHERE {GOOD} AND s.resident_id IS NOT NULL"):
        return
    for low, high in staged.slices():
        rows = staged.rows(PAIRS, low, high)
        elsewhere = matching.find_elsewhere(row[3] for row in rows if row[2])
        changes = (_compare(row, elsewhere.get(row[3], frozenset()), row[3] in stepped) for row in rows)
        yield [change for change in changes if change.names or change.address or change.elsewhere]


def _compare(row: tuple[Any, ...], elsewhere: frozenset[str], was_head: bool) -> Changed:
    _id, unsaid, kinds, resident_id, version, household_id, old_address, address, *facts = row
    half, silent = len(facts) // 2, frozenset(unsaid.split(";"))
    held, told = _facts(facts[:half]), _facts(facts[half:])
    if was_head:
        held["relation"] = "head"
    names = [
        name
        for name, value in told.items()
        if value != held[name] and value != "" and SILENT.get(name, name) not in silent
    ]
    moves = "household" in names or "division_id" in names
    return Changed(
        resident_id=resident_id,
        version=version,
        household_id=household_id,
        names=tuple(names),
        held=held,
        told={**held, **{name: told[name] for name in names}},
        old_address=old_address,
        address="" if moves or address == old_address else address,
        elsewhere=tuple(kind for kind in kinds.split(";") if kind and kind not in elsewhere),
    )


def _facts(values: Sequence[Any]) -> dict[str, Value]:
    facts = dict(zip(COLUMNS, values, strict=True))
    facts["phone"] = unseal(bytes(facts["phone"])) if facts["phone"] is not None else ""
    return {**facts, "graduating": bool(facts["graduating"]), "on_platform": bool(facts["on_platform"])}


class Applied(NamedTuple):
    """How many people a file has changed, and the households somebody has left."""

    people: int
    left: frozenset[int]


# --- into the books -------------------------------------------------------------------------------------------------


@operation
def apply_changes(file_id: int, *, why: Why) -> Applied:
    """Give known people what good rows say of them, each with a line of history.

    Their new households must be there. Raises Conflict where somebody changes one of them at this moment.
    """
    count, stepped, addressed, left = 0, _step_down(file_id), set[int](), set[int]()
    for changes in find_changes(file_id, stepped):
        count += len(changes)
        left.update(change.household_id for change in changes if {"household", "division_id"} & {*change.names})
        _write_people([change for change in changes if change.names], why)
        _write_addresses([change for change in changes if change.address], addressed, why)
    return Applied(count, frozenset(left))


def _step_down(file_id: int) -> set[int]:
    """Let heads who will not be that stay, step down first: the database allows no second head even for a moment."""
    rows = Staged(file_id).rows(
        f"""
        SELECT r.id FROM {{staged}} s JOIN {{resident}} r ON r.id = s.resident_id
        JOIN {{household}} h ON h.id = r.household_id
        WHERE {GOOD} AND r.relation = 'head'
            AND (s.relation <> 'head' OR h.division_id <> s.division_code OR h.number <> s.household_no)
        ORDER BY r.id
        """
    )
    heads = [resident_id for (resident_id,) in rows]
    for batch in matching.batches(heads):
        Resident.objects.filter(pk__in=batch).update(relation=Relation.OTHER)
    return set(heads)


UPDATE = f"""
    UPDATE {TABLES["resident"]} SET division_id = %s, relation = %s, phone = %s, hukou = %s, basis = %s,
        population = %s, graduating = %s, on_platform = %s, household_id = %s, version = version + 1
    WHERE id = %s AND version = %s
"""


def _write_people(changes: Sequence[Changed], why: Why) -> None:
    homes = _new_homes(changes)
    rows, lines = [], []
    moves: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for change in sorted(changes, key=lambda change: change.resident_id):  # in one order, so that nobody waits in turn
        told = dict(change.told)
        household_id = homes.get((told["division_id"], told.pop("household")), change.household_id)
        phone = seal(str(told.pop("phone"))) if told["phone"] else None
        values = (told["division_id"], told["relation"], phone, told["hukou"], told["basis"], told["population"])
        rows.append(
            (*values, told["graduating"], told["on_platform"], household_id, change.resident_id, change.version)
        )
        lines.append(_line(change, household_id))
        if household_id != change.household_id:
            moves[change.household_id, household_id].append(change.resident_id)
    with connection.cursor() as cursor:
        cursor.executemany(UPDATE, rows)
        if cursor.rowcount != len(rows):
            raise Conflict(
                say(N_("这份文件要更新的人员刚刚被别人修改过，没有导入。")), todo=say(N_("请再确认一次导入。"))
            )
    history.record(lines, why=why)
    history.record_moves(moves, why=why)


def _new_homes(changes: Iterable[Changed]) -> dict[tuple[Value, Value], int]:
    """Return (village, number) → household of those who move."""
    wanted = {
        (c.told["division_id"], c.told["household"]) for c in changes if {"household", "division_id"} & {*c.names}
    }
    codes, numbers = {int(str(code)) for code, _ in wanted}, sorted({str(number) for _, number in wanted})
    found: dict[tuple[Value, Value], int] = {}
    for batch in matching.batches(numbers):
        rows = Household.objects.filter(division_id__in=codes, number__in=batch)
        found.update(((code, number), pk) for code, number, pk in rows.values_list("division_id", "number", "pk"))
    return {home: pk for home, pk in found.items() if home in wanted}


def _line(change: Changed, household_id: int) -> Change:
    """Return the line of history, in the names of ``Resident``'s columns."""
    before = {name: change.held[name] for name in change.names if name != "household"}
    after = {name: change.told[name] for name in change.names if name != "household"}
    if household_id != change.household_id:
        before["household_id"], after["household_id"] = change.household_id, household_id
    return Change(Resident(pk=change.resident_id), before, after)


def _write_addresses(changes: Iterable[Changed], done: set[int], why: Why) -> None:
    """Give households their new address, which the first of their rows tells."""
    lines = []
    for change in changes:
        if change.household_id not in done:
            done.add(change.household_id)
            Household.objects.filter(pk=change.household_id).update(address=change.address)
            home = Household(pk=change.household_id)
            lines.append(Change(home, {"address": change.old_address}, {"address": change.address}))
    history.record(lines, why=why)


@operation
def dissolve_emptied(household_ids: Collection[int], *, why: Why) -> int:
    """Dissolve those of some households in which nobody lives any more, once newcomers are in; return how many."""
    lines = []
    living = Resident.objects.filter(household=OuterRef("pk"), state=ResidentState.PRESENT)
    for batch in matching.batches(sorted(household_ids)):
        homes = Household.objects.filter(~Exists(living), pk__in=batch, state=HouseholdState.PRESENT).order_by("pk")
        for home in homes.select_for_update():
            lines.append(Change(home, {"state": home.state}, {"state": HouseholdState.DISSOLVED.value}))
    for batch in matching.batches([one.subject.pk for one in lines]):
        Household.objects.filter(pk__in=batch).update(state=HouseholdState.DISSOLVED)
    return history.record(lines, why=why)
