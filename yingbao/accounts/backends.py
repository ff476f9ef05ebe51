"""Who a session belongs to."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend

from yingbao.accounts.models import User


class OfficeBackend(ModelBackend):
    """Django's own, reading a user and the division they act for in one statement: every request asks for both."""

    def get_user(self, user_id: int) -> User | None:
        """Return an active user by id, or None."""
        user = User.objects.select_related("division").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
