"""Everything about one record: which records a question to the audit trail takes in beside the one it names."""

from __future__ import annotations

from collections.abc import Iterable

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.collection.receipts import queries as receipts
from yingbao.registry import queries as registry

LONGEST_ID = 12  # a division's code


def find_numbered(actor: Actor, *, kind: str, number: str) -> list[int]:
    """Return the ids of the records of a kind that carry a number on paper or on a page.

    A receipt is written 2023-484 (series and number), a household 010228; other kinds have only the record's own
    number. Needs SEE_AUDIT.
    """
    actor.must(Right.SEE_AUDIT)
    if kind == "household":
        return registry.households_numbered(actor, number)
    series, _dash, last = number.rpartition("-")
    if kind == "receipt" and series:
        return receipts.forms_numbered(actor, series, int(last)) if _is_id(last) else []
    return [int(number)] if _is_id(number) else []


def trace(actor: Actor, *, kind: str, ids: Iterable[int]) -> dict[str, set[int]]:
    """Return some records of a kind and what hangs on them: kind → ids. Needs SEE_AUDIT.

    A household brings its people, orders and payments; a person the payments made for them; a receipt its payment;
    a payment its order, receipts and refunds. What lies outside the actor's divisions, the trail itself leaves out.
    """
    actor.must(Right.SEE_AUDIT)
    found = {kind: set(ids)}
    if kind == "household":
        found |= {"resident": registry.ids_of_members(ids), "order": collection.orders_of_households(ids)}
    if kind in ("household", "resident"):
        households = found.get("household", ())
        found["payment"] = collection.payments_concerning(
            household_ids=households, resident_ids=found["resident"] if kind == "resident" else ()
        )
        found["refund"] = collection.endings_of(found.get("resident", ()))
    if kind == "receipt":
        found["payment"] = collection.payments_on_forms(ids)
    if payments := found.get("payment"):
        for other, more in collection.records_of_payments(payments).items():
            found[other] = found.get(other, set()) | more
    return found


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_ID
