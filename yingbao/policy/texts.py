"""Texts of packs: they come in both languages from the pack itself, not from the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from yingbao.kernel.messages import SOURCE_LANGUAGE, Message


@dataclass(frozen=True, slots=True)
class Text(Message):
    """A pack's sentence in Chinese (``template``) and English; renders like any other Message."""

    en: str = ""

    @property
    def zh(self) -> str:
        """The Chinese sentence."""
        return self.template

    def render(self, language: str) -> str:
        """Return the sentence in ``language`` ("zh…" or "en")."""
        return self.template if language.startswith(SOURCE_LANGUAGE) else self.en or self.template

    def __str__(self) -> str:
        return self.template


def text(zh: str, en: str) -> Text:
    """Build a ``Text`` from its two languages."""
    return Text(zh, {}, en)
