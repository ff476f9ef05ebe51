"""What must hold of the register, whoever wrote to it; each function returns the ids of what breaks it."""

from __future__ import annotations

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from yingbao.divisions.codes import Scope
from yingbao.registry.kinds import Eligibility, FileKind, FileState, HouseholdState, Relation, ResidentState
from yingbao.registry.models import (
    CoveredElsewhere,
    EligibilityReview,
    Household,
    Identity,
    ImportedFile,
    Institution,
    Resident,
)

GONE = (ResidentState.DEAD, ResidentState.MOVED_OUT)


def households_without_one_head(scope: Scope, *, year: int) -> list[int]:
    """Return households of people who are here that have no head, or several.

    A head of whom a list tells that they have died is their head until somebody names another: the board of data
    quality asks for that. An institution's collective household has none.
    """
    people = Count("members", filter=Q(members__state=ResidentState.PRESENT))
    heads = Count("members", filter=Q(members__relation=Relation.HEAD) & ~Q(members__state=ResidentState.MERGED))
    homes = Household.objects.filter(_within(scope), institution__isnull=True)
    counted = homes.annotate(people=people, heads=heads)
    return list(counted.filter(people__gt=0).exclude(heads=1).values_list("pk", flat=True))


def people_away_from_their_household(scope: Scope, *, year: int) -> list[int]:
    """Return residents who are enrolled in another village than their household's."""
    return list(_people(scope).exclude(division_id=F("household__division_id")).values_list("pk", flat=True))


def people_neither_here_nor_gone(scope: Scope, *, year: int) -> list[int]:
    """Return residents whose day of death or leaving disagrees with their state, or merged twice over."""
    without_day = Q(state__in=GONE, gone_on__isnull=True) | Q(state=ResidentState.PRESENT, gone_on__isnull=False)
    chained = Q(state=ResidentState.MERGED, merged_into__state=ResidentState.MERGED)
    return list(_people(scope).filter(without_day | chained).values_list("pk", flat=True))


def identities_overlapping(scope: Scope, *, year: int) -> list[int]:
    """Return identities that end before they begin, or run beside another of the same person and kind."""
    others = Identity.objects.filter(resident=OuterRef("resident"), code=OuterRef("code"))
    return _overlapping(Identity.objects.all(), others, scope)


def spans_elsewhere_overlapping(scope: Scope, *, year: int) -> list[int]:
    """Return spans of cover elsewhere that end before they begin, or run beside another of the same kind."""
    others = CoveredElsewhere.objects.filter(resident=OuterRef("resident"), kind=OuterRef("kind"))
    return _overlapping(CoveredElsewhere.objects.all(), others, scope)


def rosters_accepted_by_their_sender(scope: Scope, *, year: int) -> list[int]:
    """Return accepted rosters that the same person brought and accepted."""
    accepted = ImportedFile.objects.filter(_within(scope), kind=FileKind.ROSTER, state=FileState.ACCEPTED)
    return list(accepted.filter(decided_by=F("uploaded_by")).values_list("pk", flat=True))


def collective_households_off_their_place(scope: Scope, *, year: int) -> list[int]:
    """Return institutions whose collective household is in another place or dissolved, or holds people of no group."""
    misplaced = ~Q(household__division_id=F("division_id")) | ~Q(household__state=HouseholdState.PRESENT)
    groupless = Exists(Resident.objects.filter(household=OuterRef("household"), basis=""))
    return list(Institution.objects.filter(_within(scope)).filter(misplaced | groupless).values_list("pk", flat=True))


def identities_on_one_word(scope: Scope, *, year: int) -> list[int]:
    """Return lists of institutions that gave somebody an identity and were accepted by whoever sent them."""
    accepted = ImportedFile.objects.filter(_within(scope), kind=FileKind.MEMBERS, state=FileState.ACCEPTED)
    alone = accepted.filter(decided_by=F("uploaded_by")).filter(Exists(Identity.objects.filter(file=OuterRef("pk"))))
    return list(alone.values_list("pk", flat=True))


def eligibility_off_its_review(scope: Scope, *, year: int) -> list[int]:
    """Return residents who await a review that nobody is asked for, or were refused without one."""
    reviews = EligibilityReview.objects.filter(resident=OuterRef("pk"), state=OuterRef("eligibility"))
    judged = _people(scope).exclude(eligibility=Eligibility.ACCEPTED)
    return list(judged.exclude(Exists(reviews)).values_list("pk", flat=True))


def _overlapping(
    spans: QuerySet[Identity] | QuerySet[CoveredElsewhere],
    others: QuerySet[Identity] | QuerySet[CoveredElsewhere],
    scope: Scope,
) -> list[int]:
    lasting = Q(end_on__isnull=True) | Q(end_on__gt=F("begin_on"))  # one that was taken back lasted no day
    beside = others.filter(lasting, pk__gt=OuterRef("pk")).filter(
        Q(end_on__isnull=True) | Q(end_on__gt=OuterRef("begin_on"))
    )
    meets = beside.filter(begin_on__lt=OuterRef("end_on"))
    unending = Q(end_on__isnull=True)
    within = spans.filter(resident__division_id__gte=scope.low, resident__division_id__lt=scope.high)
    wrong = Q(end_on__lt=F("begin_on")) | (unending & Exists(beside)) | (~unending & Exists(meets))
    return list(within.filter(wrong).exclude(end_on=F("begin_on")).order_by("pk").values_list("pk", flat=True))


def _people(scope: Scope) -> QuerySet[Resident]:
    return Resident.objects.filter(_within(scope))


def _within(scope: Scope) -> Q:
    return Q(division_id__gte=scope.low, division_id__lt=scope.high)
