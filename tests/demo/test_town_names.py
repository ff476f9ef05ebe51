"""Nobody of the town bears the name of a person whom the notices name."""

from __future__ import annotations

import pytest

from tests.house.test_names import SEEDS, names
from yingbao.demo.behaviour import plan
from yingbao.demo.names import _FEMALE, _MALE, SURNAMES, is_avoided
from yingbao.demo.people import Town


def test_no_name_of_the_town_is_one_to_avoid(pingjin: Town) -> None:
    assert not any(is_avoided(person.name) for person in pingjin.people)
    assert not any(is_avoided(agent.name) for agent in plan(pingjin, seed=1).habits.agents)


@pytest.mark.skipif(not SEEDS.exists(), reason="the notices do not lie beside the project")
def test_every_person_of_the_notices_is_avoided() -> None:
    assert [name for name in names() if not is_avoided(name)] == []


def test_so_few_bits_are_kept_that_each_hash_stands_for_many_names() -> None:
    characters = "".join(_MALE + _FEMALE)
    invented = [surname + first + second for surname in SURNAMES[:9] for first in characters for second in characters]
    avoided = sum(is_avoided(name) for name in invented)
    assert avoided > 24  # more than the notices name, among nine surnames alone: no name can be read back
    assert avoided / len(invented) < 0.001
