"""The second look (BN-4.3.3b): another person sees the papers, and a book is written off once all is seen."""

from __future__ import annotations

import pytest
from django.db import transaction

from tests.journeys.cast import TOWN, Cast, at, give_book, people_the_town
from tests.journeys.test_at_once import at_once
from tests.journeys.test_receipt_life import LATER, WHEN, blanks, book_of, collect, open_items, void
from tests.journeys.test_receiving import holds
from yingbao.accounts.actors import Actor
from yingbao.accounts.models import User
from yingbao.collection.models import Receipt, ReceiptBook
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.storage.fields import Json
from yingbao.usecases.receipt_forms import report_missing_receipt
from yingbao.usecases.receipts import return_receipts
from yingbao.usecases.review_receipts import parse_numbers, refuse_receipt, review_receipts, write_off_book
from yingbao.worklist.models import WorkItem


def review(actor: Actor, *receipts: int, key: str = "review") -> Json:
    return review_receipts(actor, receipt_ids=receipts, key=key, **WHEN)


def write_off(actor: Actor, book: int, missing: str = "", *, key: str = "off") -> Json:
    return write_off_book(actor, book_id=book, missing=missing, key=key, **WHEN)


@pytest.mark.clause("BN-4.3.3b")
def test_another_person_of_the_town_reviews_what_was_voided(cast: Cast) -> None:
    old = void(cast.village_agent, collect(cast))["void"]
    assert review(cast.town_clerk, old) == {"reviewed": 1}
    form = Receipt.objects.get(pk=old)
    assert (form.reviewed_by_id, form.reviewed_on) == (cast.town_clerk.user_id, LATER)
    assert open_items() == []
    with pytest.raises(Refused, match="已经复核过"):
        review(cast.second_clerk, old, key="again")


def test_who_issued_or_ended_a_form_does_not_review_it(cast: Cast) -> None:
    (form,) = blanks(cast.town_clerk, cast, 101, 101)["forms"]
    with pytest.raises(Forbidden, match="不能是同一人：101号"):
        review(cast.town_clerk, form)
    review(cast.second_clerk, form, key="other")
    receipt = collect(cast)
    User.objects.filter(pk=cast.village_agent.user_id).update(role="town")  # moved to the town office since
    own = Actor(cast.village_agent.user_id, "", "town", cast.town_clerk.scope, TOWN)
    with pytest.raises(Forbidden, match="不能是同一人"):
        review(own, receipt, key="own")


def test_issued_forms_are_reviewed_many_at_a_time(cast: Cast) -> None:
    receipts = [collect(cast, key=str(n)) for n in range(3)]
    assert review(cast.town_clerk, *receipts) == {"reviewed": 3}
    void(cast.village_agent, receipts[0])
    assert Receipt.objects.get(pk=receipts[0]).reviewed_by is None  # what was seen is no more


def test_review_needs_the_right_the_scope_and_something_to_see(cast: Cast) -> None:
    receipt = collect(cast)
    for actor, refusal in ((cast.village_agent, Forbidden), (cast.auditor, Forbidden), (cast.outsider, NotFound)):
        with pytest.raises(refusal):
            review(actor, receipt)
    with pytest.raises(NotFound):
        review(cast.town_clerk, receipt, 999_999)
    with pytest.raises(BadInput, match="没有选择"):
        review(cast.town_clerk)


def test_a_refused_review_keeps_the_item_with_its_reason_and_gives_it_back(cast: Cast) -> None:
    old = void(cast.village_agent, collect(cast))["void"]
    with pytest.raises(BadInput):
        refuse_receipt(cast.town_clerk, receipt_id=old, reason="", key="no-reason", **WHEN)
    refuse_receipt(cast.town_clerk, receipt_id=old, reason="没有见到作废的原件", key="refuse", **WHEN)
    item = WorkItem.objects.get()
    assert (item.closed_at, item.owner_id) == (None, cast.village_agent.user_id)
    assert item.detail["why"] == "没有见到作废的原件"
    assert Receipt.objects.get(pk=old).reviewed_by is None
    review(cast.town_clerk, old)  # the paper was brought
    assert open_items() == []


def test_a_refusal_opens_the_item_again_that_somebody_closed_by_hand(cast: Cast) -> None:
    old = void(cast.village_agent, collect(cast))["void"]
    WorkItem.objects.update(closed_at=at(LATER), closed_by=cast.town_clerk.user_id, closed_reason="已处理")
    refuse_receipt(cast.town_clerk, receipt_id=old, reason="没有见到原件", key="refuse", **WHEN)
    assert open_items() == [("receipt-to-review", old)]


def test_an_issued_form_is_not_refused_but_voided(cast: Cast) -> None:
    with pytest.raises(Refused, match="作废重开"):
        refuse_receipt(cast.town_clerk, receipt_id=collect(cast), reason="字迹不清", key="refuse", **WHEN)


# Writing off


def use_up(cast: Cast) -> ReceiptBook:
    """Two receipts, one of them voided and replaced, and the rest given back."""
    void(cast.village_agent, collect(cast, key="one"))
    collect(cast, key="two")
    return_receipts(cast.village_agent, book_id=book_of(cast).pk, key="rest", **WHEN)
    return book_of(cast)


@pytest.mark.clause("BN-4.3.3b")
def test_a_book_is_written_off_once_all_of_it_has_been_seen(cast: Cast) -> None:
    book = use_up(cast)
    assert (book.first, book.last, book.state) == (101, 103, "held")
    with pytest.raises(Refused, match="号码：101。"):
        write_off(cast.town_clerk, book.pk)
    review(cast.second_clerk, Receipt.objects.get(number=101).pk)
    assert write_off(cast.town_clerk, book.pk) == {"written_off": True, "missing": 0}
    book.refresh_from_db()
    assert (book.state, book.written_off_by_id, book.written_off_on) == ("written-off", cast.town_clerk.user_id, LATER)
    with pytest.raises(Refused, match="已经核销"):
        write_off(cast.town_clerk, book.pk, key="again")
    assert holds(cast)


@pytest.mark.clause("BN-4.3.3b")
def test_a_missing_stub_is_an_exception_and_the_book_waits_for_it(cast: Cast) -> None:
    book = use_up(cast)
    review(cast.second_clerk, Receipt.objects.get(number=101).pk)
    assert write_off(cast.town_clerk, book.pk, "102-103") == {"written_off": False, "missing": 2}
    assert [kind for kind, _ in open_items()] == ["receipt-missing"] * 2
    assert set(Receipt.objects.filter(number__gt=101).values_list("state", "reason")) == {("lost", "核销时未见存根")}
    with pytest.raises(Refused, match="还有2张"):
        write_off(cast.town_clerk, book.pk, "102、103", key="again")
    lost = list(Receipt.objects.filter(state="lost").values_list("pk", flat=True))
    with pytest.raises(Forbidden):
        review(cast.town_clerk, *lost, key="own")
    review(cast.second_clerk, *lost, key="lost")
    assert write_off(cast.town_clerk, book.pk, "102-103", key="then")["written_off"]
    assert holds(cast)


def test_a_book_with_forms_left_is_not_written_off(cast: Cast) -> None:
    collect(cast)
    with pytest.raises(Refused, match="还有98张"):
        write_off(cast.town_clerk, book_of(cast).pk)


def test_numbers_of_another_book_are_refused(cast: Cast) -> None:
    book = use_up(cast)
    with pytest.raises(BadInput, match="99、104不是这本收据的号码"):
        write_off(cast.town_clerk, book.pk, "99 102 104")
    assert not Receipt.objects.filter(state="lost").exists()


def test_nobody_writes_off_what_they_used_or_do_not_see(cast: Cast) -> None:
    book = use_up(cast)
    for actor, refusal in ((cast.village_agent, Forbidden), (cast.bureau, Forbidden), (cast.outsider, NotFound)):
        with pytest.raises(refusal):
            write_off(actor, book.pk)
    ReceiptBook.objects.filter(pk=book.pk).update(agent=cast.town_clerk.user_id)
    with pytest.raises(Forbidden, match="自己使用"):
        write_off(cast.town_clerk, book.pk)
    stock = ReceiptBook.objects.get(series="PJ0", division=TOWN)
    with pytest.raises(Refused, match="库存的号段不核销"):
        write_off(cast.town_clerk, stock.pk, key="stock")


def test_a_number_without_a_form_stops_the_writing_off(cast: Cast) -> None:
    book = use_up(cast)
    Receipt.objects.filter(number=103).delete()
    with pytest.raises(Refused, match="103号没有使用记录"):
        write_off(cast.town_clerk, book.pk)


@pytest.mark.django_db(transaction=True)
def test_writing_off_and_voiding_at_once_leave_nothing_unseen() -> None:
    cast = people_the_town()
    book = use_up(cast)
    with transaction.atomic():
        give_book(cast.village_agent, series="NEXT", first=1, last=9)  # the form that replaces the spoiled one
    review(cast.second_clerk, Receipt.objects.get(number=101).pk)
    last = Receipt.objects.get(number=103).pk
    outcomes = at_once(lambda: write_off(cast.town_clerk, book.pk), lambda: void(cast.village_agent, last, key="late"))
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert holds(cast)


def test_nothing_changes_in_a_book_that_is_written_off(cast: Cast) -> None:
    book = use_up(cast)
    review(cast.second_clerk, Receipt.objects.get(number=101).pk)
    write_off(cast.town_clerk, book.pk)
    with transaction.atomic():
        give_book(cast.village_agent, series="NEXT", first=1, last=9)
    last = Receipt.objects.get(number=103).pk
    with pytest.raises(Refused, match="已经核销，不能再变更"):
        void(cast.village_agent, last, key="late")
    with pytest.raises(Refused, match="已经核销，不能再变更"):
        report_missing_receipt(cast.village_agent, receipt_id=last, key="miss", **WHEN)
    assert holds(cast)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("", []), (" 117 , 120-122 ", [117, 120, 121, 122]), ("117、118；120－121，118", [117, 118, 120, 121])],
)
def test_ranges_of_numbers_are_read_as_people_type_them(text: str, numbers: list[int]) -> None:
    assert parse_numbers(text) == numbers


@pytest.mark.parametrize("text", ["x", "5-3", "1-", "1-99999", "1--2", "123456789"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="不正确"):
        parse_numbers(text)
