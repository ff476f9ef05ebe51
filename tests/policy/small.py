"""A small pack of an invented county, as a dictionary that tests change and write to a folder."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from yingbao.policy import Policy, read_policy

PER_YEAR = "yuan/person/year"
_SENTENCE = {"zh": "某条", "en": "A sentence"}
_PACK: dict[str, Any] = {
    "format": 1,
    "pack": "small",
    "assessable": True,
    "year": 2030,
    "division": "990000000000",
    "title": {"zh": "某县", "en": "Some county"},
    "documents": [
        {
            "id": "X",
            "title": _SENTENCE,
            "number": None,
            "issuer": _SENTENCE,
            "issued_on": date(2029, 10, 1),
            "file": "x.txt",
        }
    ],
    "rules": [
        {"id": "X-1", "title": _SENTENCE, "text": _SENTENCE, "source": {"document": "X", "clause": "1"}},
    ],
    "coverage_year": {"first_day": date(2030, 1, 1), "last_day": date(2030, 12, 31), "rule": "X-1"},
    "rates": [
        {
            "population": "resident",
            "tier": 1,
            "amount": 400,
            "unit": PER_YEAR,
            "first_day": date(2030, 1, 1),
            "last_day": date(2030, 12, 31),
            "rule": "X-1",
        }
    ],
    "windows": [
        {
            "id": "main",
            "first_day": date(2029, 10, 1),
            "last_day": date(2029, 12, 31),
            "centralised": True,
            "coverage": {"starts": "fixed_day", "day": date(2030, 1, 1)},
            "rule": "X-1",
        },
        {
            "id": "late",
            "first_day": date(2030, 1, 1),
            "last_day": date(2030, 6, 30),
            "coverage": {"starts": "after_full_days", "days": 60},
            "rule": "X-1",
        },
    ],
    "several": {"choose": "highest", "later_identity": "nothing", "rule": "X-1"},
    "cap": {"at": "rate", "rule": "X-1"},
    "payers": {"rule": "X-1"},
    "identities": [
        {
            "code": "dibao",
            "confirmed_by": "civil_affairs",
            "paid_by": "medical_assistance",
            "subsidies": [{"tier": 1, "amount": 200, "percent": 50, "of_tier": 1, "unit": PER_YEAR, "rule": "X-1"}],
        }
    ],
}


def small_pack() -> dict[str, Any]:
    """Return a clean pack to be changed."""
    return copy.deepcopy(_PACK)


def write_pack(folder: Path, content: dict[str, Any]) -> Policy:
    """Write a pack into ``folder`` and read it."""
    path = folder / f"{content['pack']}.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return read_policy(content["pack"], folder)
