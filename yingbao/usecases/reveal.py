"""Show a number, phone or bank account in full, once, to somebody who says why; the trail keeps who, what and why."""

from __future__ import annotations

import re
from datetime import datetime

from yingbao.accounts import audit
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import BadInput, NotFound
from yingbao.kernel.messages import N_, say
from yingbao.registry import queries as registry
from yingbao.registry.eligibility import papers
from yingbao.storage.transactions import unit_of_work

CERTIFICATE, PHONE, ACCOUNT, DOCUMENT = "certificate_number", "phone", "bank_account", "document_number"
FIELDS = {
    CERTIFICATE: N_("证件号码"),
    PHONE: N_("联系电话"),
    ACCOUNT: N_("银行账号"),
    DOCUMENT: N_("所提交证件的号码"),
}
SHORTEST_REASON, LONGEST_REASON = 4, 100
NUMBER_LIKE = re.compile(r"\d{6}")


def reveal(actor: Actor, *, resident_id: int, field: str, reason: str, at: datetime) -> str:
    """Return one field of a resident in full; the audit trail gets field and reason, never the value.

    Every call is an entry of its own, a repeated one too: each is a look. Raises Forbidden without
    SEE_FULL_NUMBERS, NotFound outside the actor's scope or where the field is empty, BadInput for another field, a
    reason shorter than four characters, or one that holds a number itself.
    """
    actor.must(Right.SEE_FULL_NUMBERS)
    if field not in FIELDS:
        raise BadInput(say(N_("没有这一项。")))
    why = read_reason(reason)
    person = registry.resident(actor, resident_id)
    value = _document_number(resident_id) if field == DOCUMENT else getattr(person, field)
    if not value:
        raise NotFound(say(N_("台账中没有这一项的内容。")))
    with unit_of_work():
        audit.record(
            actor,
            "reveal",
            subject=("resident", person.pk),
            division_code=person.division_id,
            at=at,
            detail={"field": field, "reason": why},
        )
    return str(value)


def read_reason(reason: str) -> str:
    """Return a reason for looking, without blanks around it. Raises BadInput."""
    why = " ".join(reason.split())
    if not SHORTEST_REASON <= len(why) <= LONGEST_REASON:
        raise BadInput(
            say(N_("查看完整号码须写明事由（{least} 至 {most} 字）。"), least=SHORTEST_REASON, most=LONGEST_REASON)
        )
    if NUMBER_LIKE.search(why):
        raise BadInput(say(N_("事由中不要写号码：操作记录不保存居民的号码。")))
    return why


def _document_number(resident_id: int) -> str | None:
    reviews = papers.reviews_of(resident_id)
    return reviews[0].document_number if reviews else None
