"""Putting everything sealed under the site's current key: every SealedTextField of every model, every sealed file.

The site goes on meanwhile, because both keys are known: values are read under either and written under the new one.
Work goes in batches, each a transaction of its own that locks its rows in the order of their keys; what is done no
longer matches the search, so after a kill the next run goes on where this one stopped. Values are taken and put
back by plain SQL: through models a row would cost three times as much.

Append-only tables hold sealed values too (``registry.RecordChange``). Their trigger is set aside inside the batch's
own transaction (``append_only.set_aside``): nobody else ever sees the table without it, and a kill puts it back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from yingbao.storage.append_only import is_append_only, set_aside
from yingbao.storage.encrypted import SealedTextField, seal_bytes, unseal_bytes
from yingbao.storage.transactions import unit_of_work

BATCH = 2000  # rows locked at once: about a tenth of a second
SEALED_FILES = "*.sealed"
FRAMED, SIZE_BYTES = b"\0YB2", 4  # a file in pieces: this, then (size, sealed piece) …, size 0; no key has the number 0
Progress = Callable[[str, int], None]  # which table, how many rows more
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Table:
    """A table with sealed columns, and the statements that read and write them as they lie."""

    model: type[models.Model]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.model._meta.db_table

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The sealed columns."""
        fields = self.model._meta.concrete_fields
        return tuple(str(field.column) for field in fields if isinstance(field, SealedTextField))

    @property
    def stale(self) -> str:
        """The condition that some column lies under another key than the parameter's, given once a column."""
        return " OR ".join(f"substr({_quoted(column)}, 1, 1) <> %s" for column in self.columns)

    def count(self, number: bytes) -> int:
        """Return how many rows hold a value under another key."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {self.name} WHERE {self.stale}", [number] * len(self.columns))
            return int(cursor.fetchone()[0])

    def take(self, number: bytes, after: Any) -> Rows:
        """Return the next rows (key, values) that hold a value under another key, locked."""
        return take_rows(self.model, self.columns, after=after, where=self.stale, values=[number] * len(self.columns))


def take_rows(
    model: type[models.Model], columns: Sequence[str], *, after: Any, where: str = "", values: Sequence[bytes] = ()
) -> Rows:
    """Return up to ``BATCH`` rows (key, values as they lie) beyond the key ``after``, in order, locked."""
    key, table = _quoted(_key(model)), _quoted(model._meta.db_table)
    conditions = [f"{key} > %s"] if after is not None else []
    conditions += [f"({where})"] if where else []
    only = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    lock = "FOR UPDATE" if connection.vendor == "postgresql" else ""  # SQLite has one writer at a time
    named = ", ".join((key, *map(_quoted, columns)))
    with connection.cursor() as cursor:
        known = [] if after is None else [after]
        cursor.execute(f"SELECT {named} FROM {table} {only} ORDER BY {key} LIMIT {BATCH} {lock}", [*known, *values])
        return list(cursor.fetchall())


def put_rows(model: type[models.Model], columns: Sequence[str], rows: Rows) -> None:
    """Set binary columns of many rows at once; each row is (key, value, value …), None where a column is empty."""
    table, key = _quoted(model._meta.db_table), _quoted(_key(model))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kinds = [f"{model._meta.pk.rel_db_type(connection)}[]", *["bytea[]"] * len(columns)]
            lists = ", ".join(f"%s::{kind}" for kind in kinds)
            sets = ", ".join(f"{_quoted(column)} = v.{_quoted(column)}" for column in columns)
            named = ", ".join(("taken", *map(_quoted, columns)))
            update = f"UPDATE {table} SET {sets} FROM unnest({lists}) AS v({named}) WHERE {table}.{key} = v.taken"
            cursor.execute(update, [list(column) for column in zip(*rows, strict=True)])
        else:
            sets = ", ".join(f"{_quoted(column)} = %s" for column in columns)
            cursor.executemany(f"UPDATE {table} SET {sets} WHERE {key} = %s", [(*row[1:], row[0]) for row in rows])


def _key(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))


def sealed_tables() -> list[Table]:
    """Return every table with sealed columns, by name."""
    tables = [Table(model) for model in apps.get_models() if not model._meta.proxy]
    return sorted((table for table in tables if table.columns), key=lambda table: table.name)


def reseal_tables(progress: Progress) -> int:
    """Put every value of every table under the current key; return how many rows were touched."""
    return sum(_reseal(table, progress) for table in sealed_tables())


def _reseal(table: Table, progress: Progress) -> int:
    number, after, count = _number(), None, 0
    while rows := _reseal_batch(table, number, after):
        after, count = rows[-1][0], count + len(rows)
        progress(table.name, len(rows))
    return count


def _reseal_batch(table: Table, number: bytes, after: Any) -> Rows:
    with unit_of_work(), ExitStack() as stack:
        rows = table.take(number, after)
        if rows:
            if is_append_only(table.name):
                stack.enter_context(set_aside(table.name))
            put_rows(table.model, table.columns, [_renewed(row, number) for row in rows])
    return rows


def _renewed(row: tuple[Any, ...], number: bytes) -> tuple[Any, ...]:
    return (row[0], *(_renew(value, number) for value in row[1:]))


def _renew(value: Any, number: bytes) -> bytes | None:
    if value is None:
        return None
    held = bytes(value)
    return held if held[:1] == number else seal_bytes(unseal_bytes(held))


def reseal_files(progress: Progress) -> int:
    """Put every sealed file under the current key, each replaced as a whole; return how many were touched."""
    number, count = _number(), 0
    for path in sealed_files():
        if _first_byte(path) not in (number, b""):
            _replace(path)
            count += 1
            progress("files", 1)
    return count


def sealed_files() -> Iterator[Path]:
    """Yield every sealed file the site keeps."""
    return (path for path in sorted(Path(settings.YINGBAO_UPLOADS).rglob(SEALED_FILES)) if path.is_file())


def count_left() -> dict[str, int]:
    """Return table (or ``files``) → rows that are still sealed under another key than the current; empty: none."""
    number = _number()
    found = {table.name: table.count(number) for table in sealed_tables()}
    found["files"] = sum(_first_byte(path) not in (number, b"") for path in sealed_files())
    return {name: count for name, count in found.items() if count}


def _replace(path: Path) -> None:
    fresh = path.with_name(f"{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(_renewed_file(path))
        file.flush()
        os.fsync(file.fileno())
    if path.exists():  # else somebody decided on it meanwhile
        os.replace(fresh, path)
    else:
        fresh.unlink()


def _renewed_file(path: Path) -> Iterator[bytes]:
    """Yield a file under the current key: sealed in one piece, or framed, piece by piece (see ``registry.uploads``)."""
    with path.open("rb") as file:
        head = file.read(len(FRAMED))
        if head != FRAMED:
            yield seal_bytes(unseal_bytes(head + file.read()))
            return
        yield head
        while size := int.from_bytes(file.read(SIZE_BYTES), "big"):
            sealed = seal_bytes(unseal_bytes(file.read(size)))
            yield len(sealed).to_bytes(SIZE_BYTES, "big") + sealed
        yield bytes(SIZE_BYTES)


def _first_byte(path: Path) -> bytes:
    """Return the number of the key a file lies under; nothing for one that is gone or empty."""
    try:
        with path.open("rb") as file:
            head = file.read(len(FRAMED) + SIZE_BYTES + 1)
    except FileNotFoundError:
        return b""
    return head[-1:] if head.startswith(FRAMED) and len(head) > len(FRAMED) + SIZE_BYTES else head[:1].strip(b"\0")


def _number() -> bytes:
    return bytes((settings.YINGBAO_KEYS.current.number,))
