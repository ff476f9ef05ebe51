"""A register file against the register: who is new, who is there already, who differs, and whose household holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from yingbao.divisions.codes import Scope
from yingbao.kernel.messages import N_, say
from yingbao.registry import matching
from yingbao.registry.kinds import ElsewhereKind, Relation
from yingbao.registry.matching import Held, Home
from yingbao.registry.register_rows import Person, Reading

# The column that is to blame for each fact a row and the register may differ in.
COMPARED = {
    "division_code": "village",
    "household_no": "household_no",
    "address": "address",
    "relation": "relation",
    "name": "name",
    "certificate_kind": "cert_form",
    "birth_on": "birth_on",
    "sex": "sex",
    "phone": "phone",
    "hukou": "hukou",
    "basis": "population",
    "population": "population",
    "graduating": "graduation_year",
    "on_platform": "on_platform",
}
ELSEWHERE_COLUMNS = {
    ElsewhereKind.EMPLOYEE: "employee_insured",
    ElsewhereKind.OTHER_PLACE: "elsewhere_insured",
    ElsewhereKind.ARMY: "note",
    ElsewhereKind.PRISON: "note",
}


@dataclass(frozen=True, slots=True)
class Matched:
    """What an import would do: ``newcomers`` come in, ``already`` rows say what the register says."""

    newcomers: list[Person]
    already: int
    homes: Mapping[tuple[int, str], Home]


def match(reading: Reading, scope: Scope) -> Matched:
    """Compare a file with the register and add what is wrong to ``reading``."""
    known = _compare(reading, scope)
    homes = matching.find_homes({person.division_code for person in reading.people if person.division_code})
    _check_households(reading, homes, known)
    newcomers = [person for person in reading.good() if person.row not in known]
    return Matched(newcomers, len(known - reading.bad_rows), homes)


def _compare(reading: Reading, scope: Scope) -> set[int]:
    """Return the rows whose number the register holds; those that do not agree with it are kept out."""
    held = matching.find_people(person.blind for person in reading.people if person.blind)
    elsewhere = matching.find_elsewhere(person.resident_id for person in held.values())
    known = set()
    for person in reading.people:
        found = held.get(person.blind)
        if found is None:
            continue
        known.add(person.row)
        if person.row in reading.bad_rows:
            continue
        if found.division_code not in scope:
            reading.fail(person, "cert_number", say(N_("该证件号码已在您管理范围以外登记，请与区医保局核对")))
            continue
        for key in _differences(person, found, elsewhere.get(found.resident_id, frozenset())):
            reading.fail(person, key, say(N_("与台账现有内容不同；更改请在人员页面办理")))
    return known


def _differences(person: Person, held: Held, elsewhere: frozenset[str]) -> dict[str, None]:
    keys = {key: None for fact, key in COMPARED.items() if getattr(person, fact) != getattr(held, fact)}
    for kind in elsewhere.symmetric_difference(person.elsewhere):
        keys[ELSEWHERE_COLUMNS[ElsewhereKind(kind)]] = None
    return keys


def _check_households(reading: Reading, homes: Mapping[tuple[int, str], Home], known: set[int]) -> None:
    members: defaultdict[tuple[int, str], list[Person]] = defaultdict(list)
    for person in reading.people:
        if person.division_code and person.household_no and person.row not in known:
            members[person.home].append(person)
    for home, people in members.items():
        heads = [person for person in people if person.relation == Relation.HEAD]
        if home in homes and homes[home].has_head:
            _refuse_all(reading, heads, N_("台账中这一户已有户主"))
        elif not heads:
            _refuse_all(reading, people, N_("这一户没有户主，整户暂不导入"))
        else:
            _check_head(reading, people, heads)


def _check_head(reading: Reading, people: Iterable[Person], heads: list[Person]) -> None:
    head, *others = heads
    for other in others:
        reading.fail(other, "relation", say(N_("这一户的户主已在第 {row} 行"), row=head.row))
    if head.row in reading.bad_rows:
        reason = say(N_("户主所在的第 {row} 行有问题，整户暂不导入"), row=head.row)
        for person in people:
            if person.row not in reading.bad_rows:
                reading.fail(person, "household_no", reason)


def _refuse_all(reading: Reading, people: Iterable[Person], reason: str) -> None:
    for person in people:
        reading.fail(person, "relation", say(reason))
