"""One person's facts as somebody typed them or a file holds them: decided exactly as a file is, and explained."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.policy.decoding import OPTIONAL, REQUIRED, PeopleReader
from yingbao.policy.explaining import Node
from yingbao.policy.explaining.facts import show_given
from yingbao.policy.people import Decision, Person
from yingbao.policy.policy import Policy
from yingbao.policy.reading import ID, naming_file, unknown_format

COLUMNS = tuple(name for name in (*REQUIRED, *OPTIONAL) if name != ID)
NO_BIRTH = date.min  # stands for a day of birth that is none; the decision then is ``invalid``
_DAYS = {"birth_date": "birth_on", "paid_on": "paid_on", "term_start": "term_start_on"}
_SETS = ("identities", "addons", "snapshot_identities")
_FLAGS = ("graduating", "enrolled_last_year")
_CHOSEN = ("population", "tier")


@dataclass(frozen=True, slots=True)
class Answered:
    """Facts as far as they could be read, the decision, and how it came about."""

    person: Person
    decision: Decision
    tree: Node


def answer_facts(policy: Policy, facts: Mapping[str, str], as_of: date | None = None) -> Answered:
    """Return decision and explanation for texts by column name, as files of people have them.

    As there, a set that is empty is known to be, and one whose column is not there is not known. A value that makes
    no sense gives a decision ``invalid``; nothing raises.
    """
    names = [name for name in COLUMNS if name in REQUIRED or name in facts]
    columns = {name: pa.array([facts.get(name, "").strip()], pa.string()) for name in names}
    people = PeopleReader(policy.vocabulary, policy.addons).decode(columns, 1)
    (decision,) = policy.assess_people(people, as_of=as_of).decisions()
    person = read_person(facts)
    return Answered(person, decision, show_given(policy.explain_whole(person, decision, as_of), facts))


def read_person(facts: Mapping[str, str]) -> Person:
    """Return the person that texts by column name describe; what cannot be read counts as not given."""
    values: dict[str, Any] = {}
    for name in COLUMNS:
        text = facts.get(name, "").strip()
        if name in _DAYS:
            values[_DAYS[name]] = _read_day(text)
        elif text or name in _CHOSEN or (name in _SETS and name in facts):
            values[name] = _read(name, text)
    values["birth_on"] = values["birth_on"] or NO_BIRTH
    return Person(**values)


def _read(name: str, text: str) -> Any:
    if name == "population":
        return text
    if name in _SETS:
        return frozenset(code.strip() for code in text.split(";") if code.strip())
    if name in _FLAGS:
        folded = text.lower()
        return folded == "true" if folded in ("true", "false") else False if name == "graduating" else None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
    return number or 0 if name == "tier" else number


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2022-12-20") and "W" not in text else None
    except ValueError:
        return None


def find_row(path: Path, person_id: str) -> Mapping[str, str]:
    """Return the facts of one person of a .csv or .parquet file, as texts by column name.

    Raises NotFound where no row has the id, BadInput for a file that cannot be read.
    """
    readers = {".csv": _csv_rows, ".parquet": _parquet_rows}
    if path.suffix.lower() not in readers:
        raise unknown_format(path)
    with naming_file(path):
        found = next(readers[path.suffix.lower()](path, person_id), None)
    if found is None:
        raise NotFound(say(N_("文件“{name}”中没有编号为“{id}”的人员"), name=path.name, id=person_id))
    return found


def _csv_rows(path: Path, person_id: str) -> Iterator[Mapping[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if row.get(ID) == person_id:
                yield {name: row[name] or "" for name in COLUMNS if name in row}


def _parquet_rows(path: Path, person_id: str) -> Iterator[Mapping[str, str]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            held = pc.equal(pc.cast(batch.column(ID), pa.string()), person_id)
            for row in batch.filter(held).to_pylist():
                yield {name: _as_text(row[name]) for name in COLUMNS if name in row}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
