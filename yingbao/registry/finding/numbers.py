"""Whom a whole certificate number means: the one person known by it, now or before."""

from __future__ import annotations

from collections.abc import Iterable

from yingbao.kernel.certificates import Certificate, normalise, parse
from yingbao.registry.kinds import ResidentState
from yingbao.registry.recognising.matching import Held, find_people
from yingbao.storage.encrypted import blind_index

LONGEST = 40


def written(number: str) -> set[str]:
    """Return the ways a number may stand in the register: as typed, and as it reads once it is understood."""
    read = parse(number)
    return {normalise(number), read.number} if isinstance(read, Certificate) else {normalise(number)}


def find_present(numbers: Iterable[str]) -> list[Held]:
    """Return the people present in the register who are known by one of the whole numbers, each once, in id order.

    For use cases: it asks for no right, whoever calls decides what may be told.
    """
    indexes = {blind_index(way) for number in numbers if 0 < len(number) <= LONGEST for way in written(number)}
    held = {one.resident_id: one for one in find_people(indexes).values() if one.state == ResidentState.PRESENT}
    return [held[resident_id] for resident_id in sorted(held)]
