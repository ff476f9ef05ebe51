"""Many rows at once, without an object per row: what a register of a county needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from django.db import connection, models

from yingbao.storage.encrypted import SealedTextField, seal
from yingbao.storage.transactions import operation

BATCH = 5000


@operation
def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Add plain values, ``BATCH`` rows a statement, and return how many. Sealed columns take text.

    ``names`` are field names (a foreign key's takes the id) and must hold every column that may not be null:
    a model's defaults are not filled in, because no model is built. Three times as fast as ``bulk_create``.
    """
    fields = [model._meta.get_field(name) for name in names]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)  # type: ignore[union-attr]
    into = f"{quote(model._meta.db_table)} ({columns})"
    converters = [(place, found) for place, field in enumerate(fields) if (found := _converter(field))]
    write = _copy if connection.vendor == "postgresql" else _insert
    rows, count = iter(rows), 0
    while batch := [_converted(row, converters) for row in islice(rows, BATCH)]:
        write(into, batch)
        count += len(batch)
    return count


def _insert(into: str, batch: list[list[Any]]) -> None:
    places = ", ".join(["%s"] * len(batch[0]))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {into} VALUES ({places})", batch)


def _copy(into: str, batch: list[list[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in batch:
            copy.write_row(row)


def _converter(field: Any) -> Callable[[Any], Any] | None:
    if isinstance(field, SealedTextField):
        return seal
    if isinstance(field, models.DateField):
        return connection.ops.adapt_datefield_value
    return None


def _converted(row: Sequence[Any], converters: list[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    values = list(row)
    for place, convert in converters:
        if values[place] is not None:
            values[place] = convert(values[place])
    return values
