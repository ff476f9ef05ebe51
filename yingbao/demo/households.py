"""Households of a village: how many people each holds and who they are to one another, with ages that fit.

The crowd is that of a rural hukou register in Chongqing: elders living alone or in pairs, three generations under
one number, grandparents with the children of those who went away to work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Draw = Callable[[], float]
LARGEST = 10
OLDEST_AGE = 99.0
YOUNGEST_MOTHER, OLDEST_MOTHER = 20.0, 39.0
HEAD, SPOUSE, CHILD, PARENT, GRANDCHILD, OTHER = "head", "spouse", "child", "parent", "grandchild", "other"


class Member(NamedTuple):
    """One person before name and number. ``age`` in years at the season's start; ``kin``: bears the family's name."""

    relation: str
    is_male: bool
    age: float
    kin: bool


def draw_sizes(rng: np.random.Generator, *, households: int, population: int) -> list[int]:
    """Return ``households`` sizes from 1 to LARGEST that sum to ``population``, some large, some of one."""
    weights = rng.gamma(2.2, size=households)
    sizes = 1 + rng.multinomial(population - households, weights / weights.sum())
    excess = int((sizes - LARGEST).clip(min=0).sum())
    sizes = sizes.clip(max=LARGEST)
    while excess:
        smallest = int(sizes.argmin())
        sizes[smallest] += 1
        excess -= 1
    return [int(size) for size in sizes]


def compose(size: int, draw: Draw) -> list[Member]:
    """Return the ``size`` members of one household, its head first."""
    if size == 1:
        return [_single(draw)]
    if draw() < _elder_share(size):
        return _elder_household(size, draw)
    return _middle_household(size, draw)


def _elder_share(size: int) -> float:
    return 0.42 if size == 2 else 0.38 if size <= 4 else 0.62 if size <= 6 else 1.0


def _bell(draw: Draw, middle: float, spread: float, low: float, high: float) -> float:
    """Return a roughly normal number (three uniforms); one outside the bounds is drawn again, evenly."""
    found = middle + (draw() + draw() + draw() - 1.5) * 2 * spread
    return found if low <= found <= high else low + draw() * (high - low)


def _within(draw: Draw, age: float, low: float) -> float:
    """Keep an age between ``low`` and OLDEST_AGE, spreading those cut off over a year or two."""
    if age > OLDEST_AGE:
        return OLDEST_AGE - 2 * draw()
    return age if age >= low else low + 2 * draw()


def _single(draw: Draw) -> Member:
    if draw() < 0.46:
        return Member(HEAD, draw() < 0.48, _bell(draw, 74, 9, 60, OLDEST_AGE), True)
    return Member(HEAD, draw() < 0.66, _bell(draw, 46, 10, 19, 60), True)


def _couple(draw: Draw, age: float) -> tuple[list[Member], float]:
    """Return head and (mostly) spouse, and the age of the woman whose children live with them."""
    is_male = draw() < 0.88
    head = Member(HEAD, is_male, age, is_male)
    other_age = _within(draw, age + (-1 if is_male else 1) * _bell(draw, 2.2, 2.5, -4, 9), 20)
    mother_age = other_age if is_male else age
    if draw() > (0.9 if age < 60 else 0.78):
        return [head], mother_age
    return [head, Member(SPOUSE, not is_male, other_age, not is_male)], mother_age


def _born_of(draw: Draw, mother_age: float) -> float:
    """Return the age of a child of a woman of ``mother_age``."""
    oldest = mother_age - YOUNGEST_MOTHER
    youngest = max(mother_age - OLDEST_MOTHER, 0.05)
    return max(oldest - (oldest - youngest) * min(draw(), draw()), 0.05 + draw())


def _children(draw: Draw, relation: str, count: int, mother_age: float) -> list[Member]:
    ages = sorted((_born_of(draw, mother_age) for _ in range(count)), reverse=True)
    return [Member(relation, draw() < 0.53, age, True) for age in _spaced(draw, ages)]


def _spaced(draw: Draw, ages: list[float]) -> list[float]:
    """Space brothers and sisters by a year at least; who would not be born yet is put before the eldest instead."""
    spaced: list[float] = []
    for age in ages:
        wanted = min(age, spaced[-1] - 1.0 - draw()) if spaced else age
        spaced.append(wanted)
    shift = max(ages[-1] - spaced[-1], 0.0) if spaced and spaced[-1] < 0 else 0.0
    return [age + shift for age in spaced]


def _middle_household(size: int, draw: Draw) -> list[Member]:
    """A couple of working age, their children, then his parents, then brothers and sisters."""
    members, mother_age = _couple(draw, _bell(draw, 43, 11, 25, 60))
    room = size - len(members)
    most = 1 if mother_age < 24 else 2 if draw() < 0.7 else 3
    children = min(room, most if draw() < 0.8 else 1)
    members += _children(draw, CHILD, children, mother_age)
    if members[0].is_male:
        members += _parents(draw, members[0].age, size - len(members))
    while len(members) < size:
        members.append(Member(OTHER, draw() < 0.6, _bell(draw, members[0].age - 2, 5, 18, 70), members[0].is_male))
    return members


def _parents(draw: Draw, age: float, room: int) -> list[Member]:
    mother_age = _within(draw, age + 20 + 15 * min(draw(), draw()), 40)
    father_age = _within(draw, mother_age + _bell(draw, 2, 2, -3, 8), 40)
    mother = Member(PARENT, False, mother_age, False)
    father = Member(PARENT, True, father_age, True)
    order = [mother, father] if draw() < 0.6 else [father, mother]
    return order[: max(room, 0)]


def _elder_household(size: int, draw: Draw) -> list[Member]:
    """An elder or an elder couple; then sons with wives and children, or only the grandchildren left with them."""
    members, mother_age = _couple(draw, _bell(draw, 67, 8, 57, 92))
    while len(members) < size:
        members += _branch(draw, mother_age, size - len(members))
    return members


def _branch(draw: Draw, mother_age: float, room: int) -> list[Member]:
    """Return a grown child of the elders, mostly with a wife and children, at most ``room`` people."""
    child_age = _born_of(draw, mother_age)
    if room <= 2 and mother_age < 76 and draw() < 0.45:
        return _children(draw, GRANDCHILD, room, min(child_age, 44))
    is_son = draw() < 0.8
    child = Member(CHILD, is_son, child_age, True)
    if room == 1 or not is_son or child_age < 23 or draw() < 0.1:
        return [child]
    wife_age = _within(draw, child_age - _bell(draw, 1.8, 2, -3, 8), 21)
    wife = Member(OTHER, False, wife_age, False)
    count = min(room - 2, 1 if wife_age < 25 else 2 if draw() < 0.65 else 3)
    return [child, wife, *_children(draw, GRANDCHILD, count, min(wife_age, 62))]
