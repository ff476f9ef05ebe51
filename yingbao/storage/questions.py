"""Questions that every payment asks again: worked out once, where Django works a query out anew each time it is asked.

For a few rows by their keys that takes Django several times as long as the database takes to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeGuard

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

# Stand in for the values while a query is worked out. Small, as years are kept in two bytes; nobody's year or tier.
FIRST_MARK, FIRST_DAY = 30_000, date(1700, 1, 1).toordinal()
Value = int | str | date | Sequence[int] | Sequence[str]


class Question:
    """A query for plain rows, worked out at its first asking, and again for lists of another length.

    ``build`` takes the values by keyword, each a number, a text, a day or a list, and returns a queryset
    of ``values_list``. It must build the same query whatever they are, and use each of them.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._known: dict[tuple[object, ...], _Plan] = {}

    def ask(self, **values: Value) -> list[tuple[Any, ...]]:
        """Return the rows, as the queryset would give them; the same statement goes to the database."""
        key = (connection.vendor, *(len(value) for value in values.values() if _is_list(value)))
        plan = self._known.get(key)
        if plan is None:
            plan = self._known[key] = _work_out(self._build, values)
        return plan.rows(values)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement: each parameter is a constant, or (name of a value, place in its list or None)."""

    sql: str
    constants: tuple[Any, ...]
    taken: tuple[tuple[int, str, int | None], ...]
    converters: tuple[tuple[int, Sequence[Callable[..., Any]], Any], ...]

    def rows(self, values: Mapping[str, Value]) -> list[tuple[Any, ...]]:
        params = list(self.constants)
        for place, name, item in self.taken:
            value: Any = values[name]
            params[place] = _adapted(value if item is None else value[item])
        here = connections[DEFAULT_DB_ALIAS]  # looked up once: the proxy looks it up for every word said to it
        with here.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows = cursor.fetchall()
        return [self._converted(row, here) for row in rows] if self.converters else rows

    def _converted(self, row: Sequence[Any], here: BaseDatabaseWrapper) -> tuple[Any, ...]:
        columns = list(row)
        for place, converters, expression in self.converters:
            for convert in converters:
                columns[place] = convert(columns[place], expression, here)
        return tuple(columns)


def _work_out(build: Callable[..., QuerySet[Any, Any]], values: Mapping[str, Value]) -> _Plan:
    marks: dict[Any, tuple[str, int | None]] = {}
    marked = {name: _marked(name, value, marks) for name, value in values.items()}
    compiler = build(**marked).query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    taken = tuple((place, *marks[param]) for place, param in enumerate(params) if _is_mark(param, marks))
    if {name for _place, name, _item in taken} != {name for name, value in values.items() if value != []}:
        raise ValueError("a question must use every value it takes")
    found = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
    converters = tuple((place, converters, expression) for place, (converters, expression) in found.items())
    return _Plan(sql, tuple(params), taken, converters)


def _is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_mark(param: Any, marks: Mapping[Any, object]) -> bool:
    return isinstance(param, int | str | date) and param in marks


def _marked(name: str, value: Value, marks: dict[Any, tuple[str, int | None]]) -> Any:
    """Return what stands in for a value, and note it as it will come back among the statement's parameters."""
    if _is_list(value):
        return [_mark(item, (name, place), marks) for place, item in enumerate(value)]
    return _mark(value, (name, None), marks)


def _mark(value: Any, whose: tuple[str, int | None], marks: dict[Any, tuple[str, int | None]]) -> Any:
    number = len(marks)
    mark: Any = FIRST_MARK + number
    if isinstance(value, str):
        mark = f"?{FIRST_MARK + number}"
    elif isinstance(value, date):
        mark = date.fromordinal(FIRST_DAY + number)
    marks[_adapted(mark)] = whose
    return mark


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
