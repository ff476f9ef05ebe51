"""Rows of a register file (全员信息台账, BN-4.4b) become people, or problems: all that a file can tell by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from yingbao.kernel.certificates import Certificate, Form
from yingbao.kernel.errors import RowProblem
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry.cells import Cells
from yingbao.registry.kinds import ElsewhereKind, Population, Relation
from yingbao.registry.papers import SEX_CODES, SEXES, read_birth, read_certificates, read_number, read_sex
from yingbao.registry.places import Places, tidy
from yingbao.registry.problems import Problems
from yingbao.sheets import Row, Table
from yingbao.storage.encrypted import blind_index

BATCH = 5000
LONGEST_STUDY_YEARS = 8
RELATIONS: Mapping[str, str] = {
    **dict.fromkeys(("户主", "本人", "户主本人", "本人或户主"), Relation.HEAD.value),
    **dict.fromkeys(("配偶", "夫", "妻", "丈夫", "妻子"), Relation.SPOUSE.value),
    **dict.fromkeys(("子女", "子", "女", "儿子", "女儿", "长子", "次子", "三子"), Relation.CHILD.value),
    **dict.fromkeys(("长女", "次女", "三女", "独生子", "独生女", "养子", "养女", "继子", "继女"), Relation.CHILD.value),
    **dict.fromkeys(("父母", "父", "母", "父亲", "母亲", "公公", "婆婆", "岳父", "岳母"), Relation.PARENT.value),
    **dict.fromkeys(("孙子女", "孙子", "孙女", "外孙子", "外孙女", "孙", "外孙"), Relation.GRANDCHILD.value),
    **dict.fromkeys(("其他", "儿媳", "女婿", "兄弟姐妹", "兄", "弟", "姐", "妹"), Relation.OTHER.value),
    **dict.fromkeys(("非亲属", "其他亲属"), Relation.OTHER.value),
}


class Group(NamedTuple):
    """A word of 参保人群: the evidence by which the notice knows that group, and what certificate it must show."""

    evidence: str
    population: str = Population.RESIDENT.value
    form: Form | None = None


HUKOU = Group("household_booklet")
GROUPS: Mapping[str, Group] = {
    "": HUKOU,
    **dict.fromkeys(("城乡居民", "居民", "成年居民", "户籍居民"), HUKOU),
    **dict.fromkeys(("居住证持有人", "居住证持有者"), Group("residence_permit")),
    **dict.fromkeys(("大学生", "在校大学生"), Group("school_register", Population.STUDENT.value)),
    **dict.fromkeys(("中小学生", "学生", "中职学生", "学龄前儿童", "在园幼儿"), Group("school_register")),
    "新生儿": Group("birth_certificate"),
    "外国人永久居留": Group("permanent_residence_card", form=Form.PERMANENT_RESIDENCE),
    **dict.fromkeys(("港澳台居民", "港澳台"), Group("residence_permit_hmt", form=Form.RESIDENCE_PERMIT)),
    **dict.fromkeys(("引进人才家属", "人才家属"), Group("talent_letter")),
}
# Remarks that keep somebody out of this year's enrolment; any other remark is left alone.
REMARKS = {"服役": ElsewhereKind.ARMY.value, "服刑": ElsewhereKind.PRISON.value}


class Person(NamedTuple):
    """One row, in the order of ``StagedPerson``'s columns. ``blind`` is the blind index of ``number``.

    ``unsaid`` are the keys of optional columns left empty, ``elsewhere`` ElsewhereKind values; both joined by ;
    """

    row: int
    is_sound: bool
    unsaid: str
    division_code: int
    household_no: str
    address: str
    relation: str
    name: str
    certificate_kind: str
    number: str
    blind: bytes
    birth_on: date
    sex: str
    phone: str | None
    hukou: str
    basis: str
    population: str
    graduating: bool
    on_platform: bool
    elsewhere: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What rows are read against: villages, today, the insurance year, and the rule that each evidence falls under."""

    places: Places
    on: date
    year: int
    bases: Mapping[str, str]

    def basis_of(self, group: Group) -> str:
        """Return the rule that makes a group eligible; a notice that does not name it takes it by hukou."""
        return self.bases.get(group.evidence) or self.bases[HUKOU.evidence]


@dataclass(slots=True)
class Reader:
    """Reads a register file as it streams by. Nothing is raised for a row: its problems go into ``problems``.

    Most rows are like many others: only name, number, address and phone differ. What the words of such a row mean is
    worked out once and remembered in ``_known``; every other row takes the slow road that knows reasons.
    """

    table: Table
    terms: Terms
    problems: Problems = field(default_factory=Problems)
    progress: Callable[[int], object] | None = None  # told how many rows have been read
    _known: dict[tuple[object, ...], Person] = field(default_factory=dict)

    def people(self) -> Iterator[Person]:
        """Give every row as far as it goes. Raises BadInput, at the end too, where the file as a whole is none."""
        rows, count = iter(self.table), 0
        while batch := list(islice(rows, BATCH)):
            for row, certificate in zip(batch, read_certificates(batch, self.terms.on), strict=True):
                yield self._ordinary(row, certificate) or self._read(row, certificate)
            count += len(batch)
            if self.progress:
                self.progress(count)

    def _read(self, row: Row, certificate: Certificate | Message) -> Person:
        found: list[RowProblem] = []
        cells = Cells(row, self.table.layout, found)
        person = _person(cells, row, certificate, self.terms)
        person = person._replace(is_sound=cells.is_good)
        for problem in found:
            self.problems.add(problem)
        if not found and _is_ordinary(certificate) and len(self._known) < MOST_KNOWN:
            self._known[_words(row.values)] = person
        return person

    def _ordinary(self, row: Row, certificate: Certificate | Message) -> Person | None:
        """Return the person of a row whose words are known and whose other cells are beyond doubt."""
        values = row.values
        like = self._known.get(_words(values))
        if like is None or row.problems or not isinstance(certificate, Certificate) or not _is_ordinary(certificate):
            return None
        household, address, name, sex, phone, hukou = _OWN_CELLS(values)
        told = SEX_CODES[certificate.sex]
        if not _ORDINARY_NAME(name) or not household or (phone and not _ORDINARY_PHONE(phone)):
            return None
        if (sex and SEXES.get(sex) != told) or values["birth_on"] not in (None, certificate.birth_on):
            return None
        if len(household) > 30 or len(address) > 120 or len(hukou) > 60 or certificate.birth_on is None:
            return None
        number = certificate.number
        # In the order of the columns; keywords would cost a tenth of the whole reading.
        return Person(
            *(row.number, True, like.unsaid, like.division_code, household, address, like.relation, name),
            *(like.certificate_kind, number, blind_index(number), certificate.birth_on, told, phone or None, hukou),
            *(like.basis, like.population, like.graduating, like.on_platform, like.elsewhere),
        )


MOST_KNOWN = 50_000
_words = itemgetter(
    *("relation", "cert_form", "town", "village", "population", "employee_insured", "elsewhere_insured"),
    *("on_platform", "graduation_year", "note"),
)
_OWN_CELLS = itemgetter("household_no", "address", "name", "sex", "phone", "hukou")
_ORDINARY_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}").fullmatch
_ORDINARY_PHONE = re.compile(r"1[0-9]{10}").fullmatch
UNSAID = ("population", "graduation_year", "on_platform")


def _is_ordinary(certificate: Certificate | Message) -> bool:
    return isinstance(certificate, Certificate) and certificate.form is Form.ID_CARD and not certificate.warnings


def _person(cells: Cells, row: Row, certificate: Certificate | Message, terms: Terms) -> Person:
    group = _group(cells, certificate)
    number, kind = read_number(cells, certificate)
    is_student = group.population == Population.STUDENT
    return Person(
        row=row.number,
        is_sound=True,
        unsaid=";".join(key for key in UNSAID if not cells.has(key)),
        division_code=_division(cells, row, terms.places),
        household_no=cells.needed("household_no", longest=30)[:30],
        address=cells.text("address", longest=120)[:120],
        relation=cells.choose("relation", RELATIONS),
        name=cells.name("name")[:60],
        certificate_kind=kind,
        number=number,
        blind=blind_index(number) if number else b"",
        birth_on=read_birth(cells, row, certificate, terms.on),
        sex=read_sex(cells, certificate),
        phone=cells.phone("phone") or None,
        hukou=cells.text("hukou", longest=60)[:60],
        basis=terms.basis_of(group),
        population=group.population,
        graduating=_is_graduating(cells, row, is_student, terms.year),
        on_platform=cells.flag("on_platform", default=True),
        elsewhere=";".join(_elsewhere(cells, row)),
    )


def _division(cells: Cells, row: Row, places: Places) -> int:
    found = places.find(row.text("village"), row.text("town"))
    if isinstance(found, Message):
        cells.fail("village", found)
        return 0
    return found


def _group(cells: Cells, certificate: Certificate | Message) -> Group:
    word = cells.word("population")
    group = GROUPS.get(word) or GROUPS.get(tidy(word))
    if group is None:
        cells.fail("population", say(N_("不认识这个参保人群")))
        return HUKOU
    if isinstance(certificate, Message):
        return group
    if group.form is not None and group.form is not certificate.form:
        cells.fail("population", say(N_("参保人群与证件类型不符")))
    by_form = _BY_FORM.get(certificate.form)
    if by_form is not None and group is HUKOU:
        if word:
            cells.fail("population", say(N_("参保人群与证件类型不符")))
        return by_form
    return group


_BY_FORM = {group.form: group for group in GROUPS.values() if group.form is not None}


def _is_graduating(cells: Cells, row: Row, is_student: bool, year: int) -> bool:
    graduates_in = row.integer("graduation_year")
    if graduates_in is None:
        return False
    if not is_student:
        cells.warn("graduation_year", say(N_("只有大学生需要填毕业年，没有采用")))
        return False
    if not year <= graduates_in <= year + LONGEST_STUDY_YEARS:
        last = year + LONGEST_STUDY_YEARS
        cells.fail("graduation_year", say(N_("在校大学生的毕业年应在 {first} 至 {last} 之间"), first=year, last=last))
    return graduates_in == year


def _elsewhere(cells: Cells, row: Row) -> tuple[str, ...]:
    kinds = []
    if cells.flag("employee_insured"):
        kinds.append(ElsewhereKind.EMPLOYEE.value)
    if cells.flag("elsewhere_insured"):
        kinds.append(ElsewhereKind.OTHER_PLACE.value)
    remark = REMARKS.get(row.text("note"))
    return (*kinds, remark) if remark else tuple(kinds)
