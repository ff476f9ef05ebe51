"""From the clause and the sentence an officer copies from a notice to a rule with an id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from yingbao.policy.entries import RuleEntry

SOURCE_KEYS = ("clause", "quote", "quote_en", "reading", "ask", "heading")
_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")}
_NUMBER = re.compile(r"[零一二三四五六七八九十百]+|\d+")


class Clauses:
    """The rules of a pack as they come up. One clause with one sentence is one rule, however often it is named."""

    def __init__(self, document: str | None) -> None:
        self._document = document
        self._known: dict[tuple[object, ...], str] = {}
        self.rules: list[dict[str, Any]] = []

    def take(self, answer: dict[str, Any], title: Mapping[str, str]) -> str | None:
        """Take clause, sentence and reading out of ``answer`` and return the rule's id; None where it has none."""
        found = {key: answer.pop(key) for key in SOURCE_KEYS if answer.get(key) is not None}
        if not found:
            return None
        key = tuple(str(found.get(name)) for name in SOURCE_KEYS)
        if key not in self._known:
            self._known[key] = self._new_id(str(found.get("clause", "")))
            self.rules.append(self._make(self._known[key], found, title))
        return self._known[key]

    def _make(self, rule_id: str, found: Mapping[str, Any], title: Mapping[str, str]) -> dict[str, Any]:
        text = {"zh": str(found.get("quote", "")), "en": str(found.get("quote_en", ""))}
        heading = in_both(found["heading"]) if "heading" in found else dict(title)
        entry: dict[str, Any] = {"id": rule_id, "title": heading, "text": text}
        if self._document is not None and "clause" in found:
            entry["source"] = {"document": self._document, "clause": str(found["clause"])}
        for key, field in (("reading", "interpretation"), ("ask", "ask")):
            if key in found:
                entry[field] = in_both(found[key])
        RuleEntry.model_validate(entry)
        return entry

    def _new_id(self, clause: str) -> str:
        numbers = ".".join(str(read_number(found)) for found in _NUMBER.findall(clause))
        base = f"{self._document or 'RULE'}-{numbers or len(self.rules) + 1}"
        taken = {rule["id"] for rule in self.rules}
        return next(one for one in (base, *(f"{base}{letter}" for letter in _letters())) if one not in taken)


def _letters() -> list[str]:
    return [chr(ord("a") + n) for n in range(26)] + [f"-{n}" for n in range(2, 1000)]


def read_number(text: str) -> int:
    """Return a number as notices write it: “12”, “十二”, “二十”, “一百零三”."""
    if text.isdigit():
        return int(text)
    total, digit = 0, 0
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        else:
            total, digit = total + (digit or 1) * {"十": 10, "百": 100}[sign], 0
    return total + digit


def in_both(value: Any) -> dict[str, str]:
    """Return a text in both languages; one given in Chinese only has no English yet."""
    if isinstance(value, Mapping):
        return {"zh": str(value.get("zh", "")), "en": str(value.get("en", ""))}
    return {"zh": str(value), "en": ""}
