"""The 21 village agents: their invented names, and who of them deposits late, declares late or loses a receipt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from yingbao.demo.names import draw_name, draw_surname
from yingbao.demo.season_curve import YEAR_END, day_number
from yingbao.demo.targets import VILLAGES

NOT_DEPOSITED = -1
# Villages in annex order: how often (per cent of days) an agent is late, and by up to how many days.
_LATE_DEPOSITS = {9: (18, 3), 13: (30, 4), 14: (35, 5)}
_LATE_DECLARATIONS = {2: (25, 3), 14: (40, 4), 19: (30, 3)}
_LOST_RECEIPTS = ((9, date(2022, 12, 8)), (19, date(2022, 11, 25)), (19, date(2022, 12, 15)))
_KEEPS_CASH = {14: date(2023, 2, 13)}  # from that day this agent's cash stays in hand


class Agent(NamedTuple):
    """One village's agent (村经办员)."""

    village: int
    name: str
    is_male: bool


class LostReceipt(NamedTuple):
    """The first receipt an agent issues on or after ``on`` goes missing from the book."""

    village: int
    on: date


@dataclass(frozen=True)
class AgentHabits:
    """Arrays of shape (21 villages, days from the season's begin to 2023-12-31).

    ``deposit_lag``: days between collecting cash and depositing it, 0 as BN-4.3.3d asks, NOT_DEPOSITED for never.
    ``declare_lag``: working days between collecting and declaring, at most 2 when in time.
    """

    agents: tuple[Agent, ...]
    deposit_lag: npt.NDArray[np.int8]
    declare_lag: npt.NDArray[np.int8]
    lost_receipts: tuple[LostReceipt, ...]


def draw_agents(draw: Callable[[], float], rng: np.random.Generator) -> AgentHabits:
    """Return the agents and their habits."""
    agents = []
    for village in range(len(VILLAGES)):
        is_male = draw() < 0.4
        name = draw_name(draw, surname=draw_surname(draw), is_male=is_male, year=1975 + int(draw() * 22))
        agents.append(Agent(village, name, is_male))
    shape = (len(VILLAGES), day_number(YEAR_END) + 1)
    deposit = _with_lateness(rng, np.zeros(shape, np.int8), _LATE_DEPOSITS, on_top_of=0)
    for village, on in _KEEPS_CASH.items():
        deposit[village, day_number(on) :] = NOT_DEPOSITED
    in_time = rng.choice(np.array([0, 1, 2], np.int8), size=shape, p=[0.25, 0.6, 0.15])
    declare = _with_lateness(rng, in_time, _LATE_DECLARATIONS, on_top_of=2)
    return AgentHabits(tuple(agents), deposit, declare, tuple(LostReceipt(*lost) for lost in _LOST_RECEIPTS))


def _with_lateness(
    rng: np.random.Generator,
    lags: npt.NDArray[np.int8],
    habits: dict[int, tuple[int, int]],
    *,
    on_top_of: int,
) -> npt.NDArray[np.int8]:
    for village, (percent, most) in habits.items():
        late = np.flatnonzero(rng.random(lags.shape[1]) * 100 < percent)
        lags[village, late] = on_top_of + rng.integers(1, most + 1, len(late))
    return lags
