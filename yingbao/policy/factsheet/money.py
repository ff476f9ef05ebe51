"""What is paid: rates, the treasury's part, subsidies, what else the person pays or gains."""

from __future__ import annotations

from collections.abc import Iterator

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.amounts import amount_of
from yingbao.policy.explaining.sums import PAYS
from yingbao.policy.factsheet.parts import Point, Row, Section, Table
from yingbao.policy.factsheet.subject import (
    NOT_GIVEN,
    Subject,
    make_table,
    say_all,
    say_years,
    span,
    with_years,
    yuan,
)
from yingbao.policy.format import Addon, Fiscal, PackIdentity, Subsidy
from yingbao.policy.saying import as_is, list_up, name_department, name_identity, name_population, say_span
from yingbao.policy.sets import find_classless, find_unsubsidised
from yingbao.policy.texts import text
from yingbao.policy.wording import CHOICES

_LATER = {
    "nothing": N_("缴清以后身份变化，不影响本年度的资助"),
    "refund_difference": N_("缴清以后取得资助更高的身份的，退还差额"),
    "pay_afterwards": N_("缴清以后取得资助更高的身份的，事后补助差额"),
}


def money(subject: Subject) -> Iterator[Section]:
    """Yield what is paid and by whom."""
    file = subject.file
    if file.rates:
        yield subject.section("rates", _rounding(subject), [_rates(subject)])
    if file.fiscal is not None:
        yield _fiscal(subject, file.fiscal)
    elif file.assessable:
        yield subject.section("fiscal", [Point(say(N_("通知没有写明金额")))])
    if file.full_cost is not None:
        yield subject.section("full_cost", _full_cost(subject))
    if file.identities:
        yield subject.section("identities", _unsubsidised(subject), [_identities(subject)])
    several = tuple(_several(subject))
    if several:
        yield subject.section("several", several)
    if file.addons:
        yield subject.section("addons", [Point(say(N_("附加保险不享受资助，与个人缴费一并缴纳")))], [_addons(subject)])
    if file.family_account is not None:
        yield subject.section("family_account", _family_account(subject))
    if file.incentive is not None:
        yield subject.section("incentive", _incentive(subject))


def _rates(subject: Subject) -> Table:
    rows = [
        subject.row(
            rate,
            name_population(rate.population, subject.vocabulary),
            say(N_("{tier} 档"), tier=rate.tier),
            subject.say_when(rate.when),
            yuan(rate.amount),
            span(rate),
            say_years(rate),
        )
        for rate in subject.file.rates
    ]
    heads = [(N_("人群"), False), (N_("档次"), False), (N_("适用对象"), False), (N_("元/人·年"), True)]
    return make_table([*heads, (N_("期间"), False), (N_("适用年度"), False)], rows)


def _rounding(subject: Subject) -> Iterator[Point]:
    rounding = subject.file.rounding
    if rounding is not None:
        unit, mode = say(CHOICES[rounding.to]), say(CHOICES[rounding.mode])
        yield subject.point(rounding, say(N_("按百分比算出的金额取整到{unit}，{mode}"), unit=unit, mode=mode))


def _fiscal(subject: Subject, fiscal: Fiscal) -> Section:
    said = say(
        N_("{yuan} 元/人·年，{days}"), yuan=yuan(fiscal.amount), days=say_span(fiscal.first_day, fiscal.last_day)
    )
    rows = [
        subject.row(
            share,
            text(share.zh, share.en),
            as_is(share.code),
            yuan(share.amount) if share.percent is None else as_is(f"{share.percent}%"),
        )
        for share in fiscal.shares
    ]
    heads = [(N_("由谁承担"), False), (N_("代码"), False), (N_("金额（元）或比例"), True)]
    return subject.section("fiscal", [subject.point(fiscal, said)], [make_table(heads, rows)])


def _full_cost(subject: Subject) -> Iterator[Point]:
    cut = subject.file.full_cost
    assert cut is not None
    days = say_span(cut.first_day, cut.last_day)
    yield subject.point(cut, say(N_("{days} 缴清的，财政补助部分由个人承担"), days=days))
    if cut.newborns == "exempt":
        yield Point(say(N_("在规定时限内参保的新生儿除外")))
    else:
        yield Point(say(N_("新生儿也不例外")))
    if cut.exempt is not None:
        yield Point(say(N_("除外人员：{who}"), who=subject.say_when(cut.exempt)))


def _identities(subject: Subject) -> Table:
    tiers = subject.policy.tiers
    heads: list[tuple[Message | str, bool]] = [(N_("身份"), False), (N_("代码"), False)]
    heads += [(say(N_("{tier} 档"), tier=tier), True) for tier in tiers]
    heads += [(N_("资助期限"), False), (N_("条件"), False), (N_("认定部门"), False), (N_("资助部门"), False)]
    return make_table(heads, [_identity(subject, entry) for entry in subject.file.identities])


def _identity(subject: Subject, entry: PackIdentity) -> Row:
    until, only, words = entry.until, entry.only_tier, subject.vocabulary
    cells = (
        name_identity(entry.code, words),
        as_is(entry.code),
        *(_tier_cell(subject, entry, tier) for tier in subject.policy.tiers),
        say(N_("{day} 前"), day=until.before) if until else say(N_("全年")),
        _conditions(subject, entry),
        name_department(entry.confirmed_by, words) if entry.confirmed_by else NOT_GIVEN,
        name_department(entry.paid_by, words) if entry.paid_by else NOT_GIVEN,
    )
    others = (until.rule if until else None, only.rule if only else None)
    return Row(cells, subject.rules(*(one.rule for one in entry.subsidies), *others), subject.origin(entry))


def _conditions(subject: Subject, entry: PackIdentity) -> Message:
    said = [subject.say_when(entry.when), say_years(entry)]
    if entry.only_tier is not None:
        refused = entry.only_tier.otherwise == "refuse"
        said.append(
            say(
                N_("只参加 {tier} 档，选其他档次的不予测算")
                if refused
                else N_("只参加 {tier} 档，选其他档次的提醒改选"),
                tier=entry.only_tier.tier,
            )
        )
    return say_all(said)


def _tier_cell(subject: Subject, entry: PackIdentity, tier: int) -> Message:
    said = [_subsidy(subject, one) for one in entry.subsidies if one.tier == tier]
    return list_up(said, ("；", "; ")) if said else NOT_GIVEN


def _subsidy(subject: Subject, one: Subsidy) -> Message:
    """Return an amount and how it comes about, e.g. "315 (90% of tier 1)"."""
    percent = None if one.percent is None else as_is(one.percent)
    if one.of_tier == "own":
        amount = say(N_("本人标准的 {percent}%"), percent=percent)
        if one.amount is not None:
            amount = say(N_("{yuan}（{how}）"), yuan=yuan(one.amount), how=amount)
    elif one.of_tier is not None:
        how = say(N_("{tier} 档的 {percent}%"), tier=one.of_tier, percent=percent)
        amount = say(N_("{yuan}（{how}）"), yuan=yuan(amount_of(subject.file, one)), how=how)
    else:
        amount = yuan(one.amount)
    if one.when is not None:
        amount = say(N_("{who}：{what}"), who=subject.say_when(one.when), what=amount)
    return list_up(with_years(amount, one), ("，", ", "))


def _unsubsidised(subject: Subject) -> Iterator[Point]:
    words, file = subject.vocabulary, subject.file
    for parent, classes in find_classless(file, words).items():
        names = list_up(name_identity(code, words) for code in words.identities if code in classes)
        parts = {"identity": name_identity(parent, words), "classes": names}
        yield Point(say(N_("{identity}按类别资助，须写明类别：{classes}"), **parts))
    none = find_unsubsidised(file, words)
    if none:
        names = list_up(name_identity(code, words) for code in words.identities if code in none)
        yield Point(say(N_("其他身份不予资助：{identities}"), identities=names))


def _several(subject: Subject) -> Iterator[Point]:
    file, several, snapshot = subject.file, subject.file.several, subject.file.snapshot
    if several is not None:
        highest = N_("有多种身份的取资助最高的一种；金额相同的，按上表的顺序，也就决定了由哪个部门资助")
        ranked = N_("有多种身份的取上表中排在最前的一种，不论金额高低")
        yield subject.point(several, say(highest if several.choose == "highest" else ranked))
        yield Point(say(_LATER[several.later_identity]))
    if file.cap is not None:
        yield subject.point(file.cap, say(N_("资助不超过{limit}"), limit=say(CHOICES[file.cap.at])))
    if snapshot is not None:
        added = N_("资助按 {day} 24 时持有的身份；此后取得的一并计入")
        nothing = N_("资助按 {day} 24 时持有的身份；此后取得或失去的，都不影响资助")
        yield subject.point(snapshot, say(added if snapshot.later == "added" else nothing, day=snapshot.day))
    if file.payers is not None:
        yield subject.point(file.payers, say(N_("资助由上表所列的资助部门支付")))


def _addons(subject: Subject) -> Table:
    heads = [(N_("附加保险"), False), (N_("代码"), False), (N_("元/人·年"), True), (N_("怎样参加"), False)]
    rows = [
        subject.row(one, one.name, as_is(one.code), yuan(one.amount), _how(one), subject.say_when(one.who))
        for one in subject.file.addons
    ]
    return make_table([*heads, (N_("适用对象"), False)], rows)


def _how(addon: Addon) -> Message:
    return say(N_("必须参加")) if addon.compulsory else say(N_("自愿选择"))


def _family_account(subject: Subject) -> Iterator[Point]:
    account = subject.file.family_account
    assert account is not None
    parts = list_up(say(PAYS[part]) for part in account.pays)
    yield subject.point(account, say(N_("近亲属的职工医保个人账户可以支付：{parts}"), parts=parts))


def _incentive(subject: Subject) -> Iterator[Point]:
    one = subject.file.incentive
    assert one is not None
    named = [benefit for benefit in subject.file.benefits if benefit.name == one.benefit]
    parts = {
        "benefit": text(named[0].zh, named[0].en) if named else as_is(one.benefit),
        "years": one.after_years,
        "yuan": yuan(one.per_year),
    }
    raised = N_("连续参保满 {years} 年后，每再连续参保 1 年，{benefit}提高 {yuan} 元")
    yield subject.point(one, list_up(with_years(say(raised, **parts), one), ("；", "; ")))
    if one.per_year_without_claims:
        yield Point(say(N_("每有 1 年没有报销，再提高 {yuan} 元"), yuan=yuan(one.per_year_without_claims)))
    if one.most_percent is not None:
        yield Point(say(N_("累计最多提高 {percent}%"), percent=as_is(one.most_percent)))
