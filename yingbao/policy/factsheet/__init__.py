"""The fact sheet of a pack: everything it says, in words, with worked examples that the engine has assessed."""

from yingbao.policy.factsheet.markdown import write_markdown
from yingbao.policy.factsheet.parts import Chapter, Example, FactSheet, Head, Point, Row, Section, Table
from yingbao.policy.factsheet.sheet import make_sheet

__all__ = [
    "Chapter",
    "Example",
    "FactSheet",
    "Head",
    "Point",
    "Row",
    "Section",
    "Table",
    "make_sheet",
    "write_markdown",
]
