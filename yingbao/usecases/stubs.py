"""Stubs of POS vouchers (BN-4.3.2): the town files them, and what is not filed in time is watched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.receipts import operations as forms
from yingbao.collection.receipts import queries as receipts
from yingbao.kernel.errors import BadInput, NotFound, Refused
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.storage.fields import Json
from yingbao.storage.transactions import unit_of_work
from yingbao.usecases.custody import is_overdue, working_days_after
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

FILE_WITHIN_WORKING_DAYS = 5
# Kept in the record, whatever language the reader's page is in.
FILED = "存根已归档"


def file_stubs(actor: Actor, *, payment_ids: Sequence[int], year: int, on: date, key: str, at: datetime) -> Json:
    """Note that the town has filed the stubs of some POS payments.

    Returns ``{"filed": n}``. Raises NotFound where one is no POS payment of the actor's divisions, Refused where one
    is filed already, BadInput for none.
    """
    actor.must(Right.REVIEW_RECEIPTS)
    ids = sorted(set(payment_ids))
    if not ids:
        raise BadInput(say(N_("没有选择POS缴费。")), todo=say(N_("请勾选存根已经收到的缴费，再归档。")))

    def effect() -> Json:
        found = receipts.pos_payments(actor, year=year).filter(pk__in=ids).values_list("pk", "stub")
        if len(found) != len(ids):
            raise NotFound(say(N_("没有找到这笔POS缴费，或不在您的管理范围内。")))
        if any(stub for _pk, stub in found):
            raise _filed_already()
        _file(actor, ids, on)
        worklist.close_about(Kind.STUB_NOT_FILED, "payment", ids, by_id=actor.user_id, reason=FILED, at=at)
        audit.record(
            actor,
            "file-stubs",
            subject=("stubs", None),
            division_code=actor.division_code,
            at=at,
            detail={"payments": ids},
            request_key=key,
        )
        return {"filed": len(ids)}

    inputs = {"payments": ids, "year": year, "on": on}
    return once(actor, key=key, use_case="file-stubs", inputs=inputs, at=at, effect=effect)


def _file(actor: Actor, ids: Sequence[int], on: date) -> None:
    try:
        with transaction.atomic():
            forms.file_stubs(ids, by_id=actor.user_id, on=on)
    except IntegrityError as error:  # somebody filed one of them this moment
        raise _filed_already() from error


def _filed_already() -> Refused:
    return Refused(say(N_("其中有存根已经归档。")), todo=say(N_("请刷新页面，只勾选还没有归档的。")))


def watch_stubs(actor: Actor, *, year: int, on: date, at: datetime) -> int:
    """Open a work item for each POS payment whose stub is not filed five working days later; return how many.

    One that has been filed since is closed with that reason. Twice changes nothing.
    """
    actor.must(Right.CLOSE_WORK_ITEM)
    late = _late(actor, year, on)
    owners = accounts.owners_for(division for _pk, division, _day, _fen in late)
    findings = [
        Finding(
            Kind.STUB_NOT_FILED,
            division,
            owners[division],
            ("payment", pk),
            on + DAY,
            {"collected_on": day.isoformat(), "fen": fen},
        )
        for pk, division, day, fen in late
        if division in owners
    ]
    with unit_of_work():
        open_yet = worklist.open_subjects(actor.scope, Kind.STUB_NOT_FILED)
        still = {finding.subject[1] for finding in findings}
        filed = [item for payment, item in open_yet.items() if payment not in still]
        worklist.close_all(filed, by_id=actor.user_id, reason=FILED, at=at)
        worklist.open_items(findings, on=on)
        if filed or still - open_yet.keys():
            audit.record(
                actor,
                "watch-stubs",
                subject=("day", None),
                division_code=actor.division_code,
                at=at,
                detail={"on": on.isoformat(), "late": len(findings), "filed": len(filed)},
            )
    return len(findings)


def _late(actor: Actor, year: int, on: date) -> list[tuple[int, int, date, int]]:
    """Return (payment, village, day, fen) of what should have been filed before ``on``."""
    rows = list(receipts.unfiled(actor, year=year).values_list("pk", "division_id", "collected_on", "amount_fen"))
    days = {row[2] for row in rows}
    over = {day for day in days if is_overdue(day, FILE_WITHIN_WORKING_DAYS, on=on)}
    return [row for row in rows if row[2] in over]


def stub_due_on(collected_on: date) -> date:
    """Return the last day on which the stub of a POS payment is filed in time."""
    return working_days_after(collected_on, FILE_WITHIN_WORKING_DAYS)
