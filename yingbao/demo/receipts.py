"""A day among receipts: one spoiled, one lost, a book written off and the rest handed out again, stubs filed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from yingbao.accounts import queries as accounts
from yingbao.collection.receipts import queries as receipts
from yingbao.demo.desk import Desk
from yingbao.demo.upkeep_lists import Told
from yingbao.kernel.messages import N_
from yingbao.storage.fields import Json
from yingbao.usecases.receipt_forms import lose_blanks, void_receipt
from yingbao.usecases.receipts import hand_receipts, return_receipts
from yingbao.usecases.review_receipts import review_receipts, write_off_book
from yingbao.usecases.stubs import file_stubs

STUBS = 20
NEXT_BOOK = 50  # what an agent gets after the book that is written off


def play(desk: Desk, *, year: int, on: date, at: datetime) -> list[Told]:
    """Do a day's work on receipts at the end of the season; say what was done, sentence by sentence.

    The town's seal and stock were set up with the desk; wants at least three agents who have collected.
    """
    when: Json = {"on": on, "at": at}
    return [
        *_spoil_one(desk, when),
        *_lose_one(desk, when),
        *_write_one_off(desk, when),
        *_file_some(desk, year, when),
    ]


def _spoil_one(desk: Desk, when: Json) -> Iterator[Told]:
    agent = desk.agents[0]
    issued = receipts.forms(agent).filter(state="issued", book__agent=agent.user_id).last()
    if issued is None:
        return
    told = void_receipt(agent, receipt_id=issued.pk, reason="打印时夹纸", key="demo-receipt-void", **when)
    review_receipts(desk.clerk, receipt_ids=[told["void"]], key="demo-receipt-review", **when)
    yield N_("收据打坏一张：作废、用下一号重开，镇街另一人复核（BN-4.3.3b）"), {}


def _lose_one(desk: Desk, when: Json) -> Iterator[Told]:
    agent = desk.agents[1]
    book = receipts.books_of(agent.user_id)[0]
    lose_blanks(
        agent,
        book_id=book.pk,
        first=book.next_number,
        last=book.next_number,
        reason="空白收据遗失",
        key="demo-receipt-lost",
        **when,
    )
    yield N_("空白收据遗失一张：{number}号列为缺号，等待复核"), {"number": book.next_number}


def _write_one_off(desk: Desk, when: Json) -> Iterator[Told]:
    agent = desk.agents[2]
    book = receipts.books_of(agent.user_id)[0]
    back = return_receipts(agent, book_id=book.pk, key="demo-receipt-return", **when)["returned"]
    write_off_book(desk.clerk, book_id=book.pk, missing="", key="demo-receipt-off", **when)
    first = book.next_number
    last = first + min(back, NEXT_BOOK) - 1
    login = accounts.collectors(desk.clerk).get(pk=agent.user_id).username
    hand_receipts(desk.clerk, agent=login, series=book.series, first=first, last=last, key="demo-receipt-next", **when)
    told = {"used": book.next_number - book.first, "back": back}
    yield N_("一本收据用了{used}张，核销；交回的{back}张可以再发放"), told


def _file_some(desk: Desk, year: int, when: Json) -> Iterator[Told]:
    waiting = [payment.pk for payment in receipts.unfiled(desk.clerk, year=year)[:STUBS]]
    if waiting:
        told = file_stubs(desk.clerk, payment_ids=waiting, year=year, key="demo-stubs", **when)
        yield N_("POS存根归档{filed}份（BN-4.3.2）"), told
