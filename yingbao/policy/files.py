"""Whole populations from file to file: CSV or Parquet in, the same out, in batches, memory flat.

The result is written beside its final place and moved there only when complete.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy.decoding import OPTIONAL, REQUIRED, PeopleReader
from yingbao.policy.people import People, Problem
from yingbao.policy.policy import Policy
from yingbao.policy.writing import CsvResults, ParquetResults, Results

CSV_BLOCK_BYTES = 4 << 20
PARQUET_ROWS = 1 << 16
SLOW_ROWS = 1 << 14
_CODES = pa.dictionary(pa.int32(), pa.string())
_TYPES = {name: _CODES for name in (*REQUIRED, *OPTIONAL)} | {"person_id": pa.string(), "birth_date": pa.string()}


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows got which status."""

    rows: int
    by_status: dict[str, int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file: the ids as they stand there, and the facts."""

    person_ids: Any  # pyarrow.StringArray
    people: People


def assess_file(policy: Policy, people: Path, out: Path, *, as_of: date | None = None) -> Summary:
    """Assess every row of ``people`` (.csv or .parquet) into ``out`` (likewise), rows in the same order.

    Rows that make no sense come out ``invalid``. Raises BadInput when the file as a whole cannot be read or lacks
    a column, and leaves ``out`` as it was.
    """
    policy.engine  # noqa: B018  a pack that cannot assess says so before any file is opened
    result_format = _result_format(out)
    try:
        return _assess(policy, _read(people), out, result_format, as_of)
    except _Ragged:
        return _assess(policy, _read_slowly(people), out, result_format, as_of)
    except FileNotFoundError as error:
        raise BadInput(
            say(N_("没有找到文件“{name}”。"), name=people.name),
            todo=say(N_("请检查文件名和所在文件夹。")),
        ) from error
    except (pa.ArrowException, UnicodeDecodeError, csv.Error, OSError) as error:
        raise BadInput(
            say(N_("文件“{name}”读不出来或写不进去"), name=people.name),
            fact=say(N_("原因：{error}"), error=str(error).splitlines()[0] if str(error) else type(error).__name__),
            todo=say(N_("请确认它是 UTF-8 编码的 CSV 或 Parquet 文件")),
        ) from error


class _Ragged(Exception):
    """A CSV row has more or fewer columns than the header: start again with the reader that can tell which."""


def _result_format(out: Path) -> type[Results]:
    formats: dict[str, type[Results]] = {".csv": CsvResults, ".parquet": ParquetResults}
    if out.suffix.lower() not in formats:
        raise _unknown_format(out)
    if not out.parent.is_dir():
        raise BadInput(say(N_("存放结果的文件夹“{name}”不存在"), name=str(out.parent)))
    return formats[out.suffix.lower()]


def _unknown_format(path: Path) -> BadInput:
    return BadInput(say(N_("文件“{name}”应以 .csv 或 .parquet 结尾"), name=path.name))


def _assess(
    policy: Policy, batches: Iterator[Batch], out: Path, result_format: type[Results], as_of: date | None
) -> Summary:
    numbers = np.zeros(0, np.int64)
    with _replacing(out) as stream, closing(result_format(policy, stream)) as results:
        for batch in batches:
            assessment = policy.assess_people(batch.people, as_of=as_of)
            results.write(batch.person_ids, assessment)
            found = np.bincount(assessment.numbers, minlength=len(assessment.outcomes))
            numbers = found + np.pad(numbers, (0, len(found) - len(numbers)))
    return _summarise([o.status for o in policy.engine.book.outcomes], numbers.tolist())


def _summarise(statuses: Sequence[str], counts: Sequence[int]) -> Summary:
    by_status: dict[str, int] = {}
    for status, count in zip(statuses, counts, strict=False):
        if count:
            by_status[status] = by_status.get(status, 0) + count
    return Summary(sum(counts), by_status)


@contextmanager
def _replacing(out: Path) -> Iterator[Any]:
    """Open a file that takes ``out``'s place when the block ends well, and is gone when it does not."""
    with NamedTemporaryFile("wb", dir=out.parent, prefix=f".{out.name}.", delete=False) as stream:
        unfinished = Path(stream.name)
        try:
            yield stream
            stream.flush()
            unfinished.chmod(0o666 & ~_umask())
            unfinished.replace(out)
        finally:
            unfinished.unlink(missing_ok=True)  # it is there no more where it took the place of ``out``


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _read(path: Path) -> Iterator[Batch]:
    if path.suffix.lower() == ".csv":
        return _read_csv(path)
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path)
    raise _unknown_format(path)


def _check_columns(path: Path, names: Sequence[str]) -> list[str]:
    """Return the columns to read. Raises BadInput naming what is missing or stands there twice."""
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise BadInput(
            say(N_("文件“{name}”缺少列：{columns}"), name=path.name, columns=", ".join(missing)),
            fact=say(N_("现有列：{columns}"), columns=", ".join(names)[:200]),
        )
    wanted = [name for name in (*REQUIRED, *OPTIONAL) if name in names]
    if twice := [name for name in wanted if list(names).count(name) > 1]:
        raise BadInput(say(N_("文件“{name}”中有重复的列：{columns}"), name=path.name, columns=", ".join(twice)))
    return wanted


def _read_csv(path: Path) -> Iterator[Batch]:
    ragged: list[int] = []

    def skip_row(row: Any) -> str:
        ragged.append(row.actual_columns)
        return "skip"

    wanted = _check_columns(path, _read_header(path))
    reader = PeopleReader()
    with pacsv.open_csv(
        path,
        read_options=pacsv.ReadOptions(use_threads=False, block_size=CSV_BLOCK_BYTES),
        parse_options=pacsv.ParseOptions(invalid_row_handler=skip_row),
        convert_options=pacsv.ConvertOptions(
            column_types=_TYPES, include_columns=wanted, strings_can_be_null=False, quoted_strings_can_be_null=False
        ),
    ) as blocks:
        for block in blocks:
            if ragged:
                raise _Ragged
            yield _make_batch(block, reader)
    if ragged:
        raise _Ragged


def _read_header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader(stream), [])


def _make_batch(block: Any, reader: PeopleReader) -> Batch:
    columns = dict(zip(block.schema.names, block.columns, strict=True))
    ids = columns.pop("person_id")
    ids = ids if pa.types.is_string(ids.type) else ids.cast(pa.string())
    return Batch(ids.fill_null("") if ids.null_count else ids, reader.decode(columns, block.num_rows))


def _read_parquet(path: Path) -> Iterator[Batch]:
    reader = PeopleReader()
    with pq.ParquetFile(path) as probe:
        wanted = _check_columns(path, probe.schema_arrow.names)
        texts = [name for name in wanted if name != "person_id" and _is_text(probe.schema_arrow.field(name).type)]
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        for block in file.iter_batches(PARQUET_ROWS, columns=wanted, use_threads=False):
            yield _make_batch(block, reader)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _read_slowly(path: Path) -> Iterator[Batch]:
    """Read a CSV whose rows differ in length; those rows come out invalid, with ``input.columns``."""
    reader = PeopleReader()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        header = next(rows)
        wanted = _check_columns(path, header)
        part: list[list[str]] = []
        for row in rows:
            if row:
                part.append(row)
            if len(part) == SLOW_ROWS:
                yield _make_slow_batch(part, header, wanted, reader)
                part = []
        if part:
            yield _make_slow_batch(part, header, wanted, reader)


def _make_slow_batch(
    rows: list[list[str]], header: Sequence[str], wanted: Sequence[str], reader: PeopleReader
) -> Batch:
    ragged = np.array([len(row) != len(header) for row in rows])
    padded = [row + [""] * (len(header) - len(row)) for row in rows]
    columns = {name: pa.array([row[header.index(name)] for row in padded], pa.string()) for name in wanted}
    ids = columns.pop("person_id")
    people = reader.decode(columns, len(rows))
    people.problems[ragged] = np.uint16(Problem.COLUMNS)
    return Batch(ids, people)
