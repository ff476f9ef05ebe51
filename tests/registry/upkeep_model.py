"""What must be true of a small register, kept beside it in the simplest way: days as bits, numbers as sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from yingbao.registry.models import CoveredElsewhere, Identity

FIRST, DAYS = date(2022, 1, 1), 730
EVER = (1 << DAYS) - 1
Days = int  # bit n: the day FIRST + n
Span = tuple[date, date | None]


def since(day: date) -> Days:
    """Return every day from one on."""
    return EVER & ~((1 << max(0, (day - FIRST).days)) - 1)


def until(day: date) -> Days:
    """Return every day before one."""
    return EVER & ~since(day)


def days_of(spans: Iterable[Span]) -> Days:
    """Return the days of half-open spans."""
    found = 0
    for begin_on, end_on in spans:
        found |= since(begin_on) & (until(end_on) if end_on else EVER)
    return found


def is_open(days: Days) -> bool:
    """Return whether days go on for ever: no list of these tests ends in the last year's December."""
    return bool(days >> (DAYS - 1))


def end_of(days: Days) -> date:
    """Return the day after the last, FIRST where there is none."""
    return FIRST + timedelta(days=days.bit_length())


@dataclass
class Known:
    """One person: where they live, which numbers find them, what they are on which days."""

    pk: int
    name: str
    birth: str
    numbers: list[str]  # the last is the one they have now
    home: tuple[int, str]
    state: str = "present"
    eligibility: str = "accepted"
    on_platform: bool = True
    enrolled: bool = False
    identities: defaultdict[str, Days] = field(default_factory=lambda: defaultdict(int))
    elsewhere: defaultdict[str, Days] = field(default_factory=lambda: defaultdict(int))
    merged_at: datetime | None = None  # when another record became one with theirs
    lost: dict[str, Days] = field(default_factory=dict)  # identities that leaving has ended

    def leave(self, state: str, on: date) -> None:
        """Die or move out on a day, the last one of every identity without an end."""
        left = until(on + timedelta(days=1))
        gone = {code: self.last_run(days) & ~left for code, days in self.identities.items() if is_open(days)}
        self.lost = gone if self.state == "present" else {**self.lost, **gone}
        self.state = state
        for code in gone:
            self.identities[code] &= ~gone[code]

    @staticmethod
    def last_run(days: Days) -> Days:
        """Return the days of the span without an end."""
        gaps = EVER & ~days
        return EVER & ~((1 << gaps.bit_length()) - 1)

    def come_back(self) -> None:
        """Undo the leaving."""
        self.state = "present"
        for code, days in self.lost.items():
            self.identities[code] |= days
        self.lost = {}


def held() -> tuple[dict[tuple[int, str], list[Span]], dict[tuple[int, str], list[Span]]]:
    """Return (identities, cover elsewhere) as they lie in the books: (resident, code) → spans of at least a day."""
    found = []
    for model, code in ((Identity, "code"), (CoveredElsewhere, "kind")):
        spans: defaultdict[tuple[int, str], list[Span]] = defaultdict(list)
        for pk, of, begin_on, end_on in model.objects.values_list("resident_id", code, "begin_on", "end_on"):
            if end_on is None or end_on > begin_on:
                spans[pk, of].append((begin_on, end_on))
        found.append(dict(spans))
    return found[0], found[1]


def last_begin(spans: Iterable[Span]) -> date:
    """Return when the newest span begins."""
    return max((begin_on for begin_on, _ in spans), default=FIRST)
