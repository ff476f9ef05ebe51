"""A resident pays by phone: for people of the own household, or for somebody else whose number they know (PJ-4.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time

from django.utils import timezone

from yingbao.accounts import audit
from yingbao.accounts import queries as accounts
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.kernel.errors import NotFound, Refused
from yingbao.kernel.masking import mask_name
from yingbao.kernel.messages import N_, say
from yingbao.policy import get_policy
from yingbao.registry import facts as registry
from yingbao.registry import queries as people
from yingbao.registry.facts import Facts
from yingbao.registry.finding import numbers
from yingbao.storage.fields import Json
from yingbao.storage.transactions import take_turns
from yingbao.usecases import billing, enrolling
from yingbao.usecases.billing import Choice
from yingbao.usecases.once import once
from yingbao.usecases.open_order import place

TRIES_A_DAY = 10
FIND = "find-payee"


def order_online(
    actor: Actor,
    *,
    household_id: int,
    tiers: Mapping[int, int],
    due_ids: Sequence[int],
    amount_fen: int,
    policy_name: str,
    on: date,
    key: str,
    at: datetime,
) -> Json:
    """Enrol those in ``tiers`` and open an order for them and for ``due_ids``, all of the resident's own household.

    Returns what ``open_order`` returns, and raises it; NotFound for another household.
    """
    actor.must(Right.PAY_ONLINE)
    choice = Choice(household_id, tiers, due_ids)

    def facts_of() -> dict[int, Facts]:
        seen = people.household(actor, household_id).members.all()  # in a collective household nobody but themselves
        return registry.of_residents((one.pk for one in seen), on=on)

    return _order(actor, choice, facts_of, amount_fen, policy_name=policy_name, on=on, key=key, at=at)


def find_payee(actor: Actor, *, name: str, number: str, key: str, at: datetime) -> Json:
    """Find somebody else to pay for, by exact name and whole certificate number.

    Returns ``{"resident": id or None, "name": masked}`` and tells nothing else. Every try is in the audit trail, and
    ten a day are all there are: raises Refused beyond them.
    """
    actor.must(Right.PAY_ONLINE)

    def effect() -> Json:
        take_turns(f"{FIND}-{actor.user_id}")  # two tries at once are counted one after the other
        if accounts.count_acts(actor.user_id, FIND, since=_midnight(at)) >= TRIES_A_DAY:
            raise Refused(
                say(N_("今天查找他人的次数已用完（每天{n}次）。"), n=TRIES_A_DAY),
                todo=say(N_("请明天再试，或请对方自己缴费、到镇街社保所或村（社区）缴费。")),
            )
        held = next((one for one in numbers.find_present([number]) if one.name == name.strip()), None)
        audit.record(
            actor,
            FIND,
            subject=("resident", held.resident_id) if held else ("user", actor.user_id),
            division_code=held.division_code if held else actor.division_code,
            at=at,
            detail={"found": held is not None},
            request_key=key,
        )
        return {"resident": held.resident_id, "name": mask_name(held.name)} if held else {"resident": None, "name": ""}

    inputs = {"name": name.strip(), "number": number}
    return once(actor, key=key, use_case=FIND, inputs=inputs, at=at, effect=effect)


def payee(actor: Actor, resident_id: int, *, on: date, at: datetime) -> Facts:
    """Return the facts of somebody the resident has found today by name and number. Raises NotFound for others."""
    actor.must(Right.PAY_ONLINE)
    found = accounts.has_acted_on(actor.user_id, FIND, ("resident", resident_id), since=_midnight(at))
    facts = registry.of_residents([resident_id], on=on) if found else {}
    if resident_id not in facts:
        raise NotFound(say(N_("请先用姓名和证件号码查找要代缴的人。")))
    return facts[resident_id]


def order_for_another(
    actor: Actor,
    *,
    resident_id: int,
    tier: int,
    due_ids: Sequence[int],
    amount_fen: int,
    policy_name: str,
    on: date,
    key: str,
    at: datetime,
) -> Json:
    """Open an order for somebody found today: enrol them in ``tier`` (0: enrolled already), or pay their open due.

    Returns what ``open_order`` returns, and raises it; NotFound for whoever was not found today, Refused where there
    is nothing to pay for them: then nobody but they or a clerk enrols them. Left unpaid, the enrolment is theirs to
    change or cancel (``change_tier``, ``cancel_enrolment``).
    """
    actor.must(Right.PAY_ONLINE)
    facts = payee(actor, resident_id, on=on, at=at)
    choice = Choice(facts.household_id, {resident_id: tier} if tier else {}, due_ids)

    if not amount_fen:
        raise Refused(
            say(N_("这个人个人不用缴费，不能由别人在网上登记。")),
            todo=say(N_("请由本人在网上登记，或到镇街社保所、村（社区）登记。")),
        )

    def facts_of() -> dict[int, Facts]:
        return {resident_id: payee(actor, resident_id, on=on, at=at)}

    return _order(actor, choice, facts_of, amount_fen, policy_name=policy_name, on=on, key=key, at=at)


def _order(
    actor: Actor,
    choice: Choice,
    facts_of: Callable[[], dict[int, Facts]],
    amount_fen: int,
    *,
    policy_name: str,
    on: date,
    key: str,
    at: datetime,
) -> Json:
    inputs = {**choice.as_inputs(), "amount": amount_fen, "on": on, "policy": policy_name}

    def effect() -> Json:
        policy, facts = get_policy(policy_name), facts_of()
        bill = billing.draw_up(actor, choice, facts, policy=policy, on=on, at=at)
        return place(actor, choice, bill, facts, amount_fen=amount_fen, year=policy.year, on=on, at=at, key=key)

    with enrolling.refusing_twice():
        return once(actor, key=key, use_case="order-online", inputs=inputs, at=at, effect=effect)


def _midnight(at: datetime) -> datetime:
    return datetime.combine(timezone.localdate(at), time(), timezone.get_current_timezone())
