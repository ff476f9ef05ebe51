"""From a division's name in a file to its code, among those the actor may see. Never a guess."""

from __future__ import annotations

import unicodedata
from collections import defaultdict

from yingbao.divisions import queries as divisions
from yingbao.divisions.codes import Scope
from yingbao.divisions.kinds import Level
from yingbao.kernel.messages import N_, Message, say

SUFFIXES = ("村", "社区", "镇", "乡", "街道")
LONG_FORMS = (("村民委员会", "村"), ("村委会", "村"), ("社区居民委员会", "社区"), ("社区居委会", "社区"))


class Places:
    """The divisions of one level of a scope by name, with or without 村, 社区, 镇 …, in a named parent where given."""

    def __init__(self, scope: Scope, level: str = Level.VILLAGE) -> None:
        self.names: dict[int, str] = {}
        self._codes: dict[str, list[int]] = defaultdict(list)
        self._parents: dict[int, str] = {}
        self._known: dict[tuple[str, str], int | Message] = {}
        for division in divisions.within(scope).filter(level=level).select_related("parent"):
            self.names[division.code] = division.name
            self._parents[division.code] = tidy(division.parent.name) if division.parent else ""
            for name in {tidy(division.name), _short(tidy(division.name))}:
                self._codes[name].append(division.code)

    def find(self, name: str, parent: str = "") -> int | Message:
        """Return the code of the division a cell names, or why it names none."""
        key = (name, parent)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._find(_full(tidy(name)), tidy(parent))
        return found

    def _find(self, name: str, parent: str) -> int | Message:
        if not name:
            return say(N_("没有填写"))
        codes = [code for code in self._codes.get(name, ()) if not parent or self._parents[code] == parent]
        if len(codes) > 1:
            return say(N_("有 {count} 个地方叫这个名称，请写明镇街和全称"), count=len(codes))
        return codes[0] if codes else say(N_("您的管理范围内没有这个地方"))


def tidy(name: str) -> str:
    """Return a name as it is compared: half width, no blanks."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def _full(name: str) -> str:
    for long, usual in LONG_FORMS:
        if name.endswith(long):
            return name.removesuffix(long) + usual
    return name


def _short(name: str) -> str:
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name.removesuffix(suffix)
    return name
