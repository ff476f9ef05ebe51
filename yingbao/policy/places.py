"""Where a value stands in a pack, in words that survive from one pack to the next: ``identities.dibao.subsidies.1``.

Used wherever a place is named: by ``drop``, by the origins of values, by lint and by the comparison of packs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

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


def walk(file: PackFile) -> Iterator[tuple[str, Entry]]:
    """Yield every value of a file with its place, in the order of the format; what holds others comes before them."""
    return _walk(file, "")


def list_values(file: PackFile) -> dict[str, Entry]:
    """Return every value of a file by its place."""
    return dict(walk(file))


def _label(item: Entry, position: int) -> str:
    known = _LABELS.get(type(item))
    if known is not None:
        return known(item)
    return str(getattr(item, "code", None) or getattr(item, "id", None) or position + 1)


def _walk(entry: Entry, place: str) -> Iterator[tuple[str, Entry]]:
    for field in type(entry).model_fields:
        value = getattr(entry, field)
        here = f"{place}.{field}" if place else field
        if isinstance(value, tuple):
            items = [item for item in value if isinstance(item, Entry)]
            found = zip((f"{here}.{label}" for label in label_all(items)), items, strict=True)
        else:
            found = zip([here], [value] if isinstance(value, Entry) else [], strict=False)
        for where, item in found:
            if is_value(item):
                yield where, item
            yield from _walk(item, where)


def is_value(entry: Entry) -> bool:
    """Return whether an entry stands for itself: names a rule, is a rule, a document or a word."""
    fields = type(entry).model_fields
    return isinstance(entry, Document | RuleEntry) or "rule" in fields or "code" in fields
