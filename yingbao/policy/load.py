"""From the files of a pack and the packs it extends to one merged ``Pack``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.entries import Document, RuleEntry
from yingbao.policy.format import PackFile
from yingbao.policy.sources import PACKS_DIR, read_yaml
from yingbao.policy.texts import Text
from yingbao.policy.vocabulary import Vocabulary, vocabulary_with

MOST_LAYERS = 8
_Item = TypeVar("_Item")
# What makes two entries of a list the same entry, so that an extending pack replaces it. A list that is not
# named here is replaced as a whole.
_KEYS: dict[str, Callable[[Any], object]] = {
    "documents": lambda d: d.id,
    "rules": lambda r: r.id,
    "rates": lambda r: (r.population, r.tier, r.first_day, r.when),
    "windows": lambda w: w.id,
    "identities": lambda i: i.code,
    "groups": lambda g: g.id,
    "excluded": lambda e: e.code,
    "outreach": lambda o: o.code,
    "enrol_at": lambda e: (e.population, e.place),
    "channels": lambda c: c.code,
    "deadlines": lambda d: d.id,
    "benefits": lambda b: (b.name, b.tier),
    "facts": lambda f: f.fact,
    "addons": lambda a: a.code,
}
_OWN = {"format", "pack", "extends", "assessable", "year", "division", "title"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence a decision can rest on; ``origin`` is the pack file it stands in."""

    id: str
    title: Text | Message
    text: Text | Message
    document: Document | None
    clause: str | None
    interpretation: Text | Message | None
    ask: Text | Message | None
    origin: str


@dataclass(frozen=True)
class Pack:
    """A pack with everything it inherits. ``file`` is the merged content, ``layers`` the files, own one first.

    ``files`` are the layers as they were written, in the same order: for lint, which looks at each by itself.
    """

    name: str
    file: PackFile
    layers: tuple[str, ...]
    rules: Mapping[str, Rule]
    hash: str
    files: tuple[PackFile, ...] = ()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The common words and those this pack adds."""
        return vocabulary_with(self.file.words)


def load_pack(name: str, folder: Path = PACKS_DIR) -> Pack:
    """Read ``name`` and what it extends, and merge. Raises NotFound, or BadInput naming file, place and mistake."""
    files = _read_layers(name, folder)
    merged = files[-1]
    for upper in reversed(files[:-1]):
        merged = _merge(merged, upper)
    text = merged.model_dump_json()
    return Pack(
        name=name,
        file=merged,
        layers=tuple(file.pack for file in files),
        rules=_collect_rules(files, merged.documents),
        hash=hashlib.sha256(text.encode()).hexdigest(),
        files=tuple(files),
    )


def _read_layers(name: str, folder: Path) -> list[PackFile]:
    files: list[PackFile] = []
    following: str | None = name
    while following is not None:
        if len(files) == MOST_LAYERS or following in [file.pack for file in files]:
            raise BadInput(say(N_("政策包“{name}”的继承成环或层数过多"), name=name))
        files.append(_read_file(following, folder))
        following = files[-1].extends
    return files


def _read_file(name: str, folder: Path) -> PackFile:
    content = read_yaml(name, folder)
    try:
        file = PackFile.model_validate(content)
    except ValidationError as error:
        raise _refuse(name, error) from error
    if file.pack != name:
        raise BadInput(say(N_("文件“{name}”中的政策包名为“{pack}”，两者应一致"), name=name, pack=file.pack))
    return file


def _refuse(name: str, error: ValidationError) -> BadInput:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return BadInput(
        say(N_("政策包“{name}”有 {count} 处不合格式"), name=name, count=error.error_count()),
        fact=say(N_("第一处在 {place}：{reason}"), place=place or "-", reason=first["msg"]),
    )


def _merge(lower: PackFile, upper: PackFile) -> PackFile:
    """Return ``upper`` with what it leaves unsaid taken from ``lower``."""
    changes: dict[str, Any] = {}
    for field in PackFile.model_fields:
        below, above = getattr(lower, field), getattr(upper, field)
        if field in _KEYS:
            changes[field] = _merge_list(below, above, _KEYS[field])
        elif field not in _OWN and not above:
            changes[field] = below
    return upper.model_copy(update=changes)


def _merge_list(below: Iterable[_Item], above: Iterable[_Item], key: Callable[[_Item], object]) -> tuple[_Item, ...]:
    items = {key(item): item for item in below}
    items.update((key(item), item) for item in above)
    return tuple(items.values())


def _collect_rules(files: list[PackFile], documents: tuple[Document, ...]) -> dict[str, Rule]:
    by_id = {document.id: document for document in documents}
    rules: dict[str, Rule] = {}
    for file in reversed(files):
        rules.update((entry.id, _make_rule(entry, by_id, file.pack)) for entry in file.rules)
    return rules


def _make_rule(entry: RuleEntry, documents: Mapping[str, Document], origin: str) -> Rule:
    return Rule(
        id=entry.id,
        title=entry.title.text,
        text=entry.text.text,
        document=documents.get(entry.source.document) if entry.source else None,
        clause=entry.source.clause if entry.source else None,
        interpretation=entry.interpretation.text if entry.interpretation else None,
        ask=entry.ask.text if entry.ask else None,
        origin=origin,
    )
