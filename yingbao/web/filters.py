"""The filter of the residents' page in words: what can be chosen, and what was, each to be taken off again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from yingbao.accounts.actors import Actor
from yingbao.divisions import queries as divisions
from yingbao.divisions.kinds import Level
from yingbao.registry.finding.listing import Filter
from yingbao.registry.finding.quality import CHECKS
from yingbao.registry.kinds import Eligibility, ElsewhereKind, Population, ResidentState
from yingbao.usecases.bulk_residents import Act
from yingbao.web import policies

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Options = Sequence[tuple[str, "StrOrPromise"]]
LABELS: dict[str, StrOrPromise] = {
    "division": _("镇街、村（社区）"),
    "identity": _("身份"),
    "population": _("人群"),
    "elsewhere": _("在别处参保"),
    "state": _("在册状态"),
    "platform": _("国家平台"),
    "eligibility": _("参保资格"),
    "enrolled": _("本年度参保"),
    "check": _("资料问题"),
}

ACTS: tuple[tuple[str, StrOrPromise], ...] = (
    (Act.PLATFORM, _("标为国家平台已登记")),
    (Act.GRADUATING, _("大学生标为当年毕业")),
    (Act.NOT_GRADUATING, _("取消当年毕业标记")),
    (Act.STUDENT, _("人群改为大学生")),
    (Act.RESIDENT, _("人群改为城乡居民")),
)


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition in words, and the query string of the page without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Place:
    """A town with its villages, as a list to choose from shows them."""

    code: int
    name: str
    villages: tuple[tuple[int, str], ...]


def chips(wanted: Filter, *, text: str, places: list[Place]) -> list[Chip]:
    """Return what narrows a list, the searched text first; ``places`` name the divisions the reader sees."""
    codes = wanted.codes()
    found = [Chip(str(_("查找")), text, urlencode(codes))] if text else []
    searched = {"found": "1"} if text else {}
    for name, code in codes.items():
        rest = {other: value for other, value in codes.items() if other != name}
        found.append(Chip(str(LABELS[name]), _word(name, code, places), urlencode(searched | rest)))
    return found


def _word(name: str, code: str, places: list[Place]) -> str:
    if name == "division":
        names = {town.code: town.name for town in places}
        names |= {village: called for town in places for village, called in town.villages}
        return names.get(int(code), code)
    if name == "identity":
        return policies.identity_name(code)
    return str(dict(OPTIONS[name]()).get(code, code))


def _states() -> Options:
    return [("", _("在册")), ("all", _("全部，含死亡、迁出")), *_without(ResidentState.choices, ResidentState.PRESENT)]


def _without(choices: Options, value: str) -> list[tuple[str, StrOrPromise]]:
    return [one for one in choices if one[0] != value]


OPTIONS: Mapping[str, Callable[[], Options]] = {
    "population": lambda: list(Population.choices),
    "elsewhere": lambda: [("any", _("任何一种")), *ElsewhereKind.choices],
    "state": _states,
    "platform": lambda: [("yes", _("已登记")), ("no", _("未登记"))],
    "eligibility": lambda: list(Eligibility.choices),
    "enrolled": lambda: [("yes", _("已参保")), ("no", _("未参保")), ("silent", _("已参保，文件未规定待遇"))],
    "check": lambda: [(code, check.name) for code, check in CHECKS.items()],
}


def choices() -> list[tuple[str, StrOrPromise, Options]]:
    """Return (field, what it is called, what it offers) of every field but the place."""
    identities: Options = [(code, policies.identity_name(code)) for code in policies.current().vocabulary.identities]
    offered = [(name, LABELS[name], make()) for name, make in OPTIONS.items()]
    return [("identity", LABELS["identity"], identities), *offered]


def places_of(actor: Actor) -> list[Place]:
    """Return the actor's towns with their villages; a village agent's town has no name."""
    towns: dict[int, str] = {}
    villages: dict[int, list[tuple[int, str]]] = {}
    for one in divisions.within(actor.scope):
        if one.level == Level.TOWN:
            towns[one.code] = one.name
        elif one.level == Level.VILLAGE:
            villages.setdefault(one.code - one.code % 1000, []).append((one.code, one.name))
    return [Place(town, towns.get(town, ""), tuple(found)) for town, found in sorted(villages.items())]
