"""Opening and ending spans of cover elsewhere as accepted lists say, and taking a list back. Nothing is deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, F, OuterRef, Q

from yingbao.registry import operations
from yingbao.registry.elsewhere.rows import Span
from yingbao.registry.kinds import ResidentState
from yingbao.registry.models import CoveredElsewhere, ImportedFile
from yingbao.registry.recognising.matching import batches
from yingbao.storage.bulk import insert_rows
from yingbao.storage.transactions import operation

STATED = "stated_ends"  # in a file's differences: span id → the end it had before the file gave it another


@operation
def open_spans(spans: Iterable[Span], *, file: ImportedFile) -> int:
    """Write the spans a list opens; return how many."""
    columns = ("resident", "kind", "begin_on", "end_on", "place", "file")
    rows = ((one.resident_id, file.about, one.begin_on, one.end_on, one.place, file.pk) for one in spans)
    return insert_rows(CoveredElsewhere, columns, rows)


@operation
def end_spans(spans: Iterable[Span], *, file: ImportedFile) -> int:
    """End spans where a list says, and keep in the file's differences the ends they had; return how many."""
    by_day: defaultdict[date | None, list[int]] = defaultdict(list)
    stated = {}
    for one in spans:
        if one.span_id is not None:
            by_day[one.end_on].append(one.span_id)
            if one.was is not None:
                stated[str(one.span_id)] = one.was.isoformat()
    for end_on, ids in by_day.items():
        for batch in batches(sorted(ids)):
            CoveredElsewhere.objects.filter(pk__in=batch).update(end_on=end_on, closed_by=file)
    if stated:
        operations.tell_differences(file, {STATED: stated})
    return sum(len(ids) for ids in by_day.values())


@operation
def undo_list(file: ImportedFile) -> dict[str, int]:
    """Take back what a list did: what it opened lasts no day, what it ended has its end of before.

    A span that another has followed since keeps its end. Returns ``{"emptied", "reopened", "kept"}``.
    """
    emptied = CoveredElsewhere.objects.filter(file=file).update(end_on=F("begin_on"), closed_by=file)
    ended = CoveredElsewhere.objects.filter(closed_by=file).exclude(file=file)
    ended = ended.exclude(resident__state=ResidentState.MERGED)  # the kept record has its spans
    others = CoveredElsewhere.objects.filter(resident=OuterRef("resident"), kind=OuterRef("kind"))
    lasting = Q(end_on__isnull=True) | Q(end_on__gt=F("begin_on"))
    followed = Exists(others.filter(lasting, begin_on__gte=OuterRef("end_on")).exclude(pk=OuterRef("pk")))
    reopened = list(ended.exclude(followed).values_list("pk", flat=True))
    kept = ended.count() - len(reopened)
    _give_back_ends(reopened, dict(file.differences.get(STATED, {})))
    return {"emptied": emptied, "reopened": len(reopened), "kept": kept}


def _give_back_ends(span_ids: Iterable[int], stated: dict[str, str]) -> None:
    by_day: defaultdict[str | None, list[int]] = defaultdict(list)
    for span_id in span_ids:
        by_day[stated.get(str(span_id))].append(span_id)
    for end_on, ids in by_day.items():
        for batch in batches(sorted(ids)):
            spans = CoveredElsewhere.objects.filter(pk__in=batch)
            spans.update(end_on=date.fromisoformat(end_on) if end_on else None, closed_by=None)
