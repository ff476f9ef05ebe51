"""Writing enrolments. The decision is made above, by the policy; here it is kept whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from yingbao.enrolment.kinds import EnrolmentState
from yingbao.enrolment.models import Enrolment
from yingbao.policy import Decision
from yingbao.storage.bulk import add_few, insert_rows, set_rows, update_rows
from yingbao.storage.transactions import operation

MANY = 1000  # rows at once after which PostgreSQL should look at a table anew


@dataclass(frozen=True, slots=True)
class Decided:
    """A person, the tier they chose, and what the policy says of it."""

    resident_id: int
    division_code: int
    tier: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class Basis:
    """Which policy decided, in which version, for which year, as of which day."""

    policy: str
    policy_hash: str
    year: int
    decided_on: date


@operation
def enrol(decided: Sequence[Decided], *, basis: Basis, user_id: int, at: datetime) -> list[Enrolment]:
    """Enrol people. Raises IntegrityError where one of them has a standing enrolment of that year."""
    enrolments = [
        Enrolment(
            resident_id=one.resident_id,
            division_id=one.division_code,
            year=basis.year,
            tier=one.tier,
            policy=basis.policy,
            policy_hash=basis.policy_hash,
            decided_on=basis.decided_on,
            enrolled_by_id=user_id,
            enrolled_at=at,
        )
        for one in decided
    ]
    for enrolment, one in zip(enrolments, decided, strict=True):
        _keep(enrolment, one.decision)
    return add_few(enrolments)


@operation
def enrol_list(decided: Iterable[Decided], *, basis: Basis, user_id: int, at: datetime) -> int:
    """Enrol thousands without an object for each, as ``enrol`` does, and return how many. Raises IntegrityError so."""
    shared = (basis.year, basis.policy, basis.policy_hash, basis.decided_on, user_id, at, EnrolmentState.STANDING.value)
    return insert_rows(
        Enrolment,
        ("resident", "division", "tier", *KEPT, *SHARED),
        ((one.resident_id, one.division_code, one.tier, *_columns(one.decision).values(), *shared) for one in decided),
    )


@operation
def redecide(pairs: Iterable[tuple[Enrolment, Decision]], *, basis: Basis) -> None:
    """Replace the decisions of enrolments that are not locked, where they differ or another version of the policy
    decides; a locked one raises ValueError.
    """
    changed = []
    for enrolment, decision in pairs:
        if enrolment.locked_on is not None:
            raise ValueError(f"enrolment {enrolment.pk} is locked")
        if not holds(enrolment, decision) or enrolment.policy_hash != basis.policy_hash:
            _keep(enrolment, decision)
            enrolment.policy, enrolment.policy_hash = basis.policy, basis.policy_hash
            enrolment.decided_on = basis.decided_on
            changed.append(enrolment)
    columns = (*KEPT, "policy", "policy_hash", "decided_on")
    update_rows(Enrolment, columns, ((one.pk, *(getattr(one, name) for name in columns)) for one in changed))


@operation
def lock(enrolment_ids: Iterable[int], *, on: date) -> None:
    """Lock decisions: the identity of the day the money cleared stays the one that counts (PJ-5.0)."""
    set_rows(Enrolment, enrolment_ids, locked_on=on)


@operation
def choose_tier(enrolment: Enrolment, tier: int) -> None:
    """Note another tier for an enrolment that is not locked; its decision is then made anew."""
    if enrolment.locked_on is not None:
        raise ValueError(f"enrolment {enrolment.pk} is locked")
    enrolment.tier = tier
    enrolment.save(update_fields=["tier"])


@operation
def correct_locked(enrolment: Enrolment, decision: Decision, *, basis: Basis) -> None:
    """Put another decision in place of a locked one, as of the day it was locked: a roster had come late (PJ-5.0).

    What the policy saw wrongly is mended; day, tier and benefit period stay. The caller tells the audit trail.
    """
    if enrolment.locked_on is None or enrolment.locked_on != basis.decided_on:
        raise ValueError(f"enrolment {enrolment.pk} is not locked on that day")
    _keep(enrolment, decision)
    enrolment.policy, enrolment.policy_hash = basis.policy, basis.policy_hash
    enrolment.save(update_fields=[*KEPT, "policy", "policy_hash"])


@operation
def cancel(enrolment_ids: Iterable[int], *, by_id: int, why: str, at: datetime) -> None:
    """Cancel standing enrolments for a reason; the persons may enrol anew. The decision stays to be read."""
    standing = Enrolment.objects.filter(pk__in=list(enrolment_ids), state=EnrolmentState.STANDING)
    standing.update(state=EnrolmentState.CANCELLED, cancelled_at=at, cancelled_by=by_id, cancelled_why=why)


def holds(enrolment: Enrolment, decision: Decision) -> bool:
    """Return whether an enrolment's kept decision is this one."""
    return all(getattr(enrolment, name) == value for name, value in _columns(decision).items())


KEPT = ("status", "rate_fen", "subsidy_fen", "subsidy_identity", "payable_fen", "fiscal_fen", "reasons", "extras")

SHARED = ("year", "policy", "policy_hash", "decided_on", "enrolled_by", "enrolled_at", "state")


def _keep(enrolment: Enrolment, decision: Decision) -> None:
    for name, value in _columns(decision).items():
        setattr(enrolment, name, value)


def _columns(decision: Decision) -> dict[str, object]:
    return {
        "status": decision.status,
        "rate_fen": decision.rate_fen,
        "subsidy_fen": decision.subsidy_fen,
        "subsidy_identity": decision.subsidy_identity or "",
        "payable_fen": decision.payable_fen,
        "fiscal_fen": decision.fiscal_subsidy_fen,
        "reasons": list(decision.reasons),
        "extras": dict(decision.extras),
    }
