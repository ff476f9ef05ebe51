"""Worked examples of what is paid: rates, identities, several of them, add-ons and the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.periods import DAY
from yingbao.policy.entries import When
from yingbao.policy.factsheet.cast import Cast
from yingbao.policy.format import PackIdentity
from yingbao.policy.people import Decision, Person
from yingbao.policy.saying import list_up, name_identity, name_population, say_when
from yingbao.policy.sets import find_classless, find_unsubsidised

Scene = tuple[Message, Person]
PLENTY_FEN = 1_000_000


def of_rates(cast: Cast) -> Iterator[Scene]:
    """Yield an ordinary person of each rate, and who is just old enough, or a day too young, for a condition."""
    for rate in cast.file.rates:
        person = cast.fit(cast.ordinary(population=rate.population, tier=rate.tier), rate.when)
        population = name_population(rate.population, cast.words)
        title = say(N_("{population}，{tier} 档"), population=population, tier=rate.tier)
        if rate.when is not None:
            title = list_up([title, say_when(rate.when, cast.words)], ("，", ", "))
        yield title, person
        yield from _at_ages(cast, rate.when, title, person)


def _at_ages(cast: Cast, when: When | None, title: Message, person: Person) -> Iterator[Scene]:
    """Yield a person on either side of each age a condition names."""
    if when is None:
        return
    borders = [when.age_from, None if when.age_to is None else when.age_to + 1]
    for age in (border for border in borders if border):
        birth = cast.turning(age, person.paid_on or cast.usual_day)
        name = {"title": title, "age": age}
        yield say(N_("{title}：当日刚满 {age} 周岁"), **name), replace(person, birth_on=birth)
        yield say(N_("{title}：差一天满 {age} 周岁"), **name), replace(person, birth_on=birth + DAY)


def of_identities(cast: Cast) -> Iterator[Scene]:
    """Yield a holder of each identity in each tier, for each of its conditions, and who fails them."""
    for entry in cast.file.identities:
        for tier in cast.policy.tiers:
            yield from _of_identity(cast, entry, tier)
    for parent in find_classless(cast.file, cast.words):
        title = say(N_("{identity}，没有写明类别"), identity=name_identity(parent, cast.words))
        yield title, cast.hold(cast.ordinary(), frozenset({parent}))
    none = [code for code in cast.words.identities if code in find_unsubsidised(cast.file, cast.words)]
    if none:
        title = say(N_("{identity}，不在资助之列"), identity=name_identity(none[0], cast.words))
        yield title, cast.hold(cast.ordinary(), frozenset({none[0]}))


def _of_identity(cast: Cast, entry: PackIdentity, tier: int) -> Iterator[Scene]:
    plain = cast.hold(cast.ordinary(tier=tier), frozenset({entry.code}))
    fitted = cast.fit(plain, entry.when)
    name = say(N_("{identity}，{tier} 档"), identity=name_identity(entry.code, cast.words), tier=tier)
    for when in dict.fromkeys(one.when for one in entry.subsidies if one.tier == tier) or (None,):
        title = name if when is None else list_up([name, say_when(when, cast.words)], ("，", ", "))
        person = cast.fit(fitted, when)
        yield title, person
        yield from _at_ages(cast, when, title, person)
    if entry.when is not None and fitted != plain:
        yield say(N_("{title}：不符合条件"), title=name), plain


def of_deadlines(cast: Cast) -> Iterator[Scene]:
    """Yield a holder the day before a subsidy's deadline and on it."""
    seen = set()
    for entry in cast.file.identities:
        if entry.until is None or entry.until.before in seen or not entry.subsidies:
            continue
        seen.add(entry.until.before)
        person = cast.fit(cast.hold(cast.ordinary(tier=entry.subsidies[0].tier), frozenset({entry.code})), entry.when)
        name = name_identity(entry.code, cast.words)
        before, after = N_("{identity}，期限前最后一天缴清"), N_("{identity}，期限已过缴清")
        yield say(before, identity=name), replace(person, paid_on=entry.until.before - DAY)
        yield say(after, identity=name), replace(person, paid_on=entry.until.before)


def of_several(cast: Cast) -> Iterator[Scene]:
    """Yield the first two identities of which the later counts, two of one amount, a ranked one, and a cut one."""
    wanted: list[tuple[str, Callable[[_Pair], bool]]] = [
        (N_("两种身份，取资助较高的"), lambda pair: pair.won == pair.second and pair.differ),
        (N_("两种身份金额相同，按顺序取前一种"), lambda pair: pair.won == pair.first and not pair.differ),
        (N_("按顺序取前一种，后一种资助更高"), lambda pair: "identity.ranked_lower" in pair.decision.reasons),
    ]
    pairs = list(_pairs(cast))
    for title, fits in wanted:
        found = next((pair for pair in pairs if fits(pair)), None)
        if found is not None:
            yield say(title), found.person
    yield from _cut(cast)


class _Pair:
    """Two identities of one person, and what each would bring alone."""

    def __init__(self, cast: Cast, codes: tuple[str, str], tier: int) -> None:
        self.first, self.second = codes
        self.person = cast.hold(cast.ordinary(tier=tier), frozenset(codes))
        self.decision = cast.policy.assess(self.person)
        alone = [cast.policy.assess(cast.hold(self.person, frozenset({code}))).subsidy_fen for code in codes]
        self.won, self.differ = self.decision.subsidy_identity, alone[0] != alone[1]


def _pairs(cast: Cast) -> Iterator[_Pair]:
    codes = list(cast.subsidised())[:MOST_TRIED]
    for tier in cast.policy.tiers:
        for pair in combinations(codes, 2):
            yield _Pair(cast, pair, tier)


MOST_TRIED = 12  # identities tried with one another: an example is looked for, not a proof


def _cut(cast: Cast) -> Iterator[Scene]:
    """Yield the first holder whose identity brings more than the person's rate."""
    for population in cast.populations:
        for entry in cast.file.identities:
            for one in entry.subsidies:
                person = cast.ordinary(population=population, tier=one.tier)
                person = cast.fit(cast.fit(cast.hold(person, frozenset({entry.code})), entry.when), one.when)
                if _is_cut(one.amount, cast.policy.assess(person), entry.code):
                    name = {
                        "identity": name_identity(entry.code, cast.words),
                        "population": name_population(person.population, cast.words),
                    }
                    yield say(N_("{identity}，{population}：资助以本人标准为限"), **name), person
                    return


def _is_cut(stated: int | None, decision: Decision, code: str) -> bool:
    rate = decision.rate_fen
    if stated is None or rate is None or decision.subsidy_identity != code:
        return False
    return decision.subsidy_fen == rate < stated


def of_full_cost(cast: Cast) -> Iterator[Scene]:
    """Yield who pays in the days of full cost: with an identity of all year, and who is exempt."""
    cut = cast.file.full_cost
    if cut is None:
        return
    days = {"paid_on": cut.first_day}
    yield say(N_("全额缴费第一天缴清")), cast.ordinary(**days)
    yield say(N_("前一天缴清")), cast.ordinary(paid_on=cut.first_day - DAY)
    if cut.last_day is not None:
        yield say(N_("全额缴费最后一天缴清")), cast.ordinary(paid_on=cut.last_day)
        yield say(N_("全额缴费结束次日缴清")), cast.ordinary(paid_on=cut.last_day + DAY)
    all_year = [entry.code for entry in cast.file.identities if entry.until is None and entry.subsidies]
    if all_year:
        title = say(N_("{identity}，全额缴费时仍享受资助"), identity=name_identity(all_year[0], cast.words))
        yield title, cast.hold(cast.ordinary(**days), frozenset({all_year[0]}))
    if cut.exempt is not None:
        yield (
            say(N_("除外人员：{who}"), who=say_when(cut.exempt, cast.words)),
            cast.fit(cast.ordinary(**days), cut.exempt),
        )
    if cast.file.newborn is not None:
        birth = cut.first_day - DAY
        person = replace(cast.ordinary(population=cast.file.newborn.populations[0], **days), birth_on=birth)
        yield say(N_("新生儿在期限内缴清")), person


def of_addons(cast: Cast) -> Iterator[Scene]:
    """Yield who must or does take an add-on insurance, and for whom it is not."""
    for addon in cast.file.addons:
        chosen = None if addon.compulsory else frozenset({addon.code})
        person = replace(cast.ordinary(), addons=chosen)
        title = N_("{addon}：必须参加") if addon.compulsory else N_("{addon}：自愿选择")
        yield say(title, addon=addon.name), cast.fit(person, addon.who)
        if addon.who is not None:
            yield say(N_("{addon}：不属于适用对象"), addon=addon.name), _outside(cast, person, addon.who)
        if not addon.compulsory:
            yield say(N_("{addon}：没有选择"), addon=addon.name), cast.fit(replace(person, addons=None), addon.who)


def _outside(cast: Cast, person: Person, when: When) -> Person:
    """Return somebody a condition does not hold for: the ordinary person, or one of an age it leaves out."""
    if when.age_from:
        return replace(person, birth_on=cast.turning(when.age_from, person.paid_on or cast.usual_day) + DAY)
    if when.age_to is not None:
        return replace(person, birth_on=cast.turning(when.age_to + 1, person.paid_on or cast.usual_day))
    if when.without:
        return cast.hold(person, frozenset({cast.code_for(when.without[0])}))
    return person


def of_account(cast: Cast) -> Iterator[Scene]:
    """Yield a relative's account with less than is due, with plenty, and with nothing."""
    account, waiting = cast.file.family_account, cast.file.waiting
    if account is None:
        return
    optional = [addon.code for addon in cast.file.addons if not addon.compulsory and addon.who is None]
    missed = 2 if waiting and waiting.repair else None
    person = replace(cast.ordinary(), addons=frozenset(optional) or None)
    if missed:
        person = replace(person, missed_years=missed, repaired_years=1)
    due = cast.policy.assess(person).payable_fen or 0
    yield say(N_("共济账户余额不足")), replace(person, payer_account_fen=due // 200 * 100)
    yield say(N_("共济账户余额充足")), replace(person, payer_account_fen=PLENTY_FEN)
    yield say(N_("没有共济账户")), replace(person, payer_account_fen=0)


def of_incentive(cast: Cast) -> Iterator[Scene]:
    """Yield the years just before the incentive begins and after, years without claims, and the most there is."""
    one = cast.file.incentive
    if one is None:
        return
    for years in (one.after_years, one.after_years + 1, one.after_years + 5):
        yield say(N_("连续参保 {years} 年"), years=years), cast.ordinary(continuous_years=years)
    if one.per_year_without_claims:
        title = say(N_("连续参保 {years} 年，其中 {claimless} 年没有报销"), years=one.after_years + 1, claimless=3)
        yield title, cast.ordinary(continuous_years=one.after_years + 1, years_without_claims=3)
    if one.most_percent is not None:
        yield say(N_("以最高比例为限")), cast.ordinary(continuous_years=100, years_without_claims=100)


def of_snapshot(cast: Cast) -> Iterator[Scene]:
    """Yield who held an identity on the snapshot day, before payment, or at both times."""
    codes = list(cast.subsidised())
    if cast.file.snapshot is None or not codes:
        return
    held, none = frozenset({codes[0]}), frozenset[str]()
    person, name = cast.ordinary(), name_identity(codes[0], cast.words)
    for title, then, now in (
        (N_("{identity}：认定日持有，缴清时已没有"), held, none),
        (N_("{identity}：认定日以后才取得"), none, held),
        (N_("{identity}：认定日和缴清时都持有"), held, held),
    ):
        yield say(title, identity=name), replace(person, identities=now, snapshot_identities=then)
    if len(codes) > 1:
        both = {"identity": name, "other": name_identity(codes[1], cast.words)}
        changed = replace(person, identities=frozenset({codes[1]}), snapshot_identities=held)
        yield say(N_("{identity}：认定日以后变为{other}"), **both), changed
