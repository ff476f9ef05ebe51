"""A list of who is covered elsewhere (BN-2.0) against the spans the register has: which begin, which end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db import models

from yingbao.divisions.codes import Scope
from yingbao.kernel.messages import N_, say
from yingbao.kernel.periods import DAY, first_of_next_month
from yingbao.registry.elsewhere.listed import Line, Listed, read_listed
from yingbao.registry.kinds import ElsewhereKind, ResidentState
from yingbao.registry.models import CoveredElsewhere, Resident
from yingbao.registry.places import tidy
from yingbao.registry.recognising.matching import batches
from yingbao.sheets import Table

NOT_INSURED = frozenset(
    {"否", "无", "未", "不", "n", "no", "0", "未参保", "停保", "暂停", "暂停参保", "终止", "终止参保"}
)
INSURED = frozenset({"", "是", "有", "y", "yes", "1", "参保", "已参保", "正常", "正常参保", "参保缴费", "在保"})
FOR_EVER = 2099  # systems without an empty date write 2099-12-31 or 9999-12-31


@dataclass(frozen=True, slots=True)
class Terms:
    """What a list is read against: which kind of cover, for which month, whether whole, whose people, on which day."""

    about: ElsewhereKind
    month: date
    is_full: bool
    scope: Scope
    on: date

    @property
    def month_end(self) -> date:
        """Return the first day after the list's month."""
        return first_of_next_month(self.month)


@dataclass(slots=True)
class Span:
    """A span of the register, or one that a row opens (``span_id`` None); ``was`` is the end it has in the books."""

    span_id: int | None
    resident_id: int
    begin_on: date
    end_on: date | None
    was: date | None = None
    place: str = ""

    def lasts_after(self, day: date) -> bool:
        """Return whether it goes on beyond a day."""
        return self.end_on is None or self.end_on > day


class Asked(NamedTuple):
    """What one row says: covered in [begin_on, end_on); ``ends_only`` where it says somebody no longer is."""

    line: Line
    resident_id: int
    begin_on: date
    end_on: date | None
    place: str
    ends_only: bool


@dataclass(slots=True)
class ElsewhereReading:
    """A list read and matched: spans to open and to end, rows that change nothing, and who is no longer listed."""

    listed: Listed
    opened: list[Span] = field(default_factory=list)
    ended: list[Span] = field(default_factory=list)
    missing: list[Span] = field(default_factory=list)
    already: int = 0
    open_before: int = 0  # spans of the scope that went on when a whole list came

    @property
    def ends(self) -> list[Span]:
        """Return every span that ends, because a row says so or because a whole list is silent."""
        return [*self.ended, *self.missing]


def read_elsewhere(table: Table, terms: Terms) -> ElsewhereReading:
    """Read every row of a list and hold it against the spans of its kind; nothing is raised for a row.

    A row without a beginning is covered from the first day of the list's month, and one that says 否 until the day
    before. A whole list ends, from the first day of its month, whoever is covered and not in it; not those whom a
    row may mean that was kept out.
    """
    listed = read_listed(table, scope=terms.scope, on=terms.on)
    reading = ElsewhereReading(listed)
    asked = [one for line in listed.lines if line.held and (one := _asked(line, terms)) is not None]
    spans = _spans(terms, {one.resident_id for one in asked})
    by_person: defaultdict[int, list[Asked]] = defaultdict(list)
    for one in asked:
        by_person[one.resident_id].append(one)
    for resident_id, rows in by_person.items():
        _hold_against(reading, spans[resident_id], rows, terms)
    if terms.is_full:
        _find_missing(reading, spans, terms)
    return reading


def _asked(line: Line, terms: Terms) -> Asked | None:
    ends_only = _is_not_insured(line)
    begin_on, last_on = line.row.day("begin_on"), line.row.day("end_on")
    _check_days(line, begin_on, last_on, terms)
    _check_kind(line, terms)
    if line.held is None or not line.cells.is_good:
        return None
    end_on = None if last_on is None or last_on.year >= FOR_EVER else last_on + DAY
    if ends_only:
        end_on = min(end_on or terms.month, terms.month_end)
    place = line.cells.text("place", longest=60) or line.row.text("unit")[:60]
    return Asked(line, line.held.resident_id, begin_on or terms.month, end_on, place, ends_only or begin_on is None)


def _is_not_insured(line: Line) -> bool:
    word = tidy(line.row.text("insured")).lower()
    if word not in NOT_INSURED and word not in INSURED:
        line.cells.fail("insured", say(N_("应填“是”或“否”")))
    return word in NOT_INSURED


def _check_days(line: Line, begin_on: date | None, last_on: date | None, terms: Terms) -> None:
    if begin_on is not None and begin_on >= terms.month_end:
        line.cells.fail("begin_on", say(N_("开始时间在名单月份之后")))
    if begin_on is not None and last_on is not None and last_on < begin_on:
        line.cells.fail("end_on", say(N_("结束时间早于开始时间")))


def _check_kind(line: Line, terms: Terms) -> None:
    if terms.about == ElsewhereKind.EMPLOYEE and "居民" in line.row.text("insurance_kind"):
        line.cells.fail("insurance_kind", say(N_("这是居民医保，不是职工医保")))


def _spans(terms: Terms, resident_ids: set[int]) -> defaultdict[int, list[Span]]:
    """Return resident id → spans of the kind, oldest first: of the whole scope for a whole list, else of the named."""
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    kind = CoveredElsewhere.objects.filter(kind=terms.about).order_by("begin_on", "pk")
    scope = {"resident__division_id__gte": terms.scope.low, "resident__division_id__lt": terms.scope.high}
    narrowed = [kind.filter(**scope)] if terms.is_full else _by_ids(kind, resident_ids)
    for found in narrowed:
        for pk, resident_id, begin_on, end_on in found.values_list("pk", "resident_id", "begin_on", "end_on"):
            if end_on is None or end_on > begin_on:  # one that was taken back lasted no day
                spans[resident_id].append(Span(pk, resident_id, begin_on, end_on, end_on))
    return spans


def _by_ids(kind: models.QuerySet[CoveredElsewhere], ids: Iterable[int]) -> list[models.QuerySet[CoveredElsewhere]]:
    return [kind.filter(resident_id__in=batch) for batch in batches(sorted(ids))]


def _hold_against(reading: ElsewhereReading, spans: list[Span], rows: list[Asked], terms: Terms) -> None:
    """Go through one person's rows, oldest first: an export may have a row for each employer."""
    for one in sorted(rows, key=lambda one: (one.end_on or date.max, one.begin_on)):
        last = spans[-1] if spans else None
        if last is not None and last.lasts_after(terms.month if one.end_on else terms.month_end - DAY):
            changed = _end(reading, last, one)
        else:
            changed = _begin(reading, spans, one, after=last.end_on if last else None, terms=terms)
        reading.already += not changed


def _end(reading: ElsewhereReading, last: Span, one: Asked) -> bool:
    if one.end_on is None or one.end_on == last.end_on:
        return False
    if not one.ends_only and one.end_on <= last.begin_on:
        return False  # an older stay, before the one that goes on
    untouched = last.end_on == last.was
    last.end_on = max(one.end_on, last.begin_on)
    if last.span_id is not None and untouched:
        reading.ended.append(last)
    return True


def _begin(reading: ElsewhereReading, spans: list[Span], one: Asked, *, after: date | None, terms: Terms) -> bool:
    held = one.line.held
    begin_on = max(one.begin_on, after or one.begin_on)
    if one.end_on is not None and one.end_on <= max(begin_on, terms.month):
        return False  # over before the list's month: says nothing of now
    if held is not None and held.state != ResidentState.PRESENT:
        one.line.cells.warn("cert_number", say(N_("台账中此人已死亡或迁出")))
        return False
    span = Span(None, one.resident_id, begin_on, one.end_on, place=one.place)
    spans.append(span)
    reading.opened.append(span)
    return True


def _find_missing(reading: ElsewhereReading, spans: Mapping[int, list[Span]], terms: Terms) -> None:
    going_on = [
        (resident_id, span)
        for resident_id, of_one in spans.items()
        for span in of_one
        if span.span_id is not None and _went_on(span, terms)
    ]
    reading.open_before = len(going_on)
    unnamed = [span for resident_id, span in going_on if resident_id not in reading.listed.named]
    spared = _bearers(unnamed, reading.listed.names)
    for span in unnamed:
        if span.resident_id not in spared:
            span.end_on = max(terms.month, span.begin_on)
            reading.missing.append(span)


def _went_on(span: Span, terms: Terms) -> bool:
    return span.begin_on < terms.month_end and (span.was is None or span.was > terms.month)


def _bearers(spans: Iterable[Span], names: set[str]) -> set[int]:
    """Return those of the spans' people who bear one of the names."""
    if not names:
        return set()
    found: set[int] = set()
    for batch in batches(sorted(span.resident_id for span in spans)):
        people = Resident.objects.filter(pk__in=batch).values_list("pk", "name")
        found.update(pk for pk, name in people if name in names)
    return found
