"""A throw-away PostgreSQL cluster on the loopback address. Standard library only: ``dev.py`` imports it too."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import pwd

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
SUPERUSER = "yingbao"
START_SECONDS = 60
# Nothing here must survive a power cut; everything here must be quick. Statistics gathered beside the tests would say
# that tables are empty, as they are after each, and lead to plans for thousands of rows that take minutes.
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    "shared_buffers": "128MB",
}


def find_binaries() -> Path | None:
    """Return the folder that holds ``postgres`` and ``initdb``, the newest version first, or None."""
    folders = [path for place in PLACES for path in Path("/").glob(place.lstrip("/"))]
    folders.sort(key=_version, reverse=True)
    on_path = shutil.which("initdb")
    candidates = ([Path(on_path).resolve().parent] if on_path else []) + folders
    return next((path for path in candidates if (path / "initdb").exists() and (path / "postgres").exists()), None)


@contextmanager
def run_cluster(binaries: Path) -> Iterator[str]:
    """Start a new cluster, yield the URL of its empty database ``yingbao``, stop it and remove its files."""
    account = _account()
    password = secrets.token_hex(16)
    home = Path(tempfile.mkdtemp(prefix="yingbao-pg-"))
    try:
        _make_cluster(binaries, home, password, account)
        with _run_server(binaries, home, account) as port:
            url = f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}"
            subprocess.run([binaries / "createdb", "--maintenance-db", f"{url}/postgres", "yingbao"], check=True)
            yield f"{url}/yingbao"
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _make_cluster(binaries: Path, home: Path, password: str, account: dict[str, Any]) -> None:
    password_file = home / "password"
    password_file.write_text(password, encoding="ascii")
    if account:
        for path in (home, password_file):
            os.chown(path, account["user"], account["group"])
    command: list[str | Path] = [
        binaries / "initdb",
        "--pgdata",
        home / "data",
        "--username",
        SUPERUSER,
        "--pwfile",
        password_file,
    ]
    command += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
    subprocess.run(command, cwd=home, check=True, stdout=subprocess.DEVNULL, **account)


@contextmanager
def _run_server(binaries: Path, home: Path, account: dict[str, Any]) -> Iterator[int]:
    port = _free_port()
    options = {**OPTIONS, "port": str(port), "unix_socket_directories": str(home)}
    command: list[str | Path] = [binaries / "postgres", "-D", home / "data"]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    log = home / "log"
    with log.open("wb") as stream:
        # A session of its own: Ctrl-C in the terminal reaches the tests, which then stop the server themselves.
        server = subprocess.Popen(
            command, cwd=home, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL, start_new_session=True, **account
        )
    try:
        _wait_until_ready(binaries, server, port, log)
        yield port
    finally:
        _stop(server)


def _wait_until_ready(binaries: Path, server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ask: list[str | Path] = [binaries / "pg_isready", "--quiet", "--host", "127.0.0.1", "--port", str(port)]
    until = time.monotonic() + START_SECONDS
    while subprocess.run(ask, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > until:
            raise RuntimeError("PostgreSQL did not start:\n" + log.read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.1)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown: it disconnects whoever is left
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=30)


def _account() -> dict[str, Any]:
    """Return who runs the server: PostgreSQL refuses to run as root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL refuses to run as root, and there is neither an account 'postgres' nor 'nobody'")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.replace("-", ".").split(".") if part.isdigit())
