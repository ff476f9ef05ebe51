"""Loading late: a command that needs no database does not wait for Django, one that does sets it up first."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import django


def call(module: str, function: str, **arguments: Any) -> Any:
    """Set Django up, then call a function of a module that needs it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yingbao.config.settings")
    django.setup()
    return getattr(import_module(module), function)(**arguments)
