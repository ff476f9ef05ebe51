"""From a village's name in a file to its division, among those the actor may see. Never a guess."""

from __future__ import annotations

import unicodedata
from collections import defaultdict

from yingbao.divisions import queries as divisions
from yingbao.divisions.codes import Scope
from yingbao.divisions.kinds import Level
from yingbao.kernel.messages import N_, Message, say

SUFFIXES = ("村", "社区")
LONG_FORMS = (("村民委员会", "村"), ("村委会", "村"), ("社区居民委员会", "社区"), ("社区居委会", "社区"))


class Places:
    """The villages of a scope by name, with or without 村 or 社区, in a named town where names repeat."""

    def __init__(self, scope: Scope) -> None:
        self._codes: dict[str, list[int]] = defaultdict(list)
        self._towns: dict[int, str] = {}
        self._known: dict[tuple[str, str], int | Message] = {}
        for division in divisions.within(scope).select_related("parent"):
            if division.level == Level.VILLAGE:
                self._towns[division.code] = tidy(division.parent.name) if division.parent else ""
                for name in {tidy(division.name), _short(tidy(division.name))}:
                    self._codes[name].append(division.code)

    def find(self, village: str, town: str = "") -> int | Message:
        """Return the code of the village a cell names, or why it names none."""
        key = (village, town)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._find(_full(tidy(village)), tidy(town))
        return found

    def _find(self, village: str, town: str) -> int | Message:
        if not village:
            return say(N_("没有填村（社区）"))
        codes = [code for code in self._codes.get(village, ()) if not town or self._towns[code] == town]
        if len(codes) > 1:
            return say(N_("有 {count} 个村（社区）叫这个名称，请写明镇街和全称"), count=len(codes))
        return codes[0] if codes else say(N_("您的管理范围内没有这个村（社区）"))


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
