"""What tests of editing share: a family out of a file, people by name, forms as pages send them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.imports.cast import EAST, NOW, POLICY, Cast, new_key, number
from yingbao.accounts.actors import Actor
from yingbao.registry.models import Household, Resident
from yingbao.storage.encrypted import blind_index
from yingbao.storage.fields import Json
from yingbao.usecases.change_household import Asking, Place, Shown
from yingbao.usecases.edit_resident import edit_resident
from yingbao.usecases.register_resident import Entry, register_resident

FATHER, MOTHER, CHILD = "柏大树", "艾青禾", "柏小苗"


def settle_family(cast: Cast) -> Household:
    """Settle the family of three in 东村; return its household."""
    return settle("H1", (FATHER, "19800501", 1), (MOTHER, "19820602", 2, "spouse"), (CHILD, "20120703", 4, "child"))


def settle(no: str, *people: tuple[str, str, int] | tuple[str, str, int, str], village: int = EAST) -> Household:
    """Make a household of (name, birth, order of the ID number, relation, which is head where none is told)."""
    home = Household.objects.create(division_id=village, number=no, address="东村1组1号")
    for name, birth, order, *relation in people:
        text = number(birth, order)
        Resident.objects.create(
            household=home,
            division_id=village,
            relation=relation[0] if relation else "head",
            name=name,
            certificate_kind="01",
            certificate_number=text,
            certificate_index=blind_index(text),
            birth_on=date.fromisoformat(birth),
            sex="1" if order % 2 else "2",
            phone="10020000001" if name == FATHER else None,
            basis="PJ-2",
        )
    return home


def who(name: str) -> Resident:
    """Return the person of that name as the database has them now."""
    return Resident.objects.select_related("household").get(name=name)


def seen(household_id: int) -> dict[int, int]:
    """Return member → version as a form shows them."""
    here = Resident.objects.filter(household_id=household_id, state="present")
    return dict(here.values_list("pk", "version"))


def shown(household_id: int, **relations: str) -> Shown:
    """Return a household's form: everybody keeps their relation but those named in ``relations`` (name=relation)."""
    kept = dict(Resident.objects.filter(household_id=household_id, state="present").values_list("pk", "relation"))
    return Shown(household_id, seen(household_id), kept | {who(name).pk: text for name, text in relations.items()})


def asking(actor: Actor, *, key: str = "", hukou: str = "", reason: str = "家庭分开生活") -> Asking:
    """Return a request of an actor with a key of its own."""
    return Asking(actor, reason, key or new_key(), NOW, hukou)


def ids(*names: str) -> list[int]:
    """Return the ids of people by name."""
    return [who(name).pk for name in names]


def heads_of(households: Iterable[int]) -> list[list[str]]:
    """Return the names of the heads of each household, among those in the register."""
    people = Resident.objects.filter(relation="head", state="present")
    return [list(people.filter(household_id=one).values_list("name", flat=True)) for one in households]


def edit(actor: Actor, whom: str, /, *, version: int | None = None, **given: Any) -> Json:
    """Edit somebody's fields; ``reason``, ``evidence`` and ``key`` go where they belong."""
    person = who(whom)
    extra = {word: given.pop(word) for word in ("reason", "evidence") if word in given}
    return edit_resident(
        actor,
        resident_id=person.pk,
        version=version or person.version,
        key=given.pop("key", "") or new_key(),
        sent=given,
        policy_name=POLICY,
        at=NOW,
        **extra,
    )


def entry(name: str = "柏新芽", birth: str = "20200105", order: int = 3, **given: Any) -> Entry:
    """Return the form of a person to be registered: a child of the household with an ID number."""
    facts: Json = {"number": number(birth, order), "relation": "child", "evidence": "household_booklet"}
    return Entry(name=name, **(facts | given))


def register(actor: Actor, one: Entry, home: int | Place, **given: object) -> Json:
    """Register somebody."""
    extra: Json = {"key": new_key(), "at": NOW, "policy_name": POLICY} | given
    return register_resident(actor, entry=one, home=home, **extra)


def place(no: str = "H9", village: int = EAST) -> Place:
    """Return a new household's place."""
    return Place(village, no, "东村9组9号")
