"""The season of the demo, replayed day by day through the use cases a town would use."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path

from yingbao.accounts.actors import Actor
from yingbao.demo.agents import NOT_DEPOSITED
from yingbao.demo.behaviour import Behaviour, Visit
from yingbao.demo.desk import POLICY, Desk, find_ids, moment, take_register
from yingbao.demo.people import SEASON_BEGIN, Town
from yingbao.demo.targets import village_code
from yingbao.kernel.errors import Refused
from yingbao.kernel.workdays import add_working_days, is_working_day
from yingbao.policy import get_policy
from yingbao.registry import facts as registry
from yingbao.registry.facts import Facts
from yingbao.storage.fields import Json
from yingbao.usecases import deciding
from yingbao.usecases.declare import clear_declaration, declare_cash, declare_zero
from yingbao.usecases.deposit_cash import deposit_cash
from yingbao.usecases.enrol_and_pay import enrol_and_pay
from yingbao.usecases.enrol_household import enrol_household
from yingbao.usecases.find_missed import find_missed
from yingbao.usecases.receive_payment import receive_payment
from yingbao.usecases.register_on_platform import register_on_platform
from yingbao.usecases.report_week import report_week
from yingbao.usecases.watch_custody import watch_custody

THURSDAY, FRIDAY = 3, 4
COUNTER = frozenset({"cash", "pos"})
EVENING = time(18, 30)


@dataclass
class Season:
    """What the replay needs to know and what it has counted. ``ids``: person number → resident id of the register."""

    town: Town
    behaviour: Behaviour
    desk: Desk
    newborns: Mapping[date, Path]
    ids: dict[int, int]
    policy_name: str = POLICY
    counted: Counter[str] = field(default_factory=Counter)
    enrolled: dict[int, int] = field(default_factory=dict)  # resident id → due id
    amounts: dict[int, int] = field(default_factory=dict)  # resident id → fen
    deposits: defaultdict[date, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    declaring: defaultdict[date, set[int]] = field(default_factory=lambda: defaultdict(set))
    to_clear: defaultdict[date, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def year(self) -> int:
        """The insurance year of the policy."""
        return get_policy(self.policy_name).year


def replay(
    season: Season,
    *,
    until: date,
    told: Callable[[date, Counter[str]], None],
    besides: Mapping[date, Callable[[], None]] | None = None,
) -> None:
    """Replay every day from the season's first up to but not including ``until``; ``told`` after each day.

    ``besides``: what else is done on a day, before it ends.
    """
    others = besides or {}
    by_day = {on: list(visits) for on, visits in groupby(season.behaviour.visits(season.town), lambda v: v.on)}
    for on in _days(SEASON_BEGIN, until):
        if on in season.newborns:
            _register_newborns(season, on)
        if on in by_day:
            _settle_visits(season, on, by_day[on])
        if on in others:
            others[on]()
        _close_day(season, on)
        told(on, season.counted)


def _days(first: date, until: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((until - first).days))


def _register_newborns(season: Season, on: date) -> None:
    """The office imports the list of newborns it got that day."""
    take_register(season.desk, season.newborns[on], at=moment(on, time(8, 45)))
    first = len(season.town.residents)
    born = [first + n for n, arrived_on in enumerate(season.town.arrivals) if arrived_on == on]
    found = find_ids(season.town, born)
    season.ids.update(found)
    season.counted["newborns"] += len(found)


# --- people come -----------------------------------------------------------------------------------------------------


def _settle_visits(season: Season, on: date, visits: Sequence[Visit]) -> None:
    """Settle a day's visits in order; who comes and what they would pay is looked up for all of them at once."""
    here = {season.ids[person]: person for visit in visits for person in visit.people if person in season.ids}
    facts = registry.of_residents(here, on=on)
    tiers = {rid: int(season.behaviour.tier[person]) for rid, person in here.items()}
    owed = _quote(season, tiers, facts, on)
    for visit in visits:
        people = {season.ids[person] for person in visit.people if person in season.ids}
        _settle_visit(season, visit, {rid: facts[rid] for rid in people}, tiers, owed)


def _settle_visit(
    season: Season, visit: Visit, facts: Mapping[int, Facts], tiers: Mapping[int, int], owed: Mapping[int, int]
) -> None:
    at = moment(visit.on, time()) + timedelta(seconds=visit.second)
    known = {rid: season.enrolled[rid] for rid in facts if rid in season.enrolled}
    if known:
        _pay_again(season, visit, known, facts, at)
    season.counted["turned away"] += len(facts.keys() - known.keys() - owed.keys())
    coming = {rid: tiers[rid] for rid in sorted(facts) if rid in owed and rid not in known}
    for group in _households(facts, coming):
        _enrol(season, visit, group, facts, {rid: owed[rid] for rid in group}, at)


def _households(facts: Mapping[int, Facts], tiers: Mapping[int, int]) -> list[dict[int, int]]:
    """Return tiers household by household: usually one."""
    found: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for resident_id, tier in tiers.items():
        found[facts[resident_id].household_id][resident_id] = tier
    return list(found.values())


def _enrol(
    season: Season,
    visit: Visit,
    tiers: dict[int, int],
    facts: Mapping[int, Facts],
    owed: Mapping[int, int],
    at: datetime,
) -> None:
    total = sum(owed.values())
    household_id = facts[next(iter(owed))].household_id
    common: Json = {
        "household_id": household_id,
        "tiers": tiers,
        "policy_name": season.policy_name,
        "on": visit.on,
        "key": f"demo-enrol-{household_id}-{visit.on:%Y%m%d}-{visit.second}",
        "at": at,
    }
    if not total:
        answer = enrol_household(season.desk.clerk, **common)
        dues = [row["due"] for row in answer["dues"].values()]
    else:
        channel = _channel(visit.channel, [facts[rid] for rid in owed])
        _register_on_platform(season, [facts[rid] for rid in owed], at)
        actor = _collector(season, channel, facts[next(iter(owed))].division_code)
        voucher = _voucher(visit, channel, facts[next(iter(owed))])
        answer = enrol_and_pay(actor, channel=channel, amount_fen=total, **voucher, **common)
        dues = answer["dues"]
        _note_taking(season, channel, facts[next(iter(owed))].division_code, visit.on, total)
    season.enrolled.update(zip(sorted(owed), dues, strict=True))
    season.amounts.update(owed)
    season.counted["persons"] += len(owed)


def _quote(season: Season, tiers: Mapping[int, int], facts: Mapping[int, Facts], on: date) -> dict[int, int]:
    """Return what each person who may enrol that day would pay: what the counter's page shows before anyone pays."""
    policy = get_policy(season.policy_name)
    chosen = [(facts[rid], tier) for rid, tier in tiers.items() if deciding.why_not(facts[rid], on=on) is None]
    decisions = deciding.decide_all(policy, chosen, paid_on=on)
    owed = {
        one.resident_id: decision.payable_fen
        for (one, _tier), decision in zip(chosen, decisions, strict=True)
        if decision.status in deciding.TAKEN and decision.payable_fen is not None
    }
    return owed


def _channel(wanted: str, people: Sequence[Facts]) -> str:
    """PJ-4.3: who is not on the national platform yet comes to be registered, and pays cash while there."""
    return wanted if wanted in COUNTER or all(one.on_platform for one in people) else "cash"


def _register_on_platform(season: Season, people: Sequence[Facts], at: datetime) -> None:
    """Register those who are not on the national platform yet: the notice asks it before any payment (PJ-4.3)."""
    waiting = [one.resident_id for one in people if not one.on_platform]
    if waiting:
        key = f"demo-platform-{waiting[0]}-{at:%Y%m%d%H%M%S}"
        register_on_platform(season.desk.clerk, resident_ids=waiting, key=key, at=at)
        season.counted["registered on platform"] += len(waiting)


def _collector(season: Season, channel: str, village: int) -> Actor:
    return season.desk.agents[_village_index(village)] if channel in COUNTER else season.desk.channels[channel]


def _voucher(visit: Visit, channel: str, payer: Facts) -> Json:
    """Return the terminal of the payer's village and a number no other slip of it has; nothing but POS prints one."""
    if channel != "pos":
        return {}
    number = f"{visit.on:%y%m%d}{visit.second:05d}{payer.household_id}"
    return {"terminal": f"T{payer.division_code % 10**6:06d}", "reference": number}


def _note_taking(season: Season, channel: str, village: int, on: date, fen: int) -> None:
    season.counted["payments"] += 1
    season.counted[f"fen {channel}"] += fen
    if channel != "cash":
        return
    agent, day = _village_index(village), (on - SEASON_BEGIN).days
    habits = season.behaviour.habits
    day = min(day, habits.deposit_lag.shape[1] - 1)
    lag = int(habits.deposit_lag[agent, day])
    if lag == NOT_DEPOSITED:
        return
    deposited_on = on + timedelta(days=lag)
    season.deposits[deposited_on][agent] += fen
    declared_on = add_working_days(on, int(habits.declare_lag[agent, day]))
    season.declaring[max(deposited_on, declared_on)].add(agent)


def _village_index(village: int) -> int:
    return village - village_code(0)


def _pay_again(
    season: Season, visit: Visit, known: Mapping[int, int], facts: Mapping[int, Facts], at: datetime
) -> None:
    """Somebody pays online for people who have paid: the channel brings money that must be kept and flagged."""
    dues = [due for rid, due in sorted(known.items()) if season.amounts[rid]]
    if not dues or visit.channel in COUNTER:
        return
    household_id = facts[next(iter(known))].household_id
    total = sum(season.amounts[rid] for rid in known)
    receive_payment(
        season.desk.channels[visit.channel],
        household_id=household_id,
        due_ids=dues,
        channel=visit.channel,
        amount_fen=total,
        policy_name=season.policy_name,
        collected_on=visit.on,
        key=f"demo-again-{household_id}-{visit.on:%Y%m%d}-{visit.second}",
        at=at,
    )
    season.counted["paid twice"] += 1
    season.counted[f"fen {visit.channel}"] += total


# --- the day ends ----------------------------------------------------------------------------------------------------


def _close_day(season: Season, on: date) -> None:
    at = moment(on, EVENING)
    for agent, fen in sorted(season.deposits.pop(on, Counter()).items()):
        _deposit(season, agent, fen, on, at)
    for agent in sorted(season.declaring.pop(on, ())):
        _declare(season, season.desk.agents[agent], on, at)
    if on.weekday() == FRIDAY:
        _declare_zero(season, on, at)
    for declaration_id in season.to_clear.pop(on, ()):
        clear_declaration(
            season.desk.tax,
            declaration_id=declaration_id,
            policy_name=season.policy_name,
            on=on,
            key=f"demo-clear-{declaration_id}",
            at=at,
        )
    if on.weekday() == THURSDAY:
        report_week(season.desk.clerk, policy_name=season.policy_name, cut_off_on=on, at=at)
        season.counted["weeks"] += 1
    if on.day == 1:
        season.counted["missing"] = find_missed(season.desk.clerk, policy_name=season.policy_name, on=on, at=at)[
            "missing"
        ]
    if is_working_day(on):
        season.counted["late"] += watch_custody(season.desk.clerk, year=season.year, on=on, at=at)


def _deposit(season: Season, agent: int, fen: int, on: date, at: datetime) -> None:
    slip = f"JC{on:%Y%m%d}{agent + 1:02d}"
    deposit_cash(
        season.desk.agents[agent], amount_fen=fen, slip_number=slip, year=season.year, on=on, key=f"demo-{slip}", at=at
    )
    season.counted["deposits"] += 1


def _declare(season: Season, agent: Actor, on: date, at: datetime) -> None:
    key = f"demo-declare-{agent.user_id}-{on:%Y%m%d}"
    try:
        answer = declare_cash(agent, year=season.year, on=on, key=key, at=at)
    except Refused:  # everything deposited has been declared on an earlier day
        return
    season.counted["declarations"] += 1
    season.to_clear[add_working_days(on, 1)].append(answer["declaration"])


def _declare_zero(season: Season, on: date, at: datetime) -> None:
    try:
        answer = declare_zero(season.desk.clerk, year=season.year, on=on, key=f"demo-zero-{on:%Y%m%d}", at=at)
    except Refused:  # nobody whose part is 0 came that week
        return
    season.counted["zero declarations"] += 1
    season.to_clear[add_working_days(on, 1)].append(answer["declaration"])
