"""The fixed words of the field: identities, departments and populations, and the names people call them by."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from yingbao.policy.entries import Named
from yingbao.policy.sources import read_yaml
from yingbao.policy.words import Identity, Words

VOCABULARY = "vocabulary"
MOST_IDENTITIES = 63  # a mask is a signed 64-bit number in the database and in Arrow


class VocabularyFile(Words):
    """The words every pack may use. The order of identities is the order of bits in a mask."""

    format: Literal[1]
    low_income: tuple[str, ...]  # identity codes; whom BN-4.2.2a calls low-income residents


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``identities``, ``departments`` and ``populations`` by code, in the order of the file."""

    identities: Mapping[str, Identity]
    departments: Mapping[str, Named]
    populations: Mapping[str, Named]
    bits: Mapping[str, int]  # code → its bit in an identity mask
    names: Mapping[str, str]  # any folded name or code → code
    low_income: frozenset[str]  # codes of the low-income residents whom nobody may miss (BN-4.2.2a)

    def family(self, codes: Iterable[str]) -> frozenset[str]:
        """Return ``codes`` with the classes of each: ``dibao`` stands for ``dibao.a`` too."""
        named = set(codes)
        return frozenset(code for code in self.identities if code in named or code.partition(".")[0] in named)

    def identity_named(self, name: str) -> str | None:
        """Return the code for any known name, alias, national or own code; None for an unknown one (no guess)."""
        return self.names.get(fold_name(name))

    def mask(self, codes: Iterable[str]) -> int:
        """Return the identity mask of ``codes``. Raises KeyError naming the first unknown code."""
        mask = 0
        for code in codes:
            mask |= self.bits[code]
        return mask


@cache
def get_vocabulary() -> Vocabulary:
    """Return the vocabulary shipped with the packs."""
    return make_vocabulary(VocabularyFile.model_validate(read_yaml(VOCABULARY)))


def make_vocabulary(file: VocabularyFile, more: Words | None = None) -> Vocabulary:
    """Return the words of ``file`` and those a pack adds (``more``), whose bits come after.

    Raises ValueError where one name stands for two identities, or there are more identities than bits.
    """
    added = more or Words()
    identities = {identity.code: identity for identity in (*file.identities, *added.identities)}
    if len(identities) > MOST_IDENTITIES:
        raise ValueError(f"more than {MOST_IDENTITIES} identities")
    return Vocabulary(
        identities=identities,
        departments={d.code: d for d in (*file.departments, *added.departments)},
        populations={p.code: p for p in (*file.populations, *added.populations)},
        bits={code: 1 << position for position, code in enumerate(identities)},
        names=_collect_names(identities.values()),
        low_income=frozenset(file.low_income),
    )


@cache
def vocabulary_with(words: Words) -> Vocabulary:
    """Return the shipped vocabulary with a pack's own words added."""
    if words == Words():
        return get_vocabulary()
    return make_vocabulary(VocabularyFile.model_validate(read_yaml(VOCABULARY)), words)


def fold_name(name: str) -> str:
    """Return ``name`` as names are compared: half width, no blanks, one kind of dash and bracket."""
    folded = "".join(unicodedata.normalize("NFKC", name).split())
    return folded.replace("–", "-").replace("—", "-").lower()


def _collect_names(identities: Iterable[Identity]) -> dict[str, str]:
    names: dict[str, str] = {}
    for identity in identities:
        known = identity.aliases
        aliases = (*known.notice, *known.common, *known.national)
        for name in (identity.code, identity.zh, *([identity.national] if identity.national else []), *aliases):
            if names.setdefault(fold_name(name), identity.code) != identity.code:
                raise ValueError(f"one name for two identities: {name}")
    return names
