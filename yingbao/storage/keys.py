"""The keys residents' data lie under: which seals now, which may still open, which finds numbers again.

Every data key has a number, and what it sealed begins with that number as one byte. The first key of a site is 1,
so what was sealed before keys were numbered needs no change. The index key does not follow a change of the data
key: finding people, remembered matches and the check codes on printed receipts all rest on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes, hmac

KEY_BYTES = 16  # SM4
FIRST, LAST = 1, 255


@dataclass(frozen=True, slots=True)
class DataKey:
    """A secret of 32 bytes and its number, 1 to 255."""

    number: int
    secret: bytes = field(repr=False)

    @property
    def seal_key(self) -> bytes:
        """The SM4 key made from it."""
        return derive(self.secret, "seal")

    @property
    def index_key(self) -> bytes:
        """The blind indexes' key made from it, for a site that has none of its own."""
        return derive(self.secret, "index")

    @property
    def text(self) -> str:
        """The key as secrets.env holds it."""
        return f"{self.number}:{self.secret.hex()}"

    def next_number(self) -> int:
        """Return the number of the key after this one; after 255 comes 1, whose values are long gone."""
        return self.number % LAST + FIRST


@dataclass(frozen=True, slots=True)
class Keys:
    """What a site holds. ``old`` is being retired: it opens and never seals. ``index`` makes blind indexes."""

    current: DataKey
    index: bytes = field(repr=False)
    old: DataKey | None = None

    def opening(self, number: int) -> DataKey | None:
        """Return the key of a number, or None where the site no longer holds it."""
        return next((key for key in (self.current, self.old) if key and key.number == number), None)


def make_keys(data_key: str, *, old: str = "", index: str = "") -> Keys:
    """Return the keys of the texts a site's secrets hold. Raises ValueError where one is no key.

    Without an index key of its own a site uses the one made from its data key.
    """
    current = read_key(data_key)
    kept = read_key(old) if old else None
    if kept and kept.number == current.number:
        raise ValueError("the current and the old data key have the same number")
    return Keys(current, bytes.fromhex(index) if index else current.index_key, kept)


def read_key(text: str) -> DataKey:
    """Return the key of ``number:hex``, or of plain hex, which is a site's first. Raises ValueError."""
    number, _, secret = text.rpartition(":")
    key = DataKey(int(number or FIRST), bytes.fromhex(secret))
    if not FIRST <= key.number <= LAST or not key.secret:
        raise ValueError("a data key is number:hex, the number from 1 to 255")
    return key


def derive(secret: bytes, purpose: str) -> bytes:
    """Return the key for one purpose; the secret cannot be had back from it."""
    mac = hmac.HMAC(secret, hashes.SM3())
    mac.update(purpose.encode())
    return mac.finalize()[:KEY_BYTES]
