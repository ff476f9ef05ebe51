"""What a roster would change against last month, as ``ImportedFile.differences`` keeps it: counts and ids, no names."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from yingbao.divisions.codes import SIZES
from yingbao.registry.rosters.reading import Mark, RosterReading
from yingbao.storage.fields import Json

PAIRS = ("added", "removed", "spared")  # [[resident id, identity code], …]
PEOPLE = ("changed", "moved", "several", "paid")  # [resident id, …]
BEFORE, ADDED, REMOVED = range(3)


def tell_differences(reading: RosterReading) -> Json:
    """Return the differences a reading makes.

    ``by_identity`` and ``by_town`` are {code: [before, added, removed]}; ``changed`` are people who lose one identity
    and gain another, ``moved`` those whom the file puts in another village, ``several`` those with more than one.
    """
    added, removed = reading.additions, reading.removals
    changed = {mark.resident_id for mark in added} & {mark.resident_id for mark in removed}
    return {
        "added": _pairs(added),
        "removed": _pairs(removed),
        "spared": _pairs(reading.spared),
        "changed": sorted(changed),
        "moved": sorted(reading.moved),
        "several": sorted(reading.several),
        "paid": sorted(reading.paid),
        "by_identity": _counts(
            Counter(reading.held_by_code), (mark.code for mark in added), (mark.code for mark in removed)
        ),
        "by_town": _counts(_held_by_town(reading), map(_town, added), map(_town, removed)),
    }


def _pairs(marks: Iterable[Mark]) -> list[list[int | str]]:
    return [[mark.resident_id, mark.code] for mark in marks]


def _town(mark: Mark) -> str:
    return str(_town_of(mark.division_code))


def _town_of(village: int) -> int:
    return village - village % SIZES["town"]


def _held_by_town(reading: RosterReading) -> Counter[str]:
    counted: Counter[str] = Counter()
    for (_code, village), count in reading.held.items():
        counted[str(_town_of(village))] += count
    return counted


def _counts(before: Counter[str], added: Iterable[str], removed: Iterable[str]) -> dict[str, list[int]]:
    counted: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for place, keys in ((BEFORE, before.elements()), (ADDED, added), (REMOVED, removed)):
        for key in keys:
            counted[key][place] += 1
    return dict(sorted(counted.items()))
