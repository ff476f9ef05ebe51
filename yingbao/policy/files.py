"""Whole populations from file to file, or to totals: CSV or Parquet in, batch by batch, memory flat.

Many files are the unit in which work is shared out: a `Work` says all of one piece and is small enough to send to
another machine, and `do` does it there. A result is written beside its final place and moved there only when
complete, so that work done twice, or broken off half-way, leaves what work done once leaves.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy.decoding import REQUIRED, PeopleReader
from yingbao.policy.engine import Assessment
from yingbao.policy.load import Pack
from yingbao.policy.policy import Policy
from yingbao.policy.reading import (
    FACTS,
    Batch,
    RaggedRow,
    count_groups,
    list_columns,
    naming_file,
    read_batches,
    read_groups,
    read_slowly,
    unknown_format,
)
from yingbao.policy.totals import Counter, Totals, merge_totals
from yingbao.policy.writing import CsvResults, ParquetResults, Results

AHEAD = 4  # batches: about a row group's worth, which is written at once
_FORMATS: dict[str, type[Results]] = {".csv": CsvResults, ".parquet": ParquetResults}
_T = TypeVar("_T")
_policies: dict[str, Policy] = {}  # by the pack's hash: a machine that gets the same pack again compiles nothing


@dataclass(frozen=True, slots=True)
class Work:
    """One piece: a file into another, or, without ``out``, a file or some row groups of it to totals."""

    pack: Pack
    source: Path
    out: Path | None
    as_of: date | None
    groups: tuple[int, ...] | None = None
    run: str = ""  # part of the names of unfinished results, so that a run clears away its own and no other's


class Mapper(Protocol):
    """Does every piece of work somewhere and yields the answers in order; what a piece raises, it raises."""

    def __call__(self, do: Callable[[Work], Totals], works: Sequence[Work]) -> Iterable[Totals]:
        """Return what ``do`` returns for each of ``works``."""


def assess_file(policy: Policy, people: Path, out: Path, *, as_of: date | None = None) -> Totals:
    """Assess every row of ``people`` (.csv or .parquet) into ``out`` (likewise), rows in the same order.

    Rows that make no sense come out ``invalid``. Raises BadInput when the file as a whole cannot be read or lacks
    a column, and leaves ``out`` as it was; likewise where ``out`` is ``people`` itself, under whatever name.
    """
    refuse_overwriting([people], out)
    return _assess(policy, Work(policy.pack, people, out, as_of), out, _read_ahead)


def total_file(
    policy: Policy, people: Path, *, as_of: date | None = None, groups: Sequence[int] | None = None
) -> Totals:
    """Return the totals over ``people``, or some row groups of it; the column person_id need not be there."""
    policy.engine  # noqa: B018  a pack that cannot assess says so before any file is opened
    with naming_file(people):
        reader, counter = PeopleReader(policy.vocabulary, policy.addons), Counter()
        if groups is not None:
            return _count(policy, read_groups(people, reader, FACTS, groups), counter, as_of)
        try:
            return _count(policy, read_batches(people, reader, FACTS), counter, as_of)
        except RaggedRow:
            return _count(policy, read_slowly(people, reader, FACTS), Counter(), as_of)


def assess_files(policy: Policy, people: Sequence[Path], out: Path, *, as_of: date | None, mapper: Mapper) -> Totals:
    """Assess files and folders of files into the folder ``out``, each file into one of the same name and kind.

    One file may also go into one, as in `assess_file`, and raises BadInput as there; what was finished by then stays.
    """
    policy.engine  # noqa: B018
    run = uuid4().hex
    if is_single(people, out):
        refuse_overwriting(people, out)
    pairs = [(people[0], out)] if is_single(people, out) else _place_files(people, out)
    try:
        return merge_totals(mapper(do, [Work(policy.pack, *pair, as_of, run=run) for pair in pairs]))
    finally:
        _sweep([result for _, result in pairs], run)


def total_files(
    policy: Policy, people: Sequence[Path], *, as_of: date | None, mapper: Mapper, pieces: int = 1
) -> Totals:
    """Return the totals over files and folders of files; of fewer than ``pieces`` files, each is cut into as many."""
    policy.engine  # noqa: B018
    files = [file for file, _ in _find_files(people)]
    cuts = [(file, groups) for file in files for groups in (_cut(file, pieces) if len(files) < pieces else [None])]
    return merge_totals(mapper(do, [Work(policy.pack, file, None, as_of, groups) for file, groups in cuts]))


def do(work: Work) -> Totals:
    """Do one piece of work, here, on one core."""
    policy = _policies.setdefault(work.pack.hash, Policy(work.pack))
    if work.out is None:
        return total_file(policy, work.source, as_of=work.as_of, groups=work.groups)
    return _assess(policy, work, work.out, iter)


def map_here(workers: int | None = None) -> Mapper:
    """Return the mapper over threads of this process, one per core or ``workers``; what runs has let go of the GIL."""

    def run(do: Callable[[Work], Totals], works: Sequence[Work]) -> Iterator[Totals]:
        pool = ThreadPoolExecutor(workers or count_cores())
        try:
            yield from pool.map(do, works)
        finally:
            pool.shutdown(cancel_futures=True)

    return run


def count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def find_lacking(people: Sequence[Path], columns: Sequence[str]) -> dict[str, Path]:
    """Return those of ``columns`` some file of ``people`` does not have, each with the first such file."""
    found: dict[str, Path] = {}
    for file, _ in _find_files(people) if columns else ():
        with naming_file(file):
            held = list_columns(file)
        found = {name: file for name in columns if name not in held} | found
    return found


def refuse_overwriting(people: Sequence[Path], result: Path) -> None:
    """Raise BadInput where ``result`` is one of the people's files, or in a folder of them, by whatever name or link.

    Call it before ``result`` is opened: people's files are read bit by bit, and may be the only copy there is.
    """
    files = [path for path in people if not path.is_dir()]
    _refuse_source(result, {_identify(path) for path in files})
    for folder in {path.resolve() for path in people if path.is_dir()}:
        if result.resolve().is_relative_to(folder):
            raise BadInput(
                say(N_("结果不能放在人员文件的文件夹“{name}”里面"), name=str(folder)),
                fact=say(N_("下次测算时，结果会被当成人员文件")),
                todo=say(N_("请把结果放到另一个文件夹。")),
            )


def _refuse_source(result: Path, sources: set[object]) -> None:
    if _identify(result) in sources:
        raise BadInput(
            say(N_("结果会盖掉人员文件“{name}”"), name=str(result)), todo=say(N_("请把结果放到另一个文件夹。"))
        )


def _identify(path: Path) -> object:
    """Return what two names of one file have in common, be they links or spelt with other capitals."""
    try:
        found = path.stat()
    except OSError:  # there is none yet
        return path.resolve()
    return found.st_dev, found.st_ino


# ---------------------------------------------------------------- many files


def is_single(people: Sequence[Path], out: Path) -> bool:
    """Tell whether one file is to become one file, rather than files a folder of files."""
    return len(people) == 1 and not people[0].is_dir() and not out.is_dir()


def _place_files(people: Sequence[Path], out: Path) -> list[tuple[Path, Path]]:
    """Return each file with where its result goes, in folders made where they are wanting."""
    if out.is_dir() and out.suffix.lower() in _FORMATS:
        raise BadInput(
            say(N_("“{name}”是一个文件夹，不能写成文件"), name=str(out)),
            todo=say(N_("请换一个文件名；要放到文件夹里，请换一个不以 .csv、.parquet 结尾的文件夹。")),
        )
    if out.suffix.lower() in _FORMATS or out.is_file():
        raise BadInput(
            say(N_("多个文件的结果应放到一个文件夹，而不是“{name}”"), name=out.name),
            todo=say(N_("请用 --out 指定一个文件夹。")),
        )
    _check_folder(out.parent)
    pairs = [(file, out / place) for file, place in _find_files(people)]
    _check_places(pairs)
    refuse_overwriting(people, out)
    for folder in {result.parent for _, result in pairs}:
        folder.mkdir(parents=True, exist_ok=True)
    return pairs


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise BadInput(say(N_("存放结果的文件夹“{name}”不存在"), name=str(folder)))


def _find_files(people: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Return files with their places in a folder of results; what begins with . or _ is no data (as in Spark)."""
    found = []
    for path in people:
        if path.is_dir():
            inside = [(file, file.relative_to(path)) for file in sorted(path.rglob("*"))]
            found += [(file, place) for file, place in inside if _is_data(file, place)]
        else:
            found.append((path, Path(path.name)))
    if not found:
        names = ", ".join(str(path) for path in people)
        raise BadInput(say(N_("“{name}”里没有 .csv 或 .parquet 文件"), name=names))
    return found


def _is_data(file: Path, place: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in place.parts)
    return not hidden and file.suffix.lower() in _FORMATS and file.is_file()


def _check_places(pairs: Sequence[tuple[Path, Path]]) -> None:
    sources, taken = {_identify(source) for source, _ in pairs}, set()
    for source, result in pairs:
        if source.suffix.lower() not in _FORMATS:
            raise unknown_format(source)
        _refuse_source(result, sources)
        if result in taken:
            raise BadInput(
                say(N_("有两个人员文件都叫“{name}”，结果会互相覆盖"), name=result.name),
                todo=say(N_("请改名，或分别测算到不同的文件夹。")),
            )
        taken.add(result)


def _cut(file: Path, pieces: int) -> list[tuple[int, ...] | None]:
    """Return the row groups of a Parquet file in runs, about ``pieces`` of them; a CSV stays in one piece."""
    if file.suffix.lower() != ".parquet":
        return [None]
    with naming_file(file):
        count = count_groups(file)
    each = max(1, -(-count // pieces))
    return [tuple(range(first, min(first + each, count))) for first in range(0, count, each)]


def _sweep(results: Sequence[Path], run: str) -> None:
    """Clear away what workers that were killed left unfinished."""
    for folder in {result.parent for result in results}:
        for left in folder.glob(f".*.{run}.*"):
            left.unlink(missing_ok=True)


# ---------------------------------------------------------------- one file


def _assess(
    policy: Policy,
    work: Work,
    out: Path,
    ahead: Callable[[Iterator[tuple[Batch, Assessment]]], Iterator[tuple[Batch, Assessment]]],
) -> Totals:
    policy.engine  # noqa: B018  a pack that cannot assess says so before any file is opened
    result_format = _result_format(out)

    def write(batches: Iterator[Batch]) -> Totals:
        counter = Counter()
        answers = ((batch, policy.assess_people(batch.people, as_of=work.as_of)) for batch in batches)
        with _replacing(out, work.run) as stream, closing(result_format(policy, stream)) as results:
            for batch, assessment in ahead(answers):
                results.write(batch.person_ids, assessment)
                counter.add(batch.people.tier, assessment)
        return counter.totals(policy.engine.book.outcomes)

    with naming_file(work.source):
        try:
            return write(read_batches(work.source, PeopleReader(policy.vocabulary, policy.addons), REQUIRED))
        except RaggedRow:
            return write(read_slowly(work.source, PeopleReader(policy.vocabulary, policy.addons), REQUIRED))


def _count(policy: Policy, batches: Iterator[Batch], counter: Counter, as_of: date | None) -> Totals:
    for batch in batches:
        counter.add(batch.people.tier, policy.assess_people(batch.people, as_of=as_of))
    return counter.totals(policy.engine.book.outcomes)


def _read_ahead(items: Iterator[_T]) -> Iterator[_T]:
    """Yield ``items``; while some are used, another thread makes those that follow, AHEAD of them at most."""
    with ThreadPoolExecutor(1) as thread:
        following = deque(thread.submit(next, items, None) for _ in range(AHEAD))
        while (item := following.popleft().result()) is not None:
            following.append(thread.submit(next, items, None))
            yield item


def _result_format(out: Path) -> type[Results]:
    if out.suffix.lower() not in _FORMATS:
        raise unknown_format(out)
    _check_folder(out.parent)
    return _FORMATS[out.suffix.lower()]


@contextmanager
def _replacing(out: Path, run: str) -> Iterator[Any]:
    """Open a file that takes ``out``'s place when the block ends well, and is gone when it does not."""
    unfinished = out.with_name(f".{out.name}.{run}.{uuid4().hex}")
    try:
        with unfinished.open("xb") as stream:
            yield stream
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)  # it is there no more where it took the place of ``out``
