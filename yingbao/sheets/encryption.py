"""Passwords on Office files: opening what a department sends, closing what goes out (BN-4.2.1b)."""

from __future__ import annotations

import io
import re
import struct
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
from msoffcrypto.format.ooxml import OOXMLFile
from olefile import OleFileIO  # type: ignore[import-untyped]

from yingbao.kernel.messages import N_
from yingbao.sheets import refusals

# Excel hashes a password 100,000 times. A file that asks for ten million is made to keep a server busy.
MAX_SPINS = 1_000_000
_OTHER_OFFICE_FILES = {
    "WordDocument": N_("Word 文档"),
    "PowerPoint Document": N_("演示文稿"),
    "__properties_version1.0": N_("邮件"),
}
BROKEN_OLE = (
    *(FileFormatError, ParseError, DecryptionError, ExpatError, struct.error),
    *(OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError),
)


def decrypt(source: Path | bytes, *, name: str, password: str | None) -> bytes:
    """Return the content of an OLE file: the .xlsx inside an encrypted package, or a plain .xls as it is.

    Raises BadInput when a password is missing or wrong, or the container is broken.
    """
    content = source if isinstance(source, bytes) else source.read_bytes()
    try:
        _check_container(content, name)
        office = msoffcrypto.OfficeFile(io.BytesIO(content))
        if not office.is_encrypted():
            return content
        if not password:
            raise refusals.no_password(name)
        return _decrypted(office, password)
    except InvalidKeyError:
        raise refusals.wrong_password(name) from None
    except BROKEN_OLE as error:
        raise refusals.damaged(name) from error


def is_encrypted(content: bytes | Path) -> bool:
    """Return whether a file that has been opened before is closed with a password."""
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as file:
        if file.read(4) != b"\xd0\xcf\x11\xe0":
            return False
        file.seek(0)
        return bool(msoffcrypto.OfficeFile(file).is_encrypted())


def _decrypted(office: Any, password: str) -> bytes:
    if isinstance(office, OOXMLFile):
        office.load_key(password=password, verify_password=True)
    else:
        office.load_key(password=password)
    plain = io.BytesIO()
    office.decrypt(plain)
    return plain.getvalue()


def _check_container(content: bytes, name: str) -> None:
    with OleFileIO(io.BytesIO(content)) as container:
        for stream, found in _OTHER_OFFICE_FILES.items():
            if container.exists(stream):
                raise refusals.wrong_kind(name, found)
        if container.exists("EncryptionInfo"):
            _check_encryption(container.openstream("EncryptionInfo").read(), name)


def _check_encryption(described: bytes, name: str) -> None:
    if b"<!DOCTYPE" in described or b"<!ENTITY" in described:
        raise refusals.hostile_xml(name)
    if any(int(spins[:12]) > MAX_SPINS for spins in re.findall(rb"spinCount\s*=\s*[\"']([0-9]+)", described)):
        raise refusals.bomb(name)


def encrypt_xlsx(plain: bytes, *, password: str) -> bytes:
    """Return an .xlsx closed with ``password`` (AES, agile encryption: what Excel and WPS themselves write)."""
    if not password:
        raise ValueError("a password is needed")
    closed = io.BytesIO()
    OOXMLFile(io.BytesIO(plain)).encrypt(password, closed)
    return closed.getvalue()
