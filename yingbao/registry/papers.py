"""What the rows of a list say of a person's papers: the number, and birth and sex held against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from yingbao.kernel.certificates import Certificate, Form, form_named, parse, parse_many
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry.cells import Cells
from yingbao.registry.kinds import Sex
from yingbao.sheets import Row

NO_DAY = date.min  # of a row that is kept out anyway
SEXES: Mapping[str, str] = {
    **dict.fromkeys(("男", "男性", "1"), Sex.MALE.value),
    **dict.fromkeys(("女", "女性", "2"), Sex.FEMALE.value),
}
SEX_CODES = {"male": Sex.MALE.value, "female": Sex.FEMALE.value, None: ""}


def read_certificates(batch: Sequence[Row], on: date) -> list[Certificate | Message]:
    """Read a batch's numbers: together, but for those whose row names a kind of certificate that changes the rules."""
    found = parse_many([row.text("cert_number") for row in batch], on=on)
    words = [row.text("cert_form") for row in batch]
    forms = {word: form_named(word) for word in set(words) if word}
    for place, row in enumerate(batch):
        declared = forms.get(words[place])
        if declared is not None and declared is not Form.ID_CARD:
            found[place] = parse(row.text("cert_number"), declared=declared, on=on)
    return found


def read_number(cells: Cells, certificate: Certificate | Message) -> tuple[str, str]:
    """Return the number and kind of a row's certificate, both empty where it is none; warnings are told."""
    if isinstance(certificate, Message):
        cells.fail_unless_failed("cert_number", certificate)
        return "", ""
    for warning in certificate.warnings:
        cells.warn("cert_number", warning)
    return certificate.number, certificate.kind


def read_birth(cells: Cells, row: Row, certificate: Certificate | Message, on: date) -> date:
    """Return the day of birth: the number's, else the cell's; ``NO_DAY`` where there is none. They must agree."""
    written = row.day("birth_on")
    told = certificate.birth_on if isinstance(certificate, Certificate) else None
    if written and told and written != told:
        cells.fail("birth_on", say(N_("与证件号码中的出生日期不一致")))
    if written and written > on:
        cells.fail("birth_on", say(N_("出生日期晚于今天")))
    birth_on = told or written
    if birth_on is None and isinstance(certificate, Certificate):
        cells.fail_unless_failed("birth_on", say(N_("证件号码里没有出生日期，必须填写")))
    return birth_on or NO_DAY


def read_sex(cells: Cells, certificate: Certificate | Message) -> str:
    """Return the code of the sex: the number's, else the cell's; they must agree."""
    told = SEX_CODES[certificate.sex] if isinstance(certificate, Certificate) else ""
    written = cells.choose("sex", SEXES) if cells.has("sex") else ""
    if written and told and written != told:
        cells.fail("sex", say(N_("与证件号码中的性别不一致")))
    if not written and not told and isinstance(certificate, Certificate):
        cells.fail("sex", say(N_("证件号码里没有性别，必须填写")))
    return told or written
