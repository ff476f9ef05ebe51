"""Charts as geometry: templates draw them as SVG, style sheets colour them, tables beside them hold the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yingbao.kernel.periods import DAY

WIDTH, HEIGHT = 480, 230
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 16, 30
MOST_DOTS = 16
STEPS = (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5.2, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Dot:
    """One value on a curve, and the words under it."""

    x: float
    y: float
    on: date
    value: int
    labelled: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the chart at a round value, or down at a day."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A cumulative curve over days, with its target and deadline."""

    dots: list[Dot]
    grid: list[Line]
    target: Line | None
    deadline: Line | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM

    @property
    def dotted(self) -> bool:
        """Whether there is room for a dot per value."""
        return len(self.dots) <= MOST_DOTS

    @property
    def deadline_anchor(self) -> str:
        """On which side of the deadline its label stands: where there is more room."""
        return "start" if self.deadline and self.deadline.at < self.width / 2 else "end"

    @property
    def deadline_text(self) -> float:
        """Where the deadline's label begins or ends."""
        side = 5 if self.deadline_anchor == "start" else -5
        return round(self.deadline.at + side, 1) if self.deadline else 0.0

    @property
    def path(self) -> str:
        """The curve, for an SVG path."""
        return "M" + " L".join(f"{dot.x:.1f} {dot.y:.1f}" for dot in self.dots)

    @property
    def area(self) -> str:
        """The surface under the curve, for an SVG path."""
        return f"{self.path} L{self.dots[-1].x:.1f} {self.bottom} L{self.dots[0].x:.1f} {self.bottom} Z"


def draw_curve(points: Sequence[tuple[date, int]], *, target: int, deadline: date | None) -> Curve | None:
    """Return the curve through ``points`` (day, cumulative number); None where there is nothing to draw."""
    if not points:
        return None
    begin, end = points[0][0], max([points[-1][0], *([deadline] if deadline else [])])
    days = max((end - begin).days, 1)
    most = nice_top(max([target, *(value for _on, value in points)]))
    labelled = {round(n * (len(points) - 1) / 6) for n in range(7)}
    dots = [
        Dot(_across((on - begin).days, days), _up(value, most), on, value, n in labelled)
        for n, (on, value) in enumerate(points)
    ]
    grid = [Line(_up(most * n // 4, most), f"{most * n // 4:,}") for n in range(5)]
    return Curve(
        dots=dots,
        grid=grid,
        target=Line(_up(target, most), f"{target:,}") if target else None,
        deadline=Line(_across((deadline - begin).days, days), deadline.isoformat()[5:])
        if deadline and begin <= deadline
        else None,
    )


def nice_top(most: int) -> int:
    """Return a round number of which quarters are round too, at least ``most`` and at least 4."""
    size = 4
    while True:
        for step in STEPS:
            top = int(size * step)
            if top >= most and top % 4 == 0:
                return top
        size *= 10


def _across(day: int, days: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * day / days


def _up(value: int, most: int) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (most - value) / most


@dataclass(frozen=True, slots=True)
class Span:
    """A bar on a calendar: where it lies in the drawing, which look it has, which days it holds."""

    x: float
    width: float
    look: str
    begin_on: date
    last_on: date


def place_span(begin_on: date, end_on: date, *, over: tuple[date, date], wide: int, look: str) -> Span | None:
    """Return the bar of a half-open span of days in a drawing ``wide`` over some days; None where it lies outside."""
    first, past = over
    begin, end = max(begin_on, first), min(end_on, past)
    if begin >= end:
        return None
    days = (past - first).days
    x, width = (begin - first).days * wide / days, (end - begin).days * wide / days
    return Span(round(x, 1), round(width, 1), look, begin, end - DAY)
