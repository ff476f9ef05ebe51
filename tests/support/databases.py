"""The tests' database: migrated once and kept, copied for every worker and run, put back after what was committed.

Migrating takes nine seconds of processor time, a copy some hundredths. A kept one bears in its name a hash of all that
it was made of, so a changed migration makes a new one.
"""

from __future__ import annotations

import hashlib
import platform
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection, transaction

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".cache" / "tests"
# Migrations import Django and yingbao.storage alone (tests/house/test_fixtures.py holds them to it).
MADE_OF = ("yingbao/*/migrations/*.py", "yingbao/storage/*.py", "yingbao/config/settings.py", "uv.lock")
WAIT_SECONDS = 600
Rows = dict[str, Any]


class Kept(ABC):
    """A migrated database that is kept, and the copy of it that the tests of this process use."""

    def __init__(self) -> None:
        self.name = str(connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}")
        self.tables: list[str] = []  # but for those that migrations fill, which no test writes to

    def provide(self) -> None:
        """Make the tests' database a copy of the kept one, and that first where there is none."""
        connection.close()
        self.copy()
        settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = self.name
        self.tables = connection.introspection.table_names()
        self.tables = sorted(set(self.tables) - set(self.filled()))

    def filled(self) -> list[str]:
        """Return the tables that hold a row which no migration brought."""
        holding = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in self.tables)
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(holding))
            return [name for (name,) in cursor.fetchall()]

    def is_empty(self) -> bool:
        """Return whether this is the tests' database, and holds nothing but what migrations brought."""
        return bool(self.tables) and not self.filled()

    @abstractmethod
    def copy(self) -> None:
        """Make the tests' database anew."""

    @abstractmethod
    def remove(self) -> None:
        """Remove the tests' database; the kept one stays."""

    @abstractmethod
    def put_back(self) -> None:
        """Undo whatever was committed in the tests' database."""

    @abstractmethod
    def read_rows(self) -> Rows:
        """Return every row that is in the tests' database."""

    @abstractmethod
    def write_rows(self, rows: Rows) -> None:
        """Write rows that were read; the tables must not hold them."""


@cache
def kept_database() -> Kept:
    """Return the one for the database that the environment names."""
    return OnPostgres() if connection.vendor == "postgresql" else OnSqlite()


@cache
def fingerprint() -> str:
    """Return what a migrated database is made of, as one short hash."""
    told = hashlib.sha256(f"{django.VERSION} {platform.python_version()} {sqlite3.sqlite_version}".encode())
    for path in sorted(path for pattern in MADE_OF for path in ROOT.glob(pattern)):
        told.update(f"\0{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return told.hexdigest()[:16]


def migrate() -> None:
    """Make the tests' database as Django does."""
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)


# ---------------------------------------------------------------- SQLite


class OnSqlite(Kept):
    """A kept file in the project's cache; what was committed is undone by copying its pages back."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = FOLDER / f"{fingerprint()}.sqlite3"
        self.image = sqlite3.connect(":memory:", check_same_thread=False)

    def copy(self) -> None:
        """Copy the file, alone: workers begin together, and one of them makes it."""
        with _alone():
            if not self.kept.exists():
                self._make()
            with closing(sqlite3.connect(self.kept)) as kept:
                kept.backup(self.image)
        self.remove()
        with closing(sqlite3.connect(self.name)) as copy:
            self.image.backup(copy)

    def remove(self) -> None:
        """Remove the file and what SQLite keeps beside it."""
        connection.close()
        for suffix in ("", "-wal", "-shm"):
            Path(self.name + suffix).unlink(missing_ok=True)

    def put_back(self) -> None:
        """Copy the pages; who is still writing makes this fail, where the copying itself would wait without end."""
        with transaction.atomic():
            pass
        self.image.backup(connection.connection)

    def read_rows(self) -> Rows:
        """Return lists by the statement that writes them; a bare + keeps a column's value as it is stored."""
        with connection.cursor() as cursor:
            return {
                _insert(name, columns): cursor.execute(f"SELECT {_bare(columns)} FROM {name}").fetchall()
                for name in [*self.filled(), "sqlite_sequence"]
                for columns in [_columns(cursor, name)]
            }

    def write_rows(self, rows: Rows) -> None:
        """Insert them; the last ids given out are theirs too."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_sequence")
            for statement, values in rows.items():
                connection.connection.executemany(statement, values)

    def _make(self) -> None:
        migrate()
        made = self.kept.with_suffix(".part")
        made.unlink(missing_ok=True)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(made)])
        for older in FOLDER.glob("*.sqlite3"):
            older.unlink()
        made.replace(self.kept)


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other workers and runs out meanwhile; SQLite knows how, on every system."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(FOLDER / "lock", timeout=WAIT_SECONDS, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def _columns(cursor: Any, table: str) -> list[str]:
    return [row[1] for row in cursor.execute(f"PRAGMA table_info({table})").fetchall()]


def _bare(columns: list[str]) -> str:
    return ", ".join(f'+"{column}"' for column in columns)


def _insert(table: str, columns: list[str]) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"


# ---------------------------------------------------------------- PostgreSQL


class OnPostgres(Kept):
    """A kept database of the same cluster; what was committed is undone by deleting it."""

    def copy(self) -> None:
        """Let the server copy, for one worker at a time: who copies may not have company."""
        kept = f"yingbao_tests_{fingerprint()}"
        with _on_the_server() as cursor:
            cursor.execute("SELECT pg_advisory_lock(1)")  # until the session ends
            cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [kept])
            if cursor.fetchone() == (0,):
                migrate()
                connection.close()
                cursor.execute(f'ALTER DATABASE "{self.name}" RENAME TO "{kept}"')
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.name}"')
            cursor.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{kept}"')

    def remove(self) -> None:
        """Drop the database."""
        connection.close()
        with _on_the_server() as cursor:
            cursor.execute(f'DROP DATABASE "{self.name}"')

    def put_back(self) -> None:
        """Delete what is there; ids go on counting, as they do after a rollback."""
        with _as_a_replica() as cursor:
            cursor.execute("; ".join(f'DELETE FROM "{name}"' for name in self.filled()) or "SELECT 1")

    def read_rows(self) -> Rows:
        """Return each table as COPY writes it."""
        with connection.cursor() as cursor:
            return {name: _copy_out(cursor, name) for name in self.filled()}

    def write_rows(self, rows: Rows) -> None:
        """Copy them in."""
        with _as_a_replica() as cursor:
            for name, text in rows.items():
                with cursor.copy(f'COPY "{name}" FROM STDIN') as stream:
                    stream.write(text)


def _on_the_server() -> AbstractContextManager[Any]:
    """Return a cursor in none of our databases, as Django's own creating and dropping uses."""
    creation: Any = connection.creation
    cursor: AbstractContextManager[Any] = creation._nodb_cursor()
    return cursor


def _copy_out(cursor: Any, table: str) -> bytes:
    with cursor.copy(f'COPY "{table}" TO STDOUT') as stream:
        return b"".join(stream)


@contextmanager
def _as_a_replica() -> Iterator[Any]:
    """Let no trigger fire in a transaction; only a superuser may say so, as the tests' user is."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = origin")
