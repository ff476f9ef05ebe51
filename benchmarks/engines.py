"""Engines for many machines: Parquet to totals on each that is installed, beside threads here and reading alone.

Run with ``python -m benchmarks.engines [--files N] [--rows N] [ENGINE …]``. Each is handed the same files and the same
function, `yingbao.policy.files.do`, on as many workers as there are cores; equal totals are checked first. Dask comes
with yingbao's extra ``cluster``. For the others, put yingbao beside them: ``uv run --with ray python -m
benchmarks.engines`` (``pyspark`` needs Java 17; ``daft`` an older pyarrow). docs/adr/0012 holds what was measured.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks._people_files import in_threads, read_alone, write_people
from yingbao.cluster.engines import open_engine
from yingbao.policy import get_policy
from yingbao.policy.files import Mapper, Work, count_cores, do, total_files
from yingbao.policy.totals import Totals

PACK = "liangping-2023"
REPEATS = 3
Do = Callable[[Work], Totals]


def main(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[ENGINE]…", help="default: all that are installed")
    ] = None,
    files: Annotated[int, typer.Option(help="files of people")] = 16,
    rows: Annotated[int, typer.Option(help="people in each")] = 1_000_000,
) -> None:
    """Measure and print."""
    policy, cores = get_policy(PACK), count_cores()
    with tempfile.TemporaryDirectory() as folder:
        paths = write_people(Path(folder) / "people", files=files, rows=rows)
        expected = do(Work(policy.pack, paths[0], None, None)).rows * files
        reading = files * rows / _best(lambda: in_threads(read_alone, paths, cores)) / 1e6
        print(f"{PACK}, {files} files of {rows:,} people, {cores} cores; reading alone {reading:.1f} million/s")
        found, here = None, 0.0
        for name in names or [name for name in ENGINES if find_spec(NEEDS[name])]:
            begin = time.perf_counter()
            with ENGINES[name](cores) as mapper:
                started = time.perf_counter() - begin
                totals, first = _time(lambda mapper=mapper: total_files(policy, paths, as_of=None, mapper=mapper))  # type: ignore[misc]
                found = found or totals
                if totals != found or totals.rows != expected:
                    raise SystemExit(f"{name}: not equal")
                best = _best(lambda mapper=mapper: total_files(policy, paths, as_of=None, mapper=mapper))  # type: ignore[misc]
            speed = files * rows / best / 1e6
            here = here or speed
            print(
                f"{name:<8}{speed:7.1f} million/s   {speed / here:.0%} of threads   {speed / reading:.0%} of reading   "
                f"first run {files * rows / first / 1e6:.1f}, start {started:.1f} s",
                flush=True,
            )


def _time(work: Callable[[], Totals]) -> tuple[Totals, float]:
    begin = time.perf_counter()
    return work(), time.perf_counter() - begin


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


@contextmanager
def _open_threads(cores: int) -> Iterator[Mapper]:
    with open_engine("local", workers=cores) as mapper:
        yield mapper


@contextmanager
def _open_dask(cores: int) -> Iterator[Mapper]:
    with open_engine("dask", workers=cores) as mapper:
        yield mapper


@contextmanager
def _open_ray(cores: int) -> Iterator[Mapper]:
    ray = import_module("ray")
    ray.init(num_cpus=cores, include_dashboard=False, log_to_driver=False, logging_level="ERROR")

    def run(do: Do, works: Sequence[Work]) -> Iterable[Totals]:
        there = ray.remote(do)
        answers: list[Totals] = ray.get([there.remote(work) for work in works])
        return answers

    try:
        yield run
    finally:
        ray.shutdown()


@contextmanager
def _open_spark(cores: int) -> Iterator[Mapper]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)  # what this process imports, the workers must find
    builder = import_module("pyspark.sql").SparkSession.builder.master(f"local[{cores},4]")
    quiet = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    spark = builder.config(map=quiet).getOrCreate()

    def run(do: Do, works: Sequence[Work]) -> Iterable[Totals]:
        answers: list[Totals] = spark.sparkContext.parallelize(works, len(works)).map(do).collect()
        return answers

    try:
        yield run
    finally:
        spark.stop()


@contextmanager
def _open_daft(cores: int) -> Iterator[Mapper]:
    daft = import_module("daft")

    def run(do: Do, works: Sequence[Work]) -> Iterable[Totals]:
        @daft.func(return_dtype=daft.DataType.binary())  # type: ignore[untyped-decorator]
        def there(place: int) -> bytes:
            packed: bytes = pickle.dumps(do(works[place]))
            return packed

        frame = daft.from_pydict({"place": list(range(len(works)))})
        answers = frame.select(there(daft.col("place")).alias("totals")).to_pydict()["totals"]
        return [pickle.loads(packed) for packed in answers]  # made by this very process

    yield run


ENGINES: dict[str, Callable[[int], Any]] = {
    "threads": _open_threads,
    "dask": _open_dask,
    "ray": _open_ray,
    "spark": _open_spark,
    "daft": _open_daft,
}
NEEDS = {"threads": "pyarrow", "dask": "distributed", "ray": "ray", "spark": "pyspark", "daft": "daft"}

if __name__ == "__main__":
    typer.run(main)
