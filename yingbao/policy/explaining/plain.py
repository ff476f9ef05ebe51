"""The tree as plain values, for JSON: every sentence in both languages, money in fen."""

from __future__ import annotations

from typing import Any

from yingbao.kernel.messages import Message
from yingbao.policy.explaining.nodes import Node
from yingbao.policy.load import Rule


def as_plain(node: Node) -> dict[str, Any]:
    """Return a node and all below it: part, code, label, detail, state, amount_fen, rules, children."""
    return {
        "part": node.part,
        "code": node.code,
        "label": _both(node.label),
        "detail": _both(node.detail),
        "state": node.state,
        "amount_fen": node.amount_fen,
        "rules": [plain_rule(rule) for rule in node.rules],
        "children": [as_plain(child) for child in node.children],
    }


def plain_rule(rule: Rule) -> dict[str, Any]:
    """Return a rule: its words, where they stand, how they are read, what to ask, which pack they come from."""
    return {
        "id": rule.id,
        "title": _both(rule.title),
        "text": _both(rule.text),
        "document": _both(rule.document.title.text) if rule.document else None,
        "clause": rule.clause,
        "interpretation": _both(rule.interpretation) if rule.interpretation else None,
        "ask": _both(rule.ask) if rule.ask else None,
        "origin": rule.origin,
    }


def _both(message: Message) -> dict[str, str]:
    return {"zh": message.render("zh"), "en": message.render("en")}
