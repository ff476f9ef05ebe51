"""Writing declarations and their answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from yingbao.collection.kinds import AnswerState, DueState
from yingbao.collection.models import Declaration, DeclarationLine, Due
from yingbao.storage.bulk import insert_rows
from yingbao.storage.transactions import operation

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

    Raises IntegrityError where some of it is declared already.
    """
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
    Due.objects.filter(pk__in=ids).update(state=DueState.DECLARED, declared_on=on)
    Due.objects.filter(pk__in=ids, collected_on__isnull=True).update(collected_on=on)
    return declaration


def _fields(one: Declared) -> tuple[int, int | None, int]:
    return (one.due_id, one.payment_line_id, one.amount_fen)


@operation
def lock_declaration(declaration_id: int) -> Declaration | None:
    """Return a declaration that has not been cleared, held until commit; None where there is none."""
    return (
        Declaration.objects.select_for_update(of=("self",))
        .select_related("agent")
        .filter(pk=declaration_id, cleared_on__isnull=True)
        .first()
    )


@operation
def unanswered_lines(declaration: Declaration) -> list[DeclarationLine]:
    """Return the lines of a locked declaration the client has not answered for, in due order."""
    return list(declaration.lines.filter(state=AnswerState.SENT).order_by("due_id", "pk"))


@operation
def answer_lines(line_ids: Iterable[int], *, state: AnswerState, on: date, reason: str = "") -> None:
    """Keep what the client said of some lines; ``reason`` for those it refused."""
    lines = DeclarationLine.objects.filter(pk__in=list(line_ids), state=AnswerState.SENT)
    lines.update(state=state, answered_on=on, reason=reason)


@operation
def close_declaration(declaration: Declaration, *, on: date) -> None:
    """Note the day on which the last line of a declaration was answered for."""
    declaration.cleared_on = on
    declaration.save(update_fields=["cleared_on"])
