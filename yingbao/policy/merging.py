"""How a pack and the packs it extends or amends become one.

- What a file leaves unsaid comes from below; a value it says takes the place of the one below.
- Lists named in ``KEYS`` are merged entry by entry: an entry with the same key takes the other's place, new ones come
  after; but a new rate goes before the inherited ones of its population and tier, as the first that holds counts.
- ``words`` are merged by code, list by list.
- Every other list (``silences``, ``no_waiting``, ``signatories``) is replaced as a whole.
- Entries limited to other insurance ``years`` are left out before anything is merged, so that an entry for one year
  stands aside in all others and what lies below it counts.
- ``drop`` takes out of what is inherited, before the file's own entries come in: to rank inherited identities anew,
  drop them and list them in the order wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy.entries import Entry, ForYears
from yingbao.policy.format import PackFile
from yingbao.policy.places import label_all, walk
from yingbao.policy.words import Words

Key = Callable[[Any], object]
# What makes two entries of a list the same entry, so that an extending pack replaces it.
KEYS: dict[str, Key] = {
    "documents": lambda d: d.id,
    "rules": lambda r: r.id,
    "rates": lambda r: (r.population, r.tier, r.first_day, r.when),
    "windows": lambda w: w.id,
    "identities": lambda i: i.code,
    "groups": lambda g: g.id,
    "excluded": lambda e: e.code,
    "outreach": lambda o: o.code,
    "enrol_at": lambda e: (e.population, e.place, e.window),
    "channels": lambda c: c.code,
    "deadlines": lambda d: d.id,
    "benefits": lambda b: (b.name, b.tier),
    "facts": lambda f: f.fact,
    "addons": lambda a: a.code,
}
OWN = frozenset(("format", "pack", "extends", "amends", "drop", "assessable", "year", "division", "title"))
# Where the first entry that holds counts, a new entry goes before the inherited ones of the same sort.
_FIRST_COUNTS: dict[str, Key] = {"rates": lambda r: (r.population, r.tier)}
_WORD_LISTS = tuple(Words.model_fields)
# Which entries of lists that are never merged cannot both be meant.
_INNER_KEYS: dict[str, Key] = {
    "subsidies": lambda s: (s.tier, s.when),
    "bands": lambda b: (b.within, b.unit),
    "shares": lambda s: s.code,
    **dict.fromkeys(_WORD_LISTS, lambda word: word.code),
}


@dataclass(frozen=True, slots=True)
class Layered:
    """A merged file, and for each of its fields the pack it comes from: one name, or one per item of a list.

    For ``words`` the owners stand under ``words.identities`` and so on.
    """

    file: PackFile
    owners: dict[str, str | tuple[str, ...]]

    def origins(self) -> dict[str, str]:
        """Return the pack each value comes from, by its place (``places``)."""
        owner_of = dict(self._top())
        found: dict[str, str] = {}
        for value in walk(self.file):
            top = value.place
            while top not in owner_of:
                top = top.rpartition(".")[0]
            found[value.place] = owner_of[top]
        return found

    def _top(self) -> Iterator[tuple[str, str]]:
        for field, owner in self.owners.items():
            if isinstance(owner, str):
                yield field, owner
            else:
                labels = label_all(_items(self.file, field))
                yield from zip((f"{field}.{label}" for label in labels), owner, strict=True)


def merge_layers(files: Sequence[PackFile]) -> Layered:
    """Merge a pack's files, the pack's own first. Raises BadInput for a ``drop`` of what is not there."""
    year = files[0].year
    merged = _alone(for_year(files[-1], year))
    if files[-1].drop:
        raise _nothing_to_drop(files[-1], files[-1].drop[0])
    for upper in reversed(files[:-1]):
        merged = _merge(_without(merged, upper), for_year(upper, year))
    return merged


def for_year(file: PackFile, year: int) -> PackFile:
    """Return a file without what it limits to other years."""
    limited = _for_year(file, year)
    assert isinstance(limited, PackFile)
    return limited


def duplicates(file: PackFile) -> list[str]:
    """Return the places of entries that cannot be meant: an earlier one in the same list has the same id and years."""
    return list(_duplicates(file, "", {**KEYS, **_INNER_KEYS}))


def _duplicates(entry: Entry, place: str, keys: dict[str, Key]) -> Iterator[str]:
    for field in type(entry).model_fields:
        value = getattr(entry, field)
        here = f"{place}.{field}" if place else field
        if isinstance(value, Entry):
            yield from _duplicates(value, here, _INNER_KEYS)
        elif isinstance(value, tuple) and all(isinstance(item, Entry) for item in value):
            labels = label_all(value)
            for position, item in enumerate(value):
                key = keys.get(field)
                if key and any(key(other) == key(item) and _same_year(other, item) for other in value[:position]):
                    yield f"{here}.{labels[position]}"
                yield from _duplicates(item, f"{here}.{labels[position]}", _INNER_KEYS)


def _same_year(one: Entry, other: Entry) -> bool:
    years, others = getattr(one, "years", None), getattr(other, "years", None)
    return years is None or others is None or bool(set(years) & set(others))


def _for_year(entry: Entry, year: int) -> Entry:
    changes: dict[str, Any] = {}
    for field in type(entry).model_fields:
        value = getattr(entry, field)
        if isinstance(value, ForYears) and not _counts(value, year):
            changes[field] = None
        elif isinstance(value, tuple) and any(isinstance(item, Entry) for item in value):
            changes[field] = tuple(_for_year(item, year) for item in value if _counts(item, year))
    return entry.model_copy(update=changes) if changes else entry


def _counts(item: Entry, year: int) -> bool:
    return not isinstance(item, ForYears) or item.years is None or year in item.years


def _items(file: PackFile, field: str) -> tuple[Entry, ...]:
    holder, _, inner = field.rpartition(".")
    items: tuple[Entry, ...] = getattr(file.words if holder else file, inner)
    return items


def _alone(file: PackFile) -> Layered:
    owners: dict[str, str | tuple[str, ...]] = {}
    for field in PackFile.model_fields:
        value = getattr(file, field)
        if isinstance(value, tuple) and field not in OWN:
            owners[field] = (file.pack,) * len(value)
        elif isinstance(value, Entry) and not isinstance(value, Words):
            owners[field] = file.pack
    for kind in _WORD_LISTS:
        owners[f"words.{kind}"] = (file.pack,) * len(getattr(file.words, kind))
    return Layered(file, owners)


def _merge(lower: Layered, upper: PackFile) -> Layered:
    """Return ``upper`` with what it leaves unsaid taken from ``lower``."""
    owners = _alone(upper).owners
    changes: dict[str, Any] = {}
    for field in PackFile.model_fields:
        below, above = getattr(lower.file, field), getattr(upper, field)
        if field in KEYS:
            changes[field], owners[field] = _merge_list(lower, upper, field, KEYS[field])
        elif field not in OWN and field != "words" and not above:
            changes[field] = below
            if field in lower.owners:
                owners[field] = lower.owners[field]
    words = {}
    for kind in _WORD_LISTS:
        place = f"words.{kind}"
        words[kind], owners[place] = _merge_list(lower, upper, place, _INNER_KEYS[kind])
    changes["words"] = lower.file.words.model_copy(update=words)
    return Layered(upper.model_copy(update=changes), owners)


def _merge_list(lower: Layered, upper: PackFile, field: str, key: Key) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """Merge a list; entries of one key within the same file stay as they are, for lint to find."""
    below = list(zip(_items(lower.file, field), lower.owners[field], strict=True))
    above = [(item, upper.pack) for item in _items(upper, field)]
    mine, known = {key(item) for item, _ in above}, {key(item) for item, _ in below}
    ahead = _FIRST_COUNTS.get(field, key)
    merged: list[tuple[Any, str]] = []
    entered: set[object] = set()
    for item, owner in below:
        if ahead(item) not in entered:  # ``above`` entries that stand before, or in place of, this one
            entered.add(ahead(item))
            merged += [pair for pair in above if ahead(pair[0]) == ahead(item) and key(pair[0]) not in known]
        if key(item) not in mine:
            merged.append((item, owner))
        elif key(item) not in {key(done) for done, _ in merged}:
            merged += [pair for pair in above if key(pair[0]) == key(item)]
    merged += [pair for pair in above if key(pair[0]) not in known and ahead(pair[0]) not in entered]
    return tuple(item for item, _ in merged), tuple(owner for _, owner in merged)


def _without(lower: Layered, upper: PackFile) -> Layered:
    """Return what ``upper`` inherits without what it drops."""
    file, owners = lower.file, dict(lower.owners)
    for place in upper.drop:
        if place.partition(".")[0] in OWN | {"words"}:
            raise _nothing_to_drop(upper, place)
        changed = _drop(file, place)
        if changed is None:
            raise _nothing_to_drop(upper, place)
        field = place.partition(".")[0]
        owner = owners.get(field)
        if isinstance(owner, tuple):
            kept = _kept(file, field, place)
            owners[field] = tuple(name for name, stays in zip(owner, kept, strict=True) if stays)
        elif place == field:
            owners.pop(field, None)
        file = changed
    return Layered(file, owners)


def _kept(file: PackFile, field: str, place: str) -> list[bool]:
    """Return for each item of a list whether dropping ``place`` leaves it."""
    return [place not in (field, f"{field}.{label}") for label in label_all(_items(file, field))]


def _drop(entry: Any, place: str) -> Any:
    """Return ``entry`` without what stands at ``place``; None where nothing does, or where it cannot be left out."""
    for field, info in type(entry).model_fields.items():
        if place != field and not place.startswith(f"{field}."):
            continue
        value, rest = getattr(entry, field), place[len(field) + 1 :]
        if not value:
            return None
        if not rest:
            empty = () if isinstance(value, tuple) else None
            return None if info.is_required() else entry.model_copy(update={field: empty})
        if isinstance(value, Entry):
            inner = _drop(value, rest)
            return None if inner is None else entry.model_copy(update={field: inner})
        if isinstance(value, tuple):
            items = _drop_item(value, rest)
            too_few = items is not None and not items and isinstance(entry, Entry) and bool(info.metadata)
            return None if items is None or too_few else entry.model_copy(update={field: items})
    return None


def _drop_item(items: tuple[Any, ...], place: str) -> tuple[Any, ...] | None:
    for position, label in enumerate(label_all(items)):
        if place == label:
            return items[:position] + items[position + 1 :]
        if place.startswith(f"{label}.") and (inner := _drop(items[position], place[len(label) + 1 :])) is not None:
            return (*items[:position], inner, *items[position + 1 :])
    return None


def _nothing_to_drop(file: PackFile, place: str) -> BadInput:
    return BadInput(
        say(N_("政策包“{name}”要去掉的“{place}”不在它所继承的内容中"), name=file.pack, place=place),
        todo=say(N_("用 yingbao policy show {name} --origins 查看继承的每一项叫什么"), name=file.extends or file.pack),
    )
