"""How a record came to be as it is, newest first: who, when, why, from which file, what from and to (BN-4.4c).

Numbers, phones and accounts are masked before they leave this module; whoever may see the record sees the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from yingbao.accounts.actors import Actor
from yingbao.divisions import queries as divisions
from yingbao.divisions.codes import Scope
from yingbao.kernel.certificates import mask
from yingbao.kernel.masking import mask_account, mask_phone
from yingbao.registry import queries
from yingbao.registry.editing.history import opened
from yingbao.registry.kinds import (
    Action,
    Eligibility,
    HouseholdState,
    Population,
    Relation,
    ResidentState,
    Sex,
)
from yingbao.registry.models import Household, RecordChange, Resident

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOTHING = "–"
EVERYWHERE = Scope(0, 10**12)  # where somebody came from may lie outside; names of places are public
# Field → what it is called; the order is the one they are shown in.
FIELDS: Mapping[str, StrOrPromise] = {
    "name": _("姓名"),
    "certificate_kind": _("证件类型"),
    "certificate_number": _("证件号码"),
    "birth_on": _("出生日期"),
    "sex": _("性别"),
    "household_id": _("户号"),
    "relation": _("与户主关系"),
    "division_id": _("村（社区）"),
    "number": _("户号"),
    "address": _("地址"),
    "phone": _("联系电话"),
    "bank_account": _("银行账号"),
    "bank_name": _("开户名和银行"),
    "hukou": _("户籍地"),
    "residence": _("居住地"),
    "population": _("人群"),
    "graduating": _("当年毕业"),
    "basis": _("参保依据"),
    "eligibility": _("参保资格"),
    "disability_kind": _("残疾类别"),
    "disability_grade": _("残疾等级"),
    "on_platform": _("国家平台登记"),
    "state": _("状态"),
    "gone_on": _("死亡或迁出日期"),
    "merged_into_id": _("并入的记录"),
    "went": _("迁出人员"),  # these four are a household's: who went to, or came from, which other
    "to_id": _("迁往的户"),
    "came": _("迁入人员"),
    "from_id": _("来自的户"),
}
HOMES, PEOPLE = ("household_id", "to_id", "from_id"), ("went", "came")  # fields that hold an id; a list of ids
MASKED: Mapping[str, Callable[[str], str]] = {
    "certificate_number": mask,
    "bank_account": mask_account,
    "phone": mask_phone,
}
WORDS: Mapping[str, Mapping[str, StrOrPromise]] = {
    "certificate_kind": {
        "01": _("居民身份证"),
        "07": _("外国人永久居留证"),
        "990201": _("出生医学证明"),
        "99": _("其他证件"),
    },
    "sex": dict(Sex.choices),
    "relation": dict(Relation.choices),
    "population": dict(Population.choices),
    "eligibility": dict(Eligibility.choices),
    "state": dict(ResidentState.choices) | {HouseholdState.DISSOLVED.value: HouseholdState.DISSOLVED.label},
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a change, as a page shows it."""

    name: StrOrPromise
    before: StrOrPromise
    after: StrOrPromise


@dataclass(frozen=True, slots=True)
class Event:
    """One change: of whom (a person's name, or empty for the household itself), by whom, why, from which file."""

    at: datetime
    by: str
    action: StrOrPromise
    whom: str = ""
    reason: str = ""
    file_id: int | None = None
    file_name: str = ""
    accepted_by: str = ""
    differences: list[Difference] = field(default_factory=list)


def of_resident(actor: Actor, resident_id: int) -> QuerySet[RecordChange]:
    """Return a person's changes, newest first, with those of records merged into theirs. Raises NotFound."""
    person = queries.resident(actor, resident_id)
    return _ordered(Q(resident_id=person.pk) | Q(resident__merged_into_id=person.pk))


def of_household(actor: Actor, household_id: int) -> QuerySet[RecordChange]:
    """Return a household's changes and those of its members, newest first. Raises NotFound.

    Its own lines name those who came and went.
    """
    home = queries.household(actor, household_id)
    return _ordered(Q(household_id=home.pk) | Q(resident__household_id=home.pk))


def went_to(actor: Actor, household_id: int) -> list[Household]:
    """Return the households that people of a household went to, the latest first. Raises NotFound."""
    home = queries.household(actor, household_id)
    lines = RecordChange.objects.filter(household_id=home.pk).order_by("-at", "-pk")
    told = (opened(line.after).get("to_id") for line in lines)
    ids = list(dict.fromkeys(pk for pk in told if pk is not None))
    found = Household.objects.select_related("division").in_bulk(ids)
    return [found[pk] for pk in ids]


def _ordered(about: Q) -> QuerySet[RecordChange]:
    changes = RecordChange.objects.filter(about).select_related("user", "file__decided_by", "resident")
    return changes.order_by("-at", "-pk")


def events(changes: Iterable[RecordChange]) -> list[Event]:
    """Return changes as pages show them: three to five statements, however many."""
    rows = list(changes)
    opens = [(opened(row.before), opened(row.after)) for row in rows]
    words = _words_of_ids(values for pair in opens for values in pair)
    return [_event(row, before, after, words) for row, (before, after) in zip(rows, opens, strict=True)]


def beginnings(resident_ids: Iterable[int]) -> list[Event]:
    """Return how people came in with a register file, and who accepted it: one for each who did."""
    people = Resident.objects.filter(pk__in=list(resident_ids), file__isnull=False)
    rows = people.select_related("file__uploaded_by", "file__decided_by").order_by("pk")
    return [_beginning(person) for person in rows]


def merged_into(resident_id: int) -> list[int]:
    """Return the ids of records that were merged into somebody's, and their own."""
    merged = Resident.objects.filter(merged_into_id=resident_id).values_list("pk", flat=True)
    return [resident_id, *merged]


def _beginning(person: Resident) -> Event:
    file = person.file
    assert file is not None
    return Event(
        at=file.decided_at or file.uploaded_at,
        by=file.uploaded_by.display_name,
        action=Action.IMPORTED.label if file.kind != "register" else _("随台账文件登记"),
        whom=person.name,
        file_id=file.pk,
        file_name=file.name,
        accepted_by=file.decided_by.display_name if file.decided_by else "",
    )


def _event(row: RecordChange, before: Mapping[str, Any], after: Mapping[str, Any], words: _Words) -> Event:
    told = [name for name in FIELDS if name in before or name in after]
    accepted = row.file.decided_by if row.file else None
    return Event(
        at=row.at,
        by=row.user.display_name,
        action=Action(row.action).label,
        whom=row.resident.name if row.resident else "",
        reason=row.reason,
        file_id=row.file_id,
        file_name=row.file.name if row.file else "",
        accepted_by=accepted.display_name if accepted else "",
        differences=[
            Difference(FIELDS[name], _shown(name, before.get(name), words), _shown(name, after.get(name), words))
            for name in told
            if name in before or after.get(name) not in (None, "")  # of a first record: only what it says
        ],
    )


_Words = Mapping[tuple[str, int], str]


def _shown(name: str, value: Any, words: _Words) -> StrOrPromise:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if name in MASKED:
        return MASKED[name](str(value))
    if name in WORDS:
        return WORDS[name].get(str(value), str(value))
    if isinstance(value, list):
        return "、".join(words.get((name, pk), str(pk)) for pk in value)
    return words.get((name, value), str(value)) if isinstance(value, int) else str(value)


def _words_of_ids(opens: Iterable[Mapping[str, Any]]) -> _Words:
    """Return (field, id) → number of a household, name of a village or person, masked number of a merged record."""
    ids: dict[str, set[int]] = {name: set() for name in (*HOMES, *PEOPLE, "division_id", "merged_into_id")}
    for values in opens:
        for name in ids.keys() & values.keys():
            told = values[name] if isinstance(values[name], list) else [values[name]]
            ids[name].update(pk for pk in told if isinstance(pk, int))
    homes = Household.objects.filter(pk__in=set().union(*(ids[name] for name in HOMES))).values_list("pk", "number")
    people = Resident.objects.filter(pk__in=set().union(*(ids[name] for name in PEOPLE))).values_list("pk", "name")
    villages = divisions.within(EVERYWHERE).filter(pk__in=ids["division_id"]).values_list("pk", "name")
    kept = Resident.objects.filter(pk__in=ids["merged_into_id"]).values_list("pk", "certificate_number")
    words = {(name, key): word for name in HOMES for key, word in homes}
    words |= {(name, key): word for name in PEOPLE for key, word in people}
    places = {("division_id", key): name for key, name in villages}
    return words | places | {("merged_into_id", key): mask(str(number)) for key, number in kept}
