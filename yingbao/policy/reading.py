"""People of a file, CSV or Parquet, batch by batch: only the columns that are asked for are read.

Which rows make no sense is decided by ``decoding``; a file as a whole that cannot be read raises BadInput here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy.decoding import OPTIONAL, REQUIRED, PeopleReader
from yingbao.policy.facts import Problem
from yingbao.policy.people import People

ID = "person_id"
FACTS = tuple(name for name in REQUIRED if name != ID)  # all that a total needs
CSV_BLOCK_BYTES = 4 << 20
PARQUET_ROWS = 1 << 16
PARQUET_BUFFER_BYTES = 1 << 20  # of each column, read piece by piece: a file of one huge row group takes no more
SLOW_ROWS = 1 << 14
_NOT_UTF8 = "invalid UTF8"  # as pyarrow words it
_CODES = pa.dictionary(pa.int32(), pa.string())
_TYPES = {name: _CODES for name in (*REQUIRED, *OPTIONAL)} | {ID: pa.string(), "birth_date": pa.string()}


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file: the ids as they stand there, or None where they were not asked for, and the facts."""

    person_ids: Any  # pyarrow.StringArray
    people: People


class RaggedRow(Exception):
    """A CSV row has more or fewer columns than the header: start again with the reader that can tell which."""


def read_batches(path: Path, reader: PeopleReader, required: Sequence[str] = REQUIRED) -> Iterator[Batch]:
    """Yield the rows of ``path`` in order, with the columns ``required`` and those optional ones that are there.

    Raises BadInput for another kind of file or one that lacks a column, RaggedRow where only `read_slowly` can tell
    the rows apart, and what pyarrow raises where the content cannot be read.
    """
    if path.suffix.lower() == ".csv":
        return _read_csv(path, reader, required)
    if path.suffix.lower() == ".parquet":
        return read_groups(path, reader, required)
    raise unknown_format(path)


def list_columns(path: Path) -> list[str]:
    """Return the names of the columns of a .csv or .parquet file."""
    if path.suffix.lower() != ".parquet":
        return _read_header(path)
    with pq.ParquetFile(path) as file:
        return list(file.schema_arrow.names)


def unknown_format(path: Path) -> BadInput:
    """Return the error for a file that is neither CSV nor Parquet."""
    return BadInput(say(N_("文件“{name}”应以 .csv 或 .parquet 结尾"), name=path.name))


@contextmanager
def naming_file(path: Path) -> Iterator[None]:
    """Turn what reading or writing raises into BadInput that names ``path``, the people's file."""
    try:
        yield
    except FileNotFoundError as error:
        raise BadInput(
            say(N_("没有找到文件“{name}”。"), name=path.name),
            todo=say(N_("请检查文件名和所在文件夹。")),
        ) from error
    except (pa.ArrowException, UnicodeDecodeError, csv.Error, OSError) as error:
        if isinstance(error, UnicodeDecodeError) or _NOT_UTF8 in str(error):
            raise _refuse_encoding(path) from error
        raise BadInput(
            say(N_("文件“{name}”读不出来或写不进去"), name=path.name),
            fact=say(N_("原因：{error}"), error=str(error).splitlines()[0] if str(error) else type(error).__name__),
            todo=say(N_("请确认它是 UTF-8 编码的 CSV 或 Parquet 文件")),
        ) from error


def _refuse_encoding(path: Path) -> BadInput:
    return BadInput(
        say(N_("文件“{name}”不是 UTF-8 编码"), name=path.name),
        fact=say(N_("多半是 GBK（GB18030）编码，中文读不出来")),
        todo=say(N_("请在 Excel 中打开，“另存为”→“CSV UTF-8（逗号分隔）”，再用存出的文件。")),
    )


def _check_columns(path: Path, names: Sequence[str], required: Sequence[str]) -> list[str]:
    """Return the columns to read. Raises BadInput naming what is missing or stands there twice."""
    missing = [name for name in required if name not in names]
    if missing:
        raise BadInput(
            say(N_("文件“{name}”缺少列：{columns}"), name=path.name, columns=", ".join(missing)),
            fact=say(N_("现有列：{columns}"), columns=", ".join(names)[:200]),
        )
    wanted = [name for name in (*required, *OPTIONAL) if name in names]
    if twice := [name for name in wanted if list(names).count(name) > 1]:
        raise BadInput(say(N_("文件“{name}”中有重复的列：{columns}"), name=path.name, columns=", ".join(twice)))
    return wanted


def _make_batch(block: Any, reader: PeopleReader) -> Batch:
    columns = dict(zip(block.schema.names, block.columns, strict=True))
    ids = columns.pop(ID, None)
    return Batch(None if ids is None else _as_texts(ids), reader.decode(columns, block.num_rows))


def _as_texts(ids: Any) -> Any:
    ids = ids if pa.types.is_string(ids.type) else ids.cast(pa.string())
    return ids.fill_null("") if ids.null_count else ids


# ---------------------------------------------------------------- Parquet


def read_groups(
    path: Path, reader: PeopleReader, required: Sequence[str] = REQUIRED, groups: Sequence[int] | None = None
) -> Iterator[Batch]:
    """Yield the rows of a Parquet file, or of the row ``groups`` named, as `read_batches` does."""
    with pq.ParquetFile(path) as probe:
        wanted = _check_columns(path, probe.schema_arrow.names, required)
        texts = [name for name in wanted if name != ID and _is_text(probe.schema_arrow.field(name).type)]
    # pre_buffer, pyarrow's default, keeps every row group it has read until the end: memory would grow with the file.
    with pq.ParquetFile(path, read_dictionary=texts, buffer_size=PARQUET_BUFFER_BYTES, pre_buffer=False) as file:
        for block in file.iter_batches(PARQUET_ROWS, columns=wanted, row_groups=groups, use_threads=False):
            yield _make_batch(block, reader)


def count_groups(path: Path) -> int:
    """Return the number of row groups of a Parquet file."""
    with pq.ParquetFile(path) as file:
        return int(file.num_row_groups)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


# ---------------------------------------------------------------- CSV


def _read_csv(path: Path, reader: PeopleReader, required: Sequence[str]) -> Iterator[Batch]:
    ragged: list[int] = []

    def skip_row(row: Any) -> str:
        ragged.append(row.actual_columns)
        return "skip"

    wanted = _check_columns(path, _read_header(path), required)
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
                raise RaggedRow
            yield _make_batch(block, reader)
    if ragged:
        raise RaggedRow


def _read_header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader(stream), [])


def read_slowly(path: Path, reader: PeopleReader, required: Sequence[str] = REQUIRED) -> Iterator[Batch]:
    """Read a CSV whose rows differ in length; those rows come out invalid, with ``input.columns``."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        header = next(rows)
        wanted = _check_columns(path, header, required)
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
    ids = columns.pop(ID, None)
    people = reader.decode(columns, len(rows))
    people.problems[ragged] = np.uint16(Problem.COLUMNS)
    return Batch(ids, people)
