"""A policy with some values changed, to see what they would do: the changed pack is checked like any other.

Values are named by place (``places``) and written as in a pack: ``rates.resident.1`` is a rate in yuan,
``identities.dibao.subsidies.1.percent`` a percentage, ``fiscal.amount`` the treasury's part, ``full_cost.first_day`` a
day. What follows from a changed value follows: a subsidy stated both as a percentage and as an amount keeps the
percentage; one whose amount is set no longer has a percentage.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from pydantic import ValidationError

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.kernel.money import format_yuan
from yingbao.policy.amounts import amount_of
from yingbao.policy.entries import Entry, Yuan
from yingbao.policy.format import PackFile, PackIdentity, Subsidy
from yingbao.policy.places import walk
from yingbao.policy.policy import Policy

# The field that is meant where a place names an entry only.
MAIN_FIELDS = ("amount", "before", "value", "percent", "day", "first_day", "months")
Changes = Mapping[str, object]  # place → value as written in a pack, or its text


def what_if(policy: Policy, changes: Changes) -> Policy:
    """Return ``policy`` with the values at some places changed, and what rests on them by percentage changed too.

    Raises BadInput naming the first place that is none, or the value that cannot stand there.
    """
    file = policy.file
    edits = _find_places(file, changes)
    changed = _validate(_write(file, edits), changes)
    changed = _follow(file, changed, changes)
    pack = policy.pack
    text = changed.model_dump_json()
    return Policy(dataclasses.replace(pack, file=changed, hash=hashlib.sha256(text.encode()).hexdigest()))


def read_value(text: str) -> object:
    """Return what a text means in a pack's YAML: a number, a day, a list; a decimal stays text."""
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput(say(N_("“{text}”不是可以写进政策包的值"), text=text)) from error
    return text.strip() if isinstance(value, float) else tuple(value) if isinstance(value, list) else value


def entries_by_place(file: PackFile) -> dict[str, Entry]:
    """Return every value of a pack by its place (``places``)."""
    return {value.place: value.entry for value in walk(file)}


def find_place(file: PackFile, place: str) -> tuple[Entry, str]:
    """Return the entry and the field a place names. Raises BadInput."""
    values: dict[str, Entry] = {"": file, **entries_by_place(file)}
    above = max((known for known in values if _is_above(known, place)), key=len)
    entry, path = values[above], place[len(above) :].lstrip(".").split(".")
    while len(path) > 1 and isinstance(inner := getattr(entry, path[0], None), Entry):
        entry, path = inner, path[1:]
    if path == [""]:
        path = [next((name for name in MAIN_FIELDS if name in type(entry).model_fields), "")]
    if len(path) > 1 or path[0] not in type(entry).model_fields:
        raise _no_such_place(place, above, [where for where in values if where.startswith(above)])
    return entry, path[0]


def _is_above(known: str, place: str) -> bool:
    return not known or place == known or place.startswith(f"{known}.")


def _no_such_place(place: str, above: str, near: list[str]) -> BadInput:
    depth = above.count(".") + (2 if above else 1)
    names = sorted({".".join(where.split(".")[:depth]) for where in near if where != above})[:20]
    return BadInput(
        say(N_("政策包中没有“{place}”这一处"), place=place),
        todo=say(N_("可以写：{names}"), names="、".join(names)) if names else None,
    )


def _find_places(file: PackFile, changes: Changes) -> dict[int, dict[str, object]]:
    """Return what changes in which entry (by identity): field → value."""
    edits: dict[int, dict[str, object]] = {}
    for place, value in changes.items():
        entry, field = find_place(file, place)
        fields = edits.setdefault(id(entry), {})
        fields[field] = read_value(value) if isinstance(value, str) else value
        if isinstance(entry, Subsidy):
            fields |= _other_half(entry, field, fields)
    return edits


def _other_half(subsidy: Subsidy, field: str, given: Mapping[str, object]) -> dict[str, object]:
    """A subsidy says one thing: setting the percentage drops the stated amount, setting the amount the percentage."""
    if field == "percent" and "amount" not in given:
        return {"amount": None} | ({"of_tier": subsidy.tier} if subsidy.of_tier is None else {})
    if field == "amount" and "percent" not in given:
        return {"percent": None, "of_tier": None}
    return {}


def _write(entry: Entry, edits: Mapping[int, Mapping[str, object]]) -> dict[str, object]:
    """Return an entry as an officer would write it, with the edits in it: amounts in yuan, days as days."""
    amounts = _amount_fields(type(entry))
    written: dict[str, object] = {}
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        written[name] = format_yuan(value) if name in amounts and value is not None else _write_value(value, edits)
    return written | dict(edits.get(id(entry), {}))


def _write_value(value: object, edits: Mapping[int, Mapping[str, object]]) -> object:
    if isinstance(value, Entry):
        return _write(value, edits)
    if isinstance(value, tuple):
        return tuple(_write_value(item, edits) for item in value)
    return str(value) if isinstance(value, Decimal) else value


@cache
def _amount_fields(kind: type[Entry]) -> frozenset[str]:
    """Return the fields of an entry that are written in yuan and held in fen."""
    marks = {id(mark) for mark in get_args(Yuan)[1:]}
    return frozenset(
        name
        for name, field in kind.model_fields.items()
        if any(id(mark) in marks for mark in (*field.metadata, *_marks(field.annotation)))
    )


def _marks(annotation: Any) -> list[Any]:
    """Return the metadata of a type that is annotated, or of the parts of a union."""
    if get_origin(annotation) in (Union, UnionType):
        return [mark for part in get_args(annotation) for mark in _marks(part)]
    return list(annotation.__metadata__) if get_origin(annotation) is Annotated else []


def _validate(written: Mapping[str, object], changes: Changes) -> PackFile:
    try:
        return PackFile.model_validate(written)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            say(N_("改动后的政策包不合格式：{changes}"), changes=", ".join(changes)),
            fact=say(N_("第一处在 {place}：{reason}"), place=place or "-", reason=first["msg"]),
        ) from error


def _follow(before: PackFile, after: PackFile, changes: Changes) -> PackFile:
    """Return ``after`` with every subsidy given as a percentage of a changed rate following that rate."""
    if len(before.identities) != len(after.identities):
        return after
    identities = tuple(
        _follow_identity(before, old, after, new) for old, new in zip(before.identities, after.identities, strict=True)
    )
    return after if identities == after.identities else after.model_copy(update={"identities": identities})


def _follow_identity(before: PackFile, old: PackIdentity, after: PackFile, new: PackIdentity) -> PackIdentity:
    if len(old.subsidies) != len(new.subsidies):
        return new
    subsidies = tuple(
        _unstated(subsidy) if subsidy == was and follows(before, was) and _moved(before, was, after) else subsidy
        for was, subsidy in zip(old.subsidies, new.subsidies, strict=True)
    )
    return new if subsidies == new.subsidies else new.model_copy(update={"subsidies": subsidies})


def follows(file: PackFile, subsidy: Subsidy) -> bool:
    """Return whether a stated amount is what its percentage of the rate says, and so changes with the rate."""
    if subsidy.amount is None or subsidy.percent is None:
        return subsidy.percent is not None
    return amount_of(file, _unstated(subsidy)) == subsidy.amount


def _moved(before: PackFile, subsidy: Subsidy, after: PackFile) -> bool:
    return amount_of(before, _unstated(subsidy)) != amount_of(after, _unstated(subsidy))


def _unstated(subsidy: Subsidy) -> Subsidy:
    return subsidy.model_copy(update={"amount": None})


def read_changes(settings: list[str]) -> dict[str, object]:
    """Return the changes that texts like ``rates.resident.1=400`` ask for. Raises BadInput for what is none."""
    changes: dict[str, object] = {}
    for setting in settings:
        place, sign, value = setting.partition("=")
        if not sign or not place.strip():
            raise BadInput(
                say(N_("“{text}”不是一处改动"), text=setting), todo=say(N_("请写成 rates.resident.1=400 这样的形式。"))
            )
        changes[place.strip()] = read_value(value)
    return changes


def as_written(value: object) -> str:
    """Return a value as it stands in a pack."""
    if value is None:
        return "–"
    return value.isoformat() if isinstance(value, date) else str(value)
