"""The decision letter: what it says, what it hides, and what it refuses to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pypdfium2
import pytest

from tests.documents.test_documents import HOSTILE_NAMES, pages
from yingbao.documents import Addressee, Letter, LetterClause, LetterRow, decision_letter_pdf
from yingbao.documents.letters import say_date
from yingbao.kernel.errors import Refused

TO = Addressee("王小明", "11010519491231002X", "H-0007", "新合村", "屏锦镇社保所")
LETTER = Letter(
    language="zh-hans",
    insurance_year=2023,
    answer="个人应缴 645.00 元",
    facts=[("出生日期", "1980-05-05"), ("档次", "1 档")],
    rows=[
        LetterRow("个人缴费标准", "城乡居民，1 档", 35000, "PJ-3.2"),
        LetterRow("城乡低保对象", "资助最高", 31500, "PJ-5.1.2", counts=False),
        LetterRow("重度残疾", "已过期", 0, "PJ-5.1.2g", counts=False, dim=True),
        LetterRow("资助参保", "医疗救助", -31500, "PJ-5.0p"),
        LetterRow("财政部分", "由个人承担", 61000, "PJ-7.2e"),
        LetterRow("个人应缴", "合计", 64500, "", total=True),
    ],
    terms_fen=[35000, -31500, 61000],
    payable_fen=64500,
    clauses=[LetterClause("PJ-7.2e", "不享受财政补助", "原文一句", "某文件 七、第二段", "这样理解", "须请示一问")],
    policy_title="某区 2023 年度",
    policy_mark="liangping-2023 0123456789ab",
    issued_on=date(2022, 12, 28),
    to=TO,
)


def text_of(letter: Letter) -> str:
    return "".join(pages(decision_letter_pdf(letter)))


def test_a_letter_states_who_what_why_and_where_to_object() -> None:
    text = text_of(LETTER)
    for fact in (
        "参保缴费决定书", "2023年度", "王小明", "H-0007", "新合村", "个人应缴645.00元", "1980-05-05",
        "(315.00)", "-315.00", "610.00", "PJ-7.2e", "原文一句", "某文件七、第二段", "这样理解", "须请示一问", "有异议",
        "屏锦镇社保所", "2022年12月28日", "单位公章", "liangping-20230123456789ab",
    ):  # fmt: skip
        assert fact in text, fact


def test_a_letter_never_prints_a_whole_certificate_number() -> None:
    text = text_of(LETTER)
    assert TO.cert_number not in text and "110***********002X" in text


def test_a_letter_in_english_has_english_labels_and_date() -> None:
    text = text_of(replace(LETTER, language="en"))
    for words in (
        "decisiononcontributionandcover",
        "Insuranceyear2023",
        "Villageorcommunity:",
        "28December2022",
        "4.Objection",
    ):
        assert words in text, words
    assert "决定书" not in text


def test_worked_out_for_nobody_it_is_no_decision() -> None:
    text = text_of(replace(LETTER, to=None))
    assert "测算说明" in text and "不是参保凭证" in text
    for words in ("决定书", "公章", "异议", "王小明"):
        assert words not in text


def test_a_letter_whose_sum_is_wrong_is_refused() -> None:
    with pytest.raises(Refused, match="之和不符"):
        decision_letter_pdf(replace(LETTER, payable_fen=64400))


@pytest.mark.parametrize("field", ["name", "cert_number", "office"])
def test_a_letter_to_nobody_or_from_nowhere_is_refused(field: str) -> None:
    with pytest.raises(Refused, match="缺少"):
        decision_letter_pdf(replace(LETTER, to=replace(TO, **{field: ""})))


def test_where_nothing_can_be_paid_the_letter_says_so_without_a_sum() -> None:
    row = LetterRow("档次有误", "该人群没有这个缴费档次。", None, "input.tier")
    text = text_of(replace(LETTER, answer="资料有误", rows=[row], terms_fen=[], payable_fen=None))
    assert "档次有误" in text and "645.00" not in text


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_names_are_shown_and_never_run(name: str) -> None:
    assert "".join(name.split()) in text_of(replace(LETTER, to=replace(TO, name=name)))


def test_many_clauses_run_over_several_pages_and_each_says_which() -> None:
    clauses = [replace(LETTER.clauses[0], id=f"X-{number}") for number in range(60)]
    pdf = decision_letter_pdf(replace(LETTER, clauses=clauses))
    count = len(pypdfium2.PdfDocument(pdf))
    assert count > 2
    assert all(f"{place}/{count}" in page for place, page in enumerate(pages(pdf), 1))


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert decision_letter_pdf(LETTER) == decision_letter_pdf(LETTER)


def test_dates_in_both_languages() -> None:
    assert say_date(date(2023, 7, 5), "zh-hans") == "2023年7月5日"
    assert say_date(date(2023, 7, 5), "en") == "5 July 2023"
