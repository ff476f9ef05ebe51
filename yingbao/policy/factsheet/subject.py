"""The pack a sheet is made of, and how its parts are written: cells, lines with their clauses, tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan
from yingbao.policy.builtin import BUILTIN_RULES
from yingbao.policy.entries import Days, Entry, ForYears, When
from yingbao.policy.factsheet.parts import Head, Point, Row, Section, Table
from yingbao.policy.format import PackFile
from yingbao.policy.load import Rule
from yingbao.policy.places import walk
from yingbao.policy.policy import Policy
from yingbao.policy.saying import as_is, list_up, say_when
from yingbao.policy.vocabulary import Vocabulary
from yingbao.policy.wording import SECTIONS

BLANK = as_is("")
NOT_GIVEN = as_is("–")


class Subject:
    """A pack on its way to a sheet."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    @property
    def file(self) -> PackFile:
        """The merged content."""
        return self.policy.file

    @property
    def vocabulary(self) -> Vocabulary:
        """The words the pack may use."""
        return self.policy.vocabulary

    def rules(self, *ids: str | None) -> tuple[Rule, ...]:
        """Return the rules named, each once; one that does not exist (lint tells) is left out."""
        known = self.policy.pack.rules
        found = (known.get(one) or BUILTIN_RULES.get(one) for one in dict.fromkeys(ids) if one)
        return tuple(rule for rule in found if rule)

    @cached_property
    def _origins(self) -> dict[int, str]:
        origins = self.policy.pack.origins
        return {id(value.entry): origins.get(value.place, "") for value in walk(self.file)}

    def origin(self, entry: Entry | None) -> str:
        """Return the pack an entry comes from; empty where all is this pack's own."""
        return self._origins.get(id(entry), "") if len(self.policy.pack.layers) > 1 else ""

    def row(self, entry: Entry, *cells: Message, ids: Iterable[str | None] = ()) -> Row:
        """Return a line of a table; ``ids`` name further rules than the entry's own."""
        return Row(cells, self.rules(getattr(entry, "rule", None), *ids), self.origin(entry))

    def point(self, entry: Entry | None, text: Message, *ids: str | None) -> Point:
        """Return a sentence with its clauses; ``ids`` name further rules than the entry's own."""
        return Point(text, self.rules(getattr(entry, "rule", None), *ids), self.origin(entry))

    def section(self, code: str, points: Iterable[Point] = (), tables: Iterable[Table] = ()) -> Section:
        """Return a section under the name that the part of the pack has everywhere."""
        return Section(code, say(SECTIONS[code]), tuple(points), tuple(table for table in tables if table.rows))

    def say_when(self, when: When | None) -> Message:
        """Return whom a value holds for; blank for everybody."""
        return BLANK if when is None else say_when(when, self.vocabulary)


def make_table(
    heads: Iterable[tuple[Message | str, bool]], rows: Iterable[Row], caption: Message | None = None
) -> Table:
    """Return a table without the columns in which nothing stands; a head is a label, and whether it holds numbers."""
    made, lines = [Head(_label(label), number) for label, number in heads], tuple(rows)
    kept = [place for place in range(len(made)) if any(row.cells[place] not in (BLANK, NOT_GIVEN) for row in lines)]
    return Table(
        tuple(made[place] for place in kept),
        tuple(Row(tuple(row.cells[place] for place in kept), row.rules, row.origin) for row in lines),
        caption,
    )


def _label(label: Message | str) -> Message:
    return label if isinstance(label, Message) else say(label)


def yuan(fen: int | None) -> Message:
    """Return an amount in yuan, without decimals where they are zero; a dash for None."""
    return NOT_GIVEN if fen is None else as_is(format_yuan(fen).removesuffix(".00"))


def span(days: Days) -> Message:
    """Return days as a column of dates shows them."""
    return as_is(f"{days.first_day} – {days.last_day}")


def say_years(entry: ForYears) -> Message:
    """Return the insurance years a value is limited to; blank for all."""
    if entry.years is None:
        return BLANK
    return say(N_("限 {years} 年度"), years=list_up(as_is(year) for year in entry.years))


def say_all(parts: Iterable[Message]) -> Message:
    """Return sentences one after the other, blank ones left out; blank where there are none."""
    said = [part for part in parts if part != BLANK]
    return list_up(said, ("；", "; ")) if said else BLANK


def with_years(text: Message, entry: ForYears) -> Iterator[Message]:
    """Yield a sentence, and the years it is limited to."""
    yield text
    if entry.years is not None:
        yield say_years(entry)
