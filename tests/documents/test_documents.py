"""Receipts and notices as PDF, read back by another program than the one that made them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pypdfium2
import pytest

from yingbao.documents import Notice, NoticeRow, Receipt, ReceiptLine, public_notice_pdf, receipt_pdf
from yingbao.documents.typesetting import _fonts
from yingbao.kernel.errors import Refused

HOSTILE_NAMES = [
    '#"$\\[]',
    '#read("/etc/passwd")',
    "*甲* _乙_ `丙`",
    '"}],"total":"0',
    '#import "x": *',
    "$1/0$",
    "<b>&amp;",
]

LINES = (
    ReceiptLine("王小明", "11010519491231002X", "一档", 35000, 0, 35000),
    ReceiptLine("李小红", "440524188001010014", "二档", 72500, 35000, 37500, 0, "城乡低保对象", "PJ-5.1.2"),
)
RECEIPT = Receipt(
    number="2023-0001234", book="A-0015", insurance_year=2023, issuer="屏锦镇社会保障服务所", division="新合村",
    household_no="H-0007", payer="王小明", lines=LINES, total_fen=72500, channel="现金",
    collected_on=date(2022, 12, 1), handler="赵小刚", check="7QK4-M2XD",
)  # fmt: skip
ROWS = tuple(NoticeRow("王小明", f"{i % 7 + 1}组", 2, 70000, date(2022, 11, 3), f"2023-{i + 1:07d}") for i in range(95))
NOTICE = Notice(
    payment_point="屏锦镇新合村缴费点", issuer="屏锦镇新合村村民委员会", insurance_year=2023,
    first_day=date(2022, 11, 3), last_day=date(2022, 12, 20), rows=ROWS, total_fen=95 * 70000, handler="赵小刚",
    leader="钱大海", published_on=date(2022, 12, 22), objections_until=date(2022, 12, 28),
    objections_to="屏锦镇社会保障服务所", objections_phone="023-00000000",
)  # fmt: skip


def pages(pdf: bytes) -> list[str]:
    """The text of each page without blanks, which a PDF does not keep reliably."""
    document = pypdfium2.PdfDocument(pdf)
    return ["".join(page.get_textpage().get_text_range().split()) for page in document]


def test_a_receipt_states_everything_a_valid_one_must() -> None:
    (text,) = pages(receipt_pdf(RECEIPT))
    for fact in (
        "城乡居民基本医疗保险参保缴费收据", "2023年度", "2023-0001234", "A-0015", "王小明", "H-0007", "新合村", "现金",
        "2022年12月1日", "屏锦镇社会保障服务所", "725.00", "350.00", "375.00", "城乡低保对象", "PJ-5.1.2",
        "人民币柒佰贰拾伍元整", "￥725.00", "赵小刚", "7QK4-M2XD", "盖章", "视为无效票据",
    ):  # fmt: skip
        assert fact in text, fact


def test_a_receipt_never_prints_a_whole_certificate_number() -> None:
    (text,) = pages(receipt_pdf(RECEIPT))
    assert "11010519491231002X" not in text
    assert "110***********002X" in text


def test_the_part_the_treasury_no_longer_pays_is_shown() -> None:
    late = ReceiptLine("王小明", "11010519491231002X", "一档", 35000, 0, 96000, added_fen=61000, added_clause="PJ-7.2e")
    (text,) = pages(receipt_pdf(replace(RECEIPT, lines=(late,), total_fen=96000)))
    assert "含财政部分610.00PJ-7.2e" in text
    assert "玖佰陆拾元整" in text


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_shown_and_nothing_else(name: str) -> None:
    lines = (replace(LINES[0], name=name), LINES[1])
    text = "".join(pages(receipt_pdf(replace(RECEIPT, lines=lines, payer=name, channel=name, issuer=name))))
    assert text.count("".join(name.split())) == 4
    assert "root:" not in text


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_shown_in_a_notice_too(name: str) -> None:
    text = "".join(pages(public_notice_pdf(replace(NOTICE, issuer=name, handler=name))))
    assert text.count("".join(name.split())) == 2


def test_a_large_household_goes_on_to_a_second_page_with_the_header_again() -> None:
    lines = tuple(replace(LINES[0], name=f"王小{i}") for i in range(20))
    texts = pages(receipt_pdf(replace(RECEIPT, lines=lines, total_fen=20 * 35000)))
    assert len(texts) == 2
    assert all("资助身份及依据" in text for text in texts)
    assert "共2页" in texts[0]


@pytest.mark.parametrize(
    ("receipt", "why"),
    [
        (replace(RECEIPT, total_fen=72501), "合计"),
        (replace(RECEIPT, lines=(replace(LINES[0], payable_fen=34999), LINES[1]), total_fen=72499), "第 1 行"),
        (
            replace(
                RECEIPT, lines=(LINES[0], replace(LINES[1], subsidy_fen=80000, payable_fen=-7500)), total_fen=27500
            ),
            "第 2 行",
        ),
    ],
)
def test_a_receipt_whose_figures_disagree_is_refused(receipt: Receipt, why: str) -> None:
    with pytest.raises(Refused, match=why):
        receipt_pdf(receipt)


@pytest.mark.parametrize(
    "field", ["number", "book", "issuer", "household_no", "payer", "channel", "handler", "check", "lines"]
)
def test_an_incomplete_receipt_is_refused(field: str) -> None:
    with pytest.raises(Refused, match="缺少"):
        receipt_pdf(replace(RECEIPT, **{field: "" if field != "lines" else ()}))  # type: ignore[arg-type]


def test_the_same_receipt_gives_the_same_bytes() -> None:
    assert receipt_pdf(RECEIPT) == receipt_pdf(RECEIPT)


@pytest.mark.clause("BN-4.2.2c")
def test_a_notice_tells_who_paid_how_much_who_answers_for_it_and_how_to_object() -> None:
    texts = pages(public_notice_pdf(NOTICE))
    whole = "".join(texts)
    assert len(texts) == 3
    for place, text in enumerate(texts, 1):
        assert f"第{place}页共3页" in text
        assert "缴费金额（元）" in text
    for fact in (
        "屏锦镇新合村缴费点", "2022年11月3日至2022年12月20日", "95户190人", "66,500.00", "陆万陆仟伍佰元整",
        "经办人（签字）", "负责人（签字）", "单位公章", "2022年12月28日前", "023-00000000", "报镇街社保所备案",
        "2023-0000095",
    ):  # fmt: skip
        assert fact in whole, fact


def test_a_notice_masks_every_payer() -> None:
    whole = "".join(pages(public_notice_pdf(NOTICE)))
    assert "王小明" not in whole
    assert whole.count("王*明") == 95


@pytest.mark.parametrize(
    ("notice", "why"),
    [
        (replace(NOTICE, total_fen=1), "合计"),
        (replace(NOTICE, first_day=date(2022, 11, 4)), "期间"),
        (replace(NOTICE, last_day=date(2022, 11, 2)), "期间"),
    ],
)
def test_a_notice_that_disagrees_with_itself_is_refused(notice: Notice, why: str) -> None:
    with pytest.raises(Refused, match=why):
        public_notice_pdf(notice)


def test_only_the_packaged_fonts_are_used() -> None:
    assert _fonts().families() == ["Noto Sans SC", "Noto Serif SC"]
