"""Input rows for tests: random ones that keep near the edges, and how to put rows through the file door."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

from tests.policy.oracle import CODES, Answer, Row
from yingbao.policy import get_policy
from yingbao.policy.files import assess_file

EDGES = {
    "banan-2022": [
        *(date(2021, 9, 1), date(2021, 10, 31), date(2021, 11, 1), date(2021, 12, 14), date(2021, 12, 15)),
        *(date(2022, 1, 1), date(2022, 2, 28), date(2022, 3, 1), date(2022, 8, 31), date(2022, 9, 30)),
        date(2022, 10, 1),
    ],
    "liangping-2023": [
        *(date(2022, 9, 1), date(2022, 10, 31), date(2022, 11, 2), date(2022, 11, 3), date(2022, 12, 20)),
        *(date(2022, 12, 21), date(2022, 12, 31), date(2023, 1, 1), date(2023, 1, 31), date(2023, 2, 28)),
        *(date(2023, 3, 1), date(2023, 6, 1), date(2023, 6, 2), date(2023, 6, 30), date(2023, 7, 1)),
        *(date(2023, 8, 31), date(2023, 9, 30), date(2023, 10, 1)),
    ],
}
NONSENSE = {
    "birth_date": ["", "2000-02-30", "2000/01/01", "abc", "20000101", "2000-13-01", "2000-1-1", "2000-W01-1"],
    "population": ["", "student", "Resident"],
    "tier": ["", "0", "3", "x", "12", "1.0"],
    "identities": ["dibo", "dibao;nobody", "低保"],
    "paid_on": ["2023-02-29", "2022-12-1", "yesterday", "0000-00-00", "2022-W48-4"],
    "graduating": ["yes", "1"],
    "term_start": ["2022-09-31", "September", "2020-09-01"],
}
COLUMNS = ("birth_date", "population", "tier", "identities", "paid_on", "graduating", "term_start")


def random_row(pack: str, chance: random.Random) -> Row:
    """A person of any sort, days drawn towards the edges; one in thirty makes no sense in one column."""
    edges = EDGES[pack]
    year = int(pack[-4:])
    paid = _near(edges, chance) if chance.random() < 0.9 else None
    row = Row(
        birth_date=str(_birth(year, paid, chance)),
        population="university_student" if chance.random() < 0.25 else "resident",
        tier=chance.choice("12"),
        identities=";".join(chance.sample(CODES, chance.choice((0, 0, 1, 1, 2, 3, 6)))),
        paid_on=str(paid or ""),
        graduating=chance.choice(("", "true", "false", "TRUE")),
        term_start="" if chance.random() < 0.6 else str(date(year - 1, 8, 20) + timedelta(chance.randrange(40))),
    )
    if chance.random() < 1 / 30:
        column = chance.choice(COLUMNS)
        setattr(row, column, chance.choice(NONSENSE[column]))
    return row


def _near(edges: Sequence[date], chance: random.Random) -> date:
    if chance.random() < 0.6:
        return chance.choice(edges) + timedelta(chance.choice((-1, 0, 0, 1)))
    return edges[0] + timedelta(chance.randrange((edges[-1] - edges[0]).days + 60))


def _birth(year: int, paid: date | None, chance: random.Random) -> date:
    draw = chance.random()
    if draw < 0.15 and paid is not None:
        return paid - timedelta(chance.choice((-1, 0, 1, 45, 89, 90, 91, 92)))
    if draw < 0.3:
        return date(year - 1, 12, 1) + timedelta(chance.randrange(400))
    return date(1930, 1, 1) + timedelta(chance.randrange(33000))


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as the fixed interface asks."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("person_id", *COLUMNS))
        for number, row in enumerate(rows):
            writer.writerow((f"P{number}", *asdict(row).values()))


def assess_rows(pack: str, rows: Sequence[Row], folder: Path, as_of: date | None = None) -> list[dict[str, str]]:
    """Put rows through a CSV and back."""
    source, out = folder / "people.csv", folder / "result.csv"
    write_rows(source, rows)
    assess_file(get_policy(pack), source, out, as_of=as_of)
    with out.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def expected_columns(answer: Answer) -> dict[str, str]:
    """An oracle's answer as the text columns of a result."""
    return {name: "" if value is None else str(value) for name, value in asdict(answer).items()}
