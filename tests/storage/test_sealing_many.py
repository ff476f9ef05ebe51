"""Many texts sealed together open with the library's own GCM, as every other sealed value does."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from yingbao.storage.encrypted import unseal
from yingbao.storage.sealing import FEW, LONGEST, seal_many


@pytest.mark.parametrize("length", [1, 11, 15, 16, 17, 18, 31, 32, 33, 48, LONGEST, LONGEST + 1])
def test_texts_of_every_length_open_again(length: int) -> None:
    texts = [f"{n}{'9' * length}"[:length] for n in range(FEW + 3)]
    assert [unseal(value) for value in seal_many(texts)] == texts


def test_mixed_lengths_and_scripts_keep_their_order() -> None:
    texts = [("", "柏大树", "10020000001", "x" * (n % 40))[n % 4] + str(n % 7) * (n % 3) for n in range(500)]
    assert [unseal(value) for value in seal_many(texts)] == texts


def test_the_same_text_seals_differently_each_time() -> None:
    assert len(set(seal_many(["10020000001"] * 100))) == 100


def test_a_changed_bit_is_noticed() -> None:
    value = bytearray(seal_many(["500155199001010011"] * FEW)[0])
    value[20] ^= 1
    with pytest.raises(InvalidTag):
        unseal(bytes(value))
