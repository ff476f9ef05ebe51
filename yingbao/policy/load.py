"""From the files of a pack, of what it extends and of what it amends, to one merged ``Pack``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.entries import Document, RuleEntry
from yingbao.policy.form_errors import find_lines, join_lines, list_mistakes
from yingbao.policy.format import PackFile
from yingbao.policy.merging import Layered, merge_layers
from yingbao.policy.sources import PACKS_DIR, read_source, read_yaml
from yingbao.policy.texts import Text
from yingbao.policy.vocabulary import Vocabulary, vocabulary_with

MOST_LAYERS = 16  # nation, province, city, district, town, and amendments of each


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
    ``origins`` names for each value, by its place (``places``), the pack it comes from. ``amended``: the pack this one
    amends, which answers for what was cleared before ``file.amends.first_day``.
    """

    name: str
    file: PackFile
    layers: tuple[str, ...]
    rules: Mapping[str, Rule]
    hash: str
    files: tuple[PackFile, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    amended: Pack | None = None

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The common words and those this pack adds."""
        return vocabulary_with(self.file.words)

    @property
    def versions(self) -> tuple[tuple[date | None, Pack], ...]:
        """The packs that answer and from which day on, the oldest first, with None: what this one replaces is gone."""
        amends = self.file.amends
        if amends is None or self.amended is None or amends.retroactive:
            return ((None, self),)
        earlier = [(day, pack) for day, pack in self.amended.versions if day is None or day < amends.first_day]
        return (*earlier, (amends.first_day, self))


def load_pack(name: str, folder: Path = PACKS_DIR) -> Pack:
    """Read ``name`` and what it extends or amends, and merge (``merging`` says how).

    Raises NotFound, or BadInput naming file, place and mistake.
    """
    return _make_pack(_read_layers(name, folder))


def _make_pack(files: Sequence[PackFile]) -> Pack:
    layered = merge_layers(files)
    amended = _make_pack(files[1:]) if files[0].amends else None
    parts = [layered.file.model_dump_json(), *([amended.hash] if amended else [])]
    return Pack(
        name=files[0].pack,
        file=layered.file,
        layers=tuple(file.pack for file in files),
        rules=_collect_rules(layered),
        hash=hashlib.sha256("\n".join(parts).encode()).hexdigest(),
        files=tuple(files),
        origins=layered.origins(),
        amended=amended,
    )


def _read_layers(name: str, folder: Path) -> list[PackFile]:
    files: list[PackFile] = []
    following: str | None = name
    while following is not None:
        if len(files) == MOST_LAYERS or following in [file.pack for file in files]:
            raise BadInput(say(N_("政策包“{name}”的继承成环或层数过多"), name=name))
        file = _read_file(following, folder)
        if files and files[-1].amends:
            _check_amends(files[-1], file)
        files.append(file)
        following = file.amends.pack if file.amends else file.extends
    return files


def _check_amends(newer: PackFile, older: PackFile) -> None:
    if newer.year != older.year:
        raise BadInput(
            say(N_("政策包“{newer}”修订“{older}”，两者的年度却不同"), newer=newer.pack, older=older.pack),
            fact=say(N_("一个是 {year} 年度，一个是 {other} 年度"), year=newer.year, other=older.year),
            todo=say(N_("另一年度的政策应写成 extends，不是 amends")),
        )


def _read_file(name: str, folder: Path) -> PackFile:
    content = read_yaml(name, folder)
    try:
        file = PackFile.model_validate(content)
    except ValidationError as error:
        raise _refuse(name, error, content, read_source(name, folder)) from error
    if file.pack != name:
        raise BadInput(say(N_("文件“{name}”中的政策包名为“{pack}”，两者应一致"), name=name, pack=file.pack))
    return file


def _refuse(name: str, error: ValidationError, content: object, source: str) -> BadInput:
    mistakes = list_mistakes(error, content, find_lines(source))
    return BadInput(
        say(N_("政策包“{name}”有 {count} 处不合格式："), name=name, count=len(mistakes)), fact=join_lines(mistakes)
    )


def _collect_rules(layered: Layered) -> dict[str, Rule]:
    documents = {document.id: document for document in layered.file.documents}
    origins = layered.owners["rules"]
    return {
        entry.id: _make_rule(entry, documents, origin)
        for entry, origin in zip(layered.file.rules, origins, strict=True)
    }


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
