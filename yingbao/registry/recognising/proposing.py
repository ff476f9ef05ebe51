"""Rows of a list that name nobody of the register exactly: remembered answers, candidates with reasons, questions."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from yingbao.accounts import queries as accounts
from yingbao.divisions.codes import SIZES, Scope
from yingbao.divisions.kinds import Level
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.periods import DAY
from yingbao.registry import problems
from yingbao.registry.cells import tidy_name
from yingbao.registry.kinds import ResidentState
from yingbao.registry.models import ImportedFile, MatchMemory, MatchQuestion, Resident
from yingbao.registry.places import Places, tidy
from yingbao.registry.recognising import likeness, matching
from yingbao.registry.recognising.matching import batches
from yingbao.storage.bulk import insert_rows
from yingbao.storage.encrypted import blind_index
from yingbao.storage.transactions import operation
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

MOST = 5  # candidates of a row: whoever is less likely is found on the residents' page
DECIDE_WITHIN = 7 * DAY
# How much each reason says. What they say together decides the order, and nothing else.
SAME_NUMBER, SLIP, SAME_NAME, NEAR_NAME, SAME_VILLAGE, SAME_TOWN, SAME_BIRTH = 50, 40, 30, 20, 20, 8, 12


class Written(NamedTuple):
    """Whom a row names, as the file has it: ``number`` and ``name`` as read, whether right or not."""

    row: int
    number: str
    name: str
    town: str = ""
    village: str = ""

    @property
    def key(self) -> bytes:
        """What an answer is remembered by."""
        return blind_index(self.text)

    @property
    def text(self) -> str:
        """What ``key`` is the blind index of: needed again when the index key changes."""
        return f"{tidy(self.number).upper()}|{tidy(self.name)}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the register a row may mean, and why."""

    resident_id: int
    reasons: tuple[Message, ...]


class _Person(NamedTuple):
    pk: int
    name: str
    division_code: int
    birth_on: date
    is_former: bool = False  # found by a number they had before


@dataclass(frozen=True, slots=True)
class _Row:
    """A written row with all it says of whom it means. ``village`` and ``town`` are codes, None where unknown."""

    written: Written
    name: str
    born: str
    village: int | None
    town: int | None
    slips: Mapping[str, Message] = field(repr=False)  # number one slip away → which slip
    numbers: Mapping[bytes, Message] = field(repr=False)  # the same by blind index, with the number itself


def recall(written: Iterable[Written]) -> dict[int, int | None]:
    """Return row → the resident somebody has said it means, None for nobody of ours; rows never asked are absent."""
    rows: defaultdict[bytes, list[int]] = defaultdict(list)
    for one in written:
        rows[one.key].append(one.row)
    found: dict[int, int | None] = {}
    for batch in batches(sorted(rows)):
        for key, resident_id in MatchMemory.objects.filter(key__in=batch).values_list("key", "resident_id"):
            found.update(dict.fromkeys(rows[bytes(key)], resident_id))
    return found


def propose(written: Sequence[Written], *, scope: Scope) -> dict[int, list[Candidate]]:
    """Return row → who of the scope it may mean, likeliest first; a row that is like nobody has an empty list.

    Numbers are sealed, so those one slip away from a written one are all looked up by their blind indexes; who has
    the written name is compared by number, birth and place. The statements grow with batches of 900, not with rows.
    """
    if not written:
        return {}
    rows = _rows(written, scope)
    by_number, by_name = _by_number(rows, scope), _by_name(rows, scope)
    numbers = _numbers(rows, by_name)
    return {row.written.row: _candidates(row, by_number, _near(row, by_name), numbers) for row in rows}


@operation
def ask(file: ImportedFile, written: Sequence[Written], found: Mapping[int, Sequence[Candidate]]) -> int:
    """Keep a question for each row that names nobody exactly; return how many.

    A row that was asked before in this file, or whose number and name somebody has decided on, is not asked again.
    The file's division gets one work item, due in seven days of the upload.
    """
    asked = set(MatchQuestion.objects.filter(file=file).values_list("row", flat=True)) | set(recall(written))
    new = [one for one in written if one.row not in asked]
    columns = ("file", "row", "key", "written", "candidates")
    count = insert_rows(MatchQuestion, columns, (_question(file, one, found.get(one.row, ())) for one in new))
    if count:
        _open_item(file)
    return count


def _question(file: ImportedFile, one: Written, candidates: Sequence[Candidate]) -> Sequence[object]:
    said = {"name": one.name, "number": one.number, "town": one.town, "village": one.village}
    kept = [
        {"resident": candidate.resident_id, "reasons": [problems.reason_to_json(why) for why in candidate.reasons]}
        for candidate in candidates
    ]
    return file.pk, one.row, one.key, json.dumps(said, ensure_ascii=False), kept


def _open_item(file: ImportedFile) -> None:
    owner = accounts.owner_for(file.division_id)
    if owner is None:
        return
    on = timezone.localdate(file.uploaded_at)
    item = Finding(Kind.MATCH_TO_DECIDE, file.division_id, owner.pk, ("file", file.pk), on + DECIDE_WITHIN)
    worklist.open_items([item], on=on)


# --- what a row says ------------------------------------------------------------------------------------------------


def _rows(written: Iterable[Written], scope: Scope) -> list[_Row]:
    villages, towns = Places(scope), Places(scope, Level.TOWN)
    return [_row(one, villages, towns) for one in written]


def _row(one: Written, villages: Places, towns: Places) -> _Row:
    village, town = villages.find(one.village, one.town), towns.find(one.town)
    known = village if isinstance(village, int) else None
    around = known - known % SIZES["town"] if known is not None else town
    slips = likeness.slips(one.number)
    numbers = {blind_index(number): reason for number, reason in slips.items()}
    numbers[blind_index(likeness.canonical(one.number))] = say(likeness.SAME)
    born = likeness.birth_written(one.number)
    return _Row(one, tidy_name(one.name), born, known, around if isinstance(around, int) else None, slips, numbers)


# --- who it may be --------------------------------------------------------------------------------------------------


def _by_number(rows: Iterable[_Row], scope: Scope) -> dict[bytes, _Person]:
    held = matching.find_people({index for row in rows for index in row.numbers})
    return {
        index: _Person(one.resident_id, one.name, one.division_code, one.birth_on, one.is_former)
        for index, one in held.items()
        if one.division_code in scope
    }


Namesakes = Mapping[tuple[str, object], Sequence[_Person]]


def _by_name(rows: Iterable[_Row], scope: Scope) -> Namesakes:
    """Return (name, village or part of a birth) → who of the scope it is, without their numbers.

    A common name has hundreds of holders; a row is held only against those it may mean.
    """
    found: defaultdict[tuple[str, object], list[_Person]] = defaultdict(list)
    within = Resident.objects.filter(division_id__gte=scope.low, division_id__lt=scope.high)
    for batch in batches(sorted({row.name for row in rows if row.name})):
        people = within.filter(name__in=batch).exclude(state=ResidentState.MERGED).order_by("pk")
        for values in people.values_list("pk", "name", "division_id", "birth_on"):
            person = _Person(*values)
            for part in (person.division_code, *_parts(f"{person.birth_on:%Y%m%d}")):
                found[person.name, part].append(person)
    return found


def _parts(born: str) -> tuple[str, ...]:
    """Return what of a birthday one slip leaves as it was: the year, month and day, or all but where they meet."""
    return (f"{born[:4]}....", f"....{born[4:]}", f"{born[:3]}..{born[5:]}") if born else ()


def _near(row: _Row, by_name: Namesakes) -> list[_Person]:
    """Return the namesakes of a row's village or of nearly its birth, each once, by id."""
    parts: tuple[object, ...] = (row.village, *_parts(row.born))
    found = {person.pk: person for part in parts for person in by_name.get((row.name, part), ())}
    return [found[pk] for pk in sorted(found)]


def _numbers(rows: Iterable[_Row], by_name: Namesakes) -> dict[int, str]:
    """Return resident id → number of those whose name and birth or village agree with a row."""
    near = {person.pk for row in rows for person in _near(row, by_name) if _is_near(row, person)}
    numbers: dict[int, str] = {}
    for batch in batches(sorted(near)):
        held = Resident.objects.filter(pk__in=batch).values_list("pk", "certificate_number")
        numbers.update((pk, str(number)) for pk, number in held)
    return numbers


def _is_near(row: _Row, person: _Person) -> bool:
    return person.division_code == row.village or likeness.is_birth_like(row.born, person.birth_on)


def _candidates(
    row: _Row, by_number: Mapping[bytes, _Person], namesakes: Iterable[_Person], numbers: Mapping[int, str]
) -> list[Candidate]:
    found: dict[int, tuple[int, Candidate]] = {}
    for person, said in _possible(row, by_number, namesakes, numbers):
        if person.pk not in found:
            weighed = list(_weigh(row, person, said))
            reasons = tuple(reason for _, reason in weighed)
            found[person.pk] = (sum(weight for weight, _ in weighed), Candidate(person.pk, reasons))
    ordered = sorted(found.values(), key=lambda pair: (-pair[0], pair[1].resident_id))
    return [candidate for _, candidate in ordered[:MOST]]


def _possible(
    row: _Row, by_number: Mapping[bytes, _Person], namesakes: Iterable[_Person], numbers: Mapping[int, str]
) -> Iterator[tuple[_Person, Message | None]]:
    """Yield who may be meant, with what the numbers have to do with each other."""
    for index, said in row.numbers.items():
        person = by_number.get(index)
        if person and (_is_same(said) or person.name == row.name or likeness.is_name_near(person.name, row.name)):
            yield person, said
    for person in namesakes:
        if person.pk not in numbers:
            continue
        said_of = likeness.likeness(row.written.number, numbers[person.pk], near=row.slips)
        if said_of or person.division_code == row.village or _is_of_town(row, person):
            yield person, said_of


def _is_of_town(row: _Row, person: _Person) -> bool:
    return row.town == person.division_code - person.division_code % SIZES["town"] and _is_near(row, person)


def _is_same(said: Message | None) -> bool:
    return said is not None and said.template == likeness.SAME


def _weigh(row: _Row, person: _Person, said: Message | None) -> Iterator[tuple[int, Message]]:
    """Yield each reason with what it says, the number's first."""
    if person.name == row.name:
        if said:
            yield SAME_NUMBER if _is_same(said) else SLIP, say(N_("曾用证件")) if person.is_former else said
        yield from _weigh_place(row, person)
    elif _is_same(said) and likeness.is_name_near(person.name, row.name):
        yield SAME_NUMBER + NEAR_NAME, say(N_("姓名差一个字且号码相同"))
    elif _is_same(said):
        yield SAME_NUMBER, say(N_("号码相同，姓名不同"))
    elif said:
        yield SLIP, said
        yield NEAR_NAME, say(N_("姓名差一个字"))
    if person.name != row.name and person.division_code == row.village:
        yield SAME_VILLAGE, say(N_("同村"))


def _weigh_place(row: _Row, person: _Person) -> Iterator[tuple[int, Message]]:
    if person.division_code == row.village:
        yield SAME_NAME + SAME_VILLAGE, say(N_("同村同名"))
    elif row.town == person.division_code - person.division_code % SIZES["town"]:
        yield SAME_NAME + SAME_TOWN, say(N_("同镇同名"))
    else:
        yield SAME_NAME, say(N_("姓名相同"))
    if row.born == f"{person.birth_on:%Y%m%d}":
        yield SAME_BIRTH, say(N_("出生日期相同"))
