"""Invented people as Parquet files; reading and writing them with nothing but pyarrow, the limit to compare with."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.policy.population import make_realistic
from yingbao.policy import People, get_vocabulary
from yingbao.policy.decoding import OPTIONAL
from yingbao.policy.people import NO_DAY
from yingbao.policy.reading import FACTS, ID, PARQUET_BUFFER_BYTES
from yingbao.policy.writing import GROUP_ROWS

READ_ROWS = 1 << 16
TEXTS = ("birth_date", "population", "tier", "identities", "paid_on", "graduating", "term_start")


def write_people(folder: Path, *, files: int, rows: int, texts: bool = False) -> list[Path]:
    """Write ``files`` files of ``rows`` people each, days as dates and flags as booleans, or all as ``texts``."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"part-{number:04d}.parquet" for number in range(files)]
    for number, path in enumerate(paths):
        table = make_table(make_realistic(rows, number), first=number * rows)
        pq.write_table(as_texts(table) if texts else table, path, compression="zstd", row_group_size=GROUP_ROWS)
    return paths


def make_table(people: People, first: int = 0) -> Any:
    """Return people as the typed columns of the fixed interface; ids count from ``first``."""
    codes, populations = list(get_vocabulary().identities), list(get_vocabulary().populations)
    masks, places = np.unique(people.mask, return_inverse=True)
    words = [";".join(code for bit, code in enumerate(codes) if mask >> bit & 1) for mask in masks.tolist()]
    places = np.where(people.problems & 8, len(words), places)  # what was nonsense stays so
    numbers = np.arange(first, first + len(people))
    return pa.table(
        {
            ID: pa.array(np.char.add("P", np.char.zfill(numbers.astype("U9"), 9))),
            "birth_date": _days(people.birth),
            "population": pa.DictionaryArray.from_arrays(people.population.astype(np.int32), populations),
            "tier": pa.array(people.tier.astype(np.int8)),
            "identities": pa.DictionaryArray.from_arrays(places.astype(np.int32), [*words, "no such code"]),
            "paid_on": _days(people.paid),
            "graduating": pa.array(people.graduating),
            "term_start": _days(people.term_start),
        }
    )


def _days(days: Any) -> Any:
    return pa.array(days, mask=days == NO_DAY).cast(pa.date32())


def as_texts(table: Any) -> Any:
    """Return the same people as a CSV would have them: every column text, empty where nothing is known."""
    columns = {name: table[name].cast(pa.string()).fill_null("") for name in table.column_names}
    return pa.table(columns)


def read_alone(path: Path, *, ids: bool = False) -> int:
    """Read the columns an assessment needs, words as dictionaries, batch by batch in one thread; return the rows."""
    with pq.ParquetFile(path) as probe:
        kinds = {field.name: field.type for field in probe.schema_arrow}
    wanted = [name for name in (*([ID] if ids else []), *FACTS, *OPTIONAL) if name in kinds]
    words = [name for name in wanted if name != ID and pa.types.is_string(kinds[name])]
    options = {"read_dictionary": words, "buffer_size": PARQUET_BUFFER_BYTES, "pre_buffer": False}
    with pq.ParquetFile(path, **options) as file:
        return sum(batch.num_rows for batch in file.iter_batches(READ_ROWS, columns=wanted, use_threads=False))


def write_alone(answers: Any, out: Path) -> None:
    """Write finished answers as ``assess`` does: same types, compression and row groups."""
    words = [name for name in answers.column_names if name != ID]
    with pq.ParquetWriter(
        out, answers.schema, compression="zstd", use_dictionary=words, write_statistics=False
    ) as writer:
        for batch in answers.to_batches(GROUP_ROWS):
            writer.write_batch(batch, GROUP_ROWS)


def copy_alone(path: Path, out: Path) -> None:
    """Read a file and write it again, as pyarrow does by itself but for zstd."""
    with pq.ParquetFile(path) as file, pq.ParquetWriter(out, file.schema_arrow, compression="zstd") as writer:
        for batch in file.iter_batches(GROUP_ROWS, use_threads=False):
            writer.write_batch(batch, GROUP_ROWS)


def in_threads(work: Callable[[Path], object], paths: Sequence[Path], threads: int) -> None:
    """Do ``work`` for every path in some threads."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, paths))


def alternate(
    works: dict[str, Callable[[], object]], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Return the least each took, in seconds of ``clock``; they take turns, so that a busy moment hits all alike."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(repeats):
        for name, work in works.items():
            begin = clock()
            work()
            best[name] = min(best[name], clock() - begin)
    return best
