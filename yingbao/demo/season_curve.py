"""On which day of the season people come: weekday-heavy, a crest before 20 December, a thin tail to September."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from yingbao.demo.people import SEASON_BEGIN

Floats = npt.NDArray[np.float64]
CENTRAL_END = date(2022, 12, 20)
LAST_DAY = date(2023, 9, 30)
YEAR_END = date(2023, 12, 31)
SPRING_FESTIVAL = (date(2023, 1, 21), date(2023, 1, 28))  # from … up to: nobody comes
DAYS = (LAST_DAY - SEASON_BEGIN).days + 1
_WEEKDAYS = np.array([1.0, 1.0, 0.95, 1.15, 1.0, 0.4, 0.25])  # villages report on Thursdays, and press before
# From … up to, and how many per mille of a village's households come then; the rest come in the central period.
_TAIL = (
    (date(2022, 12, 21), date(2023, 1, 1), 6),
    (date(2023, 1, 1), date(2023, 3, 1), 48),
    (date(2023, 3, 1), date(2023, 7, 1), 17),
    (date(2023, 7, 1), date(2023, 10, 1), 3),
)


def day_number(on: date) -> int:
    """Return days since the season's begin."""
    return (on - SEASON_BEGIN).days


def curve(lateness: float) -> Floats:
    """Return each day's share, summing to 1, for a village of ``lateness`` from about -1 (early) to 1 (late)."""
    weekdays = np.array([(SEASON_BEGIN + timedelta(days=i)).weekday() for i in range(DAYS)])
    shares = _WEEKDAYS[weekdays]
    shares[day_number(SPRING_FESTIVAL[0]) : day_number(SPRING_FESTIVAL[1])] = 0
    central = day_number(CENTRAL_END) + 1
    along = np.arange(central) / central
    shares[:central] *= 0.45 + 2.4 * np.exp(-(((along - 0.86) / 0.19) ** 2)) + along * lateness * 0.6
    tail_factor, told = 1 + 0.6 * lateness, 0.0
    for begin, end, per_mille in _TAIL:
        span = slice(day_number(begin), day_number(end))
        fading = np.linspace(1.6, 0.4, span.stop - span.start)
        share = per_mille / 1000 * tail_factor
        shares[span] *= fading
        shares[span] *= share / shares[span].sum()
        told += share
    shares[:central] *= (1 - told) / shares[:central].sum()
    return np.asarray(shares, dtype=np.float64)


def draw_days(rng: np.random.Generator, shares: Floats, count: int) -> npt.NDArray[np.int64]:
    """Return ``count`` day numbers drawn by ``shares``."""
    found = np.searchsorted(np.cumsum(shares), rng.random(count) * shares.sum())
    return np.asarray(np.minimum(found, len(shares) - 1), dtype=np.int64)


def draw_seconds(rng: np.random.Generator, count: int) -> npt.NDArray[np.int64]:
    """Return ``count`` times of day in seconds, office hours for the most part."""
    return np.asarray(8 * 3600 + rng.beta(2.0, 2.2, count) * 12 * 3600, dtype=np.int64)
