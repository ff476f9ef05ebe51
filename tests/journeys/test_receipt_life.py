"""The life of a numbered form (BN-4.3.3b): spoiled and replaced, ended blank, missing and found again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from tests.journeys.cast import IN_TIME, TOWN, Cast, at, family, people_the_town
from tests.journeys.test_at_once import _breaking_after, _Broken, at_once
from tests.journeys.test_receiving import enrol, holds, pay
from yingbao.accounts.actors import Actor
from yingbao.collection.models import OfficeSeal, Payment, Receipt, ReceiptBook
from yingbao.kernel.errors import BadInput, Conflict, Forbidden, NotFound, Refused
from yingbao.kernel.periods import DAY
from yingbao.storage.fields import Json
from yingbao.usecases.receipt_forms import (
    MOST_AT_ONCE,
    find_receipt,
    lose_blanks,
    report_missing_receipt,
    spoil_blanks,
    void_receipt,
)
from yingbao.worklist.models import WorkItem

LATER = IN_TIME + DAY
WHEN: Json = {"on": LATER, "at": at(LATER)}


def collect(cast: Cast, key: str = "a") -> int:
    """Let the village agent take money of a family; return the receipt."""
    members = family()
    return int(pay(cast.village_agent, members, enrol(cast, members, key=f"enrol-{key}"), key=f"pay-{key}")["receipt"])


def void(actor: Actor, receipt: int, *, reason: str = "打印时夹纸", key: str = "void") -> Json:
    return void_receipt(actor, receipt_id=receipt, reason=reason, key=key, **WHEN)


def book_of(cast: Cast) -> ReceiptBook:
    return ReceiptBook.objects.get(agent_id=cast.village_agent.user_id)


def open_items() -> list[tuple[str, int]]:
    return sorted(WorkItem.objects.filter(closed_at=None).values_list("kind", "subject_id"))


# Spoiled paper


@pytest.mark.clause("BN-4.3.3b")
def test_a_spoiled_receipt_is_void_at_once_and_the_payment_gets_the_next_number(cast: Cast) -> None:
    answer = void(cast.village_agent, collect(cast))
    old, new = Receipt.objects.order_by("number")
    assert answer == {"void": old.pk, "receipt": new.pk}
    assert (old.state, old.reason, old.ended_by_id) == ("void", "打印时夹纸", cast.village_agent.user_id)
    assert (new.state, new.number, new.payment_id, new.issued_on) == ("issued", 102, old.payment_id, LATER)
    assert Payment.objects.get().receipt == new
    item = WorkItem.objects.get()
    assert (item.kind, item.subject_id) == ("receipt-to-review", old.pk)
    assert item.owner_id != cast.village_agent.user_id
    assert holds(cast)


def test_voiding_says_why_and_is_for_what_is_out(cast: Cast) -> None:
    receipt = collect(cast)
    with pytest.raises(BadInput, match="写明原因"):
        void(cast.village_agent, receipt, reason=" ")
    void(cast.village_agent, receipt)
    with pytest.raises(Refused, match="不是已开具"):
        void(cast.village_agent, receipt, key="again")
    assert void(cast.village_agent, receipt)["void"] == receipt  # the first request, answered again
    assert Receipt.objects.count() == 2


def test_nobody_voids_what_they_do_not_see_or_may_not(cast: Cast) -> None:
    receipt = collect(cast)
    for actor, refusal in ((cast.outsider, NotFound), (cast.next_agent, NotFound), (cast.auditor, Forbidden)):
        with pytest.raises(refusal):
            void(actor, receipt)
    assert Receipt.objects.get().state == "issued"


def test_without_a_form_left_or_a_seal_the_old_receipt_stands(cast: Cast) -> None:
    receipt = collect(cast)
    ReceiptBook.objects.update(last=101)
    with pytest.raises(Refused, match="没有可用的参保收据"):
        void(cast.village_agent, receipt)
    ReceiptBook.objects.update(last=199)
    OfficeSeal.objects.filter(division=TOWN).update(ended_on=LATER)
    with pytest.raises(Refused, match="公章"):
        void(cast.village_agent, receipt, key="no-seal")
    assert Receipt.objects.get().state == "issued"


@pytest.mark.django_db(transaction=True)
def test_voiding_twice_at_once_uses_one_form() -> None:
    cast = people_the_town()
    receipt = collect(cast)
    outcomes = at_once(*(lambda key=key: void(cast.village_agent, receipt, key=key) for key in ("one", "two")))
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True]
    assert list(Receipt.objects.order_by("number").values_list("state", flat=True)) == ["void", "issued"]
    assert holds(cast)


@pytest.mark.django_db(transaction=True)
def test_a_failure_half_way_through_voiding_leaves_the_old_receipt() -> None:
    cast = people_the_town()
    receipt = collect(cast)
    for allowed in range(100):
        try:
            with connection.execute_wrapper(_breaking_after(allowed)):
                void(cast.village_agent, receipt)
        except _Broken:
            assert (Receipt.objects.get().state, WorkItem.objects.count()) == ("issued", 0)
            continue
        break
    assert allowed > 8
    assert Receipt.objects.count() == 2
    assert holds(cast)


# Blank forms


def blanks(actor: Actor, cast: Cast, first: int, last: int, *, lost: bool = False, **more: Any) -> Json:
    end = lose_blanks if lost else spoil_blanks
    told: Json = {"reason": "受潮", "key": f"{first}-{last}-{lost}", **WHEN, **more}
    return end(actor, book_id=book_of(cast).pk, first=first, last=last, **told)


@pytest.mark.clause("BN-4.3.3b")
def test_the_next_blank_forms_become_void_and_the_book_goes_on_behind_them(cast: Cast) -> None:
    blanks(cast.village_agent, cast, 101, 103)
    assert list(Receipt.objects.order_by("number").values_list("number", "state")) == [
        (101, "void"),
        (102, "void"),
        (103, "void"),
    ]
    assert [kind for kind, _ in open_items()] == ["receipt-to-review"] * 3
    assert Receipt.objects.get(pk=collect(cast)).number == 104
    assert holds(cast)


@pytest.mark.clause("BN-4.3.3b")
def test_lost_forms_from_the_middle_are_exceptions_and_their_numbers_are_never_used(cast: Cast) -> None:
    blanks(cast.village_agent, cast, 103, 104, lost=True)
    assert [kind for kind, _ in open_items()] == ["receipt-missing"] * 2
    numbers = [Receipt.objects.get(pk=collect(cast, key=str(n))).number for n in range(4)]
    assert numbers == [101, 102, 105, 106]
    assert holds(cast)


@pytest.mark.parametrize(("first", "last"), [(100, 101), (198, 200), (105, 104)])
def test_only_unused_numbers_of_the_book_can_be_ended(cast: Cast, first: int, last: int) -> None:
    with pytest.raises(BadInput, match="未用的是101–199"):
        blanks(cast.village_agent, cast, first, last)
    collect(cast)
    with pytest.raises(BadInput, match="未用的是102–199"):
        blanks(cast.village_agent, cast, 101, 101)
    assert Receipt.objects.count() == 1


def test_too_many_at_once_are_refused(cast: Cast) -> None:
    ReceiptBook.objects.filter(series="PJ0").update(last=999)
    with pytest.raises(BadInput, match=str(MOST_AT_ONCE)):
        spoil_blanks(
            cast.village_agent,
            book_id=book_of(cast).pk,
            first=101,
            last=101 + MOST_AT_ONCE,
            reason="x",
            key="k",
            **WHEN,
        )


def test_who_uses_the_book_or_handed_it_out_ends_its_blanks(cast: Cast) -> None:
    blanks(cast.town_clerk, cast, 101, 101)
    for actor, refusal in ((cast.outsider, NotFound), (cast.next_agent, NotFound), (cast.auditor, Forbidden)):
        with pytest.raises(refusal):
            blanks(actor, cast, 102, 102)
    with pytest.raises(BadInput, match="写明原因"):
        blanks(cast.village_agent, cast, 102, 102, reason="")
    town = ReceiptBook.objects.get(series="PJ0", division=TOWN)
    with pytest.raises(Forbidden, match="不由您使用"):
        lose_blanks(cast.town_clerk, book_id=town.pk, first=101, last=101, reason="x", key="stock", **WHEN)


# Missing and found


@pytest.mark.clause("BN-4.3.3b")
def test_a_missing_stub_is_an_exception_until_it_is_found(cast: Cast) -> None:
    receipt = collect(cast)
    report_missing_receipt(cast.village_agent, receipt_id=receipt, key="miss", **WHEN)
    assert Receipt.objects.get().state == "lost"
    assert Payment.objects.get().receipt is not None  # it was receipted all the same
    assert open_items() == [("receipt-missing", receipt)]
    assert holds(cast)
    with pytest.raises(Refused, match="已经登记为遗失"):
        report_missing_receipt(cast.village_agent, receipt_id=receipt, key="miss-2", **WHEN)
    found = find_receipt(cast.village_agent, receipt_id=receipt, key="found", **WHEN)
    assert found == {"receipt": receipt, "state": "issued"}
    form = Receipt.objects.get()
    assert (form.state, form.reason, form.ended_by) == ("issued", "", None)
    assert open_items() == []
    assert WorkItem.objects.get().closed_reason == "已找回"
    with pytest.raises(Refused, match="没有登记为遗失"):
        find_receipt(cast.village_agent, receipt_id=receipt, key="found-2", **WHEN)
    assert holds(cast)


def test_the_same_request_with_another_reason_or_day_is_a_conflict(cast: Cast) -> None:
    receipt = collect(cast)
    report_missing_receipt(cast.village_agent, receipt_id=receipt, key="miss", reason="存根遗失", **WHEN)
    next_day: Json = {"on": LATER + DAY, "at": at(LATER + DAY)}
    for other in ({"reason": "火灾", **WHEN}, {"reason": "存根遗失", **next_day}):
        with pytest.raises(Conflict, match="另一项内容不同"):
            report_missing_receipt(cast.village_agent, receipt_id=receipt, key="miss", **other)
    find_receipt(cast.village_agent, receipt_id=receipt, key="found", **WHEN)
    with pytest.raises(Conflict, match="另一项内容不同"):
        find_receipt(cast.village_agent, receipt_id=receipt, key="found", **next_day)


def test_a_blank_form_found_again_is_void_and_reviewed(cast: Cast) -> None:
    (form,) = blanks(cast.village_agent, cast, 101, 101, lost=True)["forms"]
    assert find_receipt(cast.village_agent, receipt_id=form, key="found", **WHEN)["state"] == "void"
    assert open_items() == [("receipt-to-review", form)]
