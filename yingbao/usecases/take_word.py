"""A channel says that it has taken money. That is never refused: it pays what is open, or waits to go back.

Exactly one enrolment stands whoever was first; money that pays for nothing any more stands as a surplus in the name
of the people it came for, as a work item, and can be refunded. What came for nobody we know is kept in the district's
books until the bureau finds out for whom it came, or it goes back (``settle_kept``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collected
from yingbao.collection.keeping import operations as keeping
from yingbao.collection.keeping import queries as kept_before
from yingbao.collection.kinds import KEPT_MONEY, ONLINE_CHANNELS
from yingbao.collection.orders import queries
from yingbao.kernel.errors import BadInput, Conflict
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY
from yingbao.ledger.operations import Move, post
from yingbao.policy import get_policy
from yingbao.registry.finding import numbers
from yingbao.storage.fields import Json
from yingbao.usecases import channel_money, places
from yingbao.usecases.channel_money import Addressed, Ask
from yingbao.usecases.once import once
from yingbao.usecases.receive_payment import check_channel
from yingbao.usecases.receiving import Taking
from yingbao.worklist import operations as worklist
from yingbao.worklist.kinds import Kind
from yingbao.worklist.operations import Finding

LONGEST_REFERENCE = 60
MOST_PEOPLE = 20
CLOCKS_DIFFER = timedelta(minutes=10)
# No phone paid before; and days at the calendar's ends cannot be reckoned with.
FIRST_PAID = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Word:
    """What a channel says: its own number of the payment, how much, when, and for which order or which people.

    ``people`` are whole certificate numbers, for what was paid without an order of ours.
    """

    channel: str
    reference: str
    amount_fen: int
    paid_at: datetime
    order: str = ""
    people: tuple[str, ...] = ()


def take_word(actor: Actor, word: Word, *, policy_name: str, at: datetime) -> Json:
    """Take in what a channel says; the same word again gets the same answer, by the channel's own number.

    Returns ``{"payment": id or None, "paid": dues paid, "surplus_fen": …, "unmatched": bool}``: no payment where
    neither order nor people are known; then the whole sum is kept. Raises Forbidden, BadInput for what is no word at
    all, Conflict where that number came with something else.
    """
    actor.must(Right.COLLECT)
    check_word(word, at=at)
    check_channel(actor, word.channel)
    inputs = {
        "channel": word.channel,
        "reference": word.reference,
        "amount": word.amount_fen,
        "paid_at": timezone.localtime(word.paid_at),  # the same moment however it is written
        "order": word.order,
        "people": word.people,
    }

    def effect() -> Json:
        if any(has(word.channel, word.reference) for has in (collected.has_reference, kept_before.has_reference)):
            raise Conflict(say(N_("这个渠道流水号已经登记过一笔缴费。")))
        policy = get_policy(policy_name)
        on = timezone.localdate(word.paid_at)
        addressed = _address(word, year=policy.year, on=on)
        if addressed is None:
            return _keep_for_nobody(actor, word, year=policy.year, on=on, at=at)
        taking = Taking(addressed.household_id, word.channel, word.amount_fen, on, at, word.reference)
        answer = channel_money.take(actor, taking, addressed, policy=policy)
        _tell(actor, taking, answer, addressed.division_code)
        return answer | {"unmatched": answer["surplus_fen"] == word.amount_fen}

    key = f"{word.channel}:{word.reference}"
    return once(actor, key=key, use_case="take-word", inputs=inputs, at=at, effect=effect)


def check_word(word: Word, *, at: datetime) -> None:
    """Raise BadInput for a word that cannot be meant: no such channel, no number, no money, or from tomorrow."""
    good = (
        word.channel in ONLINE_CHANNELS
        and 0 < len(word.reference) <= LONGEST_REFERENCE
        and 0 < word.amount_fen < 10**12
        and len(word.people) <= MOST_PEOPLE
        # No sign that nobody can print: a database may take none, and nobody could read it out to the channel.
        and all(text.isprintable() for text in (word.reference, word.order, *word.people))
        and FIRST_PAID <= word.paid_at <= at + CLOCKS_DIFFER
    )
    if not good:
        raise BadInput(
            say(N_("渠道、流水号、金额或支付时间不正确。")),
            todo=say(N_("请按接口说明（docs/channels.md）核对后重发。")),
        )


def _address(word: Word, *, year: int, on: date) -> Addressed | None:
    order = queries.find(word.order) if word.order else None
    if order is not None:
        asks = [Ask(line.due.enrolment.resident_id, line.due_id, line.amount_fen) for line in order.lines.all()]
        return Addressed(order.household_id, order.division_id, order.pk, asks)
    people = [one.resident_id for one in numbers.find_present(word.people)]
    return channel_money.of_people(people, year=year, on=on) if people else None


def _tell(actor: Actor, taking: Taking, answer: Json, division_code: int) -> None:
    audit.record(
        actor,
        "take-word",
        subject=("payment", answer["payment"]),
        division_code=division_code,
        at=taking.at,
        detail={"household": taking.household_id, "channel": taking.channel, "fen": taking.amount_fen},
    )


def _keep_for_nobody(actor: Actor, word: Word, *, year: int, on: date, at: datetime) -> Json:
    """Keep what came for nobody we know: with the channel and owed back in the district's books, a work item there."""
    division = actor.division_code or 0
    kept = keeping.keep(
        channel=word.channel,
        reference=word.reference,
        amount_fen=word.amount_fen,
        paid_at=word.paid_at,
        at=at,
        division_code=division,
        year=year,
    )
    move = Move(places.channel(word.channel, division, year), places.refund_payable(division, year), word.amount_fen)
    subject, fen = (KEPT_MONEY, kept.pk), word.amount_fen
    post([move], on=on, at=at, user_id=actor.user_id, source=subject)
    told = {"channel": word.channel, "fen": fen, "paid_on": on.isoformat(), "unmatched": True}
    audit.record(actor, "take-word", subject=subject, division_code=division, at=at, detail=told)
    owner = accounts.owner_for(division)
    if owner is not None:
        detail = {"channel": word.channel, "reference": word.reference, "fen": fen}
        due_on = timezone.localdate(at) + 7 * DAY
        found = Finding(Kind.ORDER_UNMATCHED, division, owner.pk, subject, due_on, detail)
        worklist.open_items([found], on=timezone.localdate(at))
    return {"payment": None, "paid": 0, "surplus_fen": fen, "unmatched": True}
