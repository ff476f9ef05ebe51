"""Bars as geometry: before and after side by side, and who pays less or more. Outline against fill, words and signs:
nothing rests on colour alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, ROW, BAR = 480, 46, 9
STEP_ROW, STEP_BAR = 24, 14
MIDDLE, SIDE = WIDTH // 2, 150
MOST_STEPS = 12


@dataclass(frozen=True, slots=True)
class Pair:
    """Two amounts of one thing, in fen, with the lengths of their bars; ``y`` is where the words stand."""

    label: str
    before: int
    after: int
    before_width: float
    after_width: float
    y: int

    @property
    def more(self) -> int:
        """How much more it is after."""
        return self.after - self.before

    @property
    def before_y(self) -> int:
        """Where the upper bar begins."""
        return self.y + 6

    @property
    def after_y(self) -> int:
        """Where the lower bar begins."""
        return self.before_y + BAR + 3


@dataclass(frozen=True, slots=True)
class Pairs:
    """A chart of pairs, one below the other."""

    rows: list[Pair]
    width: int = WIDTH
    bar: int = BAR

    @property
    def height(self) -> int:
        """The chart's height."""
        return ROW * len(self.rows)


def draw_pairs(amounts: Sequence[tuple[str, int, int]]) -> Pairs:
    """Return the bars of (label, before, after), all to one scale."""
    most = max([1, *(max(before, after) for _, before, after in amounts)])
    return Pairs(
        [
            Pair(label, before, after, _long(before, most, WIDTH), _long(after, most, WIDTH), 14 + ROW * place)
            for place, (label, before, after) in enumerate(amounts)
        ]
    )


@dataclass(frozen=True, slots=True)
class Step:
    """How many people pay so much more; negative: less. The bar lies right of the middle, or left of it."""

    fen: int
    persons: int
    x: float
    width: float
    y: int

    @property
    def loses(self) -> bool:
        """Whether they pay more."""
        return self.fen > 0

    @property
    def text_x(self) -> float:
        """Where the number of people stands: at the far end of the bar."""
        return round(self.x + self.width + 5 if self.loses else self.x - 5, 1)

    @property
    def label_x(self) -> int:
        """Where the amount stands: on the other side of the middle."""
        return MIDDLE - 6 if self.loses else MIDDLE + 6

    @property
    def text_y(self) -> int:
        """Where both texts stand."""
        return self.y + STEP_BAR - 3


@dataclass(frozen=True, slots=True)
class Steps:
    """The chart; ``rest`` people are in steps too small to draw."""

    rows: list[Step]
    rest: int
    width: int = WIDTH
    middle: int = MIDDLE
    bar: int = STEP_BAR

    @property
    def height(self) -> int:
        """The chart's height."""
        return STEP_ROW * len(self.rows) + 4


def draw_steps(steps: Mapping[int, int]) -> Steps:
    """Return bars for the most frequent of ``steps`` (fen → persons), from the largest saving to the largest burden."""
    shown = sorted(sorted(steps, key=lambda fen: -steps[fen])[:MOST_STEPS])
    most = max([1, *(steps[fen] for fen in shown)])
    rows = []
    for place, fen in enumerate(shown):
        width = _long(steps[fen], most, SIDE)
        rows.append(Step(fen, steps[fen], MIDDLE if fen > 0 else MIDDLE - width, width, 4 + STEP_ROW * place))
    return Steps(rows, sum(steps.values()) - sum(steps[fen] for fen in shown))


def _long(amount: int, most: int, longest: int) -> float:
    """Return a bar's length in tenths of a unit; what is there at all can be seen."""
    if amount <= 0:
        return 0.0
    return max(1.5, amount * longest * 10 // most / 10)
