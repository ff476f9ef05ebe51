"""What a document must be to show that somebody is of a group of the notice (BN-2, PJ-2): its kind, number and term."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from yingbao.kernel.certificates import Certificate, Form, normalise, parse
from yingbao.kernel.errors import BadInput, Refused
from yingbao.kernel.messages import N_, Message, say
from yingbao.policy import Policy
from yingbao.policy.listings import Group
from yingbao.registry.kinds import Evidence

# What a group asks for beside these tells it from the others: a pupil's booklet says nothing of a school.
COMMON = ("id_card", Evidence.HOUSEHOLD_BOOKLET.value)
FORMS = {
    Evidence.RESIDENCE_PERMIT_HMT: (
        Form.RESIDENCE_PERMIT,
        N_("港澳台居民居住证号码应为 18 位，以 81、82 或 83 开头。"),
    ),
    Evidence.PERMANENT_RESIDENCE_CARD: (
        Form.PERMANENT_RESIDENCE,
        N_("外国人永久居留身份证号码应为 18 位、以 9 开头，旧证为 3 位字母加 12 位数字。"),
    ),
    Evidence.BIRTH_CERTIFICATE: (Form.BIRTH_CERTIFICATE, N_("出生医学证明编号应为 1 位字母加 9 位数字。")),
}
# These are issued for a term; the last day stands on them.
EXPIRE = frozenset({Evidence.RESIDENCE_PERMIT, Evidence.RESIDENCE_PERMIT_HMT, Evidence.PERMANENT_RESIDENCE_CARD})
NUMBER_MOST = 30


@dataclass(frozen=True, slots=True)
class Document:
    """A document as the form says it is. ``valid_until`` is its last day; None where it has none."""

    evidence: Evidence
    number: str = field(default="", repr=False)
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """What the register says of the person a document is for. ``city`` is the name of the site's city."""

    birth_on: date
    hukou: str
    city: str


def group_of(policy: Policy, basis: str, evidence: str) -> Group | None:
    """Return the group a review is about: named by its id or, in older records, by its rule and what it asks for."""
    groups = policy.file.groups
    named = next((one for one in groups if one.id == basis), None)
    return named or next((one for one in groups if one.rule == basis and evidence in one.evidence), None)


def telling(group: Group) -> tuple[Evidence, ...]:
    """Return the documents that tell a group: one of them is handed in by kind and number, the others as scans."""
    own = [Evidence(one) for one in group.evidence if one not in COMMON and one in Evidence.values]
    return tuple(own) or (Evidence.HOUSEHOLD_BOOKLET,)


def check(group: Group, document: Document, holder: Holder, *, on: date) -> list[Message]:
    """Return what is doubtful in a document handed in on a day, to be looked at by the town office.

    Raises BadInput for what must be filled in otherwise, Refused where the document cannot show this group.
    """
    if document.evidence not in telling(group):
        wanted = "、".join(str(one.label) for one in telling(group))
        raise BadInput(
            say(N_("这份证件不能证明属于这一类参保对象。")), todo=say(N_("这一类需要：{wanted}。"), wanted=wanted)
        )
    _check_number(document)
    must_be_valid(document, on=on)
    if document.evidence == Evidence.BIRTH_CERTIFICATE:
        _must_be_newborn(holder, on)
    return _doubts(document, holder)


def must_be_valid(document: Document, *, on: date) -> None:
    """Raise BadInput without the last day of a document that has one, Refused where that is over."""
    if document.evidence in EXPIRE and document.valid_until is None:
        raise BadInput(say(N_("没有填写证件的有效期。")), todo=say(N_("请按证件填写有效期的最后一天。")))
    if document.valid_until is not None and document.valid_until < on:
        raise Refused(
            say(N_("证件已过期，不能作为参保依据。")),
            fact=say(N_("有效期至 {day}。"), day=document.valid_until.isoformat()),
            todo=say(N_("请先到签发机关换证，再提交新证件。")),
        )


def _check_number(document: Document) -> None:
    number = normalise(document.number)
    if len(number) > NUMBER_MOST:
        raise BadInput(say(N_("证件号码太长（最多 {limit} 个字符）。"), limit=NUMBER_MOST))
    if document.evidence not in FORMS:
        return
    form, sentence = FORMS[document.evidence]
    found = parse(number)
    if not isinstance(found, Certificate):
        raise BadInput(found, todo=say(sentence))
    if found.form != form:
        raise BadInput(say(N_("证件号码与所选证件不符。")), todo=say(sentence))


def _must_be_newborn(holder: Holder, on: date) -> None:
    months = (on.year - holder.birth_on.year) * 12 + on.month - holder.birth_on.month
    if months > NEWBORN_MONTHS:
        raise Refused(
            say(N_("出生已超过一年，不再是新生儿。")),
            todo=say(N_("请以户口簿按本地户籍居民提交。")),
        )


NEWBORN_MONTHS = 12


def _doubts(document: Document, holder: Holder) -> list[Message]:
    if document.evidence != Evidence.RESIDENCE_PERMIT:
        return []
    if not holder.hukou:
        return [say(N_("台账没有户籍地，无法核对是否市外户籍。"))]
    if holder.city and holder.hukou.startswith(holder.city):
        raise Refused(
            say(N_("户籍在本市，不能按市外户籍居住证持有人参保。")),
            todo=say(N_("请以户口簿按本市户籍居民提交；户籍地登记有误的，请先更正。")),
        )
    return []
