"""Reading what agents do with cash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right, Role
from yingbao.collection.kinds import Channel, ReceiptState
from yingbao.collection.models import Deposit, HandOver, Payment, Receipt
from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind

MOST_IN_HAND = 200  # payments of one day and more


def deposits(actor: Actor, *, year: int) -> QuerySet[Deposit]:
    """Return the deposits of the actor's divisions, newest first. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    within = Deposit.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.select_related("agent", "division").order_by("-id")


def handed_over_to(agent_id: int, *, year: int) -> set[int]:
    """Return an agent and everybody whose cash came to them, from hand to hand: for whom they deposit and declare."""
    moved = HandOver.objects.filter(year=year, accepted_at__isnull=False, moved_fen__gt=0)
    pairs = set(moved.values_list("taken_by_id", "agent_id"))
    pool, new = {agent_id}, {agent_id}
    while new:
        new = {giver for taker, giver in pairs if taker in new} - pool
        pool |= new
    return pool


def counts(actor: Actor, *, year: int) -> QuerySet[HandOver]:
    """Return the counts of cash of the actor's divisions, newest first. Needs SEE_MONEY.

    A village's agent sees their own and those they are to take over.
    """
    return _counts_seen(actor).filter(year=year).order_by("-id")


def count_of(actor: Actor, count_id: int) -> HandOver:
    """Return one count of cash the actor may see. Raises NotFound. Needs SEE_MONEY."""
    found = _counts_seen(actor).filter(pk=count_id).first()
    if found is None:
        raise NotFound(say(N_("没有找到这次盘点，或不在您的管理范围内。")))
    return found


def _counts_seen(actor: Actor) -> QuerySet[HandOver]:
    actor.must(Right.SEE_MONEY)
    within = HandOver.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    if actor.role == Role.VILLAGE:
        within = within.filter(Q(agent_id=actor.user_id) | Q(taken_by_id=actor.user_id))
    return within.select_related("agent", "division__parent", "taken_by")


def to_take_over(agent_id: int, *, year: int) -> list[HandOver]:
    """Return the counts that wait for an agent to accept, newest first; only the newest of each giver can be."""
    waiting = HandOver.objects.filter(taken_by_id=agent_id, year=year, accepted_at__isnull=True)
    newest: dict[int, HandOver] = {}
    for one in waiting.select_related("agent", "division").order_by("pk"):
        newest[one.agent_id] = one
    return [one for one in newest.values() if is_newest(one)]


def is_newest(count: HandOver) -> bool:
    """Return whether an agent has not counted again since."""
    return not HandOver.objects.filter(agent_id=count.agent_id, year=count.year, pk__gt=count.pk).exists()


def count_before(count: HandOver) -> HandOver | None:
    """Return the count an agent made before this one, whose end is this one's beginning."""
    earlier = HandOver.objects.filter(agent_id=count.agent_id, year=count.year, pk__lt=count.pk)
    return earlier.order_by("-pk").first()


def void_among(book_id: int, *, first: int, end: int) -> int:
    """Return how many receipts of a book from ``first`` up to before ``end`` are void."""
    run = Receipt.objects.filter(book_id=book_id, number__gte=first, number__lt=end)
    return run.filter(state=ReceiptState.VOID).count()


def cash_in_hand(agent_id: int, scope: Scope, *, year: int, held_fen: int) -> list[Payment]:
    """Return the newest cash payments of an agent in a scope that make up what is in hand: the oldest is deposited.

    Newest first; the last of them may be deposited in part.
    """
    found = Payment.objects.filter(collected_by_id=agent_id, year=year, channel=Channel.CASH)
    found = found.filter(division_id__gte=scope.low, division_id__lt=scope.high)
    payments: list[Payment] = []
    left = held_fen
    papers = found.select_related("household").prefetch_related("receipts__book", "lines__due")
    for one in papers.order_by("-pk")[:MOST_IN_HAND]:
        if left <= 0:
            break
        payments.append(one)
        left -= one.amount_fen
    return payments


def late_deposits(shown: Sequence[Deposit]) -> set[int]:
    """Return the ids of those among some deposits that brought cash of an earlier day (BN-4.3.3d: the same day).

    A deposit takes the oldest cash in hand, so one is late where the agent went into that day with cash that no
    earlier deposit of the day had taken.
    """
    holders = {str(one.agent_id) for one in shown}
    evenings = ledger.evenings({one.year for one in shown}, kind=AccountKind.AGENT_CASH, holders=holders)
    same_days = Deposit.objects.filter(
        agent__in={one.agent_id for one in shown}, deposited_on__in={one.deposited_on for one in shown}
    )
    earlier: dict[int, int] = {}
    sums: Counter[tuple[int, int, date]] = Counter()
    rows = same_days.order_by("pk").values_list("agent_id", "year", "deposited_on", "pk", "amount_fen")
    for agent_id, year, day, pk, fen in rows:
        earlier[pk] = sums[agent_id, year, day]
        sums[agent_id, year, day] += fen

    def overdue(one: Deposit) -> int:
        return evenings.before(str(one.agent_id), one.year, one.deposited_on) - earlier[one.pk]

    return {one.pk for one in shown if overdue(one) > 0}
