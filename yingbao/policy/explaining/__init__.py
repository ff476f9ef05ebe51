"""One person's decision as a tree: facts, rules tried, the one that won and why, down to the clause."""

from yingbao.policy.explaining.nodes import Node, Part, State
from yingbao.policy.explaining.plain import as_plain
from yingbao.policy.explaining.whole import explain_whole

__all__ = ["Node", "Part", "State", "as_plain", "explain_whole"]
