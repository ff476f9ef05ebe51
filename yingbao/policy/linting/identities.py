"""Identities: tiers nobody subsidises, the order against the highest, equal amounts, deadlines outside the season."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.policy.format import PackIdentity
from yingbao.policy.linting.amounts import amount_in_tier, rates_of
from yingbao.policy.linting.subject import Finding, Subject, as_is, join


def check_identities(subject: Subject) -> Iterator[Finding]:
    """Find what each identity leaves open, and where two of them disagree."""
    for identity in subject.file.identities:
        yield from _check_tiers(subject, identity)
        yield from _check_only_tier(subject, identity)
    several = subject.file.several
    if several is not None and several.choose == "ranked":
        yield from _check_order(subject)
    elif several is not None and subject.file.payers is None:
        yield from _check_ties(subject)


def tiers_on_offer(subject: Subject) -> list[int]:
    """Return the tiers that have a rate."""
    return sorted({rate.tier for rate in subject.file.rates})


def _check_tiers(subject: Subject, identity: PackIdentity) -> Iterator[Finding]:
    have = {subsidy.tier for subsidy in identity.subsidies}
    missing = [tier for tier in tiers_on_offer(subject) if tier not in have]
    if not missing or (identity.only_tier is not None and identity.only_tier.tier in have):
        return
    names = {"name": subject.identity(identity.code), "tiers": join(map(as_is, missing))}
    question = say(N_("“{name}”参加 {tiers} 档的，是否资助、资助多少？"), **names)
    message = say(N_("“{name}”在 {tiers} 档没有资助标准，选择该档的人得不到资助"), **names)
    rule = identity.subsidies[0].rule if identity.subsidies else None
    ask = subject.ask(question, rule)
    yield Finding("tier-without-subsidy", "warning", f"identities.{identity.code}.subsidies", message, ask)


def _check_only_tier(subject: Subject, identity: PackIdentity) -> Iterator[Finding]:
    only = identity.only_tier
    if only is not None and subject.file.rates and not rates_of(subject.file, only.tier):
        message = say(N_("规定只参加 {tier} 档，但 {tier} 档没有个人缴费标准"), tier=only.tier)
        yield Finding("tier-without-rate", "error", f"identities.{identity.code}.only_tier", message)


def _check_order(subject: Subject) -> Iterator[Finding]:
    file, several = subject.file, subject.file.several
    for first, later in combinations(file.identities, 2):
        below = []
        for tier in tiers_on_offer(subject):
            one, other = amount_in_tier(file, first, tier), amount_in_tier(file, later, tier)
            if one is not None and other is not None and one < other:
                below.append((tier, one, other))
        if below:
            tier, one, other = below[0]
            names = {"first": subject.identity(first.code), "later": subject.identity(later.code)}
            more = {"tiers": join(as_is(tier) for tier, _, _ in below), "tier": tier}
            amounts = {"one": format_yuan(one), "other": format_yuan(other)}
            question = say(
                N_("{tier} 档中同时是“{first}”和“{later}”的人，资助 {one} 元（按顺序）还是 {other} 元（就高）？"),
                **{**names, **amounts, "tier": tier},
            )
            message = say(
                N_("“{first}”排在“{later}”前面，但在 {tiers} 档资助较少（{tier} 档 {one} 元，低于 {other} 元）"),
                **names, **more, **amounts,
            )  # fmt: skip
            ask = subject.ask(question, several.rule if several else None)
            yield Finding("ranked-below-highest", "warning", f"identities.{first.code}", message, ask)


def _check_ties(subject: Subject) -> Iterator[Finding]:
    file = subject.file
    for first, later in combinations(file.identities, 2):
        if first.paid_by == later.paid_by:
            continue
        tiers = [
            tier
            for tier in tiers_on_offer(subject)
            if (one := amount_in_tier(file, first, tier)) is not None and one == amount_in_tier(file, later, tier)
        ]
        if tiers:
            names = {"first": subject.identity(first.code), "later": subject.identity(later.code)}
            more = {"tiers": join(map(as_is, tiers))}
            question = say(N_("同时是“{first}”和“{later}”的人，两者金额相同，由哪个部门出资？"), **names)
            message = say(N_("“{first}”和“{later}”在 {tiers} 档金额相同、出资部门不同，现由前者出资"), **names, **more)
            ask = subject.ask(question, file.several.rule if file.several else None)
            yield Finding("tie-between-payers", "info", f"identities.{later.code}", message, ask)
