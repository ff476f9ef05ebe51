"""Residents' numbers and phones at rest: sealed with SM4-GCM, found again through an HMAC-SM3 blind index.

A sealed value is version (1 byte) · nonce (12) · ciphertext · tag (16). The version names the key, so that a
later key rotation can tell old from new.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.db import models

VERSION = b"\x01"
NONCE_BYTES = 12
TAG_BYTES = 16
INDEX_BYTES = 16


def seal(text: str) -> bytes:
    """Return ``text`` encrypted under the site's data key; the same text seals differently each time."""
    return seal_bytes(text.encode())


def unseal(sealed: bytes) -> str:
    """Return the text of a sealed value; raises cryptography's InvalidTag where key or bytes are wrong."""
    return unseal_bytes(sealed).decode()


def seal_bytes(data: bytes) -> bytes:
    """Return ``data`` encrypted under the site's data key: for whole files that hold residents' data."""
    nonce = os.urandom(NONCE_BYTES)
    encryptor = Cipher(_cipher(), modes.GCM(nonce)).encryptor()
    body = encryptor.update(data) + encryptor.finalize()
    return VERSION + nonce + body + encryptor.tag


def unseal_bytes(sealed: bytes) -> bytes:
    """Return what ``seal_bytes`` took; raises cryptography's InvalidTag where key or bytes are wrong."""
    nonce, body, tag = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES : -TAG_BYTES], sealed[-TAG_BYTES:]
    decryptor = Cipher(_cipher(), modes.GCM(nonce, tag)).decryptor()
    return decryptor.update(body) + decryptor.finalize()


def blind_index(text: str) -> bytes:
    """Return 16 bytes that find ``text`` without telling it: the same text always gives the same bytes."""
    mac = _index_mac().copy()  # keying afresh would cost as much again
    mac.update(text.encode())
    return mac.finalize()[:INDEX_BYTES]


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


@cache
def _cipher() -> algorithms.SM4:
    return algorithms.SM4(_key("seal"))


@cache
def _index_mac() -> hmac.HMAC:
    return hmac.HMAC(_key("index"), hashes.SM3())


@cache
def _key(purpose: str) -> bytes:
    return _mac(settings.YINGBAO_DATA_KEY, purpose.encode())[:16]


def _mac(key: bytes, data: bytes) -> bytes:
    mac = hmac.HMAC(key, hashes.SM3())
    mac.update(data)
    return mac.finalize()
