"""Rows of a department's roster as they are written (BN-A): columns, numbers and words, before anybody is looked up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from yingbao.divisions.codes import Scope
from yingbao.kernel.certificates import Certificate, Disability, parse_many
from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.periods import first_of_next_month
from yingbao.registry.cells import Cells
from yingbao.registry.places import Places
from yingbao.registry.recognising.proposing import Written
from yingbao.sheets import Row, Table
from yingbao.storage.encrypted import blind_index


class Change(StrEnum):
    """新增或减少."""

    ADDED = "added"
    REMOVED = "removed"


CHANGES: Mapping[str, str] = {
    **dict.fromkeys(("新增", "增加", "新增人员"), Change.ADDED.value),
    **dict.fromkeys(("减少", "取消", "减少人员"), Change.REMOVED.value),
}
UNKNOWN_IDENTITY = N_("不认识这个人员类别；请填规范名称，或请区医保局把它加入别名表")


def nobody(resident_ids: Collection[int]) -> set[int]:
    """Return that none of them has paid."""
    return set()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a roster is read against.

    ``code_named`` gives an identity's code for any known name, else None; ``confirmed_by`` the department whose
    roster may say so, or None where the year's policy names none; ``name_of`` an identity's name. ``is_full``: the
    file is a whole list, and who is missing from it has ended. ``paid`` tells who of some residents has paid.
    """

    department: str
    month: date
    on: date
    scope: Scope
    places: Places
    code_named: Callable[[str], str | None]
    confirmed_by: Callable[[str], str | None]
    name_of: Callable[[str], Message]
    is_full: bool = False
    paid: Callable[[Collection[int]], set[int]] = nobody

    @property
    def past_month(self) -> date:
        """The first day after the roster's month."""
        return first_of_next_month(self.month)


class Line(NamedTuple):
    """A row as it is written. ``blind`` is empty and ``why`` says the reason where the number is none."""

    cells: Cells
    town: str
    village: str
    name: str
    number: str
    blind: bytes
    why: Message | None
    disability: Disability | None
    code: str
    change: str
    since: date | None  # 纳入资助时间 of a full list

    @property
    def row(self) -> int:
        """The sheet's row."""
        return self.cells.number

    @property
    def written(self) -> Written:
        """Whom the row names, for those who look for people."""
        return Written(self.row, self.number, self.name, self.town, self.village)


def read_lines(table: Table, terms: Terms, problems: list[RowProblem]) -> list[Line]:
    """Return every row of a roster; what is wrong with words and dates is added to ``problems``."""
    rows = list(table)
    certificates = parse_many([row.text("cert_number") for row in rows], on=terms.on)
    found = zip(rows, certificates, strict=True)
    return [_line(row, certificate, table, terms, problems) for row, certificate in found]


def _line(row: Row, certificate: Certificate | Message, table: Table, terms: Terms, problems: list[RowProblem]) -> Line:
    cells = Cells(row, table.layout, problems)
    name, code = cells.name("name"), _code(cells, terms)
    change = Change.ADDED.value if terms.is_full else cells.choose("change", CHANGES)
    since = _since(row, cells, terms) if terms.is_full else None
    place, number = (row.text("town"), row.text("village")), row.text("cert_number")
    if isinstance(certificate, Message):
        return Line(cells, *place, name, number, b"", certificate, None, code, change, since)
    index = blind_index(certificate.number)
    return Line(cells, *place, name, number, index, None, certificate.disability, code, change, since)


def _code(cells: Cells, terms: Terms) -> str:
    word = cells.word("identity")
    code = terms.code_named(word) if word else None
    if code is None:
        cells.fail("identity", say(UNKNOWN_IDENTITY))
        return ""
    confirmed_by = terms.confirmed_by(code)
    if confirmed_by is None:
        cells.fail("identity", say(N_("本年度政策没有规定这类人员由哪个部门确认")))
    elif confirmed_by != terms.department:
        cells.fail("identity", say(N_("这类人员不由本部门确认")))
    return code


def _since(row: Row, cells: Cells, terms: Terms) -> date | None:
    since = row.day("subsidised_from")
    if since is not None and since >= terms.past_month:
        cells.fail("subsidised_from", say(N_("晚于名单所属月份")))
    return since
