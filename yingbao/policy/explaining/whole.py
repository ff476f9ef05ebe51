"""The whole tree: the answer in one sentence, and below it everything that led to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.explaining.case import TAKEN, Case, yuan
from yingbao.policy.explaining.checks import list_differences
from yingbao.policy.explaining.cover import TOO_LATE, coverage_node, say_too_late
from yingbao.policy.explaining.facts import facts_node, problem_nodes
from yingbao.policy.explaining.identities import identities_node, subsidy_node
from yingbao.policy.explaining.nodes import Node, State
from yingbao.policy.explaining.rates import rate_node
from yingbao.policy.explaining.sums import (
    account_node,
    addons_node,
    fiscal_node,
    incentive_node,
    payable_node,
    repair_node,
)
from yingbao.policy.load import Pack, Rule
from yingbao.policy.people import Decision, Person
from yingbao.policy.saying import list_up

STATES: dict[str, State] = {"assessed": "won", "silent": "silent", "closed": "problem", "invalid": "problem"}


def explain_whole(pack: Pack, person: Person, decision: Decision, *, on: date) -> Node:
    """Return how ``decision`` on ``person`` came about by ``pack``, as it stood on ``on``.

    ``on``: the day of clearing, or the day the amounts are asked for. The amounts and days are the decision's own;
    where working them out again gives others, a ``difference`` says so.
    """
    case = Case(version_on(pack, on), pack.vocabulary, person, decision, on)
    root = Node("answer", say(N_("结论")), answer_sentence(case), _state(decision))
    tree = replace(root, children=tuple(_branches(case)))
    tree = replace(tree, children=(*tree.children, *_rest(case, tree)))
    return replace(tree, children=(*tree.children, *_readings(tree)))


def _state(decision: Decision) -> State:
    # The notice is not silent on who would be covered too late: it gives a day, and that day does not help.
    return "problem" if TOO_LATE in decision.reasons else STATES[decision.status]


def version_on(pack: Pack, on: date) -> Pack:
    """Return the version of ``pack`` that answers for what is cleared ``on``."""
    found = [version for first_day, version in pack.versions if first_day is None or first_day <= on]
    return found[-1]


def answer_sentence(case: Case) -> Message:
    """Return the decision in one sentence."""
    decision = case.decision
    if decision.status == "invalid":
        return say(N_("资料有误或不全，不能测算"))
    if decision.status == "closed":
        return say(N_("{on} 不在参保缴费时段内，不能参保"), on=case.on)
    parts = [say(N_("个人应缴 {amount} 元"), amount=yuan(decision.payable_fen))]
    if decision.subsidy_identity is not None:
        name = case.name(decision.subsidy_identity)
        parts.append(say(N_("按“{name}”资助 {amount} 元"), name=name, amount=yuan(decision.subsidy_fen)))
    if decision.covered_from is not None:
        begin, end = decision.covered_from, decision.covered_to
        parts.append(say(N_("{begin} 至 {end} 享受待遇"), begin=begin, end=end))
    elif TOO_LATE in decision.reasons:
        parts.append(say_too_late(case))
    elif decision.status == "silent":
        parts.append(say(N_("从哪一天起享受待遇，通知没有规定")))
    elif case.person.paid_on is None:
        parts.append(say(N_("待遇享受期缴清后确定")))
    return list_up(parts, ("；", "; "))


def _branches(case: Case) -> Iterator[Node]:
    if case.decision.status == "invalid":
        yield from problem_nodes(case)
        yield facts_node(case)
        return
    yield facts_node(case)
    if case.decision.status in TAKEN:
        yield from _money(case)
    yield coverage_node(case)
    yield from list_differences(case)


def _money(case: Case) -> Iterator[Node]:
    yield rate_node(case)
    yield identities_node(case)
    yield subsidy_node(case)
    yield fiscal_node(case)
    yield from (node for node in (repair_node(case), addons_node(case)) if node is not None)
    yield payable_node(case)
    yield from (node for node in (account_node(case), incentive_node(case)) if node is not None)


def _rest(case: Case, tree: Node) -> Iterator[Node]:
    """Yield the reasons of the decision that nothing above named: none, unless the pack has changed since."""
    known = {rule.id for rule in tree.all_rules}
    for rule in case.rules(*(reason for reason in case.decision.reasons if reason not in known)):
        yield Node("other", say(N_("其他依据")), rule.title, rules=(rule,))


def _readings(tree: Node) -> Iterator[Node]:
    """Yield what was read in one of several ways, and what is to be asked of whom."""
    rules = _used_rules(tree)
    read = tuple(_reading(rule) for rule in rules if rule.interpretation)
    if read:
        detail = say(N_("通知在 {count} 处留有余地，系统按下述理解办理"), count=len(read))
        yield Node("readings", say(N_("解释性规定")), detail, children=read)
    asked = tuple(_question(rule) for rule in rules if rule.ask)
    if asked:
        detail = say(N_("通知有 {count} 处没有写明，须向发文单位请示"), count=len(asked))
        yield Node("questions", say(N_("待请示")), detail, "silent", children=asked)


def _used_rules(tree: Node) -> list[Rule]:
    """Return the rules of what counted: not those of a window or rate that was only tried."""
    idle = ("tried", "not_applicable")
    return list({rule.id: rule for node in _counted(tree, idle) for rule in node.rules}.values())


def _counted(node: Node, idle: tuple[str, ...]) -> Iterator[Node]:
    if node.state in idle:
        return
    yield node
    for child in node.children:
        yield from _counted(child, idle)


def _reading(rule: Rule) -> Node:
    return Node("reading", rule.title, rule.interpretation or rule.text, rules=(rule,), code=rule.id)


def _question(rule: Rule) -> Node:
    detail = rule.ask or rule.text
    if rule.document is not None:
        detail = say(N_("请示{issuer}：{question}"), issuer=rule.document.issuer.text, question=detail)
    return Node("question", rule.title, detail, "silent", rules=(rule,), code=rule.id)
