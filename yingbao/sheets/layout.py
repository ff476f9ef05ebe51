"""What a sheet's columns are called, here and in other offices, and what their cells hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Kind(StrEnum):
    """What a column's cells become: the type a caller gets from a read row and gives to a written one."""

    TEXT = "text"  # str, "" when empty
    INTEGER = "integer"  # int or None
    MONEY = "money"  # integer fen or None; the sheet shows yuan
    DATE = "date"  # date or None
    PERCENT = "percent"  # text when read; an integer of hundredths of a per cent (9950: 99.50%) when written


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``group`` is the merged cell above it in a two-row header; ``aliases`` are other names of it."""

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    required: bool = True
    kind: Kind = Kind.TEXT
    group: str = ""
    width: int = 12

    def labels(self) -> Iterator[str]:
        """Give every header text this column answers to, as ``header_key`` writes it."""
        if self.group:
            yield header_key(f"{self.group}/{self.name}")
        for name in (self.name, *self.aliases):
            yield header_key(name)


@dataclass(frozen=True)
class Layout:
    """The columns of one exchange format. ``key`` names a column that must not be empty in the whole file.

    ``footnote`` and ``heading`` are printed below and above a written sheet; a reader passes over them.
    """

    code: str
    title: str
    columns: tuple[Column, ...]
    key: str = ""
    heading: str = ""
    footnote: str = ""

    @cached_property
    def by_label(self) -> dict[str, Column]:
        """Every label a header may show. A label two columns share counts for neither (group/name still does)."""
        found: dict[str, Column] = {}
        shared = set()
        for column in self.columns:
            for label in set(column.labels()):
                if label in found:
                    shared.add(label)
                found[label] = column
        return {label: column for label, column in found.items() if label not in shared}

    @cached_property
    def has_groups(self) -> bool:
        """Whether the header takes two rows."""
        return any(column.group for column in self.columns)

    def column(self, key: str) -> Column:
        """Return the column of that key. Raises KeyError."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)


def header_key(label: str) -> str:
    """Return a header text as it is compared: half width, small letters, without any blank or line break."""
    return "".join(unicodedata.normalize("NFKC", label).lower().split())
