"""Receipt stock (BN-4.3.3b): printed runs go from the bureau to a town to an agent, and what is unused comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.receipts import queries as receipts
from yingbao.collection.receipts import stock
from yingbao.divisions import queries as divisions
from yingbao.kernel.errors import BadInput, Forbidden, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.kernel.texts import clean
from yingbao.storage.fields import Json
from yingbao.usecases.once import once

if TYPE_CHECKING:
    from yingbao.collection.models import ReceiptBook

LAST_NUMBER = 99_999_999  # a receipt's number has eight digits
LONGEST_SERIES, LONGEST_SEAL = 20, 60


def register_receipts(actor: Actor, *, series: str, first: int, last: int, on: date, key: str, at: datetime) -> Json:
    """Take a printed run into the stock of the actor's bureau. Returns ``{"book": id}``.

    Raises Refused for numbers registered before, BadInput for an empty run or no series.
    """
    actor.must(Right.STOCK_RECEIPTS)
    _check_run(series, first, last)

    def make() -> ReceiptBook:
        return stock.register_run(division_code=actor.division_code or 0, series=series, first=first, last=last, on=on)

    inputs = {"series": series, "first": first, "last": last, "on": on}
    return _once(actor, "register-receipts", inputs, key, at, make)


def hand_receipts_to_town(
    actor: Actor, *, town: int, series: str, first: int, last: int, on: date, key: str, at: datetime
) -> Json:
    """Hand a part of the bureau's stock to the office of a town. Returns ``{"book": id}``.

    Raises NotFound for what is no town of the actor's, Refused for numbers not in the stock or handed out already,
    BadInput for an empty run.
    """
    actor.must(Right.STOCK_RECEIPTS)
    _check_run(series, first, last)

    def make() -> ReceiptBook:
        if not divisions.towns(actor.scope).filter(pk=town).exists():
            raise NotFound(say(N_("没有找到这个镇街，或不在您的管理范围内。")))
        office = actor.division_code or 0
        return stock.hand_run(office=office, division_code=town, series=series, first=first, last=last, on=on)

    inputs = {"town": town, "series": series, "first": first, "last": last, "on": on}
    return _once(actor, "hand-receipts-to-town", inputs, key, at, make)


def hand_receipts(
    actor: Actor, *, agent: str, series: str, first: int, last: int, on: date, key: str, at: datetime
) -> Json:
    """Hand the receipts ``first`` … ``last`` of the town's stock to the agent with that login name.

    Returns ``{"book": id}``. Raises NotFound for who takes no money in the actor's divisions, Refused for numbers
    that are not in the stock or handed out already, BadInput for an empty run.
    """
    actor.must(Right.HAND_RECEIPTS)
    _check_run(series, first, last)

    def make() -> ReceiptBook:
        holder = accounts.collectors(actor).filter(username=agent).first()
        if holder is None:
            raise NotFound(say(N_("没有找到这位收款人员，或不在您的管理范围内。")))
        division = holder.division_id or 0
        return stock.hand_book(agent_id=holder.pk, division_code=division, series=series, first=first, last=last, on=on)

    inputs = {"agent": agent, "series": series, "first": first, "last": last, "on": on}
    return _once(actor, "hand-receipts", inputs, key, at, make)


def return_receipts(actor: Actor, *, book_id: int, on: date, key: str, at: datetime) -> Json:
    """Give the unused end of a run back to the office it came from, where it can be handed out again.

    The holder does, or the town for its agents, or the bureau for its towns. Returns ``{"book": id, "returned": n}``.
    Raises NotFound outside the actor's scope, Forbidden for another's run, Refused where nothing is left of it.
    """

    def effect() -> Json:
        book = receipts.book(actor, book_id)
        _must_return(actor, book)
        book, back = stock.return_rest(book_id, on=on)
        _tell(actor, "return-receipts", book, at, key, returned=back)
        return {"book": book.pk, "returned": back}

    inputs = {"book": book_id, "on": on}
    return once(actor, key=key, use_case="return-receipts", inputs=inputs, at=at, effect=effect)


def _must_return(actor: Actor, book: ReceiptBook) -> None:
    """Raise Forbidden unless the actor holds the run, or keeps the stock of the office above."""
    own = book.agent_id == actor.user_id if book.agent_id else book.division_id == actor.division_code
    if own and actor.may(Right.COLLECT):
        return
    above = Right.HAND_RECEIPTS if book.agent_id else Right.STOCK_RECEIPTS
    if not actor.may(above):
        raise Forbidden(
            say(N_("这段收据不由您保管，不能交回。")),
            todo=say(N_("请由领用人本人或发放收据的单位办理。")),
        )


def set_seal(actor: Actor, *, text: str, on: date, key: str, at: datetime) -> Json:
    """Note the seal of the actor's town office as it is engraved, in use from ``on`` (BN-4.3.3c); the old one ends.

    Returns ``{"seal": id}``. Raises BadInput without a text.
    """
    actor.must(Right.SET_SEAL)
    text = clean(text, limit=LONGEST_SEAL)
    if not text:
        raise BadInput(
            say(N_("请填写公章上的文字（最多{limit}字）。"), limit=LONGEST_SEAL),
            todo=say(N_("按印章刻的全称填写，如“某某镇社会保障服务所”。")),
        )

    def effect() -> Json:
        office = actor.division_code or 0
        seal = stock.set_seal(division_code=office, text=text, on=on, by_id=actor.user_id)
        audit.record(actor, "set-seal", subject=("seal", seal.pk), division_code=office, at=at, request_key=key)
        return {"seal": seal.pk}

    return once(actor, key=key, use_case="set-seal", inputs={"text": text, "on": on}, at=at, effect=effect)


def _check_run(series: str, first: int, last: int) -> None:
    if not clean(series, limit=LONGEST_SERIES):
        raise BadInput(say(N_("请填写收据册号。")))
    if not 0 < first <= last <= LAST_NUMBER:
        raise BadInput(say(N_("收据起止号码不正确。")), todo=say(N_("起号应大于0且不大于止号。")))


def _once(actor: Actor, use_case: str, inputs: Json, key: str, at: datetime, make: Callable[[], ReceiptBook]) -> Json:
    """Make a run once and tell the audit trail."""

    def effect() -> Json:
        book = make()
        _tell(actor, use_case, book, at, key, agent=book.agent_id, series=book.series)
        return {"book": book.pk}

    return once(actor, key=key, use_case=use_case, inputs=inputs, at=at, effect=effect)


def _tell(actor: Actor, action: str, book: ReceiptBook, at: datetime, key: str, **detail: object) -> None:
    audit.record(
        actor,
        action,
        subject=("receipt-book", book.pk),
        division_code=book.division_id,
        at=at,
        detail={**detail, "first": book.first, "last": book.last},
        request_key=key,
    )
