"""The demo's declaration and count, played on the small town of the journeys."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import cast as as_type

import pytest

from tests.journeys.cast import YEAR, Cast, at, household, people_the_town
from tests.journeys.declaring_cast import bring, lines_of, send, take_cash
from tests.journeys.test_receiving import holds
from yingbao.demo.declaring import ANSWER_FILE, SENT_FILE, play
from yingbao.demo.desk import SHOWN_ON
from yingbao.demo.season import Season
from yingbao.kernel.periods import DAY
from yingbao.worklist.models import WorkItem

FULL_COST = 96_000


@pytest.fixture
def cast(db: None) -> Cast:
    return people_the_town()


def season_of(cast: Cast) -> Season:
    desk = SimpleNamespace(
        tax=cast.tax, clerk=cast.town_clerk, second_clerk=cast.second_clerk, agents=[cast.village_agent]
    )
    return as_type(Season, SimpleNamespace(desk=desk, year=YEAR))


def test_a_batch_goes_out_its_answers_come_back_and_an_agent_counts(cast: Cast, tmp_path: Path) -> None:
    on = SHOWN_ON - 2 * DAY
    for _ in range(4):
        take_cash(cast.village_agent, household(date(1980, 1, 1)), on=on, fen=FULL_COST)
    bring(cast.village_agent, 4 * FULL_COST, on=on)
    batch = send(cast.village_agent, on=SHOWN_ON - DAY)
    told = play(season_of(cast), folder=tmp_path, at=at(SHOWN_ON))
    assert [line.state for line in lines_of(batch)] == ["refused", "refused", "accepted", "accepted"]
    assert (told[1][1]["accepted"], told[1][1]["refused"], told[1][1]["bad_rows"]) == (2, 2, 1)
    assert told[-1][1] == {"difference": 10}
    assert {SENT_FILE, ANSWER_FILE} <= {path.name for path in tmp_path.iterdir()}
    assert sorted(WorkItem.objects.filter(closed_at__isnull=True).values_list("kind", flat=True)) == [
        "cash-mismatch",
        "declaration-refused",
    ]
    assert holds(cast)


def test_without_a_batch_that_waits_only_the_cash_is_counted(cast: Cast, tmp_path: Path) -> None:
    (counted,) = play(season_of(cast), folder=tmp_path, at=at(SHOWN_ON))
    assert counted[1] == {"difference": 10}
    assert list(tmp_path.iterdir()) == []
