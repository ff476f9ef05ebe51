"""What one pack says otherwise than another, clause by clause and value by value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from yingbao.kernel.messages import N_, Message
from yingbao.policy.entries import Entry, RuleEntry
from yingbao.policy.format import PackFile
from yingbao.policy.load import Pack, Rule
from yingbao.policy.places import Value, list_values
from yingbao.policy.wording import NOTHING, TITLED, YUAN_FIELDS, list_own, say_field, say_section, say_title, say_value

Kind = Literal["added", "removed", "changed", "moved", "reworded"]
# ``moved``: the value is the same and rests on another clause.
KINDS: dict[Kind, str] = {
    "added": N_("新增"),
    "removed": N_("取消"),
    "changed": N_("有改动"),
    "moved": N_("依据改变"),
    "reworded": N_("措辞改变"),
}
_RULES = ("rule", "coverage_rule")
_OF_THE_PACK = ("title", "year", "division")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs: in words, and as the pack holds it (amounts in fen)."""

    field: str
    before: Message
    after: Message
    raw_before: object
    raw_after: object

    @property
    def label(self) -> Message:
        """What the field is called."""
        return say_field(self.field)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a value rests on: its rules, and the pack it comes from."""

    rules: tuple[Rule, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Change:
    """A value or a rule that differs. ``before`` is None for what was added, ``after`` for what was removed."""

    place: str
    kind: Kind
    section: Message
    title: Message
    fields: tuple[FieldChange, ...]
    before: Basis | None
    after: Basis | None


@dataclass(frozen=True, slots=True)
class PackDiff:
    """Everything that differs between two packs; ``values`` in the order of the format."""

    before: Pack
    after: Pack
    values: tuple[Change, ...]
    rules: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.values or self.rules)

    def sections(self) -> list[tuple[Message, list[Change]]]:
        """Return the changed values, and last the clauses, by section."""
        everything = (*self.values, *self.rules)
        return [(section, list(changes)) for section, changes in groupby(everything, lambda change: change.section)]

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as JSON can hold it: texts in both languages, amounts in fen."""
        return {
            "before": _pack_json(self.before),
            "after": _pack_json(self.after),
            "values": [_change_json(change) for change in self.values],
            "rules": [_change_json(change) for change in self.rules],
        }


def compare_packs(before: Pack, after: Pack) -> PackDiff:
    """Compare two packs, each with all it inherits."""
    values, others = list_values(before.file), list_values(after.file)
    changes = [*_compare_heads(before, after)]
    for place in _in_order(values, others):
        change = _compare_values(before, after, values.get(place), others.get(place))
        if change is not None:
            changes.append(change)
    rules = [change for change in changes if change.place.startswith("rules.")]
    return PackDiff(before, after, tuple(c for c in changes if c not in rules), tuple(rules))


def _in_order(values: dict[str, Value], others: dict[str, Value]) -> list[str]:
    """Return all places by section, those of the newer pack first."""
    sections = list(PackFile.model_fields)
    places = dict.fromkeys([*others, *values])
    return sorted(places, key=lambda place: sections.index(place.partition(".")[0]))


def _compare_heads(before: Pack, after: Pack) -> Iterator[Change]:
    own, others = ({name: getattr(pack.file, name) for name in _OF_THE_PACK} for pack in (before, after))
    fields = _compare_fields(before, own, after, others)
    if fields:
        pack = say_field("pack")
        yield Change("pack", "changed", pack, pack, fields, Basis((), before.name), Basis((), after.name))


def _compare_values(before: Pack, after: Pack, one: Value | None, other: Value | None) -> Change | None:
    named = other or one
    assert named is not None
    own, others_own = (list_own(value.entry) if value else {} for value in (one, other))
    fields = _compare_fields(before, own, after, others_own)
    if one is None or other is None:
        fields = tuple(field for field in fields if field.field not in TITLED)
    basis, others = _basis(before, one), _basis(after, other)
    kind = _kind(named.entry, basis, others, differs=bool(fields))
    if kind is None:
        return None
    title = say_title(named, (after if other else before).vocabulary)
    return Change(named.place, kind, say_section(named.steps[0][0]), title, fields, basis, others)


def _kind(entry: Entry, before: Basis | None, after: Basis | None, *, differs: bool) -> Kind | None:
    if before is None or after is None:
        return "added" if before is None else "removed"
    if differs:
        return "reworded" if isinstance(entry, RuleEntry) else "changed"
    return None if [rule.id for rule in before.rules] == [rule.id for rule in after.rules] else "moved"


def _compare_fields(
    before: Pack, own: dict[str, object], after: Pack, others: dict[str, object]
) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(
            name, _say(before, name, own), _say(after, name, others), _raw(own.get(name)), _raw(others.get(name))
        )
        for name in dict.fromkeys([*own, *others])
        if own.get(name) != others.get(name)
    )


def _say(pack: Pack, name: str, values: dict[str, object]) -> Message:
    return say_value(name, values[name], pack.vocabulary) if name in values else NOTHING


def _basis(pack: Pack, value: Value | None) -> Basis | None:
    if value is None:
        return None
    if isinstance(value.entry, RuleEntry):
        ids: list[str | None] = [value.entry.id]
    else:
        ids = [getattr(value.entry, name, None) for name in _RULES]
    named = [rule_id for rule_id in dict.fromkeys(ids) if rule_id is not None]
    rules = tuple(pack.rules[rule_id] for rule_id in named if rule_id in pack.rules)
    return Basis(rules, pack.origins[value.place])


def _raw(value: object) -> Any:
    if isinstance(value, Entry):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, tuple):
        return [_raw(one) for one in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _pack_json(pack: Pack) -> dict[str, Any]:
    return {"pack": pack.name, "hash": pack.hash, "year": pack.file.year, "title": _texts(pack.file.title.text)}


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "place": change.place,
        "kind": change.kind,
        "section": _texts(change.section),
        "title": _texts(change.title),
        "fields": [_field_json(field) for field in change.fields],
        "before": _basis_json(change.before),
        "after": _basis_json(change.after),
    }


def _field_json(field: FieldChange) -> dict[str, Any]:
    return {
        "field": f"{field.field}_fen" if field.field in YUAN_FIELDS else field.field,
        "label": _texts(field.label),
        "before": field.raw_before,
        "after": field.raw_after,
        "before_text": _texts(field.before),
        "after_text": _texts(field.after),
    }


def _basis_json(basis: Basis | None) -> dict[str, Any] | None:
    if basis is None:
        return None
    return {
        "pack": basis.origin,
        "rules": [
            {
                "rule": rule.id,
                "document": rule.document.id if rule.document else None,
                "number": rule.document.number if rule.document else None,
                "clause": rule.clause,
                "pack": rule.origin,
            }
            for rule in basis.rules
        ],
    }


def _texts(message: Message) -> dict[str, str]:
    return {"zh": message.render("zh"), "en": message.render("en")}
