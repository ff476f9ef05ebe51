"""Runs of blank receipts change hands: printed for the bureau, handed to a town, to an agent, and back (BN-4.3.3b)."""

from __future__ import annotations

from datetime import date

from django.db.models import Max, Q

from yingbao.collection.kinds import BookState
from yingbao.collection.models import OfficeSeal, ReceiptBook
from yingbao.collection.receipts import queries
from yingbao.divisions.codes import town_of
from yingbao.kernel.errors import NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.storage.transactions import operation, take_turns

NAMED = 5  # so many runs of the stock are named in a refusal


@operation
def register_run(*, division_code: int, series: str, first: int, last: int, on: date) -> ReceiptBook:
    """Take a printed run into the bureau's stock; raises Refused where one of its numbers was registered before."""
    hold_series(series)
    printed = ReceiptBook.objects.filter(series=series, parent__isnull=True, first__lte=last, last__gte=first)
    if printed.exists():
        raise Refused(say(N_("这个册号的这些号码已经登记入库过。")), todo=say(N_("请核对印制清单上的册号和起止号码。")))
    return _make(None, division_code, None, series, first, last, on)


@operation
def hand_run(*, office: int, division_code: int, series: str, first: int, last: int, on: date) -> ReceiptBook:
    """Hand a part of an office's own stock to the office of a town below it. Raises Refused as ``hand_book`` does."""
    parent = _source(office, series, first, last)
    return _make(parent, division_code, None, series, first, last, on)


@operation
def hand_book(*, agent_id: int, division_code: int, series: str, first: int, last: int, on: date) -> ReceiptBook:
    """Hand an agent a part of their town's own stock, found by its numbers.

    Raises Refused for numbers that are not in the stock, and for those that somebody holds already.
    """
    parent = _source(town_of(division_code), series, first, last)
    return _make(parent, division_code, agent_id, series, first, last, on)


def _make(
    parent: ReceiptBook | None,
    division_code: int,
    agent_id: int | None,
    series: str,
    first: int,
    last: int,
    on: date,
) -> ReceiptBook:
    return ReceiptBook.objects.create(
        parent=parent,
        division_id=division_code,
        agent_id=agent_id,
        series=series,
        first=first,
        last=last,
        next_number=first,
        handed_on=on,
    )


def _source(office: int, series: str, first: int, last: int) -> ReceiptBook:
    """Return the run of an office's own stock that holds all the numbers, none of them handed out."""
    hold_series(series)
    held = ReceiptBook.objects.filter(division_id=office, agent__isnull=True, state=BookState.HELD, series=series)
    parent = held.filter(first__lte=first, last__gte=last).first()
    taken = ReceiptBook.objects.filter(series=series, first__lte=last, last__gte=first)
    # What agents held before there was a stock has no run it was taken from.
    if parent and taken.filter(Q(parent=parent) | Q(parent__isnull=True, agent__isnull=False)).exists():
        raise Refused(say(N_("这些号码的收据已经发放过。")), todo=say(N_("请核对册号和起止号码。")))
    if parent is None:
        raise _not_in_stock(held.values_list("first", "last").order_by("first")[:NAMED], series)
    return parent


def _not_in_stock(runs: object, series: str) -> Refused:
    told = "、".join(f"{first}–{last}" for first, last in runs)  # type: ignore[attr-defined]
    return Refused(
        say(N_("这些号码的收据不在本单位的库存里，没有发放。")),
        fact=say(N_("册号{series}的库存：{runs}。"), series=series, runs=told) if told else None,
        todo=say(N_("请按库存中同一段的号码发放；库存没有的，先由上级发来或登记入库。")),
    )


@operation
def return_rest(book_id: int, *, on: date) -> tuple[ReceiptBook, int]:
    """Cut the unused end off a run: its numbers can be handed out again by the office above.

    Returns the run and how many numbers came back. A run of which nothing is in use is returned as a whole. Raises
    Refused where nothing is left to return.
    """
    book = lock(book_id)
    last = book.next_number - 1 if book.agent_id else _last_handed_out(book)
    back = book.last - last
    if book.parent_id is None:
        raise Refused(say(N_("这段收据是本单位印制登记的，没有上级可以交回。")))
    if not back:
        raise Refused(say(N_("这段收据没有末尾未用的号码，没有可以交回的。")))
    book.last, book.returned_on = last, on
    if last < book.first:
        book.state = BookState.RETURNED
    book.save(update_fields=["last", "returned_on", "state"])
    return book, back


def _last_handed_out(book: ReceiptBook) -> int:
    parts = ReceiptBook.objects.filter(parent=book, last__gte=book.first)
    return parts.aggregate(last=Max("last"))["last"] or book.first - 1


@operation
def lock(book_id: int) -> ReceiptBook:
    """Return a run, held until commit, after whoever hands out of its series. Raises NotFound."""
    series = ReceiptBook.objects.filter(pk=book_id).values_list("series", flat=True).first()
    if series is None:
        raise NotFound(queries.no_such_book())
    hold_series(series)
    return ReceiptBook.objects.select_for_update().get(pk=book_id)


@operation
def hold_series(series: str) -> None:
    """Let nobody else hand out, return, end or write off receipts of a series until commit; issuing goes on."""
    take_turns(f"receipts-{series}")


@operation
def set_seal(*, division_code: int, text: str, on: date, by_id: int) -> OfficeSeal:
    """Begin an office's seal on a day; the one in use until then ends and is kept."""
    take_turns(f"seal-{division_code}")
    OfficeSeal.objects.filter(division_id=division_code, ended_on__isnull=True).update(ended_on=on)
    return OfficeSeal.objects.create(division_id=division_code, text=text, begin_on=on, set_by_id=by_id)
