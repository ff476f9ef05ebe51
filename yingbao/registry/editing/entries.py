"""What a form says of a person, read by the rules of a file's row: the first thing wrong is raised as a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from yingbao.kernel.certificates import Certificate, Form, parse
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, Message, say
from yingbao.registry.cells import NOT_IN_A_NAME, PHONE, tidy_name
from yingbao.registry.kinds import Evidence, Population, Relation, Sex
from yingbao.registry.papers import SEX_CODES
from yingbao.registry.places import tidy
from yingbao.storage.encrypted import blind_index

BANK_ACCOUNT = re.compile(r"\d{8,30}")
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Papers:
    """A certificate and what it, or its holder where it says nothing, tells of birth and sex."""

    kind: str  # national psn_cert_type
    number: str
    birth_on: date
    sex: str  # Sex
    warnings: tuple[Message, ...] = ()

    @property
    def blind(self) -> bytes:
        """The blind index the number is found by."""
        return blind_index(self.number)


def read_papers(number: str, *, form: Form | None, birth_on: date | None, sex: str, on: date) -> Papers:
    """Return a certificate with birth and sex; ``birth_on`` and ``sex`` (or "") are what the form says of them.

    Raises BadInput where the number cannot be one, or says another birth or sex than the form, or neither says any.
    """
    found = parse(number, declared=form, on=on)
    if isinstance(found, Message):
        raise BadInput(say(N_("证件号码不对：{why}。"), why=found), todo=say(N_("请对照证件重新填写。")))
    birth, told = _birth(found, birth_on, on), SEX_CODES[found.sex]
    if sex and told and sex != told:
        raise BadInput(say(N_("填写的性别与证件号码中的性别不一致。")), todo=_compare())
    if (told or sex) not in Sex.values:
        raise BadInput(say(N_("这种证件的号码里没有性别，请填写性别。")))
    return Papers(found.kind, found.number, birth, told or sex, found.warnings)


def _birth(found: Certificate, written: date | None, on: date) -> date:
    if found.birth_on and written and found.birth_on != written:
        raise BadInput(say(N_("填写的出生日期与证件号码中的出生日期不一致。")), todo=_compare())
    birth = found.birth_on or written
    if birth is None:
        raise BadInput(say(N_("这种证件的号码里没有出生日期，请填写出生日期。")))
    if birth > on:
        raise BadInput(say(N_("出生日期晚于今天。")), todo=_compare())
    return birth


def _compare() -> Message:
    return say(N_("请对照证件，改正后再提交。"))


def read_name(text: str) -> str:
    """Return a name as it is stored. Raises BadInput."""
    name = tidy_name(text)
    if not name:
        raise BadInput(say(N_("没有填写姓名。")))
    if len(name) > 60 or NOT_IN_A_NAME.search(name):
        raise BadInput(say(N_("姓名中有不应有的字符，或超过60个字。")))
    return name


def read_phone(text: str) -> str | None:
    """Return a phone number without blanks, None for no phone. Raises BadInput for what cannot be one."""
    phone = tidy(text)
    if phone and not PHONE.fullmatch(phone):
        raise BadInput(say(N_("这不像电话号码。")), todo=say(N_("请填写11位手机号，或带区号的固定电话；没有就留空。")))
    return phone or None


def read_bank_account(text: str) -> str | None:
    """Return an account number without blanks, None for no account. Raises BadInput for what cannot be one."""
    account = tidy(text)
    if account and not BANK_ACCOUNT.fullmatch(account):
        raise BadInput(say(N_("这不像银行账号。")), todo=say(N_("请填写8至30位数字；没有就留空。")))
    return account or None


def read_reason(text: str) -> str:
    """Return why a record is changed. Raises BadInput without a reason."""
    reason = text.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise BadInput(say(N_("请写明原因（最多200字）。")), todo=say(N_("原因会留在变更记录里。")))
    return reason


def read_relation(text: str) -> str:
    """Return a relation to the head. Raises BadInput."""
    if text not in Relation.values:
        raise BadInput(say(N_("没有选择与户主的关系。")))
    return text


def read_evidence(text: str, bases: Mapping[str, str]) -> str:
    """Return a kind of evidence that some group of the notice asks for. Raises BadInput."""
    if text not in bases or text not in Evidence.values:
        raise BadInput(say(N_("今年的政策没有这种参保依据。")))
    return text


def short_text(longest: int) -> Callable[[str], str]:
    """Return a reader of a text of at most ``longest`` characters; it raises BadInput for a longer one."""

    def read(text: str) -> str:
        if len(text.strip()) > longest:
            raise BadInput(say(N_("填写的内容太长（最多 {limit} 字）。"), limit=longest))
        return text.strip()

    return read


def _digit(last: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        if text and text not in {str(n) for n in range(1, last + 1)}:
            raise BadInput(say(N_("残疾类别应为1至7，等级应为1至4；没有残疾的都留空。")))
        return int(text) if text else None

    return read


def _population(text: str) -> str:
    if text not in Population.values:
        raise BadInput(say(N_("没有选择人群。")))
    return text


def _sex(text: str) -> str:
    if text not in Sex.values:
        raise BadInput(say(N_("没有选择性别。")))
    return text


def _birth_on(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(say(N_("日期填写不正确。"))) from None


# Field of a resident → how a form's text is read; what is not here has a use case of its own.
READERS: Mapping[str, Callable[[str], object]] = {
    "name": read_name,
    "phone": read_phone,
    "bank_account": read_bank_account,
    "bank_name": short_text(60),
    "hukou": short_text(60),
    "residence": short_text(120),
    "population": _population,
    "graduating": lambda text: text == "1",
    "relation": read_relation,
    "disability_kind": _digit(7),
    "disability_grade": _digit(4),
    "birth_on": _birth_on,
    "sex": _sex,
}
CONTACT = frozenset({"phone", "residence", "bank_account", "bank_name"})
# What decides who somebody is or what they owe is changed for a reason that stays in the record.
NEEDS_REASON = frozenset(
    {"name", "birth_on", "sex", "population", "graduating", "basis", "disability_kind", "disability_grade"}
)


def read_values(sent: Mapping[str, str]) -> dict[str, object]:
    """Return field → value of what a form sent. Raises BadInput for the first that cannot be, or is unknown."""
    unknown = sent.keys() - READERS.keys()
    if unknown:
        raise BadInput(say(N_("提交的表单不完整或已过期，请刷新页面后重新填写。")))
    return {field: READERS[field](text) for field, text in sent.items()}
