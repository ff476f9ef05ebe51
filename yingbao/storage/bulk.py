"""Many rows at once, without an object per row: what a register of a county needs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from yingbao.storage.encrypted import SealedTextField, seal
from yingbao.storage.sealing import Sealer, sealer
from yingbao.storage.transactions import operation

M = TypeVar("M", bound=models.Model)
BATCH, FEW, AHEAD = 5000, 50, 2


@operation
def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Add plain values, ``BATCH`` rows a statement, and return how many. Sealed columns take text.

    ``names`` are field names (a foreign key's takes the id) and must hold every column that may not be null:
    a model's defaults are not filled in, because no model is built. Three times as fast as ``bulk_create``.
    """
    plan = _plan(connection.vendor, model, tuple(names))
    rows, count = iter(rows), 0
    while batch := [_converted(row, plan.converters) for row in islice(rows, BATCH)]:
        # A statement costs less to send than a COPY to begin, until there are many rows.
        write = _copy if connection.vendor == "postgresql" and len(batch) > FEW else _insert
        write(plan, batch)
        count += len(batch)
    return count


@operation
def add_few(objects: Sequence[M]) -> list[M]:
    """Add a household's new records in one statement and give them their ids, in order; return them.

    What ``bulk_create`` does for a quarter of its price, which at a counter with a queue is most of a statement's.
    Every column is written as it stands on the object; one with a default of the database alone must be set.
    """
    if not objects:
        return []
    here = connections[DEFAULT_DB_ALIAS]  # looked up once: the proxy looks it up for every word said to it
    plan = _plan(here.vendor, type(objects[0]), _columns_of(type(objects[0])))
    rows = [_converted([getattr(one, name) for name in plan.attributes], plan.converters) for one in objects]
    with here.cursor() as cursor:
        cursor.execute(plan.adding(len(rows)), [value for row in rows for value in row])
        for one, (pk,) in zip(objects, cursor.fetchall(), strict=True):
            one.pk, one._state.adding, one._state.db = pk, False, here.alias
    return list(objects)


@operation
def set_rows(model: type[models.Model], ids: Iterable[int], **values: Any) -> int:
    """Set the same plain values in some rows, ``BATCH`` a statement, and return how many there were.

    Values by field name, as for ``insert_rows``; ``update`` of a queryset costs five times as much to say.
    """
    plan, left, count = _plan(connection.vendor, model, tuple(values)), iter(ids), 0
    said = _converted(tuple(values.values()), plan.converters)
    while batch := list(islice(left, BATCH)):
        marks = ", ".join(["%s"] * len(batch))
        with connection.cursor() as cursor:
            cursor.execute(f"{plan.setting} WHERE id IN ({marks})", [*said, *batch])
            count += cursor.rowcount
    return count


@operation
def update_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Set plain values of many rows, ``BATCH`` a statement, and return how many; each row is (id, value, value …).

    ``names`` as for ``insert_rows``. Django's ``bulk_update`` asks a CASE of every row for every column: thousands of
    rows take it minutes, and this seconds.
    """
    plan = _plan(connection.vendor, model, ("id", *names))
    rows, count = iter(rows), 0
    while batch := [_converted(row, plan.converters) for row in islice(rows, BATCH)]:
        _update(model, plan, names, batch)
        count += len(batch)
    return count


def _update(model: type[models.Model], plan: _Plan, names: Sequence[str], batch: list[list[Any]]) -> None:
    quote = connection.ops.quote_name
    columns = [quote(str(model._meta.get_field(name).column)) for name in names]  # type: ignore[union-attr]
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            sets = ", ".join(f"{column} = %s" for column in columns)
            cursor.executemany(f"UPDATE {table} SET {sets} WHERE id = %s", [(*row[1:], row[0]) for row in batch])
            return
        # Text with a cast, as the columns' own types say: arrays of JSON documents have no type of their own to bind.
        one = ", ".join(f"%s::{kind}" for kind in plan.types)
        values = ", ".join([f"({one})"] * len(batch))
        sets = ", ".join(f"{column} = v.{column}" for column in columns)
        named = ", ".join(("id", *columns))
        sql = f"UPDATE {table} AS t SET {sets} FROM (VALUES {values}) AS v({named}) WHERE t.id = v.id"
        cursor.execute(sql, [value for row in batch for value in row])


@operation
def take_statistics(model: type[models.Model], names: Sequence[str]) -> None:
    """Let PostgreSQL look at some columns anew, after many rows came in: else it plans as if they were not there.

    Its own look comes a minute later, and what is asked meanwhile can take a thousand times as long.
    """
    if connection.vendor != "postgresql":
        return
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(model._meta.get_field(name).column)) for name in names)  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {quote(model._meta.db_table)} ({columns})")


@operation
def pour_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Add rows as ``insert_rows`` does, while they are still being made, and return how many.

    On PostgreSQL it is one COPY from the first row to the last: the server writes while we go on, and ``rows`` must
    ask the database nothing meanwhile.
    """
    plan, count = _plan(connection.vendor, model, tuple(names)), 0
    with sealer() as helper:
        sealed = _sealed_beside(_batches(rows), plan, helper)
        if connection.vendor != "postgresql":
            for batch in sealed:
                _insert(plan, batch)
                count += len(batch)
            return count
        with connection.cursor() as cursor, cursor.copy(f"COPY {plan.into} FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(plan.types)
            for batch in sealed:
                for row in batch:
                    copy.write_row(row)
                count += len(batch)
    return count


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _sealed_beside(
    batches: Iterable[list[Sequence[Any]]], plan: _Plan, helper: Sealer
) -> Iterator[list[Sequence[Any]]]:
    """Convert batches column by column, each while the next ``AHEAD`` are made and sealed."""
    begun: deque[tuple[list[Sequence[Any]], Future[list[list[bytes]]]]] = deque()
    for batch in batches:
        columns: list[Sequence[Any]] = list(zip(*batch, strict=True))
        texts = [[text for text in columns[place] if text is not None] for place in plan.sealed]
        begun.append((columns, helper.begin(texts)))
        if len(begun) > AHEAD:
            yield _converted_columns(*begun.popleft(), plan)
    while begun:
        yield _converted_columns(*begun.popleft(), plan)


def _converted_columns(
    columns: list[Sequence[Any]], sealing: Future[list[list[bytes]]], plan: _Plan
) -> list[Sequence[Any]]:
    for place, texts in zip(plan.sealed, sealing.result(), strict=True):
        following = iter(texts)
        columns[place] = [None if text is None else next(following) for text in columns[place]]
    for place, convert in plan.converters:
        if place not in plan.sealed:
            columns[place] = [None if value is None else convert(value) for value in columns[place]]
    return list(zip(*columns, strict=True))


@dataclass(frozen=True, slots=True)
class _Plan:
    """How rows of some columns of a table are written: worked out once per process."""

    into: str
    attributes: tuple[str, ...]
    types: tuple[str, ...]
    statement: str
    setting: str
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]

    @property
    def sealed(self) -> list[int]:
        """The places of the columns that are sealed."""
        return [place for place, convert in self.converters if convert is seal]

    def adding(self, rows: int) -> str:
        """Return the statement that adds so many rows and answers with their ids."""
        one = f"({', '.join(['%s'] * len(self.types))})"
        return f"INSERT INTO {self.into} VALUES {', '.join([one] * rows)} RETURNING id"


@cache
def _plan(vendor: str, model: type[models.Model], names: tuple[str, ...]) -> _Plan:
    fields = [model._meta.get_field(name) for name in names]
    quote = connection.ops.quote_name
    columns = [quote(str(field.column)) for field in fields]  # type: ignore[union-attr]
    table = quote(model._meta.db_table)
    into = f"{table} ({', '.join(columns)})"
    setting = f"UPDATE {table} SET {', '.join(f'{column} = %s' for column in columns)}"
    converters = tuple((place, found) for place, field in enumerate(fields) if (found := _converter(field)))
    types = tuple(str(field.rel_db_type(connection)).partition("(")[0] for field in fields)  # type: ignore[union-attr]
    attributes = tuple(str(field.attname) for field in fields)  # type: ignore[union-attr]
    statement = f"INSERT INTO {into} VALUES ({', '.join(['%s'] * len(names))})"
    return _Plan(into, attributes, types, statement, setting, converters)


@cache
def _columns_of(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.name for field in model._meta.concrete_fields if not field.primary_key)


def _insert(plan: _Plan, batch: Sequence[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(plan.statement, batch)


def _copy(plan: _Plan, batch: list[list[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {plan.into} FROM STDIN") as copy:
        for row in batch:
            copy.write_row(row)


def _converter(field: Any) -> Callable[[Any], Any] | None:
    if isinstance(field, SealedTextField):
        return seal
    if type(field) is models.DateField:
        return connection.ops.adapt_datefield_value
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.JSONField):
        return partial(connection.ops.adapt_json_value, encoder=field.encoder)
    if isinstance(field, models.UUIDField) and not connection.features.has_native_uuid_field:
        return attrgetter("hex")
    return None


def _converted(row: Sequence[Any], converters: Iterable[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    values = list(row)
    for place, convert in converters:
        if values[place] is not None:
            values[place] = convert(values[place])
    return values
