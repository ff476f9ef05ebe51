"""The addresses of institutions, as ``test_who_sees_what`` has them; "school" acts for the one it plays."""

from __future__ import annotations

# address name → (its arguments, who gets 200, who gets 404)
PAGES: dict[str, tuple[str, str, str]] = {
    "institutions": ("", "bureau tax town-clerk outsider school", ""),
    "institution": ("institution", "bureau tax town-clerk school", "outsider"),
    "institution-people": ("institution", "town-clerk school", "outsider"),
    "members-template": ("", "town-clerk outsider school", ""),
    "member-list": ("list", "town-clerk school", "outsider"),
    "members-rejects": ("list", "", "town-clerk outsider school"),
    "bill": ("bill", "bureau tax town-clerk school", "outsider"),
    "bill-pdf": ("bill", "town-clerk school", "outsider"),
}
# address name → (its arguments, who may)
ACTS: dict[str, tuple[str, str]] = {
    "add-institution": ("", "bureau town-clerk outsider"),
    "change-institution": ("institution", "bureau town-clerk outsider"),
    "give-login": ("institution", "bureau town-clerk outsider"),
    "members-on-platform": ("institution", "bureau town-clerk outsider"),
    "upload-members": ("institution", "town-clerk outsider school"),
    "accept-members": ("list", "town-clerk outsider school"),
    "discard-members": ("list", "town-clerk outsider school"),
    "open-bill": ("institution", "town-clerk outsider school"),
    "close-bill": ("bill", "town-clerk outsider school"),
    "note-transfer": ("bill", "bureau tax town-clerk outsider"),
    "withdraw-transfer": ("kept", "bureau tax town-clerk outsider"),
}
