"""Receipt stock (BN-4.3.3b): handed to an agent as a numbered run; a missing one is reported, never forgotten."""

from __future__ import annotations

from datetime import date, datetime

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.receipts import operations as stock
from yingbao.collection.receipts import queries as receipts
from yingbao.kernel.errors import BadInput, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.storage.fields import Json
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

LAST_NUMBER = 99_999_999  # a receipt's number has eight digits


def hand_receipts(
    actor: Actor, *, agent: str, series: str, first: int, last: int, on: date, key: str, at: datetime
) -> Json:
    """Hand the receipts ``first`` … ``last`` of a series to the agent with that login name.

    Returns ``{"book": id}``. Raises NotFound for who takes no money in the actor's divisions, Refused for a run that
    overlaps one handed out before, BadInput for an empty run.
    """
    actor.must(Right.HAND_RECEIPTS)
    if not 0 < first <= last <= LAST_NUMBER:
        raise BadInput(say(N_("收据起止号码不正确。")), todo=say(N_("起号应大于0且不大于止号。")))

    def effect() -> Json:
        holder = accounts.collectors(actor).filter(username=agent).first()
        if holder is None:
            raise NotFound(say(N_("没有找到这位收款人员，或不在您的管理范围内。")))
        book = stock.hand_book(
            agent_id=holder.pk,
            division_code=holder.division_id or 0,
            series=series,
            first=first,
            last=last,
            on=on,
        )
        audit.record(
            actor,
            "hand-receipts",
            subject=("receipt-book", book.pk),
            division_code=holder.division_id or 0,
            at=at,
            detail={"agent": holder.pk, "series": series, "first": first, "last": last},
            request_key=key,
        )
        return {"book": book.pk}

    inputs = {"agent": agent, "series": series, "first": first, "last": last, "on": on}
    return once(actor, key=key, use_case="hand-receipts", inputs=inputs, at=at, effect=effect)


def report_missing_receipt(actor: Actor, *, receipt_id: int, on: date, key: str, at: datetime) -> Json:
    """Note that an issued receipt's stub is missing: a work item for whoever answers for the village."""
    actor.must(Right.COLLECT)

    def effect() -> Json:
        receipt = receipts.receipt(actor, receipt_id)
        owner = accounts.owner_for(receipt.book.division_id)
        if owner is None:
            raise NotFound(say(N_("这个村没有负责人，无法登记事项。")))
        finding = Finding(
            kind=Kind.RECEIPT_MISSING,
            division_code=receipt.book.division_id,
            owner_id=owner.pk,
            subject=("receipt", receipt.pk),
            due_on=on + 7 * DAY,
            detail={"series": receipt.book.series, "number": receipt.number},
        )
        worklist.open_items([finding], on=on)
        audit.record(
            actor,
            "report-missing-receipt",
            subject=("receipt", receipt.pk),
            division_code=receipt.book.division_id,
            at=at,
            request_key=key,
        )
        return {"receipt": receipt.pk}

    return once(actor, key=key, use_case="report-missing-receipt", inputs={"receipt": receipt_id}, at=at, effect=effect)
