"""Making users."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password

from yingbao.accounts.models import User
from yingbao.accounts.roles import Role
from yingbao.storage.transactions import operation

NIGHT_WATCH = "yingbao-night-watch"


@operation
def add_user(
    *,
    username: str,
    display_name: str,
    role: str,
    division_code: int | None,
    department: str = "",
    password: str | None = None,
    hashed_password: str | None = None,
    answerable_for: Iterable[int] = (),
) -> User:
    """Add a user, or bring an existing login name up to date; without a password nobody can log in as it.

    ``hashed_password`` is Django's hash of one, for those who add many users at once.
    """
    user = User.objects.filter(username=username).first() or User(username=username)
    user.display_name, user.role, user.division_id, user.department = display_name, role, division_code, department
    user.password = hashed_password or make_password(password)
    user.save()
    user.answerable_for.set(list(answerable_for))
    return user


@operation
def night_watch() -> User:
    """Return the user in whose name the nightly watch opens and closes work items; nobody logs in as it.

    Nor does anybody own items as it: it is not active.
    """
    found: User | None = User.objects.filter(username=NIGHT_WATCH).first()
    if found is not None:
        return found
    watchman = User(username=NIGHT_WATCH, display_name="系统夜间检查", role=Role.ADMINISTRATOR, is_active=False)
    watchman.password = make_password(None)
    watchman.save()
    return watchman
