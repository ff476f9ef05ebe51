"""What ``yingbao roster-template`` does once Django is set up; loaded by ``late.call`` only."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from rich.console import Console

from yingbao.accounts.queries import actor_named
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, say
from yingbao.usecases.roster_template import write_template


def save_template(
    *, out: Path, user: str, form: str, month: date | None, policy_name: str, password: str, password_again: str
) -> None:
    """Write the form where the user says, for the user's eyes only: filled, it holds residents' numbers."""
    try:
        actor = actor_named(user)
    except ObjectDoesNotExist as error:
        raise NotFound(say(N_("没有这个用户：{user}"), user=user)) from error
    content = write_template(
        actor,
        form=form,
        month=month,
        password=password,
        password_again=password_again,
        policy_name=policy_name,
        at=timezone.now(),
    )
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(content)
    Console().print(str(out), markup=False)
