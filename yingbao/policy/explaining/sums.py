"""What the person pays as a sum, what the treasury adds and who bears it, and what a relative's account may pay."""

from __future__ import annotations

from collections.abc import Iterator

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.explaining.case import Case, say_tier, yuan
from yingbao.policy.explaining.nodes import Node, State
from yingbao.policy.format import Addon, FullCost, Share
from yingbao.policy.saying import as_is, list_up, say_span
from yingbao.policy.texts import text

PAYS = {"personal": N_("个人缴费"), "repair": N_("补缴"), "addons": N_("附加保险")}


def fiscal_node(case: Case) -> Node:
    """Return what the treasury adds, split by level of government, and whether the person bears it instead."""
    label, fiscal, decision = say(N_("财政补助")), case.file.fiscal, case.decision
    if fiscal is None or decision.fiscal_subsidy_fen is None:
        return Node("fiscal", label, say(N_("通知未写明金额")), "silent")
    cut = case.file.full_cost
    children = (*_full_cost(case), *_shares(case))
    if case.full_cost_fen:
        detail = say(N_("不享受，由个人承担"))
        return Node("fiscal", label, detail, "lost", 0, case.rules(cut.rule if cut else None), children)
    detail = say(N_("由财政为参保人缴纳"))
    rules = case.rules(fiscal.rule, cut.rule if cut and _why_spared(case, cut) else None)
    return Node("fiscal", label, detail, "used", decision.fiscal_subsidy_fen, rules, children)


def _is_within(case: Case, cut: FullCost) -> bool:
    return cut.first_day <= case.on and (cut.last_day is None or case.on <= cut.last_day)


def _why_spared(case: Case, cut: FullCost) -> Message | None:
    """Return why the person does not pay the full cost on a day of full cost; None for who pays, and on other days."""
    if not _is_within(case, cut):
        return None
    if cut.newborns == "exempt" and case.band is not None:
        return say(N_("新生儿在规定时限内缴清的除外"))
    return say(N_("属于除外人员")) if cut.exempt is not None and case.holds(cut.exempt) else None


def _full_cost(case: Case) -> Iterator[Node]:
    """Yield whether the days of full cost hold this one, and whether the person is exempt."""
    cut, fiscal = case.file.full_cost, case.file.fiscal
    if cut is None or fiscal is None:
        return
    label, rules = say(N_("全额缴费（个人承担财政部分）")), case.rules(cut.rule)
    days = say_span(cut.first_day, cut.last_day)
    state: State = "won" if case.full_cost_fen else "not_applicable"
    exempt = case.conditions(cut.exempt)
    spared = _why_spared(case, cut)
    if not _is_within(case, cut):
        detail = say(N_("{days}缴清的才全额缴费，{on} 不在其内"), days=days, on=case.on)
    elif spared is not None:
        detail = spared
    else:
        detail = say(N_("{days}缴清的全额缴费，{on} 在其内"), days=days, on=case.on)
    yield Node("full_cost", label, detail, state, fiscal.amount, rules, exempt)


def _shares(case: Case) -> Iterator[Node]:
    for share in case.file.fiscal.shares if case.file.fiscal else ():
        amount = case.decision.extras.get(f"fiscal_{share.code}_fen")
        yield Node("share", share.name, _say_share(share), "used", amount, case.rules(share.rule), code=share.code)


def _say_share(share: Share) -> Message:
    if share.percent is not None:
        return say(N_("承担 {percent}%"), percent=as_is(share.percent))
    return say(N_("承担 {amount} 元"), amount=yuan(share.amount))


def repair_node(case: Case) -> Node | None:
    """Return what buying back missed years costs; None where the pack knows no such thing."""
    waiting = case.file.waiting
    if waiting is None or waiting.repair is None:
        return None
    years, amount = case.person.repaired_years or 0, case.decision.extras.get("repair_fen", 0)
    label, rules = say(N_("补缴")), case.rules(waiting.repair.rule)
    if not years:
        return Node("repair", label, say(N_("没有补缴断保年度")), "not_applicable", amount, rules)
    own = case.rate.amount if case.rate else None
    detail = say(N_("{years} 年 × 本人标准 {rate} 元"), years=years, rate=yuan(own))
    return Node("repair", label, detail, "used", amount, rules)


def addons_node(case: Case) -> Node | None:
    """Return the add-on insurances, taken or not; None where the pack has none."""
    if not case.file.addons:
        return None
    children = tuple(_addon(case, addon) for addon in case.file.addons)
    taken = sum(child.state == "used" for child in children)
    detail = say(N_("共参加 {count} 种，不享受资助"), count=taken)
    amount = case.decision.extras.get("addon_fen", 0)
    return Node("addons", say(N_("附加保险")), detail, "used" if taken else "not_applicable", amount, (), children)


def _addon(case: Case, addon: Addon) -> Node:
    chosen, conditions = addon.code in (case.person.addons or ()), case.conditions(addon.who)
    state: State = "not_applicable"
    if not case.holds(addon.who):
        detail, state = case.failing(addon.who), "tried"
    elif addon.compulsory:
        detail, state = say(N_("必须参加")), "used"
    elif chosen:
        detail, state = say(N_("自愿选择")), "used"
    else:
        detail = say(N_("自愿参加，本人未选"))
    return Node("addon", addon.name, detail, state, addon.amount, case.rules(addon.rule), conditions, addon.code)


def payable_node(case: Case) -> Node:
    """Return what the person pays, with the terms it is the sum of: the one place where amounts are added up."""
    decision, terms = case.decision, tuple(_terms(case))
    parts = {"rate": yuan(decision.rate_fen), "subsidy": yuan(decision.subsidy_fen)}
    detail = say(N_("{rate} − {subsidy}"), **parts)
    others = [term for term in terms if term.code in ("repair", "addons") and term.amount_fen]
    if case.full_cost_fen:
        detail = say(N_("{rate} − {subsidy} + 财政部分 {fiscal}"), fiscal=yuan(case.full_cost_fen), **parts)
    elif decision.payable_fen == 0:
        detail = say(N_("{rate} − {subsidy}，无需个人缴费，办理零申报"), **parts)
    if others:
        added = [say(N_(" + {name} {amount}"), name=one.label, amount=yuan(one.amount_fen)) for one in others]
        detail = list_up([detail, *added], ("", ""))
    return Node("payable", say(N_("个人应缴")), detail, "used", decision.payable_fen, (), terms)


def _terms(case: Case) -> Iterator[Node]:
    decision, extras = case.decision, case.decision.extras
    yield _term("rate", say(N_("个人缴费标准")), say_tier(case.person.tier), decision.rate_fen or 0)
    yield _term("subsidy", say(N_("减：资助")), case.name(decision.subsidy_identity), -(decision.subsidy_fen or 0))
    if case.full_cost_fen:
        yield _term("fiscal", say(N_("财政部分")), say(N_("由个人承担")), case.full_cost_fen)
    if "repair_fen" in extras:
        years = say(N_("{years} 年"), years=case.person.repaired_years or 0)
        yield _term("repair", say(N_("补缴")), years, extras["repair_fen"])
    if "addon_fen" in extras:
        yield _term("addons", say(N_("附加保险")), say(N_("不享受资助")), extras["addon_fen"])


def _term(code: str, label: Message, detail: Message, fen: int) -> Node:
    return Node("term", label, detail, "used", fen, code=code)


def account_node(case: Case) -> Node | None:
    """Return what a relative's personal account may pay of it; None where the notice knows no such thing."""
    account = case.file.family_account
    if account is None:
        return None
    amount, balance = case.decision.extras.get("account_fen", 0), case.person.payer_account_fen or 0
    named = list_up(say(PAYS[part]) for part in account.pays)
    detail = say(N_("可支付{parts}；账户余额 {balance} 元"), parts=named, balance=yuan(balance))
    state: State = "used" if amount else "not_applicable"
    return Node("account", say(N_("其中家庭共济账户可支付")), detail, state, amount, case.rules(account.rule))


def incentive_node(case: Case) -> Node | None:
    """Return what unbroken enrolment adds to a benefit's ceiling; None where the notice knows no such thing."""
    rule = case.file.incentive
    if rule is None:
        return None
    person, amount = case.person, case.decision.extras.get("incentive_fen", 0)
    years = person.continuous_years or 0
    detail = say(
        N_("连续参保 {years} 年，超过 {after} 年的每年 {per_year} 元；未报销 {claimless} 年，每年 {per_claimless} 元"),
        years=years,
        after=rule.after_years,
        per_year=yuan(rule.per_year),
        claimless=person.years_without_claims or 0,
        per_claimless=yuan(rule.per_year_without_claims),
    )
    if rule.most_percent is not None:
        most = say(N_("最多为该待遇的 {percent}%"), percent=as_is(rule.most_percent))
        detail = list_up([detail, most], ("；", "; "))
    label = say(N_("连续参保激励（提高{benefit}）"), benefit=_benefit_name(case, rule.benefit))
    state: State = "used" if amount else "not_applicable"
    return Node("incentive", label, detail, state, amount, case.rules(rule.rule))


def _benefit_name(case: Case, name: str) -> Message:
    found = [benefit for benefit in case.file.benefits if benefit.name == name]
    return text(found[0].zh, found[0].en) if found else as_is(name)
