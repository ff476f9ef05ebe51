"""The words random packs and people are made of, and the hand that draws them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

PER_YEAR = "yuan/person/year"
POPULATIONS = ("resident", "university_student", "fisher")
COUNTED = ("extreme_poverty", "dibao", "dibao.a", "dibao.b", "disabled_1_2", "stable_lifted", "retired_fisher")
GROUPS = ("extreme_poverty", "dibao", "disabled_1_2", "retired_fisher", "dibao.b")
WORDS = {
    "populations": [{"code": "fisher", "zh": "捕捞渔民", "en": "Fisher"}],
    "departments": [{"code": "fishery_office", "zh": "渔政办", "en": "Fishery office"}],
    "identities": [
        {"code": "dibao.a", "zh": "低保A类", "en": "Dibao class A"},
        {"code": "dibao.b", "zh": "低保B类", "en": "Dibao class B"},
        {"code": "retired_fisher", "zh": "退捕渔民", "en": "Retired fisher"},
    ],
}
KINDS = ("without", "identities", "ages", "disability", "enrolled_last_year", "populations")
Keys = dict[str, Any]
T = TypeVar("T")


class Draw(Protocol):
    """How hypothesis hands out values."""

    def __call__(self, strategy: st.SearchStrategy[T]) -> T:
        """Return a value of ``strategy``."""


class Hand:
    """Draws the pieces of one pack; gives every entry a rule of its own."""

    def __init__(self, draw: Draw, kinds: Sequence[str] = KINDS) -> None:
        self._draw = draw
        self.rules: list[dict[str, Any]] = []
        # A pack speaks of a few kinds of conditions, not of all at once: else nobody would have all the facts.
        self._base = Decimal(self.pick("400", "390", "333.50", "777", "900.25"))
        self._kinds = (self.pick(*kinds), self.pick(*kinds))

    def chance(self, percent: int) -> bool:
        """Return True that often; shrinks to False."""
        return self._draw(st.integers(0, 99)) >= 100 - percent

    def pick(self, *choices: T) -> T:
        """Return one of the choices; shrinks to the first."""
        return self._draw(st.sampled_from(choices))

    def some(self, choices: Sequence[T], least: int = 0) -> list[T]:
        """Return some of the choices, in their order, each at most once."""
        places = self._draw(st.sets(st.integers(0, len(choices) - 1), min_size=least))
        return [choices[place] for place in sorted(places)]

    def shuffled(self, items: list[T]) -> list[T]:
        """Return the items in any order."""
        return self._draw(st.permutations(items))

    def yuan(self) -> str:
        """Return an amount below 150 yuan, with fen, half yuan or none."""
        fen = self._draw(st.integers(1, 9)) * self.pick(100, 1000, 1500, 395, 1111)
        return f"{fen // 100}.{fen % 100:02d}"

    def rate(self, tier: int) -> str:
        """Return a contribution, the higher the tier the higher, but now and then a few yuan."""
        return self.yuan() if self.chance(3) else f"{(self._base - self.pick(0, 0, 30, 100)) * tier}"

    def day(self) -> date:
        """Return a day of the season, at the turn of a month more often than not."""
        month = date(2029, 9, 1) + timedelta(days=30 * self._draw(st.integers(0, 15)))
        return month.replace(day=self.pick(1, 1, 15, 28))

    def years(self) -> Keys:
        """Return what limits an entry to named years: mostly nothing."""
        return {"years": self.pick([2029], [2029, 2030])} if self.chance(4) else {}

    def entry(self, **fields: Any) -> dict[str, Any]:
        """Return an entry resting on a rule of its own; fields that are None are left out."""
        rule = f"R-{len(self.rules) + 1}"
        text = {"zh": "某条", "en": "A sentence"}
        self.rules.append({"id": rule, "title": text, "text": text, "source": {"document": "R", "clause": rule}})
        return {name: value for name, value in fields.items() if value is not None} | {"rule": rule}

    def when(self) -> Keys:
        """Return a condition of one or two kinds."""
        one, other = self.pick(*self._kinds), self.pick(*self._kinds)
        more = self._condition(other) if other != one and self.chance(50) else {}
        both = self._condition(one) | more
        if "identities" in both and "without" in both:  # whoever must hold it cannot lack it
            both["without"] = [code for code in both["without"] if code not in both["identities"]]
        return {key: value for key, value in both.items() if value != []}

    def _condition(self, kind: str) -> Keys:
        if kind == "populations":
            return {"populations": self.some(POPULATIONS, least=1)}
        if kind in ("identities", "without"):
            return {kind: self.some(GROUPS, least=1)}
        if kind == "enrolled_last_year":
            return {"enrolled_last_year": self.pick(False, True)}
        if kind == "disability":
            return self.pick(
                {"disability_grades": [1, 2]},
                {"disability_kinds": [5, 6]},
                {"disability_kinds": [1, 4], "disability_grades": [3]},
            )
        return self.pick(
            {"age_from": 60}, {"age_to": 17}, {"age_from": 18, "age_to": 59}, {"age_to": 0}, {"age_from": 6}
        )
