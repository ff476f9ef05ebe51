"""What must hold of declarations and their answers; each function returns the ids of what breaks it."""

from __future__ import annotations

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from yingbao.collection.kinds import AnswerState, DueState
from yingbao.collection.models import Declaration, DeclarationLine, Due
from yingbao.divisions.codes import Scope
from yingbao.ledger import queries as ledger
from yingbao.ledger.kinds import AccountKind


def declared_off_the_books(scope: Scope, *, year: int) -> list[int]:
    """Return villages where what an agent has declared in the ledger is not the sum of their unanswered lines."""
    waiting = _lines(scope, year).filter(state=AnswerState.SENT, amount_fen__gt=0)
    rows = waiting.values_list("declaration__agent_id", "due__division_id").annotate(fen=Sum("amount_fen"))
    noted = {(str(agent), village): fen for agent, village, fen in rows}
    posted = ledger.by_holder(scope, year=year, kind=AccountKind.DECLARED)
    whose = noted.keys() | posted.keys()
    return sorted({one[1] for one in whose if noted.get(one, 0) != posted.get(one, 0)})


def dues_out_of_step(scope: Scope, *, year: int) -> list[int]:
    """Return dues that are declared without one line that waits for an answer, or wait without being declared."""
    within = Due.objects.filter(division_id__gte=scope.low, division_id__lt=scope.high, enrolment__year=year)
    waiting = Count("declaration_lines", filter=Q(declaration_lines__state=AnswerState.SENT))
    declared = within.filter(state=DueState.DECLARED).annotate(n=waiting).exclude(n=1)
    sent = DeclarationLine.objects.filter(due=OuterRef("pk"), state=AnswerState.SENT)
    others = within.exclude(state=DueState.DECLARED).filter(Exists(sent))
    return sorted({*declared.values_list("pk", flat=True), *others.values_list("pk", flat=True)})


def batches_off_their_lines(scope: Scope, *, year: int) -> list[int]:
    """Return declarations that are not the sum of their lines, or are closed with a line open, or the other way."""
    within = Declaration.objects.filter(year=year, division_id__gte=scope.low, division_id__lt=scope.high)
    summed = within.annotate(
        people=Count("lines__due", distinct=True),
        fen=Sum("lines__amount_fen", default=0),
        open=Count("lines", filter=Q(lines__state=AnswerState.SENT)),
    )
    wrong = ~Q(people=F("persons")) | ~Q(fen=F("amount_fen"))
    early = Q(cleared_on__isnull=False, open__gt=0) | Q(cleared_on__isnull=True, open=0)
    return sorted(summed.filter(wrong | early).values_list("pk", flat=True))


def _lines(scope: Scope, year: int) -> QuerySet[DeclarationLine]:
    return DeclarationLine.objects.filter(
        declaration__year=year, due__division_id__gte=scope.low, due__division_id__lt=scope.high
    )
