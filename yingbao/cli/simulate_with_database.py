"""``yingbao simulate --register`` once Django is set up; loaded by ``late.call`` only."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from yingbao.accounts.actors import Actor
from yingbao.accounts.queries import actor_named
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.policy import Policy
from yingbao.usecases.simulate_policy import Simulated, Whom, simulate_policy


def run(*, before: Policy, after: Policy, username: str, everyone: bool) -> Simulated:
    """Simulate over the register as ``username`` may see it. Raises NotFound for a user there is not, Forbidden."""
    today = date.fromisoformat(settings.YINGBAO_TODAY) if settings.YINGBAO_TODAY else timezone.localdate()
    whom: Whom = "everyone" if everyone else "enrolled"
    return simulate_policy(_actor(username), before=before, after=after, whom=whom, on=today)


def _actor(username: str) -> Actor:
    try:
        return actor_named(username)
    except ObjectDoesNotExist:
        raise NotFound(say(N_("没有名为“{name}”的用户。"), name=username)) from None
