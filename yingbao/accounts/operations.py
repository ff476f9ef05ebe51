"""Making users."""

from __future__ import annotations

from collections.abc import Iterable

from yingbao.accounts.models import User
from yingbao.storage.transactions import operation


@operation
def add_user(
    *,
    username: str,
    display_name: str,
    role: str,
    division_code: int | None,
    department: str = "",
    password: str | None = None,
    answerable_for: Iterable[int] = (),
) -> User:
    """Add a user, or bring an existing login name up to date; without a password nobody can log in as it."""
    user = User.objects.filter(username=username).first() or User(username=username)
    user.display_name, user.role, user.division_id, user.department = display_name, role, division_code, department
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(password)
    user.save()
    user.answerable_for.set(list(answerable_for))
    return user
