"""Two policies compared over a file of people: totals, and every changed person with both answers and both reasons."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy.decoding import PeopleReader
from yingbao.policy.engine import Assessment
from yingbao.policy.people import NO_DAY, to_date
from yingbao.policy.people_diff import AMOUNTS, Compared, Comparer, Comparison, Side, changes_of
from yingbao.policy.reading import Batch, RaggedRow, naming_file, read_batches

ANSWER = (
    *("status", "rate_fen", "subsidy_fen", "subsidy_identity", "department", "payable_fen", "fiscal_subsidy_fen"),
    *("covered_from", "covered_to", "reasons"),
)
COLUMNS = ("person_id", "changes", *(f"{side}_{name}" for side in ("before", "after") for name in ANSWER))


class Sink(ABC):
    """Takes the changed people of a file, batch by batch, columns as ``COLUMNS`` and further amounts after them."""

    @abstractmethod
    def write(self, rows: Any) -> None:
        """Take a pyarrow.RecordBatch."""


def compare_file(comparer: Comparer, people: Path, sink: Sink | None = None) -> Comparison:
    """Compare the answers for every row of ``people`` (.csv or .parquet); changed rows go to ``sink`` in order.

    Raises BadInput when the file as a whole cannot be read or lacks a column, and for a CSV whose rows differ in
    length: such a file is to be assessed first, which names the rows.
    """
    with naming_file(people):
        try:
            return _compare(comparer, people, sink)
        except RaggedRow as error:
            raise BadInput(
                say(N_("文件“{name}”各行的列数不同，不能逐人比较"), name=people.name),
                todo=say(N_("请先用 yingbao assess 测算，按 input.columns 找出这些行并改正。")),
            ) from error


@contextmanager
def writing_changes(comparer: Comparer, out: Path) -> Iterator[Sink]:
    """Give a sink that writes to ``out``, .csv or .parquet; the file is there only when the block ends well."""
    kinds: dict[str, type[_FileSink]] = {".csv": _CsvSink, ".parquet": _ParquetSink}
    kind = kinds.get(out.suffix.lower())
    if kind is None:
        raise BadInput(say(N_("文件“{name}”应以 .csv、.parquet 或 .xlsx 结尾"), name=out.name))
    if not out.parent.is_dir():
        raise BadInput(say(N_("存放结果的文件夹“{name}”不存在"), name=str(out.parent)))
    unfinished = out.with_name(f".{out.name}.{uuid4().hex}")
    try:
        with kind(unfinished, make_schema(comparer)) as sink:
            yield sink
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)


def make_schema(comparer: Comparer) -> Any:
    """Return the columns of changed people: fen as integers, days as dates, words as text."""
    names = [*COLUMNS, *(f"{side}_{name}" for side, name in _list_extras(comparer))]
    return pa.schema([(name, _type_of(name)) for name in names])


def _type_of(name: str) -> Any:
    if name.endswith("_fen"):
        return pa.int64()
    return pa.date32() if name.endswith(("covered_from", "covered_to")) else pa.string()


def _list_extras(comparer: Comparer) -> list[tuple[str, str]]:
    sides = zip(("before", "after"), comparer.policies, strict=True)
    return [(side, name) for side, policy in sides for name in policy.extra_columns]


def _compare(comparer: Comparer, path: Path, sink: Sink | None) -> Comparison:
    schema = make_schema(comparer)
    before, after = comparer.policies
    batches = read_batches(path, PeopleReader(before.vocabulary, before.addons))
    pairs: Iterable[tuple[Batch, Batch | None]] = ((batch, None) for batch in batches)
    if not comparer.same_words:
        pairs = zip(batches, read_batches(path, PeopleReader(after.vocabulary, after.addons)), strict=True)
    for batch, other in pairs:
        found = comparer.add(batch.people, None if other is None else other.people)
        if sink is not None and len(found.changed):
            sink.write(_make_rows(comparer, batch, found, schema))
    return comparer.comparison()


def _make_rows(comparer: Comparer, batch: Batch, found: Compared, schema: Any) -> Any:
    sides = comparer.sides()
    texts = pa.array([";".join(changes_of(*sides, pair)) for pair in found.pairs], pa.string())
    columns = {
        "person_id": batch.person_ids.take(pa.array(found.changed)),
        "changes": texts.take(pa.array(found.numbers)),
    }
    for name, side, assessment in (("before", sides[0], found.before), ("after", sides[1], found.after)):
        columns |= {f"{name}_{key}": column for key, column in _answers(side, assessment, found.changed).items()}
    made = [columns[field.name] if field.name in columns else _empty(found, field.type) for field in schema]
    return pa.RecordBatch.from_arrays([c.cast(f.type) for c, f in zip(made, schema, strict=True)], schema=schema)


def _empty(found: Compared, kind: Any) -> Any:
    return pa.nulls(len(found.changed), kind)


def _answers(side: Side, assessment: Assessment, rows: Any) -> dict[str, Any]:
    """Return the answers of some rows as Arrow columns by name; each distinct outcome is turned into words once."""
    distinct, places = np.unique(assessment.numbers[rows], return_inverse=True)
    numbers, at = distinct.tolist(), pa.array(places)
    outcomes = [side.outcomes[number] for number in numbers]
    tables: dict[str, list[Any]] = {name: [getattr(one, name) for one in outcomes] for name in AMOUNTS}
    tables["status"] = [one.status for one in outcomes]
    tables["subsidy_identity"] = [one.subsidy_identity for one in outcomes]
    tables["department"] = [side.departments[number] for number in numbers]
    tables["reasons"] = [";".join(one.reasons) for one in outcomes]
    tables["covered_to"] = [to_date(one.ends) for one in outcomes]
    for place, name in enumerate(side.extra_names):
        tables[name] = [one.extras[place] if place < len(one.extras) else None for one in outcomes]
    columns = {name: pa.array(values, _type_of(name)).take(at) for name, values in tables.items()}
    begins = assessment.begins[rows]
    columns["covered_from"] = pa.array(begins, pa.int32(), mask=begins == NO_DAY).cast(pa.date32())
    if assessment.balances is not None:
        fen = assessment.account_fen()[rows]
        columns["account_fen"] = pa.array(fen, pa.int64(), mask=fen < 0)
    return columns


class _FileSink(Sink):
    def __init__(self, path: Path, schema: Any) -> None:
        self._writer = self._open(path, schema)

    @abstractmethod
    def _open(self, path: Path, schema: Any) -> Any: ...

    def write(self, rows: Any) -> None:
        self._writer.write_batch(rows)

    def __enter__(self) -> _FileSink:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()


class _CsvSink(_FileSink):
    def _open(self, path: Path, schema: Any) -> Any:
        options = pacsv.WriteOptions(include_header=True, quoting_style="needed")
        return pacsv.CSVWriter(path, schema, write_options=options)


class _ParquetSink(_FileSink):
    def _open(self, path: Path, schema: Any) -> Any:
        return pq.ParquetWriter(path, schema, compression="zstd")


def list_rows(rows: Any) -> Iterator[tuple[str | int | date | None, ...]]:
    """Yield the rows of a batch as values, for writers that take them one by one."""
    return zip(*(column.to_pylist() for column in rows.columns), strict=True)
