"""Residents as rows of the register's own layout: masked to look at, or whole to be imported again (BN-4.4b)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice

from yingbao.divisions import queries as divisions
from yingbao.divisions.codes import Scope
from yingbao.kernel.certificates import FORM_NAMES, Certificate, Form, mask, parse
from yingbao.kernel.masking import mask_phone
from yingbao.policy.vocabulary import get_vocabulary
from yingbao.registry import shown
from yingbao.registry.kinds import ElsewhereKind, Population, ResidentState
from yingbao.registry.models import Resident
from yingbao.registry.register.rows import GROUPS, HUKOU, RELATIONS, REMARKS
from yingbao.sheets import Column, Layout
from yingbao.sheets.cells import Value
from yingbao.sheets.layouts import REGISTER

CHUNK = 2_000
MASKED = ("cert_number", "phone")
UNKNOWN = ("school",)  # the register's file may bring it; the register does not keep it
# Beside what can be imported again: what an office wants to see.
MORE = (
    Column("age", "年龄", required=False, width=6),
    Column("identities", "特殊人员身份", required=False, width=24),
    Column("state", "在册状态", required=False, width=10),
)
COLUMNS = (*(column for column in REGISTER.columns if column.key not in UNKNOWN), *MORE)
NEEDED = tuple(column.key for column in COLUMNS if column.required)
# The words a file may use are many; the first of each meaning is the one we write.
OF_A_FORM = frozenset(group.form for group in GROUPS.values() if group.form is not None)
RELATION_WORDS = {code: word for word, code in reversed(list(RELATIONS.items()))}
REMARK_WORDS = {kind: word for word, kind in REMARKS.items()}
YES, NO, STUDENTS = "是", "否", "大学生"


def layout_of(keys: Iterable[str]) -> Layout:
    """Return the register's layout with the chosen columns, in its own order."""
    chosen = set(keys)
    return Layout(REGISTER.code, REGISTER.title, tuple(one for one in COLUMNS if one.key in chosen), key=REGISTER.key)


def words_of(rules: Mapping[str, str]) -> dict[str, str]:
    """Return rule → the word of 参保人群 that brings it, from evidence → rule (a notice's groups)."""
    brought = {group.evidence: word for word, group in reversed(list(GROUPS.items())) if word and word != STUDENTS}
    words = {rule: brought[evidence] for evidence, rule in rules.items() if evidence in brought}
    return words | {rules[HUKOU.evidence]: brought[HUKOU.evidence]}


def rows_of(
    residents: Iterable[Resident],
    *,
    whole: bool,
    on: date,
    year: int,
    words: Mapping[str, str],
    scope: Scope,
) -> Iterator[dict[str, Value]]:
    """Yield a row per resident, household at hand, some thousand at a time so that memory does not grow with them.

    ``whole`` shows numbers and phones unmasked; ``words`` is what each rule of eligibility is called in 参保人群.
    """
    names = {one.code: one.name for one in divisions.within(scope)}
    people = iter(residents)
    while batch := list(islice(people, CHUNK)):
        ids = [one.pk for one in batch]
        codes, elsewhere = shown.identity_codes_on(ids, on), shown.all_elsewhere_on(ids, on)
        for one in batch:
            row = _row(one, elsewhere.get(one.pk, frozenset()), year=year, words=words)
            row |= {"town": names.get(one.division_id - one.division_id % 1000), "village": names[one.division_id]}
            row |= {"age": _age(one.birth_on, on), "identities": _identities(codes.get(one.pk, ()))}
            yield row if whole else row | _masked(one)


def _row(one: Resident, elsewhere: frozenset[str], *, year: int, words: Mapping[str, str]) -> dict[str, Value]:
    form = _form(one)
    return {
        "household_no": one.household.number,
        "relation": RELATION_WORDS[one.relation],
        "name": one.name,
        "cert_form": str(FORM_NAMES[form]),
        "cert_number": one.certificate_number,
        "sex": str(one.get_sex_display()),
        "birth_on": one.birth_on,
        "hukou": one.hukou,
        "address": one.household.address,
        "population": _population(one, form, words),
        "phone": one.phone,
        "employee_insured": YES if ElsewhereKind.EMPLOYEE in elsewhere else NO,
        "elsewhere_insured": YES if ElsewhereKind.OTHER_PLACE in elsewhere else NO,
        "on_platform": YES if one.on_platform else NO,
        "graduation_year": year if one.graduating else None,
        "note": next((REMARK_WORDS[kind] for kind in sorted(elsewhere) if kind in REMARK_WORDS), None),
        "state": str(ResidentState(one.state).label),
    }


def _population(one: Resident, form: Form, words: Mapping[str, str]) -> str | None:
    """Return the word of 参保人群; none where the certificate itself says it, and the reader takes no other."""
    if one.population == Population.STUDENT:
        return STUDENTS
    return None if form in OF_A_FORM else words.get(one.basis)


def _masked(one: Resident) -> dict[str, Value]:
    return {"cert_number": mask(one.certificate_number), "phone": mask_phone(one.phone) if one.phone else None}


def _form(one: Resident) -> Form:
    """Return how a number is built; what says nothing of itself is another kind of certificate."""
    found = parse(one.certificate_number)
    return found.form if isinstance(found, Certificate) else Form.OTHER


def _age(birth_on: date, on: date) -> str:
    return str(on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day)))


def _identities(codes: Iterable[str]) -> str:
    known = get_vocabulary().identities
    return "、".join(known[code].name.render("zh") if code in known else code for code in sorted(codes))
