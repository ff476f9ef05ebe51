"""Which facts a pack cannot do without, of everybody or of the holders of some identities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from yingbao.policy.conditions import list_conditions
from yingbao.policy.format import PackFile


def find_needs(file: PackFile) -> tuple[frozenset[str], Mapping[str, tuple[str, ...]]]:
    """Return the facts every row must have, and those only holders of identities (as conditions name them) must have.

    A declared fact (``facts``) is needed as declared; one that a construct uses is needed of everybody unless it is.
    """
    of_holders: dict[str, tuple[str, ...]] = {fact.fact: fact.identities for fact in file.facts if fact.identities}
    always: set[str] = {fact.fact for fact in file.facts if not fact.identities} | set(list_uses(file))
    return frozenset(always - of_holders.keys()), of_holders


def list_uses(file: PackFile) -> Iterator[str]:
    """Yield the facts constructs of the pack cannot do without, declared or not."""
    if file.waiting is not None:
        yield "missed_years"
    if file.incentive is not None:
        yield "continuous_years"
    if file.snapshot is not None:
        yield "snapshot_identities"
    for when in list_conditions(file):
        if when.disability_kinds:
            yield "disability_kind"
        if when.disability_grades:
            yield "disability_grade"
        if when.enrolled_last_year is not None:
            yield "enrolled_last_year"


def list_looked_at(file: PackFile) -> frozenset[str]:
    """Return every fact beyond the common ones that can change an answer or make a row invalid."""
    always, of_holders = find_needs(file)
    optional = {
        "repaired_years": file.waiting is not None,
        "years_without_claims": file.incentive is not None,
        "addons": bool(file.addons),
        "payer_account_fen": file.family_account is not None,
    }
    return always | of_holders.keys() | {name for name, used in optional.items() if used}
