"""Writing declarations and their answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Subquery

from yingbao.collection.kinds import AnswerState, DueState, LayoutKind
from yingbao.collection.models import Declaration, DeclarationLine, Due, ExchangeLayout
from yingbao.kernel.errors import Refused
from yingbao.kernel.messages import N_, say
from yingbao.storage.bulk import insert_rows, set_rows
from yingbao.storage.transactions import operation

ROWS_AT_ONCE = 150  # of an update with a value per row: SQLite takes 999 parameters a statement
LINE = ("declaration", "due", "payment_line", "amount_fen", "state", "reason")


@dataclass(frozen=True, slots=True)
class Declared:
    """One person's money to declare; ``payment_line_id`` None where nothing is owed."""

    due_id: int
    payment_line_id: int | None
    amount_fen: int


@operation
def record_declaration(
    declared: Sequence[Declared], *, kind: str, division_code: int, agent_id: int, year: int, on: date
) -> Declaration:
    """Write a batch and mark its dues declared; zero dues count as collected on the same day.

    Raises IntegrityError where some of it is declared already, Refused where one of the dues is not there to be
    declared any more: its refund was approved meanwhile.
    """
    _must_wait([one.due_id for one in declared])
    declaration = Declaration.objects.create(
        kind=kind,
        division_id=division_code,
        agent_id=agent_id,
        year=year,
        declared_on=on,
        persons=len({one.due_id for one in declared}),
        amount_fen=sum(one.amount_fen for one in declared),
    )
    rows = ((declaration.pk, *_fields(one), AnswerState.SENT.value, "") for one in declared)
    insert_rows(DeclarationLine, LINE, rows)
    ids = [one.due_id for one in declared]
    set_rows(Due, set(ids), state=DueState.DECLARED.value, declared_on=on)
    Due.objects.filter(pk__in=ids, collected_on__isnull=True).update(collected_on=on)
    return declaration


def _must_wait(due_ids: Iterable[int]) -> None:
    """Hold dues until commit, in id order, and see that they are still open or collected."""
    held = Due.objects.select_for_update().filter(pk__in=list(due_ids)).order_by("pk").values_list("state", flat=True)
    if set(held) - {DueState.OPEN, DueState.COLLECTED}:
        raise Refused(
            say(N_("待申报的人员中有人刚刚申报过或已批准退费，没有申报。")), todo=say(N_("请刷新页面后重新申报。"))
        )


def _fields(one: Declared) -> tuple[int, int | None, int]:
    return (one.due_id, one.payment_line_id, one.amount_fen)


@operation
def lock_declarations(ids: Iterable[int]) -> dict[int, Declaration]:
    """Return id → declaration of those that still wait for an answer, held until commit, locked in id order."""
    waiting = Declaration.objects.select_for_update(of=("self",)).filter(pk__in=sorted(ids), cleared_on__isnull=True)
    return {one.pk: one for one in waiting.order_by("pk")}


@operation
def unanswered_lines(declaration: Declaration) -> list[DeclarationLine]:
    """Return the lines of a locked declaration the client has not answered for, in due order."""
    return list(declaration.lines.filter(state=AnswerState.SENT).order_by("due_id", "pk"))


@operation
def accept_lines(line_ids: Iterable[int], *, state: AnswerState, on: date) -> None:
    """Keep that the money of some lines is in the treasury; ``state`` SHORT for what is not enough any more."""
    lines = DeclarationLine.objects.filter(pk__in=list(line_ids), state=AnswerState.SENT)
    lines.update(state=state, answered_on=on)


@operation
def refuse_lines(refused: Mapping[int, tuple[date, str]]) -> None:
    """Keep line id → (day, reason) of what the client sent back."""
    lines = [
        DeclarationLine(pk=pk, state=AnswerState.REFUSED, answered_on=on, reason=reason)
        for pk, (on, reason) in refused.items()
    ]
    DeclarationLine.objects.bulk_update(lines, ["state", "answered_on", "reason"], batch_size=ROWS_AT_ONCE)


@operation
def close_answered(ids: Iterable[int]) -> None:
    """Note of each declaration whose lines are all answered for the day on which the last one was."""
    lines = DeclarationLine.objects.filter(declaration=OuterRef("pk"))
    waiting = lines.filter(state=AnswerState.SENT)
    last = lines.order_by("-answered_on").values("answered_on")[:1]
    answered = Declaration.objects.filter(pk__in=list(ids), cleared_on__isnull=True).exclude(Exists(waiting))
    answered.update(cleared_on=Subquery(last))


@operation
def keep_layout(
    kind: LayoutKind, columns: Sequence[tuple[str, str]], *, division_code: int, user_id: int, at: datetime
) -> ExchangeLayout:
    """Write a layout, from now on the one that counts for the district."""
    held = [list(column) for column in columns]
    return ExchangeLayout.objects.create(
        division_id=division_code, kind=kind, columns=held, set_by_id=user_id, set_at=at
    )
