"""Who of the register is not to be enrolled here: employee insurance, another place, army, prison; and students."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from yingbao.demo.people import SEASON_BEGIN, Resident
from yingbao.demo.reach import eligible_of
from yingbao.demo.targets import VILLAGES
from yingbao.kernel.certificates import Form
from yingbao.kernel.periods import full_years

# Ages from … up to, and how much likelier than the least likely.
_EMPLOYEE_WEIGHTS = ((20, 25, 8), (25, 50, 20), (50, 60, 9), (60, 75, 2))
_STUDENT_AGES, _STUDENT_SHARE = (18, 23), 0.34
_OTHER_PLACE_SHARE, _ARMY, _PRISON = 0.13, 14, 9


def place(residents: list[Resident], rng: np.random.Generator) -> list[Resident]:
    """Return the residents with ``elsewhere`` set so that each village keeps exactly its ``eligible_of``.

    The town's soldiers and prisoners are few and counted over the whole of it. University students, who stay
    eligible at a rate of their own, are set apart first.
    """
    ages = np.array([full_years(r.born_on, SEASON_BEGIN) for r in residents])
    villages = np.array([r.village for r in residents])
    placed = _send_to_university(residents, ages, rng)
    weights = _weights(placed, ages)
    gone: list[int] = []
    for village in range(len(VILLAGES)):
        people = np.flatnonzero(villages == village)
        count = len(people) - eligible_of(village)
        keys = rng.random(len(people)) ** (1 / weights[people])  # weighted, without putting back
        gone += people[np.argsort(-keys, kind="stable")[:count]].tolist()
    for person, kind in zip(gone, _kinds(gone, residents, ages, rng), strict=True):
        placed[person] = placed[person]._replace(elsewhere=kind)
    return placed


def _weights(residents: list[Resident], ages: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    weights = np.full(len(residents), 0.02)
    for low, high, weight in _EMPLOYEE_WEIGHTS:
        weights[(ages >= low) & (ages < high)] = weight
    weights[ages < 18] = 0.12  # children taken along to where their parents work
    weights[[r.population != "resident" or r.form is not Form.ID_CARD for r in residents]] = 1e-6
    return weights


def _kinds(
    gone: list[int], residents: list[Resident], ages: npt.NDArray[np.int64], rng: np.random.Generator
) -> list[str]:
    army, prison = _ARMY, _PRISON
    kinds = []
    for person, chance in zip(gone, rng.random(len(gone)), strict=True):
        resident, age = residents[person], ages[person]
        if age < 20 or chance < _OTHER_PLACE_SHARE:
            kinds.append("other_place")
        elif army and resident.is_male and age < 25 and chance < 0.4:
            army -= 1
            kinds.append("army")
        elif prison and 25 <= age < 60 and chance < 0.14:
            prison -= 1
            kinds.append("prison")
        else:
            kinds.append("employee")
    return kinds


def _send_to_university(
    residents: list[Resident], ages: npt.NDArray[np.int64], rng: np.random.Generator
) -> list[Resident]:
    placed, chances = list(residents), rng.random((len(residents), 2))
    low, high = _STUDENT_AGES
    for person in np.flatnonzero((ages >= low) & (ages < high) & (chances[:, 0] < _STUDENT_SHARE)).tolist():
        resident = placed[person]
        if resident.form is Form.ID_CARD and resident.relation != "head":
            graduating = resident.born_on < date(2001, 9, 1) and bool(chances[person, 1] < 0.7)
            placed[person] = resident._replace(population="university_student", graduating=graduating)
    return placed
