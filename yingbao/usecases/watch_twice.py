"""Records that look like one person: a work item for each pair, until somebody has said what they are."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.divisions.codes import Scope
from yingbao.registry.recognising import duplicates
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

JUDGE_WITHIN = timedelta(days=14)
ALIKE_NO_MORE = "两条记录已不再相像"  # kept in the record, whatever language the reader's page is in


def watch_twice(actor: Actor, scope: Scope, *, on: date, at: datetime) -> dict[str, int]:
    """Open an item for each older record that has a likeness, and close those of records that are alike no more.

    Runs in the caller's transaction. Where a record has several likenesses the likeliest is told; the next comes up
    once that is judged. Items that a merger opened, of two enrolments, are left alone.
    """
    pairs = {pair.first_id: pair for pair in reversed(duplicates.pairs(scope))}
    already = {
        resident_id: item
        for (_, _, resident_id), item in worklist.open_of(scope, (Kind.REGISTERED_TWICE,)).items()
        if "other" in item.detail
    }
    gone = [pk for pk, item in already.items() if pk not in pairs or pairs[pk].second_id != item.detail["other"]]
    ids = sorted(already[pk].item_id for pk in gone)
    worklist.close_all(ids, by_id=actor.user_id, reason=ALIKE_NO_MORE, at=at)
    new = [pair for pk, pair in pairs.items() if pk not in already or pk in gone]
    owners = accounts.owners_for({pair.division_code for pair in new})
    found = [
        Finding(
            kind=Kind.REGISTERED_TWICE,
            division_code=pair.division_code,
            owner_id=owners[pair.division_code],
            subject=("resident", pair.first_id),
            due_on=on + JUDGE_WITHIN,
            detail={"other": pair.second_id},
        )
        for pair in new
        if pair.division_code in owners
    ]
    worklist.open_items(found, on=on)
    return {"opened_items": len(found), "closed_items": len(gone)}
