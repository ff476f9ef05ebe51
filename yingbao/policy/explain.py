"""How a decision came about, line by line, in words for the person concerned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan
from yingbao.policy.format import PackFile
from yingbao.policy.identities import PolicyIdentity
from yingbao.policy.load import Rule
from yingbao.policy.people import Decision, Person
from yingbao.policy.vocabulary import get_vocabulary

Part = Literal["problem", "rate", "identity", "subsidy", "fiscal", "payable", "coverage"]
_ALWAYS_COVERAGE = ("window.closed", "window.gap", "coverage.too_late")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation. ``won`` marks the identity that counts; ``rules`` are what it rests on."""

    part: Part
    label: Message
    detail: Message
    amount_fen: int | None = None
    rules: tuple[Rule, ...] = ()
    won: bool = False

    @property
    def interpreted(self) -> bool:
        """Whether a rule of this line leaves room and was read in one way."""
        return any(rule.interpretation for rule in self.rules)


class Explainer:
    """Explains decisions of one pack."""

    def __init__(
        self, file: PackFile, identities: Mapping[str, PolicyIdentity], find_rule: Callable[[str], Rule]
    ) -> None:
        self._file = file
        self._identities = identities
        self._find_rule = find_rule

    def steps(self, person: Person, decision: Decision, on: date) -> tuple[Step, ...]:
        """Return the lines for a decision judged on ``on`` (the day of clearing, or of the question)."""
        if decision.status == "invalid":
            return tuple(self._problems(decision))
        if decision.status == "closed":
            return (self._coverage(person, decision),)
        return (
            self._rate(person, decision),
            *self._identity_steps(person, decision, on),
            self._subsidy(decision),
            self._fiscal(decision),
            self._payable(decision),
            self._coverage(person, decision),
        )

    def _rules(self, *ids: str | None) -> tuple[Rule, ...]:
        return tuple(self._find_rule(rule_id) for rule_id in ids if rule_id)

    def _problems(self, decision: Decision) -> Iterator[Step]:
        for rule in self._rules(*decision.reasons):
            yield Step("problem", rule.title, rule.text, rules=(rule,))

    def _rate(self, person: Person, decision: Decision) -> Step:
        found = next(r for r in self._file.rates if (r.population, r.tier) == (person.population, person.tier))
        population = get_vocabulary().populations[person.population].name
        detail = say(N_("{population}，{tier} 档"), population=population, tier=person.tier)
        return Step("rate", say(N_("个人缴费标准")), detail, decision.rate_fen, self._rules(found.rule))

    def _identity_steps(self, person: Person, decision: Decision, on: date) -> Iterator[Step]:
        for code, identity in self._identities.items():
            if code in person.identities:
                yield self._identity(identity, person, decision, on)

    def _identity(self, identity: PolicyIdentity, person: Person, decision: Decision, on: date) -> Step:
        subsidy = next((s for s in identity.subsidies if s.tier == person.tier), None)
        if not identity.subsidies:
            return self._lost(identity, say(N_("本通知对该身份不予资助")), None, "identity.unsubsidised")
        if subsidy is None:
            todo = N_("该身份在 {tier} 档没有资助，应参加 {only} 档")
            detail = say(todo, tier=person.tier, only=identity.only_tier or "-")
            return self._lost(identity, detail, None, identity.only_tier_rule)
        amount = min(subsidy.amount_fen, decision.rate_fen or 0)
        if identity.before is not None and on >= identity.before:
            detail = say(N_("须在 {before} 前缴清，{on} 已过期"), before=identity.before, on=on)
            return self._lost(identity, detail, 0, identity.before_rule)
        if identity.code == decision.subsidy_identity:
            return self._winner(identity, decision, len(person.identities) > 1, subsidy.rule)
        return self._lost(identity, self._why_not(amount, decision), amount, subsidy.rule)

    def _lost(self, identity: PolicyIdentity, why: Message, amount: int | None, *rules: str | None) -> Step:
        return Step("identity", identity.name, why, amount, self._rules(*rules))

    def _winner(self, identity: PolicyIdentity, decision: Decision, several: bool, rule: str | None) -> Step:
        why = say(N_("各身份中资助最高，按此身份资助")) if several else say(N_("按此身份资助"))
        highest = self._file.several.rule if several and self._file.several else None
        rules = self._rules(rule, highest)
        return Step("identity", identity.name, why, decision.subsidy_fen, rules, won=True)

    def _why_not(self, amount: int, decision: Decision) -> Message:
        if amount < (decision.subsidy_fen or 0):
            return say(N_("低于按“{winner}”的资助"), winner=self._name(decision.subsidy_identity))
        return say(N_("与“{winner}”金额相同，按政策包顺序由后者计"), winner=self._name(decision.subsidy_identity))

    def _name(self, code: str | None) -> Message:
        return self._identities[code].name if code else say("-")

    def _subsidy(self, decision: Decision) -> Step:
        label = say(N_("资助参保"))
        if decision.subsidy_identity is None:
            return Step("subsidy", label, say(N_("没有可享受的资助")), 0)
        identity = self._identities[decision.subsidy_identity]
        payer = get_vocabulary().departments.get(identity.paid_by or "")
        detail = say(N_("由{department}部门资助"), department=payer.name if payer else "-")
        payers, cap = self._file.payers, self._file.cap
        ids = [payers.rule if payers else None, cap.rule if cap and cap.rule in decision.reasons else None]
        return Step("subsidy", label, detail, decision.subsidy_fen, self._rules(*ids))

    def _fiscal(self, decision: Decision) -> Step:
        label = say(N_("财政补助"))
        if decision.fiscal_subsidy_fen is None or self._file.fiscal is None:
            return Step("fiscal", label, say(N_("通知未写明金额")))
        if self._is_full_cost(decision):
            cut = self._file.full_cost
            return Step("fiscal", label, say(N_("不享受，由个人承担")), 0, self._rules(cut.rule if cut else None))
        detail = say(N_("由财政为参保人缴纳"))
        return Step("fiscal", label, detail, decision.fiscal_subsidy_fen, self._rules(self._file.fiscal.rule))

    def _is_full_cost(self, decision: Decision) -> bool:
        full_cost = self._file.full_cost
        return full_cost is not None and decision.fiscal_subsidy_fen == 0

    def _payable(self, decision: Decision) -> Step:
        parts = {"rate": _yuan(decision.rate_fen), "subsidy": _yuan(decision.subsidy_fen)}
        detail = say(N_("{rate} − {subsidy}"), **parts)
        if self._is_full_cost(decision) and self._file.fiscal:
            detail = say(N_("{rate} − {subsidy} + 财政部分 {fiscal}"), fiscal=_yuan(self._file.fiscal.amount), **parts)
        elif decision.payable_fen == 0:
            detail = say(N_("{rate} − {subsidy}，无需个人缴费，办理零申报"), **parts)
        return Step("payable", say(N_("个人应缴")), detail, decision.payable_fen)

    def _coverage(self, person: Person, decision: Decision) -> Step:
        known = self._coverage_rules()
        rules = self._rules(*(reason for reason in decision.reasons if reason in known))
        return Step("coverage", say(N_("待遇享受期")), self._coverage_detail(person, decision), rules=rules)

    def _coverage_detail(self, person: Person, decision: Decision) -> Message:
        if decision.covered_from is not None:
            return say(N_("{begin} 至 {end}"), begin=decision.covered_from, end=decision.covered_to)
        if "window.closed" in decision.reasons:
            return say(N_("不在参保时段内，不能参保"))
        if decision.status == "silent":
            return say(N_("通知未规定从哪一天起享受待遇，不作推定，请向医保局请示"))
        return say(N_("缴清后确定"))

    def _coverage_rules(self) -> set[str]:
        file = self._file
        entries: Iterable[object] = (
            *(file.windows + file.silences + file.no_waiting),
            *(file.newborn, file.students, file.students and file.students.graduates),
        )
        rules = {getattr(entry, "rule", None) for entry in entries}
        rules |= {window.coverage_rule for window in file.windows}
        return {rule for rule in rules if rule} | set(_ALWAYS_COVERAGE)


def _yuan(fen: int | None) -> str:
    return "-" if fen is None else format_yuan(fen)
