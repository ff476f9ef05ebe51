"""What a what-if policy changes, value by value: each with the clause it rests on, the first thing an officer asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from yingbao.kernel.messages import N_, Message, say
from yingbao.kernel.money import format_yuan
from yingbao.policy.amounts import amount_of
from yingbao.policy.entries import Entry
from yingbao.policy.format import Fiscal, PackIdentity, Rate, Subsidy, Until
from yingbao.policy.lint import Finding, lint
from yingbao.policy.places import is_value
from yingbao.policy.policy import Policy
from yingbao.policy.whatif import as_written, entries_by_place


@dataclass(frozen=True, slots=True)
class Edit:
    """One value before and after. ``rule``: the clause the value rests on; ``follows``: changed by another's change."""

    place: str
    what: Message
    before: Message
    after: Message
    rule: str | None
    follows: bool = False


def list_edits(before: Policy, after: Policy) -> tuple[Edit, ...]:
    """Return what ``after``, made from ``before`` by ``what_if``, changes; subsidies by the amount they come to."""
    old, new = entries_by_place(before.file), entries_by_place(after.file)
    edits: list[Edit] = []
    for place, entry in new.items():
        was = old.get(place)
        if isinstance(entry, Subsidy) and isinstance(was, Subsidy):
            edits += _subsidy_edits(place, was, entry, before, after)
        elif was is not None and was != entry:
            edits += _field_edits(place, was, entry, before)
    return tuple(edits)


def _subsidy_edits(place: str, was: Subsidy, entry: Subsidy, before: Policy, after: Policy) -> Iterator[Edit]:
    old, new = _subsidy_text(was, before), _subsidy_text(entry, after)
    if old == new:
        return
    follows = (was.percent, was.of_tier) == (entry.percent, entry.of_tier) and was.percent is not None
    yield Edit(place, describe(before, place, entry), old, new, entry.rule, follows)


def _subsidy_text(subsidy: Subsidy, policy: Policy) -> Message:
    amount = format_yuan(amount_of(policy.file, subsidy))
    if subsidy.percent is None:
        return say(N_("{amount} 元"), amount=amount)
    if subsidy.of_tier == "own":
        return say(N_("本人标准的 {percent}%"), percent=subsidy.percent)
    return say(
        N_("{amount} 元（{tier} 档的 {percent}%）"), amount=amount, tier=subsidy.of_tier, percent=subsidy.percent
    )


def _field_edits(place: str, was: Entry, entry: Entry, policy: Policy) -> Iterator[Edit]:
    for field in type(entry).model_fields:
        one, other = getattr(was, field), getattr(entry, field)
        if one == other:
            continue
        if isinstance(one, Entry) and isinstance(other, Entry) and not is_value(other):
            yield from _field_edits(f"{place}.{field}", one, other, policy)
        if _holds_entries(one) or _holds_entries(other):
            continue  # what an entry holds is a value of its own, unless it is but a part of it
        money = field == "amount"
        old, new = (_amount_text(value) if money else say("{value}", value=as_written(value)) for value in (one, other))
        what = describe(policy, place, entry)
        what = what if money or isinstance(entry, Until) else say("{what}（{field}）", what=what, field=field)
        yield Edit(place if money else f"{place}.{field}", what, old, new, getattr(entry, "rule", None))


def _holds_entries(value: object) -> bool:
    return isinstance(value, Entry) or (isinstance(value, tuple) and any(isinstance(item, Entry) for item in value))


def _amount_text(fen: int | None) -> Message:
    return say("–") if fen is None else say(N_("{amount} 元"), amount=format_yuan(fen))


def describe(policy: Policy, place: str, entry: Entry) -> Message:
    """Return what a value is called: its place in words, or the place itself where there are none."""
    vocabulary = policy.vocabulary
    if isinstance(entry, Rate):
        population = vocabulary.populations[entry.population].name
        return say(N_("{population} {tier} 档个人缴费标准"), population=population, tier=entry.tier)
    if isinstance(entry, Fiscal):
        return say(N_("财政补助标准"))
    owner = next((one for one in policy.file.identities if place.startswith(f"identities.{one.code}.")), None)
    if owner is None:
        return say("{place}", place=place)
    return _describe_identity(owner, vocabulary.identities[owner.code].name, place, entry)


def _describe_identity(owner: PackIdentity, name: Message, place: str, entry: Entry) -> Message:
    if isinstance(entry, Subsidy):
        return say(N_("{identity} {tier} 档资助"), identity=name, tier=entry.tier)
    if isinstance(entry, Until):
        return say(N_("{identity} 资助期限"), identity=name)
    return say("{identity} {place}", identity=name, place=place.removeprefix(f"identities.{owner.code}."))


def new_findings(before: Policy, after: Policy) -> tuple[Finding, ...]:
    """Return what ``lint`` finds wrong or silent after the change and did not find before it."""
    known = {(one.code, one.place) for one in lint(before.pack)}
    return tuple(one for one in lint(after.pack) if (one.code, one.place) not in known)
