"""Whether a due and what was paid for it can be asked back at all, said before anybody fills in a form."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING

from yingbao.collection import queries as collection
from yingbao.collection.kinds import DueState
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.workdays import UnknownWorkdays
from yingbao.policy import Policy
from yingbao.usecases.refund_parts import check_answered, covers_of
from yingbao.usecases.refund_rules import Cover, check_cover, check_deadline

if TYPE_CHECKING:
    from yingbao.collection.models import Due


def objections(policy: Policy, resident_ids: Collection[int], *, on: date) -> dict[int, Sequence[Message]]:
    """Return resident → what would refuse that their enrolment ends and its money goes back, and what to do instead.

    Whoever it can be asked for is left out, and so is who is not enrolled. The rules are those that refuse the form.
    """
    dues = collection.dues_of(resident_ids, year=policy.year)
    covers = covers_of(list(dues.values()))
    found = {one: objection(policy, due, covers[due.enrolment_id], on=on) for one, due in dues.items()}
    return {one: said for one, said in found.items() if said}


def objection(policy: Policy, due: Due, cover: Cover, *, on: date) -> Sequence[Message]:
    """Return (the fact, what to do instead) of what refuses a due's refund as of a day; empty where nothing does."""
    if due.state == DueState.OPEN:
        return (say(N_("还没有缴费，没有可退的钱。")), say(N_("请到本户页面取消参保登记。")))
    if not due.amount_fen:
        return ()  # ends without money, by rules of its own (refund_endings)
    try:
        check_answered([due])
        check_deadline(policy, collected_on=due.collected_on or on, on=on)
        check_cover(cover, on=on)
    except UnknownWorkdays:
        return ()  # a day nobody has announced yet has not passed
    except Refused as refused:
        return tuple(one for one in (refused.fact, refused.todo) if one is not None)
    return ()
