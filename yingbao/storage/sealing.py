"""Sealing many short texts at once: byte for byte what ``encrypted.seal`` could give, at a tenth of its cost.

Called value by value, the library spends its time on setting up, not on the cipher. Here SM4 itself is still the
library's, one call for the counters of a whole batch; the rest of GCM (NIST SP 800-38D: XOR with the key stream, and
GHASH, which is linear, so that multiplying by a fixed power of the hash key is sixteen look-ups) is done in NumPy.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from yingbao.storage.encrypted import NONCE_BYTES, current_key, seal
from yingbao.storage.keys import DataKey

BLOCK, FEW, LONGEST = 16, 32, 256
REDUCTION = 0xE1 << 120
Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]


def seal_many(texts: Sequence[str]) -> list[bytes]:
    """Return each text sealed under the site's data key, in order."""
    key, plain = current_key(), [text.encode() for text in texts]
    of_length: defaultdict[int, list[int]] = defaultdict(list)
    for place, data in enumerate(plain):
        of_length[len(data)].append(place)
    sealed = [b""] * len(plain)
    for length, places in of_length.items():
        if len(places) < FEW or not 0 < length <= LONGEST:
            group = [seal(texts[place]) for place in places]
        else:
            group = _seal_equal(key, b"".join(plain[place] for place in places), length)
        for place, value in zip(places, group, strict=True):
            sealed[place] = value
    return sealed


def _seal_equal(key: DataKey, data: bytes, length: int) -> list[bytes]:
    """Seal texts of one length that follow each other in ``data``."""
    count, blocks = len(data) // length, -(-length // BLOCK)
    nonces = np.frombuffer(os.urandom(NONCE_BYTES * count), np.uint8).reshape(count, NONCE_BYTES)
    stream = _key_stream(key, nonces, blocks + 1)
    body = np.zeros((count, blocks * BLOCK), np.uint8)
    body[:, :length] = np.frombuffer(data, np.uint8).reshape(count, length) ^ stream[:, BLOCK : BLOCK + length]
    tags = _hash(key, body, length) ^ stream[:, :BLOCK]
    number = np.full((count, 1), key.number, np.uint8)
    whole = np.hstack([number, nonces, body[:, :length], tags])
    out, size = whole.tobytes(), whole.shape[1]
    return [out[begin : begin + size] for begin in range(0, len(out), size)]


def _key_stream(key: DataKey, nonces: Bytes, blocks: int) -> Bytes:
    """Return the encrypted counters 1 to ``blocks`` of each nonce: the first is for the tag."""
    counters = np.zeros((len(nonces), blocks, BLOCK), np.uint8)
    counters[:, :, :NONCE_BYTES] = nonces[:, None, :]
    counters[:, :, -2:] = np.arange(1, blocks + 1, dtype=">u2").view(np.uint8).reshape(blocks, 2)
    return np.frombuffer(_encrypted(key, counters.tobytes()), np.uint8).reshape(len(nonces), blocks * BLOCK)


def _hash(key: DataKey, body: Bytes, length: int) -> Bytes:
    """Return GHASH of each row of whole blocks and of its length in bits; nothing else is authenticated."""
    blocks = body.shape[1] // BLOCK
    ends = np.frombuffer((length * 8).to_bytes(BLOCK, "big"), np.uint8).reshape(1, BLOCK)
    total = np.repeat(_times_power(key, 1, ends), len(body), axis=0)
    for block in range(blocks):
        total ^= _times_power(key, blocks - block + 1, body[:, block * BLOCK : (block + 1) * BLOCK])
    return total.view(np.uint8)


def _times_power(key: DataKey, power: int, blocks: Bytes) -> Words:
    table = _table(key, power)
    total = np.zeros((len(blocks), 2), np.uint64)
    for place in range(BLOCK):
        total ^= table[place][blocks[:, place]]
    return total


@lru_cache(maxsize=64)
def _table(key: DataKey, power: int) -> Words:
    """Return, per place of a byte in a block and per byte, its product with that power of the hash key."""
    first = int.from_bytes(_encrypted(key, bytes(BLOCK)), "big")
    factor = first
    for _ in range(power - 1):
        factor = _multiply(factor, first)
    table = np.zeros((BLOCK, 256), object)
    for bit in range(BLOCK * 8):
        mask = 0x80 >> bit % 8
        for byte in range(256):
            if byte & mask:
                table[bit // 8, byte] ^= factor
        factor = _double(factor)
    flat = b"".join(int(value).to_bytes(BLOCK, "big") for value in table.reshape(-1))
    return np.frombuffer(flat, np.uint64).reshape(BLOCK, 256, 2)


def _multiply(left: int, right: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if left >> bit & 1:
            product ^= right
        right = _double(right)
    return product


def _double(value: int) -> int:
    """Multiply by x in the field of GCM, whose bits count from the left."""
    return value >> 1 ^ (REDUCTION if value & 1 else 0)


def _encrypted(key: DataKey, blocks: bytes) -> bytes:
    encryptor = Cipher(algorithms.SM4(key.seal_key), modes.ECB()).encryptor()  # of counters that never repeat
    return encryptor.update(blocks) + encryptor.finalize()
