"""Reading targets and the weekly tables that were reported."""

from __future__ import annotations

from datetime import date

from django.db.models import Max, QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.divisions.kinds import Level
from yingbao.progress.models import Target, WeeklyLine


def deadline(actor: Actor, *, year: int) -> date | None:
    """Return the last day by which the actor's divisions are to reach their targets; None where they have none."""
    actor.must(Right.SEE_PROGRESS)
    within = Target.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    found: date | None = within.aggregate(last=Max("due_on"))["last"]
    return found


def week_lines(actor: Actor, *, year: int, cut_off_on: date) -> QuerySet[WeeklyLine]:
    """Return the lines of one Thursday's table as they were reported, in code order. Needs SEE_PROGRESS."""
    actor.must(Right.SEE_PROGRESS)
    within = WeeklyLine.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return within.filter(cut_off_on=cut_off_on).select_related("division").order_by("division_id")


def targets(actor: Actor, *, year: int) -> dict[int, Target]:
    """Return village code → target of the actor's divisions; a town's own is the sum of its villages'.

    Needs SEE_PROGRESS.
    """
    actor.must(Right.SEE_PROGRESS)
    within = Target.objects.filter(year=year, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    return {target.division_id: target for target in within.filter(division__level=Level.VILLAGE)}


def target_persons(actor: Actor, *, year: int) -> int:
    """Return how many people the actor's villages are to enrol together."""
    return sum(target.persons for target in targets(actor, year=year).values())
