"""Where a work item is mended: the page of what it is about, the form of its refund, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import KEPT_MONEY, RefundReason
from yingbao.kernel.messages import Message
from yingbao.registry.kinds import ElsewhereKind
from yingbao.usecases.refund_outlook import objections
from yingbao.web import policies
from yingbao.web.pages.refunds import REASON_OF
from yingbao.worklist.kinds import Kind

# Which page shows what a work item is about.
PAGES = {
    "payment": "payment",
    "resident": "resident",
    "household": "household",
    "refund": "refund",
    KEPT_MONEY: "kept-money",
}
# Whose pages are open to whoever sees money.
OF_MONEY = {"payment", "refund", "receipt", "hand-over", "agent", KEPT_MONEY}
# Whose money bought cover: it goes back only until that begins.
ENDING = (Kind.PAID_BUT_COVERED_ELSEWHERE, Kind.PAID_BUT_DEAD, Kind.WRONG_TIER)
# Where somebody is insured or kept → why the money goes back; the army is no reason of its own.
WHERE = {
    ElsewhereKind.EMPLOYEE.value: RefundReason.EMPLOYEE,
    ElsewhereKind.OTHER_PLACE.value: RefundReason.OTHER_PLACE,
    ElsewhereKind.PRISON.value: RefundReason.SENTENCED,
}


def address_of(actor: Actor, item: Any) -> str:
    """Return where an item is mended; empty where there is no such page, or not for this actor."""
    kind, subject_id = item.subject_kind, item.subject_id
    if item.kind == Kind.DECLARATION_REFUSED and not actor.may(Right.SEE_RESIDENTS):
        # the tax office sees its batch, not the person
        return reverse("declaration", args=[item.detail["declaration"]])
    if not actor.may(Right.SEE_MONEY if kind in OF_MONEY else Right.SEE_RESIDENTS):
        return ""
    if item.kind == Kind.STUB_NOT_FILED:
        return reverse("stubs")
    if kind == "agent":
        return reverse("day") if subject_id == actor.user_id else reverse("agent-cash", args=[subject_id])
    if kind == "hand-over":
        return f"{reverse('counts')}?count={subject_id}"
    if kind == "receipt":
        return reverse("receipt-reviews")
    return _of_places(item) or (reverse(PAGES[kind], args=[subject_id]) if kind in PAGES else "")


def _of_places(item: Any) -> str:
    """Return the list an item about a village or a file is worked off by."""
    kind, subject_id = item.subject_kind, item.subject_id
    if kind == "mending":
        return f"{reverse('quality')}?division={subject_id}"
    if kind == "division":
        narrow = {"division": subject_id} | ({"enrolled": "silent"} if item.kind == Kind.NOTICE_SILENT else {})
        return f"{reverse('residents')}?{urlencode(narrow)}"
    return f"{reverse('matches')}?file={subject_id}" if kind == "file" else ""


def refund_of(item: Any) -> str:
    """Return where the money an item is about can be asked back, filled in as far as the item tells."""
    if item.kind not in REASON_OF or item.subject_kind not in ("payment", "resident"):
        return ""
    return f"{reverse('ask-refund')}?{urlencode({item.subject_kind: item.subject_id, 'reason': reason_of(item)})}"


def reason_of(item: Any) -> str:
    """Return the reason an item knows for a refund; empty where it leaves it to the clerk."""
    if item.kind != Kind.PAID_BUT_COVERED_ELSEWHERE:
        return str(REASON_OF.get(item.kind, ""))
    found = [WHERE[kind] for kind in WHERE if kind in item.detail.get("kinds", ())]
    return str(found[0]) if found else ""


def objections_of(items: Iterable[Any], on: date) -> dict[int, Sequence[Message]]:
    """Return item → why its money does not go back as of a day and what is done instead, of open items it bars."""
    asked = [one for one in items if one.kind in ENDING and one.subject_kind == "resident" and not one.closed_at]
    found = objections(policies.current(), {one.subject_id for one in asked}, on=on) if asked else {}
    return {one.pk: found[one.subject_id] for one in asked if one.subject_id in found}
