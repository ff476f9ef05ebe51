"""The sets of identities a pack's rules ask for: what somebody holds of each is a bit, a *note*, of the key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy.conditions import list_conditions
from yingbao.policy.entries import Entry
from yingbao.policy.format import PackFile, PackIdentity
from yingbao.policy.vocabulary import Vocabulary

MOST_SETS = 14
Codes = frozenset[str]
_Entry = TypeVar("_Entry", bound=Entry)


@dataclass(frozen=True)
class Sets:
    """The distinct sets. ``counted``: by the identities subsidies go by; ``held``: by those held now."""

    vocabulary: Vocabulary
    counted: tuple[Codes, ...]
    held: tuple[Codes, ...]
    money: tuple[int, ...]  # the notes rates and subsidies ask for
    cover: tuple[int, ...]  # the notes windows and waiting ask for

    @property
    def size(self) -> int:
        """How many different notes there can be."""
        return 1 << (len(self.counted) + len(self.held))

    def counts(self, notes: int, codes: Codes) -> bool:
        """Return whether somebody with ``notes`` holds one of exactly ``codes``, as subsidies count."""
        return bool(notes >> self.counted.index(codes) & 1)

    def holds(self, notes: int, codes: Codes) -> bool:
        """Return whether somebody with ``notes`` holds one of exactly ``codes`` now."""
        return bool(notes >> (len(self.counted) + self.held.index(codes)) & 1)

    def notes_of(self, code: str, *, counted: bool) -> int:
        """Return the notes an identity brings."""
        sets, shift = (self.counted, 0) if counted else (self.held, len(self.counted))
        return sum(1 << (bit + shift) for bit, codes in enumerate(sets) if code in codes)

    def pack(self, which: tuple[int, ...]) -> npt.NDArray[np.int32]:
        """Return a table from notes to the notes ``which``, packed close."""
        notes = np.arange(self.size)
        packed = np.zeros(self.size, np.int64)
        for place, bit in enumerate(which):
            packed |= (notes >> bit & 1) << place
        return packed.astype(np.int32)

    def unpack(self, which: tuple[int, ...], packed: int) -> int:
        """Return notes of which those ``which`` are as ``packed`` says, and the others not set."""
        return sum((packed >> place & 1) << bit for place, bit in enumerate(which))


def collect_sets(file: PackFile, vocabulary: Vocabulary) -> Sets:
    """Return the sets the rules of ``file`` ask for. Raises BadInput where there are more than can be told apart."""
    money = _of_conditions((*file.rates, *file.identities), vocabulary)
    counted = list(dict.fromkeys([*money, *_of_identities(file, vocabulary)]))
    cover = _of_conditions([*file.windows, *([file.waiting] if file.waiting else [])], vocabulary)
    for group in file.no_waiting:
        cover += _family(group.identities, vocabulary) + _of_conditions([group], vocabulary)
    others = _of_conditions([*file.addons, *([file.full_cost] if file.full_cost else [])], vocabulary)
    held = list(dict.fromkeys([*cover, *others]))
    if len(counted) + len(held) > MOST_SETS:
        raise BadInput(
            say(
                N_("政策包“{name}”的规则涉及 {count} 组不同的身份，最多 {most} 组"),
                name=file.pack,
                count=len(counted) + len(held),
                most=MOST_SETS,
            )
        )
    return Sets(
        vocabulary=vocabulary,
        counted=tuple(counted),
        held=tuple(held),
        money=tuple(counted.index(codes) for codes in dict.fromkeys(money)),
        cover=tuple(len(counted) + held.index(codes) for codes in dict.fromkeys(cover)),
    )


def _family(codes: Iterable[str], vocabulary: Vocabulary) -> list[Codes]:
    return [vocabulary.family(codes)] if codes else []


def _of_conditions(entries: Iterable[Entry], vocabulary: Vocabulary) -> list[Codes]:
    conditions = [when for entry in entries for when in list_conditions(entry)]
    asked = [codes for when in conditions for codes in (when.identities, when.without)]
    return [codes for one in asked for codes in _family(one, vocabulary)]


def _of_identities(file: PackFile, vocabulary: Vocabulary) -> list[Codes]:
    entries = find_entries(file, vocabulary)
    sets = list(group_codes({code: entry.until for code, entry in entries.items()}).values())
    sets += group_codes({code: entry.only_tier for code, entry in entries.items()}).values()
    for parent, classes in find_classless(file, vocabulary).items():
        sets += [frozenset({parent}), classes]
    return [*sets, find_unsubsidised(file, vocabulary)]


def group_codes(entries: Mapping[str, _Entry | None]) -> dict[_Entry, Codes]:
    """Return the distinct entries, None left out, each with the codes it stands for."""
    found: dict[_Entry, set[str]] = {}
    for code, entry in entries.items():
        if entry is not None:
            found.setdefault(entry, set()).add(code)
    return {entry: frozenset(codes) for entry, codes in found.items()}


def find_entries(file: PackFile, vocabulary: Vocabulary) -> dict[str, PackIdentity]:
    """Return by code the entry an identity goes by: its own, or for a class that has none its parent's."""
    own = {identity.code: identity for identity in file.identities}
    parents = {code: own.get(code) or own.get(code.partition(".")[0]) for code in vocabulary.identities}
    return {code: entry for code, entry in parents.items() if entry is not None}


def find_classless(file: PackFile, vocabulary: Vocabulary) -> dict[str, Codes]:
    """Return the identities subsidised by class only, with all their classes: a holder must say which class."""
    own = {identity.code for identity in file.identities}
    parents = sorted({code.partition(".")[0] for code in own if "." in code} - own)
    return {parent: vocabulary.family([parent]) - {parent} for parent in parents}


def find_unsubsidised(file: PackFile, vocabulary: Vocabulary) -> Codes:
    """Return the identities the pack knows and gives nothing."""
    return frozenset(
        vocabulary.identities.keys() - find_entries(file, vocabulary).keys() - find_classless(file, vocabulary).keys()
    )
