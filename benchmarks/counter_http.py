"""The counter through HTTP on PostgreSQL: a household of four enrolled, assessed, paid in cash, receipted, posted and
audited by one POST of the page, with session and CSRF, against ``yingbao serve`` as a site runs it.

Run with ``python -m benchmarks.counter_http [--people N …] [--seconds S]``. For each size of register it prints
(a) the households a second 32 clients reach without a pause, (b) the middle, 95th and 99th of a hundred answers when
they offer 60 a second, (c) the SQL statements of a household as the server counts them and their share of its time.
Server, clients and database share the machine; commits are durable (fsync and synchronous_commit on). The limit is
60 households/s and 250 ms; the peers are pgbench with as many statements in a bare transaction, in the same cluster,
and openIMIS through its GraphQL, 2.6 households/s as measured on a like machine (not run here).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.request import urlopen

import psycopg
import typer

from benchmarks._counter_case import TODAY, count_villages
from tests.support.postgres import OPTIONS, _free_port, find_binaries, run_cluster

CLIENTS, RATE, LIMIT_MS, OPENIMIS = 32, 60, 250, 2.6
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
SERVER = {"shared_buffers": "1GB", "max_wal_size": "4GB", "max_connections": "80"}
COUNTING = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track_utility": "on"}
BIN = Path(sys.executable).parent
Answer = dict[str, Any]


def main(
    people: Annotated[list[int], typer.Option(help="people of the register; may be given several times")] = [  # noqa: B006
        60_000,
        1_000_000,
    ],
    seconds: Annotated[float, typer.Option(help="how long each phase runs")] = 15,
) -> None:
    """Measure every size of register and compare."""
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    OPTIONS.update(DURABLE | SERVER | COUNTING)
    print(f"{os.cpu_count()} cores shared by server, clients and database; load before: {os.getloadavg()[0]:.1f}")
    with run_cluster(binaries) as url:
        rates = [measure(binaries, url, size, seconds) for size in people]
        if len(rates) > 1:
            print(f"the largest register against the smallest: {rates[-1] / rates[0]:.2f} × the rate")
    if min(rates) < RATE:
        raise SystemExit(f"slower than {RATE} households/s")


def measure(binaries: Path, url: str, people: int, seconds: float) -> float:
    """Measure one size of register in a database of its own; print, and return the households a second."""
    base = url.rpartition("/")[0]
    subprocess.run([binaries / "createdb", "--maintenance-db", f"{base}/postgres", f"people{people}"], check=True)
    with site(f"{base}/people{people}") as environment:
        run_module("benchmarks._counter_town", str(people), str(CLIENTS), environment=environment)
        with served(environment) as (port, server), clerks(port, people) as ask:
            ask("saturate 3")  # warm: plans, accounts, imports
            sql(f"{base}/people{people}", "ANALYZE")  # as the server does within a minute of a season's first rows
            rate = report_saturated(people, f"{base}/people{people}", ask, seconds, server)
            report_paced(ask(f"pace {seconds} {RATE}"))
        statements = report_statements(f"{base}/people{people}", rate)
        report_peer(binaries, f"{base}/people{people}", statements, rate, seconds)
        prove(environment)
    return rate


def report_saturated(people: int, database: str, ask: Any, seconds: float, server: int) -> float:
    """Print how many households a second get through when nobody pauses; return it."""
    sql(database, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    sql(database, "SELECT pg_stat_statements_reset()")
    before = cpu_of(server, database)
    answer = ask(f"saturate {seconds}")
    after = cpu_of(server, database)
    rate: float = len(answer["took"]) / answer["seconds"]
    sql(database, "CREATE TABLE counted AS SELECT * FROM pg_stat_statements")
    sql(database, f"CREATE TABLE households AS SELECT {len(answer['took'])} AS n")
    print(f"\n{people:,} people: {CLIENTS} clients without a pause {rate:.1f} households/s", end="; ")
    print(f"{rate / RATE:.2f} × the limit of {RATE}/s, {rate / OPENIMIS:.0f} × openIMIS ({OPENIMIS}/s)", end="; ")
    print(spread(answer))
    web, base = (1000 * (end - begin) / len(answer["took"]) for begin, end in zip(before, after, strict=True))
    print(f"processor time a household: {web:.1f} ms in the server, {base:.1f} ms in the database;", end=" ")
    print(f"two cores that do nothing else have time for {2000 / (web + base):.0f}/s; load {os.getloadavg()[0]:.1f}")
    return rate


def cpu_of(server: int, database: str) -> tuple[float, float]:
    """Return the seconds of processor time the server's processes and the database's sessions have taken so far."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    sessions = [str(pid) for (pid,) in sql(database, "SELECT pid FROM pg_stat_activity WHERE datname IS NOT NULL")]
    return cpu_seconds(children), cpu_seconds(sessions)


def cpu_seconds(processes: list[str]) -> float:
    """Return what some processes have computed; one that is gone counts nothing."""
    paths = [path for pid in processes if (path := Path(f"/proc/{pid}/stat")).exists()]
    fields = [path.read_text().rpartition(")")[2].split() for path in paths]
    return float(sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK"))


def report_paced(answer: Answer) -> None:
    """Print how long a household takes when as many come as must get through."""
    offered = len(answer["took"]) / answer["seconds"]
    print(f"paced, {CLIENTS} clients offering {RATE} households/s together ({offered:.1f}/s done): {spread(answer)}")
    print(f"p99 is {nth(answer, 99) / LIMIT_MS:.2f} × the limit of {LIMIT_MS} ms; load {os.getloadavg()[0]:.1f}")


def report_statements(database: str, rate: float) -> int:
    """Print the statements of a household and their time, as the database counted them; return their number."""
    ((count, ms),) = sql(database, f"SELECT sum(calls)::float / n, sum(total_exec_time) / n {OURS} GROUP BY n")
    print(f"{count:.2f} SQL statements a household, {ms:.2f} ms in the database")
    print(f"that is {ms * rate / 1000:.0%} of one core at that rate; the slowest:")
    top = f"SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 90), calls::float / n, total_exec_time / n {OURS}"
    for text, calls, each in sql(database, f"{top} ORDER BY 3 DESC LIMIT 8"):
        print(f"    {calls:5.2f} × {each:6.3f} ms  {text}")
    return round(float(count))


OURS = "FROM counted, households WHERE query NOT LIKE '%pg_stat_statements%'"


def report_peer(binaries: Path, database: str, statements: int, rate: float, seconds: float) -> None:
    """Print what bare transactions of as many statements, half of them reading and half writing a row, come to."""
    sql(database, "CREATE TABLE peer (id bigserial PRIMARY KEY, fen bigint)")
    sql(database, "INSERT INTO peer (fen) SELECT n FROM generate_series(1, 100000) n")
    pair = "SELECT fen FROM peer WHERE id = :id;\nINSERT INTO peer (fen) VALUES (:id);\n"
    script = "\\set id random(1, 100000)\nBEGIN;\n" + pair * max(1, (statements - 2) // 2) + "COMMIT;\n"
    words = f"-n -M prepared -c {CLIENTS} -j 2 -T {seconds:.0f} -f /dev/stdin {database}"
    told = subprocess.run(
        [binaries / "pgbench", *words.split()], input=script, check=True, capture_output=True, text=True
    ).stdout
    peer = next(float(line.split()[2]) for line in told.splitlines() if line.startswith("tps"))
    print(f"peer: pgbench, {statements} statements in a transaction, {CLIENTS} clients: {peer:.0f}/s;", end=" ")
    print(f"the whole counter reaches {rate / peer:.2f} × of it")


def prove(environment: dict[str, str]) -> None:
    """Stop where the books are not whole after it."""
    begin = time.perf_counter()
    subprocess.run([BIN / "yingbao", "verify"], env=environment, check=True, stdout=subprocess.DEVNULL)
    print(f"yingbao verify holds, in {time.perf_counter() - begin:.1f} s with its start")


def spread(answer: Answer) -> str:
    """Return the middle, the 95th and the 99th of a hundred in words."""
    return ", ".join(f"p{place} {nth(answer, place):.0f} ms" for place in (50, 95, 99))


def nth(answer: Answer, place: int) -> float:
    """Return the n-th of a hundred, in ms."""
    took = sorted(answer["took"])
    return float(took[min(len(took) - 1, len(took) * place // 100)]) * 1000


# ---------------------------------------------------------------- processes


@contextmanager
def site(database: str) -> Iterator[dict[str, str]]:
    """Make a site's folder and secrets; give the environment that names them."""
    home = tempfile.mkdtemp(prefix="yingbao-bench-")
    environment = os.environ | {"YINGBAO_HOME": home, "YINGBAO_DATABASE_URL": database, "YINGBAO_TODAY": TODAY}
    subprocess.run([BIN / "yingbao", "secrets"], env=environment, check=True, stdout=subprocess.DEVNULL)
    try:
        yield environment
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def served(environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Serve the site as a site is served; give the port and the process that the others are children of."""
    port = _free_port()
    server = subprocess.Popen([BIN / "yingbao", "serve", "--port", str(port)], env=environment)
    try:
        wait_until_open(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_until_open(port: int) -> None:
    """Wait until the login page answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            urlopen(f"http://127.0.0.1:{port}/login/", timeout=5).read()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the site does not answer")


@contextmanager
def clerks(port: int, people: int) -> Iterator[Any]:
    """Start the clients; give the function that sends them a line and returns their answer."""
    words = [str(port), str(CLIENTS), str(count_villages(people, CLIENTS))]
    command = [sys.executable, "-m", "benchmarks._counter_clients", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        stdin, stdout = process.stdin, process.stdout
        if stdout.readline() != "ready\n":
            raise SystemExit("the clients did not get in")

        def ask(line: str) -> Any:
            print(line, file=stdin, flush=True)
            return json.loads(stdout.readline() or "null")

        yield ask
        stdin.close()


def run_module(module: str, *words: str, environment: dict[str, str]) -> None:
    """Run a module of ours to its end."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", module, *words], env=environment, check=True)
    print(f"({module} {' '.join(words)}: {time.perf_counter() - begin:.0f} s)", flush=True)


def sql(database: str, statement: str) -> list[Any]:
    """Run one statement; return its rows."""
    with psycopg.connect(database, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


if __name__ == "__main__":
    typer.run(main)
