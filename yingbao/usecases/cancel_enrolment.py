"""Cancel somebody's enrolment before they have paid: nothing is owed any more, and they may enrol anew."""

from __future__ import annotations

from datetime import date, datetime

from yingbao.accounts.actors import Actor
from yingbao.collection import operations as collection
from yingbao.collection.orders import operations as orders
from yingbao.enrolment import operations as enrolment
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.kernel.texts import clean
from yingbao.ledger.operations import Move, post
from yingbao.registry import facts as registry
from yingbao.storage.fields import Json
from yingbao.usecases import places
from yingbao.usecases.changing_due import lock_due, must_be_open, must_enrol, tell
from yingbao.usecases.once import once
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind

CANCELLED = "参保登记已取消"  # kept in the record, whatever language the reader's page is in
ABOUT_THE_ENROLLED = (
    Kind.PAID_BUT_COVERED_ELSEWHERE,
    Kind.PAID_BUT_DEAD,
    Kind.WRONG_TIER,
    Kind.PAID_TOO_LITTLE,
)
LONGEST_REASON = 200


def cancel_enrolment(actor: Actor, *, due_id: int, reason: str, year: int, on: date, key: str, at: datetime) -> Json:
    """Cancel the enrolment behind an open due, for a reason; what was written down as owed is taken back.

    Residents may where it was made online: somebody else may have enrolled them to pay for them, and not paid.

    Returns ``{"due": id, "amount_fen": what was owed}``. Raises Forbidden, NotFound, BadInput without a reason,
    Refused where money was taken already.
    """
    must_enrol(actor)
    reason = read_reason(reason)

    def effect() -> Json:
        due = lock_due(actor, due_id, year=year)
        must_be_open(due)
        one, village = due.enrolment, due.division_id
        facts = registry.of_residents([one.resident_id], on=on)[one.resident_id]
        enrolment.cancel([one.pk], by_id=actor.user_id, why=reason, at=at)
        collection.cancel([due.pk])
        orders.close_asking([due.pk])
        owed = Move(places.contribution(village, year), places.resident_due(village, year), due.amount_fen)
        post([owed], on=on, at=at, user_id=actor.user_id, source=("household", facts.household_id))
        close_about(one.resident_id, by_id=actor.user_id, reason=CANCELLED, at=at)
        tell(actor, "cancel-enrolment", due, at=at, key=key, detail={"enrolment": one.pk, "fen": due.amount_fen})
        return {"due": due.pk, "amount_fen": due.amount_fen}

    inputs = {"due": due_id, "reason": reason, "year": year, "on": on}
    return once(actor, key=key, use_case="cancel-enrolment", inputs=inputs, at=at, effect=effect)


def read_reason(text: str) -> str:
    """Return a reason without blanks around it. Raises BadInput for none, or one too long to keep."""
    reason = clean(text, limit=LONGEST_REASON)
    if not reason:
        raise BadInput(
            say(N_("请写明原因，最多{limit}字。"), limit=LONGEST_REASON), todo=say(N_("没有办理，请填写后重新提交。"))
        )
    return reason


def close_about(resident_id: int, *, by_id: int, reason: str, at: datetime) -> None:
    """Close the items about somebody's enrolment, which stands no more."""
    for kind in ABOUT_THE_ENROLLED:
        worklist.close_about(kind, "resident", [resident_id], by_id=by_id, reason=reason, at=at)
