"""Names in the order of their bytes: the one order that a prefix search and its pages can both read off an index.

PostgreSQL keeps such an index beside the language's own order (operator class varchar_pattern_ops); its operators
have names of their own. SQLite compares bytes anyway.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F, Lookup
from django.db.models.expressions import OrderBy


class NotBefore(Lookup):
    """``NotBefore(F("name"), value)``: at or after a value in the order of bytes."""

    lookup_name = "bytewise_not_before"
    sign, own_sign = ">=", "~>=~"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Compare as the database does by itself."""
        return self._compare(compiler, connection, self.sign)

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """Compare bytes, whatever the database's language."""
        return self._compare(compiler, connection, self.own_sign)

    def _compare(self, compiler: Any, connection: Any, sign: str) -> Any:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} {sign} {right}", (*left_params, *right_params)


class NotAfter(NotBefore):
    """At or before a value in the order of bytes."""

    lookup_name = "bytewise_not_after"
    sign, own_sign = "<=", "~<=~"


class Bytewise(OrderBy):
    """A column in the order of its bytes."""

    def __init__(self, name: str, *, descending: bool = False) -> None:
        super().__init__(F(name), descending=descending)

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """Name the operator that the index is built with."""
        # The comment is for Django, which takes an ordering apart at that word.
        sign = "~>~ /* DESC */" if self.descending else "~<~ /* ASC */"
        return self.as_sql(compiler, connection, template=f"%(expression)s USING {sign}")
