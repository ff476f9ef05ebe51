"""Which rate is the person's own: the entries tried in the pack's order, and what a newborn pays instead."""

from __future__ import annotations

from collections.abc import Iterator

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.explaining.case import Case, say_tier
from yingbao.policy.explaining.nodes import Node, State
from yingbao.policy.format import Rate
from yingbao.policy.load import Rule
from yingbao.policy.saying import name_population


def rate_node(case: Case) -> Node:
    """Return the personal contribution with every entry of the pack that was looked at for it."""
    found, band = case.rate, case.band
    own = band is not None and band.amount is not None
    name = name_population(case.person.population, case.vocabulary)
    detail = say(N_("{population}，{tier} 档"), population=name, tier=case.person.tier)
    if own:
        detail = say(N_("{population}，{tier} 档，按新生儿缴费"), population=name, tier=case.person.tier)
    rules = _band_rules(case) if own else case.rules(found.rule if found else None)
    children = (*_band(case), *_candidates(case, over=own))
    return Node("rate", say(N_("个人缴费标准")), detail, "used", case.decision.rate_fen, rules, children)


def _band(case: Case) -> Iterator[Node]:
    band = case.band
    if band is not None and band.amount is not None:
        label = say(N_("新生儿缴费标准"))
        yield Node("candidate", label, say(N_("代替该档的个人缴费标准")), "won", band.amount, _band_rules(case))


def _band_rules(case: Case) -> tuple[Rule, ...]:
    """Return what an amount for newborns rests on: the band's rule, or that on newborns where the band has none."""
    band, newborn = case.band, case.file.newborn
    return case.rules((band.rule if band else None) or (newborn.rule if newborn else None))


def _candidates(case: Case, *, over: bool) -> Iterator[Node]:
    """Yield the entries of the population in the order they are tried; the first that holds is the one."""
    for rate in case.file.rates:
        if rate.population == case.person.population:
            yield _candidate(case, rate, over=over)


def _candidate(case: Case, rate: Rate, *, over: bool) -> Node:
    label = say_tier(rate.tier, rate.when, case)
    state, detail = _fate(case, rate, over=over)
    conditions = case.conditions(rate.when, for_money=True) if rate.tier == case.person.tier else ()
    return Node("candidate", label, detail, state, rate.amount, case.rules(rate.rule), conditions)


def _fate(case: Case, rate: Rate, *, over: bool) -> tuple[State, Message]:
    if rate.tier != case.person.tier:
        return "not_applicable", say(N_("不是本人所选档次"))
    if not case.holds(rate.when, for_money=True):
        return "tried", case.failing(rate.when, for_money=True)
    if rate is not case.rate:
        return "lost", say(N_("排在前面的标准已经符合"))
    if over:
        return "lost", say(N_("由新生儿缴费标准代替"))
    return "won", say(N_("符合条件的第一项")) if rate.when else say(N_("没有附加条件"))
