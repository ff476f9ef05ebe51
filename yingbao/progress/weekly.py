"""Done against target, now and week by week (BN-1, PJ-1, PJ-8.4).

"Done" counts people whose money has been taken (or whose zero due has been declared). The notice's money target is
its person target × the tier-1 rate, so money done is the whole contribution: what people and departments pay, the
fiscal subsidy left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet, Sum

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection import queries as collection
from yingbao.divisions import queries as divisions
from yingbao.divisions.codes import Scope
from yingbao.divisions.kinds import Level
from yingbao.progress.models import Target, WeeklyLine
from yingbao.registry import counts
from yingbao.storage.transactions import operation

if TYPE_CHECKING:
    from yingbao.collection.models import Due
    from yingbao.divisions.models import Division


@dataclass(frozen=True, slots=True)
class Done:
    """What a village has reached: people, whole contribution in fen, and what people themselves paid."""

    persons: int = 0
    amount_fen: int = 0
    paid_fen: int = 0
    low_income_enrolled: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """One village against its target. Percentages have one decimal, None where there is no target."""

    division_code: int
    name: str
    target_persons: int
    target_fen: int
    done: Done
    low_income_persons: int

    @property
    def persons_percent(self) -> Decimal | None:
        """People done per cent of the target."""
        return percent(self.done.persons, self.target_persons)

    @property
    def amount_percent(self) -> Decimal | None:
        """Money done per cent of the target."""
        return percent(self.done.amount_fen, self.target_fen)

    @property
    def low_income_percent(self) -> Decimal | None:
        """Low-income people enrolled per cent of those in the register."""
        return percent(self.done.low_income_enrolled, self.low_income_persons)


def percent(part: int, whole: int) -> Decimal | None:
    """Return part of whole in per cent with one decimal; None where whole is 0."""
    if not whole:
        return None
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def standings(actor: Actor, *, year: int, on: date, low_income: Iterable[str]) -> list[Standing]:
    """Return each village of the actor's scope against its target at the end of ``on``. Needs SEE_PROGRESS.

    ``low_income`` names the identity codes counted as low-income people (BN-4.2.2a). Four statements, whatever
    the number of villages. Where an institution enrols at its town, that town has a line of its own, without a target.
    """
    actor.must(Right.SEE_PROGRESS)
    scope, codes = actor.scope, frozenset(low_income)
    targets = {target.division_id: target for target in _targets(scope, year)}
    reached = done(scope, year=year, on=on, low_income=codes)
    people = counts.with_identity(scope, codes=codes, on=on)
    return [
        Standing(
            division_code=place.code,
            name=line_name(place),
            target_persons=targets[place.code].persons if place.code in targets else 0,
            target_fen=targets[place.code].amount_fen if place.code in targets else 0,
            done=reached.get(place.code, Done()),
            low_income_persons=people.get(place.code, 0),
        )
        for place in divisions.within(scope)
        if place.level == Level.VILLAGE or (place.level == Level.TOWN and place.code in reached)
    ]


def line_name(place: Division) -> str:
    """Return what a place is called in the table: a town's line holds who enrolled at the town, not its villages'."""
    return place.name if place.level == Level.VILLAGE else f"{place.name}（本级）"


def done(scope: Scope, *, year: int, on: date, low_income: frozenset[str]) -> dict[int, Done]:
    """Return village code → what it has reached at the end of ``on``, in two statements."""
    counted = collection.dues(scope, year=year).filter(collected_on__lte=on)
    low = _low_income_enrolled(counted, low_income, on)
    rows = counted.values_list("division_id").annotate(
        persons=Count("id"), amount=Sum("enrolment__rate_fen"), paid=Sum("amount_fen")
    )
    return {code: Done(persons, amount, paid, low.get(code, 0)) for code, persons, amount, paid in rows}


def _low_income_enrolled(counted: QuerySet[Due], codes: frozenset[str], on: date) -> Mapping[int, int]:
    entitled = counts.holders(codes=codes, on=on)
    rows = counted.filter(enrolment__resident_id__in=entitled).values_list("division_id").annotate(n=Count("id"))
    return dict(rows)


def _targets(scope: Scope, year: int) -> Iterable[Target]:
    """The villages': a town's own target is the sum of theirs."""
    within = Q(division_id__gte=scope.low) & Q(division_id__lt=scope.high)
    return Target.objects.filter(within, year=year, division__level=Level.VILLAGE)


@operation
def record_week(lines: Iterable[Standing], *, year: int, cut_off_on: date) -> None:
    """Keep a Thursday's figures as reported; a second report of the same day replaces the first."""
    WeeklyLine.objects.bulk_create(
        (
            WeeklyLine(
                division_id=line.division_code,
                year=year,
                cut_off_on=cut_off_on,
                persons=line.done.persons,
                amount_fen=line.done.amount_fen,
                low_income_persons=line.low_income_persons,
                low_income_enrolled=line.done.low_income_enrolled,
            )
            for line in lines
        ),
        update_conflicts=True,
        unique_fields=["division", "year", "cut_off_on"],
        update_fields=["persons", "amount_fen", "low_income_persons", "low_income_enrolled"],
    )


def weeks(actor: Actor, *, year: int) -> list[tuple[date, int, int]]:
    """Return (cut-off, cumulative persons, cumulative fen) of the actor's divisions per reported week, in order."""
    actor.must(Right.SEE_PROGRESS)
    lines = WeeklyLine.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    rows = lines.values_list("cut_off_on").annotate(persons=Sum("persons"), fen=Sum("amount_fen"))
    return [(cut_off, persons, fen) for cut_off, persons, fen in rows.order_by("cut_off_on")]
