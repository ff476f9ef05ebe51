"""How a decision came about, line by line, in words for the person concerned: the tree's main branches as a bill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from yingbao.kernel.messages import Message
from yingbao.policy.explaining import Node
from yingbao.policy.load import Rule

LinePart = Literal[
    "problem",
    "rate",
    "identity",
    "subsidy",
    "fiscal",
    "repair",
    "addons",
    "payable",
    "account",
    "incentive",
    "coverage",
]
_LINES = frozenset(get_args(LinePart))
# Lines nobody needs who has nothing of the kind.
_ONLY_IF_ANY = ("repair", "addons", "account", "incentive")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation. ``won`` marks the identity that counts; ``rules`` are what it rests on."""

    part: LinePart
    label: Message
    detail: Message
    amount_fen: int | None = None
    rules: tuple[Rule, ...] = ()
    won: bool = False

    @property
    def interpreted(self) -> bool:
        """Whether a rule of this line leaves room and was read in one way."""
        return any(rule.interpretation for rule in self.rules)


def list_steps(tree: Node) -> tuple[Step, ...]:
    """Return the lines of a bill: rate, each identity, subsidy, fiscal part, payable, cover; or what is wrong."""
    return tuple(_make_step(node) for node in _lines(tree))


def _lines(tree: Node) -> Iterator[Node]:
    for branch in tree.children:
        if branch.part == "identities":
            yield from branch.children
        elif branch.part in _LINES and (branch.amount_fen or branch.part not in _ONLY_IF_ANY):
            yield branch


def _make_step(node: Node) -> Step:
    won = node.part == "identity" and node.state == "won"
    return Step(node.part, node.label, node.detail, node.amount_fen, node.rules, won)  # type: ignore[arg-type]
