"""Random upkeep of a small register against a model that knows only days, numbers and homes."""

from __future__ import annotations

import os

import pytest

from tests.imports.cast import people_the_district
from tests.registry.upkeep_desk import Desk
from tests.registry.upkeep_lists import Lists

SEEDS = int(os.environ.get("YINGBAO_UPKEEP_SEEDS", "2"))
FIRST_SEED = int(os.environ.get("YINGBAO_UPKEEP_FIRST", "1"))
TOLD = int(os.environ.get("YINGBAO_UPKEEP_TOLD", "12"))
STEPS = int(os.environ.get("YINGBAO_UPKEEP_STEPS", "8"))


class Upkeep(Lists, Desk):
    """All moves, with how often each is drawn."""

    def begin(self) -> None:
        """Settle some people and deal the moves."""
        lists = {self.register_file: 4, self.change_roster: 5, self.full_roster: 3, self.elsewhere_list: 4}
        lists |= {self.death_list: 2, self.withdraw: 4}
        desk = {self.register_one: 2, self.edit: 3, self.address: 1, self.certificate: 2, self.seats: 4}
        desk |= {self.move_home: 2, self.leave: 3, self.restore: 3, self.merge: 3, self.apart: 1, self.platform: 2}
        desk |= {self.submit: 2, self.review: 2, self.enrol: 2, self.trespass: 1}
        for _ in range(5):
            self.register_file()
        self.moves = [(weight, move) for move, weight in (lists | desk).items()]


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + SEEDS))
def test_whatever_is_done_the_register_says_what_the_model_says(transactional_db: None, seed: int) -> None:
    play = Upkeep(people_the_district(), seed)
    try:
        play.begin()
        play.compare()
        for _ in range(STEPS):
            play.step()
    finally:
        print("\n".join(play.told[-TOLD:]))  # shown where it fails
    assert sum(play.tally.values()) > STEPS
