"""Which identity's subsidy counts: each one held, what it would bring, and why it does or does not."""

from __future__ import annotations

from collections.abc import Iterator

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.amounts import amount_of, base_rate
from yingbao.policy.cells import find_subsidy
from yingbao.policy.explaining.case import Case, say_tier, yuan
from yingbao.policy.explaining.nodes import Node
from yingbao.policy.format import PackIdentity, Subsidy
from yingbao.policy.saying import as_is, list_up, name_department
from yingbao.policy.sets import find_classless

CHOICES = {
    "highest": N_("按资助最高的一项计，不叠加"),
    "ranked": N_("按通知所列顺序取第一项，不叠加"),
}
ROUNDED = {
    ("fen", "half_up"): N_("四舍五入到分"),
    ("fen", "up"): N_("向上取到分"),
    ("fen", "down"): N_("向下取到分"),
    ("jiao", "half_up"): N_("四舍五入到角"),
    ("jiao", "up"): N_("向上取到角"),
    ("jiao", "down"): N_("向下取到角"),
    ("yuan", "half_up"): N_("四舍五入到元"),
    ("yuan", "up"): N_("向上取到元"),
    ("yuan", "down"): N_("向下取到元"),
}


def identities_node(case: Case) -> Node:
    """Return a node with a child for each identity held, those the pack subsidises first and in its order."""
    own = [identity.code for identity in case.file.identities]
    held = case.counted | case.person.identities
    codes = [code for code in own if code in held]
    codes += [code for code in case.vocabulary.identities if code in held and code not in own]
    label = say(N_("特殊人员身份"))
    if not codes:
        return Node("identities", label, say(N_("没有特殊人员身份")), "not_applicable")
    children = tuple(_identity(case, code) for code in codes)
    several = case.file.several
    choice = say(CHOICES[several.choose]) if several else say(N_("共 {count} 种"), count=len(codes))
    rules = case.rules(several.rule if several and len(codes) > 1 else None, *_ranked_lower(case))
    return Node("identities", label, choice, rules=rules, children=children)


def _ranked_lower(case: Case) -> Iterator[str]:
    if "identity.ranked_lower" in case.decision.reasons:
        yield "identity.ranked_lower"


def subsidy_node(case: Case) -> Node:
    """Return what is paid for the person, and which department pays it."""
    decision, label = case.decision, say(N_("资助参保"))
    entry = find_entry(case, decision.subsidy_identity)
    if entry is None:
        return Node("subsidy", label, say(N_("没有可享受的资助")), "not_applicable", 0)
    payer = name_department(entry.paid_by, case.vocabulary)
    detail = say(N_("由{department}部门资助"), department=payer)
    payers, cap, snapshot = case.file.payers, case.file.cap, case.file.snapshot
    capped = cap is not None and _stated(case, entry) > (decision.subsidy_fen or 0)
    rules = case.rules(
        payers.rule if payers else None,
        cap.rule if cap and capped else None,
        snapshot.rule if snapshot else None,
    )
    children = (_cap(case, entry),) if capped else ()
    return Node("subsidy", label, detail, "won", decision.subsidy_fen, rules, children, code=entry.code)


def _cap(case: Case, entry: PackIdentity) -> Node:
    cap = case.file.cap
    detail = say(
        N_("通知写明 {stated} 元，高于本人标准 {rate} 元，以本人标准为限"),
        stated=yuan(_stated(case, entry)),
        rate=yuan(case.decision.rate_fen),
    )
    rules = case.rules(cap.rule if cap else None)
    return Node("cap", say(N_("资助上限")), detail, "used", case.decision.rate_fen, rules)


def find_entry(case: Case, code: str | None) -> PackIdentity | None:
    """Return the pack's entry of an identity; None where it has none."""
    return next((identity for identity in case.file.identities if identity.code == code), None)


def _subsidy(case: Case, entry: PackIdentity) -> Subsidy | None:
    return find_subsidy(entry, case.money_traits, case.person.tier)


def _stated(case: Case, entry: PackIdentity) -> int:
    found = _subsidy(case, entry)
    return amount_of(case.file, found, case.decision.rate_fen or 0) if found else 0


def _identity(case: Case, code: str) -> Node:
    entry = find_entry(case, code)
    if code not in case.counted:
        return _after_snapshot(case, code)
    if entry is not None:
        return _subsidised(case, entry)
    if code in find_classless(case.file, case.vocabulary):
        detail = say(N_("按其下的具体类别资助"))
        return Node("identity", case.name(code), detail, "not_applicable", code=code)
    rules = case.rules("identity.unsubsidised")
    return Node("identity", case.name(code), say(N_("本通知对该身份不予资助")), "lost", None, rules, code=code)


def _after_snapshot(case: Case, code: str) -> Node:
    snapshot = case.file.snapshot
    detail = say(N_("在 {day} 24:00 时尚未持有，不计资助"), day=snapshot.day if snapshot else "-")
    rules = case.rules(snapshot.rule if snapshot else None)
    return Node("identity", case.name(code), detail, "not_applicable", None, rules, code=code)


def _subsidised(case: Case, entry: PackIdentity) -> Node:
    found = _subsidy(case, entry)
    late = entry.until is not None and case.on >= entry.until.before
    only = entry.only_tier if entry.only_tier and entry.only_tier.tier != case.person.tier else None
    ids = [only.rule if only else None, entry.until.rule if entry.until and late else None]
    if found is None:
        return _lost(case, entry, _why_nothing(case, entry), None, *ids, conditions=_conditions(case, entry))
    if late and entry.until:
        detail = say(N_("须在 {before} 前缴清，{on} 已过期"), before=entry.until.before, on=case.on)
        return _lost(case, entry, detail, 0, *ids)
    several, amount = case.file.several, min(_stated(case, entry), case.decision.rate_fen or 0)
    children = (*_working(case, entry, found), *_conditions(case, entry))
    if entry.code == case.decision.subsidy_identity:
        many = _count_subsidised(case) > 1
        rules = case.rules(found.rule, several.rule if several and many else None, *ids)
        why, fen = _say_won(case, many=many), case.decision.subsidy_fen
        return Node("identity", case.name(entry.code), why, "won", fen, rules, children, entry.code)
    return _lost(case, entry, _why_not(case, amount), amount, found.rule, *ids, conditions=children)


def _lost(
    case: Case,
    entry: PackIdentity,
    why: Message,
    amount: int | None,
    *rules: str | None,
    conditions: tuple[Node, ...] = (),
) -> Node:
    return Node("identity", case.name(entry.code), why, "lost", amount, case.rules(*rules), conditions, entry.code)


def _count_subsidised(case: Case) -> int:
    return sum(identity.code in case.counted for identity in case.file.identities)


def _say_won(case: Case, *, many: bool) -> Message:
    if not many:
        return say(N_("按此身份资助"))
    several = case.file.several
    if several is not None and several.choose == "ranked":
        return say(N_("在通知所列顺序中排在最前，按此身份资助"))
    return say(N_("各身份中资助最高，按此身份资助"))


def _why_not(case: Case, amount: int) -> Message:
    winner, several = case.name(case.decision.subsidy_identity), case.file.several
    if amount == 0:
        return say(N_("按通知计算的资助为 0"))
    if several is not None and several.choose == "ranked":
        if amount > (case.decision.subsidy_fen or 0):
            return say(N_("金额虽高于按“{winner}”的资助，但在通知所列顺序中排在其后"), winner=winner)
        return say(N_("在通知所列顺序中排在“{winner}”之后"), winner=winner)
    if amount < (case.decision.subsidy_fen or 0):
        return say(N_("低于按“{winner}”的资助"), winner=winner)
    return say(N_("与“{winner}”金额相同，按政策包顺序由后者计"), winner=winner)


def _why_nothing(case: Case, entry: PackIdentity) -> Message:
    tier = case.person.tier
    if not case.holds(entry.when, for_money=True):
        return case.failing(entry.when, for_money=True)
    in_tier = [subsidy for subsidy in entry.subsidies if subsidy.tier == tier]
    if in_tier:
        return list_up((case.failing(one.when, for_money=True) for one in in_tier), ("；", "; "))
    if entry.only_tier is not None:
        detail = N_("该身份在 {tier} 档没有资助，应参加 {only} 档")
        return say(detail, tier=tier, only=entry.only_tier.tier)
    return say(N_("该身份在 {tier} 档没有资助"), tier=tier)


def _conditions(case: Case, entry: PackIdentity) -> tuple[Node, ...]:
    """Return the identity's own conditions, and the subsidies of the tier in the order they are tried."""
    in_tier = [subsidy for subsidy in entry.subsidies if subsidy.tier == case.person.tier]
    tried = [_tried(case, entry, one) for one in in_tier] if len(in_tier) > 1 or any(s.when for s in in_tier) else []
    return (*case.conditions(entry.when, for_money=True), *tried)


def _tried(case: Case, entry: PackIdentity, subsidy: Subsidy) -> Node:
    amount = amount_of(case.file, subsidy, case.decision.rate_fen or 0)
    label = say_tier(subsidy.tier, subsidy.when, case)
    conditions, rules = case.conditions(subsidy.when, for_money=True), case.rules(subsidy.rule)
    if not case.holds(subsidy.when, for_money=True):
        why = case.failing(subsidy.when, for_money=True)
        return Node("candidate", label, why, "tried", amount, rules, conditions)
    if subsidy is _subsidy(case, entry):
        return Node("candidate", label, say(N_("符合条件的第一项")), "used", amount, rules, conditions)
    why = say(N_("排在前面的标准已经符合")) if case.holds(entry.when, for_money=True) else say(N_("身份的条件不符合"))
    return Node("candidate", label, why, "lost", amount, rules, conditions)


def _working(case: Case, entry: PackIdentity, subsidy: Subsidy) -> Iterator[Node]:
    """Yield how the amount is worked out: stated by the notice, or so many percent of which rate."""
    stated, rate = amount_of(case.file, subsidy, case.decision.rate_fen or 0), case.decision.rate_fen or 0
    rounding = case.file.rounding
    if subsidy.amount is not None:
        how, ids = say(N_("通知写明的金额")), [subsidy.rule]
    else:
        base = rate if subsidy.of_tier == "own" else base_rate(case.file, subsidy.of_tier)
        of = say(N_("本人标准")) if subsidy.of_tier == "own" else say_tier(subsidy.of_tier or 0)
        how = say(
            N_("{of} {base} 元的 {percent}%，{rounded}"),
            of=of,
            base=yuan(base),
            percent=as_is(subsidy.percent),
            rounded=say(ROUNDED[(rounding.to, rounding.mode) if rounding else ("fen", "half_up")]),
        )
        ids = [subsidy.rule, rounding.rule if rounding else None]
    yield Node("working", say(N_("金额怎么来")), how, "used", stated, case.rules(*ids), code=entry.code)
