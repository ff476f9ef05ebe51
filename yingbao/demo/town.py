"""Synthetic Pingjin: 59,719 residents in 23,128 households over 21 villages, the notice's own figures (PJ-A2).

Everything comes from ``numpy.random.PCG64`` streams of the seed, one stream per matter, so that a change in one does
not shake the others; the same seed gives the same town, byte for byte, under the locked numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import chain, repeat

import numpy as np

from yingbao.demo import elsewhere, identities, names
from yingbao.demo.households import CHILD, GRANDCHILD, HEAD, OTHER, SPOUSE, Member, compose, draw_sizes
from yingbao.demo.numbers import OUTSIDE_HUKOU, PERMIT_AREAS, Numbers
from yingbao.demo.people import SEASON_BEGIN, Household, Resident, Town, Twice
from yingbao.demo.reach import newborns_of
from yingbao.demo.targets import VILLAGES, village_name
from yingbao.kernel.certificates import Form
from yingbao.kernel.periods import full_years

Draw = Callable[[], float]
LOCAL_HUKOU = "重庆市梁平区"
ABROAD_HUKOU = {"810000": "香港", "820000": "澳门", "830000": "台湾"}
OUTSIDERS, PERMIT_HOLDERS, FOREIGNERS, TWICE = 120, 7, 3, 12
GROUPS = 10  # 村民小组 of a village
# The office gets a list of newborns on the first working day of a month, and a last one before the year closes.
NEWBORN_LIST_DAYS = (
    *(date(2023, month, {4: 3, 5: 4, 7: 3, 10: 9}.get(month, 1)) for month in range(2, 13)),
    date(2023, 12, 29),
)


def build(seed: int) -> Town:
    """Return the town of ``seed``."""
    draw = stream(seed, "people")
    numbers = Numbers(stream(seed, "numbers"))
    households: list[Household] = []
    residents: list[Resident] = []
    for village in range(len(VILLAGES)):
        _settle(village, households, residents, draw, numbers, generator(seed, f"sizes {village}"))
    _let_outsiders_in(households, residents, draw, numbers)
    residents = elsewhere.place(residents, generator(seed, "elsewhere"))
    newborns, arrivals = _bear(households, residents, stream(seed, "newborns"), numbers)
    marks = identities.assign(households, residents, generator(seed, "identities"))
    twice = _register_twice(households, residents, stream(seed, "twice"))
    return Town(seed, tuple(households), tuple(residents), newborns, arrivals, marks, twice)


def generator(seed: int, matter: str) -> np.random.Generator:
    """Return the random generator of one matter; its name, not the order of calls, tells streams apart."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *matter.encode()])))


def stream(seed: int, matter: str) -> Draw:
    """Return a function that gives the next number from 0 up to 1 of the stream of ``matter``."""
    source = generator(seed, matter)
    blocks: Iterator[list[float]] = (source.random(size).tolist() for size in repeat(8192))
    return chain.from_iterable(blocks).__next__


def _settle(
    village: int,
    households: list[Household],
    residents: list[Resident],
    draw: Draw,
    numbers: Numbers,
    rng: np.random.Generator,
) -> None:
    row = VILLAGES[village]
    clans = [names.draw_surname(draw) for _ in range(4)]
    for order, size in enumerate(draw_sizes(rng, households=row.households, population=row.population), 1):
        surname = clans[int(draw() * 4)] if draw() < 0.45 else names.draw_surname(draw)
        address = f"{village_name(village)}{1 + order * GROUPS // (row.households + 1)}组{order}号"
        number = f"{village + 1:02d}{order:04d}"
        households.append(Household(village, number, address, surname, len(residents), size))
        for member in compose(size, draw):
            residents.append(_resident(member, len(households) - 1, households[-1], draw, numbers))


def _resident(member: Member, household: int, home: Household, draw: Draw, numbers: Numbers) -> Resident:
    born_on = SEASON_BEGIN - timedelta(days=1 + int(member.age * 365.25))
    surname = home.surname if member.kin else names.draw_surname(draw)
    return Resident(
        household,
        home.village,
        member.relation,
        names.draw_name(draw, surname=surname, is_male=member.is_male, year=born_on.year),
        member.is_male,
        born_on,
        Form.ID_CARD,
        numbers.id_card(born_on=born_on, is_male=member.is_male),
        numbers.phone() if member.age >= 14 and draw() < 0.88 else "",
        LOCAL_HUKOU,
        on_platform=draw() >= 0.008,
    )


# --- people registered elsewhere (BN-2.2, BN-2.5, BN-2.6) -----------------------------------------------------------


def _let_outsiders_in(households: list[Household], residents: list[Resident], draw: Draw, numbers: Numbers) -> None:
    """Make some small households of the communities outsiders, some wives from abroad; counts stay the notice's."""
    towns = [h for h in households if VILLAGES[h.village].kind == "社区" and h.size <= 3]
    outsiders = 0
    while outsiders < OUTSIDERS:
        home = towns[int(draw() * len(towns))]
        area = list(OUTSIDE_HUKOU)[int(draw() * len(OUTSIDE_HUKOU))]
        for person in range(home.first, home.first + home.size):
            outsiders += residents[person].hukou == LOCAL_HUKOU
            residents[person] = _registered_in(residents[person], area, OUTSIDE_HUKOU[area], numbers)
    wives = [i for i, r in enumerate(residents) if _may_come_from_abroad(r)]
    for _ in range(PERMIT_HOLDERS):
        area = PERMIT_AREAS[int(draw() * len(PERMIT_AREAS))]
        person = wives.pop(int(draw() * len(wives)))
        abroad = _registered_in(residents[person], area, ABROAD_HUKOU[area], numbers)
        residents[person] = abroad._replace(form=Form.RESIDENCE_PERMIT)
    for _ in range(FOREIGNERS):
        person = wives.pop(int(draw() * len(wives)))
        residents[person] = residents[person]._replace(
            name=names.draw_latin_name(draw),
            form=Form.PERMANENT_RESIDENCE,
            number=numbers.permanent_residence(born_on=residents[person].born_on),
            hukou="外国",
        )


def _may_come_from_abroad(resident: Resident) -> bool:
    grown = 25 <= full_years(resident.born_on, SEASON_BEGIN) < 60
    return resident.relation in (SPOUSE, OTHER) and grown and resident.hukou == LOCAL_HUKOU


def _registered_in(resident: Resident, area: str, hukou: str, numbers: Numbers) -> Resident:
    number = numbers.id_card(born_on=resident.born_on, is_male=resident.is_male, area=area)
    return resident._replace(number=number, hukou=hukou)


# --- newborns of the insurance year (BN-2.4, PJ-7.2b) ---------------------------------------------------------------


def _bear(
    households: list[Household], residents: list[Resident], draw: Draw, numbers: Numbers
) -> tuple[tuple[Resident, ...], tuple[date, ...]]:
    mothers: list[list[int]] = [[] for _ in VILLAGES]
    for person, resident in enumerate(residents):
        if not resident.is_male and 20 <= full_years(resident.born_on, SEASON_BEGIN) < 38:
            mothers[resident.village].append(person)
    born: list[tuple[date, Resident]] = []
    for village, women in enumerate(mothers):
        for _ in range(newborns_of(village)):
            mother = residents[women.pop(int(draw() * len(women)))]
            born.append(_newborn(mother, households[mother.household], draw, numbers))
    born.sort(key=lambda pair: (pair[0], pair[1].household))
    return tuple(child for _, child in born), tuple(arrives_on for arrives_on, _ in born)


def _newborn(mother: Resident, home: Household, draw: Draw, numbers: Numbers) -> tuple[date, Resident]:
    """Return on which list the office hears of the child, mostly within the 90 days, and the child."""
    born_on = date(2023, 1, 1) + timedelta(days=int(draw() * 361))  # to 27 December: before the last list
    is_male, late = draw() < 0.52, draw() < 0.09
    told_on = born_on + timedelta(days=int(95 + draw() * 55 if late else 2 + draw() * 40))
    has_number = draw() < 0.6  # the others are not registered with the police yet
    child = Resident(
        mother.household,
        mother.village,
        CHILD if mother.relation in (HEAD, SPOUSE) else GRANDCHILD,
        names.draw_name(draw, surname=home.surname, is_male=is_male, year=2023),
        is_male,
        born_on,
        Form.ID_CARD if has_number else Form.BIRTH_CERTIFICATE,
        numbers.id_card(born_on=born_on, is_male=is_male) if has_number else numbers.birth_certificate(),
        "",
        LOCAL_HUKOU,
        on_platform=False,
    )
    return next((day for day in NEWBORN_LIST_DAYS if day >= told_on), NEWBORN_LIST_DAYS[-1]), child


# --- planted: the same person twice ---------------------------------------------------------------------------------


def _register_twice(households: list[Household], residents: list[Resident], draw: Draw) -> tuple[Twice, ...]:
    """Pick people who stand again in a later village's household: the first of the two rows is the right one."""
    picked: dict[int, Twice] = {}
    while len(picked) < TWICE:
        person, household = int(draw() * len(residents)), int(draw() * len(households))
        if residents[person].village < households[household].village:
            picked[person] = Twice(person, household)
    return tuple(picked.values())
