"""Where a value stands in a pack, in words that survive from one pack to the next: ``identities.dibao.subsidies.1``.

Used wherever a place is named: by ``drop``, by the origins of values, by lint and by the comparison of packs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from yingbao.policy.entries import Document, Entry, RuleEntry
from yingbao.policy.format import Fact, PackFile, Rate, Silence, Subsidy
from yingbao.policy.listings import Benefit, EnrolAt, Signatory

_LABELS: dict[type[Entry], Callable[[Any], str]] = {
    Rate: lambda rate: f"{rate.population}.{rate.tier}",
    Subsidy: lambda subsidy: str(subsidy.tier),
    EnrolAt: lambda where: f"{where.population}.{where.place}",
    Benefit: lambda benefit: benefit.name if benefit.tier is None else f"{benefit.name}.{benefit.tier}",
    Fact: lambda fact: str(fact.fact),
    Signatory: lambda signatory: str(signatory.role),
    Silence: lambda silence: str(silence.first_day),
}


def label_all(items: Sequence[Entry]) -> list[str]:
    """Return what each item of a list is called in places; the second of one name gets ``.2`` behind it."""
    seen: dict[str, int] = {}
    labels = []
    for position, item in enumerate(items):
        name = _label(item, position)
        seen[name] = seen.get(name, 0) + 1
        labels.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return labels


class Value(NamedTuple):
    """A value with its place: ``steps`` are the fields, and in lists the labels, that lead to it."""

    place: str
    entry: Entry
    steps: tuple[tuple[str, str | None], ...]
    parents: tuple[Entry, ...]


def walk(file: PackFile) -> Iterator[Value]:
    """Yield every value of a file, in the order of the format; what holds others comes before them."""
    return _walk(file, "", (), ())


def list_values(file: PackFile) -> dict[str, Value]:
    """Return every value of a file by its place."""
    return {value.place: value for value in walk(file)}


def _label(item: Entry, position: int) -> str:
    known = _LABELS.get(type(item))
    if known is not None:
        return known(item)
    return str(getattr(item, "code", None) or getattr(item, "id", None) or position + 1)


def _walk(
    entry: Entry, place: str, steps: tuple[tuple[str, str | None], ...], parents: tuple[Entry, ...]
) -> Iterator[Value]:
    for field in type(entry).model_fields:
        for label, item in _parts(getattr(entry, field)):
            here = ".".join(part for part in (place, field, label) if part)
            value = Value(here, item, (*steps, (field, label)), parents)
            if is_value(item):
                yield value
            yield from _walk(item, here, value.steps, (*parents, item))


def _parts(value: object) -> Iterator[tuple[str | None, Entry]]:
    if isinstance(value, Entry):
        yield None, value
    elif isinstance(value, tuple):
        items = [item for item in value if isinstance(item, Entry)]
        yield from zip(label_all(items), items, strict=True)


def is_value(entry: Entry) -> bool:
    """Return whether an entry stands for itself: names a rule, is a rule, a document or a word."""
    fields = type(entry).model_fields
    return isinstance(entry, Document | RuleEntry) or "rule" in fields or "code" in fields
