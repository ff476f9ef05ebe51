"""The letter to a resident: what was decided, by which sentences of which notice, how read, and where to object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yingbao.documents.typesetting import chinese_date, typeset
from yingbao.kernel.certificates import mask
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, SOURCE_LANGUAGE, Message, say
from yingbao.kernel.money import format_yuan

_LABELS = {
    "title": N_("城乡居民基本医疗保险参保缴费决定书"),
    "trial_title": N_("城乡居民基本医疗保险参保缴费测算说明"),
    "to": N_("致参保人"),
    "cert": N_("证件号码"),
    "household": N_("户号"),
    "division": N_("所属村（社区）"),
    "decided": N_("决定"),
    "worked_out": N_("测算结果"),
    "facts": N_("一、依据的事实"),
    "amounts": N_("二、金额与待遇"),
    "item": N_("项目"),
    "why": N_("说明"),
    "fen": N_("金额（元）"),
    "basis": N_("依据"),
    "clauses": N_("三、依据的条款"),
    "read_as": N_("本处留有余地，按下述理解办理："),
    "open": N_("本处没有写明，须请示："),
    "objection": N_("四、异议"),
    "trial_note": N_("本说明按填写的事实测算，不是参保凭证，也不代替经办机构的决定。"),
    "seal": N_("（单位公章）"),
    "policy": N_("政策"),
}


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A line of the bill. ``counts``: its amount is part of the sum, else it stands in brackets; ``dim``: not used."""

    item: str
    why: str
    amount_fen: int | None
    basis: str
    counts: bool = True
    dim: bool = False
    total: bool = False  # what the person pays


@dataclass(frozen=True, slots=True)
class LetterClause:
    """A sentence the decision rests on, and where it stands; the last two are empty where the sentence is plain."""

    id: str
    title: str
    text: str
    source: str
    interpretation: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom the letter goes, and which office it comes from and takes objections."""

    name: str
    cert_number: str  # in full: only its mask is printed
    household_no: str
    division: str
    office: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter states, its sentences in ``language`` ("zh…" or "en"). ``to`` None: worked out for nobody.

    ``terms_fen`` are what ``payable_fen`` is the sum of; both empty and None where nothing can be paid.
    """

    language: str
    insurance_year: int
    answer: str
    facts: Sequence[tuple[str, str]]
    rows: Sequence[LetterRow]
    terms_fen: Sequence[int]
    payable_fen: int | None
    clauses: Sequence[LetterClause]
    policy_title: str
    policy_mark: str  # name and hash of the pack
    issued_on: date
    to: Addressee | None = None


def decision_letter_pdf(letter: Letter) -> bytes:
    """Return the letter as an A4 PDF, to be sealed on paper where it goes to a resident.

    Raises Refused when its amounts do not add up, or it goes to a resident and does not say whom or from where.
    """
    _check(letter)
    labels = {name: _label(say(text).render(letter.language)) for name, text in _LABELS.items()}
    data = {
        "lang": letter.language[:2],
        "labels": labels,
        "year": _say(letter, say(N_("（{year} 年度）"), year=letter.insurance_year)),
        "answer": letter.answer,
        "facts": [list(fact) for fact in letter.facts],
        "rows": [_row(row) for row in letter.rows],
        "clauses": [_clause(clause) for clause in letter.clauses],
        "policy_title": letter.policy_title,
        "policy_mark": letter.policy_mark,
        "issued_on": say_date(letter.issued_on, letter.language),
        "to": _addressee(letter) if letter.to else None,
    }
    return typeset("letter", data, dated=letter.issued_on)


def _label(text: str) -> str:
    return text[:1].upper() + text[1:]


def say_date(day: date, language: str) -> str:
    """Return a date as letters write it: 2022年12月1日, 1 December 2022."""
    if language.startswith(SOURCE_LANGUAGE):
        return chinese_date(day)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _say(letter: Letter, message: Message) -> str:
    return message.render(letter.language)


def _row(row: LetterRow) -> dict[str, object]:
    amount = "" if row.amount_fen is None else format_yuan(row.amount_fen)
    return {
        "item": row.item,
        "why": row.why,
        "amount": amount,
        "basis": row.basis,
        "counts": row.counts,
        "dim": row.dim,
        "total": row.total,
    }


def _clause(clause: LetterClause) -> dict[str, str]:
    return {
        "id": clause.id,
        "title": clause.title,
        "text": clause.text,
        "source": clause.source,
        "interpretation": clause.interpretation,
        "question": clause.question,
    }


def _addressee(letter: Letter) -> dict[str, str]:
    to = letter.to
    assert to is not None
    objection = say(
        N_("对本决定有异议的，请携带本决定书和能说明情况的材料，向{office}提出；身份有误的，请先向认定部门核实。"),
        office=to.office,
    )
    return {
        "name": to.name,
        "cert": mask(to.cert_number),
        "household": to.household_no,
        "division": to.division,
        "office": to.office,
        "objection": _say(letter, objection),
    }


def _check(letter: Letter) -> None:
    if letter.payable_fen is not None and sum(letter.terms_fen) != letter.payable_fen:
        raise _refused(say(N_("应缴金额与各项之和不符")), say(N_("请核对参保登记后重新生成")))
    to = letter.to
    if to is not None and not (to.name and to.cert_number and to.office):
        raise _refused(say(N_("缺少参保人姓名、证件号码或出具单位")), say(N_("请补全后再生成")))


def _refused(fact: Message, todo: Message) -> Refused:
    return Refused(say(N_("决定书不能生成")), fact=fact, todo=todo)
