"""The fixed words of the field: identities, departments and populations, and the names people call them by."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from yingbao.policy.format import Entry, Named
from yingbao.policy.sources import read_yaml

VOCABULARY = "vocabulary"


class Identity(Named):
    """An identity of the fixed vocabulary."""

    national: str | None
    aliases: dict[Literal["notice", "common", "national"], tuple[str, ...]]


class VocabularyFile(Entry):
    """The words packs may use. The order of identities is the order of bits in a mask."""

    format: Literal[1]
    populations: tuple[Named, ...]
    departments: tuple[Named, ...]
    low_income: tuple[str, ...]  # identity codes; whom BN-4.2.2a calls low-income residents
    identities: tuple[Identity, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``identities``, ``departments`` and ``populations`` by code, in the order of the file."""

    identities: Mapping[str, Identity]
    departments: Mapping[str, Named]
    populations: Mapping[str, Named]
    bits: Mapping[str, int]  # code → its bit in an identity mask
    names: Mapping[str, str]  # any folded name or code → code
    low_income: frozenset[str]  # codes of the low-income residents whom nobody may miss (BN-4.2.2a)

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
    file = VocabularyFile.model_validate(read_yaml(VOCABULARY))
    identities = {identity.code: identity for identity in file.identities}
    return Vocabulary(
        identities=identities,
        departments={d.code: d for d in file.departments},
        populations={p.code: p for p in file.populations},
        bits={code: 1 << position for position, code in enumerate(identities)},
        names=_collect_names(file.identities),
        low_income=frozenset(file.low_income),
    )


def fold_name(name: str) -> str:
    """Return ``name`` as names are compared: half width, no blanks, one kind of dash and bracket."""
    folded = "".join(unicodedata.normalize("NFKC", name).split())
    return folded.replace("–", "-").replace("—", "-").lower()


def _collect_names(identities: tuple[Identity, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    for identity in identities:
        aliases = (alias for group in identity.aliases.values() for alias in group)
        for name in (identity.code, identity.zh, *([identity.national] if identity.national else []), *aliases):
            if names.setdefault(fold_name(name), identity.code) != identity.code:
                raise ValueError(f"one name for two identities: {name}")
    return names
