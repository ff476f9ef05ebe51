"""Sentences for people, kept apart from their parameters until a door knows the reader's language.

Chinese is the source language: the template is the Chinese sentence and also the catalogue's key. Code that
has no Django (kernel, policy, sheets) marks templates with ``N_`` and carries a ``Message``; a door renders it.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

LOCALE_DIR = Path(__file__).resolve().parent.parent / "locale"
SOURCE_LANGUAGE = "zh"


def N_(template: str) -> str:
    """Mark ``template`` for the catalogue and return it unchanged."""
    return template


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence and what fills it; ``str()`` gives the Chinese."""

    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.render(SOURCE_LANGUAGE)

    def render(self, language: str) -> str:
        """Return the sentence in ``language`` ("zh…" or "en"); parameters that are Messages follow."""
        params = {k: v.render(language) if isinstance(v, Message) else v for k, v in self.params.items()}
        return translate(self.template, language).format(**params)


def say(template: str, **params: object) -> Message:
    """Build a ``Message`` from a marked template and its parameters."""
    return Message(template, params)


def translate(template: str, language: str) -> str:
    """Return the catalogue's text for a Chinese ``template``; the Chinese itself where none is held."""
    if language.startswith(SOURCE_LANGUAGE):
        return template
    return _catalogue(language).gettext(template)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("django", localedir=LOCALE_DIR, languages=[language], fallback=True)
