"""What the notice does not say at all: the parts a notice has to have, each with the question to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from yingbao.kernel.messages import N_, say
from yingbao.policy.format import PackFile
from yingbao.policy.linting.subject import Finding, Severity, Subject

_WAITS = {"next_month", "after_days", "after_full_days", "after_months", "waiting"}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a notice: where it stands in a pack, whether a pack has it, and what to ask where it has not."""

    code: str
    severity: Severity
    place: str
    there: Callable[[PackFile], bool]
    missing: str
    question: str


def _has_late(file: PackFile) -> bool:
    """Return whether somebody may still enrol after the centralised period."""
    ends = [window.last_day for window in file.windows if window.centralised]
    return not ends or any(window.last_day > max(ends) for window in file.windows)


def _has_no_waiting(file: PackFile) -> bool:
    waits = file.waiting is not None or any(window.coverage.starts in _WAITS for window in file.windows)
    return not waits or bool(file.no_waiting)


def _has_graduates(file: PackFile) -> bool:
    return file.students is None or file.students.graduates is not None


def _has_refund_day(file: PackFile) -> bool:
    return any(deadline.id.startswith("refund") for deadline in file.deadlines)


ESSENTIAL = (
    Part(
        "no-rates",
        "error",
        "rates",
        lambda f: bool(f.rates),
        N_("没有个人缴费标准，不能测算"),
        N_("个人缴费标准是每人每年多少元？有几个档次？"),
    ),
    Part(
        "no-windows",
        "error",
        "windows",
        lambda f: bool(f.windows),
        N_("没有参保时段，不能测算"),
        N_("集中参保期从哪一天到哪一天？待遇从哪一天开始？"),
    ),
    Part(
        "no-coverage-year",
        "error",
        "coverage_year",
        lambda f: f.coverage_year is not None,
        N_("没有保险年度，不能测算"),
        N_("待遇到哪一天为止？"),
    ),
)
PARTS = (
    Part(
        "silent-fiscal",
        "warning",
        "fiscal",
        lambda f: f.fiscal is not None,
        N_("通知没有写财政补助标准"),
        N_("财政补助标准是每人每年多少元？"),
    ),
    Part(
        "silent-late",
        "warning",
        "windows",
        _has_late,
        N_("通知没有写错过集中参保期的人能否参保"),
        N_("错过集中参保期的人能否参保？到哪一天为止？待遇从哪一天开始？"),
    ),
    Part(
        "silent-newborn",
        "warning",
        "newborn",
        lambda f: f.newborn is not None,
        N_("通知没有写新生儿参保"),
        N_("新生儿在出生后多少日内参保？待遇从哪一天开始？"),
    ),
    Part(
        "silent-several",
        "warning",
        "several",
        lambda f: f.several is not None or not f.identities,
        N_("通知没有写身份重复时怎样资助，也没有写缴清以后身份变化怎样处理"),
        N_("一人有几种身份的，就高资助还是按顺序资助？缴费以后取得或失去身份的，怎样处理？"),
    ),
    Part(
        "silent-identities",
        "warning",
        "identities",
        lambda f: bool(f.identities),
        N_("通知没有写资助参保的对象和标准"),
        N_("哪些人由哪个部门资助参保，各资助多少元？"),
    ),
    Part(
        "silent-no-waiting",
        "info",
        "no_waiting",
        _has_no_waiting,
        N_("通知没有写哪些人不设待遇等待期"),
        N_("特困、低保等人员错过集中参保期的，是否设待遇等待期？"),
    ),
    Part(
        "silent-cap",
        "info",
        "cap",
        lambda f: f.cap is not None or not f.identities,
        N_("通知没有写资助不超过个人缴费；系统一律以个人缴费为限"),
        N_("资助标准高于个人缴费的，是否以个人缴费为限？"),
    ),
    Part(
        "silent-payers",
        "info",
        "payers",
        lambda f: f.payers is not None or not f.identities,
        N_("没有写出资部门依据哪一条"),
        N_("资助参保的资金由哪些部门承担，依据哪一条？"),
    ),
    Part(
        "silent-waiting",
        "info",
        "waiting",
        lambda f: f.waiting is not None,
        N_("通知没有写中断参保的人怎样等待"),
        N_("中断参保的人再参保时，等待期是几个月？每多断一年增加几个月？能否补缴？"),
    ),
    Part(
        "silent-students",
        "info",
        "students",
        lambda f: f.students is not None,
        N_("通知没有写大学生按学年参保"),
        N_("大学生的缴费标准、缴费期限和待遇期（学年还是自然年）怎样规定？"),
    ),
    Part(
        "silent-graduates",
        "info",
        "students.graduates",
        _has_graduates,
        N_("通知没有写当年毕业的大学生待遇到哪一天"),
        N_("当年毕业的大学生，待遇到哪一天为止？"),
    ),
    Part(
        "silent-refund",
        "info",
        "deadlines",
        _has_refund_day,
        N_("通知没有写退费期限"),
        N_("重复缴费、误缴费的，最迟在哪一天前可以退费？"),
    ),
    Part(
        "silent-family-account",
        "info",
        "family_account",
        lambda f: f.family_account is not None,
        N_("通知没有写能否用家人的职工医保个人账户缴费"),
        N_("能否用近亲属的职工医保个人账户缴纳个人缴费？"),
    ),
    Part(
        "silent-groups",
        "info",
        "groups",
        lambda f: bool(f.groups),
        N_("通知没有列参保对象"),
        N_("哪些人可以参保，各凭什么证件？"),
    ),
    Part(
        "silent-channels",
        "info",
        "channels",
        lambda f: bool(f.channels),
        N_("通知没有写缴费渠道"),
        N_("可以通过哪些渠道缴费？"),
    ),
    Part(
        "silent-benefits",
        "info",
        "benefits",
        lambda f: bool(f.benefits),
        N_("通知没有写待遇水平"),
        N_("门诊、住院的支付比例和限额是多少？"),
    ),
)


def check_parts(subject: Subject) -> Iterator[Finding]:
    """Find the parts a pack that assesses people does not have; a mere base of other packs need not have them."""
    if not subject.file.assessable:
        return
    for part in (*ESSENTIAL, *PARTS):
        if not part.there(subject.file):
            ask = subject.ask(say(part.question))
            yield Finding(part.code, part.severity, part.place, say(part.missing), ask)
