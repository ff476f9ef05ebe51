"""A day among the money at the end of the season: the counter, receipts, refunds, the tax client."""

from __future__ import annotations

from datetime import time
from pathlib import Path

from yingbao.demo import counter, declaring, receipts, refunds, unclaimed
from yingbao.demo.cast import RESIDENT
from yingbao.demo.desk import SHOWN_ON, moment
from yingbao.demo.season import Season
from yingbao.demo.upkeep_lists import Told


def look_after_money(season: Season, *, folder: Path) -> list[Told]:
    """Play the day; say what was done, sentence by sentence. ``folder``: where the files it exchanges are written."""
    at = moment(SHOWN_ON, time(9))
    return [
        *counter.play(season, at=at, resident=RESIDENT),
        *receipts.play(season.desk, year=season.year, on=SHOWN_ON, at=at),
        *refunds.play(season, at=at),
        *unclaimed.play(season, at=at),
        *declaring.play(season, folder=folder, at=at),
    ]
