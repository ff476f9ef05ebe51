"""A node of an explanation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.load import Rule

State = Literal["used", "won", "lost", "tried", "not_applicable", "problem", "silent"]
Part = Literal[
    "answer",
    "problem",
    "facts",
    "fact",
    "rate",
    "candidate",
    "condition",
    "identities",
    "identity",
    "working",
    "subsidy",
    "cap",
    "fiscal",
    "share",
    "full_cost",
    "repair",
    "addons",
    "addon",
    "payable",
    "term",
    "account",
    "incentive",
    "coverage",
    "newborn",
    "students",
    "windows",
    "window",
    "no_waiting",
    "waiting",
    "month",
    "end",
    "difference",
    "readings",
    "reading",
    "questions",
    "question",
    "other",
]
STATES = {
    "used": N_("采用"),
    "won": N_("按此计算"),
    "lost": N_("未采用"),
    "tried": N_("不符合"),
    "not_applicable": N_("不适用"),
    "problem": N_("有问题"),
    "silent": N_("通知未规定"),
}


@dataclass(frozen=True, slots=True)
class Node:
    """One thing looked at: what it is, what came of it, the rules it rests on, and what it is made of.

    ``amount_fen``: None where it has none; of a ``term`` signed, so that the terms add up to the sum above them.
    ``code``: the pack's own word for it (identity, window, fact, level of government), empty where it has none.
    """

    part: Part
    label: Message
    detail: Message
    state: State = "used"
    amount_fen: int | None = None
    rules: tuple[Rule, ...] = ()
    children: tuple[Node, ...] = ()
    code: str = ""

    @property
    def state_name(self) -> Message:
        """What the state is called."""
        return say(STATES[self.state])

    @property
    def interpreted(self) -> bool:
        """Whether a rule of this very node leaves room and was read in one way."""
        return any(rule.interpretation for rule in self.rules)

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, as they are read."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, *parts: Part) -> list[Node]:
        """Return the nodes of the named parts, as they are read."""
        return [node for node in self.walk() if node.part in parts]

    @property
    def all_rules(self) -> list[Rule]:
        """Every rule the tree names, once."""
        return list({rule.id: rule for node in self.walk() for rule in node.rules}.values())
