"""What stays visible of a name, phone or bank account where strangers read along (numbers: ``certificates``)."""

from __future__ import annotations


def mask_name(name: str) -> str:
    """Return a name for public lists: 王* for two characters, 王*明 and 欧**明 for longer. Masking twice is safe."""
    name = name.strip()
    if len(name) < 3:
        return name[:1] + "*" if len(name) == 2 else "*" * len(name)
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_phone(phone: str) -> str:
    """Return a phone number with the middle hidden: 139****1234; short ones keep their last 2 digits."""
    phone = phone.strip()
    if len(phone) < 11:
        return "*" * max(len(phone) - 2, 0) + phone[-2:]
    return phone[:-8] + "****" + phone[-4:]


def mask_account(account: str) -> str:
    """Return a bank account with only its last 4 digits: ************1234; short ones keep their last 2."""
    account = "".join(account.split())
    kept = 4 if len(account) >= 12 else 2
    return "*" * max(len(account) - kept, 0) + account[-kept:] if len(account) > kept else "*" * len(account)
