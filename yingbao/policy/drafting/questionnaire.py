"""What an officer is asked, in the order of a notice's first pages; whatever the notice does not say is left blank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yingbao.policy.drafting.readings import (
    read_amounts,
    read_choice,
    read_cover,
    read_day,
    read_department,
    read_division,
    read_identities,
    read_identity,
    read_name,
    read_number,
    read_pays,
    read_population,
    read_shares,
    read_text,
    read_within,
    read_yes,
    read_yuan,
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question in both languages. ``key`` is a path in the answers; ``needed``: it cannot be left blank."""

    key: str
    zh: str
    en: str
    read: Callable[[str], Any] = read_text
    needed: bool = False
    default: str = ""

    @property
    def text(self) -> str:
        """The question as it is put: Chinese first, then English."""
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the notice: whether it says anything of it, then the questions, again and again where ``many``."""

    part: str
    zh: str
    en: str
    questions: tuple[Question, ...]
    many: bool = False


Ask = Callable[[Question], Any]
_CLAUSE = Question("clause", "在哪一条，如 二、（一）", "in which clause")
_QUOTE = Question("quote", "通知的原句", "the sentence of the notice")
_FIRST = Question("first_day", "从哪一天", "from which day", read_day, needed=True)
_LAST = Question("last_day", "到哪一天（含）", "to which day, included", read_day, needed=True)
_AMOUNT = Question("amount", "每人每年多少元", "yuan per person and year", read_yuan, needed=True)
_COVER = Question(
    "cover",
    "待遇从哪一天开始：日期、same_day、next_day、next_month、after_full_days 90、after_months 3、waiting、silent",
    "when cover begins: a day or one of these words",
    read_cover,
    needed=True,
)
_WHO = Question("who.identities", "只对哪些身份（不限的留空）", "for which identities only", read_identities)

HEAD = (
    Question("name", "政策包名称（英文字母和数字，如 qingshi-2026）", "the pack's name", read_name, needed=True),
    Question("place.zh", "地方", "the place in Chinese", needed=True),
    Question("place.en", "地方的英文", "the place in English"),
    Question("year", "保险年度", "the insurance year", read_number, needed=True),
    Question("division", "行政区划代码（12 位）", "the division's code, 12 digits", read_division, needed=True),
    Question("extends", "继承哪个政策包（如市级的，没有的留空）", "the pack it extends"),
    Question("document.title", "文件标题", "the document's title", needed=True),
    Question("document.number", "文号", "its number"),
    Question("document.issuer", "发文机关", "who issued it", needed=True),
    Question("document.issued_on", "落款日期", "its date", read_day, needed=True),
    Question("document.id", "文件的简称，用作条款编号的开头", "a short id for its clauses", default="DOC"),
)
SECTIONS = (
    Section("coverage_year", "待遇期", "the days of cover", (_FIRST, _LAST, _CLAUSE, _QUOTE)),
    Section("rates", "个人缴费标准", "a personal contribution", (
        Question("population", "人群：城乡居民、大学生", "the population", read_population, default="resident"),
        Question("tier", "档次", "the tier", read_number, default="1"),
        _AMOUNT,
        Question("when.age_from", "从几周岁（不限的留空）", "from which age", read_number),
        Question("when.age_to", "到几周岁（不限的留空）", "to which age", read_number),
        _CLAUSE, _QUOTE,
    ), many=True),
    Section("fiscal", "财政补助", "the fiscal subsidy", (
        _AMOUNT,
        Question("shares", "各级分担，如 中央 420; 省 180; 县 100", "shares of the levels", read_shares),
        _CLAUSE, _QUOTE,
    )),
    Section("full_cost", "某日以后不享受财政补助", "the full cost from some day on", (
        _FIRST,
        Question("newborns", "新生儿：included 同样，exempt 例外", "newborns",
                 read_choice("included", "exempt"), default="exempt"),
        _CLAUSE, _QUOTE,
    )),
    Section("windows", "一个参保时段", "an enrolment window", (
        _FIRST, _LAST,
        Question("centralised", "是集中参保期吗 y/n", "is it the centralised period", read_yes, default="n"),
        _COVER, _WHO, _CLAUSE, _QUOTE,
    ), many=True),
    Section("no_waiting", "哪些人不设等待期", "who does not wait", (
        Question("identities", "哪些身份，用；隔开", "which identities", read_identities, needed=True),
        _CLAUSE, _QUOTE,
    )),
    Section("waiting", "断保的等待期", "a waiting period that grows", (
        Question("months", "固定等待几个月", "months", read_number, needed=True),
        Question("per_missed_year", "每多断一年加几个月", "months for each missed year", read_number, default="0"),
        Question("counted_from", "从 clearing 缴清当日、next_month 次月一日、cover 原定起始日算起", "counted from",
                 read_choice("clearing", "next_month", "cover"), default="clearing"),
        Question("repair", "补缴一年减几个月（不能补缴的留空）", "months less for each year bought back", read_number),
        Question("floor.missed_years", "断保几年以上有最低等待期", "from how many missed years there is a least wait",
                 read_number),
        Question("floor.months", "最低等几个月", "of how many months", read_number),
        _CLAUSE, _QUOTE,
    )),
    Section("newborn", "新生儿", "newborns", (
        Question("within", "出生后多少日（月）内", "within how many days or months", read_within, needed=True),
        Question("cover", "待遇从哪一天：birth 出生之日", "when cover begins", read_cover, default="birth"),
        _CLAUSE, _QUOTE,
    )),
    Section("students", "大学生按学年参保", "students by the academic year", (
        Question("first_day", "学年第一天", "its first day", read_day, needed=True),
        Question("last_day", "学年最后一天", "its last day", read_day, needed=True),
        Question("days", "开学后多少日内缴费", "days to pay after the first day of term", read_number, needed=True),
        Question("graduates", "当年毕业的待遇到哪一天（不延长的留空）", "to which day graduates are covered", read_day),
        _CLAUSE, _QUOTE,
    )),
    Section("identities", "一种资助对象", "somebody subsidised", (
        Question("code", "身份", "the identity", read_identity, needed=True),
        Question("confirmed_by", "由哪个部门认定", "who confirms it", read_department),
        Question("paid_by", "由哪个部门出资", "who pays", read_department),
        Question("amounts", "各档资助，如 1: 200; 2: 50%", "what each tier brings", read_amounts, needed=True),
        Question("until", "哪一天之前参保的才资助（全年的留空）", "before which day", read_day),
        Question("only_tier", "只参加哪一档（不限的留空）", "the one tier they take", read_number),
        _CLAUSE, _QUOTE,
    ), many=True),
    Section("several", "身份重复怎样资助", "several identities", (
        Question("choose", "highest 就高，ranked 按顺序", "which counts",
                 read_choice("highest", "ranked"), default="highest"),
        Question("later_identity", "缴清后身份变化：nothing、refund_difference、pay_afterwards", "a later one",
                 read_choice("nothing", "refund_difference", "pay_afterwards"), default="nothing"),
        _CLAUSE, _QUOTE,
    )),
    Section("family_account", "家庭共济", "payment from a relative's account", (
        Question("pays", "可以支付：personal、repair、addons", "what it may pay", read_pays, default="personal"),
        _CLAUSE, _QUOTE,
    )),
    Section("addons", "一种附加保险", "an add-on insurance", (
        Question("code", "代码（英文字母）", "its code", needed=True),
        Question("zh", "名称", "its name", needed=True),
        _AMOUNT,
        Question("compulsory", "人人参加吗 y/n", "is it for everybody", read_yes, default="n"),
        _CLAUSE, _QUOTE,
    ), many=True),
)  # fmt: skip


def ask_all(ask: Ask, name: str | None = None, answers: dict[str, Any] | None = None) -> dict[str, Any]:
    """Put all questions and return the answers; ``ask`` returns what was read, None for a blank.

    ``name``: the pack's name where it is known already. ``answers`` is filled on the way, so that what was answered
    is not lost when the questions are broken off.
    """
    answers = {} if answers is None else answers
    for question in HEAD:
        put(answers, question.key, name if question.key == "name" and name else ask(question))
    for section in SECTIONS:
        entries: list[dict[str, Any]] = []
        while (section.many or not entries) and ask(_opening(section, again=bool(entries))):
            entries.append(_ask_entry(ask, section))
            answers[section.part] = entries if section.many else entries[0]
    return answers


def put(answers: dict[str, Any], path: str, value: Any) -> None:
    """Put ``value`` at a path like ``document.title``; nothing for None."""
    *steps, last = path.split(".")
    if value is not None:
        place = answers
        for step in steps:
            place = place.setdefault(step, {})
        place[last] = value


def _opening(section: Section, *, again: bool) -> Question:
    zh = f"还有别的“{section.zh}”吗 y/n" if again else f"通知有没有写“{section.zh}” y/n"
    en = f"is there another, {section.en}" if again else f"does the notice say anything of {section.en}"
    return Question(section.part, zh, en, read_yes, default="n" if again else "y")


def _ask_entry(ask: Ask, section: Section) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for question in section.questions:
        put(entry, question.key, ask(question))
    if set(entry.get("floor", {})) == {"missed_years"}:  # a floor of no months is none
        del entry["floor"]
    return entry
