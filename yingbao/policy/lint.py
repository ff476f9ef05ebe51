"""What an officer should know about a pack before using it: mistakes, and where the notice itself leaves a hole.

``error``: the pack is wrong. ``warning``: the notice is silent, and people in that place get no answer.
``info``: a reading somebody should confirm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan, percent_of
from yingbao.kernel.periods import Period
from yingbao.policy.coverages import Unsaid
from yingbao.policy.entries import Entry
from yingbao.policy.format import PackFile, PackIdentity, Rate, Subsidy, Window
from yingbao.policy.load import Pack
from yingbao.policy.tables import amount_of
from yingbao.policy.vocabulary import get_vocabulary

Severity = Literal["error", "warning", "info"]
_RANK: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}
_RULE_FIELDS = ("rule", "coverage_rule")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. ``place`` is where in the pack; ``ask`` the question to put to the authority."""

    code: str
    severity: Severity
    place: str
    message: Message
    ask: Message | None = None


def lint(pack: Pack) -> list[Finding]:
    """Return all findings, worst first, in a stable order."""
    file = pack.file
    findings = [
        *_check_days(pack),
        *_check_overlaps(file),
        *_check_coverage(pack),
        *_check_subsidies(file),
        *_check_departments(file),
        *_check_codes(file),
        *_check_rules(pack),
        *_list_interpretations(pack),
    ]
    return sorted(findings, key=lambda finding: (_RANK[finding.severity], finding.code))


def _check_days(pack: Pack) -> Iterator[Finding]:
    windows = sorted(pack.file.windows, key=lambda window: window.first_day)
    reached = windows[0].period.end if windows else None
    for window in windows[1:]:
        if reached is not None and window.first_day > reached:
            yield _uncovered(pack, Period(reached, window.first_day))
        if reached is not None and window.period.end is not None:
            reached = max(reached, window.period.end)


def _uncovered(pack: Pack, gap: Period) -> Finding:
    days = {"first": gap.begin, "last": gap.last_day}
    declared = next((s for s in pack.file.silences if s.period == gap), None)
    if declared is None:
        message = say(N_("{first} 至 {last} 不在任何参保时段内，也未注明通知未作规定"), **days)
        return Finding("uncovered-days", "error", "windows", message)
    message = say(N_("{first} 至 {last} 不在任何参保时段内：通知未规定待遇何时开始"), **days)
    return Finding("uncovered-days", "warning", "silences", message, _question(pack, declared.rule))


def _question(pack: Pack, rule_id: str | None) -> Message | None:
    rule = pack.rules.get(rule_id or "")
    return rule.ask if rule else None


def _check_overlaps(file: PackFile) -> Iterator[Finding]:
    windows = sorted(file.windows, key=lambda window: (window.first_day, window.id))
    for earlier, later in combinations(windows, 2):
        if earlier.period.overlaps(later.period):
            message = say(N_("参保时段“{one}”与“{other}”重叠"), one=earlier.id, other=later.id)
            yield Finding("overlapping-windows", "error", f"windows.{later.id}", message)


def _check_coverage(pack: Pack) -> Iterator[Finding]:
    for window in pack.file.windows:
        if isinstance(window.coverage, Unsaid):
            yield _silent_window(pack, window)


def _silent_window(pack: Pack, window: Window) -> Finding:
    template = N_("{first} 至 {last} 可以参保，但通知未规定待遇何时开始")
    message = say(template, first=window.first_day, last=window.last_day)
    place = f"windows.{window.id}.coverage"
    return Finding("missing-coverage-rule", "warning", place, message, _question(pack, window.rule))


def _check_subsidies(file: PackFile) -> Iterator[Finding]:
    for identity in file.identities:
        for subsidy in identity.subsidies:
            place = f"identities.{identity.code}.subsidies.{subsidy.tier}"
            yield from _check_rate(file, subsidy, place)
            yield from _check_percent(file, subsidy, place)


def _check_rate(file: PackFile, subsidy: Subsidy, place: str) -> Iterator[Finding]:
    amount = amount_of(file, subsidy)
    rates = [rate for rate in file.rates if rate.tier == subsidy.tier]
    for rate in rates:
        if amount > rate.amount:
            yield _above_rate(rate, amount, place, everyone=amount > max(r.amount for r in rates))


def _above_rate(rate: Rate, amount: int, place: str, *, everyone: bool) -> Finding:
    message = say(
        N_("资助 {amount} 元高于{population} {tier} 档个人缴费 {rate} 元，将以个人缴费为限"),
        amount=format_yuan(amount),
        population=_population_name(rate.population),
        tier=rate.tier,
        rate=format_yuan(rate.amount),
    )
    return Finding("subsidy-above-rate", "error" if everyone else "info", place, message)


def _population_name(code: str) -> Message:
    known = get_vocabulary().populations.get(code)
    return known.name if known else say("{code}", code=code)


def _check_percent(file: PackFile, subsidy: Subsidy, place: str) -> Iterator[Finding]:
    if subsidy.percent is None:
        return
    base = next((rate for rate in file.rates if rate.tier == subsidy.of_tier), None)
    if base is None:
        message = say(N_("百分比所依据的 {tier} 档没有个人缴费标准"), tier=subsidy.of_tier)
        yield Finding("percent-without-rate", "error", place, message)
    elif subsidy.amount is not None and percent_of(base.amount, subsidy.percent) != subsidy.amount:
        message = say(
            N_("{tier} 档 {rate} 元的 {percent}% 为 {computed} 元，与写明的 {stated} 元不符"),
            tier=base.tier,
            rate=format_yuan(base.amount),
            percent=subsidy.percent,
            computed=format_yuan(percent_of(base.amount, subsidy.percent)),
            stated=format_yuan(subsidy.amount),
        )
        yield Finding("percent-mismatch", "error", place, message)


def _check_departments(file: PackFile) -> Iterator[Finding]:
    for identity in file.identities:
        for field, department in (("confirmed_by", identity.confirmed_by), ("paid_by", identity.paid_by)):
            if department not in get_vocabulary().departments:
                yield _no_department(identity, field, department)


def _no_department(identity: PackIdentity, field: str, department: str | None) -> Finding:
    place = f"identities.{identity.code}.{field}"
    if department is None:
        sentences = {"confirmed_by": N_("没有写明由哪个部门认定"), "paid_by": N_("没有写明由哪个部门资助")}
        return Finding("no-department", "error", place, say(sentences[field]))
    return Finding("no-department", "error", place, say(N_("词汇表中没有部门“{code}”"), code=department))


def _check_codes(file: PackFile) -> Iterator[Finding]:
    identities = [("identities", identity.code) for identity in file.identities]
    identities += [(f"no_waiting.{i}", code) for i, group in enumerate(file.no_waiting) for code in group.identities]
    for place, code in identities:
        if code not in get_vocabulary().identities:
            yield Finding("unknown-identity", "error", place, say(N_("词汇表中没有身份“{code}”"), code=code))
    populations = [(f"rates.{i}", rate.population) for i, rate in enumerate(file.rates)]
    populations += [("newborn", code) for code in (file.newborn.populations if file.newborn else ())]
    populations += [("students", file.students.population)] if file.students else []
    for place, code in populations:
        if code not in get_vocabulary().populations:
            yield Finding("unknown-population", "error", place, say(N_("词汇表中没有人群“{code}”"), code=code))


def _check_rules(pack: Pack) -> Iterator[Finding]:
    for place, rule_id, needed in _walk(pack.file, ""):
        if rule_id is None and needed:
            yield Finding("no-clause", "error", place, say(N_("没有写明依据的条款")))
        elif rule_id is not None and rule_id not in pack.rules:
            message = say(N_("所依据的规则“{rule}”不存在"), rule=rule_id)
            yield Finding("unknown-rule", "error", place, message)
    for rule in pack.rules.values():
        if rule.clause is None:
            yield Finding("no-clause", "error", f"rules.{rule.id}", say(N_("没有写明文件和条款")))
        elif rule.document is None:
            yield Finding("unknown-document", "error", f"rules.{rule.id}", say(N_("所引的文件没有列出")))


def _walk(entry: Entry, place: str) -> Iterator[tuple[str, str | None, bool]]:
    """Yield place, rule id and whether one is needed, for every entry that can name a rule."""
    for field in type(entry).model_fields:
        value = getattr(entry, field)
        here = f"{place}.{field}".lstrip(".")
        if field in _RULE_FIELDS:
            yield here, value, field == "rule"
        elif isinstance(value, Entry):
            yield from _walk(value, here)
        elif isinstance(value, tuple):
            for position, item in enumerate(value):
                if isinstance(item, Entry):
                    yield from _walk(item, f"{here}.{_label(item, position)}")


def _label(item: Entry, position: int) -> str:
    return str(getattr(item, "code", None) or getattr(item, "id", None) or position)


def _list_interpretations(pack: Pack) -> Iterator[Finding]:
    for rule in pack.rules.values():
        if rule.interpretation is not None:
            yield Finding("interpretation", "info", f"rules.{rule.id}", rule.interpretation, rule.ask)
