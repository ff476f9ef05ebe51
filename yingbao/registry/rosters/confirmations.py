"""The town's own word on identities when it declares people for a year (PJ-5.2.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Prefetch, Q, QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions.codes import Scope
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.registry.kinds import ResidentState
from yingbao.registry.models import Identity, IdentityConfirmation
from yingbao.registry.recognising.matching import batches
from yingbao.storage.bulk import insert_rows
from yingbao.storage.transactions import operation

CONFIRMATION = ("identity", "year", "agrees", "reason", "by", "at")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many identities of one kind a village has, and what the town has said of them."""

    code: str
    department: str
    people: int
    confirmed: int
    objected: int

    @property
    def open(self) -> int:
        """How many await the town's word."""
        return self.people - self.confirmed - self.objected


def in_force(actor: Actor, *, on: date, village: int | None = None) -> QuerySet[Identity]:
    """Return the identities in force on a day of the people present in the actor's divisions, or one village of them.

    Needs CONFIRM_IDENTITY.
    """
    actor.must(Right.CONFIRM_IDENTITY)
    found = Identity.objects.filter(
        _within(actor.scope), Q(end_on__isnull=True) | Q(end_on__gt=on), begin_on__lte=on,
        resident__state=ResidentState.PRESENT,
    )  # fmt: skip
    return found if village is None else found.filter(resident__division_id=village)


def listed(identities: QuerySet[Identity], *, year: int) -> QuerySet[Identity]:
    """Return identities with their people, villages and the town's word of a year (``said``), in order of place."""
    said = IdentityConfirmation.objects.filter(year=year).select_related("by")
    found = identities.select_related("resident__division", "resident__household", "file")
    prefetched = found.prefetch_related(Prefetch("confirmations", queryset=said, to_attr="said"))
    return prefetched.order_by("resident__division_id", "resident__household_id", "resident_id", "pk")


def unsaid(identities: QuerySet[Identity], *, year: int) -> QuerySet[Identity]:
    """Return those the town has said nothing of for a year."""
    return identities.exclude(pk__in=IdentityConfirmation.objects.filter(year=year).values("identity_id"))


def tallies(identities: QuerySet[Identity], *, year: int) -> list[Tally]:
    """Return counts per identity and department, in one statement."""
    this_year = Q(confirmations__year=year)
    counted = identities.values_list("code", "department").annotate(
        people=Count("pk", distinct=True),
        confirmed=Count("pk", filter=this_year & Q(confirmations__agrees=True), distinct=True),
        objected=Count("pk", filter=this_year & Q(confirmations__agrees=False), distinct=True),
    )
    return [Tally(*row) for row in counted.order_by("department", "code")]


def count_unconfirmed(held: Iterable[tuple[int, str]], *, year: int, on: date) -> int:
    """Return how many of some (resident id, identity code) the town has not confirmed for a year. For use cases only.

    Whoever no longer has the identity on the day counts as not confirmed.
    """
    wanted = Counter(held)
    confirmed: set[tuple[int, str]] = set()
    for batch in batches(sorted({resident_id for resident_id, _code in wanted})):
        agreed = Identity.objects.filter(
            Q(end_on__isnull=True) | Q(end_on__gt=on), resident_id__in=batch, begin_on__lte=on,
            confirmations__year=year, confirmations__agrees=True,
        )  # fmt: skip
        confirmed.update(agreed.values_list("resident_id", "code"))
    return sum(count for pair, count in wanted.items() if pair not in confirmed)


@operation
def lock_identities(actor: Actor, identity_ids: Collection[int], *, on: date) -> list[Identity]:
    """Return identities in force in the actor's divisions, locked in order of id. Raises NotFound where one is not."""
    found: list[Identity] = []
    for batch in batches(sorted(set(identity_ids))):
        within = in_force(actor, on=on).filter(pk__in=batch).select_for_update(of=("self",))
        found += within.select_related("resident").order_by("pk")
    if len(found) != len(set(identity_ids)) or not found:
        raise NotFound(say(N_("没有找到这些身份，或已取消，或不在您的管理范围内。")))
    return found


@operation
def confirm(identities: Iterable[Identity], *, year: int, by_id: int, at: datetime) -> int:
    """Keep that the town agrees with identities it has said nothing of; return how many those are.

    What it objected to stays objected: ``confirm_after_all`` takes that back, one at a time.
    """
    ids = [identity.pk for identity in identities]
    said: set[int] = set()
    for batch in batches(sorted(ids)):
        earlier = IdentityConfirmation.objects.filter(year=year, identity_id__in=batch)
        said.update(earlier.values_list("identity_id", flat=True))
    rows = ((pk, year, True, "", by_id, at) for pk in ids if pk not in said)
    return insert_rows(IdentityConfirmation, CONFIRMATION, rows)


@operation
def say_of(identity: Identity, *, year: int, agrees: bool, reason: str, by_id: int, at: datetime) -> None:
    """Keep the town's word on one identity, in place of an earlier one of the year."""
    IdentityConfirmation.objects.update_or_create(
        identity=identity, year=year, defaults={"agrees": agrees, "reason": reason, "by_id": by_id, "at": at}
    )


def _within(scope: Scope) -> Q:
    return Q(resident__division_id__gte=scope.low, resident__division_id__lt=scope.high)
