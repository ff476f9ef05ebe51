"""Workbooks with a password, without hashing it a hundred thousand times for each of them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from msoffcrypto.method import ecma376_agile

SALT = bytes(range(16))
_hashed = cache(ecma376_agile.ECMA376Agile._derive_iterated_hash_from_password)


def _one_salt(salt_value: bytes | None = None, salt_size: int = 16) -> bytes:
    return salt_value or SALT[:salt_size]


@pytest.fixture(autouse=True)
def passwords_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Close every workbook with the same salt and keep what a password and a salt come to; keys stay random.

    A tenth of a second for each opening and closing elsewhere; tests/sheets does it as it is.
    """
    closing: Any = ecma376_agile
    monkeypatch.setattr(closing, "_get_salt", _one_salt)
    monkeypatch.setattr(closing.ECMA376Agile, "_derive_iterated_hash_from_password", staticmethod(_hashed))
