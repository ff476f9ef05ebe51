"""Money: rates that leave somebody out or quarrel, subsidies against rates, shares against the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations, groupby

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan, percent_of
from yingbao.policy.amounts import amount_of, round_money
from yingbao.policy.entries import When
from yingbao.policy.format import PackFile, PackIdentity, Rate, Share, Subsidy
from yingbao.policy.linting.amounts import base_rates, exact_percent, rates_of
from yingbao.policy.linting.conditions import OLDEST, ages_of, are_apart, describe, is_narrower, only_by_age
from yingbao.policy.linting.subject import Finding, Severity, Subject, as_is
from yingbao.policy.places import label_all


def check_rates(subject: Subject) -> Iterator[Finding]:
    """Find rates of one population and tier that quarrel, and ages nobody has a rate for."""
    file = subject.file
    places = [f"rates.{label}" for label in label_all(file.rates)]
    for (one, first), (other, second) in combinations(zip(places, file.rates, strict=True), 2):
        if (first.population, first.tier) == (second.population, second.tier):
            yield from compare(subject, (one, first.when, first), (other, second.when, second))
    for population in dict.fromkeys(rate.population for rate in file.rates):
        yield from _check_ages(subject, population)


def compare(
    subject: Subject, one: tuple[str, When | None, Rate | Subsidy], other: tuple[str, When | None, Rate | Subsidy]
) -> Iterator[Finding]:
    """Compare two amounts of which the first that fits counts, each as place, condition and entry."""
    (first_place, first, earlier), (place, second, later) = one, other
    if are_apart(first, second, subject.vocabulary):
        return
    whom = describe(subject, second)
    names = {"one": first_place, "first": describe(subject, first), "second": whom, "other": place}
    if is_narrower(second, first, subject.vocabulary):
        message = say(N_("“{other}”（{second}）永远轮不到：排在前面的“{one}”（{first}）已经包括了这些人"), **names)
        yield Finding("never-reached", "error", place, message)
    elif not is_narrower(first, second, subject.vocabulary) and _says(earlier) != _says(later):
        amounts = {"a": _amount(earlier), "b": _amount(later)}
        question = say(N_("既符合“{first}”（{a}）又符合“{second}”（{b}）的人，按哪一项执行？"), **names, **amounts)
        message = say(N_("“{one}”（{first}）和“{other}”（{second}）可能同时适用，现按排在前面的执行"), **names)
        yield Finding("ambiguous-amount", "warning", place, message, subject.ask(question, later.rule))


def _says(entry: Rate | Subsidy) -> tuple[object, ...]:
    return entry.amount, getattr(entry, "percent", None), getattr(entry, "of_tier", None)


def _amount(entry: Rate | Subsidy) -> Message:
    if entry.amount is not None:
        return say(N_("{yuan} 元"), yuan=format_yuan(entry.amount))
    return as_is(f"{entry.percent}%" if isinstance(entry, Subsidy) else "-")


def _check_ages(subject: Subject, population: str) -> Iterator[Finding]:
    rates = [rate for rate in subject.file.rates if rate.population == population]
    served = {rate.tier: _ages_served(rates, rate.tier) for rate in rates}
    anywhere = set().union(*served.values())
    for tier, ages in served.items():
        yield from _age_holes(subject, rates, (population, tier), ages, anywhere)


def _age_holes(
    subject: Subject, rates: list[Rate], where: tuple[str, int], ages: set[int], anywhere: set[int]
) -> Iterator[Finding]:
    population, tier = where
    holes = [age for age in range(OLDEST + 1) if age not in ages]
    if not ages or not holes:  # a tier for holders of some identity only is no hole
        return
    rule = next((rate.rule for rate in rates if rate.tier == tier), None)
    for first, last in _runs(holes):
        names = {"population": subject.population(population), "tier": tier, "first": first, "last": last}
        everywhere = any(age not in anywhere for age in range(first, last + 1))
        question = say(N_("{first}至{last}周岁的{population}参加 {tier} 档，个人缴费标准是多少？"), **names)
        message = say(N_("{first}至{last}周岁的{population}在 {tier} 档没有个人缴费标准"), **names)
        severity: Severity = "error" if everywhere else "info"
        yield Finding("age-hole", severity, f"rates.{population}.{tier}", message, subject.ask(question, rule))


def _ages_served(rates: list[Rate], tier: int) -> set[int]:
    plain = [rate for rate in rates if rate.tier == tier and only_by_age(rate.when, rate.population)]
    return {age for rate in plain for age in ages_of(rate.when)}


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of every run of numbers without a gap."""
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        yield found[0], found[-1]


def check_subsidies(subject: Subject) -> Iterator[Finding]:
    """Find subsidies above the rate, percentages that disagree with amounts, and entries that quarrel."""
    for identity in subject.file.identities if subject.file.rates else ():  # without any rate that is the finding
        labels = label_all(identity.subsidies)
        placed = [
            (f"identities.{identity.code}.subsidies.{label}", subsidy.when, subsidy)
            for label, subsidy in zip(labels, identity.subsidies, strict=True)
        ]
        for one, other in combinations(placed, 2):
            if one[2].tier == other[2].tier:
                yield from compare(subject, one, other)
        for place, _, subsidy in placed:
            yield from _check_against_rates(subject, identity, subsidy, place)
            yield from _check_percent(subject, subsidy, place)


def _check_against_rates(subject: Subject, identity: PackIdentity, subsidy: Subsidy, place: str) -> Iterator[Finding]:
    rates = rates_of(subject.file, subsidy.tier)
    if not rates:
        message = say(N_("{tier} 档没有个人缴费标准，却有资助"), tier=subsidy.tier)
        yield Finding("tier-without-rate", "error", place, message)
    held = When(identities=(identity.code,))
    whens = [subsidy.when, identity.when, held]
    fitting = [r for r in rates if not any(are_apart(r.when, when, subject.vocabulary) for when in whens)]
    amounts = {id(rate): amount_of(subject.file, subsidy, rate.amount) for rate in fitting}
    above = [rate for rate in fitting if amounts[id(rate)] > rate.amount]
    for rate in above:
        # A percentage of the rate that only rounding lifts above it is cut down again, and nobody's mistake.
        rounded = subsidy.amount is None and subsidy.percent is not None and subsidy.percent <= 100
        everyone = len(above) == len(fitting) and not (rounded and subsidy.of_tier in ("own", subsidy.tier))
        yield _above_rate(subject, rate, amounts[id(rate)], place, subsidy.rule, everyone=everyone)


def _above_rate(subject: Subject, rate: Rate, amount: int, place: str, rule: str | None, *, everyone: bool) -> Finding:
    message = say(
        N_("资助 {amount} 元高于{population} {tier} 档个人缴费 {rate} 元，将以个人缴费为限"),
        amount=format_yuan(amount),
        population=subject.population(rate.population),
        tier=rate.tier,
        rate=format_yuan(rate.amount),
    )
    question = say(
        N_("资助 {amount} 元高于{population} {tier} 档个人缴费 {rate} 元，是否以个人缴费为限？"), **message.params
    )
    ask = subject.ask(question, rule) if everyone or subject.file.cap is None else None
    return Finding("subsidy-above-rate", "error" if everyone else "info", place, message, ask)


def _check_percent(subject: Subject, subsidy: Subsidy, place: str) -> Iterator[Finding]:
    if subsidy.percent is None:
        return
    bases = base_rates(subject.file, subsidy)
    if not bases:
        tier = subsidy.tier if subsidy.of_tier == "own" else subsidy.of_tier
        message = say(N_("百分比所依据的 {tier} 档没有个人缴费标准"), tier=tier)
        yield Finding("percent-without-rate", "error", place, message)
        return
    computed = [round_money(subject.file, exact_percent(base.amount, subsidy.percent)) for base in bases]
    if subsidy.amount is not None and subsidy.amount not in computed:
        yield _mismatch(subject, subsidy, bases[0], computed[0], place)
    yield from _check_rounding(subject, subsidy, bases[0], place)


def _mismatch(subject: Subject, subsidy: Subsidy, base: Rate, computed: int, place: str) -> Finding:
    names = {
        "tier": base.tier,
        "rate": format_yuan(base.amount),
        "percent": subsidy.percent,
        "computed": format_yuan(computed),
        "stated": format_yuan(subsidy.amount or 0),
    }
    question = say(N_("{tier} 档 {rate} 元的 {percent}% 是 {computed} 元，文件写 {stated} 元，以哪个为准？"), **names)
    message = say(N_("{tier} 档 {rate} 元的 {percent}% 为 {computed} 元，与写明的 {stated} 元不符"), **names)
    return Finding("percent-mismatch", "error", place, message, subject.ask(question, subsidy.rule))


def _check_rounding(subject: Subject, subsidy: Subsidy, base: Rate, place: str) -> Iterator[Finding]:
    if subsidy.amount is not None or subsidy.percent is None or subject.file.rounding is not None:
        return
    exact = exact_percent(base.amount, subsidy.percent)
    if exact % 100:
        names = {"rate": format_yuan(base.amount), "percent": subsidy.percent, "exact": (exact / 100).normalize()}
        question = say(N_("{rate} 元的 {percent}% 是 {exact} 元，资助金额取到元、角还是分，怎样舍入？"), **names)
        message = say(N_("{rate} 元的 {percent}% 不是整元，通知没有写怎样舍入，现四舍五入到分"), **names)
        yield Finding("no-rounding", "info", place, message, subject.ask(question, subsidy.rule))


def check_fiscal(subject: Subject) -> Iterator[Finding]:
    """Find shares that do not add up to the fiscal subsidy, and a full cost without one."""
    file = subject.file
    if file.fiscal and file.fiscal.shares:
        whole, shares = file.fiscal.amount, file.fiscal.shares
        stated = sum(_share(whole, share) for share in shares)
        percent = sum((share.percent for share in shares if share.percent is not None), Decimal(0))
        all_percent = all(share.percent is not None for share in shares)
        if (percent != 100) if all_percent else (stated != whole):
            names = {"stated": format_yuan(stated), "whole": format_yuan(whole)}
            question = say(N_("各级财政分担合计 {stated} 元，财政补助是 {whole} 元，相差的部分由哪一级承担？"), **names)
            message = say(N_("各级财政分担合计 {stated} 元，不等于财政补助 {whole} 元"), **names)
            yield Finding("shares-mismatch", "error", "fiscal.shares", message, subject.ask(question, file.fiscal.rule))
    if file.full_cost and file.fiscal is None:
        yield _cost_unknown(subject, file)


def _cost_unknown(subject: Subject, file: PackFile) -> Finding:
    assert file.full_cost is not None
    question = say(N_("{day} 起由本人承担的财政补助部分是多少元？"), day=file.full_cost.first_day)
    message = say(N_("{day} 起要由本人承担财政补助部分，但没有写财政补助标准"), day=file.full_cost.first_day)
    ask = subject.ask(question, file.full_cost.rule)
    return Finding("full-cost-without-fiscal", "error", "full_cost", message, ask)


def _share(whole: int, share: Share) -> int:
    return share.amount if share.amount is not None else percent_of(whole, share.percent or Decimal(0))
