"""The words packs may use: populations, departments, identities."""

from __future__ import annotations

from yingbao.policy.entries import Entry, Named


class Aliases(Entry):
    """Other names of an identity: in notices, on offices' rosters and screens, in the national dictionary."""

    notice: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    national: tuple[str, ...] = ()


class Identity(Named):
    """An identity; a class of another is written ``dibao.a`` and counts wherever ``dibao`` is named."""

    national: str | None = None
    aliases: Aliases = Aliases()


class Words(Entry):
    """Words of a place that the common vocabulary does not have."""

    populations: tuple[Named, ...] = ()
    departments: tuple[Named, ...] = ()
    identities: tuple[Identity, ...] = ()
