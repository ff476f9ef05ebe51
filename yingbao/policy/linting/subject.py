"""What a check looks at: the pack with its words, and how to name and cite things in a finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from yingbao.kernel.messages import N_, Message, say
from yingbao.policy.entries import Document
from yingbao.policy.format import PackFile
from yingbao.policy.linting.advice import ADVICE
from yingbao.policy.load import Pack
from yingbao.policy.texts import Text
from yingbao.policy.vocabulary import Vocabulary, get_vocabulary

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. ``place`` is where in the pack; ``ask`` the question to put to the authority, ready to send."""

    code: str
    severity: Severity
    place: str
    message: Message
    ask: Message | None = None

    @property
    def advice(self) -> Message:
        """What the finding means and how it is mended, the same for every finding of the code."""
        return say(ADVICE[self.code])


@dataclass(frozen=True)
class Subject:
    """A pack under examination. ``word_error``: why its own words cannot be used; then only the common ones count."""

    pack: Pack
    vocabulary: Vocabulary
    word_error: str | None = None

    @property
    def file(self) -> PackFile:
        """The merged content."""
        return self.pack.file

    def identity(self, code: str) -> Message:
        """Return the name of an identity, its code where nobody knows it."""
        known = self.vocabulary.identities.get(code)
        return known.name if known else as_is(code)

    def population(self, code: str) -> Message:
        """Return the name of a population, its code where nobody knows it."""
        known = self.vocabulary.populations.get(code)
        return known.name if known else as_is(code)

    def ask(self, question: Message, rule_id: str | None = None) -> Message:
        """Return ``question``, or the rule's own where it has one, with the document and clause it is about."""
        rule = self.pack.rules.get(rule_id or "")
        asked = rule.ask if rule and rule.ask else question
        if rule and rule.document:
            return say(N_("{source}：{question}"), source=cite(rule.document, rule.clause), question=asked)
        if self.file.documents:
            return say(N_("{source}：{question}"), source=cite(self.file.documents[-1], None), question=asked)
        return asked

    def ask_of_rule(self, rule_id: str | None) -> Message | None:
        """Return the rule's own question with its source, None where it has none."""
        rule = self.pack.rules.get(rule_id or "")
        return self.ask(rule.ask, rule_id) if rule and rule.ask else None


def make_subject(pack: Pack) -> Subject:
    """Return ``pack`` as the checks see it."""
    try:
        return Subject(pack, pack.vocabulary)
    except ValueError as error:  # two identities of one name, or more identities than bits
        return Subject(pack, get_vocabulary(), str(error))


def cite(document: Document, clause: str | None) -> Message:
    """Return the document's title, its number where it has one, and the clause where one is named."""
    words = {"title": document.title.text, "number": document.number, "clause": clause}
    if document.number and clause:
        return say(N_("《{title}》（{number}）“{clause}”"), **words)
    if document.number:
        return say(N_("《{title}》（{number}）"), **words)
    return say(N_("《{title}》“{clause}”"), **words) if clause else say(N_("《{title}》"), **words)


def as_is(text: object) -> Message:
    """Return ``text`` as a Message that reads the same in every language."""
    return Text(str(text), {}, str(text))


def join(items: Iterable[Message]) -> Message:
    """Return names one after another, as a list within a sentence."""
    found: Message | None = None
    for item in items:
        found = item if found is None else say(N_("{names}、{name}"), names=found, name=item)
    return found or as_is("-")
