"""The second look (BN-4.3.3b): forms are reviewed with the paper at hand; a book is written off once all is seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import BookState, ReceiptState
from yingbao.collection.receipts import operations as forms
from yingbao.collection.receipts import queries as receipts
from yingbao.collection.receipts import stock
from yingbao.kernel.errors import BadInput, Forbidden, NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.texts import clean
from yingbao.storage.fields import Json
from yingbao.usecases.once import once
from yingbao.usecases.receipt_forms import SEEN_WITHIN, WORK_OF, open_work
from yingbao.worklist import operations as worklist

if TYPE_CHECKING:
    from yingbao.collection.models import Receipt, ReceiptBook

NAMED = 8  # so many numbers are named in a refusal
LONGEST_REASON = 200
# Kept in the record, whatever language the reader's page is in.
REVIEWED, STUB_NOT_THERE = "已复核", "核销时未见存根"
RUN = re.compile(r"(\d{1,8})(?:-(\d{1,8}))?")


def review_receipts(actor: Actor, *, receipt_ids: Sequence[int], on: date, key: str, at: datetime) -> Json:
    """Note that the actor has seen the papers of some forms, and that they are as the register says.

    Returns ``{"reviewed": n}``. Raises NotFound outside the actor's scope, Forbidden for who issued or ended one of
    them (maker ≠ checker), Refused where one was reviewed before, BadInput for none.
    """
    actor.must(Right.REVIEW_RECEIPTS)
    if not receipt_ids:
        raise BadInput(say(N_("没有选择收据。")))

    def effect() -> Json:
        seen = _reviewable(actor, receipt_ids)
        ids = [form.pk for form in seen]
        forms.mark_reviewed(ids, by_id=actor.user_id, on=on)
        for kind in WORK_OF.values():
            worklist.close_about(kind, "receipt", ids, by_id=actor.user_id, reason=REVIEWED, at=at)
        audit.record(
            actor,
            "review-receipts",
            subject=("receipt-book", seen[0].book_id),
            division_code=seen[0].book.division_id,
            at=at,
            detail={"receipts": ids},
            request_key=key,
        )
        return {"reviewed": len(ids)}

    inputs = {"receipts": sorted(set(receipt_ids)), "on": on}
    return once(actor, key=key, use_case="review-receipts", inputs=inputs, at=at, effect=effect)


def refuse_receipt(actor: Actor, *, receipt_id: int, reason: str, on: date, key: str, at: datetime) -> Json:
    """Say that a void, taken-back or lost form is not in order, and why: its work item goes back to who ended it.

    Returns ``{"receipt": id}``. Raises what ``review_receipts`` does, BadInput without a reason.
    """
    actor.must(Right.REVIEW_RECEIPTS)
    if not clean(reason, limit=LONGEST_REASON):
        raise BadInput(say(N_("请写明复核不通过的原因。")))

    def effect() -> Json:
        (form,) = _reviewable(actor, [receipt_id])
        if form.state not in WORK_OF:
            raise Refused(
                say(N_("只有作废、收回、遗失的收据可以复核不通过。")), todo=say(N_("已开具的收据有误，请作废重开。"))
            )
        _give_back(actor, form, reason.strip(), on)
        audit.record(
            actor,
            "refuse-receipt",
            subject=("receipt", form.pk),
            division_code=form.book.division_id,
            at=at,
            request_key=key,
        )
        return {"receipt": form.pk}

    inputs = {"receipt": receipt_id, "reason": reason, "on": on}
    return once(actor, key=key, use_case="refuse-receipt", inputs=inputs, at=at, effect=effect)


def _reviewable(actor: Actor, receipt_ids: Sequence[int]) -> list[Receipt]:
    """Return the forms, held until commit, that the actor may review."""
    held = forms.lock_forms(receipt_ids)
    if len(held) != len(set(receipt_ids)):
        raise NotFound(say(N_("没有找到这张收据，或不在您的管理范围内。")))
    for form in held:
        actor.must_reach(form.book.division_id)
        if actor.user_id in (form.ended_by_id, form.book.agent_id):
            raise Forbidden(
                say(N_("开具、作废和复核不能是同一人：{number}号收据由您经手。"), number=form.number),
                todo=say(N_("请由本所另一位人员对照纸质收据复核。")),
            )
        if form.reviewed_by_id is not None:
            raise Refused(say(N_("{number}号收据已经复核过。"), number=form.number), todo=say(N_("请刷新页面。")))
    return held


def _give_back(actor: Actor, form: Receipt, reason: str, on: date) -> None:
    kind = WORK_OF[ReceiptState(form.state)]
    item = worklist.open_of(actor.scope, [kind]).get((kind, "receipt", form.pk))
    if item is None:  # somebody closed it by hand: the form is as unseen as before
        open_work([form], on=on, but=actor.user_id)
        item = worklist.open_of(actor.scope, [kind])[kind, "receipt", form.pk]
    told = {**item.detail, "refused_on": on.isoformat(), "refused_by": actor.user_id, "why": reason}
    owner = form.ended_by_id or form.book.agent_id or actor.user_id
    worklist.reassign(item.item_id, owner_id=owner, due_on=on + SEEN_WITHIN, detail=told)


def write_off_book(actor: Actor, *, book_id: int, missing: str, on: date, key: str, at: datetime) -> Json:
    """Write a book off, its stubs counted: ``missing`` are those that are not there, e.g. ``117,120-122``.

    Each missing one is noted as lost and becomes an exception; then, or while a void, taken-back or lost form waits
    to be reviewed, the book is not written off. Returns ``{"written_off": bool, "missing": n}``. Raises NotFound
    outside the actor's scope, Forbidden for the book's own agent, BadInput for numbers that are none of the book's,
    Refused while a form is unused or not reviewed.
    """
    actor.must(Right.REVIEW_RECEIPTS)
    numbers = parse_numbers(missing)

    def effect() -> Json:
        _must_write_off(actor, receipts.book(actor, book_id))
        book = stock.lock(book_id)
        _check_used_up(book, numbers)
        lost = _note_missing(actor, book, numbers, on)
        if not lost:
            _check_seen(book)
            forms.write_off(book, by_id=actor.user_id, on=on)
        audit.record(
            actor,
            "report-missing-stubs" if lost else "write-off-book",
            subject=("receipt-book", book.pk),
            division_code=book.division_id,
            at=at,
            detail={"missing": lost},
            request_key=key,
        )
        return {"written_off": not lost, "missing": lost}

    inputs = {"book": book_id, "missing": numbers, "on": on}
    return once(actor, key=key, use_case="write-off-book", inputs=inputs, at=at, effect=effect)


def parse_numbers(text: str) -> list[int]:
    """Return the numbers that ``117,120-122`` means, in order, each once. Raises BadInput for what means none."""
    plain = re.sub(r"[，、;；\s]+", ",", text.strip()).translate(str.maketrans("－–—~～", "-----"))
    found: set[int] = set()
    for part in filter(None, plain.split(",")):
        match = RUN.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last or last - first > 9_999:
            raise BadInput(
                say(N_("号码“{part}”不正确。"), part=part[:20]), todo=say(N_("请按 117,120-122 的格式填写。"))
            )
        found.update(range(first, last + 1))
    return sorted(found)


def _must_write_off(actor: Actor, book: ReceiptBook) -> None:
    if book.agent_id is None:
        raise Refused(say(N_("库存的号段不核销，发放后逐本核销。")))
    if book.agent_id == actor.user_id:
        raise Forbidden(say(N_("不能核销自己使用的收据本。")), todo=say(N_("请由本所另一位人员清点存根后核销。")))


def _check_used_up(book: ReceiptBook, numbers: Sequence[int]) -> None:
    if book.state != BookState.HELD:
        raise Refused(say(N_("这本收据已经核销或整本交回，没有可以核销的。")))
    if book.next_number <= book.last:
        left = book.last - book.next_number + 1
        raise Refused(
            say(N_("这本收据还有{n}张没有用，不能核销。"), n=left), todo=say(N_("请先用完，或交回未用的部分。"))
        )
    strange = [number for number in numbers if not book.first <= number <= book.last]
    if strange:
        raise BadInput(
            say(N_("{numbers}不是这本收据的号码。"), numbers=_named(strange)),
            fact=say(N_("这本收据的号码是{first}–{last}。"), first=book.first, last=book.last),
        )
    without = receipts.missing_numbers(book)
    if without:
        raise Refused(say(N_("{numbers}号没有使用记录，不能核销。"), numbers=_named(without)))


def _note_missing(actor: Actor, book: ReceiptBook, numbers: Sequence[int], on: date) -> int:
    """Note forms as lost whose stubs were not found; return how many were not known to be."""
    found = forms.lock_forms(receipts.ids_of(book, numbers))
    lost = [form for form in found if form.state != ReceiptState.LOST]
    for form in lost:
        forms.lose(form, by_id=actor.user_id, on=on, reason=STUB_NOT_THERE)
    open_work(lost, on=on, but=actor.user_id)
    return len(lost)


def _check_seen(book: ReceiptBook) -> None:
    unseen = receipts.unseen_numbers(book)
    if unseen:
        raise Refused(
            say(N_("还有{n}张作废、收回或遗失的收据没有复核，不能核销。"), n=len(unseen)),
            fact=say(N_("号码：{numbers}。"), numbers=_named(unseen)),
            todo=say(N_("请由另一位人员在“待复核”中复核后再核销。")),
        )


def _named(numbers: Sequence[int]) -> str:
    return "、".join(str(number) for number in numbers[:NAMED]) + ("…" if len(numbers) > NAMED else "")
