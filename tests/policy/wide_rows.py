"""People with every fact a pack may ask for: from the words of a case, and as rows of a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from yingbao.policy import Person, Policy
from yingbao.policy.files import assess_file

COLUMNS = {
    "birth_date": "birth_on",
    "population": "population",
    "tier": "tier",
    "identities": "identities",
    "paid_on": "paid_on",
    "graduating": "graduating",
    "term_start": "term_start_on",
    "disability_kind": "disability_kind",
    "disability_grade": "disability_grade",
    "missed_years": "missed_years",
    "repaired_years": "repaired_years",
    "continuous_years": "continuous_years",
    "years_without_claims": "years_without_claims",
    "enrolled_last_year": "enrolled_last_year",
    "addons": "addons",
    "payer_account_fen": "payer_account_fen",
    "snapshot_identities": "snapshot_identities",
}
SETS = {"identities", "addons", "snapshot_identities"}
FLAGS = {"graduating", "enrolled_last_year"}


def make_person(facts: dict[str, Any]) -> Person:
    """Return the person a case describes by the columns of a file."""
    return Person(**{COLUMNS[name]: _value(name, value) for name, value in facts.items()})


def _value(name: str, value: Any) -> Any:
    if name in SETS:
        return frozenset(code for code in value.split(";") if code)
    return value == "true" if name in FLAGS else value


def write_people(path: Path, people: Iterable[Person]) -> None:
    """Write people as the fixed interface asks, every optional column included."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("person_id", *COLUMNS))
        for number, person in enumerate(people):
            writer.writerow((f"P{number}", *(_text(getattr(person, field)) for field in COLUMNS.values())))


def _text(value: object) -> str:
    if isinstance(value, frozenset):
        return ";".join(sorted(value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def assess_wide(policy: Policy, people: Sequence[Person], folder: Path, as_of: date | None) -> list[dict[str, str]]:
    """Put people through a CSV and back."""
    source, out = folder / "people.csv", folder / "result.csv"
    write_people(source, people)
    assess_file(policy, source, out, as_of=as_of)
    with out.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
