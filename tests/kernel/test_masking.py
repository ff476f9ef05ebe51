from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingbao.kernel.masking import mask_account, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", ""),
        ("王", "*"),
        ("王明", "王*"),
        ("王小明", "王*明"),
        (" 欧阳小明 ", "欧**明"),
        ("买买提·艾力", "买****力"),
    ],
)
def test_names(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@given(st.text(max_size=8))
def test_masking_a_name_twice_is_masking_it_once(name: str) -> None:
    assert mask_name(mask_name(name)) == mask_name(name)


@pytest.mark.parametrize(("phone", "shown"), [("13900001234", "139****1234"), ("66470000", "******00"), ("", "")])
def test_phones(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("account", "shown"),
    [
        ("6222 0000 0000 0001234", "***************1234"),
        ("123456789", "*******89"),
        ("12", "**"),
        ("", ""),
    ],
)
def test_an_account_keeps_its_last_digits(account: str, shown: str) -> None:
    assert mask_account(account) == shown
