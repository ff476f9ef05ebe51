"""Rows of an institution's list (BN-3.2.2, BN-3.3.3): all that the file can tell by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import NamedTuple

from yingbao.kernel.certificates import Certificate
from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry.cells import Cells
from yingbao.registry.kinds import Evidence, InstitutionKind, Population
from yingbao.registry.papers import read_birth, read_certificates, read_number, read_sex
from yingbao.registry.places import tidy
from yingbao.registry.problems import Problems
from yingbao.sheets import Row, Table
from yingbao.storage.encrypted import blind_index

BATCH = 5000
TIERS: Mapping[str, int] = {
    **dict.fromkeys(("一档", "1", "1档", "一", "第一档", "居民一档"), 1),
    **dict.fromkeys(("二档", "2", "2档", "二", "第二档", "居民二档"), 2),
}
# BN-3.3.3 speaks of these two; 孤儿 there are foundlings and children in hardship too.
KEPT_AS: Mapping[str, str] = dict.fromkeys(("弃儿", "弃婴", "困境儿童", "孤儿"), "orphan")
KEPT = frozenset({"extreme_poverty", "orphan"})
POPULATIONS = {
    InstitutionKind.UNIVERSITY: Population.STUDENT,
    InstitutionKind.SCHOOL: Population.RESIDENT,
    InstitutionKind.WELFARE: Population.RESIDENT,
}
EVIDENCE = {
    InstitutionKind.UNIVERSITY: Evidence.SCHOOL_REGISTER,
    InstitutionKind.SCHOOL: Evidence.SCHOOL_REGISTER,
    InstitutionKind.WELFARE: Evidence.HOUSEHOLD_BOOKLET,
}


class Member(NamedTuple):
    """One row, in the order of ``StagedMember``'s columns but its id. ``blind`` is the blind index of the number."""

    row: int
    is_sound: bool
    name: str
    certificate_kind: str
    certificate_number: str
    blind: bytes
    birth_on: date
    sex: str
    phone: str | None
    tier: int
    graduating: bool
    term_start_on: date | None
    identity: str
    on_platform: bool
    number: str
    unit: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What rows are read against: the institution's kind, today, the tiers on offer, the names of identities.

    ``term_year``: the calendar year in which the academic year begins; None where the policy has no students.
    """

    kind: str
    on: date
    tiers: Collection[int]
    term_year: int | None
    code_named: Callable[[str], str | None]


@dataclass(slots=True)
class Reader:
    """Reads a list as it streams by. Nothing is raised for a row: its problems go into ``problems``."""

    table: Table
    terms: Terms
    problems: Problems = field(default_factory=Problems)

    def members(self) -> Iterator[Member]:
        """Give every row as far as it goes. Raises BadInput, at the end too, where the file as a whole is none."""
        rows = iter(self.table)
        while batch := list(islice(rows, BATCH)):
            for row, certificate in zip(batch, read_certificates(batch, self.terms.on), strict=True):
                yield self._read(row, certificate)

    def _read(self, row: Row, certificate: Certificate | Message) -> Member:
        found: list[RowProblem] = []
        cells = Cells(row, self.table.layout, found)
        member = _member(cells, row, certificate, self.terms)
        for problem in found:
            self.problems.add(problem)
        return member._replace(is_sound=cells.is_good)


def _member(cells: Cells, row: Row, certificate: Certificate | Message, terms: Terms) -> Member:
    number, kind = read_number(cells, certificate)
    return Member(
        row=row.number,
        is_sound=True,
        name=cells.name("name")[:60],
        certificate_kind=kind,
        certificate_number=number,
        blind=blind_index(number) if number else b"",
        birth_on=read_birth(cells, row, certificate, terms.on),
        sex=read_sex(cells, certificate),
        phone=cells.phone("phone") or None,
        tier=_tier(cells, terms),
        graduating=_is_graduating(cells, terms),
        term_start_on=_term_start(cells, row, terms),
        identity=_identity(cells, terms),
        on_platform=cells.flag("on_platform"),
        number=cells.text("member_no", longest=30)[:30],
        unit=cells.text("unit", longest=60)[:60],
    )


def _tier(cells: Cells, terms: Terms) -> int:
    word = tidy(cells.word("tier"))
    tier = TIERS.get(word, 0)
    if not word:
        cells.fail("tier", say(N_("没有填写")))
    elif tier not in terms.tiers:
        cells.fail("tier", say(N_("没有这个档次，应填“一档”或“二档”")))
    return tier


def _is_graduating(cells: Cells, terms: Terms) -> bool:
    graduates = cells.flag("graduating")
    if graduates and terms.kind != InstitutionKind.UNIVERSITY:
        cells.warn("graduating", say(N_("只有大学生需要填写，没有采用")))
        return False
    return graduates


def _term_start(cells: Cells, row: Row, terms: Terms) -> date | None:
    day = row.day("term_start_on")
    if day is None:
        return None
    if terms.kind != InstitutionKind.UNIVERSITY:
        cells.warn("term_start_on", say(N_("只有大学生需要填写，没有采用")))
        return None
    if day.year != terms.term_year:
        cells.fail("term_start_on", say(N_("开学日期应在 {year} 年"), year=terms.term_year))
    if day > terms.on:
        cells.fail("term_start_on", say(N_("开学日期晚于今天")))
    return day


def _identity(cells: Cells, terms: Terms) -> str:
    """BN-3.3.3: a welfare institution says whom it keeps as what; everybody else's identities are the departments'."""
    word = cells.word("identity")
    if not word:
        return ""
    if terms.kind != InstitutionKind.WELFARE:
        cells.warn("identity", say(N_("身份以主管部门的花名册为准，没有采用")))
        return ""
    code = KEPT_AS.get(tidy(word)) or terms.code_named(word)
    if code is None:
        cells.fail("identity", say(N_("不认识这个身份名称")))
    elif code not in KEPT:
        cells.fail("identity", say(N_("福利机构名单只认特困人员和孤儿（含弃儿、困境儿童），其他身份由主管部门报送")))
    return code or ""
