"""Who holds a number, and who is alike: looked up before a person is registered. Sees the whole register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from yingbao.accounts.actors import Actor
from yingbao.divisions.codes import SIZES
from yingbao.registry.kinds import ResidentState
from yingbao.registry.models import FormerCertificate, Resident


@dataclass(frozen=True, slots=True)
class Alike:
    """People of the district with the same name and birth: those the actor may see, and how many others there are."""

    seen: tuple[Resident, ...] = ()
    hidden: int = 0

    def unless(self, told_apart: Iterable[int], *, hidden: int) -> bool:
        """Return whether somebody has said of every one of them that it is another person."""
        return {one.pk for one in self.seen} <= set(told_apart) and self.hidden <= hidden


def holder_of(index: bytes) -> int | None:
    """Return the id of whoever is, or was, known by a number; who merged into another is that other."""
    rows = Resident.objects.filter(certificate_index=index).values_list("pk", "merged_into_id")
    former = FormerCertificate.objects.filter(index=index).values_list("resident_id", "resident__merged_into_id")
    found = next(iter([*rows, *former]), None)
    return None if found is None else found[1] or found[0]


def seen_holder(actor: Actor, index: bytes) -> tuple[Resident | None, bool]:
    """Return (who holds a number, where the actor may know it; whether anybody does)."""
    holder = holder_of(index)
    if holder is None:
        return None, False
    person = Resident.objects.select_related("household", "division").get(pk=holder)
    return (person if person.division_id in actor.scope else None), True


def alike(actor: Actor, *, name: str, birth_on: date, division_code: int) -> Alike:
    """Return who of a division's district has this name and birth."""
    low = division_code - division_code % SIZES["district"]
    people = Resident.objects.filter(
        name=name, birth_on=birth_on, division_id__gte=low, division_id__lt=low + SIZES["district"]
    ).exclude(state=ResidentState.MERGED)
    found = list(people.select_related("household", "division").order_by("pk"))
    seen = tuple(one for one in found if one.division_id in actor.scope)
    return Alike(seen, len(found) - len(seen))
