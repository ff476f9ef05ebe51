"""Many files on many processes: the same answers as here, whoever dies on the way."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.policy.rows import random_row, write_rows
from yingbao.cli.main import app
from yingbao.cluster import on_dask, remote
from yingbao.cluster.engines import open_engine
from yingbao.kernel.errors import BadInput
from yingbao.policy import get_policy
from yingbao.policy.files import Mapper, Work, assess_files, do, map_here, total_files
from yingbao.policy.totals import Totals

PACK = "liangping-2023"
PINGJIN = get_policy(PACK)
FILES = 6


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files, one of them in a folder of its own, and what Spark leaves beside them."""
    folder = tmp_path_factory.mktemp("people")
    chance = random.Random(11)
    (folder / "town=2").mkdir()
    for number in range(FILES):
        place = folder / "town=2" if number == 0 else folder
        write_rows(place / f"part-{number}.csv", [random_row(PACK, chance) for _ in range(300)])
    (folder / "_SUCCESS").touch()
    return folder


@pytest.fixture(scope="module")
def here(people: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], Totals]:
    """The answers of threads of this process."""
    out = tmp_path_factory.mktemp("here") / "out"
    totals = assess_files(PINGJIN, [people], out, as_of=None, mapper=map_here(1))
    return read_folder(out), totals


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Mapper]:
    """Two Dask workers on this machine."""
    with open_engine("dask", workers=2) as mapper:
        yield mapper


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_workers_say_what_threads_say(
    people: Path, here: tuple[dict[str, bytes], Totals], two_workers: Mapper, tmp_path: Path
) -> None:
    totals = assess_files(PINGJIN, [people], tmp_path / "out", as_of=None, mapper=two_workers)
    assert len(here[0]) == FILES
    assert (read_folder(tmp_path / "out"), totals) == here
    assert total_files(PINGJIN, [people], as_of=None, mapper=two_workers) == totals


def test_a_killed_worker_changes_nothing(
    people: Path, here: tuple[dict[str, bytes], Totals], two_workers: Mapper, tmp_path: Path
) -> None:
    out, killed = tmp_path / "out", tmp_path / "killed"
    killing = _Killing(str(killed))

    def mapper(do: Callable[[Work], Totals], works: Sequence[Work]) -> Iterator[Totals]:
        yield from two_workers(killing, works)

    totals = assess_files(PINGJIN, [people], out, as_of=None, mapper=mapper)
    assert (read_folder(out), totals) == here
    dead = int(killed.read_text(encoding="ascii"))
    assert dead != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(dead, 0)


class _Killing:
    """Does the work, but the first worker that has written half a result dies of kill -9."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __call__(self, work: Work) -> Totals:
        assert work.out is not None
        if work.source.name == "part-3.csv" and not Path(self.mark).exists():
            Path(self.mark).write_text(str(os.getpid()), encoding="ascii")
            work.out.with_name(f".{work.out.name}.{work.run}.half").write_bytes(b"half a re")
            os.kill(os.getpid(), signal.SIGKILL)
        return do(work)


def test_an_error_there_is_the_same_sentence_here(two_workers: Mapper, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("person_id,tier\n1,1\n", "utf-8")
    with pytest.raises(BadInput) as there:
        total_files(PINGJIN, [bad], as_of=None, mapper=two_workers)
    with pytest.raises(BadInput) as local:
        total_files(PINGJIN, [bad], as_of=None, mapper=map_here())
    assert there.value.render("en") == local.value.render("en")


def test_other_code_on_the_cluster_is_refused(people: Path, tmp_path: Path) -> None:
    work = Work(PINGJIN.pack, people / "part-1.csv", tmp_path / "out.csv", None)
    with pytest.raises(BadInput) as caught:
        remote.take_home(remote.do_there(work, do=do, code="another"))
    assert "同一版本" in str(caught.value)
    assert not (tmp_path / "out.csv").exists()


def test_the_command_on_a_cluster_that_runs_survives_a_killed_worker(
    people: Path, here: tuple[dict[str, bytes], Totals], running: tuple[Any, list[int]], tmp_path: Path
) -> None:
    cluster, workers = running
    words = ["assess", "--policy", PACK, str(people), "--out", str(tmp_path / "out"), "--engine", "dask"]
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)  # so that work is handed to both, and none is done yet
    with ThreadPoolExecutor(1) as thread:
        command = thread.submit(CliRunner().invoke, app, [*words, "--scheduler", cluster.scheduler_address])
        try:
            wait_for(lambda: all(worker.processing for worker in cluster.scheduler.workers.values()))
            assert read_folder(tmp_path / "out") == {}
        finally:
            os.kill(workers[0], signal.SIGKILL)
            os.kill(workers[1], signal.SIGCONT)
        result = command.result(timeout=60)
    assert (result.exit_code, read_folder(tmp_path / "out")) == (0, here[0]), result.output


@pytest.fixture
def running() -> Iterator[tuple[Any, list[int]]]:
    """A cluster that somebody else started, without certificates, and its two workers' process ids."""
    distributed = import_module("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
        distributed.Client(cluster) as client,
    ):
        yield cluster, list(client.run(os.getpid).values())


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until something has happened; it is an error if it never does."""
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_single_file_may_go_to_an_engine_too(
    people: Path, here: tuple[dict[str, bytes], Totals], two_workers: Mapper, tmp_path: Path
) -> None:
    assess_files(PINGJIN, [people / "part-1.csv"], tmp_path / "one.csv", as_of=None, mapper=two_workers)
    assert read_folder(tmp_path) == {"one.csv": here[0]["part-1.csv"]}


def test_paths_are_made_absolute_for_another_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    work = remote.make_absolute(Work(PINGJIN.pack, Path("a.csv"), Path("b.csv"), None))
    assert (work.source, work.out) == (tmp_path / "a.csv", tmp_path / "b.csv")
    assert remote.make_absolute(replace(work, out=None)).out is None


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--engine", "abacus"], "dask"),
        (["--scheduler", "tcp://127.0.0.1:1"], "--engine dask"),
        (["--engine", "dask", "--scheduler", "tcp://127.0.0.1:1"], "127.0.0.1:1"),
    ],
)
def test_an_engine_that_is_not_there_is_a_sentence(
    words: list[str], part: str, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_dask, "PATIENCE_SECONDS", 1)
    result = CliRunner().invoke(app, ["assess", "--policy", PACK, str(people), "--totals", *words])
    assert result.exit_code == 1
    assert part in result.output
    assert "Traceback" not in result.output


def test_without_the_extra_the_command_says_what_to_install(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = CliRunner().invoke(app, ["assess", "--policy", PACK, str(people), "--totals", "--engine", "dask"])
    assert result.exit_code == 1
    assert "pip install 'yingbao[cluster]'" in result.output
