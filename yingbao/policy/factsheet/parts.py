"""What a fact sheet is made of. Every text is a Message: the same sheet reads in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass

from yingbao.kernel.messages import Message
from yingbao.policy.entries import Document
from yingbao.policy.linting.subject import Finding
from yingbao.policy.load import Rule
from yingbao.policy.people import Decision, Person
from yingbao.policy.texts import Text


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; ``number``: its cells are amounts or counts."""

    label: Message
    number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: a cell for each column, the rules it rests on, and the pack it comes from."""

    cells: tuple[Message, ...]
    rules: tuple[Rule, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Lines under heads; ``caption`` where a section has several."""

    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    caption: Message | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A sentence of a section."""

    text: Message
    rules: tuple[Rule, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the sheet; ``code`` names it for links and tests."""

    code: str
    title: Message
    points: tuple[Point, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A person, and the decision the engine gave when the sheet was made; ``others`` are the further amounts."""

    title: Message
    facts: Message
    person: Person
    decision: Decision
    subsidy: Message
    others: Message
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Examples of one thing."""

    code: str
    title: Message
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class FactSheet:
    """A pack as a page. ``findings`` are what lint warns of; ``clauses`` all rules, the engine's own used ones last."""

    name: str
    hash: str
    year: int
    assessable: bool
    title: Text
    documents: tuple[Document, ...]
    layers: tuple[str, ...]
    sections: tuple[Section, ...]
    chapters: tuple[Chapter, ...]
    questions: tuple[Rule, ...]
    findings: tuple[Finding, ...]
    readings: tuple[Rule, ...]
    clauses: tuple[Rule, ...]
