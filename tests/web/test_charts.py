"""Charts are arithmetic: round axes, points where they belong, bars that meet without a gap."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from yingbao.web.charts import draw_curve, nice_top, place_span

YEAR = (date(2023, 1, 1), date(2024, 1, 1))


@given(st.integers(min_value=0, max_value=10**12))
def test_the_axis_ends_at_a_round_number_little_above_the_most(most: int) -> None:
    top = nice_top(most)
    assert top >= most and top % 4 == 0
    assert top <= max(4, most * 2.6)


def test_the_curve_rises_to_its_last_value_and_the_target_stands_above() -> None:
    points = [(date(2022, 11, 3), 100), (date(2022, 11, 10), 250), (date(2022, 11, 17), 300)]
    curve = draw_curve(points, target=400, deadline=date(2022, 12, 20))
    assert curve is not None and curve.target is not None and curve.deadline is not None
    heights = [dot.y for dot in curve.dots]
    assert heights == sorted(heights, reverse=True)  # SVG counts down
    assert curve.target.at < heights[-1]
    assert curve.left <= curve.dots[0].x < curve.dots[-1].x < curve.deadline.at <= curve.right


def test_no_week_no_curve() -> None:
    assert draw_curve([], target=10, deadline=None) is None


@given(st.dates(date(2022, 6, 1), date(2024, 6, 1)), st.dates(date(2022, 6, 1), date(2024, 6, 1)))
def test_a_bar_stays_within_its_calendar(one: date, other: date) -> None:
    span = place_span(min(one, other), max(one, other), over=YEAR, wide=1000, look="")
    if span is not None:
        assert span.x >= 0 and span.x + span.width <= 1000.2
        assert YEAR[0] <= span.begin_on <= span.last_on < YEAR[1]


def test_bars_of_neighbouring_windows_meet() -> None:
    first = place_span(date(2023, 1, 1), date(2023, 3, 1), over=YEAR, wide=1000, look="")
    second = place_span(date(2023, 3, 1), date(2023, 10, 1), over=YEAR, wide=1000, look="")
    assert first is not None and second is not None
    assert abs(first.x + first.width - second.x) <= 0.2
