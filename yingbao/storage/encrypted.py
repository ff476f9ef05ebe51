"""Residents' numbers and phones at rest: sealed with SM4-GCM, found again through an HMAC-SM3 blind index.

A sealed value is key number (1 byte) · nonce (12) · ciphertext · tag (16). The number tells which key opens it, so
that values sealed before and after a change of keys can both be read (see ``storage.rotation``).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.db import models

from yingbao.storage.keys import DataKey, Keys

NONCE_BYTES = 12
TAG_BYTES = 16
INDEX_BYTES = 16


class UnknownKey(Exception):
    """A value is sealed under a key this process does not hold."""


def seal(text: str) -> bytes:
    """Return ``text`` encrypted under the site's data key; the same text seals differently each time."""
    return seal_bytes(text.encode())


def seal_many(texts: Sequence[str]) -> list[bytes]:
    """Return each text sealed, in order; a third cheaper than one by one, because what all share is done once."""
    key = _keys().current
    cipher, number, drawn = _cipher(key), bytes((key.number,)), os.urandom(NONCE_BYTES * len(texts))
    nonces = (drawn[begin : begin + NONCE_BYTES] for begin in range(0, len(drawn), NONCE_BYTES))
    return [_sealed(cipher, number, nonce, text.encode()) for nonce, text in zip(nonces, texts, strict=True)]


def unseal(sealed: bytes) -> str:
    """Return the text of a sealed value; raises as ``unseal_bytes`` does."""
    return unseal_bytes(sealed).decode()


def seal_bytes(data: bytes) -> bytes:
    """Return ``data`` encrypted under the site's data key: for whole files that hold residents' data."""
    key = _keys().current
    return _sealed(_cipher(key), bytes((key.number,)), os.urandom(NONCE_BYTES), data)


def _sealed(cipher: algorithms.SM4, number: bytes, nonce: bytes, data: bytes) -> bytes:
    encryptor = Cipher(cipher, modes.GCM(nonce)).encryptor()
    body = encryptor.update(data) + encryptor.finalize()
    return number + nonce + body + encryptor.tag


def unseal_bytes(sealed: bytes) -> bytes:
    """Return what ``seal_bytes`` took; raises UnknownKey, or cryptography's InvalidTag where bytes are wrong."""
    key = _keys().opening(sealed[0])
    if key is None:
        raise UnknownKey(f"sealed under key {sealed[0]}, which secrets.env does not hold (restart after rotate-keys)")
    nonce, body, tag = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES : -TAG_BYTES], sealed[-TAG_BYTES:]
    decryptor = Cipher(_cipher(key), modes.GCM(nonce, tag)).decryptor()
    return decryptor.update(body) + decryptor.finalize()


def blind_index(text: str) -> bytes:
    """Return 16 bytes that find ``text`` without telling it: the same text always gives the same bytes."""
    return index_under(_keys().index, text)


def index_under(key: bytes, text: str) -> bytes:
    """Return the blind index of ``text`` under one index key: for making all indexes anew."""
    mac = _index_mac(key).copy()  # keying afresh would cost as much again
    mac.update(text.encode())
    return mac.finalize()[:INDEX_BYTES]


def current_key() -> DataKey:
    """Return the key that seals now."""
    return _keys().current


class SealedTextField(models.BinaryField):  # type: ignore[type-arg]
    """A text column that is sealed in the database and plain in Python."""

    def from_db_value(self, value: Any, expression: object, connection: object) -> str | None:
        """Unseal what the database holds."""
        return None if value is None else unseal(bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Seal what Python holds; bytes are taken as sealed already."""
        sealed = seal(value) if isinstance(value, str) else value
        return super().get_db_prep_value(sealed, connection, prepared)

    def to_python(self, value: Any) -> Any:
        """Leave text as it is: BinaryField would take it for base64."""
        return value


def _keys() -> Keys:
    return settings.YINGBAO_KEYS


@cache
def _cipher(key: DataKey) -> algorithms.SM4:
    return algorithms.SM4(key.seal_key)


@cache
def _index_mac(key: bytes) -> hmac.HMAC:
    return hmac.HMAC(key, hashes.SM3())
